# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wrong on which hosts, in lines: a problem that many hosts share is told once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ansible_collections.bitrix24.portal.plugins.module_utils._text import in_words, visible
from ansible_collections.bitrix24.portal.plugins.plugin_utils._words import counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ansible_collections.bitrix24.portal.plugins.plugin_utils._validate.wanted import Checked

NAMED = 3
"""So many hosts are named where several have one problem."""


def by_problem(checked: Mapping[str, Checked]) -> dict[str, list[str]]:
    """{problem: the hosts that have it}, in the order of the hosts."""
    hosts: dict[str, list[str]] = {}
    for host, found in checked.items():
        for problem in found.problems:
            hosts.setdefault(problem, []).append(host)
    return hosts


def lines(shared: Iterable[str], problems: Mapping[str, Sequence[str]], total: int) -> list[str]:
    """``shared``: of no host, or of several together; ``total``: how many hosts there are."""
    return [*shared, *(f"{_whose(hosts, total)}: {problem}" for problem, hosts in problems.items())]


def summary(checked: Mapping[str, Checked], wrong: int, shared: bool = False) -> str:
    """``wrong``: the number of lines; ``shared``: whether any is of several hosts together, which stops all."""
    portals = counted(len(checked), "portal")
    if not wrong:
        entries, exceptions = (sum(numbers) for numbers in zip(*(found[1:] for found in checked.values())))
        parts = ["1 entry" if entries == 1 else f"{entries} entries"]
        parts += [counted(exceptions, "exception")] if exceptions else []
        return f"Nothing is wrong with what is wanted of {portals} ({in_words(parts)}). No portal was asked."
    bad = sum(shared or bool(found.problems) for found in checked.values())
    return f"{counted(wrong, 'problem')}, on {bad} of {portals}. No portal was asked."


def _whose(hosts: Sequence[str], total: int) -> str:
    if len(hosts) == total > 1:
        return f"all {total} hosts"
    shown = [visible(host) for host in hosts]
    if len(shown) > NAMED + 1:
        shown = [*shown[:NAMED], f"{len(shown) - NAMED} more"]
    return in_words(shown)
