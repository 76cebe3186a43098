# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one way that every asserting task takes: read → plan → carry out → verify → result."""

from __future__ import annotations

from contextlib import contextmanager

from ansible_collections.bitrix24.portal.plugins.module_utils._apply import Applier, NOT_ADMINISTRATOR
from ansible_collections.bitrix24.portal.plugins.module_utils._errors import PortalError
from ansible_collections.bitrix24.portal.plugins.module_utils._inventory import PROFILE, Reader
from ansible_collections.bitrix24.portal.plugins.module_utils._match import PlanRefused, SeveralOfOneName
from ansible_collections.bitrix24.portal.plugins.module_utils._plan import make_plan
from ansible_collections.bitrix24.portal.plugins.module_utils._portal import Portal
from ansible_collections.bitrix24.portal.plugins.module_utils._result import Report
from ansible_collections.bitrix24.portal.plugins.module_utils._task import TaskFailed
from ansible_collections.bitrix24.portal.plugins.module_utils._verify import verify
from ansible_collections.bitrix24.portal.plugins.module_utils._wanted import read_entries

TWIN_PAUSE = 2
"""Seconds after which a portal with two services of one name is read once more: another run may be clearing its own twin."""


@contextmanager
def connected(task):
    """Open the portal of a task for as long as the block runs; what goes wrong in it fails the task, with what it cost so far."""
    portal = Portal(task.params)
    task.secrets.update(portal.secrets)
    for text in portal.warnings:
        task.warn(text)
    try:
        yield portal
    except PlanRefused as refusal:
        raise TaskFailed(_all(refusal.faults), faults=refusal.faults, api=portal.api) from refusal
    except PortalError as error:
        raise TaskFailed(str(error), api=portal.api, **error.as_result()) from error
    finally:
        portal.close()


def make_reader(task, portal):
    lookahead, max_ids = task.params['inactive_lookahead'], task.params['inactive_max_ids']
    if lookahead < 0 or max_ids < 0:
        raise TaskFailed('inactive_lookahead and inactive_max_ids are numbers of IDs: 0 or more')
    return Reader(portal, lookahead, max_ids)


def assert_state(task, entries, limits, single=False):
    """Bring the portal to what ``entries`` say, or in check mode tell what that would write.

    Returns the task's result; with ``single`` in the singular. Raises TaskFailed with all that is known where anything is not as wanted.
    """
    wanted, faults = read_entries(entries, single)
    if faults:
        raise TaskFailed(_all(faults), faults=faults)
    with connected(task) as portal:
        reader = make_reader(task, portal)
        present, plan = _decide(portal, reader, wanted, limits)
        for text in plan.warnings:
            task.warn(text)
        report = Report(wanted, present, plan, portal.host, portal.api, single)
        expected = task.params.get('expect_plan')
        if expected and expected != report.digest:
            raise TaskFailed('the plan has another digest than expect_plan: something moved since it was approved; nothing was done',
                             **report.refused())
        if plan.changes and task.check_mode:
            _refuse_without_rights(reader, report)
        elif plan.changes:
            _carry_out(task, portal, reader, report)
        return report.to_user()


def _decide(portal, reader, wanted, limits):
    present = reader.present(wanted, limits.purge)
    try:
        return present, make_plan(wanted, present, limits)
    except SeveralOfOneName:
        portal.wait(TWIN_PAUSE)
        present = reader.present(wanted, limits.purge)
        return present, make_plan(wanted, present, limits)


def _refuse_without_rights(reader, report):
    if reader.may_write() is False:
        raise TaskFailed(NOT_ADMINISTRATOR, error='not_administrator', method=PROFILE, **report.refused())


def _carry_out(task, portal, reader, report):
    applier = Applier(portal, reader, report.plan, report.present, keep_going=task.params.get('on_error') == 'continue')
    applier.run()
    if applier.unread is None:
        try:
            for text in verify(applier, portal, reader, report.present, task.params['inactive_max_ids']):
                task.warn(text)
        except PortalError as error:
            applier.unread = error
    report.carried_out(applier)
    if report.failure is not None:
        raise TaskFailed(report.failure, **report.to_user())


def _all(faults):
    return '; '.join(faults)
