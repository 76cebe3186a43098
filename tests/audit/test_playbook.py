# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbook audit on simulated portals: what it asks, writes, says and fails on."""

from __future__ import annotations

import copy
import json
from xml.etree import ElementTree

import pytest
import yaml

from tests import github
from tests.conftest import ROOT
from tests.roles.fleet import Fleet, catch_all, service, state
from tests.simulator.server import Simulator

TIME = {"mailservice_audit_time": "2026-11-22T03:00:00Z"}
FILES = {"audit.json", "audit.xml", "audit.md", "audit.prom", "audit.html"}
HOSTILE = "{{ lookup('ansible.builtin.pipe', 'touch ' ~ playbook_dir ~ '/owned') }}"
SCRIPT = "<script>alert(1)</script>\x1b[2J\u202e"
NOBODY_THERE = {
    "bitrix24_expected_host": "127.0.0.1:9",
    "bitrix24_connection": {"webhook_url": "http://127.0.0.1:9/rest/1/adminsecret00001/", "retries": 0},
}
ROLE = ROOT / "roles" / "mailservice_audit"


@pytest.fixture(scope="module")
def simulator():
    with Simulator(portals=4) as simulator:
        yield simulator


@pytest.fixture
def fleet(simulator, tmp_path):
    for portal in simulator.portals:
        portal.state = state(
            catch_all(), service(2, "Company"), service(3, "Old", active="N"), service(4, HOSTILE), service(5, SCRIPT)
        )
        portal.clear_requests()
    fleet = Fleet(tmp_path, simulator.portals, ["north", "south", "east", "west"])
    return fleet.wants(*desired(), mailservices_inactive_lookahead=45, **TIME)


def desired(**company):
    """What is there, as entries; the hostile names travel as somebody would write them down."""
    return [
        dict({"name": "Company", "server": "imap2.example.com", "port": 993}, **company),
        {"id": 3, "active": False},
        {"id": 4, "port": 993},
        {"id": 5},
    ]


def audit(fleet, *arguments, **options):
    run = fleet.play("audit", *arguments, **options)
    assert run.warnings == [line for line in run.warnings if line.startswith("[ERROR]: Task failed")], run.output
    return run


def report(fleet):
    return json.loads((fleet.folder / "mailservice_audit" / "audit.json").read_text())


def by_name(fleet):
    return {portal["name"]: portal for portal in report(fleet)["portals"]}


def test_a_fleet_in_order_passes_quietly_and_nothing_is_written_to_a_portal(fleet):
    before = copy.deepcopy([portal.state for portal in fleet.portals.values()])
    run = audit(fleet)
    assert run.returncode == 0, run.output
    assert run.hosts("changed") == run.hosts("failed") == []
    assert "All 4 portals are in order." in run.stdout
    assert [portal.state for portal in fleet.portals.values()] == before
    assert {path.name for path in (fleet.folder / "mailservice_audit").iterdir()} == FILES
    assert not list(fleet.folder.rglob("owned")) and "\x1b[2J" not in run.output
    for portal in fleet.portals.values():
        assert [request["path"].rpartition("/")[2].partition(".json")[0] for request in portal.requests] == [
            "batch",
            "batch",
        ]


def test_what_has_drifted_is_down_throttled_or_refused_is_reported_by_name_and_stops_nobody(fleet):
    fleet.hosts["south"]["mailservices_wanted"] = desired(port=143)
    fleet.hosts["east"] = dict(NOBODY_THERE)
    fleet.hosts["west"]["bitrix24_connection"]["webhook_url"] = (
        fleet.portals["west"].webhook().replace("adminsecret00001", "wrongsecret00009")
    )
    run = audit(fleet)
    assert (
        run.returncode == 2 and run.hosts("failed") == ["east", "south", "west"] and run.recap["north"]["failed"] == 0
    )
    portals = by_name(fleet)
    assert {name: portal["status"] for name, portal in portals.items()} == {
        "north": "in_order",
        "south": "drifted",
        "east": "unreachable",
        "west": "unauthorised",
    }
    assert portals["south"]["findings"][0]["fields"] == [{"field": "port", "before": 993, "after": 143}]
    page = (fleet.folder / "mailservice_audit" / "audit.html").read_text()
    assert report(fleet)["inventory"] == ["inventory.yml"]
    assert "<code>ansible-playbook -i inventory.yml bitrix24.portal.plan --limit south</code>" in page
    assert (
        portals["east"]["error"]["code"] == "connection_failed"
        and portals["west"]["error"]["code"] == "INVALID_CREDENTIALS"
    )
    drifted = "Company: port 993, wanted 143"
    assert f"south: drifted: {drifted}" in run.stdout and "connection refused" in run.stdout
    attention = run.stdout.partition(" : Portals that need attention] ")[2]
    assert [
        line for line in attention.splitlines() if line.startswith("fatal: [south]") and f'"msg": "{drifted}"' in line
    ]
    told, dummy, rest = attention.partition("PLAY RECAP")
    page = fleet.folder / "mailservice_audit" / "audit.html"
    assert told.rstrip("}\n ").endswith(f'"msg": "3 of 4 portals need attention. Page: {page}"') and rest
    suites = {
        suite.get("name"): suite
        for suite in ElementTree.parse(fleet.folder / "mailservice_audit" / "audit.xml").getroot()
    }
    assert [suites[name].get("errors") for name in ("north", "east", "west")] == ["0", "1", "1"] and suites[
        "south"
    ].get("failures") == "1"


