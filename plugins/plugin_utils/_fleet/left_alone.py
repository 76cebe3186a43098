# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a purge would take where nothing is purged, in one line for all portals. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ansible_collections.bitrix24.portal.plugins.module_utils._text import quoted
from ansible_collections.bitrix24.portal.plugins.plugin_utils._fleet.plan_shape import fits
from ansible_collections.bitrix24.portal.plugins.plugin_utils._markdown import name as name_in_markdown

if TYPE_CHECKING:
    from collections.abc import Mapping

_SHAPE = [{"name": str, "id": int}]
_NAMED = 5
"""So many services are named."""


def left_alone(results: Mapping[str, Mapping[str, Any] | None], markdown: bool = False) -> list[str]:
    """One line, or none where a purge would take nothing.

    ``results``: of mailservice_set, by portal (None: there is none).
    """
    show = name_in_markdown if markdown else quoted
    where: dict[str, int] = {}
    portals = services = 0
    for result in results.values():
        found: Any = None if result is None else result.get("left_alone")
        if not fits(found, _SHAPE):
            continue
        portals += bool(found)
        services += len(found)
        for service in found:
            where[service["name"]] = where.get(service["name"], 0) + 1
    if not services:
        return []
    most = sorted(where, key=lambda name: (-where[name], name))
    named = [f"{show(name)} on {where[name]}" if where[name] > 1 else show(name) for name in most[:_NAMED]]
    more = f" and {len(most) - _NAMED} more" if len(most) > _NAMED else ""
    return [
        "Left alone, since nothing is purged: {} service{} that no entry names on {} portal{}: {}{}.".format(
            services, "s" * (services > 1), portals, "s" * (portals > 1), ", ".join(named), more
        )
    ]
