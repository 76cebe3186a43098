# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Showing text that somebody else wrote."""

from __future__ import annotations


def visible(text: str, most: int = 300) -> str:
    """One line, cut after ``most`` characters.

    Control characters, escapes, direction marks and half surrogates are spelt out.
    """
    shown = "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode("ascii")
        for character in text[:most]
    )
    return shown if len(text) <= most else shown + "…"


def quoted(text: str) -> str:
    """The same between quotation marks, for a name or a value inside a sentence."""
    return f"'{visible(text)}'"


def shown(value: object) -> str:
    """A value of either kind inside a sentence: text quoted, nothing as ``unset``."""
    return quoted(value) if isinstance(value, str) else "unset" if value is None else str(value).lower()
