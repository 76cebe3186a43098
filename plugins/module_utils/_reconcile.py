# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one way that every asserting task takes: read → plan → carry out → verify → result."""

from __future__ import annotations

from ansible_collections.bitrix24.portal.plugins.module_utils._executor import Applier, NOT_ADMINISTRATOR
from ansible_collections.bitrix24.portal.plugins.module_utils._session import connected, make_reader, refused
from ansible_collections.bitrix24.portal.plugins.module_utils._errors import PortalError
from ansible_collections.bitrix24.portal.plugins.module_utils._reader import PROFILE
from ansible_collections.bitrix24.portal.plugins.module_utils._matching import SeveralOfOneName
from ansible_collections.bitrix24.portal.plugins.module_utils._plan import make_plan
from ansible_collections.bitrix24.portal.plugins.module_utils._result import Report
from ansible_collections.bitrix24.portal.plugins.module_utils._runner import TaskFailed
from ansible_collections.bitrix24.portal.plugins.module_utils._verify import verify
from ansible_collections.bitrix24.portal.plugins.module_utils._desired import read_entries

TWIN_PAUSE = 2
"""Seconds after which a portal with two services of one name is read once more: another run may be clearing its own twin."""


def assert_state(task, entries, limits, single=False):
    """Bring the portal to what ``entries`` say, or in check mode tell what that would write.

    Returns the task's result; with ``single`` in the singular. Raises TaskFailed with all that is known where anything is not as wanted.
    """
    wanted, faults = read_entries(entries, single)
    if faults:
        raise refused(faults)
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
