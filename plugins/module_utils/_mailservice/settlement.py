# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What became of a change whose answer was lost, found out from the services as they were read back. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._planning.changes import CREATE
from .._planning.icon import is_uploaded
from .._planning.model import WRITABLE
from .._rest.commands import DONE, UNKNOWN
from .._text import quoted

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .._planning.changes import Change
    from .._planning.matching import CurrentState
    from .._planning.model import MailService, Value
    from .operation import Operation

MAX_ATTEMPTS = 5
"""How often a change is sent whose answers are lost and that reading back finds undone."""


def settle(
    doubtful: Iterable[Operation],
    operations: Iterable[Operation],
    seen: Mapping[int, MailService],
    current: CurrentState,
) -> None:
    """Settle those of the operations that were sent and not seen to be done.

    One of which nothing is known is done, failed, or to be sent again (NOT_TRIED). One that was refused, or halted by
    another's failure, is done where an earlier copy of its request did it. ``seen``: the services by ID as they were
    read back; ``current``: as they were before.
    """
    taken = {operation.id for operation in operations if operation.status == DONE}
    for operation in doubtful:
        if operation.change.action == CREATE:
            if operation.status == UNKNOWN:
                settle_creation(operation, seen, current, taken)
            else:
                _find_copy(operation, seen, current, taken)
        elif is_as_planned(operation, seen):
            operation.done()
        elif operation.status == UNKNOWN and operation.attempts >= MAX_ATTEMPTS:
            operation.fail(
                f"{operation.command().method} was sent {operation.attempts} times without an answer, "
                f"and is not done: {operation.error}",
                operation.portal_error,
            )
            operation.changed = not _is_as_before(operation, seen)
        elif operation.status == UNKNOWN:
            operation.undone()


def settle_creation(
    operation: Operation, seen: Mapping[int, MailService], current: CurrentState, taken: set[int | None]
) -> None:
    """Find the service by its name among the new ones: done, or failed. ``taken``: IDs of other operations."""
    name = operation.change.name
    new = _new_of_its_name(operation, seen, current, taken)
    if _find_copy(operation, seen, current, taken):
        return
    if new:
        operation.id = new[0].id
        taken.add(operation.id)
        operation.done()
        return
    operation.fail(
        f"the answer to the creation of {quoted(name)} was lost and the service is not there; "
        "it is not sent again, since the portal may still be at it: "
        f"run again to finish ({operation.error})",
        operation.portal_error,
    )


def _find_copy(
    operation: Operation, seen: Mapping[int, MailService], current: CurrentState, taken: set[int | None]
) -> bool:
    """Settle a creation as done where new services are exactly as it wanted them.

    Another run may have made one at the same moment. Nobody can tell which is this run's own, and all but the lowest
    have to go: so it takes the highest for its own, or else each run would leave that to the other.
    """
    new = _new_of_its_name(operation, seen, current, taken)
    lookalikes = [service.id for service in new if is_what_was_written(service, operation.change)]
    if lookalikes:
        operation.lookalikes, operation.id = lookalikes, max(lookalikes)
        taken.update(lookalikes)
        operation.done()
    return bool(lookalikes)


def _new_of_its_name(
    operation: Operation, seen: Mapping[int, MailService], current: CurrentState, taken: set[int | None]
) -> list[MailService]:
    return [
        service
        for service_id, service in sorted(seen.items())
        if service.name == operation.change.name and service_id not in current.by_id and service_id not in taken
    ]


def is_what_was_written(stored: MailService, change: Change) -> bool:
    """Whether a service has the name and the fields that this run wrote, as they were, or as a portal alters texts."""
    return all(_is_written(getattr(change.after, field), getattr(stored, field)) for field in WRITABLE)


def _is_written(desired: Value, stored: Value) -> bool:
    """The proactive filter breaks texts up by blanks and asterisks, a database cuts them off, or writes ? for emoji."""
    if desired == stored or not (isinstance(desired, str) and isinstance(stored, str)):
        return desired == stored
    essence = _essence(desired)
    return bool(stored) and (desired.startswith(stored) or bool(essence) and essence == _essence(stored))


def _essence(text: str) -> str:
    return "".join(
        character for character in text if not character.isspace() and character not in "*?" and character <= "\uffff"
    )


def is_as_planned(operation: Operation, seen: Mapping[int, MailService]) -> bool:
    stored, after = seen.get(operation.id or 0), operation.change.after
    if stored is None or after is None:
        return stored is after
    return all(getattr(stored, field) == value for field, value in operation.change.written.items()) and (
        _icon_may_be_written(operation.change, stored)
    )


def _is_as_before(operation: Operation, seen: Mapping[int, MailService]) -> bool:
    stored, before = seen.get(operation.id or 0), operation.change.before
    if stored is None or before is None:
        return stored is before
    fields = operation.change.fields or WRITABLE
    return all(getattr(stored, field) == getattr(before, field) for field in fields)


def _icon_may_be_written(change: Change, stored: MailService) -> bool:
    """By its address: each icon that is sent gets one of its own."""
    if change.icon is None:
        return True
    if change.icon.image is None:
        return not is_uploaded(stored.icon)
    return is_uploaded(stored.icon) and (change.before is None or stored.icon != change.before.icon)
