# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Waiting: for limits as the portal says, for the network longer and longer, and never beyond retry_max_wait."""

from __future__ import annotations

import pytest

from ansible_collections.bitrix24.portal.plugins.module_utils._rest.retry import FIRST_PAUSE, LONGEST_PAUSE
from tests.behaviour.portal import service

LIST, BATCH = "mailservice.list", "batch"
NO_LOOKAHEAD = dict(inactive_lookahead=0)
PAUSES = [min(FIRST_PAUSE * 2**attempt, LONGEST_PAUSE) for attempt in range(20)]
LIMITER = ["load_limiter_active=Y", "load_limiter_second_limit=2", "operation_seconds=1"]


@pytest.mark.parametrize("named, slept", [(7, [7.0]), (0, [1.0]), (None, [0.5])], ids=["seven", "zero", "not_named"])
def test_a_write_refused_for_too_many_requests_is_sent_again_after_retry_after_or_a_pause_of_its_own(
    portal, named, slept
):
    portal.misbehaves(dict(kind="query_limit", method=BATCH, retry_after=named))
    result = portal.mailservice(name="New", **NO_LOOKAHEAD)
    assert portal.requests == [LIST, BATCH, BATCH, LIST]
    assert portal.slept == slept
    assert (portal.names, result["api"]["throttled"], result["api"]["retries"], result["api"]["waited"]) == (
        ["New"],
        1,
        0,
        slept[0],
    )


def test_refusals_in_a_row_are_waited_for_longer_and_longer_up_to_retry_max_wait(portal):
    portal.has(service(1, "One"))
    portal.misbehaves(dict(kind="query_limit", method="*", times=0))
    failure = portal.fails("mailservice_info")
    assert portal.slept == PAUSES[: len(portal.slept)]
    assert portal.requests == [LIST] * (len(portal.slept) + 1)
    assert (
        120 - LONGEST_PAUSE < sum(portal.slept) <= 120
        and failure["error"] == "QUERY_LIMIT_EXCEEDED"
        and "retry_max_wait (120 seconds)" in failure["msg"]
    )


def test_a_longer_wait_than_retry_max_wait_is_not_begun_and_the_task_says_when_to_come_back(portal):
    portal.misbehaves(dict(kind="query_limit", method=BATCH, retry_after=300))
    failure = portal.fails("mailservice", name="New", **NO_LOOKAHEAD)
    assert (portal.slept, portal.names, failure["changed"]) == ([], [], False)
    assert "Run again in 300 seconds" in failure["msg"]


@pytest.mark.parametrize("kind", ["html", "half_body", "reset", "cut_after_commit"])
def test_a_read_is_sent_again_with_pauses_that_double(portal, kind):
    portal.has(service(1, "One"))
    portal.misbehaves(dict(kind=kind, method=LIST, times=4))
    result = portal.succeeds("mailservice_info")
    assert (portal.requests, portal.slept, result["api"]["retries"]) == ([LIST] * 5, [0.5, 1.0, 2.0, 4.0], 4)


@pytest.mark.parametrize("retries", [0, 1, 4])
def test_a_read_that_goes_on_failing_is_sent_as_often_as_retries_allow(portal, retries):
    portal.misbehaves(dict(kind="reset", method=LIST, times=0))
    assert portal.fails("mailservice_info", retries=retries)["error"] == "cut_off"
    assert len(portal.requests) == 1 + retries


def test_two_runs_that_are_refused_at_the_same_moment_do_not_come_back_at_the_same_moment(portal):
    pauses = []
    for seed in (1, 2):
        portal.has(service(1, "One"))
        portal.seeded(seed).slept.clear()
        portal.misbehaves(dict(kind="query_limit", method=LIST, times=6))
        portal.succeeds("mailservice_info")
        pauses.append(list(portal.slept))
    for first, second, longest in zip(*pauses, PAUSES):
        assert first != second and all(longest * 0.5 <= pause <= longest * 1.5 for pause in (first, second))


