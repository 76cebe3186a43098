# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Looks at the icons that a portal shows: before planning at those that entries speak of, and at what was written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._planning.icon import Image, PresentIcon, is_uploaded
from .._planning.matching import match
from .._rest.commands import DONE
from .._rest.fetch import NotFetched
from .._text import quoted
from .journal import remembered_icons

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .._planning.desired import DesiredService
    from .._planning.matching import CurrentState
    from .._rest.client import Client
    from .executor import Executor
    from .operation import Operation


def read_icons(
    client: Client, desired: Sequence[DesiredService], current: CurrentState, journal: str | None = None
) -> dict[int, PresentIcon]:
    """By ID the uploaded icons of which entries say what they shall be, one GET each.

    ``journal``: the path of one, which tells of icons that the portal does not store as they are sent.
    """
    icons: dict[int, PresentIcon] = {}
    memory: dict[str, set[str]] | None = None
    for entry, service in zip(desired, match(desired, current)[0]):
        if entry.icon is None or service is None or service.icon is None or not is_uploaded(service.icon):
            continue
        present = _look_at(client, service.icon)
        image = entry.icon.image
        if journal and image is not None and present.image is not None and not present.stands_for(image):
            memory = remembered_icons(journal, client.host) if memory is None else memory
            present = present._replace(made_of=frozenset(memory.get(present.image.digest, ())))
        icons[service.id] = present
    return icons


def verify_icons(client: Client, executor: Executor) -> list[str]:
    """Fail the operations whose icon is not what was sent. Returns warnings: what is not known, or was altered."""
    warnings = []
    for operation in executor.operations:
        icon, stored = operation.change.icon, executor.seen.get(operation.id or 0)
        if icon is None or stored is None or operation.status != DONE:
            continue
        called = f"{quoted(operation.change.name_after)} (id {operation.id})"
        if stored.icon is None or not is_uploaded(stored.icon):
            if icon.image is not None:
                operation.fail(f"{called}: the icon was sent, and the portal shows none that was uploaded")
        elif icon.image is None:
            operation.fail(f"{called}: the icon was removed, and is there still")
        elif operation.change.before is not None and stored.icon == operation.change.before.icon:
            operation.fail(f"{called}: the icon was sent, and the portal shows the former one still")
        else:
            present = _look_at(client, stored.icon)
            if present.image is None:
                warnings.append(
                    f"{called}: the icon was stored, and cannot be fetched to be compared: {present.unread}"
                )
            elif not present.stands_for(icon.image):
                warnings.extend(_judge_another(operation, called, icon.image, present.image, executor.record.remembers))
    return warnings


def _judge_another(operation: Operation, called: str, sent: Image, stored: Image, remembers: bool) -> list[str]:
    """The portal shows another image than was sent: a failure, unless that is whole and a later run can know of it."""
    told = f"icon: wanted {sent}, stored {stored}"
    if remembers and stored.is_whole:
        operation.icon_stored = stored.digest
        return [
            f"{called}: the portal made another image of the one that was sent ({told}); the journal remembers both, "
            "so that the next run with this journal takes one for the other"
        ]
    operation.fail(
        f"{called}: the portal stored something else than was wanted: {told}; if this portal alters every image, "
        "mailservice_set with a journal remembers what it makes of them"
    )
    return []


def _look_at(client: Client, address: str) -> PresentIcon:
    try:
        return PresentIcon(Image.of(client.fetch(address)))
    except NotFetched as reason:
        return PresentIcon(unread=str(reason))
