# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two runs that create the same service at the same moment: one of them stays."""

from __future__ import annotations

import threading

import pytest

from tests.behaviour.portal import catch_all, service


@pytest.mark.parametrize("active", [True, False])
class TestATwinThatAppearedMeanwhile:
    def test_with_a_lower_id_stays_and_the_own_one_is_deleted(self, portal, active):
        portal.has(catch_all(5))
        portal.before("mailservice.add", lambda: portal.insert(NAME="New", ACTIVE="NY"[active], SERVER="s"))
        result = portal.mailservice(name="New", server="s", active=active, warns=True)
        assert (portal.names, list(portal.rows), result["mailservice"]["id"]) == (["Other", "New"], [5, 6], 6)
        assert portal.writes[-1] == ("delete", {"ID": "7"}) and result["changed"]

    def test_with_a_higher_id_is_left_to_the_other_run_with_a_warning(self, portal, active):
        portal.has(catch_all(5))
        portal.before("mailservice.list", lambda: portal.insert(NAME="New", ACTIVE="NY"[active]), place=2)
        gone = threading.Timer(1, lambda: portal._running._on_loop(lambda: portal.drop(7)))
        gone.start()
        result = portal.mailservice(name="New", active=active, warns=True)
        gone.join()
        assert result["mailservice"]["id"] == 6 and "cleared its own" in result["warnings"][-1]
        assert [verb for verb, params in portal.writes] == ["add"]

    def test_with_a_higher_id_that_nobody_clears_is_deleted_where_it_equals_the_own_one(self, portal, active):
        portal.has(catch_all(5))
        portal.before("mailservice.list", lambda: portal.insert(NAME="New", ACTIVE="NY"[active]), place=2)
        result = portal.mailservice(name="New", active=active, warns=True)
        assert result["mailservice"]["id"] == 6 and portal.writes[1:] == [("delete", {"ID": "7"})]

    def test_with_a_higher_id_that_is_otherwise_fails_the_task_and_stays(self, portal, active):
        portal.has(catch_all(5))
        portal.before("mailservice.list", lambda: portal.insert(NAME="New", ACTIVE="NY"[active], PORT=1), place=2)
        assert "ID 7 is not this run's to delete" in portal.fails("mailservice", name="New", active=active)["msg"]
        assert [verb for verb, params in portal.writes] == ["add"] and 7 in portal.rows


@pytest.mark.parametrize("fault", ["overload", "reset"])
def test_an_own_twin_that_cannot_be_deleted_fails_the_task(portal, fault):
    portal.has(catch_all(5))
    portal.before("mailservice.add", lambda: portal.insert(NAME="New"))
    portal.misbehaves({"kind": fault, "method": "batch", "nth": 4, "times": 0})
    result = portal.fails("mailservice", name="New")
    assert "with the ID 7, could not be deleted" in result["msg"] and result["changed"]


def test_a_delete_of_the_own_twin_whose_answer_is_lost_is_looked_up(portal):
    portal.has(catch_all(5))
    portal.before("mailservice.add", lambda: portal.insert(NAME="New"))
    portal.misbehaves({"kind": "cut_after_commit", "method": "batch", "nth": 4})
    portal.mailservice(name="New", warns=True)
    assert list(portal.rows) == [5, 6]


def test_a_delete_of_the_own_twin_that_got_lost_is_sent_again(portal):
    portal.has(catch_all(5))
    portal.before("mailservice.add", lambda: portal.insert(NAME="New"))
    portal.misbehaves({"kind": "reset", "method": "batch", "nth": 4})
    portal.mailservice(name="New", warns=True)
    assert list(portal.rows) == [5, 6]


@pytest.mark.parametrize("method, place", [("mailservice.add", 1), ("mailservice.list", 2)])
def test_where_the_answer_was_lost_too_only_the_lowest_of_those_alike_stays(portal, method, place):
    portal.has(catch_all(5))
    portal.before(method, lambda: portal.insert(NAME="New"), place)
    portal.misbehaves({"kind": "cut_after_commit", "method": "batch", "nth": 2})
    result = portal.mailservice(name="New", inactive_lookahead=0, warns=True)
    assert (list(portal.rows), result["mailservice"]["id"]) == ([5, 6], 6)


def test_where_the_answer_was_lost_too_one_that_is_otherwise_is_not_deleted(portal):
    portal.has(catch_all(5))
    portal.misbehaves({"kind": "reset", "method": "batch", "nth": 2})
    portal.before("mailservice.list", lambda: portal.insert(NAME="New", PORT=1), place=2)
    assert "port" in portal.fails("mailservice", name="New", port=2, inactive_lookahead=0)["msg"]
    assert portal.names == ["Other", "New"]


def test_a_twin_that_is_otherwise_than_wanted_fails_the_task_and_the_state_is_sound(portal):
    portal.has(catch_all(5))
    portal.before("mailservice.add", lambda: portal.insert(NAME="New", PORT=1))
    assert "port" in portal.fails("mailservice", name="New", port=2, warns=True)["msg"]
    assert portal.names == ["Other", "New"]
    portal.mailservice(name="New", port=2)
    assert portal.rows[6]["PORT"] == "2"


def test_services_of_that_name_that_were_there_before_are_no_twins(portal):
    portal.has(catch_all(5), service(1, "A"))
    portal.mailservice(id=1, name="B")
    assert portal.mailservice(name="A")["mailservice"]["id"] == 6


@pytest.mark.parametrize("attempt", range(3))
def test_of_runs_at_the_same_moment_one_service_stays(portal, attempt):
    portal.has(catch_all(5))
    results, gate = [], threading.Barrier(4)

    def run():
        gate.wait()
        results.append(portal.run_unchecked("mailservice", name="New", port=993))

    threads = [threading.Thread(target=run) for dummy in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 4 and portal.names.count("New") == 1
    assert not portal.mailservice(name="New", port=993)["changed"]
