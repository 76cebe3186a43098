# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How many requests a task costs, and in which order it writes."""

from __future__ import annotations

import math

import pytest

from tests.behaviour.portal import catch_all, service


def many(count, **columns):
    return [service(service_id, "S%03d" % service_id, port=1, **columns) for service_id in range(1, count + 1)]


def named(first, last, **fields):
    return [dict(fields, name="S%03d" % service_id) for service_id in range(first, last + 1)]


@pytest.mark.parametrize("count", [1, 50, 200])
def test_without_drift_it_is_one_request(portal, count):
    portal.has(*many(count))
    assert portal.set(*named(1, count, port=1))["api"]["requests"] == 1
    assert portal.requests == ["mailservice.list"]


@pytest.mark.parametrize(
    "deactivated, changed_inactive, deleted, created, created_inactive, updated",
    [
        (1, 0, 0, 0, 0, 0),
        (0, 0, 0, 0, 0, 1),
        (0, 0, 0, 1, 0, 0),
        (0, 0, 0, 0, 1, 0),
        (0, 1, 0, 0, 0, 0),
        (0, 0, 1, 0, 0, 0),
        (0, 0, 0, 0, 0, 49),
        (0, 0, 0, 0, 0, 50),
        (20, 0, 9, 0, 0, 20),
        (20, 0, 10, 0, 0, 20),
        (0, 24, 0, 0, 0, 1),
        (0, 25, 0, 0, 0, 0),
        (3, 4, 5, 3, 4, 5),
        (10, 20, 10, 10, 20, 30),
    ],
)
def test_with_changes_it_is_one_and_those_that_the_formula_says(
    portal, deactivated, changed_inactive, deleted, created, created_inactive, updated
):
    existing = deactivated + changed_inactive + deleted + updated
    portal.has(catch_all(95), *many(existing))
    entries, next_one = [], 1
    for count, fields in (
        (deactivated, {"active": False}),
        (changed_inactive, {"active": False, "port": 2}),
        (deleted, {"state": "absent"}),
        (updated, {"port": 2}),
    ):
        entries += named(next_one, next_one + count - 1, **fields)
        next_one += count
    entries += [{"name": "A%d" % number} for number in range(created)]
    entries += [{"name": "I%d" % number, "active": False} for number in range(created_inactive)]
    result = portal.set(*entries, max_removals=-1)
    new = created + created_inactive
    lookahead = 95 + 50 - 1 - existing if new else 0
    once_more = math.ceil((result["api"]["ids_searched"] - lookahead + 1) / 50) if new else 0
    changes, inactive = existing + new, changed_inactive + created_inactive
    expected = 1 + math.ceil(lookahead / 50) + math.ceil((changes + inactive + 1) / 50) + once_more
    assert len(portal.requests) == expected and once_more == bool(new)
    assert not portal.set(*entries)["changed"]


def test_fifty_drifted_services_are_three_requests(portal):
    portal.has(*many(50))
    assert portal.set(*named(1, 50, port=2))["changed"]
    assert portal.requests == ["mailservice.list", "batch", "batch"]


@pytest.mark.parametrize("fields", [dict(link="$result[a]"), dict(name="$result[a]"), dict(link="$x[", server="$y[")])
def test_a_value_that_a_batch_would_replace_is_a_request_more(portal, fields):
    portal.has(*many(3))
    portal.set(dict({"id": 3}, **fields), *named(1, 2, port=2), inactive_lookahead=0)
    assert portal.requests == ["mailservice.list", "mailservice.update", "batch"]


@pytest.mark.parametrize("fields", [dict(), dict(active=False)])
def test_a_creation_with_such_a_value_is_a_request_more(portal, fields):
    portal.has(*many(2))
    portal.set(
        dict({"name": "New", "link": "$result[a]"}, **fields),
        {"name": "More"},
        *named(1, 2, port=2),
        inactive_lookahead=0,
    )
    once_more = "mailservice.list" if fields.get("active", True) else "batch"
    assert portal.requests == ["mailservice.list", "mailservice.add", "batch", once_more]


