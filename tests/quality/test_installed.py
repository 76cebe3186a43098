# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The tarball as people install it, into an empty folder, and everything that runs by name run from there."""

from __future__ import annotations

import shutil

import pytest
import yaml

from tests.conftest import ROOT
from tests.demo.state import STATE
from tests.playbooks import ansible_playbook
from tests.quality.checkout import run
from tests.roles.fleet import Fleet, catch_all, service, state
from tests.simulator.server import Simulator

PLAYBOOKS = sorted(path.stem for path in (ROOT / "playbooks").glob("*.yml"))


@pytest.fixture(scope="module")
def installed(checkout, tmp_path_factory):
    """The settings with which Ansible finds the installed collection, and no other."""
    folder = tmp_path_factory.mktemp("installed")
    run("ansible-galaxy", "collection", "build", "--output-path", folder, cwd=checkout)
    (tarball,) = folder.glob("bitrix24-portal-*.tar.gz")
    there = {"ANSIBLE_COLLECTIONS_PATH": str(folder / "collections")}
    install = ("ansible-galaxy", "collection", "install", "--offline", "-p", folder / "collections", tarball)
    run(*install, cwd=checkout, **there)
    assert (folder / "collections" / "ansible_collections" / "bitrix24" / "portal" / "MANIFEST.json").exists()
    return there


def test_the_playbook_of_the_demonstration_runs_twice_the_second_time_without_a_change(installed, tmp_path):
    playbook = tmp_path / "playbook.yml"
    shutil.copy(ROOT / "tests" / "demo" / "playbook.yml", playbook)
    with Simulator() as simulator:
        simulator.state = STATE
        environment = dict(installed, B24_WEBHOOK_URL=simulator.webhook())
        first, second = (ansible_playbook(playbook, env=environment, cwd=tmp_path) for _time in range(2))
    assert (first.returncode, second.returncode) == (0, 0), first.stdout + first.stderr + second.stderr
    assert "changed=5 " in first.stdout and "changed=0 " in second.stdout


def test_a_task_that_is_handed_over_gives_the_same_as_one_in_process(installed, tmp_path):
    read = {"bitrix24.portal.mailservice_info": {}}
    tasks = [
        dict(read, register="here"),
        dict(read, register="module", environment={"X": "1"}),
        {
            "ansible.builtin.assert": {
                "that": ["here.mailservices == module.mailservices", "here.mailservices | length == 7"]
            }
        },
    ]
    playbook = tmp_path / "playbook.yml"
    playbook.write_text(yaml.safe_dump([{"hosts": "localhost", "gather_facts": False, "tasks": tasks}]))
    with Simulator() as simulator:
        simulator.state = STATE
        done = ansible_playbook(playbook, env=dict(installed, B24_WEBHOOK_URL=simulator.webhook()), cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name", PLAYBOOKS)
def test_every_playbook_of_the_collection_runs_by_its_name(name, installed, tmp_path):
    with Simulator(portals=2) as simulator:
        for portal in simulator.portals:
            portal.state = state(catch_all(), service(2, "Old mail"))
        fleet = Fleet(tmp_path, simulator.portals).wants({"name": "Old mail", "port": 993})
        done = fleet.play(name, env=installed)
    assert done.returncode == 0, done.output
    # What asks no portal works once for all.
    assert sorted(done.recap) == (["portal-1"] if name == "validate" else ["portal-1", "portal-2"])
