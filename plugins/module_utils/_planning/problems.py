# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What forbids a plan, as values: whoever plans collects them, and tells them all at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from .._causes import cause, sentence

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .desired import DesiredService

INVALID = "invalid"
SAME_SERVICE, NOT_FOUND, WRONG_NAME, AMBIGUOUS, TOO_MANY_IDS = (
    "same_service",
    "not_found",
    "wrong_name",
    "ambiguous",
    "too_many_ids",
)
READ_ONLY, CANNOT_UNSET, NAME_TAKEN, SIMILAR_NAME = "read_only", "cannot_unset", "name_taken", "similar_name"
ALLOW_EMPTY, MAX_REMOVALS, CATCH_ALL, BUILTIN, SAME_SERVER = (
    "allow_empty",
    "max_removals",
    "catch_all",
    "builtin",
    "same_server",
)


class Problem(NamedTuple):
    """One thing that is wrong: one line of text, without the entry's label.

    ``entry``: the one that it is about, or None where the message itself says what it is about. ``values``: what the
    message is made of, where it names options.
    """

    entry: DesiredService | None
    kind: str
    message: str
    values: dict[str, Any] = {}

    def __str__(self) -> str:
        """The sentence that users see. The values of a task about one service need no name."""
        if self.entry is None or (self.kind == INVALID and self.entry.index is None):
            return self.message
        return f"{self.entry.label}: {self.message}"

    def cause(self) -> dict[str, Any]:
        """The same as values, for whoever words it himself."""
        return cause(self.kind, self.message, None if self.entry is None else self.entry.label, **self.values)


def forbidden(kind: str, **values: Any) -> Problem:
    """What a guard forbids, in the sentence of that kind."""
    return Problem(None, kind, sentence(kind, values), values)


class PlanRefused(Exception):
    """The desired state must not, or cannot, be brought about; nothing was written."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(map(str, self.problems)))
