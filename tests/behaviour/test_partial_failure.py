# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Nothing lost: what is reported when a change fails in the middle, and that the next run finishes the work."""

from __future__ import annotations

import pytest

from tests.behaviour.portal import catch_all, service
from tests.simulator.errors import core_error

TWENTY = [{"id": service_id, "port": 2} for service_id in range(1, 21)]


def refuse():
    raise core_error("no")


def statuses(result):
    return [
        "failed"
        if entry["failed"]
        else "skipped"
        if entry["skipped"]
        else "done"
        if entry["changed"]
        else entry["action"]
        for entry in result["results"]
    ]


@pytest.fixture
def twenty(portal):
    portal.has(*[service(service_id, "S%02d" % service_id, port=1) for service_id in range(1, 21)])
    return portal


class TestWhenCommandSevenOfTwentyFails:
    @pytest.mark.parametrize("on_error, rest", [("stop", "skipped"), ("continue", "done")])
    def test_the_results_say_what_was_done(self, twenty, on_error, rest):
        twenty.before("mailservice.update", refuse, place=7)
        result = twenty.fails("mailservice_set", mailservices=TWENTY, on_error=on_error)
        assert statuses(result) == ["done"] * 6 + ["failed"] + [rest] * 13
        assert [service_id for service_id, row in twenty.rows.items() if row["PORT"] == "2"] == [
            entry["id"] for entry in result["results"] if entry["changed"]
        ]

    def test_the_task_fails_as_changed_with_the_portals_error(self, twenty):
        twenty.before("mailservice.update", refuse, place=7)
        result = twenty.fails("mailservice_set", mailservices=TWENTY)
        assert (result["changed"], result["error"], result["method"]) == (True, "ERROR_CORE", "mailservice.update")
        assert "1 of 20" in result["msg"] and "6 were done" in result["msg"] and "13 not tried" in result["msg"]
        assert "no" in result["results"][6]["error"] and {
            entry["error"] for entry in result["results"][:6] + result["results"][7:]
        } == {None}

    def test_it_stops_unless_told_to_go_on(self, twenty):
        twenty.before("mailservice.update", refuse, place=7)
        twenty.fails("mailservice_set", mailservices=TWENTY)
        assert len([row for row in twenty.rows.values() if row["PORT"] == "2"]) == 6

    @pytest.mark.parametrize("on_error", ["stop", "continue"])
    def test_the_next_run_finishes_the_work(self, twenty, on_error):
        twenty.before("mailservice.update", refuse, place=7)
        twenty.fails("mailservice_set", mailservices=TWENTY, on_error=on_error)
        assert statuses(twenty.set(*TWENTY)).count("done") == (14 if on_error == "stop" else 1)
        assert not twenty.set(*TWENTY)["changed"]

    def test_the_mailservices_are_as_they_are_then(self, twenty):
        twenty.before("mailservice.update", refuse, place=7)
        result = twenty.fails("mailservice_set", mailservices=TWENTY)
        assert [entry["port"] for entry in result["mailservices"]] == [2] * 6 + [1] * 14

    def test_a_service_deleted_meanwhile_is_the_one_that_failed(self, twenty):
        twenty.before("mailservice.update", lambda: twenty.drop(7), place=7)
        result = twenty.fails("mailservice_set", mailservices=TWENTY, on_error="continue")
        assert statuses(result) == ["done"] * 6 + ["failed"] + ["done"] * 13


def test_several_failures_are_each_reported(twenty):
    def drop_two():
        twenty.drop(5)
        twenty.drop(20)

    twenty.before("mailservice.update", drop_two)
    result = twenty.fails("mailservice_set", mailservices=TWENTY, on_error="continue")
    assert [service_id for service_id, status in enumerate(statuses(result), 1) if status == "failed"] == [5, 20]
    assert "2 of 20" in result["msg"]


def test_a_failed_creation_keeps_removals_from_being_tried(portal):
    portal.has(service(1, "Old"))
    portal.before("mailservice.add", refuse)
    result = portal.fails("mailservice_set", mailservices=[{"name": "Old", "state": "absent"}, {"name": "New"}])
    assert (statuses(result), portal.names) == (["skipped", "failed"], ["Old"])


def test_entries_that_need_nothing_are_unchanged_beside_a_failure(portal):
    portal.has(service(1, "One"), service(2, "Two"))
    portal.before("mailservice.update", refuse)
    result = portal.fails("mailservice_set", mailservices=[{"name": "One"}, {"name": "Two", "port": 2}])
    assert statuses(result) == ["unchanged", "failed"]


def test_one_service_that_fails_says_why_without_counting(portal):
    portal.has(service(1, "One"))
    portal.before("mailservice.update", refuse)
    result = portal.fails("mailservice", name="One", port=2)
    assert "of 1 changes" not in result["msg"] and "mailservice.update" in result["msg"]
    assert (result["changed"], result["mailservice"]["port"]) == (False, None)


def test_ids_that_came_about_before_the_failure_are_reported(portal):
    portal.has(catch_all(5))
    portal.before("mailservice.add", refuse, place=2)
    result = portal.fails("mailservice_set", mailservices=[{"name": "A", "active": False}, {"name": "B"}])
    assert [(entry["id"], entry["changed"]) for entry in result["results"]] == [(6, True), (None, False)]
    assert [entry["name"] for entry in result["mailservices"]] == ["Other", "A"]


def test_a_reading_back_that_fails_fails_the_task_as_changed(portal):
    portal.has(service(1, "One"))
    portal.before("mailservice.list", lambda: portal.change(1, ENCRYPTION="x"), place=2)
    result = portal.fails("mailservice_set", mailservices=[{"name": "One", "port": 2}])
    assert (result["changed"], result["mailservices"], result["results"][0]["changed"]) == (True, None, True)


def test_the_purged_are_reported_as_not_tried_too(portal):
    portal.has(service(1, "One"), service(2, "Two"), service(3, "Three"))
    portal.before("mailservice.update", refuse, place=2)
    result = portal.fails("mailservice_set", mailservices=[{"name": "One", "port": 2}], purge="deactivate")
    assert statuses(result) == ["done", "failed", "skipped"]
    assert {row["ACTIVE"] for row in portal.rows.values()} == {"Y"}


def test_a_change_that_cannot_be_read_back_is_reported_as_done_and_the_task_fails(portal):
    portal.has(service(1, "S1"))
    second = {"kind": "html", "status": 502, "method": "mailservice.list", "nth": 2, "times": 0, "commit": False}
    portal.misbehaves(second)
    result = portal.fails("mailservice_set", mailservices=[{"name": "New", "server": "s"}], retries=0)
    assert result["changed"] and [entry["changed"] for entry in result["results"]] == [True]
    assert [row["NAME"] for row in portal.rows.values()] == ["S1", "New"]
    assert result["msg"].startswith("all changes were sent, but what the portal stored could not be read back: ")
