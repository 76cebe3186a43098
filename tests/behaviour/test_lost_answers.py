# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writing, and what is done when the answer is lost."""

from __future__ import annotations

import time

import pytest

from tests.behaviour.portal import catch_all, service
from tests.simulator.errors import core_error

LOST = [{"kind": "cut_after_commit"}, {"kind": "half_body"}, {"kind": "html"}, {"kind": "html", "status": 502}]
"""Carried out, and the answer does not come."""
NEVER = [{"kind": "reset"}, {"kind": "html", "commit": False}]
"""Not carried out, which nobody can know."""


@pytest.fixture
def filled(portal):
    portal.has(
        *[service(service_id, "S%d" % service_id, port=1) for service_id in (1, 2, 3)],
        catch_all(4),
        service(5, "Off", active=False),
    )
    return portal


def adds(portal):
    return [params["NAME"] for verb, params in portal.writes if verb == "add"]


EVERY_KIND = [
    {"name": "New"},
    {"name": "Hidden", "active": False},
    {"name": "S1", "port": 2},
    {"name": "S2", "active": False},
    {"name": "S3", "state": "absent"},
    {"id": 5, "port": 5, "active": False},
]


@pytest.mark.parametrize("fault", LOST, ids=str)
class TestWhatWasCarriedOutAlthoughTheAnswerWasLost:
    def test_is_found_by_reading_and_not_sent_again(self, filled, fault):
        filled.misbehaves(dict(fault, method="batch", nth=2))
        result = filled.set(*EVERY_KIND)
        assert len(filled.writes) == 6 and result["changed"]
        assert [entry["id"] for entry in result["results"]] == [7, 6, 1, 2, 3, 5]
        assert not filled.set(*EVERY_KIND[:4], *EVERY_KIND[5:])["changed"]

    @pytest.mark.parametrize(
        "entry", [{"name": "S1", "link": "$result[a]"}, {"name": "New", "link": "$result[a]"}], ids=["update", "add"]
    )
    def test_is_found_by_reading_after_a_direct_call_too(self, filled, fault, entry):
        filled.misbehaves(*[dict(fault, method=method) for method in ("mailservice.add", "mailservice.update")])
        assert filled.set(entry)["changed"]
        assert len(filled.writes) == 1


@pytest.mark.parametrize("fault", NEVER, ids=str)
class TestWhatWasNotCarriedOutAndNobodyKnows:
    def test_updates_and_deletions_are_sent_again_after_reading(self, filled, fault):
        filled.misbehaves(dict(fault, method="batch"))
        result = filled.set(*EVERY_KIND[2:])
        assert filled.requests == ["mailservice.list", "mailservice.get", "batch"] * 2
        assert [entry["failed"] for entry in result["results"]] == [False] * 4
        assert not filled.set(*EVERY_KIND[2:4], EVERY_KIND[5])["changed"]

    def test_a_missing_creation_is_not_sent_again_and_named(self, filled, fault):
        filled.misbehaves(dict(fault, method="batch", nth=2))
        result = filled.fails("mailservice", name="New")
        assert "'New'" in result["msg"] and "not sent again" in result["msg"] and "run again" in result["msg"]
        assert adds(filled) == ["New"] * (fault["kind"] == "html") and "New" not in filled.names

    def test_the_next_run_finishes(self, filled, fault):
        filled.misbehaves(dict(fault, method="batch", nth=2))
        filled.fails("mailservice_set", mailservices=EVERY_KIND)
        filled.set(*EVERY_KIND)
        assert sorted(filled.names) == ["Hidden", "New", "Off", "Other", "S1", "S2"]


def test_a_creation_that_arrives_late_is_not_doubled_by_the_next_run(filled):
    filled.misbehaves({"kind": "delay", "seconds": 2, "commit": "after", "method": "batch", "nth": 2})
    filled.fails("mailservice", name="New", timeout=1)
    deadline = time.monotonic() + 20
    while "New" not in filled.names and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not filled.mailservice(name="New")["changed"]
    assert filled.names.count("New") == 1


@pytest.mark.parametrize(
    "verb, entry",
    [("update", {"name": "S1", "port": 2}), ("delete", {"name": "S1", "state": "absent"}), ("add", {"name": "New"})],
)
def test_an_entry_missing_from_a_batchs_reply_is_looked_up(filled, verb, entry):
    filled.misbehaves({"kind": "wrong_shape", "shape": "entry_missing", "method": "mailservice." + verb})
    assert filled.mailservice(**entry)["changed"]
    assert [sent for sent, params in filled.writes] == [verb]


