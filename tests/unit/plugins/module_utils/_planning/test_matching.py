# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest

from ansible_collections.bitrix24.portal.plugins.module_utils._planning.desired import DesiredService
from ansible_collections.bitrix24.portal.plugins.module_utils._planning.matching import (
    CurrentState,
    ids_to_go,
    match,
    needs_inactive,
    unknown_ids,
)
from ansible_collections.bitrix24.portal.plugins.module_utils._planning.problems import (
    AMBIGUOUS,
    NOT_FOUND,
    SAME_SERVICE,
    WRONG_NAME,
)
from tests.unit.plugins.module_utils.model import current_state, service

ONE, TWO, OFF, TWIN = service(1, "One"), service(2, "Two"), service(3, "Off", active=False), service(4, "One")


def desired(*entries):
    return [DesiredService(entry, index) for index, entry in enumerate(entries)]


@pytest.mark.parametrize(
    "entry, expected",
    [
        ({"name": "One"}, ONE),
        ({"name": "one"}, None),
        ({"id": 2}, TWO),
        ({"id": 2, "name": "Else"}, TWO),
        ({"name": "Off"}, OFF),
        ({"id": 3}, OFF),
        ({"name": "New", "previous_names": ["Two"]}, TWO),
        ({"name": "New", "previous_names": ["x", "Off"]}, OFF),
        ({"name": "New", "previous_names": ["two"]}, None),
        ({"name": "One", "previous_names": ["Two"]}, ONE),
        ({"name": "New", "previous_names": ["Two", "Two"]}, TWO),
        ({"id": 9, "state": "absent"}, None),
        ({"name": "New", "state": "absent"}, None),
        ({"name": "New", "state": "absent", "previous_names": ["Two"]}, None),
        ({"id": 2, "name": "Two", "state": "absent"}, TWO),
        ({"id": 2, "state": "absent"}, TWO),
    ],
)
def test_an_entry_means(entry, expected):
    assert match(desired(entry), current_state(ONE, TWO, OFF)) == ([expected], [])


def problems_of(entries, *services):
    return match(desired(*entries), current_state(*services))[1]


@pytest.mark.parametrize(
    "entries, kind, said",
    [
        ([{"id": 9}], NOT_FOUND, "has the ID 9"),
        ([{"id": 2, "name": "One", "state": "absent"}], WRONG_NAME, "is called 'Two'"),
        ([{"id": 1, "name": "x"}, {"name": "One"}], SAME_SERVICE, "with the ID 1"),
        ([{"name": "New", "previous_names": ["One"]}, {"id": 1}], SAME_SERVICE, "with the ID 1"),
        (
            [{"name": "N", "previous_names": ["One"]}, {"name": "M", "previous_names": ["One"]}],
            SAME_SERVICE,
            "with the ID 1",
        ),
    ],
)
def test_an_entry_cannot_mean(entries, kind, said):
    (problem,) = problems_of(entries, ONE, TWO, OFF)
    assert problem.kind == kind and said in problem.message


def test_a_problem_of_an_entry_holds_the_entry_and_reads_with_its_label():
    entries = desired({"id": 9})
    (problem,) = match(entries, current_state(ONE))[1]
    assert problem.entry is entries[0]
    assert str(problem) == "mailservices[0] (id 9): " + problem.message


def test_both_entries_that_mean_one_service_are_named():
    (problem,) = problems_of([{"id": 1}, {"name": "x", "state": "absent"}, {"name": "One"}], ONE)
    assert "mailservices[0]" in str(problem) and "mailservices[2]" in str(problem)


@pytest.mark.parametrize(
    "entry, ids",
    [
        ({"name": "One"}, "1, 4"),
        ({"name": "N", "previous_names": ["One"]}, "1, 4"),
        ({"name": "N", "previous_names": ["Two", "Off"]}, "2, 3"),
    ],
)
def test_several_services_of_a_name_are_told_with_their_ids(entry, ids):
    (problem,) = problems_of([entry], TWIN, ONE, TWO, OFF)
    assert problem.kind == AMBIGUOUS and ids in problem.message and "with id" in problem.message


COPIES = [service(at, "One", server="s", port=1) for at in (1, 4)]


@pytest.mark.parametrize(
    "entry, services, paste",
    [
        ({"name": "One"}, COPIES, "the younger, with the ID 4, add to mailservices: {id: 4, state: absent}"),
        ({"name": "One", "server": "S", "port": 1}, COPIES, "{id: 4, state: absent}"),
        ({"name": "One"}, [*COPIES, COPIES[0]._replace(id=9)], "{id: 4, state: absent}, {id: 9, state: absent}"),
        ({"name": "One", "port": 2}, COPIES, None),
        ({"name": "One"}, [COPIES[0], COPIES[1]._replace(link="l")], None),
        ({"name": "One", "state": "absent"}, COPIES, None),
    ],
)
def test_of_services_that_are_as_wanted_and_equal_it_is_told_how_to_delete_the_younger(entry, services, paste):
    (problem,) = problems_of([entry], *services)
    assert (paste or "with id") in problem.message and ("state: absent" in problem.message) is (paste is not None)


