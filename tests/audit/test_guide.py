# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the guide tells people to write and to run, written and run."""

from __future__ import annotations

import re
import shlex

import pytest
import yaml

from tests.conftest import ROOT
from tests.roles.fleet import Fleet, catch_all, service, state
from tests.simulator.server import Simulator

GUIDE = (ROOT / "docs" / "guide_audit.md").read_text()
BLOCKS = dict(re.findall(r"```yaml\n# (\S+)\n(.*?)```", GUIDE, re.DOTALL))
COMMANDS = re.findall(r"^\$ (.*)$", GUIDE, re.MULTILINE)


@pytest.fixture
def fleet(tmp_path):
    """The files of the guide, and simulated portals in the places of its examples."""
    for name, text in BLOCKS.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("---\n" + text)
    with Simulator(portals=2) as simulator:
        company = service(2, "Company mail", SERVER="imap.example.com", LINK="https://mail.example.com/")
        simulator.portals[0].state = state(catch_all(), company)
        simulator.portals[1].state = state(
            company, service(3, "Branch mail", SERVER="imap.branch.example.com", PORT="143")
        )
        fleet = Fleet(tmp_path, simulator.portals, ["north.example.com", "south.example.com"])
        hosts = {
            name: {
                "portal_webhook": portal.webhook("user"),
                "bitrix24_expected_host": fleet.hosts[name]["bitrix24_expected_host"],
            }
            for name, portal in fleet.portals.items()
        }
        (tmp_path / "textfiles").mkdir()
        (tmp_path / "host_vars").mkdir()
        for name, variables in hosts.items():
            (tmp_path / "host_vars" / (name + ".yml")).write_text(
                yaml.safe_dump(
                    dict(
                        variables,
                        mailservice_audit_time="2026-11-22T03:00:00Z",
                        textfile_directory=str(tmp_path / "textfiles"),
                    )
                )
            )
        yield fleet


def test_the_guides_command_audits_the_guides_inventory_with_the_guides_exceptions(fleet):
    assert len(COMMANDS) == 1
    program, dash_i, inventory, playbook = shlex.split(COMMANDS[0])
    assert (program, dash_i, playbook) == ("ansible-playbook", "-i", "bitrix24.portal.audit")
    run = fleet.play("audit", inventory=fleet.folder / inventory)
    assert run.returncode == 0 and run.warnings == [], run.output
    assert "2 excepted" in run.stdout and "All 2 portals are in order." in run.stdout
    assert {path.name for path in (fleet.folder / "mailservice_audit").iterdir()} == {"audit.html", "audit.json"}
    assert [path.name for path in (fleet.folder / "textfiles").iterdir()] == ["bitrix24_mailservices.prom"]


def test_the_guides_own_playbook_reports_what_the_exceptions_would_hide(fleet):
    run = fleet.play(str(fleet.folder / "own.yml"), inventory=fleet.folder / "inventory.yml")
    assert run.returncode == 0 and run.warnings == [], run.output
    assert "south.example.com: drifted: 1 changed" in run.stdout
    assert [path.name for path in (fleet.folder / "mailservice_audit").iterdir()] == ["drift.html"]


@pytest.mark.long
def test_the_series_of_the_guides_alerts_exist(fleet):
    fleet.play("audit", inventory=fleet.folder / "inventory.yml")
    text = next((fleet.folder / "textfiles").iterdir()).read_text()
    rules = yaml.safe_load(BLOCKS["alerts.yml"])["groups"][0]["rules"]
    assert len(rules) == 4
    for rule in rules:
        name, kinds = re.search(r'(bitrix24_\w+)(?:\{kind=~"([^"]*)"\})?', rule["expr"]).groups()
        assert re.search(r"^%s(\{.*\})? \d+$" % name, text, re.MULTILINE)
        for kind in (kinds or "").split("|"):
            assert not kind or 'kind="%s"' % kind in text


def test_the_guides_tables_name_every_kind_and_file():
    from ansible_collections.bitrix24.portal.plugins.module_utils._audit.findings import ERROR_KINDS, KINDS

    rows = re.findall(r"^\| ([^|]*) \|", GUIDE, re.MULTILINE)
    assert {about.label.lower() for kind, about in KINDS.items() if kind not in ERROR_KINDS} <= set(rows)
    defaults = yaml.safe_load((ROOT / "roles" / "mailservice_audit" / "defaults" / "main.yml").read_text())
    assert {"`%s`" % name for name in defaults["mailservice_audit_files"].values()} <= set(rows)
    assert {"`%s` (default)" % name for name in defaults["mailservice_audit_fail_on"]} <= set(rows)
