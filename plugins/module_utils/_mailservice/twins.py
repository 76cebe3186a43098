# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Services that came about beside the one that this run created: by another run, or because a request came twice.

Of those of one name the one with the lowest ID stays. Only what this run wrote, or what equals it in every field, is
ever deleted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._planning.model import ID_PARAMETER, WRITABLE
from .._rest.commands import DONE, FAILED, Command
from .._text import quoted
from .operation import REMOVE
from .reader import TWIN_PAUSE
from .settlement import MAX_ATTEMPTS, is_what_was_written

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from .._planning.matching import CurrentState
    from .._planning.model import MailService
    from .._rest.client import Client
    from .executor import Executor
    from .operation import Operation
    from .reader import Reader


class Twins:
    """``warnings``: what is no failure, and people should know. What it deletes, it takes out of ``executor.seen``."""

    def __init__(self, executor: Executor, client: Client, reader: Reader, current: CurrentState) -> None:
        self.warnings: list[str] = []
        self._executor = executor
        self._client = client
        self._reader = reader
        self._current = current
        self._left: list[Operation] = []

    def undo_renamed(self, operation: Operation, stored: MailService) -> None:
        """Delete what this run has just made, and its copies, since their name came back altered."""
        own = [stored.id, *(copy.id for copy in self._new(operation) if _is_alike(copy, stored))]
        left = self._remove(own)
        operation.fail(
            "the portal stored something else than was wanted: "
            f"name: wanted {quoted(operation.change.name)}, stored {quoted(stored.name)}; "
            + (left or f"the service with the {_ids(own)} was deleted again")
        )

    def clear(self, operation: Operation) -> None:
        """Delete what this run has just made where a lower one of that name came about meanwhile."""
        own = operation.id or 0
        twins = self._namesakes(operation)
        if not twins:
            return
        lowest = twins[0].id
        told = f"another run, or a request that came twice, created {quoted(operation.change.name)} at the same moment"
        if own > lowest:
            if not is_what_was_written(self._executor.seen[own], operation.change):
                operation.fail(f"{told}, with the ID {lowest}; the one with the ID {own} is not as this run wrote it")
                return
            alike = [twin.id for twin in twins[1:] if twin.id in operation.lookalikes]
            left = self._remove([*alike, own])
            if left:
                operation.fail(f"{told}, with the ID {lowest}; {left}")
                return
            operation.id = lowest
            self.warnings.append(
                f"{told}; the one with the ID {lowest} stays, and this run's own, with the ID {own}, was deleted again"
            )
        if self._namesakes(operation):
            self._left.append(operation)

    def clear_what_is_left(self) -> None:
        """Higher ones than that which stays: another run clears its own; a request that came twice has nobody."""
        if not self._left:
            return
        self._client.wait(TWIN_PAUSE)
        left = [twin for operation in self._left for twin in self._namesakes(operation)]
        self._executor.read_once_more([twin.id for twin in left if not twin.active])
        copies = {operation: self._copies(operation) for operation in self._left}
        failed = self._remove([copy for ids in copies.values() for copy in ids])
        for operation in self._left:
            self._tell(operation, copies[operation], failed)

    def _tell(self, operation: Operation, copies: Sequence[int], failed: str | None) -> None:
        name, others = quoted(operation.change.name), [twin.id for twin in self._namesakes(operation)]
        if others:
            operation.fail(
                f"{name} is there more than once: the one with the ID {operation.id} stays, the one with the "
                f"{_ids(others)} is not this run's to delete; say which one is meant with id"
                if failed is None
                else f"{name} is there more than once: the one with the ID {operation.id} stays; {failed}"
            )
        elif copies:
            self.warnings.append(
                f"{name} was created more than once, by another run or because the request came twice; the one with "
                f"the ID {operation.id} stays, the one with the {_ids(copies)} was deleted again"
            )
        else:
            self.warnings.append(
                f"another run created {name} at the same moment and cleared its own; "
                f"the one with the ID {operation.id} stays"
            )

    def _copies(self, operation: Operation) -> list[int]:
        """The IDs of those namesakes that equal in every field what this run wrote."""
        after = operation.change.after
        return [twin.id for twin in self._namesakes(operation) if after is not None and _is_alike(twin, after)]

    def _namesakes(self, operation: Operation) -> list[MailService]:
        """The new services of the operation's name besides its own, the lowest ID first."""
        return [service for service in self._new(operation) if service.name == operation.change.name]

    def _new(self, operation: Operation) -> list[MailService]:
        """The services that came about since this run began, but for those of its operations; by ID."""
        own = {other.id for other in self._executor.operations if other is operation or other.status == DONE}
        known = own.union(self._current.by_id)
        return [service for service_id, service in sorted(self._executor.seen.items()) if service_id not in known]

    def _remove(self, ids: Collection[int]) -> str | None:
        """Delete services that this run has made.

        Returns None, or half a sentence that says which of them are still there, and why. Raises PortalError.
        """
        removals = {service_id: self._executor.record.intend_removal(service_id) for service_id in ids}
        for _attempt in range(MAX_ATTEMPTS):
            if not removals:
                return None
            commands = [Command(REMOVE, {ID_PARAMETER: service_id}, repeatable=False) for service_id in removals]
            for removal, outcome in zip(removals.values(), self._client.run_commands(commands)):
                removal.status, removal.error = outcome.status, None if outcome.error is None else str(outcome.error)
            self._executor.record.note(removals.values(), self._executor.rights.owner)
            sent = [service_id for service_id, removal in removals.items() if removal.status != DONE]
            there = {service.id for service in self._reader.get_by_ids(sent)}
            refused = any(removal.status == FAILED and removal.id in there for removal in removals.values())
            for service_id in list(removals):
                if service_id not in there:
                    removals[service_id].status, removals[service_id].error = DONE, None
                    self._executor.seen.pop(service_id, None)
                    del removals[service_id]
            if refused:
                break
        if not removals:
            return None
        error = next((removal.error for removal in removals.values() if removal.error), None)
        return (
            f"this run's own, with the {_ids(list(removals))}, could not be deleted again: "
            f"delete it by its id ({error})"
        )


def _is_alike(service: MailService, other: MailService) -> bool:
    return all(getattr(service, field) == getattr(other, field) for field in WRITABLE)


def _ids(ids: Sequence[int]) -> str:
    return f"ID{'s' if len(ids) > 1 else ''} {', '.join(map(str, ids))}"
