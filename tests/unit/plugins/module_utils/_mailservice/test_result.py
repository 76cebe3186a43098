# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from types import SimpleNamespace

import pytest
import yaml

from ansible_collections.bitrix24.portal.plugins.module_utils._mailservice.carried_out import CarriedOut
from ansible_collections.bitrix24.portal.plugins.module_utils._mailservice.operation import Operation
from ansible_collections.bitrix24.portal.plugins.module_utils._mailservice.result import Decision, Planned
from ansible_collections.bitrix24.portal.plugins.module_utils._planning.checks import read_entries
from ansible_collections.bitrix24.portal.plugins.module_utils._planning.limits import Limits
from ansible_collections.bitrix24.portal.plugins.module_utils._planning.plan import make_plan
from ansible_collections.bitrix24.portal.plugins.module_utils._rest.commands import FAILED, NOT_TRIED, UNKNOWN
from ansible_collections.bitrix24.portal.plugins.module_utils._rest.errors import PortalError
from tests.unit.plugins.module_utils.model import current_state, service

ONE = service(1, "One", port=1)
TWO = service(2, "Two")
OFF = service(3, "Off", active=False)
ENTRIES = [{"name": "Two", "state": "absent"}, {"name": "One", "port": 2}, {"name": "New"}, {"id": 3}]


def decided(*entries, single=False):
    desired = read_entries(entries, single)[0]
    there = current_state(ONE, TWO, OFF)
    return Decision(desired, there, make_plan(desired, there, Limits()), "host", {"requests": 1}, single)


def carried_out(decision, *ends, unread=None, seen=()):
    """ends: of the plan's changes in order, True or (status, may have written)."""
    operations = [Operation(change) for change in decision.plan.changes]
    for operation, end in zip(operations, ends):
        if end is True:
            operation.done()
            operation.changed = True
        elif end[0] != NOT_TRIED:
            operation.fail("why", PortalError("why", error="E", method="m"), end[0])
            operation.changed = end[1]
        if operation.id is None:
            operation.id = 7
    executor = SimpleNamespace(operations=operations, seen={item.id: item for item in seen}, unread=unread)
    return CarriedOut(decision, executor)


def test_before_it_is_carried_out_a_result_foretells():
    result = Planned(decided(*ENTRIES)).to_user()
    assert sorted(result) == [
        "api",
        "cautions",
        "changed",
        "diff",
        "effects",
        "host",
        "left_alone",
        "mailservices",
        "plan",
        "plan_digest",
        "results",
    ]
    assert [(item["name"], item["id"], item["action"], item["changed"]) for item in result["results"]] == [
        ("Two", 2, "delete", True),
        ("One", 1, "update", True),
        ("New", None, "create", True),
        ("Off", 3, "unchanged", False),
    ]
    assert [(item["name"], item["id"], item["port"]) for item in result["mailservices"]] == [
        ("New", None, None),
        ("One", 1, 2),
    ]


@pytest.mark.parametrize(
    "ends, expected",
    [
        ([True, True, True], [(True, False, False)] * 3),
        (
            [True, (FAILED, False), (NOT_TRIED, False)],
            [(False, False, True), (False, True, False), (True, False, False)],
        ),
        ([(UNKNOWN, True), True, True], [(True, False, False), (True, False, False), (True, True, False)]),
    ],
)
def test_every_entry_has_its_own_end(ends, expected):
    results = carried_out(decided(*ENTRIES), *ends).results()
    assert [(item["changed"], item["failed"], item["skipped"]) for item in results[:3]] == expected
    assert [item["error"] for item in results[:3]] == ["why" if failed else None for dummy, failed, dummy in expected]


@pytest.mark.parametrize(
    "ends, changed",
    [
        ([(FAILED, False), (NOT_TRIED, False), (NOT_TRIED, False)], False),
        ([(UNKNOWN, True), (NOT_TRIED, False), (NOT_TRIED, False)], True),
        ([True, (FAILED, False), (NOT_TRIED, False)], True),
    ],
)
def test_it_is_changed_where_something_was_or_may_have_been_written(ends, changed):
    assert carried_out(decided(*ENTRIES), *ends).to_user()["changed"] is changed


