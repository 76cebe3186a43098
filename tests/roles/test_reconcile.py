# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbooks plan and reconcile on simulated portals."""

from __future__ import annotations

import copy
import json
import shutil

import pytest

from tests.conftest import ROOT
from tests.roles.fleet import Fleet, catch_all, service, services_of, state, written_names
from tests.simulator.server import Simulator

HOSTILE = "{{ lookup('ansible.builtin.pipe', 'touch ' ~ playbook_dir ~ '/owned') }}"
NOW_JOB = {"CI_COMMIT_SHA": "c0ffee", "CI_JOB_URL": "https://ci.example.com/jobs/7"}


@pytest.fixture
def fleet(tmp_path):
    with Simulator(portals=3) as simulator:
        for portal in simulator.portals:
            portal.state = state(catch_all(), service(2, "Company"), service(3, "Old"), service(4, HOSTILE))
        yield Fleet(tmp_path, simulator.portals)


def forget(fleet):
    for portal in fleet.portals.values():
        portal.clear_requests()


def requests(fleet):
    return [len(portal.requests) for portal in fleet.portals.values()]


def snapshot(fleet):
    return copy.deepcopy([portal.state for portal in fleet.portals.values()])


def nothing_was_executed(fleet):
    """HOSTILE would leave a file beside the playbooks."""
    return not (ROOT / "playbooks" / "owned").exists() and not list(fleet.folder.rglob("owned"))


def one_portal(fleet):
    fleet.portals = dict(list(fleet.portals.items())[:1])
    fleet.hosts = {name: fleet.hosts[name] for name in fleet.portals}
    return next(iter(fleet.portals.values()))


def test_a_fleet_is_planned_approved_and_reconciled_by_that_plan(fleet):
    fleet.wants(
        {"name": "Company", "port": 143},
        mailservices_purge="deactivate",
        mailservices_baseline=[
            {"name": "Company", "server": "mail.example.com"},
            {"name": "Branch", "server": "branch.example.com"},
        ],
    )
    fleet.hosts["portal-2"]["mailservices_wanted"] = [{"name": "Old"}, {"name": "Branch", "sort": 7}]
    before = snapshot(fleet)

    run, artifact = fleet.planned()
    assert run.returncode == 0 and run.warnings == [] and run.hosts("changed") == list(fleet.hosts), run.output
    assert snapshot(fleet) == before and not (fleet.output / "journal.jsonl").exists()
    assert {
        name: [len(entry["plan"][key]) for key in ("creations", "updates", "deactivations", "deletions")]
        for name, entry in artifact["portals"].items()
    } == {"portal-1": [1, 1, 2, 0], "portal-2": [1, 1, 1, 0], "portal-3": [1, 1, 2, 0]}
    assert artifact["removals"] == 5 and artifact["digest"] in (fleet.output / "plan.md").read_text()
    assert f"<code>{artifact['digest']}</code>" in (fleet.output / "plan.html").read_text()
    told = f"on 3 of 3 portals. Read {fleet.output}/plan.md. Approve: {artifact['digest']}"
    after = run.stdout.partition(told)[2].partition("PLAY RECAP")[0]
    assert told in run.stdout and set(after) <= set('"}\n ') and "digest of" not in run.stdout

    wrong = fleet.play(
        "reconcile", "-e", f"mailservices_approved_plan=mailservices/plan.json mailservices_approved_digest={'0' * 64}"
    )
    (line,) = [line for line in wrong.output.splitlines() if "approved_digest is" in line and "ERROR" not in line]
    assert artifact["digest"] in line and "0" * 64 in line and wrong.hosts("changed") == []

    fleet.portals["portal-3"].state = dict(before[2], services=before[2]["services"] + [service(5, "Came meanwhile")])
    forget(fleet)
    approved = (
        "-e",
        "mailservices_approved_plan=mailservices/plan.json",
        "-e",
        "mailservices_approved_digest=" + artifact["digest"],
    )
    run = fleet.play("reconcile", *approved, env=NOW_JOB)
    assert run.hosts("failed") == ["portal-3"] and run.hosts("changed") == ["portal-1", "portal-2"], run.output
    assert "something moved since the plan was approved" in run.output and not written_names(
        fleet.portals["portal-3"].requests
    )
    assert requests(fleet) == [7, 7, 2], "list, inactive, profile; list, inactive, write, list"
    assert services_of(fleet.portals["portal-1"]) == {
        "Other": ("Y", None, None),
        "Company": ("Y", "mail.example.com", "143"),
        "Old": ("N", "imap3.example.com", "993"),
        HOSTILE: ("N", "imap4.example.com", "993"),
        "Branch": ("Y", "branch.example.com", None),
    }
    assert services_of(fleet.portals["portal-2"])["Old"][0] == "Y"

    lines = sorted(fleet.journal(), key=lambda line: (line["inventory_hostname"], line["change"]))
    assert [
        (line["inventory_hostname"], line["before"] and line["before"]["name"], line["after"]["name"]) for line in lines
    ] == [
        ("portal-1", None, "Branch"),
        ("portal-1", "Company", "Company"),
        ("portal-1", "Old", "Old"),
        ("portal-1", HOSTILE, HOSTILE),
        ("portal-2", None, "Branch"),
        ("portal-2", "Company", "Company"),
        ("portal-2", HOSTILE, HOSTILE),
    ]
    assert {
        (line["commit"], line["job"], line["owner"], line["error"], line["collection_version"]) for line in lines
    } == {("c0ffee", "https://ci.example.com/jobs/7", 1, None, artifact["collection_version"])}
    assert {line["plan_digest"] for line in lines} == {
        artifact["portals"][name]["plan_digest"] for name in ("portal-1", "portal-2")
    }
    intents = [(line["run"], line["change"]) for line in fleet.journal("intent")]
    assert sorted(intents) == sorted((line["run"], line["change"]) for line in lines)
    assert lines[0]["portal"] == fleet.hosts["portal-1"]["bitrix24_expected_host"]
    assert lines[1]["before"] == {"id": 2, "name": "Company", "server": "imap2.example.com", "port": 993}

    forget(fleet)
    second = fleet.reconciled("--limit", "portal-1,portal-2")
    assert requests(fleet) == [1, 1, 0] and not second.hosts("changed") and len(fleet.journal()) == len(lines)
    again = fleet.reconciled("--limit", "portal-1,portal-2", *approved)
    assert "nothing to do: already as approved, on 2 portals: portal-1, portal-2" in again.stdout
    assert nothing_was_executed(fleet)