def test_what_is_told_to_be_pasted_deletes_the_younger():
    entries = [{"name": "One"}, {"id": 4, "state": "absent"}]
    matched, problems = match([DesiredService(entry, at) for at, entry in enumerate(entries)], current_state(*COPIES))
    assert ([found.id for found in matched], problems) == ([1, 4], [])


def test_all_problems_are_told_at_once():
    entries = [{"id": 8}, {"id": 9}, {"name": "Twin"}, {"name": "One"}, {"id": 1}]
    problems = problems_of(entries, ONE, service(5, "Twin"), service(6, "Twin"))
    assert [problem.kind for problem in problems] == [NOT_FOUND, NOT_FOUND, AMBIGUOUS, SAME_SERVICE]


@pytest.mark.parametrize(
    "entry, purge, expected",
    [
        ({"name": "One"}, "none", False),
        ({"name": "New"}, "none", True),
        ({"name": "New", "state": "absent"}, "none", True),
        ({"name": "New", "previous_names": ["One"]}, "none", True),
        ({"id": 1}, "none", False),
        ({"id": 1, "name": "One"}, "none", False),
        ({"id": 1, "name": "New"}, "none", True),
        ({"id": 1, "name": "New", "state": "absent"}, "none", False),
        ({"id": 9, "name": "New"}, "none", False),
        ({"name": "One"}, "deactivate", False),
        ({"name": "One"}, "delete", True),
    ],
)
def test_inactive_services_are_looked_for_only_where_it_matters(entry, purge, expected):
    assert needs_inactive(desired(entry), CurrentState([ONE]), purge) is expected


def test_the_ids_to_be_asked_for_are_those_that_were_not_read_or_asked_for_yet():
    assert unknown_ids(
        desired({"id": 9}, {"id": 1}, {"id": 7}, {"id": 5}, {"name": "x"}), CurrentState([ONE], probed_ids=[7])
    ) == [5, 9]


def test_present_services_are_the_active_in_the_portals_order_then_the_inactive_by_id():
    found = CurrentState([TWO, ONE], [service(9, "a", active=False), OFF])
    assert [item.id for item in found.services] == [2, 1, 3, 9]


@pytest.mark.parametrize(
    "index, copies, how",
    [
        (0, 2, "the younger, with the ID 4, add to mailservices: {id: 4, state: absent}"),
        (None, 2, "the younger, with the ID 4, run the task once with: {id: 4, state: absent}"),
        (0, 3, "all but the oldest add to mailservices: {id: 4, state: absent}, {id: 5, state: absent}"),
    ],
)
def test_how_to_delete_copies_is_told_in_a_sentence_for_a_set_and_for_one_entry(index, copies, how):
    services = [ONE, TWIN, service(5, "One")][:copies]
    entry = DesiredService({"name": "One"}, index)
    (problem,) = match([entry], current_state(*services))[1]
    assert problem.message.endswith(
        "; say which one is meant with id. They are equal in every field to what is wanted, as when a creation was "
        "carried out twice; to delete " + how
    )


def test_of_services_that_differ_nothing_more_is_told():
    (problem,) = match(desired({"name": "One"}), current_state(ONE, TWIN._replace(port=1)))[1]
    assert problem.message.endswith("say which one is meant with id")


REFUSED = {
    "an ID whose name is another": (
        {"id": 2, "name": "One", "state": "absent"},
        "the service with the ID 2 is called 'Two'; nothing is deleted unless id and name match",
    ),
    "two of the name": (
        {"name": "One", "state": "absent"},
        "2 services are called 'One', with the IDs 1, 4; say which one is meant with id",
    ),
    "two of the previous names": (
        {"name": "New", "previous_names": ["Two", "Off"]},
        "2 services have one of its previous names, with the IDs 2, 3; say which one is meant with id",
    ),
}


@pytest.mark.parametrize("entry, message", REFUSED.values(), ids=REFUSED)
def test_what_an_entry_cannot_mean_is_told_of_that_entry_in_these_words(entry, message):
    (refused,) = desired(entry)
    (problem,) = match([refused], current_state(ONE, TWO, OFF, TWIN))[1]
    assert (problem.entry, problem.message) == (refused, message)


def test_the_ids_to_go_are_those_of_entries_that_want_them_absent():
    entries = desired({"id": 1}, {"id": 2, "state": "absent"}, {"name": "One", "state": "absent"})
    assert ids_to_go(entries) == {2}


def test_an_entry_by_id_alone_does_not_end_the_search_for_names_behind_it():
    assert needs_inactive(desired({"id": 1}, {"name": "New"}), current_state(ONE))
