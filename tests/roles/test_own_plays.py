# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The roles in plays of anybody's own: under a condition, in a loop, with other strategies."""

from __future__ import annotations

import pytest
import yaml

from tests.roles.fleet import Fleet, catch_all, service, services_of, state
from tests.simulator.server import Simulator

ROLES = ["mailservices", "mailservice_audit"]
WITHOUT_THE_FIRST = "inventory_hostname != 'portal-1'"


@pytest.fixture
def fleet(tmp_path):
    with Simulator(portals=3) as simulator:
        for portal in simulator.portals:
            portal.state = state(catch_all(), service(2, "Company"))
        yield Fleet(tmp_path, simulator.portals).wants({"name": "Company", "port": 143}, {"name": "Other"})


def play(fleet, *tasks, arguments=(), **keywords):
    book = fleet.folder / "own.yml"
    head = {
        "hosts": "portals",
        "connection": "local",
        "gather_facts": False,
        "module_defaults": {"group/bitrix24.portal.all": "{{ bitrix24_connection }}"},
    }
    book.write_text(yaml.safe_dump([{**head, **keywords, **({"tasks": list(tasks)} if tasks else {})}]))
    return fleet.play(str(book), *arguments)


def ports(fleet):
    return [services_of(portal)["Company"][2] for portal in fleet.portals.values()]


WAYS = {
    "roles": lambda role: {"roles": [{"role": f"bitrix24.portal.{role}", "when": WITHOUT_THE_FIRST}]},
    "import_role": lambda role: {
        "tasks": [{"ansible.builtin.import_role": {"name": f"bitrix24.portal.{role}"}, "when": WITHOUT_THE_FIRST}]
    },
    "include_role": lambda role: {
        "tasks": [{"ansible.builtin.include_role": {"name": f"bitrix24.portal.{role}"}, "when": WITHOUT_THE_FIRST}]
    },
}


@pytest.mark.parametrize("way", WAYS)
def test_a_condition_that_leaves_the_first_host_out_leaves_no_other_out(fleet, way):
    run = play(fleet, **WAYS[way]("mailservices"))
    assert run.returncode == 0 and ports(fleet) == ["993", "143", "143"], run.output
    assert [len(portal.requests) for portal in fleet.portals.values()] == [0, 4, 4], (
        "twice the list, once the inactive ones, a write"
    )
    assert "2 changed, 0 switched off, 0 DELETED on 2 of 3 portals; 1 " in run.stdout
    audit = play(fleet, **WAYS[way]("mailservice_audit"))
    assert audit.returncode == 0 and "needs attention" in audit.stdout and not audit.hosts("failed"), audit.output


def test_a_condition_that_leaves_the_first_host_out_lets_another_stop(fleet):
    fleet.hosts["portal-2"]["mailservices_baseline"] = [{"id": 9}]
    run = play(fleet, **WAYS["import_role"]("mailservices"))
    assert run.hosts("failed") == ["portal-2"] and ports(fleet) == ["993", "993", "143"], run.output


def test_a_role_in_a_loop_leaves_the_callers_item_alone(fleet):
    run = play(
        fleet,
        {
            "ansible.builtin.include_role": {"name": "bitrix24.portal.mailservices"},
            "loop": [143, 995],
            "vars": {"mailservices_wanted": [{"name": "Company", "port": "{{ item }}"}]},
        },
    )
    assert run.returncode == 0 and run.warnings == [] and ports(fleet) == ["995"] * 3, run.output


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("strategy", ["free", "host_pinned"])
def test_a_strategy_that_cannot_run_a_task_once_is_refused_before_anything_is_sent(fleet, role, strategy):
    run = play(fleet, strategy=strategy, roles=[{"role": f"bitrix24.portal.{role}"}])
    assert run.returncode != 0 and not any(portal.requests for portal in fleet.portals.values()), run.output
    (line,) = {line for line in run.output.splitlines() if "bypasses the host loop" in line}
    assert "not supported in the" in line and "Traceback" not in run.output
