# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names with ``*`` for any text. Without regular expressions, whose backtracking ends in no time that anybody waits."""

from __future__ import annotations


class Wildcard:
    """A pattern that somebody wrote; every other character stands for itself."""

    def __init__(self, pattern: str) -> None:
        self._first, *rest = pattern.split("*")
        self._last = rest.pop() if rest else None
        self._between = [part for part in rest if part]

    def matches(self, text: str) -> bool:
        if self._last is None:
            return text == self._first
        start, end = len(self._first), len(text) - len(self._last)
        if start > end or not text.startswith(self._first) or not text.endswith(self._last):
            return False
        # The leftmost place of each part leaves the most room for those behind it, so that none is ever tried again.
        for part in self._between:
            found = text.find(part, start, end)
            if found < 0:
                return False
            start = found + len(part)
        return True
