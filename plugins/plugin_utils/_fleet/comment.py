# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plans of all portals in Markdown, for a merge request: what is dangerous first, what many share once. Pure.

Where there is no room the plans lose their details first, then the portals with nothing to do, the plans, the portals
that could not be planned, what to look at twice, and last what has no way back.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from ansible_collections.bitrix24.portal.plugins.module_utils._planning.effects import CUT_LOOSE, MOVED
from ansible_collections.bitrix24.portal.plugins.plugin_utils._fleet.plan_text import (
    LISTS,
    LOOK_TWICE,
    NO_WAY_BACK,
    body,
    changes,
    count,
    heading,
    how_many,
)
from ansible_collections.bitrix24.portal.plugins.plugin_utils._markdown import (
    MOST,
    Item,
    Section,
    alike,
    code,
    fit,
    folded,
    html_code,
    listed,
    name,
    sentence,
)
from ansible_collections.bitrix24.portal.plugins.plugin_utils._words import counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_NAMED = 5
"""So many portals are named where there are more."""


def comment(artifact: Mapping[str, Any], most: int = MOST, remarks: Iterable[str] = ()) -> str:
    """The plans of an artifact, of ``most`` characters at most. ``remarks``: Markdown, beside what holds for all."""
    portals = {portal: artifact["portals"][portal] for portal in sorted(artifact["portals"])}
    stopped = {portal: entry for portal, entry in portals.items() if entry["error"] is not None}
    planned = {portal: entry for portal, entry in portals.items() if portal not in stopped}
    drifting = {portal: entry for portal, entry in planned.items() if changes(entry)}
    sections = [
        _section(5, list(_irreversible(drifting)), "warnings of what has no way back", "\n\n"),
        _section(6, [Item(text) for text in (*how_many(drifting.values()), *remarks)], "remarks", "\n\n"),
        _section(4, list(_cautions(planned)), "things to look at twice", "\n\n"),
        _section(3, list(_stopped(stopped)), "reasons", lead=_lead(stopped)),
        _section(1, list(_plans(drifting)), "plans"),
        _quiet([portal for portal in planned if portal not in drifting]),
    ]
    foot = "{} to be switched off or deleted in all. Digest to approve: `{}`".format(
        artifact["removals"], artifact["digest"]
    )
    return fit(_title(planned, drifting, stopped), sections, foot, most)


def _title(planned: Mapping[str, Any], drifting: Mapping[str, Any], stopped: Mapping[str, Any]) -> str:
    numbers = ", ".join(
        f"{sum(count(entry, key) for entry in drifting.values())} {words}" for key, dummy, words in LISTS
    )
    told = f"### Mail services: {numbers} on {len(drifting)} of {counted(len(planned) + len(stopped), 'portal')}"
    return f"{told}; {len(stopped)} could not be planned" if stopped else told


def _section(weight: int, items: list[Item], what: str, between: str = "\n", lead: str = "") -> Section:
    return Section(
        items,
        lambda number: f"*{number} more {what}: left out here for want of room; plan.json has them.*",
        weight,
        lambda number: f"*The details of {number} {what} are left out here for want of room; plan.json has them.*",
        lead,
        between,
    )


def _irreversible(drifting: Mapping[str, Mapping[str, Any]]) -> Iterator[Item]:
    """What has no way back, each in a short sentence that names the portals."""
    for what, portals in _where(
        (_in_short(effect), portal)
        for portal, entry in drifting.items()
        for effect in entry["effects"]
        if not effect["reversible"]
    ):
        yield Item(f"{NO_WAY_BACK}{what} ({listed(portals, code, _NAMED)})")


def _cautions(planned: Mapping[str, Mapping[str, Any]]) -> Iterator[Item]:
    for text, portals in _where(
        (caution["text"], portal) for portal, entry in planned.items() for caution in entry["cautions"]
    ):
        yield Item(f"{LOOK_TWICE}{sentence(text)} ({listed(portals, code, _NAMED)})")


def _where(told: Iterable[tuple[str, str]]) -> Iterable[tuple[str, list[str]]]:
    """``(what, portals)`` from pairs of what and a portal, in their order."""
    where: dict[str, dict[str, None]] = {}
    for what, portal in told:
        where.setdefault(what, {})[portal] = None
    return [(what, list(portals)) for what, portals in where.items()]


def _lead(stopped: Mapping[str, Any]) -> str:
    return f"**{len(stopped)} could not be planned: nothing will be done there.**\n\n"


def _stopped(stopped: Mapping[str, Mapping[str, Any]]) -> Iterator[Item]:
    for portals, error in alike({portal: entry["error"] for portal, entry in stopped.items()}):
        yield Item(f"- {listed(portals, code, _NAMED)}: {sentence(error)}")


def _plans(drifting: Mapping[str, Mapping[str, Any]]) -> Iterator[Item]:
    """Each plan once, whichever portals have it: those with no way back first, then those of the most portals."""
    shared = {portal: (heading(entry), *body(entry, with_ids=False)) for portal, entry in drifting.items()}
    groups = alike(shared)
    groups.sort(key=lambda group: not any(NO_WAY_BACK in line for line in group[1]))
    for portals, told in groups:
        alone = len(portals) == 1
        told_lines = body(drifting[portals[0]]) if alone else list(told[1:])
        fence = "`" * max([3] + [len(run) + 1 for line in told_lines for run in re.findall("`+", line)])
        where = listed(portals, html_code, _NAMED)
        summary = f"{where}: {told[0]}" if alone else f"the same on {len(portals)} portals: {where}: {told[0]}"
        everywhere = [] if len(portals) <= _NAMED else [f"On {listed(portals, code)}.", ""]
        short = f"- {listed(portals, code, _NAMED)}: {told[0]}"
        yield Item(folded(summary, [*everywhere, f"{fence}text", *told_lines, fence]), short)


def _quiet(portals: list[str]) -> Section:
    told = f"Nothing to do on {counted(len(portals), 'portal')}"
    item = Item(f"{told}: {listed(portals, code)}.", f"{told}: {listed(portals, code, _NAMED)}.")
    return Section([item] if portals else [], lambda dummy: f"{told}.")


def _in_short(effect: Mapping[str, Any]) -> str:
    service = name(effect["service"])
    if effect["action"] == MOVED:
        return f"mailboxes of {service} move to {name(effect['to'])}"
    if effect["action"] == CUT_LOOSE:
        return f"mailboxes of {service} are switched off and left without a service"
    return f"mailboxes of {service} get values that cannot be unset again"