def last_line(run):
    """What the terminal shows before Ansible's own recap."""
    told = run.stdout.partition("PLAY RECAP")[0].rstrip("}\n ")
    return json.loads(told.rpartition('"msg": ')[2])


def test_the_last_line_is_the_result_whatever_became_of_the_portals(fleet):
    fleet.wants({"name": "Company", "port": 143})
    fleet.hosts["portal-1"]["mailservices_baseline"] = [{"id": 9}]
    checked = fleet.play("reconcile", "--check")
    assert last_line(checked) == (
        "Plan: 0 to create, 2 to change, 0 to switch off, 0 to DELETE on 2 of 3 portals; 1 could not be planned."
    )
    run = fleet.play("reconcile")
    assert run.hosts("failed") == ["portal-1"]
    assert last_line(run) == (
        "Not all is done: 0 created, 2 changed, 0 switched off, 0 DELETED on 2 of 3 portals; "
        f"1 stopped before anything was written. Journal: {fleet.output}/journal.jsonl"
    )
    alone = fleet.play("reconcile", "--limit", "portal-1")
    assert last_line(alone) == "Nothing was done: 1 portal stopped before anything was written."
    again = fleet.reconciled("--limit", "portal-2,portal-3")
    assert last_line(again) == "Done: 2 portals had nothing to do."


def test_the_state_written_before_a_removal_brings_it_back(fleet):
    portal = one_portal(fleet)
    fleet.wants(
        {"name": "Company", "id": 2, "port": 143},
        mailservices_purge="delete",
        mailservices_baseline=[{"name": "Base", "link": "l"}],
    )
    before = services_of(portal)
    fleet.reconciled()
    assert set(services_of(portal)) == {"Other", "Company", "Base"}
    (restore,) = (fleet.output / "before").iterdir()
    fleet.reconciled("-e", "@%s" % restore)
    after = services_of(portal)
    assert after.pop("Base") and after == before
    assert nothing_was_executed(fleet)


