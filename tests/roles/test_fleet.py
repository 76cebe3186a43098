# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Many portals at once, some of them in trouble."""

from __future__ import annotations

import pytest

from tests.roles.fleet import Fleet, catch_all, service, services_of, state
from tests.simulator.server import Simulator

DOWN, WRONG, THROTTLED = "portal-1", "portal-4", "portal-5"


def trouble(fleet):
    """One portal is down, one has got a wrong secret, one answers no more than that it is asked too much."""
    fleet.portals[DOWN].faults = [{"method": "*", "kind": "reset", "times": 0}]
    connection = fleet.hosts[WRONG]["bitrix24_connection"]
    connection["webhook_url"] = connection["webhook_url"].replace("adminsecret00001", "wrongsecret00009")
    fleet.portals[THROTTLED].faults = [{"method": "*", "kind": "query_limit", "times": 0}]


def said_of(host, run):
    """What the task Stop said of a host."""
    stop = run.stdout.partition(" : Stop] ")[2]
    return next(line for line in stop.splitlines() if line.startswith("fatal: [%s]" % host))


@pytest.mark.parametrize("count", [6, pytest.param(100, marks=pytest.mark.long)])
def test_portals_in_trouble_are_told_by_name_and_do_not_stop_the_others(tmp_path, count):
    with Simulator(portals=count) as simulator:
        for portal in simulator.portals:
            portal.state = state(catch_all(), service(2, "Company"), service(3, "Old"))
        fleet = Fleet(tmp_path, simulator.portals).wants({"name": "Company", "port": 143}, {"name": "Old"})
        trouble(fleet)
        troubled = {DOWN, WRONG, THROTTLED}
        run = fleet.play("reconcile", "--forks", "10")
        assert set(run.hosts("failed")) == troubled and set(run.hosts("changed")) == set(fleet.hosts) - troubled, (
            run.output
        )
        assert "INVALID_CREDENTIALS" in said_of(WRONG, run) and "QUERY_LIMIT_EXCEEDED" in said_of(THROTTLED, run)
        assert fleet.hosts[DOWN]["bitrix24_expected_host"] in said_of(DOWN, run)
        assert {name: services_of(portal)["Company"][2] for name, portal in fleet.portals.items()} == {
            name: "993" if name in troubled else "143" for name in fleet.portals
        }
        assert len(fleet.journal()) == count - 3

        for portal in simulator.portals:
            portal.clear_requests()
        run = fleet.play("plan", "--forks", "10")
        assert set(run.hosts("failed")) == troubled and not set(run.hosts("changed")) & troubled
        assert {len(portal.requests) for name, portal in fleet.portals.items() if name not in troubled} == {1}
        errors = {name: entry["error"] for name, entry in fleet.artifact()["portals"].items() if entry["error"]}
        assert set(errors) == troubled and len(fleet.artifact()["portals"]) == count


OTHERS = {
    "ansible_connection": "ssh",
    "ansible_host": "192.0.2.1",
    "ansible_user": "nobody",
    "ansible_become": True,
    "ansible_become_method": "ansible.builtin.sudo",
    "ansible_become_password": "{{ lookup('ansible.builtin.file', '/no/such/file') }}",
    "ansible_password": "{{ lookup('ansible.builtin.file', '/no/such/file') }}",
    "ansible_ssh_pass": "{{ lookup('ansible.builtin.file', '/no/such/file') }}",
    "ansible_become_pass": "{{ lookup('ansible.builtin.file', '/no/such/file') }}",
    "ansible_python_interpreter": "/no/such/python",
    "ansible_shell_executable": "/no/such/shell",
    "ansible_shell_type": "powershell",
}
"""What inventories say of hosts that other playbooks reach by SSH."""


@pytest.mark.parametrize("playbook", ["plan", "reconcile", "audit", "export"])
def test_the_playbooks_ask_the_portals_themselves_whatever_an_inventory_says_of_its_hosts(tmp_path, playbook):
    with Simulator(portals=2) as simulator:
        for portal in simulator.portals:
            portal.state = state(catch_all(), service(2, "Company"))
        fleet = Fleet(tmp_path, simulator.portals).wants({"name": "Company"}, {"name": "Other"}, **OTHERS)
        run = fleet.play(playbook)
        assert run.returncode == 0 and run.warnings == [], run.output
        assert all(portal.requests for portal in simulator.portals)
