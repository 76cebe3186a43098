# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook validate: all that is wrong with what is wanted of all portals, without a portal or a network."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess

import pytest
import yaml

from ansible_collections.bitrix24.portal.plugins.plugin_utils._controller import LEAVES_TEMPLATES
from tests.playbooks import ANSIBLE_PLAYBOOK, clean_environment
from tests.roles.fleet import Fleet, PlayRun, state
from tests.simulator.server import Simulator

LONG_AGO, FAR_AWAY = "2020-01-31", "2999-12-31"
UNDEFINED = "this has no value: {{ nowhere }}" if LEAVES_TEMPLATES else "'nowhere' is undefined"
COMPANY = {"name": "Company mail", "server": "imap.example.com", "port": 993}
FINE = {
    "portals": {
        "vars": {
            "mailservices_baseline": [{"preset": "gmail"}, COMPANY],
            "mailservices_purge": "deactivate",
            "mailservices_protect": "Partner *",
            "mailservice_audit_exceptions": [
                {"portal": "*", "service": "Old", "reason": "is going", "until": FAR_AWAY}
            ],
        },
        "hosts": {
            "one.example.com": {"mailservices_wanted": [{"name": "gmail", "port": 143}]},
            "two.example.com": {"mailservices_wanted": "{{ [dict(name='Two', port=nowhere | default(omit))] }}"},
            "three.example.com": {},
        },
    }
}
"""An inventory with which nothing is wrong."""


def namespace():
    """The command that runs another without any network, or None where it is not permitted."""
    for command in (["unshare", "--net"], ["unshare", "--map-root-user", "--net"]):
        if (
            shutil.which("unshare")
            and subprocess.run([*command, "true"], capture_output=True, check=False).returncode == 0
        ):
            return command
    return None


def with_host(**variables):
    """The inventory with these variables on one host."""
    inventory = json.loads(json.dumps(FINE))
    inventory["portals"]["hosts"]["one.example.com"].update(variables)
    return inventory


def validate(folder, inventory, *arguments, under=()):
    (folder / "inventory.yml").write_text(yaml.safe_dump(inventory))
    command = [*under, str(ANSIBLE_PLAYBOOK), "bitrix24.portal.validate", "-i", "inventory.yml", *arguments]
    run = PlayRun(
        subprocess.run(
            command, cwd=folder, env=clean_environment(), capture_output=True, text=True, timeout=300, check=False
        )
    )
    assert run.warnings == [line for line in run.warnings if line.startswith("[ERROR]")], run.output
    found = re.search(r'"msg": (\[\n.*?\n    \])', run.stdout, re.DOTALL)
    run.lines = json.loads(found[1]) if found else []
    return run


def test_of_hosts_that_are_fine_there_is_one_line_in_all(tmp_path):
    run = validate(tmp_path, FINE)
    assert run.returncode == 0, run.output
    assert run.lines == [
        "Nothing is wrong with what is wanted of 3 portals (7 entries and 3 exceptions). No portal was asked."
    ]