def test_a_state_is_written_only_before_a_removal_and_a_dry_run_leaves_nothing_behind(fleet):
    portal = one_portal(fleet)
    fleet.wants({"name": "Company", "port": 143})
    before = portal.state
    run = fleet.play("reconcile", "--check")
    assert (
        run.returncode == 0 and portal.state == before and not fleet.output.exists() and "port 993 to 143" in run.output
    )
    fleet.reconciled()
    assert services_of(portal)["Company"][2] == "143" and not (fleet.output / "before").exists()


@pytest.mark.parametrize("command", [("plan",), ("reconcile", "--check")])
def test_what_would_change_is_counted_as_changed_on_the_portals_that_would(fleet, command):
    fleet.wants({"name": "Company"})
    fleet.hosts["portal-1"]["mailservices_baseline"] = [{"name": "Old", "state": "absent"}]
    fleet.hosts["portal-2"]["mailservices_baseline"] = [{"name": "Gone", "id": 9}]
    run = fleet.play(*command)
    assert {host: counts["changed"] for host, counts in run.recap.items()} == {
        "portal-1": 1,
        "portal-2": 0,
        "portal-3": 0,
    }
    assert run.hosts("failed") == ["portal-2"], run.output


def test_what_is_carried_out_counts_once_and_what_is_in_order_never(fleet):
    fleet.wants({"name": "Company", "port": 143}, mailservices_max_removals=0)
    fleet.hosts["portal-1"]["mailservices_wanted"] = [{"name": "Company"}]
    fleet.hosts["portal-2"]["mailservices_baseline"] = [{"name": "Old", "active": False}]
    run = fleet.play("reconcile")
    assert {host: counts["changed"] for host, counts in run.recap.items()} == {
        "portal-1": 0,
        "portal-2": 0,
        "portal-3": 1,
    }
    assert run.hosts("failed") == ["portal-2"], run.output
    for command in (("plan",), ("reconcile", "--check"), ("reconcile",)):
        assert not fleet.play(*command, "--limit", "portal-1,portal-3").hosts("changed")


@pytest.mark.parametrize("stop_all, changed", [(False, ["portal-1", "portal-3"]), (True, [])])
def test_a_host_that_breaks_a_limit_stops_alone_or_with_its_batch(fleet, stop_all, changed):
    fleet.wants({"name": "Old", "active": False}, mailservices_max_removals=1, mailservices_stop_all=stop_all)
    fleet.hosts["portal-2"]["mailservices_baseline"] = [{"id": 4, "state": "absent"}]
    run = fleet.play("reconcile")
    assert (
        run.returncode != 0
        and run.hosts("changed") == changed
        and run.hosts("failed") == sorted(set(fleet.hosts) - set(changed))
    ), run.output
    assert "more than mailservices_max_removals: 1" in run.output
    assert [name for name in fleet.portals if written_names(fleet.portals[name].requests)] == changed
    assert nothing_was_executed(fleet)


@pytest.mark.long
@pytest.mark.parametrize(
    "serial, most, changed",
    [("100%", 3, ["portal-1", "portal-2", "portal-3"]), ("100%", 2, []), ("[1, 2]", 2, ["portal-1"])],
)
def test_the_fleets_limit_counts_all_portals_also_over_batches(fleet, serial, most, changed):
    fleet.wants({"name": "Old", "active": False}, mailservices_fleet_max_removals=most)
    run = fleet.play("reconcile", "-e", '{"bitrix24_serial": %s}' % (serial if serial[0] == "[" else '"%s"' % serial))
    assert run.hosts("changed") == changed and run.hosts("failed") == sorted(set(fleet.hosts) - set(changed)), (
        run.output
    )
    assert (run.returncode == 0) == (len(changed) == 3)


@pytest.mark.long
def test_an_approved_plan_beyond_the_fleets_limit_is_not_even_begun(fleet):
    fleet.wants({"name": "Old", "active": False})
    run, artifact = fleet.planned("-e", "mailservices_fleet_max_removals=2")
    assert run.returncode != 0 and artifact["removals"] == 3
    forget(fleet)
    run = fleet.play(
        "reconcile",
        "-e",
        "mailservices_approved_plan=mailservices/plan.json",
        "-e",
        "mailservices_fleet_max_removals=2",
    )
    assert (
        run.returncode != 0
        and requests(fleet) == [0, 0, 0]
        and "3 services would be switched off or deleted in all portals" in run.output
    )


