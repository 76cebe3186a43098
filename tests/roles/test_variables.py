# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Variables as people write them, from an inventory in YAML or INI form and from the command line: plan and audit read
them alike, and what cannot be is one line that names the variable."""

from __future__ import annotations

import json

import pytest
from ansible.release import __version__

from tests.roles.fleet import Fleet, catch_all, service, state
from tests.simulator.server import Simulator

MAKES_LISTS = tuple(map(int, __version__.split(".")[:2])) < (2, 19)
OMIT = "{{ nowhere | default(omit) }}"
COMPANY = [{"name": "Company"}]
LIKE_A_LIST = "is text that looks like a list and is none"

RIGHT = {
    "text of one name": ({"mailservices_protect": "Partner *"}, ["163", "Old"]),
    "text of two names": ({"mailservices_protect": "Partner *, Old"}, ["163"]),
    "text of IDs": ({"mailservices_protect_ids": "3,4"}, ["Old"]),
    "one ID": ({"mailservices_protect_ids": 5}, ["Partner A", "163"]),
    "no value": ({"mailservices_protect": None, "mailservices_max_removals": None}, ["Partner A", "163", "Old"]),
    "an omitted name": ({"mailservices_protect": ["Partner *", OMIT]}, ["163", "Old"]),
    "an omitted entry": ({"mailservices_wanted": [*COMPANY, OMIT]}, ["Partner A", "163", "Old"]),
    "an omitted field": (
        {
            "mailservices_wanted": [{"name": "Company", "port": OMIT}],
            "mailservices_baseline": [{"name": "Company", "port": 993}],
        },
        ["Partner A", "163", "Old"],
    ),
    "an omitted list": (
        {"mailservices_wanted": OMIT, "mailservices_baseline": COMPANY, "mailservices_protect": OMIT},
        ["Partner A", "163", "Old"],
    ),
    "an own entry over one that shall be absent": (
        {
            "mailservices_baseline": [{"name": "Old", "state": "absent"}],
            "mailservices_wanted": [*COMPANY, {"name": "Old", "port": 993}],
        },
        ["Partner A", "163"],
    ),
    "a number in quotes": ({"mailservices_wanted": [*COMPANY, {"name": "163"}]}, ["Partner A", "Old"]),
}
"""Variables, and the services that a purge takes, which an audit calls extra."""

WRONG = {
    "a name without quotes": (
        {"mailservices_wanted": [*COMPANY, {"name": 163}]},
        "mailservices_wanted[1] (163): name is the number 163",
    ),
    "a name that is a truth": (
        {"mailservices_baseline": [{"name": True}]},
        "mailservices_baseline[0] (True): name is true",
    ),
    "a preset that is none": (
        {"mailservices_wanted": [{"preset": "gmial"}]},
        "mailservices_wanted[0] (preset 'gmial'): there is no preset 'gmial'; did you mean 'gmail'?",
    ),
    "an empty entry": ({"mailservices_wanted": [None]}, "mailservices_wanted[0]: nothing stands there"),
    "names for entries": ({"mailservices_wanted": ["Company"]}, "mailservices_wanted[0]: this is text where a map"),
    "a map for a list": ({"mailservices_wanted": {"name": "Company"}}, "mailservices_wanted is a map where a list"),
    "a connection without a value": ({"bitrix24_connection": None}, "no connection is given: set webhook_url"),
    "a connection that is a list": ({"bitrix24_connection": ["x"]}, "webhook_url "),
    "no number": ({"mailservices_inactive_max_ids": "many"}, "mailservices_inactive_max_ids"),
}
"""Variables, and how the one line begins."""


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """Plan and audit of a fleet in which each host has the variables of one case."""
    cases = {**RIGHT, **WRONG}
    with Simulator(portals=len(cases)) as simulator:
        for portal in simulator.portals:
            portal.state = state(
                catch_all(), service(2, "Company"), service(3, "Partner A"), service(4, "163"), service(5, "Old")
            )
        fleet = Fleet(
            tmp_path_factory.mktemp("variables"), simulator.portals, [case.replace(" ", "-") for case in cases]
        )
        fleet.wants(*COMPANY, mailservices_purge="deactivate")
        for host, (variables, dummy) in zip(fleet.hosts.values(), cases.values()):
            host.update(variables)
        yield {
            "plan": (fleet.play("plan"), json.loads((fleet.output / "plan.json").read_text())["portals"]),
            "audit": (fleet.play("audit"), audited(fleet)),
        }


def audited(fleet):
    report = json.loads((fleet.folder / "mailservice_audit" / "audit.json").read_text())
    return {portal["name"]: portal for portal in report["portals"]}


@pytest.mark.parametrize("case", RIGHT)
def test_plan_and_audit_read_a_variable_alike(runs, case):
    host, taken = case.replace(" ", "-"), RIGHT[case][1]
    plan = runs["plan"][1][host]
    assert [change["name"] for change in plan["plan"]["deactivations"]] == taken
    assert plan["plan"]["deletions"] == plan["plan"]["updates"] == plan["plan"]["creations"] == []
    found = runs["audit"][1][host]["findings"]
    assert [finding["service"] for finding in found if finding["kind"] == "extra"] == sorted(taken)
    assert {finding["kind"] for finding in found} == {"extra"}


@pytest.mark.parametrize("case", WRONG)
@pytest.mark.parametrize("playbook", ["plan", "audit"])
def test_what_cannot_be_is_one_line_that_names_the_variable(runs, playbook, case):
    host, said = case.replace(" ", "-"), WRONG[case][1]
    portal = runs[playbook][1][host]
    text = portal["error"] if playbook == "plan" else portal["error"]["text"]
    assert text.startswith(said) and "\n" not in text
    assert host in runs[playbook][0].hosts("failed")


@pytest.mark.parametrize(
    "line, said",
    [
        ("""mailservices_protect='["Partner *"]'""", f"mailservices_protect {LIKE_A_LIST}"),
        ("""mailservices_protect=["Partner *"]""", "1 to switch off"),
        ("""mailservices_protect=Partner *""", "1 to switch off"),
    ],
)
def test_in_an_inventory_in_ini_form(tmp_path, line, said):
    with Simulator() as simulator:
        (portal,) = simulator.portals
        portal.state = state(catch_all(), service(2, "Company"), service(3, "Partner A"), service(4, "Old"))
        fleet = Fleet(tmp_path, [portal])
        (tmp_path / "host_vars").mkdir()
        (tmp_path / "host_vars" / "portal-1.json").write_text(json.dumps(fleet.hosts["portal-1"]))
        inventory = tmp_path / "inventory.ini"
        wanted = "mailservices_wanted=[{'name': 'Company'}]\nmailservices_purge=deactivate"
        inventory.write_text(f"[portals]\nportal-1\n[portals:vars]\n{wanted}\n{line}\n")
        assert said in fleet.play("plan", inventory=str(inventory)).stdout


@pytest.fixture
def fleet(tmp_path):
    with Simulator() as simulator:
        (portal,) = simulator.portals
        portal.state = state(catch_all(), service(2, "Company"), service(3, "Partner A"))
        yield Fleet(tmp_path, [portal]).wants(*COMPANY, mailservices_purge="deactivate")


def test_a_name_on_the_command_line_is_one(fleet):
    assert "nothing to do" in fleet.play("plan", "-e", "mailservices_protect='Partner *'").stdout


@pytest.mark.parametrize(
    "playbook, variable, text, meant",
    [
        ("plan", "mailservices_wanted", '[{"name":"Company"}]', "1 to switch off"),
        ("audit", "mailservice_audit_fail_on", '["drift"]', "Partner A: not wanted"),
    ],
)
def test_a_list_on_the_command_line_is_text_that_looks_like_one(fleet, playbook, variable, text, meant):
    output = fleet.play(playbook, "-e", f"{variable}='{text}'").output
    # Templates of ansible-core before 2.19 make a list of it, which is what it looks like.
    assert (meant if MAKES_LISTS else f"{variable} {LIKE_A_LIST}") in output


def test_a_webhook_alone_is_a_connection(fleet):
    fleet.hosts["portal-1"]["bitrix24_connection"] = fleet.portals["portal-1"].webhook("admin")
    assert "1 to switch off" in fleet.play("plan").stdout
