# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook export, and what reconcile makes of its files."""

from __future__ import annotations

import pytest
import yaml

from tests.roles.fleet import Fleet, catch_all, service, services_of, state
from tests.roles.in_process import loaded
from tests.roles.test_export import HOSTILE
from tests.simulator.server import Simulator

BASELINE = ("-e", "mailservice_export_baseline=true")
OWNED = "{{ lookup('ansible.builtin.pipe', 'touch ' ~ playbook_dir ~ '/owned') }}"


@pytest.fixture
def fleet(tmp_path):
    with Simulator(portals=2) as simulator:
        for number, portal in enumerate(simulator.portals, 1):
            alike = [service(at, name, "YN"[at % 2]) for at, name in enumerate(HOSTILE + [OWNED], 2)]
            portal.state = state(catch_all(), *alike, service(99, "Only %d" % number))
        yield Fleet(tmp_path, simulator.portals)


def own(fleet, portal):
    return fleet.folder / "host_vars" / (portal + ".yml")


def exported(fleet, *arguments):
    run = fleet.play("export", "-e", "mailservice_export_date=2026-01-31", *arguments)
    assert run.returncode == 0 and run.warnings == [], run.output
    assert not list(fleet.folder.rglob("owned"))
    return run


def desired(path, variable="mailservices_wanted"):
    return [entry["name"] for entry in loaded(path.read_text())[variable]]


def test_a_portal_goes_out_into_files_and_comes_back_from_them(fleet):
    exported(fleet, *BASELINE)
    shared = fleet.folder / "group_vars" / "portals.yml"
    assert [desired(own(fleet, portal)) for portal in fleet.portals] == [["Only 1"], ["Only 2"]]
    assert sorted(desired(shared, "mailservices_baseline")) == sorted(HOSTILE + [OWNED])

    nothing = fleet.reconciled()
    assert nothing.hosts("changed") == [] and "nothing to do on 2 portals" in nothing.stdout
    texts = {path: path.read_text() for path in (shared, *(own(fleet, portal) for portal in fleet.portals))}
    kept = [services_of(portal) for portal in fleet.portals.values()]
    for portal in fleet.portals.values():
        portal.state = dict(state(catch_all()), next_service_id=500)
    assert fleet.reconciled().hosts("changed") == list(fleet.portals)
    assert [services_of(portal) for portal in fleet.portals.values()] == kept

    assert exported(fleet, *BASELINE, "-e", "mailservice_export_date=2027-01-31").hosts("changed") == []
    for path in texts:
        path.unlink()
    exported(fleet, *BASELINE)
    assert {path: path.read_text() for path in texts} == texts


@pytest.mark.long
def test_one_file_for_all_is_an_inventory_to_reconcile_with(fleet):
    exported(fleet, *BASELINE, "-e", "mailservice_export_single_file=all/portals.yml")
    assert not (fleet.folder / "host_vars").exists()
    folder = fleet.folder / "all"
    (folder / "inventory.yml").write_text(yaml.safe_dump({"portals": {"hosts": fleet.hosts}}))
    run = fleet.play("plan", inventory=folder)
    assert run.returncode == 0 and "nothing to do on 2 portals" in run.stdout, run.output


def test_a_portal_that_cannot_be_read_is_told_and_the_others_are_exported(fleet):
    fleet.portals["portal-1"].faults = [{"method": "*", "kind": "query_limit", "times": 0}]
    run = fleet.play("export")
    assert (
        run.hosts("failed") == ["portal-1"]
        and run.hosts("changed") == ["portal-2"]
        and not own(fleet, "portal-1").exists()
    )
    own(fleet, "portal-2").unlink()
    run = fleet.play("export", *BASELINE)
    assert (
        run.returncode != 0
        and "portal-1 could not be read; nothing was written" in run.output
        and not own(fleet, "portal-2").exists()
    )


def test_a_file_with_connections_is_never_replaced_and_a_dry_run_writes_nothing(fleet):
    own(fleet, "portal-1").parent.mkdir()
    own(fleet, "portal-1").write_text("unrelated: 1\n")
    run = fleet.play("export", "--check")
    assert run.hosts("failed") == ["portal-1"] and "did not write" in run.output and not own(fleet, "portal-2").exists()
    assert own(fleet, "portal-1").read_text() == "unrelated: 1\n"
