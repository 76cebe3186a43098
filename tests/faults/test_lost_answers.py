# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The answer to a write is lost: what is read, what is sent again, what is never sent again, and what the portal holds in the end."""

from __future__ import annotations

import pytest

from tests.behaviour.portal import service

LIST, GET, BATCH = "mailservice.list", "mailservice.get", "batch"

# What became of the answer: (the fault, whether the portal had carried the request out).
LOST = {
    "cut off after it was carried out": (dict(kind="cut_after_commit"), True),
    "cut off in the middle of the answer": (dict(kind="half_body"), True),
    "an HTML page after it was carried out": (dict(kind="html", status=500), True),
    "an HTML page of success after it was carried out": (dict(kind="html", status=200), True),
    "a time-out after it was carried out": (dict(kind="delay", seconds=100, commit="before"), True),
    "300 MB of answer": (dict(kind="huge_body"), True),
    "no result in the answer": (dict(kind="wrong_shape", shape="result_missing"), True),
    "lists for maps": (dict(kind="wrong_shape", shape="list_for_map"), True),
    "null for every result": (dict(kind="wrong_shape", shape="null_rows"), True),
    "reset before it was read": (dict(kind="reset"), False),
    "an HTML page of a gateway instead": (dict(kind="html", status=502, commit=False), False),
    "a gateway's time-out instead": (dict(kind="html", status=504, commit=False), False),
    "a time-out before it was carried out": (dict(kind="delay", seconds=100, commit="after"), False),
    "sent elsewhere": (dict(kind="redirect", to="https://elsewhere.example{path}"), False),
}
ENTRY_MISSING = dict(kind="wrong_shape", shape="entry_missing")


def each(*carried_out):
    rows = [(fault, done) for fault, done in LOST.values() if done in carried_out]
    return pytest.mark.parametrize(
        "fault, carried_out", rows, ids=[name.replace(" ", "_") for name, row in LOST.items() if row[1] in carried_out]
    )


def populate(portal):
    portal.has(service(1, "One", port=143), service(2, "Two", port=143), service(3, "Off", port=143, active=False))


# action: (the task, what reads before, what reads after where it was and was not carried out)
CREATIONS = {
    "an active service": (dict(name="New", port=993, inactive_lookahead=0), [LIST], [LIST]),
    "an inactive service": (dict(name="New", port=993, active=False), [LIST, BATCH], [LIST, BATCH]),
}
REPEATABLE = {
    "an update": (dict(name="One", port=993), [LIST], [LIST], [LIST]),
    "a renaming": (dict(id=1, name="New", inactive_lookahead=0), [LIST], [LIST], [LIST]),
    "a deactivation": (dict(name="One", active=False), [LIST], [LIST, GET], [LIST]),
    "a deletion": (dict(name="One", state="absent"), [LIST], [LIST, GET], [LIST]),
    "an update of an inactive service": (dict(id=3, port=993, active=False), [LIST, GET], [LIST, GET], [LIST, GET]),
    "an activation": (dict(id=3, active=True), [LIST, GET], [LIST], [LIST, GET]),
    "a deletion of an inactive service": (dict(id=3, state="absent"), [LIST, GET], [LIST, GET], [LIST, GET]),
}


def ids(table):
    return [name.replace(" ", "_") for name in table]


@each(True)
@pytest.mark.parametrize("desired, before, after", CREATIONS.values(), ids=ids(CREATIONS))
def test_a_creation_that_the_portal_carried_out_is_found_by_reading_and_succeeds(
    portal, fault, carried_out, desired, before, after
):
    populate(portal)
    portal.misbehaves(dict(fault, method=BATCH, nth=1 + before.count(BATCH)))
    result = portal.mailservice(**desired)
    once_more = [] if desired.get("active", True) else [BATCH]
    assert portal.requests == before + [BATCH] + after + once_more
    assert (result["changed"], result["mailservice"]["id"]) == (True, 4)
    assert portal.names == ["One", "Two", "Off", "New"]


@each(False)
@pytest.mark.parametrize("desired, before, after", CREATIONS.values(), ids=ids(CREATIONS))
def test_a_creation_that_is_not_there_is_not_sent_again_and_the_next_run_finishes(
    portal, fault, carried_out, desired, before, after
):
    populate(portal)
    portal.misbehaves(dict(fault, method=BATCH, nth=1 + before.count(BATCH)))
    failure = portal.fails("mailservice", **desired)
    assert portal.requests == before + [BATCH] + after
    assert "'New'" in failure["msg"] and "not sent again" in failure["msg"] and failure["changed"] is True
    assert portal.names == ["One", "Two", "Off"]
    portal.pass_time(3600)
    portal.mailservice(**desired)
    assert portal.names == ["One", "Two", "Off", "New"]
    assert not portal.mailservice(**desired)["changed"]


