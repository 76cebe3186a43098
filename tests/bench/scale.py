# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How the planner grows: as many services present as are wanted. No portal, no Ansible process."""

from __future__ import annotations

import time
import tracemalloc

from ansible_collections.bitrix24.portal.plugins.module_utils._argspec import ENTRY_SPEC
from ansible_collections.bitrix24.portal.plugins.module_utils._mailservice.result import Decision, Planned
from ansible_collections.bitrix24.portal.plugins.module_utils._planning.checks import read_entries
from ansible_collections.bitrix24.portal.plugins.module_utils._planning.limits import Limits
from ansible_collections.bitrix24.portal.plugins.module_utils._planning.matching import CurrentState
from ansible_collections.bitrix24.portal.plugins.module_utils._planning.model import MailService
from ansible_collections.bitrix24.portal.plugins.module_utils._planning.plan import make_plan
from tests.bench import portals

RUNS = 5
SERVICES = 5000


def _entries(count, kind):
    """Entries as Ansible hands them over: every option is there, most are None."""
    entries = [dict(dict.fromkeys(ENTRY_SPEC), state="present", **service) for service in portals.desired(count)]
    for entry in entries:
        if kind == "all renamed":
            entry.update(previous_names=[entry["name"]], name=entry["name"] + " renamed")
        elif kind == "all replaced":
            entry.update(name=entry["name"] + " new", server="new." + entry["server"])
    return entries


def _current(count, kind):
    drifted = count if kind == "all drifted" else 0
    return CurrentState(
        [MailService.from_portal(row) for row in portals.state(portals.desired(count), drifted)["services"]]
    )


def _plan(entries, current):
    desired, problems = read_entries(entries)
    assert not problems
    return desired, make_plan(desired, current, Limits(purge="deactivate", max_removals=-1))


def _report(entries, current):
    desired, plan = _plan(entries, current)
    return Planned(Decision(desired, current, plan, "portal.example.com", {})).to_user()


CHANGES = {"no drift": 0, "all drifted": 1, "all renamed": 1, "all replaced": 2}
"""Of each service: how many changes are due."""


def _best(function, *arguments):
    seconds = []
    for dummy in range(RUNS):
        started = time.perf_counter()
        function(*arguments)
        seconds.append(time.perf_counter() - started)
    return min(seconds)


def _peak(function, *arguments):
    """Megabytes that the function had at most, what it was given included in neither."""
    tracemalloc.start()
    try:
        function(*arguments)
        return tracemalloc.get_traced_memory()[1] / 1e6
    finally:
        tracemalloc.stop()


def measure(count=SERVICES):
    """For each kind of work: seconds and peak memory of the plan, and with all that the task returns; and how it grows."""
    found = []
    for kind, changes in CHANGES.items():
        entries, current = _entries(count, kind), _current(count, kind)
        assert len(_plan(entries, current)[1].changes) == changes * count
        half = _best(_plan, _entries(count // 2, kind), _current(count // 2, kind))
        seconds = _best(_plan, entries, current)
        found.append(
            {
                "kind": kind,
                "plan": seconds,
                "plan_peak": _peak(_plan, entries, current),
                "growth": seconds / half,
                "report": _best(_report, entries, current),
                "report_peak": _peak(_report, entries, current),
            }
        )
    return found
