# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compares what the portal stored with what was desired, and clears a twin that this run has made beside another's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._planning.changes import CREATE, DELETE
from .._planning.model import ID_PARAMETER, WRITABLE
from .._rest.commands import DONE, FAILED, MOST_COMMANDS, UNKNOWN, Command
from .._text import quoted, shown
from .operation import REMOVE
from .settlement import MAX_ATTEMPTS, is_what_was_written, settle_creation

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from .._planning.matching import CurrentState
    from .._planning.model import MailService
    from .._rest.client import Client
    from .executor import Executor
    from .operation import Operation
    from .reader import Reader


def verify(executor: Executor, client: Client, reader: Reader, current: CurrentState, most_ids: int) -> list[str]:
    """Judge every operation that the portal said it did: one whose service is stored otherwise than desired fails.

    Returns warnings. ``most_ids`` bounds the search for inactive twins. Raises PortalError.
    """
    verification = _Verification(executor, client, reader, current)
    verification.look_for_hidden_twins(most_ids)
    for operation in executor.operations:
        if operation.status == DONE:
            verification.judge(operation)
    return verification.warnings


class _Verification:
    """``warnings``: what is no failure, and people should know. What it deletes, it takes out of ``executor.seen``."""

    def __init__(self, executor: Executor, client: Client, reader: Reader, current: CurrentState) -> None:
        self.warnings: list[str] = []
        self._executor = executor
        self._client = client
        self._reader = reader
        self._current = current
        self._highest = max(current.by_id, default=0)

    def look_for_hidden_twins(self, most_ids: int) -> None:
        """A twin of an inactive service can only sit between the highest ID known before and the new one."""
        operations = self._executor.operations
        new = [
            operation.id
            for operation in operations
            if operation.id is not None
            and operation.status == DONE
            and operation.change.action == CREATE
            and operation.needs_get
        ]
        if not new:
            return
        known = {operation.id for operation in operations}
        between = range(max(self._highest + 1, max(new) - most_ids), max(new))
        self._look_at(service_id for service_id in between if service_id not in known)

    def _look_at(self, ids: Iterable[int]) -> None:
        """Read back those services of these IDs that are not yet."""
        seen = self._executor.seen
        seen.update((found.id, found) for found in self._reader.get_by_ids([at for at in ids if at not in seen]))

    def judge(self, operation: Operation) -> None:
        """Fail the operation, or not. Of what it made, delete what must not stay."""
        stored = self._executor.seen.get(operation.id or 0)
        if operation.change.action == CREATE:
            if stored is None or stored.name != operation.change.name:
                if stored is not None and is_what_was_written(stored, operation.change):
                    self._undo_renamed(operation, stored)
                    return
                self._look_for(operation)
            if operation.status == DONE:
                self._clear_twin(operation)
            stored = self._executor.seen.get(operation.id or 0)
        if operation.status == DONE:
            problem = _difference(operation, stored)
            if problem is not None:
                operation.fail(problem)

    def _look_for(self, operation: Operation) -> None:
        """Nothing of what this run wrote has the ID that the creation was answered with."""
        others = {other.id for other in self._executor.operations if other is not operation and other.status == DONE}
        answered, operation.id = operation.id, None
        if operation.needs_get:
            self._look_at(range(self._highest + 1, self._highest + 1 + len(self._executor.operations) + MOST_COMMANDS))
        settle_creation(operation, self._executor.seen, self._current, others)
        if operation.status == FAILED and answered in self._executor.seen:
            operation.fail(
                f"the creation of {quoted(operation.change.name)} was answered with the ID {answered}, which is "
                f"another service: {quoted(self._executor.seen[answered].name)}; no service of the wanted name is "
                "there. It is not sent again: run again to finish"
            )
        elif operation.status == FAILED:
            operation.fail(f"{quoted(operation.change.name)} (id {answered}) was written, and is not there any more")

    def _undo_renamed(self, operation: Operation, stored: MailService) -> None:
        left = self._remove_own(stored.id)
        operation.fail(
            "the portal stored something else than was wanted: "
            f"name: wanted {quoted(operation.change.name)}, stored {quoted(stored.name)}; "
            + (left or f"the service with the ID {stored.id} was deleted again")
        )

    def _clear_twin(self, operation: Operation) -> None:
        """Of twins that two runs made at one moment the one with the lowest ID stays; each run deletes only its own."""
        own = operation.id or 0
        twins = self._twins(operation.change.name, own)
        if not twins:
            return
        told = f"another run created {quoted(operation.change.name)} at the same moment"
        if own < twins[0]:
            self.warnings.append(
                f"{told}, with the ID {', '.join(map(str, twins))}; "
                f"it is expected to clear its own, the one with the ID {own} stays"
            )
            return
        if not is_what_was_written(self._executor.seen[own], operation.change):
            operation.fail(f"{told}, with the ID {twins[0]}; the one with the ID {own} is not as this run wrote it")
            return
        own_or_alike = [service_id for service_id in twins[1:] if service_id in operation.lookalikes] + [own]
        left = [text for text in map(self._remove_own, own_or_alike) if text is not None]
        if left:
            operation.fail(f"{told}, with the ID {twins[0]}; {'; '.join(left)}")
            return
        operation.id = twins[0]
        self.warnings.append(
            f"{told}; its service with the ID {twins[0]} stays, "
            f"and this run's own, with the ID {own}, was deleted again"
        )

    def _twins(self, name: str, own: int) -> list[int]:
        """The IDs of new services of that name besides the own one."""
        return sorted(
            service.id
            for service in self._executor.seen.values()
            if service.name == name and service.id != own and service.id not in self._current.by_id
        )

    def _remove_own(self, service_id: int) -> str | None:
        """Delete the service that this run has just made.

        Returns None, or half a sentence that says why it is still there. Raises PortalError.
        """
        removal = self._executor.record.intend_removal(service_id)
        for _dummy in range(MAX_ATTEMPTS):
            removed = self._client.run_commands([Command(REMOVE, {ID_PARAMETER: service_id}, repeatable=False)])[0]
            removal.status, removal.error = removed.status, None if removed.error is None else str(removed.error)
            if removed.status == DONE or not self._reader.get_by_ids([service_id]):
                removal.status, removal.error = DONE, None
                self._executor.seen.pop(service_id, None)
                return None
            if removed.status != UNKNOWN:
                break
        return (
            f"this run's own, with the ID {service_id}, could not be deleted again: "
            f"delete it by its id ({removed.error})"
        )


def _difference(operation: Operation, stored: MailService | None) -> str | None:
    change = operation.change
    called = f"{quoted(change.name_after)} (id {operation.id})"
    if change.action == DELETE:
        return None if stored is None else f"{called} was deleted, and is there still"
    if change.is_plain_deactivation:
        return f"{called} was deactivated, and is active still" if stored is not None and stored.active else None
    if stored is None:
        return f"{called} was written, and is not there any more"
    fields: Collection[str] = WRITABLE if change.action == CREATE else change.fields
    wrong = [
        (field, getattr(change.after, field), getattr(stored, field))
        for field in fields
        if getattr(change.after, field) != getattr(stored, field)
    ]
    if wrong:
        told = ", ".join(f"{field}: wanted {shown(desired)}, stored {shown(found)}" for field, desired, found in wrong)
        return f"{called}: the portal stored something else than was wanted: {told}"
    return None
