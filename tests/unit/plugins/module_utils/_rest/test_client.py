# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Single calls against a scripted server: what is sent, how often, and what a failure says."""

from __future__ import annotations

import pytest

from ansible_collections.bitrix24.portal.plugins.module_utils._rest.client import Client
from ansible_collections.bitrix24.portal.plugins.module_utils._rest.commands import DONE, UNKNOWN, Command
from ansible_collections.bitrix24.portal.plugins.module_utils._rest.errors import OptionError, PortalError
from ansible_collections.bitrix24.portal.plugins.module_utils._version import VERSION
from tests.unit.plugins.module_utils.scripted import SECRET, answer, batch, page, raw, refusal, reset, result

LIMIT, BUSY = "QUERY_LIMIT_EXCEEDED", "OPERATION_TIME_LIMIT"
HTML = page(b"<html>Bad gateway</html>", 502)


def failed(client, method="mailservice.list", **options):
    with pytest.raises(PortalError) as caught:
        client.call(method, **options)
    return caught.value


def test_a_call_is_one_post_of_json_to_the_method_under_the_webhook(server, client):
    server.will(result([{"ID": "1"}], {"start": 1, "finish": 2.5, "operating": 0.25}))
    reply = client.call("mailservice.get", {"ID": 1, "NAME": "Ü & $result[a]"})
    assert reply.result == [{"ID": "1"}]
    assert reply.time == {"start": 1, "finish": 2.5, "operating": 0.25}
    (request,) = server.requests
    assert (request.method, request.path) == ("POST", "/rest/1/%s/mailservice.get" % SECRET)
    assert request.body == {"ID": 1, "NAME": "Ü & $result[a]"}
    assert request.headers["User-Agent"] == "bitrix24.portal/%s" % VERSION
    assert request.headers["Content-Type"] == "application/json"
    assert request.headers["Cookie"] is None and request.headers["Authorization"] is None
    assert client.api == dict(
        requests=1, retries=0, throttled=0, waited=0.0, operating=0.25, ids_searched=0, icons_fetched=0
    )


def test_an_access_token_goes_in_the_body_and_nowhere_else(server):
    server.will(result(True))
    with Client(dict(portal_url=server.url(path="/base/"), access_token="tok/en+1")) as client:
        client.call("profile")
        assert client.kind == "access_token" and client.secrets == {"tok/en+1", "tok%2Fen%2B1"}
    (request,) = server.requests
    assert request.path == "/base/rest/profile"
    assert request.body == {"auth": "tok/en+1"}
    assert "tok" not in str(request.headers)


def test_all_that_is_wrong_with_the_options_is_said_at_once_and_nothing_is_sent(server):
    with pytest.raises(OptionError) as caught:
        Client(dict(webhook_url="portal.example.com", timeout=0, client_key="/nowhere", ca_path="/nowhere/ca.pem"))
    assert len(caught.value.problems) == 4
    assert server.requests == []


def test_another_host_than_the_expected_one_is_refused_before_anything_is_sent(server):
    with pytest.raises(OptionError, match="leads to 127.0.0.1:%d" % server.port):
        Client(dict(webhook_url=server.url(), expected_host="portal.example.com"))
    assert server.connections == 0


def test_the_batches_of_a_task_share_its_connection(server, client):
    commands = [Command("mailservice.get", {"ID": at}, repeatable=True) for at in range(2)]
    server.will(result([]), *[batch({"c0": 1, "c1": 2})] * 3)
    client.call("mailservice.list")
    for _time in range(3):
        client.run_commands(commands)
    assert server.connections == 1


def test_what_has_no_key_goes_where_nothing_was_asked_before(server, client):
    server.will(*[result(number) for number in range(3)])
    assert [client.call("mailservice.list").result for _time in range(3)] == [0, 1, 2]
    assert server.connections == 3


@pytest.mark.parametrize(
    "odd", [page(b"<html>"), answer({"result": {"result": {"alien": 1}}}), answer([]), page(b"{", 200)], ids=range(4)
)
def test_after_anything_odd_the_connection_is_closed(server, client, odd):
    commands = [Command("mailservice.add", {"NAME": "x"}), Command("mailservice.add", {"NAME": "y"})]
    server.will(odd, batch({"c0": 1, "c1": 2}))
    assert [outcome.status for outcome in client.run_commands(commands)] == [UNKNOWN] * 2
    assert [outcome.status for outcome in client.run_commands(commands)] == [DONE] * 2
    assert server.connections == 2


def test_a_refusal_carries_the_portals_code_text_status_and_advice(server, client):
    server.will(refusal("ERROR_CORE", 400, "Доступ\nзапрещён \x1b[31m %s" % SECRET))
    error = failed(client, "mailservice.add", repeatable=False)
    assert error.as_result() == dict(
        error="ERROR_CORE",
        method="mailservice.add",
        http_status=400,
        error_description="Доступ\\nзапрещён \\x1b[31m ***",
        advice=error.advice,
    )
    assert "administrator" in error.advice and error.message.endswith(error.advice) and error.outcome_known
    assert "\n" not in error.message and SECRET not in error.message


