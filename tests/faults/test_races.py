# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Several runs at the same moment: the portal ends with each service exactly once, and the portal's limits are waited for."""

from __future__ import annotations

import json
from collections import Counter

import pytest
import yaml

from tests.behaviour.portal import service
from tests.faults.racers import Racers
from tests.playbooks import ansible_playbook
from tests.simulator.server import Simulator

FEW = [range(2)]
FIFTY = [pytest.param(range(50), marks=pytest.mark.long)]
FORKS = 8
LIMITS = [
    pytest.param(5, 8, 5, id="5_a_second"),
    pytest.param(2, 50, 12, id="2_a_second_as_documented", marks=pytest.mark.long),
]
START = [service(1, "One", port=143), service(2, "Two", port=143), service(3, "Off", port=143, active=False)]


def desired(active):
    # What holds $…[ is sent in a request of its own, so that the runs' writes come in between each other.
    new = [
        dict(name=name, server="%s.example" % name, port=993, active=active, link=link)
        for name, link in (("a", "https://a/"), ("b", "https://b/$x[y]"), ("c", "https://c/$x[y]"), ("d", "https://d/"))
    ]
    return dict(
        mailservices=new
        + [dict(name="One", port=993), dict(name="Two", active=False), dict(name="Off", port=993, active=True)]
    )


@pytest.fixture(scope="module", params=[2, 8], ids=["two", "eight"])
def racers(request):
    with Racers(request.param) as racers:
        yield racers


@pytest.fixture(scope="module")
def real_time():
    with Simulator() as simulator:
        yield simulator.portals[0]


@pytest.mark.parametrize("rounds", FEW + FIFTY, ids=lambda rounds: "%d_times" % len(rounds))
@pytest.mark.parametrize("active", [True, False], ids=["active", "inactive"])
def test_runs_of_one_set_at_the_same_moment_end_with_each_service_exactly_once(real_time, racers, active, rounds):
    for number in rounds:
        real_time.state = dict(services=START, mailboxes=[], files=[], next_service_id=4)
        task = dict(desired(active), webhook_url=real_time.webhook())
        results = racers.race("mailservice_set", task)
        rows = real_time.state["services"]
        told = "round %d: %s" % (number, [result.get("msg") for result in results])
        assert Counter(row["NAME"] for row in rows) == Counter(["One", "Two", "Off", "a", "b", "c", "d"]), told
        assert [row["ACTIVE"] for row in rows if row["NAME"] in "abcd"] == ["NY"[active]] * 4, told
        assert {row["NAME"]: (row["ACTIVE"], row["PORT"]) for row in rows[:3]} == {
            "One": ("Y", "993"),
            "Two": ("N", "143"),
            "Off": ("Y", "993"),
        }, told
        assert any(not result.get("failed") for result in results), told


@pytest.mark.long
@pytest.mark.parametrize("active", [True, False], ids=["active", "inactive"])
def test_the_same_with_whole_playbooks(tmp_path, real_time, active):
    real_time.state = dict(services=START, mailboxes=[], files=[], next_service_id=4)
    tasks = [
        {
            "name": "All at once",
            "bitrix24.portal.mailservice_set": dict(desired(active), webhook_url=real_time.webhook()),
        }
    ]
    assert play(tmp_path, tasks)[0].returncode in (0, 2)
    assert Counter(row["NAME"] for row in real_time.state["services"]) == Counter(
        ["One", "Two", "Off", "a", "b", "c", "d"]
    )


@pytest.mark.long
@pytest.mark.parametrize("rate, burst, calls", LIMITS)
def test_eight_forks_stay_within_the_portals_limit_and_show_how_long_they_waited(tmp_path, rate, burst, calls):
    with Simulator(rate=rate, burst=burst) as simulator:
        simulator.state = dict(services=START, mailboxes=[], files=[], next_service_id=4)
        info = {"bitrix24.portal.mailservice_info": {"webhook_url": simulator.webhook()}}
        process, apis = play(tmp_path, [dict(info, name="Read", loop=list(range(calls)), register="read")])
        assert process.returncode == 0, process.stdout
        refused = len(simulator.requests) - FORKS * calls
    assert len(apis) == FORKS * calls
    assert sum(api["throttled"] for api in apis) == refused > 0
    assert all(bool(api["waited"]) == bool(api["throttled"]) for api in apis)


def play(folder, tasks):
    """Run the tasks on eight hosts in eight forks: the process, and what each result of a registered loop says of its requests."""
    hosts = {"all": {"hosts": {"host%d" % number: {"ansible_connection": "local"} for number in range(FORKS)}}}
    (folder / "hosts.yml").write_text(yaml.safe_dump(hosts))
    names = [task["register"] for task in tasks if "register" in task]
    save = {
        "name": "Save",
        "ansible.builtin.copy": {
            "dest": "%s/{{ inventory_hostname }}.json" % folder,
            "mode": "0600",
            "content": "{{ %s.results | map(attribute='api') | to_json }}" % "".join(names),
        },
    }
    (folder / "play.yml").write_text(
        yaml.safe_dump([{"hosts": "all", "gather_facts": False, "tasks": tasks + [save] * bool(names)}])
    )
    process = ansible_playbook(folder / "play.yml", "-i", str(folder / "hosts.yml"), "-f", str(FORKS))
    return process, [api for path in folder.glob("host*.json") for api in json.loads(path.read_text())]
