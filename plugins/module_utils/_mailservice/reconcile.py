# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one way that every asserting task takes: read → plan → look at servers → carry out → verify → result."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .._causes import cause
from .._planning.checks import read_entries
from .._planning.plan import make_plan
from .._planning.problems import AMBIGUOUS, PlanRefused
from .._runner import TaskFailed
from .reader import PROFILE, TWIN_PAUSE
from .result import Decision, Planned, tell
from .rights import NOT_ADMINISTRATOR
from .session import make_reader, open_portal, refused

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .._planning.desired import DesiredService
    from .._planning.limits import Limits
    from .._planning.matching import CurrentState
    from .._planning.plan import Plan
    from .._rest.client import Client
    from .._runner import Task
    from .reader import Reader


def reconcile(task: Task, entries: Sequence[Mapping[str, Any]], limits: Limits, single: bool = False) -> dict[str, Any]:
    """Bring the portal to what ``entries`` say, or in check mode tell what that would write.

    Returns the task's result; with ``single`` in the singular. Raises TaskFailed with all that is known where anything
    is not as desired.
    """
    desired, problems = read_entries(entries, single, task.params.get("icon_contents"))
    if problems:
        raise refused(problems)
    with open_portal(task) as client:
        reader = make_reader(task, client)
        current, plan = _decide(task, client, reader, desired, limits)
        for text in plan.warnings:
            task.warn(text)
        decision = Decision(desired, current, plan, client.host, client.api, single)
        expected = task.params.get("expect_plan")
        if expected and expected != decision.digest and plan.changes:
            why = cause("another_plan")
            raise TaskFailed(why["message"], causes=[why], **decision.refused())
        if plan.changes and task.check_mode:
            _refuse_without_rights(reader, decision)
        if task.params.get("verify", "none") != "none":
            decision.probes = []
            if plan.changes:
                from .servers import look_at_servers

                look_at_servers(task, decision)
        if plan.changes and not task.check_mode:
            # Most runs have nothing to write, and Ansible compiles what is imported anew each time.
            from .carry_out import carry_out

            return carry_out(task, client, reader, decision)
        already = bool(expected) and expected != decision.digest
        return {**tell(task, Planned(decision)), **({"already_as_approved": True} if already else {})}


def _decide(
    task: Task, client: Client, reader: Reader, desired: Sequence[DesiredService], limits: Limits
) -> tuple[CurrentState, Plan]:
    current = _read(task, client, reader, desired, limits)
    plan = make_plan(desired, current, limits)
    if plan.problems and all(problem.kind == AMBIGUOUS for problem in plan.problems):
        client.wait(TWIN_PAUSE)
        current = _read(task, client, reader, desired, limits)
        plan = make_plan(desired, current, limits)
    if plan.problems:
        raise PlanRefused(plan.problems)
    return current, plan


def _read(
    task: Task, client: Client, reader: Reader, desired: Sequence[DesiredService], limits: Limits
) -> CurrentState:
    current = reader.current_state(desired, limits.purge)
    if any(entry.icon is not None for entry in desired):
        from .icons import read_icons

        current.icons = read_icons(client, desired, current, task.params.get("journal"))
    return current


def _refuse_without_rights(reader: Reader, decision: Decision) -> None:
    decision.user = reader.user()
    if decision.user is not None and decision.user["admin"] is False:
        raise TaskFailed(NOT_ADMINISTRATOR, error="not_administrator", method=PROFILE, **decision.refused())