def test_a_host_whose_variables_cannot_be_made_out_stops_alone_even_if_it_is_the_first(fleet):
    fleet.wants({"name": "Company", "port": 143})
    # In a file of its own: Ansible prints the lines around what it could not make out.
    (fleet.folder / "host_vars").mkdir()
    (fleet.folder / "host_vars" / "portal-1.yml").write_text("mailservices_wanted: '{{ nothing_of_the_kind }}'\n")
    run = fleet.play("reconcile")
    assert run.hosts("failed") == ["portal-1"] and run.hosts("changed") == ["portal-2", "portal-3"], run.output
    assert requests(fleet)[0] == 0 and "nothing_of_the_kind" in run.output


@pytest.mark.parametrize(
    "variable, value",
    [("plan_only", "perhaps"), ("purge", "perhaps"), ("max_removals", "some"), ("stop_all", "perhaps")],
)
def test_nothing_is_written_where_a_variable_is_not_what_it_must_be(fleet, variable, value):
    portal = one_portal(fleet)
    fleet.wants({"name": "Company", "port": 143}, **{f"mailservices_{variable}": value})
    run = fleet.play("reconcile")
    assert not written_names(portal.requests)
    assert variable == "plan_only" or run.returncode != 0 and variable in run.output, run.output


def test_two_hosts_with_one_address_are_refused_before_anything_is_sent(fleet):
    fleet.wants({"name": "Company"})
    fleet.hosts["portal-2"] = dict(fleet.hosts["portal-1"])
    for playbook in ("plan", "reconcile", "export"):
        run = fleet.play(playbook)
        assert run.returncode != 0 and "portal-1 and portal-2 are one portal" in run.output
        assert requests(fleet) == [0, 0, 0] and not fleet.written()


def test_a_connection_that_leads_elsewhere_stops_its_host_only(fleet):
    fleet.wants({"name": "Company", "port": 143})
    fleet.hosts["portal-2"]["bitrix24_connection"] = fleet.hosts["portal-1"]["bitrix24_connection"]
    run = fleet.play("reconcile")
    assert (
        run.hosts("failed") == ["portal-2"]
        and f"this host is {fleet.hosts['portal-2']['bitrix24_expected_host']} (its name, or bitrix24_expected_host)"
        in run.output
    )
    assert (
        services_of(fleet.portals["portal-2"])["Company"][2] == "993"
        and services_of(fleet.portals["portal-3"])["Company"][2] == "143"
    )


def test_what_was_written_before_a_failure_stands_in_the_journal_and_the_next_run_finishes(fleet):
    portal = one_portal(fleet)
    fleet.wants({"name": "Company", "port": 143}, {"name": "Old", "port": 143}, {"name": "New"})
    portal.faults = [{"method": "mailservice.update", "kind": "operation_limit", "nth": 2, "times": 9}]
    run = fleet.play("reconcile")
    assert run.hosts("failed") == ["portal-1"] and "changes failed" in run.output
    assert sorted((line["after"]["name"], line["error"] is None) for line in fleet.journal()) == [
        ("Company", True),
        ("New", True),
        ("Old", False),
    ]
    portal.faults = []
    fleet.reconciled()
    assert [line["after"]["name"] for line in fleet.journal()][3:] == ["Old"] and services_of(portal)["Old"][2] == "143"


def test_nothing_is_written_where_the_journal_cannot_be(fleet):
    portal = one_portal(fleet)
    fleet.wants({"name": "Company", "port": 143}, mailservices_journal=str(fleet.folder))
    run = fleet.play("reconcile")
    assert run.returncode != 0 and not written_names(portal.requests)


def test_a_portal_for_which_nothing_is_wanted_stops_unless_that_is_meant(fleet):
    one_portal(fleet)
    run = fleet.play("plan")
    assert run.returncode != 0 and "is the file with its variables" in run.output
    assert fleet.play("plan", "-e", "mailservices_allow_empty=true").returncode == 0


