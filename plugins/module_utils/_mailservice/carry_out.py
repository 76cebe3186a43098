# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Carry a plan out, with its intents in the journal before and its outcomes after: execute → verify → result."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .._files import FileProblem
from .._rest.errors import PortalError
from .._runner import TaskFailed, internal_error
from .carried_out import CarriedOut
from .executor import Executor
from .record import begin_record
from .result import tell
from .verify import verify

if TYPE_CHECKING:
    from .._planning.matching import CurrentState
    from .._rest.client import Client
    from .._runner import Task
    from .reader import Reader
    from .result import Decision


def carry_out(task: Task, client: Client, reader: Reader, decision: Decision) -> dict[str, Any]:
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
        told, untold = tell(task, result), None
    except Exception as error:
        told, untold = result.bare(), internal_error(error)
    failure = "; ".join(dict.fromkeys(filter(None, [result.failure, unrecorded, untold])))
    if failure:
        raise TaskFailed(failure, **told)
    return told


def _execute(task: Task, client: Client, reader: Reader, executor: Executor, current: CurrentState) -> None:
    executor.execute_plan()
    if executor.unread is None:
        try:
            for text in verify(executor, client, reader, current, task.params["inactive_max_ids"]):
                task.warn(text)
        except PortalError as error:
            executor.unread = error
