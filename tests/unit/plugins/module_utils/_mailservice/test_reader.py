# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest

from ansible_collections.bitrix24.portal.plugins.module_utils._mailservice.reader import (
    Reader,
    is_absence,
    read_list,
    read_one,
    read_user,
)
from ansible_collections.bitrix24.portal.plugins.module_utils._planning.desired import DesiredService
from ansible_collections.bitrix24.portal.plugins.module_utils._planning.matching import CurrentState
from ansible_collections.bitrix24.portal.plugins.module_utils._planning.problems import PlanRefused
from ansible_collections.bitrix24.portal.plugins.module_utils._rest.client import Client
from ansible_collections.bitrix24.portal.plugins.module_utils._rest.errors import PortalError
from tests.behaviour import conftest as behaviour
from tests.behaviour.portal import service
from tests.simulator.errors import core_error
from tests.unit.plugins.module_utils.model import row
from tests.unit.plugins.module_utils.model import service as stored

portal, simulator = behaviour.portal, behaviour.simulator


@pytest.fixture
def connection(portal):
    with Client({"webhook_url": portal.webhook(), "retries": 0}, environ={}) as connection:
        yield connection


@pytest.fixture
def reader(connection):
    return Reader(connection, lookahead=5)


@pytest.mark.parametrize(
    "entry, purge, probed_ids",
    [
        ({"name": "One"}, "none", []),
        ({"name": "Off"}, "none", [1, 3, 5, 6, 7, 8, 9]),
        ({"id": 2}, "none", []),
        ({"id": 3}, "none", [3]),
        ({"id": 50}, "none", [50]),
        ({"id": 3, "name": "Off"}, "none", [3]),
        ({"id": 50, "name": "New"}, "none", [50]),
        ({"id": 50, "name": "New", "state": "absent"}, "none", [50]),
        ({"id": 2, "name": "New"}, "none", [1, 3, 5, 6, 7, 8, 9]),
        ({"name": "One"}, "deactivate", []),
        ({"id": 50}, "delete", [1, 3, 5, 6, 7, 8, 9, 50]),
    ],
)
def test_only_what_matters_is_asked_for(portal, reader, entry, purge, probed_ids):
    portal.has(service(2, "One"), service(4, "Two"), service(3, "Off", active=False))
    found = reader.current_state([DesiredService(entry)], purge)
    assert [int(params["ID"]) for method, params in portal.commands if method == "mailservice.get"] == probed_ids
    assert (portal.requests[0], found.probed_ids) == ("mailservice.list", frozenset(probed_ids))
    assert [item.id for item in found.services] == ([2, 4, 3] if 3 in probed_ids else [2, 4])


def test_ids_are_counted_as_they_are_asked_for(portal, connection, reader):
    portal.has(service(4, "Two"))
    reader.current_state([DesiredService({"id": 7, "name": "x"}), DesiredService({"name": "y"})])
    assert connection.api["ids_searched"] == 8


def test_the_same_id_is_never_asked_for_twice(portal, reader):
    portal.has(service(4, "Two"), service(6, "Off", active=False))
    reader.current_state([DesiredService({"id": 6, "name": "New"})])
    probed_ids = [params["ID"] for method, params in portal.commands if method == "mailservice.get"]
    assert len(probed_ids) == len(set(probed_ids)) == 8


@pytest.mark.parametrize("max_ids, refused", [(8, False), (7, True)])
def test_a_search_beyond_the_limit_is_refused_before_it_starts(portal, connection, max_ids, refused):
    portal.has(service(4, "Two"))
    search = Reader(connection, lookahead=5, max_ids=max_ids)
    if refused:
        with pytest.raises(PlanRefused):
            search.current_state([DesiredService({"name": "x"})])
    else:
        search.current_state([DesiredService({"name": "x"})])
    assert len(portal.requests) == (1 if refused else 2)


def test_no_active_service_is_an_empty_list(reader):
    assert reader.active() == []