def test_a_portal_with_an_ordinary_users_webhook_can_be_audited(fleet):
    for name in fleet.hosts:
        fleet.hosts[name] = fleet.variables(fleet.portals[name], "user")
    fleet.wants(*desired(port=143))
    audit(fleet)
    assert {(portal["status"], portal["credentials"]["admin"]) for portal in report(fleet)["portals"]} == {
        ("drifted", False)
    }


def test_names_from_a_portal_are_nowhere_taken_for_a_template(fleet):
    fleet.wants({"name": "Company"})
    run = audit(fleet)
    assert run.returncode == 2 and not list(fleet.folder.rglob("owned"))
    extra = [item["service"] for item in by_name(fleet)["north"]["findings"] if item["kind"] == "extra"]
    assert extra == sorted([HOSTILE, SCRIPT], key=str.lower)
    for name in FILES - {"audit.json"}:
        text = (fleet.folder / "mailservice_audit" / name).read_text()
        markup = github.rendered(text) if name == "audit.md" else text
        assert not [mark for mark in ("\x1b", "\u202e", "<script>alert") if mark in markup]


def test_a_host_without_a_wanted_set_or_with_one_that_cannot_be_made_out_is_reported_and_stops_nobody(fleet):
    fleet.hosts["south"]["mailservices_wanted"] = []
    # In a file of its own, since ansible-core quotes the lines around what it cannot make out.
    (fleet.folder / "host_vars").mkdir()
    (fleet.folder / "host_vars" / "east.yml").write_text(
        "---\nmailservices_wanted: '{{ there_is_no_such_variable }}'\n"
    )
    run = fleet.play("audit")
    assert run.returncode == 2 and run.hosts("failed") == ["east", "south"]
    portals = by_name(fleet)
    assert portals["north"]["status"] == portals["west"]["status"] == "in_order"
    assert "mailservices_wanted" in portals["south"]["error"]["text"] and portals["east"]["status"] == "unreachable"


def own_play(fleet, **keywords):
    """A playbook of somebody's own with the role."""
    play = {
        "hosts": "portals",
        "connection": "local",
        "gather_facts": False,
        "module_defaults": {"group/bitrix24.portal.all": "{{ bitrix24_connection }}"},
        "roles": ["bitrix24.portal.mailservice_audit"],
    }
    path = fleet.folder / "own.yml"
    path.write_text(yaml.safe_dump([dict(play, **keywords)]))
    return path


def test_where_no_host_can_be_audited_the_report_says_so(fleet):
    fleet.hosts["south"] = dict(NOBODY_THERE)
    fleet.hosts["north"]["ansible_connection"] = "ssh"
    fleet.hosts["north"]["ansible_ssh_common_args"] = "-o ProxyCommand=false"
    for name in ("east", "west"):
        fleet.hosts[name]["mailservices_wanted"] = []
    run = fleet.play(str(own_play(fleet)))
    assert run.hosts("failed") == ["east", "north", "south", "west"] and run.hosts("unreachable") == []
    portals = by_name(fleet)
    assert {name: portal["error"]["code"] for name, portal in portals.items()} == {
        "north": "task_failed",
        "south": "connection_failed",
        "east": "task_failed",
        "west": "task_failed",
    }
    assert all("neither mailservices_wanted nor" in portals[name]["error"]["text"] for name in ("east", "west"))


def test_two_hosts_of_one_address_are_refused_before_anything_is_asked(fleet):
    fleet.hosts["south"] = fleet.hosts["north"]
    run = fleet.play("audit")
    assert run.returncode != 0 and "north and south are one portal" in run.output
    assert (
        not any(portal.requests for portal in fleet.portals.values())
        and not (fleet.folder / "mailservice_audit").exists()
    )