# kind of answer → (code, whether the outcome of a write is known)
LOST = [
    (raw(), "cut_off", False),
    (reset, "cut_off", False),
    (raw(b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"result": '), "cut_off", False),
    (raw(b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{"res'), "cut_off", False),
    (page(b""), "not_json", False),
    (HTML, "not_json", False),
    (refusal("INTERNAL_SERVER_ERROR", 500), "INTERNAL_SERVER_ERROR", False),
    (refusal("CONNECTION_ERROR", 401), "CONNECTION_ERROR", True),
]


@pytest.mark.parametrize("lost, code, outcome_known", LOST)
def test_a_read_is_sent_again_after_what_may_pass(server, client, slept, lost, code, outcome_known):
    server.will(lost, lost, result("there"))
    assert client.call("mailservice.list").result == "there"
    assert slept == [0.5, 1.0]
    assert client.api["retries"] == 2 and client.api["requests"] == 3 and client.api["waited"] == 1.5


@pytest.mark.parametrize("lost, code, outcome_known", [row for row in LOST if not row[2]])
def test_a_write_whose_answer_is_lost_is_never_sent_again(server, client, slept, lost, code, outcome_known):
    server.will(lost)
    error = failed(client, "mailservice.add", repeatable=False)
    assert (error.error, error.outcome_known) == (code, outcome_known)
    assert slept == [] and len(server.requests) == 1


def test_retries_end(server, client, slept):
    server.will(*[HTML] * 5)
    assert failed(client).error == "not_json"
    assert slept == [0.5, 1.0, 2.0, 4.0]


@pytest.mark.parametrize(
    "final",
    [
        refusal("ERROR_CORE", 500),
        refusal("OVERLOAD_LIMIT", 401),
        answer([1]),
        answer({"result": 1}, 404),
        page(b"<html>", 404),
    ],
)
def test_what_will_not_pass_is_not_sent_again(server, client, slept, final):
    server.will(final)
    failed(client)
    assert slept == []


def test_rate_limits_are_waited_for_and_do_not_count_as_retries(server, slept):
    server.will(*[refusal(LIMIT, 503)] * 6, refusal(LIMIT, 503, Retry_After="7"), result(5))
    with Client(dict(webhook_url=server.url(), retries=0), sleep=slept, jitter=lambda: 0.5) as client:
        assert client.call("mailservice.add", repeatable=False).result == 5
    assert slept == [0.5, 1.0, 2.0, 4.0, 8.0, 8.0, 7.0]
    assert (client.api["throttled"], client.api["retries"], client.api["waited"]) == (7, 0, 30.5)


def test_waiting_for_limits_ends_with_retry_max_wait(server, slept):
    server.will(*[refusal(LIMIT, 503, Retry_After="50")] * 3)
    with Client(dict(webhook_url=server.url()), sleep=slept) as client:
        error = failed(client)
    assert slept == [50.0, 50.0]
    assert "50 seconds" in error.message and "retry_max_wait" in error.message and error.outcome_known


def test_an_operating_limit_is_waited_for_as_the_methods_last_success_said(server, client, slept):
    server.will(
        result(1, {"finish": 5000.0, "operating": 400.5, "operating_reset_at": 5040}),
        result(1, {"finish": 5030.0, "operating": 1, "operating_reset_at": 9999}),
        refusal(BUSY, 429),
        result(2),
    )
    client.call("mailservice.add", repeatable=False)
    client.call("mailservice.list")
    assert client.call("mailservice.add", repeatable=False).result == 2
    assert slept == [40.0]
    assert client.api["operating"] == 400.5


@pytest.mark.parametrize(
    "before, says", [((), "ten minutes"), ((result(1, {"finish": 5000, "operating_reset_at": 5300}),), "300 seconds")]
)
def test_an_operating_limit_that_cannot_be_waited_for_says_when_to_come_back(server, client, slept, before, says):
    server.will(*before, refusal(BUSY, 429))
    for dummy in before:
        client.call("mailservice.list")
    assert says in failed(client).message
    assert slept == []


def test_a_list_with_next_is_a_part_and_nothing_is_concluded_from_it(server, client):
    for following in (0, 50, "50"):
        server.will(answer({"result": [], "next": following, "time": {}}))
        assert "a part of the list" in failed(client, "mailservice.list", repeatable=False).message


def test_a_list_with_next_in_a_batch_is_a_part_too(server, client):
    commands = [Command("mailservice.list", repeatable=True), Command("mailservice.get", {"ID": 1}, repeatable=True)]
    server.will(batch({"c0": [], "c1": {"ID": "1"}}, further={"c0": 0}))
    outcomes = client.run_commands(commands, halt=False)
    assert [outcome.status for outcome in outcomes] == [UNKNOWN, DONE] and "a part" in outcomes[0].error.message


@pytest.mark.parametrize("code", ["", "  "])
def test_a_refusal_with_an_empty_code_is_a_refusal(server, client, code):
    server.will(refusal(code, 400))
    error = failed(client, "mailservice.add", repeatable=False)
    assert (error.error, error.status, error.outcome_known) == ("no_code", 400, True)
    assert "Text of the portal" in error.message and "without a code" in error.advice


@pytest.mark.parametrize(
    "given",
    [
        answer({"message": "API rate limit exceeded"}, 429, Retry_After="7"),
        refusal("rate_limited", 429, Retry_After="7"),
    ],
)
def test_a_gateways_json_that_says_later_is_waited_for_as_its_html_is(server, client, slept, given):
    server.will(given, result(1))
    assert client.call("mailservice.list").result == 1 and slept == [7.0]


@pytest.mark.parametrize("number", [1e300, 1e18, 253402300800, 1e308])
def test_a_time_that_no_portal_has_is_not_waited_for(server, client, slept, number):
    server.will(
        result(1, {"finish": -number, "operating_reset_at": number, "operating": number}),
        refusal("OPERATION_TIME_LIMIT", 429),
    )
    client.call("mailservice.get")
    error = failed(client, "mailservice.get", repeatable=False)
    assert error.error == "OPERATION_TIME_LIMIT" and slept == []
