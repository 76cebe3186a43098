# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The tables, as text that reads well on a terminal and in docs/benchmarks.md."""

from __future__ import annotations

import datetime
import os
import platform
import ssl
from importlib.metadata import version

from tests.bench import fleet
from tests.bench.cases import LOOP, OVER_HTTP, SET, TASKS, URI, URI_WHEN

PACE = 0.5
"""Seconds that a portal wants a request to take, on average: it allows two a second."""
GOALS = {(50, 0): 5, (200, 0): 15, (50, 50): 60}
"""At least so many times as fast as the uri playbook, net of the empty play."""
GOAL_MS, GOAL_PLAN, GOAL_PEAK = 45, 0.5, 200

HEAD = """\
# Benchmarks

One run of `make bench` on one machine, all competitors taking turns on the same simulator, over TLS with its throw-away authority.
To measure again: `make bench`; it takes some minutes, checks that every run did its work (the requests that the portal received
and what it holds afterwards), and writes this page.

{machine}

Seconds are medians of {runs} runs of whole processes, a long one having fewer. *Net* is what is left after the empty play on the same
number of hosts, run right before each run, or, for the script, after an interpreter that only imports the SDK; it is the median of these
differences. *Times ours* is that net against the net of `mailservice_set`. The simulator answers at once; a portal allows two requests
a second, shared by everyone behind an address, so *on a portal* is what the requests take there when its reserve is used up. What a
network adds is in no number.
"""


