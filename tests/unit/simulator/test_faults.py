# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What each fault does to a request, seen from outside with plain HTTP."""

from __future__ import annotations

import socket
import threading
import time

import pytest
import requests

from tests.simulator.clock import ManualClock
from tests.simulator.server import Simulator

SERVICE = {
    "ID": "1",
    "SITE_ID": "s1",
    "ACTIVE": "Y",
    "NAME": "one",
    "SERVER": "imap.example.com",
    "PORT": "993",
    "ENCRYPTION": "Y",
}
STATE = {"next_service_id": 2, "services": [SERVICE]}
NEW = {"NAME": "new", "ENCRYPTION": "Y"}


@pytest.fixture(scope="module")
def running():
    """One simulator for all tests: each sets rows and faults anew."""
    with Simulator(control=True, clock=ManualClock()) as simulator:
        yield simulator


@pytest.fixture
def simulator(running):
    """A portal with one service and no faults."""
    running.faults = []
    running.state = STATE
    running.clear_requests()
    return running


def call(simulator, method="mailservice.add", params=None, **options):
    """One REST call."""
    return requests.post(
        simulator.webhook() + method,
        json=NEW if params is None else params,
        timeout=options.pop("timeout", 10),
        **options,
    )


def names(simulator):
    """The names of all services."""
    return [service["NAME"] for service in simulator.state["services"]]


def received(simulator):
    """Wait until a request has arrived."""
    deadline = time.monotonic() + 10
    while not simulator.requests and time.monotonic() < deadline:
        time.sleep(0.01)
    assert simulator.requests


def batch(**commands):
    """A batch's parameters."""
    return {"cmd": commands}


@pytest.mark.parametrize(
    "fault, status, error, added",
    [
        ({"kind": "query_limit"}, 503, "QUERY_LIMIT_EXCEEDED", False),
        ({"kind": "operation_limit"}, 429, "OPERATION_TIME_LIMIT", False),
        ({"kind": "expired_token"}, 401, "expired_token", False),
        ({"kind": "overload"}, 401, "OVERLOAD_LIMIT", False),
        ({"kind": "overload", "status": 503}, 503, "OVERLOAD_LIMIT", False),
        ({"kind": "delay", "seconds": 0}, 200, None, True),
    ],
)
def test_an_answer_has_the_status_and_the_code_of_its_fault(simulator, fault, status, error, added):
    simulator.faults = [{"method": "mailservice.add", **fault}]
    answer = call(simulator)
    assert (answer.status_code, answer.json().get("error")) == (status, error)
    assert ("new" in names(simulator)) is added


def test_a_query_limit_may_say_when_to_come_back(simulator):
    simulator.faults = [{"kind": "query_limit", "retry_after": 7}, {"kind": "query_limit", "nth": 2}]
    assert [call(simulator).headers.get("Retry-After") for _call in range(2)] == ["7", None]


@pytest.mark.parametrize("status", [200, 500, 502, 504])
@pytest.mark.parametrize("commit", [True, False])
def test_an_html_page_comes_with_the_call_carried_out_or_not(simulator, status, commit):
    simulator.faults = [{"kind": "html", "status": status, "commit": commit}]
    answer = call(simulator)
    assert answer.status_code == status
    assert answer.headers["Content-Type"].startswith("text/html")
    assert answer.text.startswith("<!DOCTYPE html>")
    assert ("new" in names(simulator)) is commit


@pytest.mark.parametrize("kind, added, body", [("reset", False, ""), ("cut_after_commit", True, NEW)])
def test_a_connection_that_ends_without_an_answer_is_recorded(simulator, kind, added, body):
    simulator.faults = [{"kind": kind}]
    with pytest.raises(requests.exceptions.ConnectionError):
        call(simulator)
    assert ("new" in names(simulator)) is added
    assert [request["body"] for request in simulator.requests] == [body]