@pytest.mark.parametrize("fields, requests", [(dict(), ["mailservice.list"]), (dict(active=False), ["batch"])])
def test_after_a_creation_the_list_is_read_once_more_in_a_request_of_its_own(portal, fields, requests):
    portal.has(*many(1))
    portal.set(dict({"name": "New"}, **fields), inactive_lookahead=0)
    assert portal.requests == ["mailservice.list", "batch", *requests]
    assert portal.commands[-1][0] == ("mailservice.list" if fields == {} else "mailservice.get")


@pytest.mark.parametrize("count", [1, 48, 49, 50, 97, 98, 99, 100])
def test_whose_the_credentials_are_is_asked_for_in_a_request_that_is_sent_anyway(portal, count):
    portal.has(*many(count))
    result = portal.set(*named(1, count, port=2))
    assert result["api"]["requests"] == 1 + math.ceil((count + 1) / 50)
    assert result.get("user") == (None if (count + 1) % 50 == 0 else {"id": 1, "admin": True})


def test_no_batch_is_cut_in_two_to_ask_for_it(portal):
    portal.has(*many(2))
    result = portal.set({"id": 1, "link": "$result[a]"}, {"id": 2, "port": 2})
    assert portal.requests == ["mailservice.list", "mailservice.update", "batch"] and result["user"]["admin"]


@pytest.mark.parametrize("drift, requests", [(1, ["mailservice.list"]), (2, ["mailservice.list", "profile"])])
def test_in_check_mode_the_profile_is_asked_only_with_drift(portal, drift, requests):
    portal.has(*many(1))
    portal.set({"name": "S001", "port": drift}, check_mode=True)
    assert portal.requests == requests


def test_reading_is_one_direct_list_also_where_the_portal_has_none(portal):
    assert portal.mailservice(name="One", state="absent", inactive_lookahead=0)["changed"] is False
    assert portal.requests == ["mailservice.list"]


def test_creations_come_first_then_renamings_updates_deactivations_deletions(portal):
    portal.has(*many(6), service(7, "Off", active=False))
    portal.set(
        {"name": "S001", "state": "absent"},
        {"name": "S002", "active": False},
        {"name": "S003", "port": 2},
        {"id": 4, "name": "Renamed", "port": 2},
        {"name": "Off", "active": True},
        {"name": "B", "sort": 2},
        {"name": "A", "sort": 3},
        {"name": "S005", "state": "absent"},
        {"name": "S006", "active": False},
    )
    assert [(verb, params.get("ID", params.get("NAME"))) for verb, params in portal.writes] == [
        ("add", "B"),
        ("add", "A"),
        ("update", "4"),
        ("update", "3"),
        ("update", "7"),
        ("update", "2"),
        ("update", "6"),
        ("delete", "1"),
        ("delete", "5"),
    ]


@pytest.mark.parametrize("text", ["plain", "$result[a]"])
def test_there_is_no_moment_with_fewer_providers_than_before_and_after(portal, text):
    portal.has(*many(5))
    counts = []

    def count():
        counts.append(sum(row["ACTIVE"] == "Y" for row in portal._store.rows("services")))

    portal.each_time(count)
    portal.set(
        {"name": "A", "link": text},
        {"name": "B"},
        *named(1, 2, active=False),
        {"id": 3, "active": False, "link": text},
        max_removals=3,
    )
    assert min(counts) >= 4 and counts[-1] == 4


def test_a_batch_halts_at_the_first_failure(portal):
    portal.has(*many(1))
    portal.set(*named(1, 1, port=2))
    assert portal.bodies[-1]["halt"] == 1


def test_every_call_is_a_post_without_the_parameters_in_the_address(portal):
    portal.has(*many(1))
    portal.mailservice(name="S001", port=2)
    assert {(request["method"], "?" in request["path"]) for request in portal._running.requests} == {("POST", False)}


def test_waits_and_retries_are_counted(portal):
    portal.has(*many(1))
    portal.misbehaves({"kind": "query_limit", "retry_after": 1, "nth": 1})
    api = portal.mailservice(name="S001")["api"]
    assert (api["requests"], api["throttled"]) == (2, 1) and api["waited"] >= 1
