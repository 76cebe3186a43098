# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plans of many portals on a terminal: what is to be read first, and the result in the last line. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ansible_collections.bitrix24.portal.plugins.module_utils._text import visible
from ansible_collections.bitrix24.portal.plugins.plugin_utils._fleet.plan_text import (
    LISTS,
    MOST,
    body,
    changes,
    count,
    failure_of,
    heading,
    how_many,
    is_left_out,
    lines,
)
from ansible_collections.bitrix24.portal.plugins.plugin_utils._markdown import alike, listed
from ansible_collections.bitrix24.portal.plugins.plugin_utils._words import counted

if TYPE_CHECKING:
    from collections.abc import Mapping

DONE = (("create", "created"), ("update", "changed"), ("deactivate", "switched off"), ("delete", "DELETED"))
LEGEND = "signs: + create, ~ change, - switch off, ! DELETE, ⛔ no way back, ⚠ check that it is meant"
_NAMED = 20
"""So many portals with nothing to do are named."""


def overview(results: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """The plans of many portals: those with nothing to do in one line, then each that changes, then each that stops."""
    stopping = {portal: result for portal, result in results.items() if failure_of(result) is not None}
    changing = {portal: result for portal, result in results.items() if portal not in stopping and changes(result)}
    quiet: dict[str, list[str]] = {}
    for portal, result in results.items():
        if portal not in stopping and portal not in changing:
            why = ": already as approved," if result.get("already_as_approved") else ""
            quiet.setdefault(f"nothing to do{why} on", []).append(portal)
    told = [
        "{} {}: {}".format(words, counted(len(portals), "portal"), listed(portals, visible, _NAMED))
        for words, portals in sorted(quiet.items())
    ]
    quiet_but_told = [portal for portals in quiet.values() for portal in portals if results[portal]["cautions"]]
    for portals, shared in alike(
        {portal: (heading(result), *body(result, False)) for portal, result in changing.items()}
    ):
        if len(portals) == 1:
            told.extend(lines(changing[portals[0]], portals[0]))
        else:
            where = listed(portals, visible, _NAMED)
            told.extend([f"the same on {len(portals)} portals: {where}: {shared[0]}", *shared[1:]])
    for portal in [*quiet_but_told, *stopping]:
        told.extend(lines(results[portal], portal))
    return told + how_many(changing.values()) + ([LEGEND] if changing else [])


def done(
    planned: Mapping[str, Mapping[str, Any] | None], written: Mapping[str, Mapping[str, Any]], journal: str | None
) -> str:
    """What became of all plans in a line.

    ``planned``: what check mode returned by portal (None: not reached); ``written``: what was returned where a plan was
    carried out, or begun; ``journal``: the file, where there is one.
    """
    results = [item for result in written.values() for item in result.get("results") or ()]
    counts = ", ".join(
        f"{sum(item['action'] == action and item['changed'] and not item['failed'] for item in results)} {words}"
        for action, words in DONE
    )
    failed = [portal for portal, result in written.items() if result.get("failed")]
    quiet = [portal for portal, result in planned.items() if _is_quiet(result) and portal not in written]
    left_out = [portal for portal, result in planned.items() if result is not None and is_left_out(result)]
    stopped = [
        portal
        for portal, result in planned.items()
        if result is not None and portal not in {*written, *quiet, *left_out}
    ]
    parts = [f"{counts} on {len(written) - len(failed)} of {counted(len(planned), 'portal')}"] if written else []
    for number, words in (
        (len(failed), "failed"),
        (len(stopped), "stopped before anything was written"),
        (len(quiet), "had nothing to do"),
        (len(left_out), "left out by a condition"),
        (sum(result is None for result in planned.values()), "not reached"),
    ):
        if number:
            parts.append(f"{number if parts else counted(number, 'portal')} {words}")
    begun = "Done" if not failed and not stopped else "Not all is done" if written else "Nothing was done"
    told = f"{begun}: {'; '.join(parts) or 'there was no portal'}."
    return f"{told} Journal: {visible(journal, MOST)}" if journal and written else told


def _is_quiet(result: Mapping[str, Any] | None) -> bool:
    return result is not None and failure_of(result) is None and not changes(result)


def summary(
    results: Mapping[str, Mapping[str, Any] | None], comment_file: str | None, plan_file: str | None, digest: str
) -> str:
    """All plans in a line, with the file to read (None: there is none) and, where there is a file, what to approve."""
    planned = [result for result in results.values() if result is not None and failure_of(result) is None]
    numbers = ", ".join(f"{sum(count(result, key) for result in planned)} {words}" for key, dummy, words in LISTS)
    told = f"Plan: {numbers} on {sum(changes(result) > 0 for result in planned)} of {counted(len(results), 'portal')}"
    if len(planned) < len(results):
        told += f"; {len(results) - len(planned)} could not be planned"
    told += "."
    if comment_file:
        told += f" Read {visible(comment_file, MOST)}."
    return f"{told} Approve: {digest}" if plan_file and any(map(changes, planned)) else told