@pytest.mark.parametrize("answer, result", [("first", 0), ("second", 1)])
def test_a_call_that_comes_twice_is_carried_out_twice_and_answered_once(simulator, answer, result):
    before = max(int(row["ID"]) for row in simulator.state["services"])
    simulator.faults = [{"kind": "twice", "answer": answer}]
    ids = [before + 1, before + 2]
    assert call(simulator).json()["result"] == ids[result] and names(simulator)[-2:] == ["new", "new"]


def test_a_stale_answer_is_that_to_the_request_before(simulator):
    simulator.faults = [{"kind": "stale", "nth": 2}]
    assert call(simulator, "mailservice.list").json()["result"] == call(simulator).json()["result"]
    assert "new" in names(simulator)


def test_a_doubled_answer_comes_twice_on_the_connection(simulator):
    simulator.faults = [{"kind": "doubled"}]
    host, port = simulator.url.removeprefix("http://").split(":")
    head = "POST /rest/1/adminsecret00001/mailservice.list HTTP/1.1\r\nHost: portal\r\nContent-Length: 0\r\n\r\n"
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(head.encode())
        received = b"".join(iter(lambda: connection.recv(65536), b""))
    assert received.count(b"HTTP/1.1 200") == 2 and received[: len(received) // 2] * 2 == received


def test_a_reset_is_a_reset_and_a_cut_is_an_end(simulator):
    simulator.faults = [{"kind": "reset"}, {"kind": "cut_after_commit", "nth": 2}]
    host, port = simulator.url.removeprefix("http://").split(":")
    head = "POST /rest/1/adminsecret00001/mailservice.list HTTP/1.1\r\nHost: portal\r\nContent-Length: 0\r\n\r\n"

    def first_byte():
        with socket.create_connection((host, int(port)), timeout=10) as connection:
            connection.sendall(head.encode())
            return connection.recv(1)

    with pytest.raises(ConnectionResetError):
        first_byte()
    assert first_byte() == b""


def test_half_a_body_ends_before_the_length_that_was_promised(simulator):
    simulator.faults = [{"kind": "half_body"}]
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        call(simulator)
    assert "new" in names(simulator)


def test_a_redirect_says_where_to(simulator):
    simulator.faults = [{"kind": "redirect", "status": 308, "to": "https://other.example{path}"}]
    answer = call(simulator, allow_redirects=False)
    assert (answer.status_code, answer.headers["Location"]) == (
        308,
        "https://other.example/rest/1/adminsecret00001/mailservice.add",
    )
    assert names(simulator) == ["one"]


@pytest.mark.parametrize(
    "commit, before, after", [("before", ["one", "new"], ["one", "new"]), ("after", ["one"], ["one", "new"])]
)
def test_a_delayed_call_is_carried_out_even_if_the_client_has_gone(simulator, commit, before, after):
    simulator.faults = [{"kind": "delay", "seconds": 30, "commit": commit}]
    with pytest.raises(requests.exceptions.ReadTimeout):
        call(simulator, timeout=0.2)
    received(simulator)
    assert names(simulator) == before
    simulator.clock.advance(30)
    deadline = time.monotonic() + 10
    while names(simulator) != after and time.monotonic() < deadline:
        time.sleep(0.01)
    assert names(simulator) == after


def test_the_listener_is_closed_for_its_time_and_then_back(simulator):
    with requests.Session() as session:
        session.post(simulator.webhook() + "scope")
        simulator.faults = [{"kind": "refuse", "seconds": 60}]
        for _attempt in range(2):
            with pytest.raises(requests.exceptions.ConnectionError, match="refused"):
                session.post(simulator.webhook() + "scope")
        simulator.clock.advance(60)
        assert answered(session, simulator)


def test_the_nth_request_is_refused_and_clearing_the_faults_ends_it(simulator):
    simulator.faults = [{"kind": "refuse", "seconds": 60, "nth": 3}]
    assert [call(simulator, "scope").status_code for _call in range(2)] == [200, 200]
    with pytest.raises(requests.exceptions.ConnectionError, match="refused"):
        call(simulator, "scope")
    simulator.faults = []
    assert answered(requests, simulator)


def answered(session, simulator):
    """Whether the portal answers within some seconds."""
    for _attempt in range(500):
        try:
            return session.post(simulator.webhook() + "scope", timeout=10).ok
        except requests.exceptions.ConnectionError:
            time.sleep(0.01)
    return False


@pytest.mark.parametrize("length", [True, False])
def test_a_huge_body_is_streamed_at_its_whole_length(simulator, length):
    simulator.faults = [{"kind": "huge_body", "bytes": 5_000_000, "length": length}]
    answer = call(simulator)
    assert len(answer.content) == 5_000_000
    assert ("Content-Length" in answer.headers) is length
    assert set(answer.json()) == {"result"}


def test_a_client_that_stops_reading_a_huge_body_leaves_the_portal_well(simulator):
    simulator.faults = [{"kind": "huge_body"}]
    with call(simulator, stream=True) as answer:
        assert len(answer.raw.read(1000)) == 1000
    assert call(simulator, "scope").ok


LIST = {
    "ID": "1",
    "SITE_ID": "s1",
    "ACTIVE": "Y",
    "SORT": "100",
    "NAME": "one",
    "SERVER": "imap.example.com",
    "PORT": "993",
    "ENCRYPTION": "Y",
    "LINK": None,
    "ICON": None,
    "SMTP_SERVER": None,
    "SMTP_PORT": None,
    "SMTP_LOGIN_AS_IMAP": "N",
    "SMTP_PASSWORD_AS_IMAP": "N",
    "SMTP_ENCRYPTION": None,
    "UPLOAD_OUTGOING": None,
}
UNKNOWN = {**LIST, "TOKEN": "not to be shown", "X_UNKNOWN": {"DEEP": 1}}


@pytest.mark.parametrize(
    "shape, method, params, result",
    [
        ("list_for_map", "mailservice.list", {}, [list(LIST.values())]),
        ("list_for_map", "mailservice.get", {"ID": 1}, list(LIST.values())),
        ("list_for_map", "batch", batch(a="scope"), [["mailservice"]]),
        ("numbers", "mailservice.add", NEW, "2"),
        ("unknown_keys", "mailservice.list", {}, [UNKNOWN]),
        ("unknown_keys", "batch", batch(a="mailservice.get?ID=1"), {"a": UNKNOWN}),
        ("duplicate_rows", "mailservice.list", {}, [LIST, LIST]),
        (
            "duplicate_rows",
            "batch",
            batch(a="mailservice.list", b="mailservice.get?ID=1"),
            {"a": [LIST, LIST], "b": LIST},
        ),
        ("null_rows", "mailservice.list", {}, [None]),
        ("null_rows", "mailservice.get", {"ID": 1}, None),
        ("entry_missing", "batch", batch(a="scope", b="scope"), {"a": ["mailservice"]}),
    ],
)
def test_a_reply_of_another_shape(simulator, shape, method, params, result):
    simulator.faults = [{"kind": "wrong_shape", "shape": shape, "method": method}]
    body = call(simulator, method, params).json()
    assert (body["result"]["result"] if method == "batch" else body["result"]) == result


def test_a_reply_without_a_result_has_only_its_time(simulator):
    simulator.faults = [{"kind": "wrong_shape", "shape": "result_missing"}]
    assert set(call(simulator).json()) == {"time"}


def test_the_named_entry_of_a_batch_is_missing_everywhere(simulator):
    simulator.faults = [{"kind": "wrong_shape", "shape": "entry_missing", "method": "batch", "key": "a"}]
    body = call(simulator, "batch", batch(a="mailservice.get?ID=9", b="scope")).json()
    assert body["result"]["result"] == {"b": ["mailservice"]}
    assert body["result"]["result_error"] == []


def test_a_command_without_an_entry_was_carried_out_and_counts_in_batches_only(simulator):
    simulator.faults = [{"kind": "wrong_shape", "shape": "entry_missing", "method": "mailservice.add", "nth": 2}]
    assert call(simulator).json()["result"] == 2
    add = "mailservice.add?ENCRYPTION=Y&NAME="
    body = call(simulator, "batch", batch(a=f"{add}a", b=f"{add}b", c=f"{add}c")).json()
    assert body["result"]["result"] == {"a": 3, "c": 5}
    assert names(simulator) == ["one", "new", "a", "b", "c"]


def test_a_limit_hits_the_command_of_a_batch_alone(simulator):
    simulator.faults = [{"kind": "operation_limit", "method": "mailservice.get"}]
    answer = call(simulator, "batch", batch(a="scope", b="mailservice.get?ID=1", c="mailservice.get?ID=1"))
    assert answer.status_code == 200
    assert answer.json()["result"]["result_error"]["b"]["error"] == "OPERATION_TIME_LIMIT"
    assert set(answer.json()["result"]["result"]) == {"a", "c"}


def test_a_filtered_command_stores_altered_text_with_success(simulator):
    simulator.faults = [{"kind": "filtered", "method": "mailservice.add", "nth": 2}]
    for _call in range(2):
        assert call(simulator, params={**NEW, "NAME": "<script>"}).ok
    assert names(simulator) == ["one", "<script>", "<sc ript>"]


def test_strict_mode_refuses_the_text_that_is_cut_otherwise(simulator):
    simulator.faults = [{"kind": "strict_sql"}]
    answers = [call(simulator, params={**NEW, "NAME": "n" * 300}) for _call in range(2)]
    assert [(answer.status_code, answer.json().get("error")) for answer in answers] == [
        (500, "ERROR_CORE"),
        (200, None),
    ]
    assert names(simulator) == ["one", "n" * 255]


@pytest.mark.parametrize(
    "fault, statuses",
    [
        ({}, [503, 200, 200, 200]),
        ({"nth": 2}, [200, 503, 200, 200]),
        ({"nth": 2, "times": 2}, [200, 503, 503, 200]),
        ({"times": 0}, [503, 503, 503, 503]),
        ({"method": "batch"}, [200, 200, 200, 200]),
        ({"method": "SCOPE"}, [503, 200, 200, 200]),
    ],
)
def test_a_fault_counts_the_requests_of_its_method(simulator, fault, statuses):
    simulator.faults = [{"kind": "query_limit", **fault}]
    assert [call(simulator, "scope").status_code for _call in range(4)] == statuses


def test_faults_are_set_shown_with_their_counts_and_cleared_over_http(simulator):
    address = f"{simulator.url}/_control/faults"
    requests.put(address, json=[{"kind": "query_limit", "method": "scope"}]).raise_for_status()
    assert call(simulator, "scope").status_code == 503
    assert [(fault["seen"], fault["played"]) for fault in requests.get(address).json()] == [(1, 1)]
    assert requests.put(address, json=[]).json() == []
    assert call(simulator, "scope").ok


@pytest.mark.parametrize(
    "fault, message",
    [
        ({"kind": "fire"}, "kind 'fire' is none of"),
        ({"kind": "reset", "seconds": 1}, "unknown: ['seconds']"),
        ({"kind": "redirect"}, "missing: ['to']"),
        ({"kind": "refuse", "method": "batch"}, "refuse takes the method *"),
        ({"kind": "wrong_shape", "shape": "round"}, "shape is one of"),
        ({"kind": "delay", "commit": "never"}, "commit is before or after"),
        ({"kind": "reset", "nth": 0}, "nth counts from 1"),
    ],
)
def test_a_fault_that_makes_no_sense_is_refused_with_the_reason(simulator, fault, message):
    answer = requests.put(f"{simulator.url}/_control/faults", json=[fault])
    assert answer.status_code == 400
    assert message in answer.json()["error"]


def test_a_portal_with_faults_in_hand_can_be_left(simulator):
    with Simulator(clock=ManualClock()) as other:
        other.faults = [{"kind": "delay", "seconds": 60}]
        caller = threading.Thread(target=lambda: pytest.raises(requests.exceptions.ConnectionError, call, other))
        caller.start()
        received(other)
        other.faults = [{"kind": "refuse", "seconds": 60}]
    caller.join(10)
    assert not caller.is_alive()