def test_a_failure_counts_what_failed_was_done_and_not_tried():
    result = carried_out(decided(*ENTRIES), True, (FAILED, False), (NOT_TRIED, False))
    assert result.failure == "1 of 3 changes failed, 1 were done, 1 not tried; first: why"
    assert {result.to_user()[key] for key in ("error", "method")} == {"E", "m"}


def test_a_single_failure_is_told_as_it_is():
    assert carried_out(decided({"name": "One", "port": 2}, single=True), (FAILED, False)).failure == "why"


def test_success_is_no_failure():
    assert carried_out(decided(*ENTRIES), True, True, True).failure is None


def test_what_could_not_be_read_back_fails_with_mailservices_unknown():
    result = carried_out(
        decided(*ENTRIES), True, True, True, unread=PortalError("gone", error="cut_off", method="mailservice.list")
    )
    assert "could not be read back: gone" in result.failure
    assert (result.to_user()["mailservices"], result.to_user()["changed"], result.to_user()["error"]) == (
        None,
        True,
        "cut_off",
    )


def test_mailservices_are_what_was_read_back():
    result = carried_out(decided(*ENTRIES), True, True, True, seen=[service(7, "New"), service(9, "Another"), OFF])
    assert [item["id"] for item in result.mailservices()] == [7, 9]


def test_an_inactive_service_that_was_touched_is_among_them():
    result = carried_out(
        decided({"id": 3, "port": 5}, {"name": "One", "active": False}), True, True, seen=[TWO, OFF._replace(port=5)]
    )
    assert [(item["id"], item["active"], item["port"]) for item in result.mailservices()] == [
        (2, True, None),
        (1, False, 1),
        (3, False, 5),
    ]


def test_the_diff_of_what_was_done_has_the_new_id_and_leaves_out_what_was_not():
    diff = carried_out(decided(*ENTRIES), True, (FAILED, False), (NOT_TRIED, False)).diff()
    assert [(part["before"], yaml.safe_load(part["after"])) for part in diff] == [
        ("", {"New (id 7)": {"active": True, "encryption": True, "sort": 100}})
    ]


def test_the_effects_in_the_diff_are_those_of_what_was_done():
    done = carried_out(decided(*ENTRIES), True, True, (FAILED, False)).diff()
    assert ["'One' (id 1): The new port" in done[1]["prepared"], "'Two'" in done[1]["prepared"]] == [True, False]


@pytest.mark.parametrize(
    "entry, changes, name",
    [
        ({"name": "One"}, [], "One"),
        ({"name": "One", "port": 2}, ["port"], "One"),
        ({"id": 1, "name": "N", "sort": 2}, ["name", "sort"], "N"),
        ({"name": "One", "state": "absent"}, [], None),
        ({"name": "Never", "state": "absent"}, [], None),
        ({"name": "New"}, ["name", "active", "encryption", "sort"], "New"),
    ],
)
def test_one_service_is_told_in_the_singular(entry, changes, name):
    result = Planned(decided(entry, single=True)).to_user()
    assert sorted(result) == ["api", "changed", "changes", "diff", "effects", "host", "mailservice"]
    assert (result["changes"], (result["mailservice"] or {"name": None})["name"]) == (changes, name)


@pytest.mark.parametrize(
    "single, keys",
    [
        (True, ["api", "changed", "effects", "host"]),
        (False, ["api", "cautions", "changed", "effects", "host", "left_alone", "plan", "plan_digest"]),
    ],
)
def test_a_refused_plan_is_shown_and_nothing_changed(single, keys):
    refused = decided({"name": "One", "port": 2}, single=single).refused()
    assert sorted(refused) == keys and refused["changed"] is False
