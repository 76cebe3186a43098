# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names that a reader may take for one another, and services that may be one under two names."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .desired import DesiredService
    from .model import MailService


def name_key(name: str) -> str:
    """What names have in common that differ only in case, in blanks, or in Unicode form (NFC)."""
    folded = unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())
    return "".join(folded.split())


def by_name_key(services: Iterable[MailService]) -> dict[str, list[MailService]]:
    found: dict[str, list[MailService]] = {}
    for service in services:
        found.setdefault(name_key(service.name), []).append(service)
    return found


def alike(entry: DesiredService, service: MailService) -> bool:
    """Whether the service may be what the entry means: same server and port, or for an entry by ID the same name."""
    if entry.id is not None and entry.name == service.name:
        return True
    server, port = entry.fields.get("server"), entry.fields.get("port")
    return server is not None and server == service.server and (port is None or port == service.port)


def likeliest(services: Iterable[MailService]) -> list[MailService]:
    """In the order in which an entry without a service is offered them: the active ones first, then by ID."""
    return sorted(services, key=lambda service: (not service.active, service.id))
