# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be told of wanted sets without a portal, and how it is told of many hosts."""

from __future__ import annotations

import datetime

import pytest
import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.bitrix24.portal.plugins.module_utils._planning.alone import problems_alone
from ansible_collections.bitrix24.portal.plugins.module_utils._planning.limits import Limits
from ansible_collections.bitrix24.portal.plugins.plugin_utils._options.icons import IconFiles
from ansible_collections.bitrix24.portal.plugins.plugin_utils._options.merge import merged, placed
from ansible_collections.bitrix24.portal.plugins.plugin_utils._report.exceptions import wrong_or_expired
from ansible_collections.bitrix24.portal.plugins.plugin_utils._validate import told
from ansible_collections.bitrix24.portal.plugins.plugin_utils._validate.wanted import Checked, check_host
from tests.conftest import ROOT

TODAY = datetime.date(2026, 11, 29)
ROLES = {"bitrix24.portal.mailservices": {"mailservices_purge": {"type": "str", "choices": ["none", "delete"]}}}


ICONS = IconFiles(str, None)
"""Of entries that name no file."""


def alone(*entries, limits=None):
    places = [f"mailservices_wanted[{at}]" for at in range(len(entries))]
    return list(map(str, problems_alone(entries, places, limits)))


@pytest.mark.parametrize(
    "entries",
    [
        [{"name": "A"}, {"name": "B"}],
        [{"id": 1, "name": "A"}, {"id": 2, "name": "a"}],
        [{"name": "A"}, {"name": "a", "allow_similar_name": True}],
        [{"name": "A", "allow_similar_name": True}, {"name": "a"}],
        [{"name": "A", "previous_names": ["B"]}, {"name": "a"}],
        [{"name": "A", "state": "absent"}, {"name": "a"}],
        [{"id": 7, "smtp_server": "smtp.example.com"}, {"id": 9, "state": "absent"}],
        [{"name": "A", "server": "", "link": None}],
        [{"id": number, "state": "absent"} for number in range(1, 9)],
    ],
)
def test_what_only_a_portal_can_decide_is_not_told(entries):
    assert alone(*entries) == []


@pytest.mark.parametrize(
    "entry, text",
    [
        ({"name": "x" * 256}, "name has 256 characters; the portal keeps 255"),
        ({"id": 3, "port": 65536}, "port must be a whole number from 1 to 65535; to leave it as it is, omit it"),
        ({"name": "A", "link": "0"}, "link must not be '0': the portal takes that for empty"),
        ({"name": " "}, "name must not be blank"),
        ({"name": ""}, "name must not be blank"),
        ({"name": "A", "port": 0}, "port must be a whole number from 1 to 65535; to leave it as it is, omit it"),
    ],
)
def test_a_value_that_no_portal_takes_is_told_once(entry, text):
    (problem,) = alone(entry)
    assert problem.startswith("mailservices_wanted[0] (") and problem.endswith(f"): {text}")


def test_names_that_readers_overlook_are_told_of_each_entry_but_the_first():
    assert [text.partition(":")[0] for text in alone({"name": "Mail"}, {"name": "mail"}, {"name": "M ail"})] == [
        "mailservices_wanted[1] ('mail')",
        "mailservices_wanted[2] ('M ail')",
    ]


def test_a_purge_of_everything_is_told_where_the_limits_are_known():
    assert alone({"name": "A", "state": "absent"}, limits=Limits(purge="delete")) != []
    assert alone({"name": "A", "state": "absent"}, limits=Limits(purge="delete", allow_empty=True)) == []


def test_each_merged_entry_knows_where_it_came_from():
    baseline, own = [{"name": "A"}, {"name": "B"}, {"name": "C"}], [{"name": "D"}, {"name": "B", "port": 1}]
    assert [(entry["name"], below, over) for entry, below, over in placed(baseline, own)] == [
        ("A", 0, None),
        ("C", 2, None),
        ("D", None, 0),
        ("B", 1, 1),
    ]
    assert merged(baseline, own) == [entry for entry, dummy, dummy in placed(baseline, own)]


@pytest.mark.parametrize("until, expired", [("2026-11-28", True), ("2026-11-29", False), ("2026-11-30", False)])
def test_an_exception_holds_to_the_end_of_its_day(until, expired):
    found = list(wrong_or_expired([{"portal": "*", "kind": "extra", "reason": "x", "until": until}], TODAY))
    assert bool(found) is expired
    assert (
        found
        == [
            (0, f" (portal '*', kind 'extra') ended on {until}; take it out, or give it another day"),
        ][: len(found)]
    )


