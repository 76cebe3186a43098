# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Through ansible-navigator on a terminal, without containers, from a folder with no inventory and no playbook."""

from __future__ import annotations

import json
import pathlib
import subprocess
import sys

import pytest
import yaml

from tests.faults.leaks import leaks, leaks_in
from tests.playbooks import clean_environment
from tests.roles.fleet import Fleet, catch_all, service, services_of, state
from tests.simulator.server import Simulator

NAVIGATOR = pathlib.Path(sys.executable).with_name("ansible-navigator")


@pytest.mark.parametrize("playbook, returncode", [("plan", 0), ("reconcile", 0), ("audit", 2)])
def test_a_playbook_does_its_work_and_neither_its_artifact_nor_its_log_holds_a_secret(tmp_path, playbook, returncode):
    with Simulator(portals=2) as simulator:
        for portal in simulator.portals:
            portal.state = state(catch_all(), service(2, "Company"))
        fleet = Fleet(tmp_path / "inventory", simulator.portals).wants({"name": "New", "server": "imap.example.com"})
        fleet.folder.mkdir()
        (fleet.folder / "hosts.yml").write_text(
            yaml.safe_dump({"portals": {"hosts": fleet.hosts, "vars": fleet.group}})
        )
        here = tmp_path / "here"
        here.mkdir()
        done = subprocess.run(
            [str(NAVIGATOR), "run", f"bitrix24.portal.{playbook}", "-vvv"]
            + ["--mode", "stdout", "--execution-environment", "false", "-i", str(fleet.folder / "hosts.yml")]
            + ["--playbook-artifact-enable", "true", "--playbook-artifact-save-as", str(here / "artifact.json")]
            + ["--log-level", "debug", "--log-append", "false", "--log-file", str(here / "navigator.log")],
            env=clean_environment(),
            cwd=here,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert done.returncode == returncode, done.stdout + done.stderr
        changed = [name for name, portal in fleet.portals.items() if "New" in services_of(portal)]
        assert changed == (sorted(fleet.portals) if playbook == "reconcile" else [])
        artifact = json.loads((here / "artifact.json").read_text())
        assert {task["__host"] for play in artifact["plays"] for task in play["tasks"]} >= set(fleet.hosts)
        assert (here / "navigator.log").stat().st_size and leaks_in(here) == {}
        assert leaks(done.stdout + done.stderr) == [] and leaks_in(fleet.folder)