@each(True, False)
@pytest.mark.parametrize("desired, before, done, missing", REPEATABLE.values(), ids=ids(REPEATABLE))
def test_an_update_or_a_deletion_is_sent_again_only_where_reading_shows_it_missing(
    portal, fault, carried_out, desired, before, done, missing
):
    populate(portal)
    portal.misbehaves(dict(fault, method=BATCH))
    assert portal.mailservice(**desired)["changed"]
    assert portal.requests == before + [BATCH] + (done if carried_out else missing + [BATCH])
    rows = portal.rows
    portal.pass_time(3600)
    assert portal.rows == rows
    assert not portal.mailservice(**desired)["changed"]


@pytest.mark.parametrize(
    "method, desired",
    [
        ("mailservice.add", dict(name="New", inactive_lookahead=0)),
        ("mailservice.update", dict(name="One", port=993)),
        ("mailservice.delete", dict(name="One", state="absent")),
    ],
)
def test_an_entry_missing_from_a_batchs_reply_is_looked_up_and_was_done(portal, method, desired):
    populate(portal)
    portal.misbehaves(dict(ENTRY_MISSING, method=method))
    assert portal.mailservice(**desired)["changed"]
    assert [verb for verb, dummy in portal.writes] == [method.rpartition(".")[2]]
    assert not portal.mailservice(**desired)["changed"]


@pytest.mark.parametrize("shape", ["duplicate_rows", "null_rows"])
def test_a_list_that_cannot_be_read_back_beside_the_writes_is_read_again_alone(portal, shape):
    populate(portal)
    portal.misbehaves(dict(kind="wrong_shape", shape=shape, method=BATCH))
    result = portal.mailservice(name="One", port=993)
    assert (portal.requests, result["changed"], result["mailservice"]["port"]) == ([LIST, BATCH, LIST], True, 993)


def test_a_list_that_cannot_be_read_back_at_all_fails_the_task_which_says_what_it_did(portal):
    populate(portal)
    portal.misbehaves(
        *[
            dict(kind="wrong_shape", shape="duplicate_rows", method=method, nth=nth)
            for method, nth in ((BATCH, 1), (LIST, 2))
        ]
    )
    failure = portal.fails("mailservice_set", mailservices=[dict(name="One", port=993)])
    assert (failure["changed"], [entry["changed"] for entry in failure["results"]], portal.rows[1]["PORT"]) == (
        True,
        [True],
        "993",
    )
    assert "could not be read back" in failure["msg"]


def test_of_a_whole_set_only_what_is_missing_is_sent_again_and_the_creation_is_named(portal):
    populate(portal)
    portal.misbehaves(dict(kind="html", status=502, commit=False, method=BATCH))
    desired = [dict(name="New", server="imap.new"), dict(name="One", port=993), dict(name="Two", state="absent")]
    failure = portal.fails("mailservice_set", mailservices=desired, inactive_lookahead=0)
    assert failure["msg"].startswith(
        "1 of 3 changes failed, 0 were done, 2 not tried; first: the answer to the creation of 'New' was lost"
    )
    assert [(entry["name"], entry["failed"], entry["skipped"]) for entry in failure["results"]] == [
        ("New", True, False),
        ("One", False, True),
        ("Two", False, True),
    ]
    assert (portal.names, portal.rows[1]["PORT"]) == (["One", "Two", "Off"], "143")
    portal.set(*desired, inactive_lookahead=0)
    assert (portal.names, portal.rows[1]["PORT"]) == (["One", "Off", "New"], "993")


def test_with_on_error_continue_the_rest_of_the_set_is_done_in_the_same_run(portal):
    populate(portal)
    portal.misbehaves(dict(kind="html", status=502, commit=False, method=BATCH))
    desired = [dict(name="New", server="imap.new"), dict(name="One", port=993), dict(name="Two", state="absent")]
    failure = portal.fails("mailservice_set", mailservices=desired, inactive_lookahead=0, on_error="continue")
    assert portal.requests == [LIST, BATCH, LIST, BATCH, LIST]
    assert [verb for verb, dummy in portal.writes] == ["add", "update", "delete", "update", "delete"]
    assert [entry["failed"] for entry in failure["results"]] == [True, False, False] and not any(
        entry["skipped"] for entry in failure["results"]
    )
    assert (portal.names, portal.rows[1]["PORT"]) == (["One", "Off"], "993")


def test_a_write_that_never_gets_an_answer_is_sent_five_times_and_then_named(portal):
    populate(portal)
    portal.misbehaves(dict(kind="reset", method=BATCH, times=0))
    failure = portal.fails("mailservice", name="One", port=993)
    assert portal.requests == [LIST] + [BATCH, LIST] * 5
    assert "mailservice.update was sent 5 times without an answer" in failure["msg"]
    assert portal.rows[1]["PORT"] == "143"


def test_where_reading_fails_too_the_task_says_that_it_does_not_know_and_changed_is_true(portal):
    populate(portal)
    portal.misbehaves(dict(kind="cut_after_commit", method=BATCH), dict(kind="html", method=LIST, nth=2, times=0))
    failure = portal.fails("mailservice", name="One", port=993)
    assert failure["changed"] is True and failure["mailservice"] is None
    portal.misbehaves()
    assert not portal.mailservice(name="One", port=993)["changed"]
