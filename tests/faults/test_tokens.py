# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tokens that many processes share and that are renewed while they are killed: no pair is lost, none is sent twice."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time

import pytest
import yaml

from tests.behaviour.authorized import write_tokens
from tests.conftest import COLLECTIONS, ROOT
from tests.playbooks import ANSIBLE_PLAYBOOK, clean_environment
from tests.simulator.oauth import CLIENT_ID, CLIENT_SECRET
from tests.simulator.server import Simulator

PROCESSES = 8
LATEST = 0.05
"""Seconds after the answer was made: by then it is on the disk for long."""


@pytest.fixture
def simulator():
    with Simulator(oauth=True) as simulator:
        yield simulator


@pytest.fixture
def options(simulator, tmp_path):
    """The connection of all processes; the access token has expired."""
    path = write_tokens(tmp_path / "tokens.json", simulator.oauth.issue(f"{simulator.url}/rest/", lifetime=0))
    return dict(token_file=str(path), client_id=CLIENT_ID, client_secret=CLIENT_SECRET)


def start_process(options, seconds):
    environment = clean_environment(PYTHONPATH=os.pathsep.join([str(COLLECTIONS), str(ROOT)]))
    return subprocess.Popen(
        [sys.executable, "-m", "tests.faults.renewing", json.dumps(options), str(seconds)],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def start_playbook(options, _seconds):
    playbook = ROOT.joinpath(os.path.dirname(options["token_file"]), "play.yml")
    wait = {"ansible.builtin.pause": {"seconds": 30}}
    tasks = [{"bitrix24.portal.mailservice_info": options}, wait]
    playbook.write_text(yaml.safe_dump([{"hosts": "localhost", "gather_facts": False, "tasks": tasks}]))
    return subprocess.Popen(
        [str(ANSIBLE_PLAYBOOK), str(playbook)],
        env=clean_environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def stored(options):
    with open(options["token_file"]) as file:
        return json.load(file)


def wait_for_the_lock(path, seconds=30):
    end = time.monotonic() + seconds
    with open(path + ".lock") as lock:
        while True:
            try:
                return fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                assert time.monotonic() < end, "the lock stays taken"
            time.sleep(0.01)


def kill_after_the_answer(simulator, options, start, delay):
    """Kill the whole run so many seconds after the answer was made; whether the pair was on the disk by then."""
    simulator.oauth.expire()
    early, dead = [], threading.Event()

    def kill(refresh_token):
        early.append(stored(options)["refresh_token"] == refresh_token)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        dead.set()

    def answered(pair):
        threading.Timer(delay, kill, [pair["refresh_token"]]).start()
        return pair

    simulator.oauth.alter = answered
    process = start(options, 60)
    try:
        assert dead.wait(60), "it has not renewed its tokens"
        assert process.wait(30) == -signal.SIGKILL
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        if process.stdout:
            process.stdout.close()
    wait_for_the_lock(options["token_file"])
    return early[0]


@pytest.mark.parametrize(
    "start, moments",
    [
        pytest.param(start_process, 10, id="10 moments"),
        pytest.param(start_playbook, 2, id="2 moments of a playbook"),
        pytest.param(start_process, 100, id="100 moments", marks=pytest.mark.long),
        pytest.param(start_playbook, 30, id="30 moments of a playbook", marks=pytest.mark.long),
    ],
)
def test_no_pair_is_lost_where_a_run_is_killed_after_the_answer(simulator, options, start, moments):
    drawn = random.Random(moments)
    before = []
    for moment in range(moments):
        # Half of them close to the answer, where it is not on the disk yet.
        delay = drawn.uniform(0, LATEST) if moment % 2 else drawn.uniform(0, 0.002)
        on_disk = kill_after_the_answer(simulator, options, start, delay)
        before.append(not on_disk)
        assert simulator.oauth.knows(stored(options)["refresh_token"]), f"lost at moment {moment} ({delay} s)"
        assert simulator.oauth.renewals == moment + 1 and simulator.oauth.spent_ones_sent == 0
    assert any(before), "each of these came too late to prove anything"
    left = {entry for entry in os.listdir(os.path.dirname(options["token_file"])) if entry.endswith(".tmp")}
    assert left == set()


@pytest.mark.parametrize(
    "seconds, lifetime",
    [
        pytest.param(5, 0.5, id="5 seconds"),
        pytest.param(60, 1, id="60 seconds", marks=pytest.mark.long),
    ],
)
def test_processes_whose_tokens_hardly_live_never_send_a_spent_refresh_token(simulator, options, seconds, lifetime):
    simulator.oauth.lifetime = lifetime
    processes = [start_process(options, seconds) for _process in range(PROCESSES)]
    codes = [json.loads(process.communicate(timeout=seconds + 120)[0]) for process in processes]
    assert all(process.returncode == 0 for process in processes)
    assert simulator.oauth.spent_ones_sent == 0 and simulator.oauth.renewals == len(simulator.oauth.requests)
    assert simulator.oauth.renewals >= seconds / lifetime / 4
    assert all(found["answered"] > 0 for found in codes), codes
    assert {code for found in codes for code in found} <= {"answered", "expired_token"}, codes
    assert simulator.oauth.knows(stored(options)["refresh_token"])
