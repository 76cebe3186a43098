# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What people wrote, before it is converted: an entry that is none, and names that YAML took for something else.

A conversion would hide it: the name 163 and the name yes would become texts that may be those of other services.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .._text import quoted, visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

NAMES = ("preset", "name", "previous_names", "protect")
"""The options that hold names, of services and of one preset."""

_QUOTE = "put it in quotes"


def problems_of_entry(entry: Any) -> Iterator[str]:
    """Why this cannot be an entry, whatever the portal has; one sentence each, without the entry's label."""
    if isinstance(entry, dict):
        yield from problems_of_names(entry)
    elif entry is None:
        yield "nothing stands there; take the dash out, or say which service is meant"
    elif isinstance(entry, str):
        yield f"this is text where a map of options is due; if that is a service's name, write name: {quoted(entry)}"
    else:
        yield f"this is {_kind(entry)} where a map of options is due"


def problems_of_names(options: Mapping[str, Any]) -> Iterator[str]:
    """What is no name where options hold names."""
    for option in NAMES:
        value = options.get(option)
        if isinstance(value, list) and option != "name":
            for part in value:
                yield from _no_name(option, part, "holds")
        elif value is not None:
            yield from _no_name(option, value, "is")


def entry_label(entry: Any) -> str:
    """How people find the entry in their file, besides its place: by its name, ID or preset; may be empty."""
    if not isinstance(entry, dict):
        return ""
    for option, words in (("name", "{}"), ("id", "id {}"), ("preset", "preset {}")):
        if entry.get(option) is not None:
            value = entry[option]
            return words.format(quoted(value) if isinstance(value, str) else visible(str(value), 80))
    return ""


def _no_name(option: str, value: Any, verb: str) -> Iterator[str]:
    if isinstance(value, bool):
        yield (
            f"{option} {verb} {str(value).lower()}, which is no text: YAML reads yes, no, on and off so as well; "
            f"if that is the name, {_QUOTE}"
        )
    elif isinstance(value, (int, float)):
        yield f"{option} {verb} the number {value}, which is no text; if that is the name, {_QUOTE}: '{value}'"
    elif not isinstance(value, str):
        yield f"{option} {verb} {_kind(value)} where a text is due"


def _kind(value: Any) -> str:
    if value is None:
        return "nothing"
    return {dict: "a map", list: "a list", bool: "true or false", int: "a number", float: "a number"}.get(
        type(value), "something else"
    )
