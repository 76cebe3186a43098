# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Icons in real playbooks: where their files are found, how the bytes travel, and that a second run is quiet."""

from __future__ import annotations

import base64
import json
import subprocess

import pytest
import yaml

from tests.images import image
from tests.playbooks import ANSIBLE_PLAYBOOK, RUNNERS, ansible_playbook, clean_environment, run_tasks
from tests.roles.fleet import Fleet, catch_all, service, state
from tests.simulator.server import Simulator

LOGO, OTHER = image("png", seed=1), image("webp", seed=2)
BOTH_WAYS = pytest.mark.parametrize("environment", RUNNERS.values(), ids=RUNNERS)


@pytest.fixture
def simulator():
    with Simulator() as simulator:
        simulator.state = state(service(1, "Company"))
        yield simulator


@pytest.fixture
def folder(tmp_path):
    """The folder of a playbook, with a logo in files/."""
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "logo.png").write_bytes(LOGO)
    return tmp_path


def shown(portal, service_id=1):
    """The bytes of the icon that employees see, or None."""
    running = getattr(portal, "portals", [portal])[0]
    store = running._portal.store
    number = store.rows("services", ID=service_id)[0]["ICON"]
    return store.file_content(number) if number else None


def task(simulator, icon="logo.png", environment=None, **options):
    connection = {"webhook_url": simulator.webhook()}
    if simulator.ca_file:
        connection["ca_path"] = simulator.ca_file
    entries = [{"name": "Company", "icon_file": icon}]
    options = {"mailservices": entries, **connection, **options}
    return {"bitrix24.portal.mailservice_set": options, "environment": environment or {}}


@pytest.mark.parametrize("tls", [False, True], ids=["http", "https"])
@BOTH_WAYS
def test_an_icon_set_runs_twice_and_the_second_time_changes_nothing(folder, environment, tls):
    with Simulator(tls=tls) as simulator:
        simulator.state = state(service(1, "Company"))
        tasks = {"first": task(simulator, environment=environment), "second": task(simulator, environment=environment)}
        run = run_tasks(folder, tasks)
        assert (run.results["first"]["changed"], run.results["second"]["changed"]) == (True, False), run.output
        assert shown(simulator) == LOGO
        assert run.warnings == []
        writes = [request for request in simulator.requests if "ICON" in request["body"]]
        assert [request["body"]["ICON"] for request in writes] == [["icon.png", base64.b64encode(LOGO).decode()]]


@BOTH_WAYS
def test_no_output_holds_the_bytes_however_much_is_printed(folder, simulator, environment):
    run = run_tasks(folder, {"one": task(simulator, environment=environment)}, "-vvv", "--diff")
    assert "PNG, " in run.output and base64.b64encode(LOGO).decode()[:30] not in run.output


def test_a_file_of_a_role_goes_before_that_beside_the_playbook(folder, simulator):
    role = folder / "roles" / "mail"
    (role / "tasks").mkdir(parents=True)
    (role / "files").mkdir()
    (role / "files" / "logo.png").write_bytes(image("png", seed=9))
    (role / "tasks" / "main.yml").write_text(yaml.safe_dump([dict(task(simulator), name="Give it a logo")]))
    book = folder / "site.yml"
    book.write_text(yaml.safe_dump([{"hosts": "localhost", "gather_facts": False, "roles": ["mail"]}]))
    run = ansible_playbook(book, cwd=folder)
    assert run.returncode == 0, run.stdout + run.stderr
    assert shown(simulator) == image("png", seed=9)


def test_a_file_is_found_by_an_absolute_path_too(folder, simulator):
    run_tasks(folder, {"one": task(simulator, str(folder / "files" / "logo.png"))})
    assert shown(simulator) == LOGO


def test_a_vaulted_file_is_sent_as_it_was_before_it_was_encrypted(folder, simulator):
    (folder / "password").write_text("of a test")
    command = [str(ANSIBLE_PLAYBOOK.with_name("ansible-vault")), "encrypt", "--vault-password-file", "password"]
    subprocess.run([*command, "files/logo.png"], cwd=folder, env=clean_environment(), check=True, capture_output=True)
    run = run_tasks(folder, {"one": task(simulator)}, "--vault-password-file", "password")
    assert shown(simulator) == LOGO, run.output


