# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Through ansible-runner, by which AWX and the Automation Platform spread work; and no secret in what comes back."""

from __future__ import annotations

import json
import shutil

import pytest

from tests.engines.runner import Job
from tests.faults.leaks import leaks, leaks_in
from tests.roles.fleet import Fleet, catch_all, service, services_of, state
from tests.simulator.server import Simulator

HANDED_OVER = {"mailservices_approved_plan": "{{ mailservices_packed_plan }}"}
"""What the template of the reconciling job says."""


@pytest.fixture
def fleet(tmp_path):
    """Ten portals, in each of which one service is to be made and one is there already."""
    with Simulator(portals=10) as simulator:
        for portal in simulator.portals:
            portal.state = state(catch_all(), service(2, "Company"))
        yield Fleet(tmp_path, simulator.portals).wants(
            {"name": "Company"}, {"name": "New", "server": "imap.example.com"}
        )


def job(fleet, name, playbook, **more):
    inventory = {"portals": {"hosts": fleet.hosts, "vars": fleet.group}}
    return Job(fleet.folder / name, f"bitrix24.portal.{playbook}", inventory, **more)


def holds_no_secret(done):
    """Neither the artifacts nor what the runner printed; what was given does, so that the search is known to work."""
    files = [path for path in done.artifacts.rglob("*") if path.is_file()]
    names = {path.name for path in files}
    assert {"stdout", "stderr", "rc", "status", "command"} <= names and len(done.events) > 10, names
    assert leaks_in(done.artifacts) == {} and leaks(done.output) == []
    assert list(leaks_in(done.worker)) == [str(done.worker / "inventory" / "hosts.yml")]
    return True


RESULTS = {"plan": 0, "reconcile": 0, "audit": 2}
"""The exit codes; an audit that finds what is missing fails its portals."""


@pytest.mark.parametrize(
    "playbook, way",
    [
        ("reconcile", "run"),
        ("reconcile", "send"),
        ("plan", "send"),
        ("audit", "run"),
        pytest.param("plan", "run", marks=pytest.mark.long),
        pytest.param("audit", "send", marks=pytest.mark.long),
    ],
)
def test_a_playbook_does_its_work_and_its_artifacts_hold_no_secret(fleet, playbook, way):
    done = getattr(job(fleet, "job", playbook), way)()
    assert (done.returncode, done.status) == (RESULTS[playbook], "failed" if RESULTS[playbook] else "successful"), (
        done.stdout
    )
    assert holds_no_secret(done)
    assert all("New" in services_of(portal) for portal in fleet.portals.values()) == (playbook == "reconcile")
    assert all(portal.requests for portal in fleet.portals.values())


def test_a_worker_on_another_folder_audits_ten_portals_and_the_report_outlives_it_on_a_volume(fleet):
    volume = fleet.folder / "volume"
    done = job(fleet, "job", "audit", extra_vars={"mailservice_audit_dir": str(volume / "audit")}).send()
    assert holds_no_secret(done)
    shutil.rmtree(done.worker)
    report = json.loads((volume / "audit" / "audit.json").read_text())
    assert sorted(portal["name"] for portal in report["portals"]) == sorted(fleet.hosts) and leaks_in(volume) == {}
    assert "10 portals" in done.stdout


def test_a_plan_goes_from_worker_to_worker_by_the_stats_alone_and_what_is_to_last_goes_to_the_volume(fleet):
    planned = job(fleet, "plan", "plan").send()
    shutil.rmtree(planned.worker)
    assert planned.returncode == 0 and set(planned.stats) == {"mailservices_packed_plan"}
    kept = {"mailservices_output_dir": str(fleet.folder / "volume")}
    done = job(fleet, "reconcile", "reconcile", extra_vars=dict(HANDED_OVER, **planned.stats, **kept)).send()
    assert done.returncode == 0 and holds_no_secret(done), done.stdout
    shutil.rmtree(done.worker)
    assert all("New" in services_of(portal) for portal in fleet.portals.values())
    journal = [json.loads(line) for line in (fleet.folder / "volume" / "journal.jsonl").read_text().splitlines()]
    assert sorted(line["inventory_hostname"] for line in journal if line["event"] == "outcome") == sorted(fleet.hosts)
    assert leaks_in(fleet.folder / "volume") == {}


def test_a_job_that_was_handed_no_plan_writes_nothing(fleet):
    done = job(fleet, "job", "reconcile", extra_vars=HANDED_OVER).send()
    assert done.returncode == 2 and "mailservices_packed_plan" in done.stdout
    assert not any("New" in services_of(portal) for portal in fleet.portals.values())


def test_a_portal_that_moved_since_the_plan_stops_and_the_others_go_on(fleet):
    planned = job(fleet, "plan", "plan").send()
    moved = fleet.portals["portal-3"]
    moved.state = state(catch_all(), service(2, "Company"), service(3, "New"))
    done = job(fleet, "reconcile", "reconcile", extra_vars=dict(HANDED_OVER, **planned.stats)).send()
    assert done.returncode == 2 and "fatal: [portal-3]" in done.stdout and holds_no_secret(done)
    assert all("New" in services_of(portal) for portal in fleet.portals.values())
    assert services_of(moved)["New"] == ("Y", "imap3.example.com", "993")
