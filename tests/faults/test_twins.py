# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two runs make the same service at the same moment: one of the two services stays, and nobody deletes another's."""

from __future__ import annotations

import pytest

from tests.behaviour.portal import service

ACTIVE = pytest.mark.parametrize("active", [True, False], ids=["active", "inactive"])


def twin(portal, active, **columns):
    return lambda: portal.insert(**dict(dict(NAME="New", ACTIVE="NY"[active]), **columns))


@ACTIVE
def test_the_run_that_made_the_higher_one_deletes_its_own_and_warns(portal, active):
    portal.before("mailservice.add", twin(portal, active))
    result = portal.mailservice(name="New", active=active, warns=True)
    assert [verb for verb, dummy in portal.writes] == ["add", "delete"] and portal.writes[-1] == ("delete", {"ID": "2"})
    assert (portal.names, result["mailservice"]["id"]) == (["New"], 1)
    assert "another run, or a request that came twice, created 'New' at the same moment" in result["warnings"][-1]


def test_the_run_that_made_the_lower_one_clears_the_other_after_a_pause_where_nobody_else_does(portal):
    portal.before("mailservice.list", twin(portal, True), place=2)
    result = portal.mailservice(name="New", warns=True)
    assert [verb for verb, dummy in portal.writes] == ["add", "delete"] and portal.slept == [2]
    assert (list(portal.rows), result["mailservice"]["id"]) == ([1], 1)
    assert "ID 2" in result["warnings"][-1] and "the one with the ID 1 stays" in result["warnings"][-1]


@ACTIVE
@pytest.mark.parametrize("kind, carried_out", [("cut_after_commit", True), ("half_body", True), ("reset", False)])
def test_its_own_twin_is_deleted_though_the_answer_to_that_is_lost(portal, active, kind, carried_out):
    portal.before("mailservice.add", twin(portal, active))
    portal.misbehaves(dict(kind=kind, method="batch", nth=3 if active else 4))
    result = portal.mailservice(name="New", active=active, warns=True)
    assert [verb for verb, dummy in portal.writes] == ["add", "delete"]
    batches = 3 if active else 4
    assert portal.requests.count("batch") == batches + (not carried_out), (
        "what was reset is sent again, and nothing else"
    )
    assert (list(portal.rows), result["mailservice"]["id"]) == ([1], 1)


def test_a_twin_that_differs_from_what_is_wanted_fails_the_task_and_the_next_run_puts_it_right(portal):
    portal.before("mailservice.add", twin(portal, True, PORT=143))
    failure = portal.run("mailservice", name="New", port=993, warns=True)
    assert failure["failed"] and "port: wanted 993, stored 143" in failure["msg"]
    assert list(portal.rows) == [1]
    assert portal.mailservice(name="New", port=993)["changes"] == ["port"]


def test_two_services_of_a_wanted_name_are_read_once_more_after_two_seconds(portal):
    portal.has(service(1, "New"), service(2, "New"))
    portal.before("mailservice.list", lambda: portal.drop(2), place=2)
    result = portal.mailservice(name="New")
    assert (portal.slept, portal.requests, result["changed"]) == ([2], ["mailservice.list"] * 2, False)


def test_twins_that_stay_are_an_error_that_lists_their_ids(portal):
    portal.has(service(1, "New"), service(2, "New"))
    assert "IDs 1, 2" in portal.refuses("mailservice", name="New")


@pytest.mark.parametrize("kind, carried_out", [("cut_after_commit", True), ("half_body", True), ("reset", False)])
def test_a_service_whose_name_came_back_altered_is_deleted_again_though_the_answer_to_that_is_lost(
    portal, kind, carried_out
):
    portal.misbehaves(dict(kind="filtered", method="mailservice.add"), dict(kind=kind, method="batch", nth=3))
    failure = portal.fails("mailservice", name="a<script>b")
    assert "was deleted again" in failure["msg"] and portal.names == []


ALIKE = dict(ENCRYPTION="Y", SORT=100)


@ACTIVE
@pytest.mark.parametrize("others", [1, 2])
def test_where_the_answer_to_a_creation_is_lost_all_but_the_lowest_of_the_services_as_wanted_go(portal, active, others):
    portal.before("mailservice.add", lambda: [twin(portal, active, **ALIKE)() for dummy in range(others)])
    portal.misbehaves(dict(kind="cut_after_commit", method="batch", nth=2))
    result = portal.mailservice(name="New", active=active, warns=True)
    assert (list(portal.rows), result["mailservice"]["id"]) == ([1], 1)


def test_where_the_answer_to_a_creation_is_lost_a_higher_service_that_is_not_as_wanted_is_left_alone(portal):
    portal.before("mailservice.list", twin(portal, True, PORT=143), place=2)
    portal.misbehaves(dict(kind="cut_after_commit", method="batch", nth=2))
    result = portal.fails("mailservice", name="New", port=993)
    assert (list(portal.rows), result["mailservice"]["id"], [verb for verb, dummy in portal.writes]) == (
        [1, 2],
        1,
        ["add"],
    )