WRONG = {
    "a preset that is none": (
        {"mailservices_wanted": [{"preset": "gmial"}]},
        "mailservices_wanted[0] (preset 'gmial'): there is no preset 'gmial'; did you mean 'gmail'?",
    ),
    "an option that is none": (
        {"mailservices_wanted": [{"name": "A", "prot": 993}]},
        "mailservices_wanted[0] ('A'): there is no option prot",
    ),
    "a value of the wrong kind": (
        {"mailservices_wanted": [{"name": "A", "port": "ninety"}]},
        "mailservices_wanted[0] ('A'): port must be a whole number, not 'ninety'",
    ),
    "a value that no portal takes": (
        {"mailservices_wanted": [{"name": "A", "port": 70000}]},
        "mailservices_wanted[0] ('A'): port must be a whole number from 1 to 65535; to leave it as it is, omit it",
    ),
    "a value that comes out of the baseline": (
        {"mailservices_wanted": [{"name": "Company mail", "sort": 0}]},
        "mailservices_wanted[0] over mailservices_baseline[1] ('Company mail'): sort must be a whole number "
        "from 1 to 2147483647; to leave it as it is, omit it",
    ),
    "an entry that means nothing": (
        {"mailservices_wanted": [{"port": 993}]},
        "mailservices_wanted[0] (id None): id or name is needed to tell which mail service is meant",
    ),
    "a name that YAML made a truth": (
        {"mailservices_wanted": [{"name": True}]},
        "mailservices_wanted[0] (True): name is true, which is no text: YAML reads yes, no, on and off so as well; "
        "if that is the name, put it in quotes",
    ),
    "an icon that is not there": (
        {"mailservices_wanted": [{"name": "A", "icon_file": "nowhere.png"}]},
        "mailservices_wanted[0] ('A'): icon_file 'nowhere.png' is not there; looked for at ",
    ),
    "two entries for one service": (
        {"mailservices_wanted": [{"name": "A"}, {"name": "A"}]},
        "mailservices_wanted[0] and mailservices_wanted[1] both mean the service 'A'",
    ),
    "names that differ in case": (
        {"mailservices_wanted": [{"name": "company mail"}]},
        "mailservices_wanted[0] ('company mail'): its name differs from that of mailservices_baseline[1] "
        "('Company mail') only in case, blanks or Unicode form; to mean one service, write one name; if both are "
        "meant, set allow_similar_name: true",
    ),
    "a choice that is none": (
        {"mailservices_purge": "maybe"},
        "mailservices_purge must be one of none, deactivate, delete, not 'maybe'",
    ),
    "a choice of the audit that is none": (
        {"mailservice_audit_webhook_warn_days": "soon"},
        "mailservice_audit_webhook_warn_days must be a whole number, not 'soon'",
    ),
    "text that looks like a list": (
        {"mailservices_protect": '["Partner *"]'},
        "mailservices_protect is text that looks like a list and is none; write it as a list in YAML, leave the quotes "
        "around it out in an inventory in INI form, and on the command line give JSON: "
        "-e '{\"mailservices_protect\": […]}'",
    ),
    "a variable that needs another": (
        {"mailservices_wanted": "{{ nowhere }}"},
        f"mailservices_wanted: {UNDEFINED}",
    ),
    "nothing at all that is wanted": (
        {"mailservices_wanted": [], "mailservices_baseline": []},
        "neither mailservices_wanted nor mailservices_baseline has an entry for this portal: is the file with its "
        "variables where Ansible looks for it? If nothing is wanted there, set mailservices_allow_empty: true",
    ),
    "a purge of everything": (
        {"mailservices_wanted": [{"name": "Old", "state": "absent"}], "mailservices_baseline": []},
        "no service is wanted present, and mailservices_purge: deactivate would take every service away; if that is "
        "meant, set mailservices_allow_empty: true",
    ),
    "an exception that has expired": (
        {
            "mailservice_audit_exceptions": [
                {"portal": "*", "service": "Old", "reason": "is going", "until": FAR_AWAY},
                {"portal": "*", "kind": "extra", "reason": "known", "until": LONG_AGO},
            ]
        },
        "mailservice_audit_exceptions[1] (portal '*', kind 'extra') ended on 2020-01-31; take it out, or give it "
        "another day",
    ),
    "an exception for ever": (
        {"mailservice_audit_exceptions": [{"portal": "*", "service": "Old", "reason": "is going"}]},
        "mailservice_audit_exceptions[0] (portal '*', service 'Old') has no until; an exception says where, why and "
        "until when",
    ),
}
"""What is wrong on one host, and the one line that tells it."""


@pytest.fixture(scope="module")
def all_wrong(tmp_path_factory):
    """A run over a host for each case, with the one that is fine among them."""
    inventory = json.loads(json.dumps(FINE))
    inventory["portals"]["hosts"] = {
        "fine.example.com": {},
        **{case.replace(" ", "-"): variables for case, (variables, dummy) in WRONG.items()},
    }
    return validate(tmp_path_factory.mktemp("wrong"), inventory)


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_one_line_by_host_variable_place_and_entry(all_wrong, case):
    host, line = case.replace(" ", "-"), WRONG[case][1]
    (told,) = [told for told in all_wrong.lines if told.startswith(f"{host}: ")]
    # Where a file was looked for differs from machine to machine.
    assert told == f"{host}: {line}" or (case == "an icon that is not there" and told.startswith(f"{host}: {line}"))


