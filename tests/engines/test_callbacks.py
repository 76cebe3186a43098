# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbooks beside callbacks that write files or print otherwise, with the inventory on a folder of its own."""

from __future__ import annotations

import pytest
import yaml

from tests.faults.leaks import leaks_in
from tests.roles.fleet import Fleet, catch_all, service, services_of, state
from tests.simulator.server import Simulator


@pytest.mark.parametrize("stdout", ["default", "minimal", pytest.param("oneline", marks=pytest.mark.long)])
def test_the_playbooks_do_their_work_and_no_file_of_a_callback_holds_a_secret(tmp_path, stdout):
    with Simulator(portals=2) as simulator:
        for portal in simulator.portals:
            portal.state = state(catch_all(), service(2, "Company"))
        fleet = Fleet(tmp_path / "here", simulator.portals).wants(
            {"name": "Company"}, {"name": "New", "server": "imap.example.com"}
        )
        elsewhere = tmp_path / "elsewhere" / "hosts.yml"
        for folder in (fleet.folder, elsewhere.parent, tmp_path / "told"):
            folder.mkdir()
        elsewhere.write_text(yaml.safe_dump({"portals": {"hosts": fleet.hosts, "vars": fleet.group}}))
        callbacks = {
            "ANSIBLE_STDOUT_CALLBACK": stdout,
            "ANSIBLE_CALLBACKS_ENABLED": "ansible.builtin.junit,ansible.builtin.tree",
            "JUNIT_OUTPUT_DIR": str(tmp_path / "told" / "junit"),
            "ANSIBLE_CALLBACK_TREE_DIR": str(tmp_path / "told" / "tree"),
        }
        for playbook in ("plan", "reconcile", "audit"):
            run = fleet.play(playbook, "-vvv", inventory=elsewhere, env=callbacks)
            of_ours = [
                line
                for line in run.warnings
                if "callback plugin is deprecated" not in line and "can be disabled" not in line
            ]
            assert run.returncode == 0 and of_ours == [], run.output
        assert all("New" in services_of(portal) for portal in simulator.portals)
        told = {path.parent.name for path in (tmp_path / "told").rglob("*") if path.is_file()}
        assert told == {"junit", "tree"} and leaks_in(tmp_path / "told") == {} and leaks_in(fleet.folder) == {}
        assert (fleet.output / "journal.jsonl").exists() and (
            fleet.folder / "mailservice_audit" / "audit.json"
        ).exists()
