# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Words that reports and pages share."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Any, Tuple

from ansible_collections.bitrix24.portal.plugins.module_utils._planning.effects import (
    HOW_MANY,
    IF_HOSTED_LOOSE,
    IF_HOSTED_OFF,
)
from ansible_collections.bitrix24.portal.plugins.module_utils._text import visible

if TYPE_CHECKING:
    from collections.abc import Iterable

_CONTEXT = 600
_HOSTED = (IF_HOSTED_OFF, IF_HOSTED_LOOSE)
_HOW_MANY_MAILBOXES = "How many mailboxes are concerned cannot be known over REST."
_WHOSE = (
    "The portal's own mail hosting may have made some of the services, which REST does not show. "
    "The mailboxes of such a service do not move: they are switched off with it, "
    "and left without a service for good when it is deleted. "
    "A catch-all that it made takes the mailboxes of deleted services only."
)

Parts = Tuple[str, str, str]
"""A text in three: what it shares with another, what differs, and what it shares again."""


def counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def in_days(days: int) -> str:
    if days == 0:
        return "today"
    return "in {}".format(counted(days, "day")) if days > 0 else "{} ago".format(counted(-days, "day"))


def own_words(effect: str) -> str:
    """The text of an effect on mailboxes without what is said once for all of them."""
    for general in (HOW_MANY, *_HOSTED):
        if effect.endswith(f" {general}"):
            effect = effect[: -len(general) - 1]
    return effect


def said_once(effects: Iterable[str]) -> list[str]:
    """What holds for these effects, each in a sentence, so that none of them need say it."""
    effects = list(effects)
    hosted = any(general in effect for effect in effects for general in _HOSTED)
    return ([_HOW_MANY_MAILBOXES] if effects else []) + ([_WHOSE] if hosted else [])


def value(anything: Any) -> str:
    """A field's value as text: unset, true and false each in a word, what could do harm on a screen spelt out."""
    if anything is None:
        return "unset"
    if isinstance(anything, bool):
        return "yes" if anything else "no"
    return visible(str(anything), _CONTEXT)


def differing(before: str, after: str) -> tuple[Parts, Parts]:
    """Two texts, split so that their middles are all that differs."""
    most = min(len(before), len(after))
    start = 0
    while start < most and before[start] == after[start]:
        start += 1
    end = 0
    while end < most - start and before[-1 - end] == after[-1 - end]:
        end += 1
    # A combining mark belongs to the letter before it.
    while start and any(unicodedata.combining(text[start]) for text in (before, after) if start < len(text)):
        start -= 1
    while end and unicodedata.combining(before[len(before) - end]):
        end -= 1
    return _split(before, start, end), _split(after, start, end)


def _split(text: str, start: int, end: int) -> Parts:
    return text[:start], text[start : len(text) - end], text[len(text) - end :]