def test_each_exception_that_cannot_be_is_told_and_hides_no_other():
    found = wrong_or_expired(["x", {"portal": "a", "reason": "x", "until": "2999-01-01"}, None, {"portal": "b"}], TODAY)
    assert [at for at, dummy in found] == [0, 1, 2, 3]


def test_a_variable_without_a_value_keeps_others_from_being_judged_together():
    assert check_host({}, ROLES, TODAY, ICONS, ["mailservices_wanted: 'x' is undefined"]).problems == [
        "mailservices_wanted: 'x' is undefined"
    ]
    (problem,) = check_host({}, ROLES, TODAY, ICONS).problems
    assert problem.startswith("neither mailservices_wanted nor mailservices_baseline has an entry")


ROLES_OPTIONS = {
    name: about
    for path in sorted((ROOT / "roles").glob("*/meta/argument_specs.yml"))
    for name, about in yaml.safe_load(path.read_text())["argument_specs"]["main"]["options"].items()
}
ODD = ("no such thing", "['a']", 5, 1.5, True, [], [[1]], ["no such thing"], [{"no": "such option"}], {"a": 1})


@pytest.mark.parametrize("name", ROLES_OPTIONS)
def test_what_a_roles_argument_spec_refuses_is_refused(name):
    spec = {name: ROLES_OPTIONS[name]}
    refused = [value for value in ODD if ArgumentSpecValidator(spec).validate({name: value}).error_messages]
    passed = [value for value in refused if not any(name in text for text in problems_of({name: value}, spec))]
    assert passed == []


def problems_of(variables, spec):
    variables = {"mailservices_wanted": [{"name": "A"}], **variables}
    return check_host(variables, {"a role": spec}, TODAY, ICONS).problems


NUMBERS = [name for name in ROLES_OPTIONS if name.endswith(("_lookahead", "_max_ids", "_verify_timeout"))]


@pytest.mark.parametrize("name", NUMBERS)
def test_a_number_that_a_module_would_refuse_is_refused(name):
    spec = {name: ROLES_OPTIONS[name]}
    due = "1 to 300 is due" if name.endswith("_verify_timeout") else "0 or more is due"
    assert problems_of({name: "-1"}, spec) == [f"{name}: -1; {due}"]
    assert problems_of({name: 300}, spec) == []


def test_each_role_has_such_numbers():
    assert len(NUMBERS) == 8


def test_the_roles_argument_specs_refuse_something():
    spec = {"mailservices_purge": ROLES_OPTIONS["mailservices_purge"]}
    assert ArgumentSpecValidator(spec).validate({"mailservices_purge": "maybe"}).error_messages
    assert problems_of({"mailservices_purge": "none"}, spec) == []


def checked(problems):
    return {f"host-{number}": Checked(list(of_host), 2, 0) for number, of_host in enumerate(problems, 1)}


@pytest.mark.parametrize(
    "problems, line",
    [
        (["x"], "host-1: x"),
        (["x", ""], "host-1: x"),
        (["x", "x"], "all 2 hosts: x"),
        (["x", "x", ""], "host-1 and host-2: x"),
        (["x"] * 4 + [""], "host-1, host-2, host-3 and host-4: x"),
        (["x"] * 5 + [""], "host-1, host-2, host-3 and 2 more: x"),
        (["x"] * 150 + [""], "host-1, host-2, host-3 and 147 more: x"),
    ],
)
def test_a_problem_that_hosts_share_is_one_line(problems, line):
    found = checked(problems)
    assert told.lines((), told.by_problem(found), len(found)) == [line]


def test_the_summary_counts():
    assert told.summary(checked(["", ""]), 0) == (
        "Nothing is wrong with what is wanted of 2 portals (4 entries). No portal was asked."
    )
    assert told.summary({"a": Checked([], 1, 2)}, 0) == (
        "Nothing is wrong with what is wanted of 1 portal (1 entry and 2 exceptions). No portal was asked."
    )
    assert told.summary(checked(["x", "", "xy"]), 2) == ("2 problems, on 2 of 3 portals. No portal was asked.")
    assert told.summary(checked(["", ""]), 1, shared=True) == "1 problem, on 2 of 2 portals. No portal was asked."


def test_the_name_of_a_host_cannot_forge_a_line():
    found = {"a\nb": Checked(["x"], 0, 0), "c": Checked([], 0, 0)}
    assert told.lines((), told.by_problem(found), 2) == ["a\\nb: x"]
