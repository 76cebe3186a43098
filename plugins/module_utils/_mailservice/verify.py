# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compares what the portal stored with what was desired."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._planning.changes import CREATE, DELETE
from .._planning.model import WRITABLE
from .._rest.commands import DONE, FAILED, MOST_COMMANDS
from .._text import quoted, shown
from .settlement import is_what_was_written, settle_creation
from .twins import Twins

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

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
    twins = Twins(executor, client, reader, current)
    verification = _Verification(executor, current, twins)
    _read_creations_once_more(executor, current, most_ids)
    for operation in executor.operations:
        if operation.status == DONE:
            verification.judge(operation)
    twins.clear_what_is_left()
    icons: list[str] = []
    if any(operation.change.icon is not None for operation in executor.operations):
        from .icons import verify_icons

        icons = verify_icons(client, executor)
    return [*twins.warnings, *icons, *_changed_meanwhile(executor, current)]


def _read_creations_once_more(executor: Executor, current: CurrentState, most_ids: int) -> None:
    """Where something was created, read in a request of its own.

    Only there is a service to be seen that came about because the request was carried out once more on its way. An
    inactive one has an ID above the highest known before; of a copy it can be as much higher as there are creations.
    """
    made = [operation for operation in executor.operations if operation.is_made]
    if not made:
        return
    first, last = max(current.by_id, default=0) + 1, 0
    hidden = [operation.id or 0 for operation in made if operation.needs_get]
    if hidden:
        last = max(hidden) + len(made)
    elif executor.read_apart:
        return
    known = {operation.id for operation in made}
    executor.read_once_more([at for at in range(max(first, last + 1 - most_ids), last + 1) if at not in known])


def _changed_meanwhile(executor: Executor, current: CurrentState) -> Iterator[str]:
    """What became of the active services that this run did not mean to touch: nothing, if all went well."""
    touched = {operation.id for operation in executor.operations}
    for before in current.active:
        if before.id in touched:
            continue
        stored = executor.seen.get(before.id)
        if stored is None:
            what = "it is not among the active ones any more"
        else:
            pairs = [(field, getattr(before, field), getattr(stored, field)) for field in WRITABLE]
            what = ", ".join(
                f"{field}: {shown(old)} before, {shown(new)} now" for field, old, new in pairs if old != new
            )
        if what:
            yield (
                f"{quoted(before.name)} (id {before.id}) changed while this run was at work, "
                f"by somebody else or because a request was altered on its way: {what}"
            )


class _Verification:
    def __init__(self, executor: Executor, current: CurrentState, twins: Twins) -> None:
        self._executor = executor
        self._current = current
        self._twins = twins

    def judge(self, operation: Operation) -> None:
        """Fail the operation, or not. Of what it made, delete what must not stay."""
        stored = self._executor.seen.get(operation.id or 0)
        if operation.change.action == CREATE:
            if stored is None or stored.name != operation.change.name:
                if stored is not None and is_what_was_written(stored, operation.change):
                    self._twins.undo_renamed(operation, stored)
                    return
                self._look_for(operation)
            if operation.status == DONE:
                self._twins.clear(operation)
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
            first = max(self._current.by_id, default=0) + 1
            self._executor.look_at(range(first, first + len(self._executor.operations) + MOST_COMMANDS))
        settle_creation(operation, self._executor.seen, self._current, others)
        if operation.status == FAILED and answered in self._executor.seen:
            operation.fail(
                f"the creation of {quoted(operation.change.name)} was answered with the ID {answered}, which is "
                f"another service: {quoted(self._executor.seen[answered].name)}; no service of the wanted name is "
                "there. It is not sent again: run again to finish"
            )
        elif operation.status == FAILED:
            operation.fail(f"{quoted(operation.change.name)} (id {answered}) was written, and is not there any more")


def _difference(operation: Operation, stored: MailService | None) -> str | None:
    change = operation.change
    called = f"{quoted(change.name_after)} (id {operation.id})"
    if change.action == DELETE:
        return None if stored is None else f"{called} was deleted, and is there still"
    if change.is_plain_deactivation:
        return f"{called} was deactivated, and is active still" if stored is not None and stored.active else None
    if stored is None:
        return f"{called} was written, and is not there any more"
    fields: Collection[str] = WRITABLE if change.action == CREATE else change.written
    wrong = [
        (field, getattr(change.after, field), getattr(stored, field))
        for field in fields
        if getattr(change.after, field) != getattr(stored, field)
    ]
    if wrong:
        told = ", ".join(f"{field}: wanted {shown(desired)}, stored {shown(found)}" for field, desired, found in wrong)
        return f"{called}: the portal stored something else than was wanted: {told}"
    return None
