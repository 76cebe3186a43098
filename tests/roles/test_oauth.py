# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Playbooks whose portals are reached by tokens in files that have expired."""

from __future__ import annotations

import json
import re

import pytest
import yaml

from tests.behaviour.authorized import write_tokens
from tests.conftest import ROOT
from tests.playbooks import RUNNERS, ansible_playbook
from tests.roles.fleet import Fleet, catch_all, service, services_of, state
from tests.simulator.oauth import CLIENT_ID, CLIENT_SECRET
from tests.simulator.server import Simulator

FORKS = 8
GUIDE = (ROOT / "docs" / "guide_connect.md").read_text()


@pytest.fixture
def simulator():
    with Simulator(oauth=True, portals=FORKS) as simulator:
        for portal in simulator.portals:
            portal.state = state(catch_all(), service(2, "Old", ACTIVE="Y"))
        yield simulator


def no_token_in(text, simulator):
    return not any(token in text for token in [*simulator.oauth.handed_out, CLIENT_SECRET])


@pytest.mark.parametrize("runner", RUNNERS)
def test_eight_forks_with_one_expired_token_renew_it_once_and_converge(simulator, tmp_path, runner):
    write_tokens(tmp_path / "tokens.json", simulator.oauth.issue(f"{simulator.url}/rest/"))
    simulator.oauth.expire()
    task = {
        "name": "Mail {{ inventory_hostname }}",
        "server": "imap-{{ inventory_hostname }}.example.com",
        "port": 993,
        "link": "https://mail.example.com/",
        "token_file": "{{ playbook_dir }}/tokens.json",
        "client_id": CLIENT_ID,
        "client_secret": "{{ secret }}",
        "inactive_lookahead": 0,
    }
    play = {
        "hosts": "all",
        "gather_facts": False,
        "connection": "local",
        "environment": RUNNERS[runner],
        "vars": {"ansible_python_interpreter": "{{ ansible_playbook_python }}"},
        "tasks": [{"bitrix24.portal.mailservice": task}],
    }
    (tmp_path / "play.yml").write_text(yaml.safe_dump([play]))
    hosts = {f"h{number}": None for number in range(FORKS)}
    (tmp_path / "inventory.yml").write_text(
        yaml.safe_dump({"all": {"hosts": hosts, "vars": {"secret": CLIENT_SECRET}}})
    )

    def run():
        arguments = ["-i", str(tmp_path / "inventory.yml"), "-f", str(FORKS), "-vvvv"]
        done = ansible_playbook(tmp_path / "play.yml", *arguments, cwd=tmp_path)
        assert done.returncode == 0 and no_token_in(done.stdout + done.stderr, simulator), done.stdout + done.stderr
        return done.stdout

    assert len(re.findall("changed=1", run())) == FORKS
    assert simulator.oauth.renewals == 1 == len(simulator.oauth.requests)
    assert len(simulator.state["services"]) == 2 + FORKS
    assert len(re.findall("changed=0", run())) == FORKS and simulator.oauth.renewals == 1


def variables_of_the_guide():
    (block,) = re.findall(r"^```yaml\n# group_vars/all/connection.yml\n(.*?)^```", GUIDE, re.DOTALL | re.MULTILINE)
    return yaml.safe_load(block)


def test_a_fleet_whose_tokens_have_expired_renews_each_once_and_converges(simulator, tmp_path):
    fleet = Fleet(tmp_path, simulator.portals).wants({"name": "New", "server": "imap.example.com", "port": 993})
    fleet.group.update(
        variables_of_the_guide(),
        application_id=CLIENT_ID,
        application_secret=CLIENT_SECRET,
        bitrix24_connection={**variables_of_the_guide()["bitrix24_connection"], "retry_max_wait": 0},
    )
    home = {"HOME": str(tmp_path)}
    (tmp_path / ".portal-tokens").mkdir(mode=0o700)
    for name, portal in fleet.portals.items():
        del fleet.hosts[name]["bitrix24_connection"]
        write_tokens(tmp_path / ".portal-tokens" / f"{name}.json", simulator.oauth.issue(f"{portal.url}/rest/"))
    simulator.oauth.expire()
    run = fleet.play("reconcile", "-f", str(FORKS), env=home)
    assert run.returncode == 0 and len(run.hosts("changed")) == FORKS, run.output
    assert simulator.oauth.renewals == FORKS == len(simulator.oauth.requests)
    assert all("New" in services_of(portal) for portal in fleet.portals.values())
    assert fleet.play("reconcile", env=home).hosts("changed") == [] and simulator.oauth.renewals == FORKS
    written = [path for path in fleet.written() if ".portal-tokens" not in path.parts]
    assert written and all(no_token_in(path.read_text(errors="replace"), simulator) for path in written)
    assert no_token_in(run.output, simulator)


def test_a_token_file_of_another_host_stops_that_host_before_anything_is_sent(simulator, tmp_path):
    fleet = Fleet(tmp_path, simulator.portals[:2]).wants({"name": "New", "server": "imap.example.com", "port": 993})
    tokens = simulator.oauth.issue(f"{simulator.portals[1].url}/rest/")
    write_tokens(tmp_path / "tokens.json", tokens)
    for name in fleet.hosts:
        fleet.hosts[name]["bitrix24_connection"] = {"token_file": str(tmp_path / "tokens.json"), "retry_max_wait": 0}
    run = fleet.play("reconcile")
    assert run.hosts("failed") == ["portal-1"] and "nothing was sent" in run.output, run.output
    assert simulator.portals[0].requests == []
    assert json.loads((tmp_path / "tokens.json").read_text()) == tokens
