# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A playbook that ends in mid-task: what was written is in the journal, and nobody goes on writing."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time

import pytest
import yaml

from tests.behaviour.portal import service
from tests.playbooks import ANSIBLE_PLAYBOOK, clean_environment
from tests.simulator.server import Simulator

COUNT = 200


@pytest.fixture
def simulator():
    with Simulator() as simulator:
        rows = [service(at, "S%03d" % at, port=1) for at in range(1, COUNT + 1)]
        simulator.state = dict(services=rows, mailboxes=[], files=[], next_service_id=COUNT + 1)
        simulator.faults = [{"kind": "delay", "seconds": 1, "method": "batch", "times": 0}]
        yield simulator


@pytest.fixture
def start(simulator, tmp_path):
    """Starts the playbook that changes all services, four requests of a second each."""
    task = {
        "mailservices": [{"id": at, "port": 2} for at in range(1, COUNT + 1)],
        "webhook_url": simulator.webhook(),
        "journal": str(tmp_path / "journal.jsonl"),
    }
    playbook = tmp_path / "playbook.yml"

    def run(**environment):
        play = {"hosts": "localhost", "gather_facts": False}
        playbook.write_text(yaml.safe_dump([dict(play, tasks=[{"bitrix24.portal.mailservice_set": task}])]))
        return subprocess.Popen(
            [str(ANSIBLE_PLAYBOOK), str(playbook)],
            env=clean_environment(**environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    return run


def batches(simulator):
    return sum(request["path"].endswith("/batch") for request in simulator.requests)


def written(simulator):
    return {int(row["ID"]) for row in simulator.state["services"] if str(row["PORT"]) == "2"}


def lines(tmp_path, event):
    found = [json.loads(line) for line in (tmp_path / "journal.jsonl").read_text().splitlines()]
    return [line for line in found if line["event"] == event]


def test_where_the_playbook_is_killed_its_fork_sends_nothing_more(simulator, start, tmp_path):
    process = start()
    while batches(simulator) < 1:
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGKILL)
    process.wait(30)
    process.stdout.close()
    time.sleep(3.5)
    assert batches(simulator) == 1, "the one that was under way"
    assert len(lines(tmp_path, "intent")) == COUNT and len(written(simulator)) == 50
    assert {line["before"]["id"] for line in lines(tmp_path, "outcome") if line["status"] == "done"} <= written(
        simulator
    )


def test_where_the_tasks_time_is_over_its_outcomes_are_in_the_journal(simulator, start, tmp_path):
    process = start(ANSIBLE_TASK_TIMEOUT="3")
    output = process.communicate(timeout=60)[0]
    assert process.returncode == 2 and "timeout" in output.lower(), output
    told = {line["before"]["id"]: line["status"] for line in lines(tmp_path, "outcome")}
    assert written(simulator) <= {at for at, status in told.items() if status in ("done", "unknown")}
    assert len(told) == COUNT and set(told.values()) == {"done", "unknown", "not_tried"}