@pytest.mark.long
def test_a_connection_that_leads_elsewhere_is_reported_and_never_asked(fleet):
    fleet.hosts["south"]["bitrix24_connection"], fleet.hosts["west"]["bitrix24_connection"] = (
        fleet.hosts["west"]["bitrix24_connection"],
        fleet.hosts["south"]["bitrix24_connection"],
    )
    audit(fleet)
    assert {name: portal["status"] for name, portal in by_name(fleet).items()} == {
        "north": "in_order",
        "south": "unreachable",
        "east": "in_order",
        "west": "unreachable",
    }
    assert not fleet.portals["south"].requests and not fleet.portals["west"].requests


@pytest.mark.long
def test_the_same_moment_gives_the_same_bytes_and_check_mode_writes_no_file(fleet):
    audit(fleet, "--check")
    assert not (fleet.folder / "mailservice_audit").exists()
    audit(fleet)
    first = {path.name: path.read_bytes() for path in (fleet.folder / "mailservice_audit").iterdir()}
    audit(fleet, "--forks", "1")
    assert {path.name: path.read_bytes() for path in (fleet.folder / "mailservice_audit").iterdir()} == first


def test_fail_on_exceptions_drift_files_and_the_webhooks_end_are_variables(fleet):
    fleet.wants(
        *desired(port=143),
        **TIME,
        mailservice_audit_fail_on=["webhook_expiry"],
        mailservice_audit_title="Nightly",
        mailservice_audit_files={"text": "sub/audit.txt", "json": str(fleet.folder / "elsewhere.json")},
        mailservice_audit_exceptions=[
            {"portal": "n*", "service": "Company", "field": "port", "reason": "until the move", "until": "2026-12-01"}
        ],
    )
    fleet.hosts["south"]["webhook_expires"] = "2026-11-30"
    fleet.hosts["west"]["webhook_expires"] = "2027-11-30"
    run = audit(fleet)
    assert run.hosts("failed") == ["south"]
    data = json.loads((fleet.folder / "elsewhere.json").read_text())
    portals = {portal["name"]: portal for portal in data["portals"]}
    assert data["title"] == "Nightly" and data["exceptions"][0]["state"] == "active"
    assert (
        portals["north"]["status"] == "in_order"
        and portals["south"]["status"] == portals["east"]["status"] == "drifted"
    )
    assert [portals[name]["credentials"]["days_left"] for name in ("south", "west", "east")] == [8, 373, None]
    assert {path.name for path in (fleet.folder / "mailservice_audit").rglob("*")} == {"sub", "audit.txt"}


@pytest.mark.long
def test_dates_may_be_written_as_yaml_dates(fleet):
    fleet.hosts["south"]["webhook_expires"] = yaml.safe_load("2026-11-30")
    fleet.wants(
        *desired(port=143),
        **TIME,
        mailservice_audit_exceptions=[
            {"portal": "*", "service": "Company", "reason": "known", "until": yaml.safe_load("2026-12-01")}
        ],
    )
    assert audit(fleet).returncode == 0
    assert by_name(fleet)["south"]["credentials"]["days_left"] == 8


@pytest.mark.long
def test_a_portal_that_goes_down_is_reported_with_when_it_was_last_read(fleet):
    audit(fleet)
    fleet.hosts["east"]["bitrix24_connection"]["webhook_url"] = fleet.portals["east"].webhook("inactive")
    fleet.group["mailservice_audit_time"] = "2026-11-23T03:00:00Z"
    audit(fleet)
    assert {name: portal["last_success"][:10] for name, portal in by_name(fleet).items()} == {
        "north": "2026-11-23",
        "south": "2026-11-23",
        "east": "2026-11-22",
        "west": "2026-11-23",
    }


@pytest.mark.parametrize(
    "variable, value",
    [
        ("mailservice_audit_fail_on", ["drfit"]),
        ("mailservice_audit_drift", ["no_catch_all"]),
        ("mailservice_audit_exceptions", [{"portal": "north"}]),
        ("mailservice_audit_files", {"pdf": "audit.pdf"}),
        ("mailservice_audit_time", "now"),
    ],
)
def test_a_variable_that_cannot_be_stops_the_audit_and_is_named(fleet, variable, value):
    fleet.wants(*desired(), **{variable: value})
    run = fleet.play("audit")
    assert run.returncode != 0 and (variable in run.output or "missing required arguments" in run.output)
    assert not (fleet.folder / "mailservice_audit").exists()


