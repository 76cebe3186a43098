# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A portal's own entries over a baseline. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def merged(baseline: Iterable[Mapping[str, Any]], own: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The entries of a baseline with a portal's own over them.

    An own entry goes over the baseline's of the same id, or else the same name; what it leaves out comes from there,
    but for the state: one that does not say absent is wanted present, whatever the baseline says.
    """
    return [entry for entry, dummy, dummy in placed(baseline, own)]


def placed(
    baseline: Iterable[Mapping[str, Any]], own: Iterable[Mapping[str, Any]]
) -> list[tuple[dict[str, Any], int | None, int | None]]:
    """The same, each with its place in the baseline and among the own entries; None where it is in but one of them."""
    entries, taken = list(baseline), set()
    find = _Baseline(entries)
    over: list[tuple[dict[str, Any], int | None, int | None]] = []
    for own_at, own_entry in enumerate(own):
        entry = dict(own_entry)
        at = find(entry)
        if at is not None:
            taken.add(at)
            entry = {**{key: value for key, value in entries[at].items() if key != "state"}, **entry}
        if entry.get("state") == "absent":
            entry = {key: entry[key] for key in ("id", "name", "state") if key in entry}
        over.append((entry, at, own_at))
    return [(dict(entry), at, None) for at, entry in enumerate(entries) if at not in taken] + over


class _Baseline:
    """Finds the place of the entry that an own one goes over: with an ID in both it must agree, else the name."""

    def __init__(self, entries: Iterable[Mapping[str, Any]]) -> None:
        self._by_id: dict[str, int] = {}
        self._by_name: dict[str, int] = {}
        self._by_name_alone: dict[str, int] = {}
        for at, entry in enumerate(entries):
            if entry.get("id") is not None:
                self._by_id.setdefault(str(entry["id"]), at)
            if entry.get("name") is not None:
                self._by_name.setdefault(entry["name"], at)
                if entry.get("id") is None:
                    self._by_name_alone.setdefault(entry["name"], at)

    def __call__(self, own: Mapping[str, Any]) -> int | None:
        name = own.get("name")
        if own.get("id") is None:
            return self._by_name.get(name or "")
        found = [self._by_id.get(str(own["id"])), self._by_name_alone.get(name or "")]
        return min((at for at in found if at is not None), default=None)
