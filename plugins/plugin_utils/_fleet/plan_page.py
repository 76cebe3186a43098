# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plans of all portals as one page, on which an approver searches, filters and reads what they do to mailboxes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from ansible_collections.bitrix24.portal.plugins.module_utils._text import visible
from ansible_collections.bitrix24.portal.plugins.plugin_utils._page.page import render as render_page
from ansible_collections.bitrix24.portal.plugins.plugin_utils._page.page import row
from ansible_collections.bitrix24.portal.plugins.plugin_utils._words import counted, said_once

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_NAME, _NAMED = 60, 3
"""Characters of a name, and so many changes, in the line of a closed portal."""


class Action(NamedTuple):
    label: str
    to_do: str


ACTIONS = {
    "deletions": Action("Delete", "to DELETE"),
    "deactivations": Action("Switch off", "to switch off"),
    "updates": Action("Change", "to change"),
    "creations": Action("Create", "to create"),
}
"""The lists of a plan, what cannot be brought back first."""

STOPPED, CHANGING, QUIET = "stopped", "changing", "quiet"
STATUSES = {STOPPED: "Not planned", CHANGING: "Changes", QUIET: "Nothing to do"}


def render(artifact: Mapping[str, Any]) -> str:
    """``artifact``: what ``plan.json`` holds."""
    portals = [_portal(name, artifact["portals"][name]) for name in sorted(artifact["portals"])]
    changing = [portal for portal in portals if portal["status"] == CHANGING]
    shown = [portal for portal in portals if portal["status"] == STOPPED] + changing
    numbers = {action: sum(portal["numbers"][action] for portal in changing) for action in ACTIONS}
    for at, portal in enumerate(shown, 1):
        portal.update(at=at, opened=len(shown) == 1)
    return render_page(
        "plan.html.j2",
        artifact=artifact,
        alone=len(portals) == 1,
        actions=ACTIONS,
        statuses={status: {"label": label} for status, label in STATUSES.items()},
        headline=_headline(portals, numbers),
        numbers=numbers,
        stopped=sum(portal["status"] == STOPPED for portal in portals),
        final=sum(change["final"] for portal in changing for change in portal["changes"]),
        warned=_warned(changing),
        doubts=_where((text, portal["name"]) for portal in portals for text in portal["cautions"]),
        said_once=said_once(
            text for portal in changing for change in portal["changes"] for text, dummy in change["effects"]
        ),
        portals=shown,
        quiet=[portal for portal in portals if portal["status"] == QUIET],
        services=[] if len(portals) == 1 else _by_service(changing),
        places={portal["name"]: portal["at"] for portal in shown},
    )


def _headline(portals: list[dict[str, Any]], numbers: Mapping[str, int]) -> str:
    told = ", ".join(
        f"{numbers[action]} {ACTIONS[action].to_do}" for action in reversed(list(ACTIONS)) if numbers[action]
    )
    if len(portals) == 1:
        (portal,) = portals
        return "{}: {}".format(visible(portal["name"]), told or STATUSES[portal["status"]].lower())
    changing = sum(portal["status"] == CHANGING for portal in portals)
    if not changing:
        return "Nothing to do on {}".format(counted(len(portals), "portal"))
    return "{} on {} of {}".format(told, changing, counted(len(portals), "portal"))


def _portal(name: str, entry: Mapping[str, Any]) -> dict[str, Any]:
    changes = [] if entry["error"] is not None else list(_changes(entry))
    numbers = {action: sum(change["action"] == action for change in changes) for action in ACTIONS}
    short = ["{}: {}".format(visible(change["service"], _NAME), _what(change)) for change in changes]
    return {
        "name": name,
        "host": entry["host"],
        "error": entry["error"],
        "status": STOPPED if entry["error"] is not None else CHANGING if changes else QUIET,
        "changes": changes,
        "numbers": numbers,
        "final": any(change["final"] for change in changes),
        "in_short": [(change["action"], text) for change, text in zip(changes[:_NAMED], short)],
        "more": max(len(changes) - _NAMED, 0),
        "cautions": [caution["text"] for caution in entry["cautions"] or ()] if entry["error"] is None else [],
        "unchanged": [service["name"] for service in (entry["plan"] or {}).get("unchanged", ())],
    }


def _changes(entry: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for action in ACTIONS:
        for service in entry["plan"][action]:
            effects = [
                (effect["text"], not effect["reversible"])
                for effect in entry["effects"]
                if service["id"] is not None and effect["id"] == service["id"]
            ]
            yield {
                "action": action,
                "service": service["name"],
                "id": service["id"],
                "fields": service["changes"],
                "rows": [row(field, both["before"], both["after"]) for field, both in service["changes"].items()],
                "effects": effects,
                "final": any(final for dummy, final in effects),
            }


def _what(change: Mapping[str, Any]) -> str:
    """The fields of a changed service, else what becomes of it."""
    return ", ".join(change["fields"]) if change["action"] == "updates" else ACTIONS[change["action"]].label.lower()


def _warned(portals: Iterable[Mapping[str, Any]]) -> list[tuple[str, list[str]]]:
    """``[(effect, portals)]`` of all that has no way back, that of the most portals first."""
    return _where(
        (text, portal["name"])
        for portal in portals
        for change in portal["changes"]
        for text, final in change["effects"]
        if final
    )


def _where(told: Iterable[tuple[str, str]]) -> list[tuple[str, list[str]]]:
    """``[(text, portals)]`` from pairs of a text and a portal, that of the most portals first."""
    where: dict[str, dict[str, None]] = {}
    for text, portal in told:
        where.setdefault(text, {})[portal] = None
    return sorted(((text, list(found)) for text, found in where.items()), key=lambda item: -len(item[1]))


def _by_service(portals: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """``[{service, on, groups}]``: each service with the same changes told once, for the portals that share them."""
    services: dict[str, dict[str, dict[str, Any]]] = {}
    for portal in portals:
        for change in portal["changes"]:
            key = json.dumps([change["action"], change["fields"], change["effects"]])
            group = services.setdefault(change["service"], {}).setdefault(key, dict(change, portals=[]))
            group["portals"].append(portal["name"])
    told = []
    for service, groups in services.items():
        on = {
            action: len({n for g in groups.values() if g["action"] == action for n in g["portals"]})
            for action in ACTIONS
        }
        told.append(
            {
                "service": service,
                "portals": sum(on.values()),
                "on": [
                    (action, "{} on {}".format(ACTIONS[action].label.lower(), counted(number, "portal")))
                    for action, number in on.items()
                    if number
                ],
                "final": any(group["final"] for group in groups.values()),
                "groups": sorted(groups.values(), key=lambda group: -len(group["portals"])),
            }
        )
    return sorted(told, key=lambda service: (-service["portals"], service["service"].lower(), service["service"]))
