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

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from .._planning.desired import DesiredService
    from .._planning.matching import CurrentState
    from .._planning.model import MailService
    from .._rest.client import Client
    from .operation import Operation


def read_icons(client: Client, desired: Sequence[DesiredService], current: CurrentState) -> dict[int, PresentIcon]:
    """By ID the uploaded icons of which entries say what they shall be, one GET each."""
    icons: dict[int, PresentIcon] = {}
    if not any(entry.icon is not None for entry in desired):
        return icons
    for entry, service in zip(desired, match(desired, current)[0]):
        if entry.icon is not None and service is not None and service.icon is not None and is_uploaded(service.icon):
            icons[service.id] = _look_at(client, service.icon)
    return icons


def verify_icons(client: Client, operations: Iterable[Operation], seen: Mapping[int, MailService]) -> list[str]:
    """Fail the operations whose icon is not what was sent. Returns warnings: of those that cannot be looked at."""
    warnings = []
    for operation in operations:
        icon, stored = operation.change.icon, seen.get(operation.id or 0)
        if icon is None or stored is None or operation.status != DONE:
            continue
        called = f"{quoted(operation.change.name_after)} (id {operation.id})"
        if stored.icon is None or not is_uploaded(stored.icon):
            if icon.image is not None:
                operation.fail(f"{called}: the icon was sent, and the portal shows none that was uploaded")
            continue
        if icon.image is None:
            operation.fail(f"{called}: the icon was removed, and is there still")
            continue
        present = _look_at(client, stored.icon)
        if present.image is None:
            warnings.append(
                f"{called}: the icon was stored and cannot be fetched to be compared with what was sent: "
                f"{present.unread}"
            )
        elif present.image.digest != icon.image.digest:
            operation.fail(
                f"{called}: the portal stored something else than was wanted: "
                f"icon: wanted {icon.image}, stored {present.image}"
            )
    return warnings


def _look_at(client: Client, address: str) -> PresentIcon:
    try:
        return PresentIcon(Image.of(client.fetch(address)))
    except NotFetched as reason:
        return PresentIcon(unread=str(reason))
