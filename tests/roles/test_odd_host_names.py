# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hosts of the inventory whose names are paths."""

from __future__ import annotations

import pytest

from tests.roles.fleet import Fleet, catch_all, service, state
from tests.simulator.server import Simulator

NAMES = ["emea/north", "../../x"]


@pytest.fixture
def fleet(tmp_path):
    folder = tmp_path / "deep" / "deeper" / "repository"
    folder.mkdir(parents=True)
    with Simulator(portals=2) as simulator:
        for portal in simulator.portals:
            portal.state = state(catch_all(), service(2, "Old"))
        yield Fleet(folder, simulator.portals, NAMES)


def files(fleet, root):
    """What was written anywhere, by its path in the folder in which Ansible was started."""
    paths = [path for path in root.rglob("*") if path.is_file() and path.name != "inventory.yml"]
    return sorted(str(path.relative_to(fleet.folder)) for path in paths)


def test_each_state_before_lies_in_its_folder_and_says_whose_it_is(fleet, tmp_path):
    fleet.wants({"name": "Old", "state": "absent"}, mailservices_allow_empty=True).reconciled()
    states = [name for name in files(fleet, tmp_path) if "before" in name]
    assert [name.partition("-")[0] for name in states] == ["mailservices/before/emea_north", "mailservices/before/x"]
    assert {line["inventory_hostname"] for line in fleet.journal()} == set(NAMES)


def test_an_export_stays_in_its_folder_and_says_what_ansible_does_not_find(fleet, tmp_path):
    run = fleet.play("export")
    assert run.returncode == 0 and run.warnings == [], run.output
    north, elsewhere = sorted(files(fleet, tmp_path), key=len, reverse=True)
    assert north == "host_vars/emea/north.yml" and elsewhere.startswith("host_vars/x-")
    assert "Ansible looks for no file of '../../x'" in run.stdout
    plan = fleet.play("plan", "--limit", "emea/north")
    assert plan.returncode == 0 and "nothing to do on 1 portal: emea/north" in plan.stdout, plan.output
