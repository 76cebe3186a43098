# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A plan in words: what a tired person reads before saying yes. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ansible_collections.bitrix24.portal.plugins.module_utils._planning.model import WRITABLE
from ansible_collections.bitrix24.portal.plugins.module_utils._text import quoted, shown, visible
from ansible_collections.bitrix24.portal.plugins.plugin_utils._words import own_words, said_once

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

LISTS = (
    ("creations", "+ create", "to create"),
    ("updates", "~ change", "to change"),
    ("deactivations", "- switch off", "to switch off"),
    ("deletions", "! DELETE", "to DELETE"),
)
NO_WAY_BACK = "⛔ No way back: "
LOOK_TWICE = "⚠ "
LEFT_OUT = "a condition of the play left it out"
MOST = 2000


def failure_of(result: Mapping[str, Any]) -> Any:
    """Why there is no plan, or None. A result that has one may fail too, for instance if it is not the approved one."""
    if "msg" in result:
        return result["msg"]
    if "plan" in result:
        return None
    return LEFT_OUT if is_left_out(result) else "it was not asked"


def is_left_out(result: Mapping[str, Any]) -> bool:
    """Whether a condition of the play left the portal out."""
    return bool(result.get("skipped"))


def count(result: Mapping[str, Any], *keys: str) -> int:
    return sum(len(result["plan"][key]) for key in keys) if "plan" in result else 0


def changes(result: Mapping[str, Any]) -> int:
    return count(result, *(key for key, dummy, dummy2 in LISTS))


def removals(result: Mapping[str, Any]) -> int:
    return count(result, "deactivations", "deletions")


def heading(result: Mapping[str, Any]) -> str:
    """How much a plan would do, in a few words."""
    return ", ".join(f"{len(result['plan'][key])} {words}" for key, dummy, words in LISTS if result["plan"][key])


def body(result: Mapping[str, Any], with_ids: bool = True) -> list[str]:
    """A plan with changes, line by line. Without IDs the lines of many portals can be the same ones."""
    told = []
    for key, mark, _dummy in LISTS:
        for entry in result["plan"][key]:
            told.append(_line(mark, key, entry, with_ids))
            told.extend(
                "      {}{}".format(
                    "mailboxes: " if effect["reversible"] else NO_WAY_BACK,
                    own_words(visible(effect["text"], MOST)),
                )
                for effect in result["effects"]
                if entry["id"] is not None and effect["id"] == entry["id"]
            )
    told.extend(f"  {LOOK_TWICE}{visible(caution['text'], MOST)}" for caution in result["cautions"])
    return told


def lines(result: Mapping[str, Any], portal: str) -> list[str]:
    """The plan of one portal, line by line; nothing in it can be mistaken for another line."""
    failure = failure_of(result)
    if failure is not None:
        return [f"{visible(portal)}: stopped: {visible(str(failure), MOST)}"]
    told = heading(result)
    if not told:
        return [f"{visible(portal)}: nothing to do", *body(result)]
    unchanged = len(result["plan"]["unchanged"])
    return [f"{visible(portal)}: {told}{f', {unchanged} as they shall be' if unchanged else ''}", *body(result)]


def how_many(planned: Iterable[Mapping[str, Any]]) -> list[str]:
    """What holds for every effect on mailboxes, once for all plans; nothing where no plan has any."""
    return said_once(effect["text"] for result in planned for effect in result["effects"])


def _place(field: str) -> tuple[int, str]:
    """Fields stand in the model's order, whatever order a file has them in."""
    return (WRITABLE.index(field) if field in WRITABLE else len(WRITABLE), field)


def _line(mark: str, key: str, entry: Mapping[str, Any], with_ids: bool) -> str:
    line = "  {} {}".format(mark, quoted(entry["name"]))
    if with_ids and entry["id"] is not None:
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
