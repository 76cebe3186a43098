# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the guide tells people to write and to run, written and run."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys

import pytest
import yaml

from tests.conftest import ROOT
from tests.roles.fleet import Fleet, catch_all, service, state
from tests.simulator.server import Simulator

GUIDE = (ROOT / "docs" / "guide_audit.md").read_text()
BLOCKS = dict(re.findall(r"```(?:yaml|ini|text)\n# (\S+)\n(.*?)```", GUIDE, re.DOTALL))
NIGHTLY = ["crontab", "/etc/systemd/system/portal-audit.service", ".gitlab-ci.yml"]
COMMANDS = re.findall(r"^\$ (ansible-playbook .*)$", GUIDE, re.MULTILINE)


@pytest.fixture
def fleet(tmp_path):
    """The files of the guide, and simulated portals in the places of its examples."""
    for name, text in BLOCKS.items():
        if not name.endswith(".yml") or name in NIGHTLY:
            continue
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
                "bitrix24_connection": {"webhook_url": portal.webhook("user")},
                "bitrix24_expected_host": fleet.hosts[name]["bitrix24_expected_host"],
            }
            for name, portal in fleet.portals.items()
        }
        (tmp_path / "textfiles").mkdir()
        for name, variables in hosts.items():
            (tmp_path / "host_vars" / name).mkdir(parents=True)
            (tmp_path / "host_vars" / name / "connection.yml").write_text(
                yaml.safe_dump(
                    dict(
                        variables,
                        mailservice_audit_time="2026-11-22T03:00:00Z",
                        textfile_directory=str(tmp_path / "textfiles"),
                    )
                )
            )
        yield fleet


def play(fleet, command, want=None, verify="none"):
    """A command of the guide. After it, ``want`` is the port that the guide's branch shall have."""
    program, dash_i, inventory, playbook, *arguments = shlex.split(command)
    assert (program, dash_i, arguments.pop()) == ("ansible-playbook", "-i", "--ask-vault-pass")
    # The servers of the guide answer nobody; tests/audit/test_servers.py has some that do.
    arguments += ["-e", f"mailservice_audit_verify={verify}"]
    run = fleet.play(playbook.rpartition(".")[2], *arguments, inventory=fleet.folder / inventory)
    assert run.returncode == 0 and run.warnings == [], run.output
    if want:
        exported = fleet.folder / "host_vars" / "south.example.com" / "mailservices.yml"
        exported.write_text(exported.read_text().replace("port: 143", "port: %d" % want))
    return run


def test_the_guide_begins_with_an_export_after_which_the_audit_finds_no_drift(fleet):
    export, audit = COMMANDS
    play(fleet, export)
    run = play(fleet, audit)
    assert "1 excepted" in run.stdout and "Both portals are in order." in run.stdout


def test_the_guides_command_audits_the_guides_inventory_with_the_guides_exceptions(fleet):
    export, audit = COMMANDS
    play(fleet, export, want=993)
    run = play(fleet, audit)
    assert "2 excepted" in run.stdout and "Both portals are in order." in run.stdout
    assert {path.name for path in (fleet.folder / "mailservice_audit").iterdir()} == {"audit.html", "audit.json"}
    assert [path.name for path in (fleet.folder / "textfiles").iterdir()] == ["bitrix24_mailservices.prom"]


@pytest.mark.parametrize("way", NIGHTLY)
def test_each_way_to_have_it_nightly_is_the_guides_command_with_the_vaults_password(way):
    command = COMMANDS[-1].replace(" --ask-vault-pass", "")
    assert command in BLOCKS[way]
    assert "ANSIBLE_VAULT_PASSWORD_FILE" in GUIDE.partition("# " + way)[0][-400:] + BLOCKS[way]


def test_the_nightly_jobs_of_a_machine_have_one_user_whose_file_holds_the_password():
    for way in NIGHTLY[:2]:
        assert "/srv/audit/.vault-password" in BLOCKS[way] and "cd /srv/portals" in BLOCKS[way].replace(
            "WorkingDirectory=", "cd "
        )
    assert "User=audit\n" in BLOCKS[NIGHTLY[1]] and "a user `audit` with the\nhome `/srv/audit`" in GUIDE