def test_a_connection_that_is_never_made_is_tried_again_for_a_write_too_which_arrives_once(portal):
    portal.misbehaves(dict(kind="refuse", nth=2, seconds=3))
    result = portal.mailservice(name="New", **NO_LOOKAHEAD)
    assert portal.requests == [LIST, BATCH, LIST]
    assert (portal.slept[:2], portal.names, result["changed"]) == ([0.5, 1.0], ["New"], True)


def test_a_portal_that_is_gone_for_good_is_named_with_the_service_that_is_not_done(portal):
    portal.misbehaves(dict(kind="refuse", nth=2, seconds=10**6))
    failure = portal.fails("mailservice", name="New", **NO_LOOKAHEAD)
    assert (failure["error"], portal.slept, portal.names) == ("connection_failed", [0.5, 1.0, 2.0, 4.0] * 2, [])
    assert "connection refused" in failure["msg"]


def test_operating_time_that_is_used_up_is_waited_for_by_the_portals_own_clock(portal):
    portal.has(*[service(service_id, "S%d" % service_id, port=143) for service_id in range(1, 5)], switches=LIMITER)
    entries = [dict(name="S%d" % service_id, port=993) for service_id in range(1, 5)]
    result = portal.set(*entries, retry_max_wait=700)
    assert portal.requests == [LIST, BATCH, BATCH]
    assert len(portal.slept) == 1 and 540 <= portal.slept[0] <= 600
    assert [row["PORT"] for row in portal.rows.values()] == ["993"] * 4
    assert [params["ID"] for dummy, params in portal.writes] == ["1", "2", "3", "4", "4"]
    assert result["api"]["throttled"] == 1 and result["api"]["operating"] == 3.0


def test_operating_time_that_is_used_up_for_longer_than_retry_max_wait_fails_at_once_and_the_next_run_finishes(portal):
    portal.has(*[service(service_id, "S%d" % service_id, port=143) for service_id in range(1, 5)], switches=LIMITER)
    entries = [dict(name="S%d" % service_id, port=993) for service_id in range(1, 5)]
    failure = portal.fails("mailservice_set", mailservices=entries)
    assert portal.slept == [] and "Run again in" in failure["msg"] and failure["error"] == "OPERATION_TIME_LIMIT"
    assert [entry["failed"] for entry in failure["results"]] == [False, False, False, True]
    portal.pass_time(600)
    assert [entry["name"] for entry in portal.set(*entries)["plan"]["updates"]] == ["S4"]


def test_without_a_success_to_go_by_operating_time_that_is_used_up_fails_at_once(portal):
    portal.misbehaves(dict(kind="operation_limit", method="mailservice.add"))
    failure = portal.fails("mailservice", name="New", **NO_LOOKAHEAD)
    assert (portal.requests, portal.slept, portal.names) == ([LIST, BATCH, LIST], [], [])
    assert failure["error"] == "OPERATION_TIME_LIMIT" and "ten minutes" in failure["msg"]


@pytest.mark.parametrize("kind, code", [("expired_token", "expired_token"), ("overload", "OVERLOAD_LIMIT")])
def test_a_refusal_that_waiting_does_not_help_ends_the_task_at_once_with_nothing_written(portal, kind, code):
    portal.has(service(1, "One", port=143))
    portal.misbehaves(dict(kind=kind, method=BATCH, times=0))
    failure = portal.fails("mailservice", name="One", port=993)
    assert (portal.slept, failure["error"], failure["changed"], portal.rows[1]["PORT"]) == ([], code, False, "143")
    assert [verb for verb, dummy in portal.writes] == ["update"]


def test_a_task_lasts_no_longer_than_its_attempts_and_its_pauses(portal):
    portal.misbehaves(dict(kind="delay", method=LIST, seconds=10**6, times=0))
    failure = portal.fails("mailservice_info", timeout=10, retries=2)
    assert (failure["error"], portal.requests, portal.slept) == ("timed_out", [LIST] * 3, [0.5, 1.0])
