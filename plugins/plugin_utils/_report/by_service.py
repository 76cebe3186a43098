# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was found by service: the same drift on many portals is one thing to decide."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ansible_collections.bitrix24.portal.plugins.module_utils._audit.findings import ERROR_KINDS, KINDS, NOTE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ansible_collections.bitrix24.portal.plugins.module_utils._audit.findings import Finding, Portal

_ORDER = list(KINDS)


def by_service(portals: Iterable[Portal], notes: bool = False) -> list[dict[str, Any]]:
    """``[{service, kinds, groups}]``, those of the most portals first, and at last what is of no service but of
    a portal as a whole (``service`` None).

    kinds: ``{kind: on how many portals}``; groups: ``[{finding, portals, new}]``, a finding and the portals that have
    it with the same words, values and effects; new: how many of them have it since the last report.
    """
    services: dict[str | None, dict[str, dict[str, Any]]] = {}
    for portal in portals:
        for finding in portal["findings"]:
            if (notes or finding["severity"] != NOTE) and finding["kind"] not in ERROR_KINDS:
                groups = services.setdefault(finding["service"], {})
                group = groups.setdefault(_same(finding), {"finding": finding, "portals": [], "new": 0})
                if portal["name"] not in group["portals"]:
                    group["portals"].append(portal["name"])
                    group["new"] += finding["new"] is True and finding["severity"] != NOTE
    told = [_told(service, list(groups.values())) for service, groups in services.items()]
    return sorted(told, key=_place)


def _place(told: dict[str, Any]) -> tuple[Any, ...]:
    name = told["service"] or ""
    return told["service"] is None, -len(told["portals"]), name.lower(), name


def _same(finding: Finding) -> str:
    """What is the same on two portals, whatever the ID is there."""
    return json.dumps([finding[key] for key in ("kind", "severity", "text", "fields", "effects")])


def _told(service: str | None, groups: list[dict[str, Any]]) -> dict[str, Any]:
    groups.sort(key=lambda group: (-len(group["portals"]), _ORDER.index(group["finding"]["kind"])))
    on: dict[str, set[str]] = {}
    for group in groups:
        on.setdefault(group["finding"]["kind"], set()).update(group["portals"])
    return {
        "service": service,
        "portals": set().union(*on.values()),
        "kinds": {kind: len(on[kind]) for kind in _ORDER if kind in on},
        "new": sum(group["new"] for group in groups),
        "groups": groups,
    }
