# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs of many commands: how they share requests, and what is known of each when something fails half-way."""

from __future__ import annotations

import pytest

from ansible_collections.bitrix24.portal.plugins.module_utils._rest.client import Client
from ansible_collections.bitrix24.portal.plugins.module_utils._rest.commands import (
    DONE,
    FAILED,
    NOT_TRIED,
    UNKNOWN,
    Command,
    ResultOf,
)
from tests.unit.plugins.module_utils.scripted import answer, batch, page, raw, refusal, result

LIMIT, BUSY = "QUERY_LIMIT_EXCEEDED", "OPERATION_TIME_LIMIT"
HTML = page(b"<html>Bad gateway</html>", 502)


def get(service_id):
    return Command("mailservice.get", {"ID": service_id}, repeatable=True)


def add(name):
    return Command("mailservice.add", {"NAME": name}, repeatable=False)


def statuses(outcomes):
    return [outcome.status for outcome in outcomes]


def test_a_run_goes_in_batches_of_fifty_that_halt(server, client):
    server.will(
        *[
            batch(("c%d" % service_id, {"ID": service_id}) for service_id in part)
            for part in (range(50), range(50, 100))
        ],
        result({"ID": 100}),
    )
    outcomes = client.run_commands([get(service_id) for service_id in range(101)])
    assert [outcome.result for outcome in outcomes] == [{"ID": service_id} for service_id in range(101)]
    assert [method for method, body in server.calls] == ["batch", "batch", "mailservice.get"]
    first = server.requests[0].body
    assert first["halt"] == 1 and len(first["cmd"]) == 50 and first["cmd"]["c7"] == "mailservice.get?ID=7"


def test_every_value_of_a_batch_is_percent_encoded(server, client):
    server.will(batch({"c0": 2, "c1": []}))
    outcomes = client.run_commands([add("a+b & c=d#?%20/Ü"), Command("mailservice.list", repeatable=True)])
    assert server.requests[0].body["cmd"] == {
        "c0": "mailservice.add?NAME=a%2Bb%20%26%20c%3Dd%23%3F%2520%2F%C3%9C",
        "c1": "mailservice.list",
    }
    assert [outcome.result for outcome in outcomes] == [2, []]


def test_a_single_read_is_a_direct_call_and_a_run_of_none_is_no_call(server, client):
    server.will(result({"ID": "2"}))
    assert client.run_commands([]) == []
    assert client.run_commands([get(2)])[0].result == {"ID": "2"}
    assert server.calls == [("mailservice.get", {"ID": 2})]


def test_a_single_write_is_a_batch_of_one_so_that_it_has_a_key(server, client):
    server.will(batch({"c0": 2}))
    assert client.run_commands([add("x")])[0].result == 2
    assert server.calls == [("batch", {"halt": 1, "cmd": {"c0": "mailservice.add?NAME=x"}})]


def test_no_key_is_used_twice(server, client):
    server.will(*[batch({"c0": 1, "c1": 2})] * 3, batch({"c0": 3}))
    for commands in [[get(1), get(2)]] * 3 + [[add("x")]]:
        client.run_commands(commands)
    keys = [key for request in server.requests for key in request.keys.values()]
    assert len(keys) == len(set(keys)) == 7


@pytest.mark.parametrize("write", [[add("x")], [add("x"), get(1)]], ids=["one", "two"])
@pytest.mark.parametrize("kind", ["answer", "refusal"])
def test_the_answer_to_another_request_is_not_believed(server, client, slept, write, kind):
    other = {"c0x000000000000": 7, "c1x000000000000": 8}
    server.will(batch(other) if kind == "answer" else batch({}, dict.fromkeys(other, "ERROR_CORE")))
    outcomes = client.run_commands(write)
    assert statuses(outcomes) == [UNKNOWN] * len(write) and slept == []
    assert outcomes[0].error.error == "foreign_answer" and "another request" in outcomes[0].error.message


def test_a_read_that_gets_the_answer_to_another_request_is_asked_again(server, client, slept):
    server.will(batch({"c0x000000000000": 7}), batch({"c0": 1, "c1": 2}))
    assert [outcome.result for outcome in client.run_commands([get(1), get(2)])] == [1, 2]
    assert slept == [0.5] and server.connections == 2


def test_a_value_that_a_batch_would_replace_goes_in_a_call_of_its_own_in_its_place(server, client):
    server.will(batch({"c0": 2, "c1": 3}), result(4), batch({"c3": True, "c4": {"ID": "4"}}))
    outcomes = client.run_commands(
        [
            add("a"),
            add("plain $"),
            add("x $RESULT\n[c0]"),
            Command("mailservice.delete", {"ID": ResultOf(2)}),
            get(ResultOf(1)),
        ]
    )
    assert statuses(outcomes) == [DONE] * 5
    assert [method for method, body in server.calls] == ["batch", "mailservice.add", "batch"]
    assert server.requests[1].body == {"NAME": "x $RESULT\n[c0]"}
    assert server.requests[2].body["cmd"] == {"c3": "mailservice.delete?ID=4", "c4": "mailservice.get?ID=3"}


