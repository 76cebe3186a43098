# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the playbooks write: with which modes, and where not."""

from __future__ import annotations

import os
import stat

import pytest

from tests.roles.fleet import Fleet, catch_all, service, state
from tests.simulator.server import Simulator

WRITERS = {
    "plan": ("plan", "mailservices_output_dir"),
    "the journal": ("reconcile", "mailservices_output_dir"),
    "the states before": ("reconcile", "mailservices_restore_dir"),
    "the report": ("audit", "mailservice_audit_dir"),
    "the export": ("export", "mailservice_export_dir"),
}


@pytest.fixture
def fleet(tmp_path):
    with Simulator() as simulator:
        simulator.state = state(catch_all(), service(2, "Old"), service(3, "Company mail", PORT="143"))
        fleet = Fleet(tmp_path, simulator.portals)
        yield fleet.wants({"name": "Company mail", "port": 993}, {"name": "Old", "state": "absent"})


@pytest.fixture
def umask():
    before = os.umask(0)
    yield
    os.umask(before)


@pytest.mark.parametrize("what", WRITERS)
def test_no_file_is_written_behind_a_link_that_others_may_have_put_there(fleet, what):
    playbook, variable = WRITERS[what]
    target, shared = fleet.folder / "target", fleet.folder / "shared"
    target.mkdir()
    shared.mkdir()
    (shared / "link").symlink_to(target)
    shared.chmod(0o1777)
    run = fleet.play(playbook, "-e", f"{variable}=shared/link/{playbook}")
    assert (
        run.returncode != 0 and f"{shared}/link is a symbolic link in a folder that others can write to" in run.output
    )
    assert list(target.rglob("*")) == [] and len(fleet.portals["portal-1"].state["services"]) == 3


def test_no_approved_plan_is_read_behind_such_a_link(fleet):
    fleet.play("plan")
    shared = fleet.folder / "shared"
    shared.mkdir()
    (shared / "plan.json").symlink_to(fleet.output / "plan.json")
    shared.chmod(0o1777)
    run = fleet.play("reconcile", "-e", "mailservices_approved_plan=shared/plan.json")
    assert run.returncode != 0 and f"{shared}/plan.json is a symbolic link in a folder that others" in run.output
    assert len(fleet.portals["portal-1"].state["services"]) == 3


def test_whatever_the_umask_nothing_is_open_to_all_and_folders_that_are_there_keep_their_modes(fleet, umask):
    for name, mode in (("mailservices", 0o2775), ("mailservice_audit", 0o1777)):
        (fleet.folder / name).mkdir()
        (fleet.folder / name).chmod(mode)
    for playbook in ("plan", "reconcile", "audit", "export"):
        run = fleet.play(playbook)
        assert run.returncode == 0, run.output
    modes = {str(path.relative_to(fleet.folder)): stat.S_IMODE(path.stat().st_mode) for path in fleet.folder.rglob("*")}
    assert (modes.pop("mailservices"), modes.pop("mailservice_audit")) == (0o2775, 0o1777)
    modes.pop("inventory.yml")
    assert len(modes) > 10 and {mode & ~stat.S_ISGID for mode in modes.values()} == {0o644, 0o755}, modes
