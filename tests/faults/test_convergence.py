# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever goes wrong: nothing is lost, nothing is doubled, a failure names what is undone, and the next undisturbed run finishes."""

from __future__ import annotations

import re
import time
from collections import Counter

import pytest

from tests.faults.stories import Story, undone
from tests.playbooks import run_tasks
from tests.simulator.server import Simulator

SHORT, LONG, SEEDS_A_TEST = 100, 1000, 25


def batches(first, last):
    return [range(start, start + SEEDS_A_TEST) for start in range(first, last, SEEDS_A_TEST)]


@pytest.mark.parametrize("seeds", batches(0, SHORT), ids=str)
def test_every_run_ends_as_wanted_or_names_what_is_undone_and_the_next_one_finishes(portal, seeds):
    for seed in seeds:
        converges(portal, seed)


@pytest.mark.long
@pytest.mark.parametrize("seeds", batches(SHORT, LONG), ids=str)
def test_every_one_of_a_thousand_runs_ends_as_wanted_or_names_what_is_undone_and_the_next_one_finishes(portal, seeds):
    for seed in seeds:
        converges(portal, seed)


def converges(portal, seed):
    story = Story(seed)
    portal.has(*story.rows, next_id=21)
    before = portal.rows
    run(portal, story, check_mode=True)
    portal.seeded(seed).misbehaves(*story.faults(portal.requests.count("batch")))
    first = run(portal, story)
    portal.pass_time(10**6)
    portal.misbehaves()
    told = "seed %d: %s" % (seed, first.get("msg"))
    check_first_run(story, first, before, portal.rows, told)
    if not any(fault.get("commit") == "after" for fault in story.faults(0)):
        # What a portal does after the task has ended no task can say.
        check_what_is_said(first, before, portal.rows, told)
    second = run(portal, story)
    copies = re.findall(r"{id: ([0-9]+), state: absent}", second.get("msg", ""))
    if copies:
        assert doubled(portal.rows), told
        story.task["mailservices"].extend({"id": int(copy), "state": "absent"} for copy in copies)
        second = run(portal, story)
    assert not second.get("failed"), "seed %d, undisturbed: %s" % (seed, second.get("msg"))
    assert undone(story, portal.rows) == set(), "seed %d" % seed
    assert first.get("failed") or not second["changed"], "seed %d: the first run said that all was done" % seed
    if second["changed"]:
        third = run(portal, story)
        assert not third.get("failed") and not third["changed"], "seed %d does not come to rest" % seed


@pytest.mark.long
@pytest.mark.parametrize("seed", range(LONG, LONG + 20))
def test_twenty_stories_told_by_whole_playbooks_end_as_wanted_too(tmp_path, seed):
    story = Story(seed)
    with Simulator() as simulator:
        simulator.state = dict(services=story.rows, mailboxes=[], files=[], next_service_id=21)
        before = rows_of(simulator)
        task = {
            "bitrix24.portal.mailservice_set": dict(
                story.task, webhook_url=simulator.webhook(), timeout=2, retry_max_wait=10
            )
        }
        play = dict(environment={"RUNNER": "module"} if seed % 2 else {})
        simulator.faults = [dict(fault, seconds=3) if fault["kind"] == "delay" else fault for fault in story.faults(0)]
        first = run_tasks(tmp_path, {"first": task}, **play).results["first"]
        time.sleep(3 if any(fault["kind"] == "delay" for fault in simulator.faults) else 0)
        simulator.faults = []
        check_first_run(story, first, before, rows_of(simulator), "seed %d: %s" % (seed, first.get("msg")))
        rest = run_tasks(tmp_path, {"second": task, "third": task}, **play).results
        assert not rest["second"].get("failed") and undone(story, rows_of(simulator)) == set(), rest["second"].get(
            "msg"
        )
        assert not rest["third"].get("failed") and not rest["third"]["changed"]


def rows_of(simulator):
    columns = ("NAME", "ACTIVE", "SERVER", "PORT", "ENCRYPTION", "LINK", "SORT")
    return {int(row["ID"]): {column: row[column] for column in columns} for row in simulator.state["services"]}


def run(portal, story, check_mode=False):
    result = portal.run_anyhow("mailservice_set", check_mode, **story.task)
    assert "fault of the collection" not in result.get("msg", ""), result["msg"]
    return result


def check_first_run(story, result, before, rows, told):
    open_names = undone(story, rows)
    named = {entry["name"] for entry in result.get("results", ()) if entry["failed"]}
    unread = bool(result.get("failed")) and "could not be read back" in result["msg"]
    silent = [name for name in doubled(rows) if not unread and name not in named]
    assert not silent, "%s: %s twice" % (told, silent)
    lost = [name for name, service_id in story.kept.items() if service_id not in rows]
    assert not lost, "%s: %s is gone" % (told, lost)
    if not result.get("failed"):
        assert not open_names, "%s: %s is not as wanted" % (told, open_names)
    elif "results" not in result:
        assert rows == before and not result.get("changed"), (
            "%s: something was written, and nothing of it is told" % told
        )
    elif open_names and not unread:
        named = set(entry["name"] for entry in result["results"] if entry["failed"] or entry["skipped"])
        earlier = {
            after: entry["previous_names"][0]
            for entry in story.task["mailservices"]
            for after in [entry.get("name")]
            if entry.get("previous_names")
        }
        missing = [
            name
            for name in open_names
            if name not in named and earlier.get(name) not in named and not renamed_to(name, rows, story, named)
        ]
        assert not missing, "%s: %s is undone and not named" % (told, missing)


def check_what_is_said(result, before, rows, told):
    """Of each entry: what is said to be done, unchanged or skipped, the portal's rows bear out."""
    for entry in result.get("results", ()):
        assert not (entry["changed"] and entry["skipped"]), "%s: %s changed and skipped" % (told, entry)
        service_id, action = entry["id"], entry["action"]
        if entry["changed"] and (entry["failed"] or result["mailservices"] is None):
            continue
        if action == "create":
            there = [at for at, row in rows.items() if row["NAME"] == entry["name"] and at not in before]
            assert there == ([service_id] if entry["changed"] else []), "%s: %s, %s" % (told, entry, there)
        elif service_id in before and not (action == "delete" and entry["changed"]):
            same = rows.get(service_id) == before[service_id]
            assert same is not entry["changed"], "%s: %s" % (told, entry)
        elif service_id is not None:
            assert service_id not in rows, "%s: %s" % (told, entry)


def doubled(rows):
    return [name for name, count in Counter(row["NAME"] for row in rows.values()).items() if count > 1]


def renamed_to(name, rows, story, named):
    """Whether this is the old name of a service whose renaming is named as undone."""
    service_id = next((service_id for service_id, row in rows.items() if row["NAME"] == name), None)
    return any(service_id == kept and new in named for new, kept in story.kept.items())
