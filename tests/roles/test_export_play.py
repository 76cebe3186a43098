# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook export, and what reconcile makes of its files."""

from __future__ import annotations

import json

import pytest
import yaml

from tests.conftest import ROOT
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


def exported(fleet, *arguments, playbook="export", inventory=None):
    run = fleet.play(playbook, "-e", "mailservice_export_date=2026-01-31", *arguments, inventory=inventory)
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
    assert run.hosts("failed") == ["portal-1"] and "QUERY_LIMIT_EXCEEDED" in run.output
    assert len(run.hosts("changed")) == 1 and not own(fleet, "portal-1").exists()
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
    run = fleet.play("export", "--check", "--diff")
    assert run.hosts("failed") == ["portal-1"] and "did not write" in run.output and not own(fleet, "portal-2").exists()
    assert len(run.hosts("changed")) == 1 and f"+++ after: {own(fleet, 'portal-2')}\n" in run.output
    assert own(fleet, "portal-1").read_text() == "unrelated: 1\n"


def test_each_portal_has_the_path_that_its_own_variables_say(fleet):
    fleet.hosts["portal-1"]["branch"] = "north"
    path = "{{ branch | default('south') }}/{{ inventory_hostname }}.yml"
    exported(fleet, "-e", json.dumps({"mailservice_export_file": path}))
    for branch, portal in (("north", "portal-1"), ("south", "portal-2")):
        assert len(desired(fleet.folder / branch / f"{portal}.yml")) == len(HOSTILE) + 2


def test_one_path_for_two_portals_is_refused(fleet):
    run = fleet.play("export", "-e", "mailservice_export_file=one.yml")
    assert run.returncode != 0 and "portal-1 and portal-2 would go to one file" in run.output
    assert not (fleet.folder / "one.yml").exists()


@pytest.mark.long
def test_batches_write_the_same_files(fleet):
    play = fleet.folder / "export.yml"
    text = (ROOT / "playbooks" / "export.yml").read_text().replace("  connection:", "  serial: 1\n  connection:")
    play.write_text(text)
    for playbook, name in (("export", "at_once"), (str(play), "batches")):
        exported(fleet, "-e", f"mailservice_export_dir={fleet.folder / name}", playbook=playbook)
    files = [sorted((fleet.folder / name / "host_vars").iterdir()) for name in ("at_once", "batches")]
    assert [path.read_text() for path in files[0]] == [path.read_text() for path in files[1]] and len(files[0]) == 2


@pytest.fixture
def laid_out(fleet):
    """The inventory as a folder, in the layout of the guide to fleets: a portal's variables in a folder of its name."""
    inventory = fleet.folder / "inventory"
    for host, variables in fleet.hosts.items():
        folder = inventory / "host_vars" / host
        folder.mkdir(parents=True)
        (folder / "connection.yml").write_text(yaml.safe_dump(variables))
    (inventory / "group_vars" / "portals").mkdir(parents=True)
    (inventory / "portals.yml").write_text(yaml.safe_dump({"portals": {"hosts": dict.fromkeys(fleet.hosts)}}))
    return inventory


def test_in_the_layout_of_the_guide_the_next_plan_finds_what_was_exported(fleet, laid_out):
    run = exported(fleet, *BASELINE, inventory=laid_out)
    written = [laid_out / "group_vars" / "portals" / "mailservices.yml"]
    written += [laid_out / "host_vars" / host / "mailservices.yml" for host in fleet.portals]
    assert (
        all(f"written: {path}" in run.stdout for path in written)
        and "Exported 2 of 2 portals: files: 3 written" in run.stdout
    )
    assert sorted(path for path in fleet.folder.rglob("*.yml") if "connection" not in path.name) == sorted(
        [*written, laid_out / "portals.yml"]
    )
    plan = fleet.play("plan", inventory=laid_out)
    assert plan.returncode == 0 and "nothing to do on 2 portals" in plan.stdout, plan.output


def test_an_export_that_somebody_edited_is_kept_until_told_otherwise(fleet, laid_out):
    exported(fleet, inventory=laid_out)
    path = laid_out / "host_vars" / "portal-1" / "mailservices.yml"
    edited = path.read_text().replace("993", "143", 1)
    path.write_text(edited)
    for dry in ((), ("--check", "--diff")):
        run = fleet.play("export", *dry, inventory=laid_out)
        assert run.hosts("failed") == ["portal-1"] and path.read_text() == edited
        (told,) = [line for line in run.stdout.splitlines() if line.startswith("fatal: ")]
        assert f"{path} cannot be written: somebody edited it after the export of 2026-01-31" in told
        result = run.stdout.partition("TASK [bitrix24.portal.mailservice_export : Result]")[2]
        assert "xport 1 of 2 portals: files: 0 to write" in result if dry else "Exported 1 of 2 portals" in result
        assert "unless mailservice_export_overwrite is true" in run.stdout and "+++ after" not in run.stdout
    run = exported(
        fleet, "-e", "mailservice_export_overwrite=true", "-e", "mailservice_export_date=2026-02-01", inventory=laid_out
    )
    assert len(run.hosts("changed")) == 1 and "993" in path.read_text() and "143" not in path.read_text()


def test_with_a_mere_list_of_hosts_the_files_go_where_ansible_was_started_and_it_says_so(fleet):
    connections = json.dumps(dict(fleet.hosts["portal-1"], bitrix24_portals="all"))
    run = exported(fleet, "-e", connections, inventory="portal-1,")
    assert own(fleet, "portal-1").exists() and "Ansible does not look beside it" in run.stdout