def test_a_reference_within_one_request_is_left_to_the_portal(server, client):
    server.will(batch({"c0": 7, "c1": {"ID": "7"}}))
    client.run_commands([add("a"), get(ResultOf(0))])
    assert server.requests[0].body["cmd"]["c1"] == "mailservice.get?ID=%24result%5Bc0%5D"


def test_a_reference_to_what_is_no_id_is_not_sent(server, client):
    server.will(result([]))
    outcomes = client.run_commands([add("$[a"), get(ResultOf(0))])
    assert statuses(outcomes) == [DONE, FAILED]
    assert outcomes[1].error.outcome_known


def test_after_the_first_failure_nothing_is_tried(server, client):
    server.will(batch({"c0": 2}, {"c1": "ERROR_CORE"}))
    outcomes = client.run_commands([add("a"), add("b"), add("c")] + [add("d")] * 60)
    assert statuses(outcomes) == [DONE, FAILED] + [NOT_TRIED] * 61
    error = outcomes[1].error
    assert (error.error, error.method, error.status, error.outcome_known) == (
        "ERROR_CORE",
        "mailservice.add",
        None,
        True,
    )


def test_a_scope_that_is_missing_shows_in_a_batch_without_a_text(server, client):
    server.will(batch({}, {"c0": "insufficient_scope"}, text=""))
    outcome = client.run_commands([get(1), get(2)])[0]
    assert outcome.error.error == "insufficient_scope" and "scope mailservice" in outcome.error.advice


def test_reads_may_go_on_after_a_failure(server, client):
    server.will(
        batch(
            dict(("c%d" % at, at) for at in range(0, 50, 2)), dict(("c%d" % at, "ERROR_CORE") for at in range(1, 50, 2))
        ),
        refusal("ERROR_CORE", 400),
    )
    outcomes = client.run_commands([get(service_id) for service_id in range(51)], halt=False)
    assert statuses(outcomes) == [DONE, FAILED] * 25 + [FAILED]
    assert server.requests[0].body["halt"] == 0


@pytest.mark.parametrize("command", [add("x"), get(ResultOf(0))])
def test_only_reads_that_stand_alone_may_go_on_after_a_failure(server, client, command):
    with pytest.raises(ValueError):
        client.run_commands([get(1), command], halt=False)


@pytest.mark.parametrize("limit", [LIMIT, BUSY])
def test_a_limit_half_way_is_waited_for_and_the_rest_is_sent_again(server, client, slept, limit):
    server.will(
        result(1, {"finish": 100, "operating_reset_at": 130}),
        batch({"c0": 2, "c1": 3}, {"c2": limit}),
        batch({"c2": 4}, {"c3": limit}),
        batch({"c3": 5, "c4": {"ID": "4"}}),
    )
    client.call("mailservice.add", repeatable=False)
    outcomes = client.run_commands([add("a"), add("b"), add("c"), add("d"), get(ResultOf(2))])
    assert [outcome.result for outcome in outcomes] == [2, 3, 4, 5, {"ID": "4"}]
    assert [list(request.body["cmd"]) for request in server.requests[1:]] == [
        ["c0", "c1", "c2", "c3", "c4"],
        ["c2", "c3", "c4"],
        ["c3", "c4"],
    ]
    assert server.requests[3].body["cmd"]["c4"] == "mailservice.get?ID=4"
    assert slept == ([0.5, 0.5] if limit == LIMIT else [30.0, 30.0])
    assert client.api["throttled"] == 2 and client.api["retries"] == 0


def test_a_batch_tells_the_operating_time_of_each_of_its_methods(server, client, slept):
    server.will(
        batch({"c0": 1, "c1": 2}, times={"c0": {"finish": 10, "operating_reset_at": 22.5}, "c1": []}),
        refusal(BUSY, 429),
        result(3),
    )
    client.run_commands([get(1), add("a")])
    assert client.call("mailservice.get").result == 3
    assert slept == [12.5]


def test_a_limit_that_cannot_be_waited_for_fails_its_command_and_leaves_the_rest(server, client, slept):
    server.will(batch({"c0": 2}, {"c1": BUSY}))
    outcomes = client.run_commands([add("a"), add("b"), add("c")])
    assert statuses(outcomes) == [DONE, FAILED, NOT_TRIED]
    assert slept == []


def test_reads_that_are_refused_for_a_limit_are_waited_for_once_and_asked_for_together(server, client, slept):
    server.will(batch({"c0": 1}, {"c1": LIMIT, "c2": "ERROR_CORE", "c3": LIMIT}), batch({"c1": 2, "c3": 4}))
    assert statuses(client.run_commands([get(service_id) for service_id in range(4)], halt=False)) == [
        DONE,
        DONE,
        FAILED,
        DONE,
    ]
    assert list(server.requests[1].body["cmd"]) == ["c1", "c3"]
    assert slept == [0.5]


