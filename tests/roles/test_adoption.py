# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The guide "Adopt an existing portal": its commands, in their order, on a portal that has been in use."""

from __future__ import annotations

import re
import urllib.parse

import pytest

from tests.conftest import ROOT
from tests.playbooks import shell
from tests.roles.fleet import catch_all, service, services_of, state
from tests.simulator.server import Simulator

HOST = "portal.example.com"


def commands():
    guide = (ROOT / "docs" / "guide_adopt.md").read_text()
    for block in re.findall(r"^```console\n(.*?)^```", guide, re.DOTALL | re.MULTILINE):
        yield from re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]


def test_the_guide_says_how_a_restored_state_stays():
    guide = (ROOT / "docs" / "guide_adopt.md").read_text()
    assert "revert the commit" in guide.partition("## Break-glass")[2]


@pytest.fixture
def portal():
    with Simulator() as simulator:
        simulator.state = state(catch_all(), service(2, "Company"), service(3, "{{ odd }}", "N"), service(4, "Old"))
        yield simulator.portals[0]


@pytest.mark.long
def test_the_guide_takes_a_portal_under_management_and_back(portal, tmp_path):
    (tmp_path / "password").write_text("vault\n")
    services = tmp_path / "inventory" / "host_vars" / HOST / "mailservices.yml"
    before = portal.state

    def run(command, stdin=""):
        command = command.replace("--ask-vault-pass ", "")
        # No mail server of the simulated portal is there.
        command = command.replace("ansible-playbook ", "ansible-playbook -e mailservices_verify=none ")
        command = re.sub(
            r"(ansible-playbook (?!.*-e @))",
            r"\1-e bitrix24_expected_host=%s " % urllib.parse.urlsplit(portal.url).netloc,
            command,
        )
        done = shell(command, tmp_path, stdin, ANSIBLE_VAULT_PASSWORD_FILE=str(tmp_path / "password"))
        assert done.returncode == 0 and "WARNING" not in done.stderr, command + done.stdout + done.stderr
        assert "adminsecret00001" not in done.stdout + done.stderr
        return done.stdout

    folder, hosts, connection, export, plan, plan_again, approved, restore = commands()
    for command in (folder, hosts):
        run(command)
    run(connection, stdin=portal.webhook() + "\n")
    run(export)
    assert '!unsafe "{{ odd }}"' in services.read_text()
    command, told = plan.split("\n", 1)
    assert told.strip() in run(command)
    assert portal.state == before

    services.write_text(
        services.read_text().replace('name: "Company"\n    active: true', 'name: "Company"\n    active: false')
    )
    assert "No way back: " in run(plan_again) and portal.state == before
    run(approved)
    assert services_of(portal)["Company"][0] == "N"
    (state_before,) = (tmp_path / "mailservices" / "before").iterdir()
    restore = re.sub(r"@\S+\.yml", "@%s" % state_before, restore)
    run(restore)
    assert services_of(portal)["Company"][0] == "N"
    run(restore.replace(" --check", ""))
    assert services_of(portal) == {
        row["NAME"]: (row["ACTIVE"], row["SERVER"], row["PORT"]) for row in before["services"]
    }
