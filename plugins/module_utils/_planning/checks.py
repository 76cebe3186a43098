# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wrong with entries: whatever the portal has, and where a value would have to be written."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from .._text import quoted
from .desired import DesiredService
from .problems import INVALID, SAME_SERVICE, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from .model import Value

MAX_TEXT = 255
MOST = {"port": 65535, "sort": 2147483647}
_SURROGATE = re.compile("[\ud800-\udfff]")
_BLANK = "{} must not be blank"
_OUT_OF_RANGE = "{} must be a whole number from 1 to {}; to leave it as it is, omit it"


def read_entries(
    entries: Sequence[Mapping[str, Any]],
    single: bool = False,
    icon_contents: Mapping[str, Any] | None = None,
    places: Sequence[str] = (),
) -> tuple[list[DesiredService], list[Problem]]:
    """Turn the entries of a task into DesiredService objects. ``icon_contents``: the option.

    ``places``: what people call the place of each, where the entries are not those of one list. Returns ``(desired,
    problems)``: all that is wrong whatever the portal has; any of it forbids to go on.
    """
    desired: list[DesiredService] = []
    problems: list[Problem] = []
    for index, options in enumerate(entries):
        at, place = None if single else index, places[index] if places else None
        entry = DesiredService(options, at, icon_contents, place)
        desired.append(entry)
        problems.extend(Problem(entry, INVALID, message) for message in _never_right(options))
        if entry.icon_problem is not None:
            problems.append(Problem(entry, INVALID, entry.icon_problem))
    problems.extend(Problem(None, SAME_SERVICE, message) for message in _same_service_twice(desired))
    return desired, problems


def _never_right(entry: Mapping[str, Any]) -> Iterator[str]:
    """What no portal has, so that it need not be read to tell."""
    if entry.get("preset") is not None:
        # Presets are filled in where the entries are read, on the controller; what is left here is none.
        yield f"there is no preset {quoted(entry['preset'])}; docs/catalogue.md lists them"
    elif entry.get("id") is None and entry.get("name") is None:
        yield "id or name is needed to tell which mail service is meant"
    if entry.get("id") is not None and (isinstance(entry["id"], bool) or entry["id"] < 1):
        yield "id must be a whole number of 1 or more"
    if entry.get("name") == "":
        yield _BLANK.format("name")
    if "" in (entry.get("previous_names") or ()):
        yield _BLANK.format("previous_names")
    if entry.get("icon") is not None and entry.get("icon_file") is not None:
        yield "icon asserts the address of the icon, and icon_file may give it another: leave icon out"
    for field in MOST:
        value = entry.get(field)
        if isinstance(value, bool) or (field == "port" and value == 0):
            yield _OUT_OF_RANGE.format(field, MOST[field])


def unwritable(field: str, value: Value) -> Iterator[str]:
    """Why the portal would not keep this value of a writable field: one sentence each.

    It is asked where the value would have to be written: what the portal has already is right, whatever it is.
    """
    if isinstance(value, str):
        if len(value) > MAX_TEXT:
            yield f"{field} has {len(value)} characters; the portal keeps {MAX_TEXT}"
        if _SURROGATE.search(value):
            yield f"{field} holds half of a surrogate pair, which is not a character"
        if value == "0":
            yield f"{field} must not be '0': the portal takes that for empty"
        if field == "name" and not value.strip():
            yield _BLANK.format(field)
    elif field in MOST and value is not None and not 1 <= value <= MOST[field]:
        yield _OUT_OF_RANGE.format(field, MOST[field])


def _same_service_twice(desired: Sequence[DesiredService]) -> Iterator[str]:
    by_id: dict[int, DesiredService] = {}
    by_name: dict[str, DesiredService] = {}
    for entry in desired:
        if entry.id is not None:
            if entry.id in by_id:
                yield f"{by_id[entry.id].place} and {entry.place} both mean the service with the ID {entry.id:d}"
            by_id.setdefault(entry.id, entry)
        if entry.name is not None:
            # Two entries with an ID each may share a name, since two services of a portal may.
            other = by_name.get(entry.name)
            if other is not None and (other.id is None or entry.id is None):
                yield f"{other.place} and {entry.place} both mean the service {quoted(entry.name)}"
            if other is None or entry.id is None:
                by_name[entry.name] = entry
