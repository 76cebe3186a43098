# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What of a wanted set forbids a plan before any portal was read: the planner's checks without a current state."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .checks import read_entries, unwritable
from .guards import guarded, similar_entries
from .problems import INVALID, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from .desired import DesiredService
    from .limits import Limits


def problems_alone(
    entries: Sequence[Mapping[str, Any]],
    places: Sequence[str],
    limits: Limits | None = None,
    icon_contents: Mapping[str, Any] | None = None,
) -> list[Problem]:
    """All that is wrong with the entries. ``places``: what people call the place of each; ``limits``: where known.

    A value that only a portal which has it already would take is wrong here: which portal has it, nobody knows yet.
    """
    desired, problems = read_entries(entries, icon_contents=icon_contents, places=places)
    present = [entry for entry in desired if entry.is_present]
    told = {(problem.entry, problem.message) for problem in problems}
    problems += [
        Problem(entry, INVALID, text)
        for entry in present
        for text in _never_written(entry)
        if (entry, text) not in told
    ]
    problems += similar_entries(entry for entry in present if entry.id is None)
    return problems if limits is None else [*problems, *guarded(desired, (), limits)]


def _never_written(entry: DesiredService) -> Iterator[str]:
    for field, value in {"name": entry.name, **entry.fields}.items():
        yield from unwritable(field, value)