REFUSED = {
    "gone.png": "icon_file 'gone.png' is not there; looked for at ",
    "big.png": "icon_file 'big.png' is larger than 1 MiB, which is too much for an icon",
    "cut.png": "icon_file 'cut.png' is a PNG image that is cut off or broken: it ends in the middle",
    "logo.jpg": "icon_file 'logo.jpg' is a PNG image by its first bytes: let its name end in .png",
    "../files": "icon_file '../files' is no file: ",
}


@BOTH_WAYS
def test_a_file_that_is_of_no_use_is_refused_with_its_entry_before_a_request(folder, simulator, environment):
    for name, content in (("big.png", LOGO + b"\0" * 1024 * 1024), ("cut.png", LOGO[:-7]), ("logo.jpg", LOGO)):
        (folder / "files" / name).write_bytes(content)
    tasks = {name: task(simulator, name, environment) for name in REFUSED}
    tasks["a list"] = task(simulator, ["logo.png"], environment)
    content = {"logo.png": base64.b64encode(LOGO).decode()}
    tasks["by hand"] = task(simulator, environment=environment, icon_contents=content)
    run = run_tasks(folder, tasks)
    told = {name: result["msg"] for name, result in run.results.items() if result["failed"]}
    for name, why in {**REFUSED, "a list": "icon_file must be the name of a file"}.items():
        assert told[name].startswith(f"mailservices[0] ('Company'): {why}") and "\n" not in told[name], told[name]
    assert told["by hand"] == "icon_contents is not for you to give: name the file with icon_file"
    assert "Traceback" not in run.output and simulator.requests == []


@pytest.fixture
def fleet(folder):
    with Simulator(portals=2) as simulator:
        for portal in simulator.portals:
            portal.state = state(catch_all(), service(2, "Company"))
        fleet = Fleet(folder, simulator.portals)
        yield fleet.wants({"name": "Company", "icon_file": "{{ inventory_dir }}/files/logo.png"}, {"name": "Other"})


def test_the_playbooks_give_all_portals_the_icon_and_find_it_there_afterwards(fleet):
    fleet.reconciled()
    assert [shown(portal, 2) for portal in fleet.portals.values()] == [LOGO, LOGO]
    fleet.reconciled()
    assert [line["action"] for line in fleet.journal()] == ["update", "update"]
    audit = fleet.play("audit")
    assert audit.returncode == 0 and "in order" in audit.stdout, audit.output
    (fleet.folder / "files" / "logo.png").write_bytes(image("png", seed=5))
    assert fleet.play("audit").returncode != 0
    report = json.loads((fleet.folder / "mailservice_audit" / "audit.json").read_text())
    (found,) = report["portals"][0]["findings"]
    assert (found["kind"], found["text"]) == ("changed", "Its icon is not as wanted.")
    assert found["fields"][0]["before"].startswith(f"PNG, {len(LOGO)} bytes, SHA-256 ")


def test_the_playbooks_journal_remembers_what_a_portal_makes_of_an_icon(fleet):
    for portal in fleet.portals.values():
        portal.state = {**portal.state, "switches": ["reencode_icons=Y"]}
    run = fleet.play("reconcile")
    assert run.returncode == 0 and "the portal made another image of the one that was sent" in run.output, run.output
    fleet.reconciled()
    assert [line["action"] for line in fleet.journal() if line.get("icon")] == ["update", "update"]
    assert [len(portal.state["files"]) for portal in fleet.portals.values()] == [1, 1]


def test_an_approved_plan_is_refused_where_the_file_is_another_one_by_now(fleet):
    run, plan = fleet.planned()
    assert run.returncode == 0, run.output
    assert "icon" in "\n".join(plan["portals"]["portal-1"]["text"])
    (fleet.folder / "files" / "logo.png").write_bytes(image("png", seed=5))
    approved = json.dumps(
        {"mailservices_approved_plan": str(fleet.output / "plan.json"), "mailservices_approved_digest": plan["digest"]}
    )
    run = fleet.play("reconcile", "-e", approved)
    assert run.returncode != 0 and [shown(portal, 2) for portal in fleet.portals.values()] == [None, None], run.output


def test_a_missing_file_is_told_by_the_roles_variable(fleet):
    (fleet.folder / "files" / "logo.png").unlink()
    run = fleet.play("reconcile")
    assert run.returncode != 0 and "mailservices_wanted[0] ('Company'): icon_file " in run.output, run.output
    assert all(portal.requests == [] for portal in fleet.portals.values())