@pytest.mark.parametrize("status", [500, 503])
def test_a_database_fault_is_not_an_empty_list(portal, reader, status):
    def fault():
        raise core_error("SQL query error!", status)

    portal.before("mailservice.list", fault)
    with pytest.raises(PortalError):
        reader.active()


def test_a_refusal_of_one_id_is_raised(portal, reader):
    portal.misbehaves({"kind": "operation_limit", "method": "mailservice.get", "times": 0})
    with pytest.raises(PortalError) as error:
        reader.get_by_ids([1, 2])
    assert error.value.error == "OPERATION_TIME_LIMIT"


def test_nothing_is_asked_for_nothing(portal, reader):
    assert (reader.get_by_ids([]), portal.requests) == ([], [])


@pytest.mark.parametrize("by, expected", [("admin", True), ("user", False)])
def test_whose_the_credentials_are_is_what_profile_says(portal, by, expected):
    with Client({"webhook_url": portal.webhook(by)}, environ={}) as connection:
        user = Reader(connection).user()
    assert user["admin"] is expected and user["id"] >= 1


@pytest.mark.parametrize(
    "answer, expected",
    [
        ({"ID": "7", "ADMIN": True}, {"id": 7, "admin": True}),
        ({"ID": 7, "ADMIN": "Y"}, {"id": 7, "admin": None}),
        ({"ADMIN": False}, {"id": None, "admin": False}),
        ({"ID": "²", "ADMIN": False}, {"id": None, "admin": False}),
        ({"ID": "1" * 20, "ADMIN": False}, {"id": None, "admin": False}),
        ({"ID": "7\n"}, {"id": None, "admin": None}),
        ([], None),
        (None, None),
    ],
)
def test_of_a_profile_only_what_is_certain_is_taken(answer, expected):
    assert read_user(answer) == expected


@pytest.mark.parametrize(
    "rows",
    [
        None,
        {},
        "x",
        [None],
        [row(1, "a"), row(1, "b")],
        [row(1, "a", active=False)],
        [dict(row(1, "a"), ID="x")],
        [row(1, "a"), []],
    ],
)
def test_an_odd_list_is_an_unexpected_answer(rows):
    with pytest.raises(PortalError) as error:
        read_list(rows)
    assert error.value.error == "unexpected_answer" and "Nothing is concluded" in str(error.value)


@pytest.mark.parametrize("answer", [None, [], row(2, "a"), dict(row(1, "a"), NAME=None)])
def test_an_odd_service_is_an_unexpected_answer(answer):
    with pytest.raises(PortalError):
        read_one(answer, 1)


@pytest.mark.parametrize(
    "method, error, status, expected",
    [
        ("mailservice.get", "ERROR_CORE", 400, True),
        ("mailservice.get", "ERROR_CORE", None, True),
        ("mailservice.get", "ERROR_CORE", 500, False),
        ("mailservice.get", "ERROR_ARGUMENT", 400, False),
        ("mailservice.get", "not_json", 400, False),
        ("batch", "ERROR_CORE", 400, False),
    ],
)
def test_absence_is_error_core_of_get_and_no_database_fault(method, error, status, expected):
    assert is_absence(PortalError("x", error=error, method=method, status=status)) is expected


def test_an_answer_without_an_error_is_no_absence():
    assert not is_absence(None)


def test_the_current_state_knows_what_was_asked_for():
    assert CurrentState([], probed_ids=[1]).probed_ids == {1}


@pytest.mark.parametrize("highest", [10**8, 10**17, 10**19])
def test_ids_are_counted_before_they_are_listed(highest):
    """A list of all IDs below would take more memory than there is."""
    current = CurrentState([stored(highest, "One")], [], [5])
    with pytest.raises(PlanRefused) as refused:
        Reader(None, 50, 1000).find_inactive(current, also=[3, highest + 99])
    assert f" {highest + 50 - 2 + 1} IDs would have to be asked" in str(refused.value.problems[0])
