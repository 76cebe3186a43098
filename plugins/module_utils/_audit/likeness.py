# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How far a service is what an entry means."""

from __future__ import annotations

from .._planning.desired import DesiredService
from .._planning.model import MailService
from .findings import Difference


def differing(entry: DesiredService, service: MailService | None) -> list[Difference]:
    desired = dict(entry.fields, **entry.asserted)
    if entry.name is not None:
        desired = dict({"name": entry.name}, **desired)
    return [
        (field, getattr(service, field), value) for field, value in desired.items() if getattr(service, field) != value
    ]
