# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A plan in words: what a tired person reads before saying yes. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from ansible_collections.bitrix24.portal.plugins.module_utils._planning.effects import (
    CUT_LOOSE,
    HOW_MANY,
    IF_HOSTED_LOOSE,
    IF_HOSTED_OFF,
    MOVED,
)
from ansible_collections.bitrix24.portal.plugins.module_utils._planning.model import WRITABLE
from ansible_collections.bitrix24.portal.plugins.module_utils._text import quoted, shown, visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

LISTS = (
    ("creations", "+ create", "to create"),
    ("updates", "~ change", "to change"),
    ("deactivations", "- switch off", "to switch off"),
    ("deletions", "! DELETE", "to DELETE"),
)
_HOW_MANY_MAILBOXES = "How many mailboxes that concerns cannot be known over REST."
_IF_HOSTED = (
    "Nor does REST show which services the portal's own mail hosting made: the mailboxes of such a one are switched "
    "off with it, or cut loose when it is deleted; a catch-all of that kind takes none from one that is switched off."
)
NO_WAY_BACK = "⛔ No way back: "
MOST = 2000
_NAMED = 5
"""So many portals are named behind a warning."""


def failure_of(result: Mapping[str, Any]) -> Any:
    """Why there is no plan, or None. A result that has one may fail too, for instance if it is not the approved one."""
    if "msg" in result:
        return result["msg"]
    return None if "plan" in result else "it was not asked"


def count(result: Mapping[str, Any], *keys: str) -> int:
    return sum(len(result["plan"][key]) for key in keys) if "plan" in result else 0


def changes(result: Mapping[str, Any]) -> int:
    return count(result, *(key for key, dummy, dummy2 in LISTS))


def removals(result: Mapping[str, Any]) -> int:
    return count(result, "deactivations", "deletions")


def portals_of(number: int) -> str:
    return f"{number} portal{'s' * (number != 1)}"


def lines(result: Mapping[str, Any], portal: str) -> list[str]:
    """The plan of one portal, line by line; nothing in it can be mistaken for another line."""
    failure = failure_of(result)
    if failure is not None:
        return [f"{visible(portal)}: stopped: {visible(str(failure), MOST)}"]
    plan = result["plan"]
    summary = [f"{len(plan[key])} {words}" for key, dummy, words in LISTS if plan[key]]
    told = ["{}: {}".format(visible(portal), ", ".join(summary) or "nothing to do")]
    if not summary:
        return told
    if plan["unchanged"]:
        told[0] += ", {} as they shall be".format(len(plan["unchanged"]))
    for key, mark, _dummy in LISTS:
        for entry in plan[key]:
            told.append(_line(mark, key, entry))
            told.extend(
                "      {}{}".format(
                    "mailboxes: " if effect["reversible"] else NO_WAY_BACK,
                    _of_this_one(visible(effect["text"], MOST)),
                )
                for effect in result["effects"]
                if entry["id"] is not None and effect["id"] == entry["id"]
            )
    return told


def how_many(planned: Iterable[Mapping[str, Any]]) -> list[str]:
    """What holds for every effect on mailboxes, once for all plans; nothing where no plan has any."""
    effects = [effect for result in planned for effect in result["effects"]]
    doubtful = any(effect["action"] == MOVED for effect in effects)
    return ([_HOW_MANY_MAILBOXES] if effects else []) + ([_IF_HOSTED] if doubtful else [])


def _of_this_one(text: str) -> str:
    """The text of an effect without what is said once for all of them."""
    for general in (HOW_MANY, IF_HOSTED_OFF, IF_HOSTED_LOOSE):
        text = text.replace(f" {general}", "")
    return text