@pytest.mark.skipif(
    not shutil.which("systemd-analyze"), reason="The units are tried with systemd-analyze: install the package systemd."
)
def test_systemd_takes_the_guides_units(tmp_path):
    units = {name.rpartition("/")[2]: text for name, text in BLOCKS.items() if name.startswith("/etc/systemd/")}
    assert sorted(units) == ["portal-audit.service", "portal-audit.timer"]
    for name, text in units.items():
        # Where Ansible is installed there.
        (tmp_path / name).write_text(text.replace("/opt/ansible/bin/ansible-playbook", sys.executable))
    done = subprocess.run(
        ["systemd-analyze", "verify", *(tmp_path / name for name in units)], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_the_job_of_the_guides_schedule_is_yaml_and_keeps_the_report():
    job = yaml.safe_load(BLOCKS[".gitlab-ci.yml"])["audit"]
    assert job["artifacts"]["when"] == "always" and job["artifacts"]["paths"] == ["mailservice_audit/"]


def test_the_guides_own_playbook_reports_what_the_exceptions_would_hide(fleet):
    play(fleet, COMMANDS[0], want=993)
    run = fleet.play(str(fleet.folder / "own.yml"), inventory=fleet.folder / "inventory.yml")
    assert run.returncode == 0 and run.warnings == [], run.output
    assert "south.example.com: drifted: Branch mail: port 143, wanted 993" in run.stdout
    assert [path.name for path in (fleet.folder / "mailservice_audit").iterdir()] == ["drift.html"]


@pytest.mark.long
def test_the_series_of_the_guides_alerts_exist(fleet):
    for command in COMMANDS:
        play(fleet, command, verify="warn")
    text = next((fleet.folder / "textfiles").iterdir()).read_text()
    rules = yaml.safe_load(BLOCKS["alerts.yml"])["groups"][0]["rules"]
    assert len(rules) == 7
    for rule in rules:
        if rule["alert"] == "CertificateOfMailServerExpires":
            # It needs a server that answers: tests/audit/test_servers.py has the series.
            continue
        name, kinds = re.search(r'(bitrix24_\w+)(?:\{kind=~"([^"]*)"\})?', rule["expr"]).groups()
        assert re.search(r"^%s(\{.*\})? \d+$" % name, text, re.MULTILINE)
        for kind in (kinds or "").split("|"):
            assert not kind or 'kind="%s"' % kind in text


# A portal that was read once, one that never was, one that is read; for each day what the audits of the night before tell.
SERIES = """
bitrix24_mailservice_audit_up{audit="a",portal="gone"} 1 0x5
bitrix24_mailservice_audit_last_success_timestamp_seconds{audit="a",portal="gone"} 0x6
bitrix24_mailservice_audit_up{audit="a",portal="never"} 0x6
bitrix24_mailservice_audit_up{audit="b",portal="gone"} 1x6
bitrix24_mailservice_audit_last_success_timestamp_seconds{audit="b",portal="gone"} 0+86400x6
bitrix24_mailservice_audit_findings{audit="b",portal="gone",kind="missing"} 1x6
bitrix24_mailservice_audit_findings{audit="a",portal="gone",kind="missing"} 0x6
bitrix24_mailservice_audit_servers{audit="b",portal="gone",verdict="failed"} 1x6
bitrix24_mailservice_audit_servers{audit="a",portal="gone",verdict="warning"} 1x6
bitrix24_mailservice_audit_certificate_expires_timestamp_seconds{audit="b",portal="gone",server="imap.example.com:993"} 864000x6
bitrix24_mailservice_audit_certificate_expires_timestamp_seconds{audit="a",portal="gone",server="imap.example.com:993"} 8640000x6
"""
FIRING = {
    "MailServicesDrifted": [{"audit": "b", "portal": "gone"}],
    "PortalNotAudited": [{"audit": "a", "portal": "gone"}],
    "PortalNeverAudited": [{"audit": "a", "portal": "never"}],
    "WebhookExpires": [],
    "MailServerFails": [{"audit": "b", "portal": "gone"}],
    "CertificateOfMailServerExpires": [{"audit": "b", "portal": "gone", "server": "imap.example.com:993"}],
    "AuditDidNotRun": [],
}


PROMTOOL = shutil.which("promtool") or shutil.which("promtool", path=ROOT / ".cache" / "bin")


@pytest.mark.skipif(not PROMTOOL, reason="The alerts are tried with promtool: run make test-setup.")
def test_the_guides_alerts_fire_for_the_portals_that_they_are_about(tmp_path):
    (tmp_path / "alerts.yml").write_text(BLOCKS["alerts.yml"])
    series = [dict(zip(("series", "values"), line.split(" ", 1))) for line in SERIES.strip().splitlines()]
    fired = [
        {"alertname": name, "eval_time": "4d", "exp_alerts": [{"exp_labels": labels} for labels in alerts]}
        for name, alerts in FIRING.items()
    ]
    tests = {"input_series": series, "interval": "1d", "alert_rule_test": fired}
    rules = {"rule_files": ["alerts.yml"], "evaluation_interval": "1d", "tests": [tests]}
    (tmp_path / "tests.yml").write_text(yaml.safe_dump(rules))
    done = subprocess.run(
        [PROMTOOL, "test", "rules", "tests.yml"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_alert_of_the_guide_is_tried():
    rules = yaml.safe_load(BLOCKS["alerts.yml"])["groups"][0]["rules"]
    assert [rule["alert"] for rule in rules] == list(FIRING)


def test_the_guides_tables_name_every_kind_and_file():
    from ansible_collections.bitrix24.portal.plugins.module_utils._audit.findings import ERROR_KINDS, KINDS

    rows = re.findall(r"^\| ([^|]*) \|", GUIDE, re.MULTILINE)
    assert {about.label.lower() for kind, about in KINDS.items() if kind not in ERROR_KINDS} <= set(rows)
    defaults = yaml.safe_load((ROOT / "roles" / "mailservice_audit" / "defaults" / "main.yml").read_text())
    assert {"`%s`" % name for name in defaults["mailservice_audit_files"].values()} <= set(rows)
    assert {"`%s` (default)" % name for name in defaults["mailservice_audit_fail_on"]} <= set(rows)
