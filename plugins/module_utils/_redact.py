# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Taking secrets out of a text that is to be shown, and making what is left safe to show."""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING
from urllib.parse import quote

from ._text import visible

if TYPE_CHECKING:
    from collections.abc import Iterable

MASK = "***"
_WINDOW = 12
_AT_MOST = 4000
_WORD = re.compile(r"[A-Za-z]{1,11}\Z")
_PATTERNS = (
    (re.compile(r"(/rest/\d+/)[^/\s?#'\"]+", re.IGNORECASE), r"\1" + MASK),
    (
        re.compile(r"\b((?:auth|ap|token|access_token|refresh_token|client_secret)=)[^&\s'\"]+", re.IGNORECASE),
        r"\1" + MASK,
    ),
    (re.compile(r"(//)[^/\s@'\"]+@"), r"\1" + MASK + "@"),
)


def is_word(secret: str) -> bool:
    """Whether a secret could as well be a word of a sentence. No portal makes such a one; people do, in trials.

    Its every occurrence in the sentences of this collection is no leak, and hiding it makes them unreadable.
    """
    return bool(_WORD.match(secret))


def without_words(text: str, words: Iterable[str], mask: str) -> str:
    """The text without those secrets that are words where they can be nothing else: in an address."""
    for word in words:
        text = re.sub(rf"(?<=[/=]){word}(?=[/?&#\s'\"]|\Z)", mask, text)
    return text


class Redactor:
    """redact(text, most) gives one line without the secrets.

    They are taken out whole, quoted, in base64, and where twelve characters of them stand in a row; own_text(text) does
    the same for a sentence of this collection's own, which may hold the words that are secrets.
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._pieces: set[str] = set()
        self._words: set[str] = set()
        self.add(secrets)

    def add(self, secrets: Iterable[str]) -> None:
        """Take these out too, from now on."""
        secrets = set(secrets)
        for secret in filter(None, secrets):
            for form in (
                secret,
                quote(secret, safe=""),
                base64.b64encode(secret.encode("utf-8", "replace")).decode("ascii").rstrip("="),
            ):
                size = min(len(form), _WINDOW)
                self._pieces.update(form[start : start + size] for start in range(len(form) - size + 1))
        self._words |= {secret for secret in secrets if is_word(secret)}

    def own_text(self, text: str, most: int = 300) -> str:
        return self._without(self._pieces - self._words, without_words(text, self._words, MASK), most)

    def __call__(self, text: object, most: int = 300) -> str:
        return self._without(self._pieces, str(text), most)

    def _without(self, pieces: Iterable[str], text: str, most: int) -> str:
        text = text[:_AT_MOST]
        hidden = bytearray(len(text))
        for piece in pieces:
            start = text.find(piece)
            while start >= 0:
                hidden[start : start + len(piece)] = b"\1" * len(piece)
                start = text.find(piece, start + 1)
        text = "".join(
            character if not hidden[place] else "" if place and hidden[place - 1] else MASK
            for place, character in enumerate(text)
        )
        for pattern, replacement in _PATTERNS:
            text = pattern.sub(replacement, text)
        return visible(text, most)