def test_all_of_it_is_told_at_once_and_of_a_host_that_is_fine_nothing(all_wrong):
    assert all_wrong.returncode != 0
    *problems, last = all_wrong.lines
    assert len(problems) == len(WRONG) and not any("fine.example.com" in line for line in problems)
    count = f"{len(WRONG)} problems, on {len(WRONG)} of {len(WRONG) + 1} portals. No portal was asked."
    assert last == count


def test_a_plan_refuses_the_same_entries_in_the_same_words(tmp_path, all_wrong):
    cases = [case for case, (variables, dummy) in WRONG.items() if "mailservices_wanted" in variables]
    # Ansible quotes the inventory around a template that fails, and the webhook stands there.
    cases = [case for case in cases if case != "a variable that needs another"]
    with Simulator(portals=len(cases)) as simulator:
        for portal in simulator.portals:
            portal.state = state()
        fleet = Fleet(tmp_path, simulator.portals, [case.replace(" ", "-") for case in cases])
        fleet.group = {key: FINE["portals"]["vars"][key] for key in ("mailservices_baseline", "mailservices_purge")}
        for host, case in zip(fleet.hosts.values(), cases):
            host.update(WRONG[case][0])
        fleet.play("plan")
        planned = json.loads((fleet.output / "plan.json").read_text())["portals"]
        for case in cases:
            said = planned[case.replace(" ", "-")]["error"]
            assert without_places(WRONG[case][1]) in without_places(said), case


def without_places(text):
    """The text without where entries stand: a plan counts them as they are once laid over the baseline."""
    return re.sub(r"mailservices(_wanted|_baseline)?\[\d+\]( over )?", "", text)


def test_what_all_hosts_have_in_common_is_told_once(tmp_path):
    inventory = json.loads(json.dumps(FINE))
    inventory["portals"]["vars"]["mailservices_baseline"] = [{"preset": "gmial"}, COMPANY]
    run = validate(tmp_path, inventory)
    assert run.lines == [
        "all 3 hosts: mailservices_baseline[0] (preset 'gmial'): there is no preset 'gmial'; did you mean 'gmail'?",
        "1 problem, on 3 of 3 portals. No portal was asked.",
    ]


def test_two_hosts_of_one_portal_are_told(tmp_path):
    run = validate(tmp_path, with_host(bitrix24_expected_host="TWO.example.com"))
    assert run.returncode != 0
    assert run.lines[0].startswith("one.example.com and two.example.com are one portal (two.example.com)")


def test_a_connection_that_is_vaulted_is_left_alone(tmp_path):
    (tmp_path / "group_vars").mkdir()
    (tmp_path / "group_vars" / "portals.yml").write_text(
        "bitrix24_connection: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  3333\n"
    )
    assert validate(tmp_path, FINE).returncode == 0


@pytest.mark.parametrize("inventory, passes", [(FINE, True), (with_host(mailservices_purge="maybe"), False)])
def test_it_passes_and_fails_as_it_should_without_a_network(tmp_path, inventory, passes):
    command = namespace()
    if command is None:
        pytest.skip(
            "A network namespace without a network cannot be made here: run the tests as root, or let users make "
            "namespaces (sysctl kernel.unprivileged_userns_clone=1), with util-linux's unshare installed."
        )
    interfaces = subprocess.run(
        [*command, "cat", "/proc/net/route"], capture_output=True, text=True, check=True
    ).stdout.splitlines()
    assert len(interfaces) <= 1, "there is a way out of this namespace"
    run = validate(tmp_path, inventory, under=command)
    assert (run.returncode == 0) is passes, run.output
    assert run.lines[-1].endswith("No portal was asked.")


def test_a_simulated_portal_is_not_asked(tmp_path):
    with Simulator() as simulator:
        (portal,) = simulator.portals
        fleet = Fleet(tmp_path, [portal]).wants(COMPANY)
        assert fleet.play("validate", env={"B24_WEBHOOK_URL": portal.webhook()}).returncode == 0
        assert simulator.requests == []


def test_nothing_is_left_behind(tmp_path):
    validate(tmp_path, FINE)
    assert os.listdir(tmp_path) == ["inventory.yml"]