def test_a_write_that_was_certainly_not_carried_out_is_sent_again(filled):
    filled.misbehaves({"kind": "query_limit", "retry_after": 1, "method": "batch", "nth": 2})
    result = filled.mailservice(name="New")
    assert (adds(filled), filled.names.count("New"), result["api"]["throttled"]) == (["New", "New"], 1, 1)


def test_a_change_that_nobody_answers_is_given_up_after_some_sendings(filled):
    filled.misbehaves({"kind": "html", "commit": False, "method": "batch", "times": 0})
    result = filled.fails("mailservice_set", mailservices=[{"name": "S1", "port": 2}])
    assert 1 < len(filled.writes) <= 5 and "S1" in str(result["results"][0])
    assert result["results"][0]["failed"] and filled.rows[1]["PORT"] == "1"


def test_where_not_even_reading_works_afterwards_the_task_says_so(filled):
    filled.misbehaves(
        {"kind": "cut_after_commit", "method": "batch"},
        {"kind": "html", "method": "mailservice.list", "nth": 2, "times": 0},
    )
    result = filled.fails("mailservice_set", mailservices=[{"name": "S1", "port": 2}], retries=0)
    assert (result["changed"], result["results"][0]["failed"], result["mailservices"]) == (True, True, None)


class TestACreationThatIsAnsweredWithAnIdThatCannotBeItsOwn:
    """The answer is another's: what the ID stands for is never touched, and what became of the creation is read."""

    @pytest.mark.parametrize("answered", [1, 5, 4, 3], ids=["present", "inactive", "highest", "changed too"])
    @pytest.mark.parametrize("active", [True, False])
    def test_is_looked_up_and_nothing_is_deleted(self, filled, answered, active):
        filled.answers("mailservice.add", lambda own: answered)
        result = filled.set(
            {"name": "New", "port": 9, "active": active},
            {"name": "S3", "port": 3},
            inactive_lookahead=0,
            max_removals=0,
        )
        assert result["results"][0]["id"] == 6 and sorted(filled.rows) == [1, 2, 3, 4, 5, 6]
        assert [verb for verb, params in filled.writes] == ["add", "update"]

    def test_is_told_where_it_was_not_carried_out(self, filled):
        filled.before("mailservice.list", lambda: filled.drop(6), place=2)
        filled.answers("mailservice.add", lambda own: 1)
        result = filled.fails("mailservice", name="New", inactive_lookahead=0)
        assert "'New'" in result["msg"] and "not sent again" in result["msg"]
        assert sorted(filled.rows) == [1, 2, 3, 4, 5] and [verb for verb, params in filled.writes] == ["add"]

    def test_gives_no_two_of_them_one_id(self, filled):
        filled.answers("mailservice.add", lambda own: 6)
        result = filled.set({"name": "A", "sort": 1}, {"name": "B", "sort": 2}, inactive_lookahead=0)
        assert [entry["id"] for entry in result["results"]] == [6, 7] and filled.names[-2:] == ["A", "B"]

    @pytest.mark.parametrize("name, port", [("Of another run", 9), ("New", 8)])
    def test_deletes_no_new_service_that_this_run_did_not_write(self, filled, name, port):
        filled.before("mailservice.add", lambda: filled.insert(NAME=name, PORT=port))
        filled.answers("mailservice.add", lambda own: own - 1)
        portal = filled.run_unchecked("mailservice", name="New", port=9, inactive_lookahead=0)
        assert 6 in filled.rows and {params["ID"] for verb, params in filled.writes if verb == "delete"} <= {"7"}
        assert portal["mailservice"]["id"] == 7 if name != "New" else portal["failed"]

    def test_fails_where_nothing_of_its_name_is_there(self, filled):
        def another():
            filled.insert(NAME="Of another run", PORT=9)

        filled.before("mailservice.list", lambda: (filled.drop(6), another()), place=2)
        filled.answers("mailservice.add", lambda own: own + 1)
        message = filled.fails("mailservice", name="New", port=9, inactive_lookahead=0)["msg"]
        assert "ID 7, which is another service: 'Of another run'" in message and 7 in filled.rows