@pytest.mark.parametrize(
    "lost", [HTML, raw(), page(b'{"result": {'), answer({"result": []}), answer({"result": {"result": [1]}})]
)
def test_all_commands_of_a_batch_whose_answer_is_lost_are_unknown_and_none_is_sent_again(server, client, slept, lost):
    server.will(lost)
    outcomes = client.run_commands([add("a"), get(1)] + [get(2)] * 50)
    assert statuses(outcomes) == [UNKNOWN] * 50 + [NOT_TRIED] * 2
    assert not outcomes[1].error.outcome_known and slept == []


def test_a_batch_of_reads_whose_answer_is_lost_is_sent_again(server, client, slept):
    server.will(HTML, batch({"c0": 1, "c1": 2}))
    assert statuses(client.run_commands([get(1), get(2)])) == [DONE, DONE]
    assert slept == [0.5] and server.requests[0].body == server.requests[1].body


def test_a_batch_that_is_refused_as_a_whole_fails_its_first_command_and_tries_none(server, client):
    server.will(refusal("INVALID_CREDENTIALS", 401))
    outcomes = client.run_commands([add("a"), add("b")])
    assert statuses(outcomes) == [FAILED, NOT_TRIED]
    assert outcomes[0].error.error == "INVALID_CREDENTIALS" and outcomes[0].error.status == 401


def test_a_batch_refused_for_too_many_requests_is_sent_again_whatever_is_in_it(server, client, slept):
    server.will(refusal(LIMIT, 503), batch({"c0": 1, "c1": 2}))
    assert statuses(client.run_commands([add("a"), add("b")])) == [DONE, DONE]


# done, errors → statuses of four adds
@pytest.mark.parametrize(
    "done, errors, expected",
    [
        ({"c0": 1, "c2": 3}, {}, [DONE, UNKNOWN, DONE, UNKNOWN]),
        ({"c0": 1}, {}, [DONE, UNKNOWN, UNKNOWN, UNKNOWN]),
        ({}, {}, [UNKNOWN] * 4),
        ({"c0": 1}, {"c2": "ERROR_CORE"}, [DONE, UNKNOWN, FAILED, NOT_TRIED]),
        ({"c0": 1}, {"c2": LIMIT}, [DONE, UNKNOWN, FAILED, NOT_TRIED]),
        ({"c0": 1}, {"c1": "INTERNAL_SERVER_ERROR"}, [DONE, UNKNOWN, NOT_TRIED, NOT_TRIED]),
        ({"c0": 1, "c3": 2}, {"c1": "ERROR_CORE"}, [DONE, FAILED, NOT_TRIED, DONE]),
        ({"c0": None, "c1": 1, "c2": 2, "c3": 3}, {}, [DONE] * 4),
        ({"c0": None, "c1": 1, "c2": 2, "c3": 3, "alien": 4}, {}, [UNKNOWN] * 4),
    ],
)
def test_an_entry_that_is_missing_is_unknown_unless_a_failure_explains_it(
    server, client, slept, done, errors, expected
):
    server.will(batch(done, errors))
    assert statuses(client.run_commands([add(name) for name in "abcd"])) == expected
    assert slept == []


def test_a_portal_that_went_on_after_a_limit_is_not_asked_again_for_what_it_did(server, client, slept):
    server.will(batch({"c0": 1, "c2": 3}, {"c1": LIMIT}), batch({"c1": 2}))
    assert statuses(client.run_commands([add("a"), add("b"), add("c")])) == [DONE] * 3
    assert server.calls[1] == ("batch", {"halt": 1, "cmd": {"c1": "mailservice.add?NAME=b"}})


def test_a_run_against_the_simulator_creates_reads_and_deletes(slept):
    simulator = pytest.importorskip("tests.simulator.server")
    with simulator.Simulator(control=True) as portal_simulator, Client(
        dict(webhook_url=portal_simulator.webhook())
    ) as client:
        hazardous = "Price $result[c0] +&"
        outcomes = client.run_commands(
            [
                Command("mailservice.add", {"NAME": "plain+ &", "ENCRYPTION": "Y"}),
                get(ResultOf(0)),
                Command("mailservice.add", {"NAME": hazardous, "ENCRYPTION": "Y"}),
                get(ResultOf(2)),
                Command("mailservice.delete", {"ID": ResultOf(0)}),
            ]
        )
        assert statuses(outcomes) == [DONE] * 5
        assert [outcomes[index].result["NAME"] for index in (1, 3)] == ["plain+ &", hazardous]
        assert [service["NAME"] for service in portal_simulator.state["services"]][-1] == hazardous
        assert len(portal_simulator.requests) == client.api["requests"] == 3
