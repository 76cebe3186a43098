# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""YAML that a person reads and that Ansible reads back to the very same values, whatever the texts hold."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Dict, List, Tuple

from ._text import visible, without_commands

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Entry = Tuple[Dict[str, Any], List[str]]
"""A map, and the notes that stand under it as comments."""

_SHORT = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\0": "\\0"}
_HARMLESS = frozenset(" .,-_@:/+()&'")
_MISREAD = re.compile(r"(?:[\w.+:\t -]*|[~=!*]|<<)\n?\Z")
"""No template either; tagged ``!unsafe``, quoted or not, ansible-core >= 2.19 reads a number, a date or nothing."""


def text(value: str) -> str:
    """A text between double quotes; tagged unless made of letters, digits and a few signs that make no template.

    It says what is harmless and not what a template looks like: a text that begins with ``#jinja2:`` brings its own
    delimiters.
    """
    harmless = all(character.isalnum() or character in _HARMLESS for character in value) or _MISREAD.match(value)
    return ("" if harmless else "!unsafe ") + double_quoted(value)


def double_quoted(value: str) -> str:
    """A text between double quotes, on one line whatever it holds; for a file that Ansible loads see text()."""
    return '"{}"'.format(without_commands("".join(map(_escaped, value))))


def scalar(value: str | int | bool | None) -> str:
    """A text, a number, a flag or nothing."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return str(value) if isinstance(value, int) else text(value)


def comment(value: str, indent: str = "") -> str:
    """One line, whatever the value holds."""
    return f"{indent}# {visible(value, 2000)}"


def listed(entries: Iterable[Entry], indent: str) -> list[str]:
    """The lines of a list of (map, notes): each map as an item, its notes as comments under it."""
    lines = []
    for entry, notes in entries:
        start = indent + "- "
        for key, value in entry.items():
            lines.append(f"{start}{key}: {scalar(value)}")
            start = indent + "  "
        lines.extend(comment(note, indent + "  ") for note in notes)
    return lines


def variable(name: str, entries: Sequence[Entry], indent: str = "") -> list[str]:
    """The lines of a variable that holds such a list."""
    return [f"{indent}{name}:"] + listed(entries, indent + "  ") if entries else [f"{indent}{name}: []"]


def _escaped(character: str) -> str:
    if character in _SHORT:
        return _SHORT[character]
    if character.isprintable():
        return character
    number = ord(character)
    return f"\\x{number:02x}" if number < 0x100 else f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"
