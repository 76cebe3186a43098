# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The services that a report lists."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Container, Iterable

    from .._planning.matching import CurrentState

SHOWN = ("active", "server", "port", "encryption", "link", "sort")
"""What a report tells of a service besides name and ID."""


def list_services(current: CurrentState, taken: Container[int], missing: Iterable[str]) -> list[dict[str, Any]]:
    """One a service, current or missing, sorted by name and ID. ``managed``: whether an entry means it."""
    services: list[dict[str, Any]] = [
        {
            "name": service.name,
            "id": service.id,
            "managed": service.id in taken,
            **{field: getattr(service, field) for field in SHOWN},
        }
        for service in current.services
    ]
    services.extend({"name": name, "id": None, "managed": True, **dict.fromkeys(SHOWN)} for name in missing)
    return sorted(services, key=lambda service: (service["name"].lower(), service["name"], service["id"] or 0))
