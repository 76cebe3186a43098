# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Showing text that somebody else wrote."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_CI_COMMAND = re.compile(r"##(?=[\w.-]*\[)|::(?=[A-Za-z-]*[G-Zg-z])")
"""What the logs of Azure, TeamCity and GitHub take for a command, anywhere in a line; no address of IPv6 is."""

_NOT_IN_A_FILE_NAME = re.compile(r"[^\w.-]+")
_LONGEST_FILE_NAME = 120
"""In bytes; what is put behind it fits into the 255 that file systems take."""


def visible(text: str, most: int = 300) -> str:
    """One line, cut after ``most`` characters.

    Control characters, escapes, direction marks, half surrogates and what begins a pipeline's command are spelt out.
    """
    shown = without_commands(
        "".join(
            character if character.isprintable() else character.encode("unicode_escape").decode("ascii")
            for character in text[:most]
        )
    )
    return shown if len(text) <= most else shown + "…"


def without_commands(text: str) -> str:
    """The text with an escape in the place of the first character of what a pipeline would take for a command."""
    return _CI_COMMAND.sub(lambda found: f"\\x{ord(found[0][0]):02x}{found[0][1]}", text)


def file_name(text: str) -> str:
    """The text as (the beginning of) the name of a file, with nothing that a shell or a folder could misunderstand.

    Letters, digits and ``._-`` stay. A text that has to be altered ends in a mark of its own, so that two never meet.
    """
    safe = _NOT_IN_A_FILE_NAME.sub("_", text).strip("._-").encode()[:_LONGEST_FILE_NAME].decode(errors="ignore")
    if safe and safe == text:
        return text
    mark = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"{safe}-{mark}" if safe else mark


def quoted(text: str) -> str:
    """The same between quotation marks, for a name or a value inside a sentence."""
    return f"'{visible(text)}'"


def in_words(items: Sequence[str]) -> str:
    """``a``, ``a and b`` or ``a, b and c``, of one item at least."""
    return " and ".join(filter(None, (", ".join(items[:-1]), items[-1])))


def shown(value: object) -> str:
    """A value of either kind inside a sentence: text quoted, nothing as ``unset``."""
    return quoted(value) if isinstance(value, str) else "unset" if value is None else str(value).lower()
