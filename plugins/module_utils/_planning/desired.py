# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the user wants of one mail service, checked before anything is sent."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from .._text import quoted
from .model import FIELDS, READ_ONLY, TEXT, WRITABLE, normalise

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from .model import Value

MAX_TEXT = 255
MAX_PORT = 65535
MAX_SORT = 2147483647
_SURROGATE = re.compile("[\ud800-\udfff]")


class DesiredService:
    """One entry: which service (``id``, ``name``, ``previous_names``) and what it shall be.

    ``fields`` holds the writable fields that were given, in the form in which they are compared (None: shall be unset);
    ``asserted`` the read-only ones; ``index`` the entry's place in the order given, or None for a single task.
    """

    def __init__(self, entry: Mapping[str, Any], index: int | None = None) -> None:
        self.index = index
        self.is_present: bool = entry.get("state", "present") == "present"
        self.id: int | None = entry.get("id")
        self.name: str | None = entry.get("name")
        self.previous_names: tuple[str, ...] = tuple(entry.get("previous_names") or ())
        given = [field for field in WRITABLE if entry.get(field) is not None and field != "name"]
        self.fields: dict[str, Value] = {field: normalise(field, entry[field]) for field in given}
        self.asserted: dict[str, Value] = {
            field: normalise(field, entry[field]) for field in READ_ONLY if entry.get(field) is not None
        }

    @property
    def label(self) -> str:
        """How problems and results call the entry: by its name, else its ID."""
        called = quoted(self.name) if self.name is not None else f"id {self.id}"
        return called if self.index is None else f"mailservices[{self.index}] ({called})"


def read_entries(entries: Sequence[Mapping[str, Any]], single: bool = False) -> tuple[list[DesiredService], list[str]]:
    """Turn the entries of a task into DesiredService objects.

    Returns ``(desired, problems)``: problems are one-line texts, all of them at once; any of them forbids to go on.
    """
    desired: list[DesiredService] = []
    problems: list[str] = []
    for index, options in enumerate(entries):
        entry = DesiredService(options, None if single else index)
        desired.append(entry)
        problems.extend(problem if single else f"{entry.label}: {problem}" for problem in _problems_of(options))
    problems.extend(_same_service_twice(desired))
    return desired, problems


def _problems_of(entry: Mapping[str, Any]) -> Iterator[str]:
    if entry.get("id") is None and entry.get("name") is None:
        yield "id or name is needed to tell which mail service is meant"
    if entry.get("id") is not None and (isinstance(entry["id"], bool) or entry["id"] < 1):
        yield "id must be a whole number of 1 or more"
    names: list[tuple[str, str | None]] = [("name", entry.get("name"))]
    names.extend(("previous_names", name) for name in entry.get("previous_names") or ())
    texts: list[tuple[str, str | None]] = [
        (field, entry.get(field)) for field, (dummy, kind) in FIELDS.items() if kind == TEXT and field != "name"
    ]
    for option, text in names + texts:
        if text is None:
            continue
        if len(text) > MAX_TEXT and option not in READ_ONLY:
            yield f"{option} has {len(text)} characters; the portal keeps {MAX_TEXT}"
        if _SURROGATE.search(text):
            yield f"{option} holds half of a surrogate pair, which is not a character"
        if text == "0" and option in ("name", "previous_names", "server", "link"):
            yield f"{option} must not be '0': the portal takes that for empty"
    for option, name in names:
        if name is not None and not name.strip():
            yield f"{option} must not be blank"
    for option, highest in (("port", MAX_PORT), ("sort", MAX_SORT)):
        value = entry.get(option)
        if value is not None and (isinstance(value, bool) or not 1 <= value <= highest):
            yield f"{option} must be a whole number from 1 to {highest}; to leave it as it is, omit it"


def _same_service_twice(desired: Sequence[DesiredService]) -> Iterator[str]:
    by_id: dict[int, DesiredService] = {}
    by_name: dict[str, DesiredService] = {}
    for entry in desired:
        if entry.id is not None:
            if entry.id in by_id:
                yield (
                    f"mailservices[{by_id[entry.id].index}] and mailservices[{entry.index}] "
                    f"both mean the service with the ID {entry.id:d}"
                )
            by_id.setdefault(entry.id, entry)
        if entry.name is not None:
            # Two entries with an ID each may share a name, since two services of a portal may.
            other = by_name.get(entry.name)
            if other is not None and (other.id is None or entry.id is None):
                yield (
                    f"mailservices[{other.index}] and mailservices[{entry.index}] "
                    f"both mean the service {quoted(entry.name)}"
                )
            if other is None or entry.id is None:
                by_name[entry.name] = entry


ENTRY_SPEC: dict[str, dict[str, Any]] = {
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "id": {"type": "int"},
    "name": {"type": "str"},
    "previous_names": {"type": "list", "elements": "str"},
    "active": {"type": "bool"},
    "server": {"type": "str"},
    "port": {"type": "int"},
    "encryption": {"type": "bool"},
    "link": {"type": "str"},
    "sort": {"type": "int"},
    "site_id": {"type": "str"},
    "icon": {"type": "str"},
    "smtp_server": {"type": "str"},
    "smtp_port": {"type": "int"},
    "smtp_login_as_imap": {"type": "bool"},
    "smtp_password_as_imap": {"type": "bool", "no_log": False},
    "smtp_encryption": {"type": "bool"},
    "upload_outgoing": {"type": "bool"},
}
"""The options of one mail service, alike in a task of its own and in an entry of a set."""

GUARDS_SPEC: dict[str, dict[str, Any]] = {
    "allow_catch_all_change": {"type": "bool", "default": False},
    "allow_builtin_delete": {"type": "bool", "default": False},
}

LOOKAHEAD_SPEC: dict[str, dict[str, Any]] = {
    "inactive_lookahead": {"type": "int", "default": 50},
    "inactive_max_ids": {"type": "int", "default": 1000},
}
