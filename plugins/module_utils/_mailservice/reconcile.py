# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one way that every asserting task takes: read → plan → look at servers → carry out → verify → result."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .._causes import cause
from .._files import FileProblem
from .._planning.checks import read_entries
from .._planning.effects import no_way_back
from .._planning.plan import make_plan
from .._planning.problems import AMBIGUOUS, PlanRefused
from .._rest.errors import PortalError
from .._runner import TaskFailed, internal_error
from .carried_out import CarriedOut
from .executor import Executor
from .reader import PROFILE
from .record import begin_record
from .result import Decision, Planned
from .rights import NOT_ADMINISTRATOR
from .session import make_reader, open_portal, refused
from .twins import TWIN_PAUSE
from .verify import verify

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .._planning.desired import DesiredService
    from .._planning.limits import Limits
    from .._planning.matching import CurrentState
    from .._planning.plan import Plan
    from .._rest.client import Client
    from .._runner import Task
    from .reader import Reader
    from .result import Result


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
                # Most runs need none of it, and reading it takes longer than such a run.
                from .servers import look_at_servers

                look_at_servers(task, decision)
        if plan.changes and not task.check_mode:
            return _carry_out(task, client, reader, decision)
        already = bool(expected) and expected != decision.digest
        return {**_told(task, Planned(decision)), **({"already_as_approved": True} if already else {})}


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


def _carry_out(task: Task, client: Client, reader: Reader, decision: Decision) -> dict[str, Any]:
    """Whatever happens once something may have been written, each change is reported and stands in the journal."""
    try:
        record = begin_record(task, decision.current, decision.plan, decision.host, decision.digest)
    except FileProblem as problem:
        raise TaskFailed(f"{problem}; nothing was done", **decision.refused()) from problem
    decision.backup_file = record.backup_file
    executor = Executor(
        client,
        reader,
        decision.plan,
        decision.current,
        keep_going=task.params.get("on_error") == "continue",
        wants_user=not decision.single,
        record=record,
    )
    stopped = None
    try:
        _execute(task, client, reader, executor, decision.current)
    except FileProblem as problem:
        stopped = str(problem)
    except Exception as error:
        stopped = internal_error(error)
    finally:
        unrecorded = record.close(executor.operations, executor.rights.owner)
    decision.user = executor.rights.user
    result = CarriedOut(decision, executor, stopped)
    try:
        told, untold = _told(task, result), None
    except Exception as error:
        told, untold = result.bare(), internal_error(error)
    failure = "; ".join(dict.fromkeys(filter(None, [result.failure, unrecorded, untold])))
    if failure:
        raise TaskFailed(failure, **told)
    return told


def _told(task: Task, result: Result) -> dict[str, Any]:
    """The task's result, with a warning for each effect that nobody can undo over REST."""
    if task.params.get("warn_of_effects", True):
        for text in filter(None, map(no_way_back, result.effects())):
            task.warn(f"{result.decision.host}: {text}")
    return result.to_user()


def _execute(task: Task, client: Client, reader: Reader, executor: Executor, current: CurrentState) -> None:
    executor.execute_plan()
    if executor.unread is None:
        try:
            for text in verify(executor, client, reader, current, task.params["inactive_max_ids"]):
                task.warn(text)
        except PortalError as error:
            executor.unread = error
