# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""2,000 names that try to be code, from a portal through export, inventory, plan, audit, reconcile and restore: unaltered, and never evaluated."""

from __future__ import annotations

import json
import subprocess
from collections import Counter

import pytest

from tests.playbooks import ANSIBLE_PLAYBOOK, ansible_playbook, clean_environment
from tests.roles.fleet import Fleet, service, state
from tests.roles.hostile_names import LOOKUP, PLUGIN, hostile_names
from tests.simulator.server import Simulator

HOST = "portal-1"
NAMES = hostile_names(2000)


class NamedFleet:
    """A portal with a service of each name, and the collection's playbooks run on it with a look-up plugin that counts its calls."""

    def __init__(self, folder, portal):
        self.folder, self.portal = folder, portal
        self.fleet = Fleet(folder, [portal])
        self.calls = folder / "calls"
        plugins = folder / "lookup_plugins"
        plugins.mkdir()
        (plugins / (PLUGIN + ".py")).write_text(LOOKUP)
        self.environment = {"ANSIBLE_LOOKUP_PLUGINS": str(plugins), "COUNTED_CALLS": str(self.calls)}

    def play(self, playbook, *arguments):
        run = self.fleet.play(playbook, *arguments, env=self.environment)
        assert run.returncode == 0, run.output[-5000:]
        return run

    def changes_ports(self):
        rows = self.portal.state
        for row in rows["services"]:
            row["PORT"] = "143"
        self.portal.state = rows

    def names(self):
        return Counter(row["NAME"] for row in self.portal.state["services"])

    def active_names(self):
        return Counter(row["NAME"] for row in self.portal.state["services"] if row["ACTIVE"] == "Y")


@pytest.fixture(scope="module")
def named(tmp_path_factory):
    with Simulator() as simulator:
        portal = simulator.portals[0]
        portal.state = state(*(service(number, name) for number, name in enumerate(NAMES, 1)))
        named = NamedFleet(tmp_path_factory.mktemp("named"), portal)
        named.play("export", "-e", "mailservice_export_inactive_lookahead=0")
        yield named


@pytest.fixture(autouse=True)
def nothing_is_evaluated(named):
    yield
    assert not named.calls.exists(), f"{len(named.calls.read_text().splitlines())} templates were evaluated"


def test_the_inventory_reads_the_names_that_were_exported(named):
    command = [
        str(ANSIBLE_PLAYBOOK.with_name("ansible-inventory")),
        "-i",
        str(named.folder / "inventory.yml"),
        "--host",
        HOST,
    ]
    environment = clean_environment(**named.environment)
    done = subprocess.run(
        command, cwd=named.folder, env=environment, capture_output=True, text=True, timeout=120, check=True
    )
    wanted = json.loads(done.stdout)["mailservices_wanted"]
    assert Counter(_text(entry["name"]) for entry in wanted) == Counter(NAMES)


def _text(value):
    return value["__ansible_unsafe"] if isinstance(value, dict) else value


def test_the_plan_finds_every_name_as_it_is_wanted(named):
    named.play("plan")
    plan = named.fleet.artifact()["portals"][HOST]["plan"]
    assert Counter(entry["name"] for entry in plan["unchanged"]) == Counter(NAMES)
    assert [plan[action] for action in plan if action != "unchanged"] == [[], [], [], []]


def test_the_audit_reports_every_name_as_it_is(named):
    named.play("audit", "-e", "mailservice_audit_inactive_lookahead=0")
    named.play("audit", "-e", "mailservice_audit_inactive_lookahead=0")
    report = json.loads((named.folder / "mailservice_audit" / "audit.json").read_text())
    services = report["portals"][0]["services"]
    assert Counter(entry["name"] for entry in services) == Counter(NAMES) and not report["failed"]


def test_reconcile_and_restore_bring_back_what_was_changed_and_taken_away(named):
    named.changes_ports()
    named.play("reconcile")
    assert {row["PORT"] for row in named.portal.state["services"]} == {"993"} and named.names() == Counter(NAMES)
    last = len(NAMES)
    removed = [{"id": number, "state": "absent"} for number in range(1, last)] + [{"id": last, "active": False}]
    named.play("reconcile", "-e", json.dumps({"mailservices_wanted": removed, "mailservices_max_removals": -1}))
    assert not named.active_names() and named.names() == Counter(NAMES[-1:])
    (before,) = (named.fleet.output / "before").iterdir()
    named.play("reconcile", "-e", f"@{before}")
    assert named.active_names() == named.names() == Counter(NAMES)


def test_the_counting_plugin_counts_where_a_template_is_evaluated(named, tmp_path):
    playbook = tmp_path / "control.yml"
    playbook.write_text(
        f"- hosts: localhost\n  gather_facts: false\n  tasks:\n    - debug:\n        msg: \"{{{{ lookup('{PLUGIN}') }}}}\"\n"
    )
    calls = tmp_path / "calls"
    done = ansible_playbook(playbook, env=dict(named.environment, COUNTED_CALLS=str(calls)), cwd=tmp_path)
    assert "executed" in done.stdout and len(calls.read_text().splitlines()) == 1, done.stdout + done.stderr