@pytest.mark.parametrize("name", ["<script>alert()</script>", "a/../../b", "x onclick = y", "javascript:x"])
def test_a_creation_whose_name_the_portal_altered_is_deleted_again(filled, name):
    filled.misbehaves({"kind": "filtered", "method": "mailservice.add"})
    message = filled.fails("mailservice", name=name, port=9, inactive_lookahead=0)["msg"]
    assert "the service with the ID 6 was deleted again" in message and sorted(filled.rows) == [1, 2, 3, 4, 5]


WRITES = {"method": "batch", "nth": 2}
"""The batch that writes: the first looks for inactive services."""


class TestARequestThatWasCarriedOutTwice:
    """A proxy sent it again: this run sees one answer, and the portal has each creation twice."""

    @pytest.mark.parametrize("answer", ["first", "second"])
    @pytest.mark.parametrize("entry", [dict(), dict(active=False), dict(link="$result[x]")], ids=str)
    def test_leaves_no_twin(self, filled, answer, entry):
        method = dict(method="mailservice.add") if "link" in entry else WRITES
        filled.misbehaves(dict(kind="twice", answer=answer, **method))
        result = filled.mailservice(name="New", port=9, warns=True, **entry)
        assert (filled.names.count("New"), result["mailservice"]["id"]) == (1, 6)

    @pytest.mark.parametrize("on_error", ["stop", "continue"])
    def test_with_deletions_finds_that_they_are_done(self, filled, on_error):
        """The second copy is refused at the first deletion, and halts: all behind it was done by the first."""
        filled.misbehaves(dict(kind="twice", method="batch"))
        entries = [{"id": at, "state": "absent"} for at in (1, 2, 3)]
        result = filled.set(*entries, {"id": 4, "sort": 7}, on_error=on_error)
        assert all(entry["changed"] and not entry["failed"] for entry in result["results"])
        assert sorted(filled.rows) == [4, 5] and len(filled.requests) <= 5

    @pytest.mark.parametrize("answer", ["first", "second"])
    def test_with_several_creations_clears_all_copies_in_one_request(self, filled, answer):
        filled.misbehaves(dict(kind="twice", answer=answer, **WRITES))
        entries = [{"name": "A%d" % at, "port": 9, "active": at < 2} for at in range(4)]
        filled.set(*entries, warns=True)
        assert sorted(filled.names[-4:]) == ["A0", "A1", "A2", "A3"]
        assert not filled.set(*entries)["changed"]


@pytest.mark.parametrize("kind", ["stale", "doubled"])
@pytest.mark.parametrize("nth", range(1, 5))
@pytest.mark.parametrize("method", ["batch", "mailservice.list"])
def test_an_answer_that_is_another_requests_is_believed_nowhere(filled, kind, nth, method):
    entries = [{"name": "New", "port": 9}, {"name": "Hidden", "active": False}, *EVERY_KIND[2:5]]
    filled.misbehaves(dict(kind=kind, method=method, nth=nth))
    first = filled.run_unchecked("mailservice_set", mailservices=entries)
    filled.misbehaves()
    names = sorted(filled.names)
    wanted = ["Hidden", "New", "Off", "Other", "S1", "S2"]
    assert names == (["Off", "Other", "S1", "S2", "S3"] if first.get("failed") and not first.get("changed") else wanted)
    assert first.get("failed") or [entry["id"] for entry in first["results"][:2]] == [7, 6]
    assert not filled.set(*entries[:4])["changed"] or first.get("failed")


class TestADeletionThatFindsNothingToDelete:
    def test_is_done_since_another_run_was_faster(self, filled):
        filled.before("mailservice.delete", lambda: filled.drop(3))
        result = filled.set({"name": "S3", "state": "absent"}, {"name": "S2", "state": "absent"})
        assert [entry["failed"] for entry in result["results"]] == [False, False] and sorted(filled.rows) == [1, 4, 5]

    def test_is_a_failure_where_the_service_is_there_still(self, filled):
        filled.before("mailservice.delete", refuse)
        result = filled.fails("mailservice_set", mailservices=[{"name": "S3", "state": "absent"}, {"id": 1, "sort": 7}])
        deletion = result["results"][0]
        assert (deletion["failed"], deletion["changed"], deletion["skipped"]) == (True, False, False)
        assert 3 in filled.rows and result["error"] == "ERROR_CORE"