def machine():
    """Where and with what it was measured; no names."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    versions = ", ".join(f"{name} {version(name)}" for name in ("ansible-core", "requests", "b24pysdk"))
    today = datetime.datetime.now(tz=datetime.timezone.utc).date()
    return (
        f"{today}: {os.cpu_count()} cores ({platform.machine()}), {memory:.0f} GiB of memory, {platform.system()}, "
        f"Python {platform.python_version()}, {' '.join(ssl.OPENSSL_VERSION.split()[:2])}, {versions}."
    )


def table(head, rows):
    """A table in Markdown, the first column to the left, all others to the right."""
    cells = [[str(cell) for cell in row] for row in [head, *rows]]
    widths = [max(len(row[at]) for row in cells) for at in range(len(head))]
    lines = [
        [
            cell.ljust(width) if not at else cell.rjust(width)
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        for row in cells
    ]
    lines.insert(1, ["-" * width if not at else "-" * (width - 1) + ":" for at, width in enumerate(widths)])
    return "".join("| " + " | ".join(line) + " |\n" for line in lines)


def sets(found, empty, bare):
    """The tables of the competition about a set."""
    parts = [
        f"## A whole set\n\nThe empty play took {empty.median:.2f} s, the import of the SDK {bare.median:.2f} s.\n"
    ]
    for (count, drifted), cases in found.items():
        own = cases[SET].net
        rows = []
        for name, case in cases.items():
            rows.append(
                (
                    name,
                    f"{case.median:.2f}",
                    f"{case.net:.3f}",
                    f"{case.net / own:.1f}",
                    case.requests,
                    f"{case.requests * PACE:.1f} s",
                )
            )
        drift = f"{drifted or 'none'} of them drifted"
        parts.append(
            f"### {count} services, {drift}\n\n"
            + table(("", "seconds", "net", "times ours", "requests", "on a portal"), rows)
        )
    return "\n".join(parts)


def tasks(cases):
    """The table of twenty tasks in a row."""
    rows = []
    own = next(iter(cases.values())).net
    for name, case in cases.items():
        rows.append(
            (name, f"{case.median:.2f}", f"{case.net / TASKS * 1000:.1f}", f"{case.net / own:.1f}", case.requests)
        )
    return f"## {TASKS} tasks in a row\n\n" + table(("", "seconds", "ms a task, net", "times ours", "requests"), rows)


def many(cases, count, forks):
    """The table of many portals."""
    empty, own = cases[SET].empty, cases[SET].net
    rows = [
        (name, f"{case.median:.2f}", f"{case.net / count * 1000:.0f}", f"{case.net / own:.1f}", case.requests)
        for name, case in cases.items()
    ]
    head = ("", "seconds", "ms a portal, net", "times ours", "requests")
    return (
        f"## {count} portals of 50 services without drift, {forks} forks\n\nThe empty play took {empty.median:.2f} s.\n\n"
        + table(head, rows)
    )


def scale(found, count):
    """The table of the planner."""
    rows = [
        (
            item["kind"],
            f"{item['plan']:.2f}",
            f"{item['plan_peak']:.0f}",
            f"{item['growth']:.1f}",
            f"{item['report']:.2f}",
            f"{item['report_peak']:.0f}",
        )
        for item in found
    ]
    head = ("", "plan, s", "peak, MB", "times that of half", "with the result, s", "peak, MB")
    note = "\nThe plan comprises checking the entries; the result, all that the task returns. Peaks are Python's own (tracemalloc), in runs of their own.\n"
    return f"## The planner: {count} services present, {count} wanted\n\n" + table(head, rows) + note


def fleets(found):
    """The tables of the playbooks on many portals, each beside one mailservice_set task on the same."""
    few, changed, more, many = (found[what] for what in ("few", "changed", "more", "many"))
    head = ("", "seconds, net", "ms a portal", f"times {SET}", "requests a portal")
    quiet = [_fleet_row(name, few, fleet.FEW) for name in few]
    drifted = [_fleet_row(name, changed, fleet.FEW) for name in changed]
    grown = [
        (
            name,
            f"{case.net / fleet.MORE * 1000:.0f}",
            f"{_growth(found, name):.2f}",
        )
        for name, case in more.items()
    ]
    large = [(name, f"{case.net:.0f}", f"{case.peak:.0f}") for name, case in many.items()]
    return (
        f"## The playbooks on {fleet.FEW} portals of {fleet.SERVICES} services, {fleet.FORKS} forks\n\n"
        "Without drift:\n\n"
        + table(head, quiet)
        + "\nWith two changes in every portal, one of them a removal:\n\n"
        + table(head, drifted)
        + f"\nOn {fleet.MORE} portals without drift, and how that compares with {fleet.FEW}:\n\n"
        + table(("", "ms a portal", f"times that of {fleet.FEW}"), grown)
        + f"\nOn {fleet.MANY} portals without drift; the memory is that of the largest process:\n\n"
        + table(("", "seconds, net", "peak, MB"), large)
    )


def _fleet_row(name, cases, count):
    case = cases[name]
    times = case.net / cases[SET].net
    return (name, f"{case.net:.2f}", f"{case.net / count * 1000:.0f}", f"{times:.1f}", f"{case.requests:g}")


def _growth(found, name):
    return (found["more"][name].net / fleet.MORE) / (found["few"][name].net / fleet.FEW)


def _fleet_goals(found):
    few, changed = found["few"], found["changed"]
    for name in (fleet.PLAN, fleet.RECONCILE, fleet.AUDIT, fleet.EXPORT):
        times = few[name].net / few[SET].net
        yield f"playbook {name}, no drift: times {SET}", "at most 2", f"{times:.1f}", times <= 2
    times = changed[fleet.RECONCILE].net / changed[SET].net
    yield f"playbook reconcile, two changes a portal: times {SET}", "at most 3", f"{times:.1f}", times <= 3
    requests = changed[fleet.RECONCILE].requests - changed[SET].requests
    yield "… requests more a portal", "at most 2", f"{requests:g}", requests <= 2
    grown = max(_growth(found, name) for name in (fleet.PLAN, fleet.RECONCILE, fleet.AUDIT, fleet.EXPORT))
    yield f"a portal of {fleet.MORE} against one of {fleet.FEW}, times", "at most 1.2", f"{grown:.2f}", grown <= 1.2
    peak = max(case.peak for case in found["many"].values())
    yield f"{fleet.MANY} portals, MB", "under 500", f"{peak:.0f}", peak < 500


def goals(found, twenty, scaled, fleets):
    """The table of what was set as a goal."""
    rows = []
    for scenario, goal in GOALS.items():
        cases = found[scenario]
        times = _times(cases, URI_WHEN if URI_WHEN in cases else URI)
        label = f"{scenario[0]} services, {scenario[1]} drifted: times as fast as uri"
        rows.append((label, f"at least {goal}", f"{times:.1f}", _met(times >= goal)))
    cases = found[50, 50]
    requests = f"{cases[SET].requests} against {cases[URI].requests}"
    rows.append(
        ("50 services, 50 drifted: requests against uri", "3 against 51", requests, _met(requests == "3 against 51"))
    )
    spent = twenty[OVER_HTTP].net / TASKS * 1000
    rows.append((f"a task of {OVER_HTTP}, ms", f"at most {GOAL_MS}", f"{spent:.1f}", _met(spent <= GOAL_MS)))
    slowest, highest = max(item["plan"] for item in scaled), max(item["plan_peak"] for item in scaled)
    rows.append(("plan of 5000 × 5000, s", f"under {GOAL_PLAN}", f"{slowest:.2f}", _met(slowest < GOAL_PLAN)))
    rows.append(("plan of 5000 × 5000, MB", f"under {GOAL_PEAK}", f"{highest:.0f}", _met(highest < GOAL_PEAK)))
    rows.extend((label, goal, measured, _met(reached)) for label, goal, measured, reached in _fleet_goals(fleets))
    note = CLEVER.format(*(_times(found[scenario], URI) for scenario in ((50, 0), (200, 0))))
    return "## Goals\n\n" + table(("", "goal", "measured", ""), rows) + note


def _times(cases, peer):
    return cases[peer].net / cases[SET].net


CLEVER = """
The goals are set against a list and a call for each service that differs, found in a loop with `when`, as it is usually written. Against
the cleverer playbook that compares in one template it is {:.1f} times for 50 services without drift and {:.1f} times for 200: there uri
is one task as well, and much of the rest is what Ansible does to load this collection and `requests`, once in a play.
"""


def _met(reached):
    return "met" if reached else "missed"


HERE = "https://github.com/bitrix24/ansible-collection-portal/blob/main/tests/bench"
WHO = f"""\
## Who takes part

- `{SET}`: [one task]({HERE}/playbooks/set.yml).
- `{LOOP}`: [one task for each service]({HERE}/playbooks/loop.yml); each reads the list.
- uri: `ansible.builtin.uri`, a list and then a call for each service that differs: [compared in one template]({HERE}/playbooks/uri.yml),
  which is as good as it gets, and [in a loop with `when`]({HERE}/playbooks/uri_when.yml), as it is usually written. Neither knows check mode,
  finds inactive services, or reads back what the portal stored.
- [a script on `b24pysdk`]({HERE}/sdk_script.py), which sends what differs in batches and does not read back either.
"""
