# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From a service of a portal to the entry that asserts it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .._text import shown
from .checks import unwritable
from .model import WRITABLE, MailService

if TYPE_CHECKING:
    from .._yaml import Entry


def entry_of(service: MailService, with_id: bool) -> Entry:
    """``(entry, notes)``: the map that asserts the service, and what of it REST could not make again.

    An entry with an ID never makes a service.
    """
    entry: dict[str, Any] = {"id": service.id} if with_id else {}
    notes: list[str] = []
    for field in WRITABLE:
        value = getattr(service, field)
        if value is None:
            continue
        problems = list(unwritable(field, value))
        if problems:
            notes.append(
                "{} is {} on the portal and left out here: {}".format(field, shown(value), "; ".join(problems))
            )
        else:
            entry[field] = value
    if with_id:
        return entry, notes
    if service.encryption is None:
        notes.append("encryption is unset on the portal; a service made anew from this entry has it on")
    if service.cannot_be_made_again:
        notes.append(
            "it came with the portal; a service made anew from this entry lacks its SMTP settings or its hosting"
        )
    return entry, notes
