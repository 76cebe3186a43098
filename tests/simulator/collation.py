# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The order of MySQL's ``utf8mb4_unicode_ci``, near enough: case and accents do not count, blanks at the end neither."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

# What UCA 4.0.0, the version behind that collation, puts before the letters, in its order.
_LEADING = "\t\n\v\f\r\x85\u2028\u2029 `^_-,;:!?.'\"()[]{}@*/\\&#%+<=>|~$0123456789"
_RANK = {character: rank for rank, character in enumerate(_LEADING)}
_LETTERS = len(_LEADING)


@lru_cache(maxsize=10_000)
def sort_key(text: str | None) -> tuple:
    """A key that sorts rows by text; null comes first."""
    if text is None:
        return (0,)
    folded = unicodedata.normalize("NFKD", text.rstrip(" ").casefold())
    return (1, *(_weight(character) for character in folded if not _is_ignored(character)))


def _weight(character: str) -> int:
    if ord(character) > 0xFFFF:
        return 0x10000  # one weight for everything beyond the basic plane
    return _RANK.get(character, _LETTERS + ord(character))


def _is_ignored(character: str) -> bool:
    return character not in _RANK and unicodedata.category(character) in ("Mn", "Me", "Cc", "Cf")