def refuse():
    raise core_error("no")


class TestWhatIsSaidOfEachEntry:
    """Done, not done, or unknown: as reading back has it, whatever the answers said."""

    def test_a_creation_that_was_refused_although_an_earlier_copy_made_it_is_done(self, filled):
        filled.before("mailservice.add", lambda: (filled.insert(NAME="New", PORT=9, SORT=100), refuse()))
        result = filled.mailservice(name="New", port=9, inactive_lookahead=0)
        assert result["changed"] and result["mailservice"]["id"] == 6 and filled.names.count("New") == 1

    def test_an_update_that_was_refused_although_an_earlier_copy_did_it_is_done(self, filled):
        filled.before("mailservice.update", lambda: (filled.change(1, PORT="9"), refuse()))
        assert filled.mailservice(name="S1", port=9)["changed"]

    def test_a_change_whose_answer_was_lost_and_that_is_undone_is_not_changed(self, filled):
        filled.misbehaves({"kind": "html", "commit": False, "method": "batch", "times": 0})
        result = filled.fails("mailservice_set", mailservices=[{"name": "S1", "port": 2}])
        assert [(entry["changed"], entry["failed"]) for entry in result["results"]] == [(False, True)]
        assert not result["changed"] and result["diff"] == []

    def test_what_was_lost_then_shown_undone_and_not_tried_again_is_only_skipped(self, filled):
        filled.misbehaves({"kind": "html", "commit": False, "method": "batch"})
        filled.before("mailservice.update", refuse)
        result = filled.fails("mailservice_set", mailservices=[{"name": "S1", "port": 2}, {"name": "S2", "port": 2}])
        told = [
            (entry["changed"], entry["failed"], entry["skipped"], bool(entry["error"])) for entry in result["results"]
        ]
        assert told == [(False, True, False, True), (False, False, True, False)] and not result["changed"]

    def test_a_creation_whose_answer_was_lost_and_that_is_not_there_is_unknown(self, filled):
        filled.misbehaves({"kind": "reset", **WRITES})
        result = filled.fails("mailservice_set", mailservices=[{"name": "New"}])
        assert [(entry["changed"], entry["failed"]) for entry in result["results"]] == [(True, True)]

    def test_what_is_unknown_is_not_counted_as_failed(self, filled):
        filled.misbehaves(
            {"kind": "cut_after_commit", "method": "batch"},
            {"kind": "html", "method": "mailservice.list", "nth": 2, "times": 0},
        )
        entries = [{"name": "S1", "port": 2}, {"name": "S2", "port": 2}]
        message = filled.fails("mailservice_set", mailservices=entries, retries=0)["msg"]
        assert message.startswith("0 of 2 changes failed, 0 were done, 0 not tried, 2 may have been done; first: batch")
        assert "; what the portal stored could not be read back: mailservice.list" in message and ".;" not in message

    @pytest.mark.parametrize("kind", ["cut_after_commit", "reset", "twice", "stale", "html"])
    def test_nothing_is_changed_and_skipped(self, filled, kind):
        filled.misbehaves(dict(kind=kind, **WRITES))
        filled.before("mailservice.delete", refuse)
        entries = [*EVERY_KIND, {"name": "Other", "sort": 7}]
        result = filled.run_unchecked("mailservice_set", mailservices=entries, allow_catch_all_change=True)
        assert not [entry for entry in result["results"] if entry["changed"] and entry["skipped"]]


class TestAServiceThatTheRunDidNotMeanToTouch:
    """A request whose bytes were changed on the way shows in nothing but what is read back."""

    def test_and_that_is_otherwise_now_is_told(self, filled):
        filled.before("mailservice.update", lambda: filled.change(2, PORT="7"))
        (warning,) = filled.mailservice(name="S1", port=9, warns=True)["warnings"]
        assert "'S2' (id 2) changed while this run was at work" in warning and "port: 1 before, 7 now" in warning

    def test_and_that_is_gone_is_told(self, filled):
        filled.before("mailservice.update", lambda: filled.drop(2))
        (warning,) = filled.mailservice(name="S1", port=9, warns=True)["warnings"]
        assert "'S2' (id 2)" in warning and "not among the active ones any more" in warning
