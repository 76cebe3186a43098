# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run that writes leaves behind, where its options ask for that: the state before, and lines in the journal."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

from .._files import FileProblem
from .._planning.changes import DELETE
from .._rest.commands import UNKNOWN
from .._runner import internal_error
from .._version import VERSION
from .backup import write_backup
from .journal import INTENT, OUTCOME, Journal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Protocol

    from .._planning.matching import CurrentState
    from .._planning.plan import Plan
    from .._runner import Task

    class Ended(Protocol):
        """An operation of the executor, or a Removal."""

        number: int
        id: int | None
        status: str
        error: str | None

        def to_record(self) -> dict[str, Any]: ...


class Removal:
    """The deletion of a service that this run has just made and may not keep; no change of the plan.

    ``number`` counts on from the plan's changes; ``status`` as an operation's.
    """

    def __init__(self, number: int, service_id: int) -> None:
        self.number = number
        self.id: int | None = service_id
        self.status = UNKNOWN
        self.error: str | None = None

    def to_record(self) -> dict[str, Any]:
        return {"action": DELETE, "before": {"id": self.id}, "after": None}


class Record:
    """``journal``: where lines go, or None; ``backup_file``: the path of the state before, or None."""

    def __init__(self, journal: Journal | None = None, backup_file: str | None = None) -> None:
        self.backup_file = backup_file
        self._journal = journal
        self._removals: list[Removal] = []
        self._numbers = itertools.count(1)
        self._noted: dict[int, tuple[str, dict[str, Any]]] = {}

    @property
    def remembers(self) -> bool:
        """Whether there is a journal, in which a later run can look things up."""
        return self._journal is not None

    def intend_plan(self, plan: Plan) -> None:
        """Note what is about to be written. Raises FileProblem."""
        if self._journal is not None:
            lines = [_line(next(self._numbers), change.to_record(change.id)) for change in plan.changes]
            self._journal.add(INTENT, lines)

    def intend_removal(self, service_id: int) -> Removal:
        """Note what is about to be deleted besides the plan. Raises FileProblem."""
        removal = Removal(next(self._numbers), service_id)
        if self._journal is not None:
            self._journal.add(INTENT, [_line(removal.number, removal.to_record())])
            self._removals.append(removal)
        return removal

    def note(self, ended: Iterable[Ended], owner: int | None) -> None:
        """Note what became of these, and by whom (a user's ID); nothing where that was noted. Raises FileProblem."""
        if self._journal is None:
            return
        fresh = [item for item in ended if self._noted.get(item.number) != (item.status, item.to_record())]
        if not fresh:
            return
        lines = [_line(item.number, item.to_record(), status=item.status, error=item.error) for item in fresh]
        self._journal.add(OUTCOME, [dict(line, owner=owner) for line in lines])
        self._noted.update((item.number, (item.status, item.to_record())) for item in fresh)

    def close(self, operations: Iterable[Ended], owner: int | None) -> str | None:
        """Note what became of everything, so far as that was not noted. Returns None, or why that could not be done."""
        if self._journal is None:
            return None
        try:
            self.note([*operations, *self._removals], owner)
        except FileProblem as problem:
            return str(problem)
        except Exception as error:
            return internal_error(error)
        finally:
            self._journal.close()
        return None


def begin_record(task: Task, current: CurrentState, plan: Plan, host: str, digest: str) -> Record:
    """Prove that the files can be written, and write all that has to be there before the portal is written to.

    Raises FileProblem; nothing may be written to the portal then.
    """
    context = task.params.get("journal_context") or {}
    journal, backup_file = None, None
    if task.params.get("journal"):
        journal = Journal(task.params["journal"], context, task.secrets)
    try:
        if task.params.get("backup_dir") and any(change.is_removal for change in plan.changes):
            portal = str(context.get("inventory_hostname") or host)
            expected_host = task.params.get("expected_host") or host
            backup_file = write_backup(task.params["backup_dir"], current, plan, portal, expected_host, digest)
        if journal is not None:
            journal.facts.update(
                portal=host,
                owner=None,
                plan_digest=digest,
                collection_version=VERSION,
                backup_file=backup_file,
            )
        record = Record(journal, backup_file)
        record.intend_plan(plan)
    except BaseException:
        if journal is not None:
            journal.close()
        raise
    return record


def _line(number: int, change: Mapping[str, Any], **outcome: Any) -> dict[str, Any]:
    return dict(change, change=number, error=outcome.get("error"), status=outcome.get("status"))
