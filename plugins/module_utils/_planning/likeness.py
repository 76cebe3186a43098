# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names that a reader may take for one another."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

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