def test_the_role_takes_the_environments_connection_and_journals_a_write_once(fleet):
    portal = one_portal(fleet)
    del fleet.hosts["portal-1"]["bitrix24_connection"]
    book = fleet.folder / "own.yml"
    book.write_text("""
- hosts: portals
  connection: local
  gather_facts: false
  tasks:
    - ansible.builtin.include_role: {name: bitrix24.portal.mailservices}
      vars: {mailservices_wanted: [{name: Company, port: 143}]}
    - ansible.builtin.include_role: {name: bitrix24.portal.mailservices}
      vars: {mailservices_wanted: [{name: Company, port: 143}]}
""")
    run = fleet.play(str(book), env={"B24_WEBHOOK_URL": portal.webhook()})
    assert run.returncode == 0 and run.warnings == [] and len(fleet.journal()) == 1, run.output


def quieter(artifact):
    """The plan with words of its own, and the digests as they were."""
    for entry in artifact["portals"].values():
        unchanged = entry["plan"]["unchanged"]
        entry["plan"] = {key: unchanged if key == "unchanged" else [] for key in entry["plan"]}
        entry.update(effects=[], text=["nothing to do"])
    return json.dumps(dict(artifact, removals=0))


@pytest.mark.parametrize(
    "plan, more, why",
    [
        (quieter, {}, "the approved plan was altered after it was made"),
        (lambda artifact: "", {}, "the approved plan is an empty file"),
        (None, {"mailservices_approved_plan": ""}, "mailservices_approved_plan is empty"),
        (None, {"mailservices_approved_plan": "  "}, "mailservices_approved_plan is empty"),
        (None, {"mailservices_approved_plan": "no/such/plan.json"}, "there is no file"),
        (json.dumps, {"mailservices_approved_digest": ""}, "mailservices_approved_digest is empty"),
    ],
)
def test_an_approved_plan_that_lies_or_holds_none_stops_every_portal_in_a_line(fleet, plan, more, why):
    fleet.wants({"name": "Company"}, mailservices_purge="delete")
    run, artifact = fleet.planned()
    assert run.returncode == 0 and artifact["removals"] == 6
    forget(fleet)
    if plan is not None:
        (fleet.output / "plan.json").write_text(plan(artifact))
        more = dict(
            more,
            mailservices_approved_plan=str(fleet.output / "plan.json"),
            **({} if more else {"mailservices_approved_digest": artifact["digest"]}),
        )
    run = fleet.play("reconcile", "-e", json.dumps(more))
    assert run.returncode != 0 and requests(fleet) == [0, 0, 0] and not run.hosts("changed"), run.output
    (line,) = [line for line in run.output.splitlines() if why in line and "ERROR" not in line]
    assert "Traceback" not in run.output and "{{" not in line


def test_the_plan_is_handed_over_to_a_job_that_shares_no_files_or_nothing_is_done(fleet):
    fleet.wants({"name": "Company", "port": 143})
    run = fleet.play("plan", env={"ANSIBLE_SHOW_CUSTOM_STATS": "true"})
    packed = json.loads(run.stdout.partition("RUN: ")[2].partition("\n")[0])["mailservices_packed_plan"]
    digest = fleet.artifact()["digest"]
    shutil.rmtree(fleet.output)
    approved = {"mailservices_approved_plan": packed, "mailservices_approved_digest": digest}
    forget(fleet)
    for wrong in (packed[:-8], packed[:60], "data:,x", packed.replace("zlib", "json")):
        refused = fleet.play("reconcile", "-e", json.dumps(dict(approved, mailservices_approved_plan=wrong)))
        assert "was not handed over as a whole; nothing was done" in refused.stdout and requests(fleet) == [0, 0, 0]
    missing = fleet.play("reconcile", "-e", '{"mailservices_approved_plan": "{{ mailservices_packed_plan }}"}')
    assert missing.returncode != 0 and requests(fleet) == [0, 0, 0]
    fleet.reconciled("-e", json.dumps(approved))
    assert [services_of(portal)["Company"][2] for portal in fleet.portals.values()] == ["143"] * 3


def test_what_is_read_once_for_all_hosts_must_be_the_same_on_all(fleet):
    fleet.wants({"name": "Company", "port": 143})
    fleet.hosts["portal-2"]["mailservices_approved_plan"] = "mailservices/plan.json"
    run = fleet.play("reconcile")
    assert run.returncode != 0 and requests(fleet) == [0, 0, 0]
    assert "mailservices_approved_plan is read once for all hosts, and portal-1 and portal-2 differ in it" in run.stdout