def comment(artifact: Mapping[str, Any]) -> str:
    """The plans of an artifact in Markdown, for a merge request."""
    portals = artifact["portals"]
    drifting = [portal for portal in sorted(portals) if portals[portal]["error"] is None and changes(portals[portal])]
    stopped = [portal for portal in sorted(portals) if portals[portal]["error"] is not None]
    quiet = [portal for portal in sorted(portals) if portal not in drifting and portal not in stopped]
    told = [line for portal in stopped + drifting for line in portals[portal]["text"]]
    text = [f"### Mail services: {len(drifting)} of {len(portals)} portals would change", ""]
    warned = list(_irreversible({portal: portals[portal]["effects"] for portal in drifting}))
    for line in warned + how_many(portals[portal] for portal in drifting):
        text += [line, ""]
    if stopped:
        text += [f"**{len(stopped)} could not be planned: nothing will be done there.**", ""]
    if told:
        fence = "`" * max([3] + [len(run) + 1 for line in told for run in re.findall("`+", line)])
        text += [fence + "text"] + told + [fence, ""]
    if quiet:
        text += [
            "Nothing to do: {}.".format(
                ", ".join("`{}`".format(visible(portal).replace("`", "'")) for portal in quiet)
            ),
            "",
        ]
    text += [
        "{} to be switched off or deleted in all. Digest to approve: `{}`".format(
            artifact["removals"], artifact["digest"]
        )
    ]
    return "\n".join(text) + "\n"


def _irreversible(effects: Mapping[str, Iterable[Mapping[str, Any]]]) -> Iterator[str]:
    """In Markdown what has no way back, each in a short sentence that names the portals. ``effects``: by portal."""
    where: dict[str, list[str]] = {}
    for portal, of_portal in effects.items():
        for effect in of_portal:
            if not effect["reversible"]:
                portals = where.setdefault(_in_short(effect), [])
                if portal not in portals:
                    portals.append(portal)
    for what, portals in where.items():
        others = f" and {len(portals) - _NAMED} more" if len(portals) > _NAMED else ""
        yield "{}{} ({}{})".format(NO_WAY_BACK, what, ", ".join(map(_code, portals[:_NAMED])), others)


def _in_short(effect: Mapping[str, Any]) -> str:
    service = _name(effect["service"])
    if effect["action"] == MOVED:
        return "mailboxes of {} move to {}".format(service, _name(effect["to"]))
    if effect["action"] == CUT_LOOSE:
        return f"mailboxes of {service} are switched off and cut loose"
    return f"mailboxes of {service} get values that cannot be unset again"


def _name(text: str) -> str:
    """A name in Markdown, where nothing in it links, mentions or formats."""
    harmless = re.match(r"(?:[^\W_]|[ .])+\Z", text) and text == visible(text) and "www." not in text.lower()
    return f'"{text}"' if harmless else _code(text)


def _code(text: str) -> str:
    """A code span that nothing in the text can end."""
    text = visible(text)
    fence = "`" * (1 + max(map(len, re.findall("`+", text)), default=0))
    return f"{fence} {text} {fence}" if "`" in text or not text.strip() else fence + text + fence


def _place(field: str) -> tuple[int, str]:
    """Fields stand in the model's order, whatever order a file has them in."""
    return (WRITABLE.index(field) if field in WRITABLE else len(WRITABLE), field)


def _line(mark: str, key: str, entry: Mapping[str, Any]) -> str:
    line = "  {} {}".format(mark, quoted(entry["name"]))
    if entry["id"] is not None:
        line += " (id {})".format(entry["id"])
    details = []
    for field in sorted(entry["changes"], key=_place):
        change = entry["changes"][field]
        if key == "creations":
            if field != "name":
                details.append("{} {}".format(field, shown(change["after"])))
        elif key == "deletions":
            details.append("{} {}".format(field, shown(change["before"])))
        elif (key, field) != ("deactivations", "active"):
            # A word, since names that are written from right to left turn an arrow between them.
            details.append("{} {} to {}".format(field, shown(change["before"]), shown(change["after"])))
    return line + (": " + ", ".join(details) if details else "")