@pytest.mark.long
def test_an_audit_between_batches_covers_the_portals_that_were_reached(fleet):
    fleet.hosts["north"]["mailservices_wanted"] = desired(port=143)
    run = fleet.play(str(own_play(fleet, serial=[1, 1, 2])))
    assert run.hosts("failed") == ["north"] and {name: portal["status"] for name, portal in by_name(fleet).items()} == {
        "east": "in_order",
        "north": "drifted",
        "south": "not_audited",
        "west": "not_audited",
    }


def test_the_argument_specification_tells_the_variables_that_there_are_and_their_defaults():
    options = yaml.safe_load((ROLE / "meta" / "argument_specs.yml").read_text())["argument_specs"]["main"]["options"]
    defaults = yaml.safe_load((ROLE / "defaults" / "main.yml").read_text())
    assert set(defaults) == {name for name in options if name.startswith("mailservice_audit_")}
    fixed = {name: value for name, value in defaults.items() if "{{" not in str(value)}
    assert fixed and {name: options[name]["default"] for name in fixed} == fixed
    readme = (ROLE / "README.md").read_text()
    assert all("`%s`" % name in readme for name in options)


@pytest.mark.long
def test_a_hundred_portals_are_audited_with_ten_forks_and_the_troubled_ones_are_told_by_name(tmp_path):
    with Simulator(portals=100) as simulator:
        for portal in simulator.portals:
            portal.state = state(catch_all(), *[service(at, "Mail %02d" % at) for at in range(2, 52)])
        fleet = Fleet(tmp_path, simulator.portals)
        fleet.wants(*[{"name": "Mail %02d" % at, "port": 993} for at in range(2, 52)], **TIME)
        fleet.hosts["portal-7"] = dict(NOBODY_THERE)
        fleet.hosts["portal-8"] = fleet.variables(fleet.portals["portal-8"], "inactive")
        run = audit(fleet, "--forks", "10")
        assert run.hosts("failed") == ["portal-7", "portal-8"]
        assert report(fleet)["summary"]["portals"] == {
            "all": 100,
            "drifted": 0,
            "unreachable": 1,
            "unauthorised": 1,
            "in_order": 98,
            "not_audited": 0,
        }
        assert sum(path.stat().st_size for path in (tmp_path / "mailservice_audit").iterdir()) < 5_000_000


def series_of(name, text):
    return [line for line in text.splitlines() if f'portal="{name}"' in line]


def test_a_portal_that_an_audit_leaves_out_stands_there_as_not_audited_and_keeps_its_history(fleet):
    fleet.wants(*desired())
    audit(fleet)
    before = by_name(fleet)
    first = (fleet.folder / "mailservice_audit" / "audit.prom").read_text()
    fleet.hosts["gone"] = fleet.hosts.pop("west")
    run = fleet.play("audit", "--limit", "north", "-e", "mailservice_audit_time=2031-01-02T03:04:05Z")
    portals = by_name(fleet)
    assert {name: portal["status"] for name, portal in portals.items()} == {
        "north": "in_order",
        "south": "not_audited",
        "east": "not_audited",
    }, "west is no host of the inventory any more"
    assert portals["south"]["last_success"] == before["south"]["last_success"]
    assert run.returncode == 0 and "not audited: 2 portals: " in run.stdout and "2 not audited. Page: " in run.stdout
    text = (fleet.folder / "mailservice_audit" / "audit.prom").read_text()
    assert series_of("south", text) == series_of("south", first) != []
    suites = ElementTree.parse(fleet.folder / "mailservice_audit" / "audit.xml").getroot()
    assert {suite.get("name"): suite.get("skipped") for suite in suites}["south"] == "1"
    again = fleet.play("audit", "-e", '{"mailservice_audit_fail_on": ["not_audited"]}', "--limit", "north,south")
    assert again.returncode == 0 and by_name(fleet)["south"]["status"] == "in_order"


def test_a_condition_or_a_batch_leaves_no_portal_out_silently(fleet):
    fleet.wants(*desired())
    role = {"role": "bitrix24.portal.mailservice_audit", "when": "inventory_hostname not in ['north', 'west']"}
    run = fleet.play(str(own_play(fleet, serial=2, roles=[role])))
    assert run.returncode == 0, run.output
    assert {name: portal["status"] for name, portal in by_name(fleet).items()} == {
        "north": "not_audited",
        "south": "in_order",
        "east": "in_order",
        "west": "not_audited",
    }
