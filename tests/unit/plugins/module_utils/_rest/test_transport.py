# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What may happen to one HTTP exchange, on real sockets: each is one clear line, knows whether anything was sent, and ends in time."""

from __future__ import annotations

import gzip
import json
import logging
import socket
import sys
import time
import traceback
import zlib

import pytest

from ansible_collections.bitrix24.portal.plugins.module_utils._rest import body as _body
from ansible_collections.bitrix24.portal.plugins.module_utils._rest import transport as _transport
from ansible_collections.bitrix24.portal.plugins.module_utils._rest.client import Client
from ansible_collections.bitrix24.portal.plugins.module_utils._rest.commands import DONE, UNKNOWN, Command
from ansible_collections.bitrix24.portal.plugins.module_utils._rest.connection import EarlyAnswer, _refuse_early_answer
from ansible_collections.bitrix24.portal.plugins.module_utils._rest.errors import OptionError, PortalError
from ansible_collections.bitrix24.portal.plugins.module_utils._rest.transport import retry_after
from tests.unit.plugins.module_utils.scripted import SECRET, answer, batch, page, raw, result

OK = b"HTTP/1.1 200 OK\r\n"


def failed(url, **options):
    """The error of a write that is not tried again."""
    with Client(dict(dict(webhook_url=url, retries=0), **options)) as client:
        with pytest.raises(PortalError) as caught:
            client.call("mailservice.add", {"NAME": "x"}, repeatable=False)
    error = caught.value
    assert "\n" not in error.message and SECRET not in "".join(
        traceback.format_exception(None, error, error.__traceback__, chain=True)
    )
    assert error.advice and error.message.endswith(error.advice)
    return error


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def test_a_port_where_nobody_listens_was_never_reached():
    error = failed("http://127.0.0.1:%d/rest/1/%s/" % (free_port(), SECRET))
    assert (error.error, error.outcome_known) == ("connection_failed", True) and "connection refused" in error.message


def test_a_connection_that_is_never_made_is_tried_again_even_for_a_write(slept):
    with Client(
        dict(webhook_url="http://127.0.0.1:%d/rest/1/%s/" % (free_port(), SECRET)), sleep=slept, jitter=lambda: 0.5
    ) as client:
        with pytest.raises(PortalError):
            client.call("mailservice.add", repeatable=False)
    assert slept == [0.5, 1.0, 2.0, 4.0]
    assert (client.api["requests"], client.api["retries"]) == (0, 4)


def test_a_host_that_is_not_there_is_said_to_be_unknown(monkeypatch):
    def look_up(*args, **kwargs):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    error = failed("https://portal.invalid/rest/1/%s/" % SECRET)
    assert (error.error, error.outcome_known) == ("unknown_host", True) and "portal.invalid" in error.message


def test_a_kept_connection_that_broke_leaves_the_next_write_unknown_and_the_next_read_is_sent_again(server, slept):
    read, write = Command("mailservice.get", {"ID": 1}, repeatable=True), Command("mailservice.add", {"NAME": "x"})
    server.will(batch({"c0": 1}), raw(), batch({"c0": 2, "c1": 2}), raw())
    with Client(dict(webhook_url=server.url()), sleep=slept) as client:
        client.run_commands([write])
        assert [outcome.result for outcome in client.run_commands([read, read])] == [2, 2]
        assert client.run_commands([write])[0].status == UNKNOWN
    assert server.connections == 2


def test_a_connection_that_the_portal_closed_in_between_is_made_anew_for_a_write(server):
    server.will(raw(OK + b'Connection: keep-alive\r\nContent-Length: 13\r\n\r\n{"result": 1}'), batch({"c0": 2}))
    with Client(dict(webhook_url=server.url())) as client:
        client.call("mailservice.list")
        time.sleep(0.1)
        assert client.run_commands([Command("mailservice.add", {"NAME": "x"})])[0].result == 2


# answer → code, part of the message
BROKEN = [
    (raw(b"SSH-2.0-OpenSSH_9.6\r\n"), "unexpected_answer", "HTTP"),
    (raw(b"\x16\x03\x01\x00\x00"), "unexpected_answer", "HTTP"),
    (raw(OK + b"X: y\r\n" * 200 + b"\r\n"), "unexpected_answer", "HTTP"),
    (raw(OK + b"X: " + b"y" * 70000 + b"\r\n\r\n"), "unexpected_answer", "HTTP"),
    (raw(OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n"), "cut_off", "cut off"),
    (page(b"\x1f\x8b broken", Content_Encoding="gzip"), "unexpected_answer", "not valid HTTP"),
    (page(b"\x1f", Content_Encoding="gzip"), "cut_off", "cut off"),
    (page(gzip.compress(b'{"result": 1}')[:-9], Content_Encoding="gzip"), "cut_off", "cut off"),
    (page(b"{}", Content_Encoding="br"), "unexpected_answer", "unsupported Content-Encoding"),
    (page(b"<html>%s</html>" % SECRET.encode()), "not_json", "an HTML page, not JSON (HTTP 200)"),
    (page(b"\xef\xbb\xbf \n<!doctype html>", 504), "not_json", "HTTP 504"),
    (page(b""), "not_json", "empty (HTTP 200)"),
    (page(b"", 204), "not_json", "empty (HTTP 204)"),
    (page(b'{"result": [1, 2'), "cut_off", "cut off in the middle"),
    (page(b"\xff\xfe{\x00}"), "not_json", "not JSON"),
    (answer([1]), "unexpected_answer", "not a portal's"),
    (answer({"time": {}}), "unexpected_answer", "not a portal's"),
    (answer({"result": 1}, 500), "unexpected_answer", "not a portal's"),
]


@pytest.mark.parametrize("broken, code, says", BROKEN)
def test_an_answer_that_is_none_leaves_a_write_unknown(server, broken, code, says):
    server.will(broken)
    error = failed(server.url())
    assert (error.error, error.outcome_known) == (code, False)
    assert says in error.message


def test_packed_answers_are_unpacked(server):
    server.will(
        page(gzip.compress(json.dumps({"result": "x" * 300000}).encode()), Content_Encoding="gzip"),
        raw(OK + b'Transfer-Encoding: chunked\r\n\r\nd\r\n{"result": 5}\r\n0\r\n\r\n'),
    )
    with Client(dict(webhook_url=server.url())) as client:
        assert len(client.call("mailservice.list").result) == 300000
        assert client.call("mailservice.list").result == 5
    assert server.requests[0].headers["Accept-Encoding"] == "gzip"


def zeros(mebibytes):
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    return b"".join([packer.compress(bytes(2**20)) for dummy in range(mebibytes)] + [packer.flush()])


def endless(handler):
    handler.send_response(200)
    handler.send_header("Content-Length", str(300 * 2**20))
    handler.end_headers()
    handler.server.written = 0
    try:
        while handler.server.written < 300 * 2**20:
            handler.wfile.write(b" " * 2**20)
            handler.server.written += 2**20
    finally:
        handler.close_connection = True


def test_a_body_is_read_up_to_32_mib_and_no_further(server):
    server.will(endless)
    assert failed(server.url()).error == "too_large"
    assert server.written < 48 * 2**20


def test_a_packed_body_is_unpacked_up_to_32_mib_and_no_further(server, monkeypatch):
    unpacked = []

    class Gunzip(_body._Gunzip):
        def __call__(self, chunk, most):
            unpacked.append(super().__call__(chunk, most))
            return unpacked[-1]

    monkeypatch.setattr(_body, "_Gunzip", Gunzip)
    packed = zeros(64)
    assert len(packed) < 2 * _body.CHUNK
    server.will(page(packed, Content_Encoding="gzip"))
    assert failed(server.url()).error == "too_large"
    assert sum(map(len, unpacked)) == 32 * 2**20 + 1


@pytest.mark.parametrize(
    "pieces",
    [
        [OK[index : index + 1] for index in range(len(OK))] + [b"X-%d: y\r\n" % number for number in range(40)],
        [OK + b"Content-Length: 100\r\n\r\n"] + [b" "] * 60,
        [OK + b"Transfer-Encoding: chunked\r\n\r\n"] + [b"1\r\n \r\n"] * 60,
        [b"HTTP/1.1 100 Continue\r\n\r\n"] * 60,
    ],
)
def test_an_answer_that_trickles_does_not_last_longer_than_the_timeout(server, pieces):
    server.will(raw(*pieces, pause=0.05))
    started = time.monotonic()
    error = failed(server.url(), timeout=1)
    assert (error.error, error.outcome_known) == ("timed_out", False) and "within 1 seconds" in error.message
    assert 0.9 < time.monotonic() - started < 2


ANSWER = OK + b'Content-Length: 13\r\n\r\n{"result": 1}'
CHUNKED = OK + b'Transfer-Encoding: chunked\r\n\r\nd\r\n{"result": 1}\r\n0\r\n\r\n'


@pytest.mark.parametrize(
    "interim",
    [
        b"HTTP/1.1 100 Continue\r\n\r\n",
        b"HTTP/1.1 102 Processing\r\n\r\n" * 3,
        b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n",
    ],
)
def test_interim_answers_are_skipped(server, interim):
    server.will(raw(interim + ANSWER))
    with Client(dict(webhook_url=server.url())) as client:
        assert client.call("mailservice.add", repeatable=False).result == 1


def test_interim_answers_without_end_are_no_answer(server):
    server.will(raw(b"HTTP/1.1 102 Processing\r\n\r\n" * 2000))
    assert failed(server.url()).error == "unexpected_answer"


@pytest.mark.parametrize("answer", [ANSWER, CHUNKED], ids=["length", "chunked"])
@pytest.mark.parametrize("surplus", [ANSWER, b'{"result": 2}', b"x"], ids=["answer", "body", "byte"])
def test_an_answer_behind_which_more_comes_is_not_believed_and_the_connection_is_closed(server, answer, surplus):
    write = Command("mailservice.add", {"NAME": "x"})
    server.will(lambda handler: handler.wfile.write(answer + surplus), batch({"c0": 2}))
    with Client(dict(webhook_url=server.url())) as client:
        outcome = client.run_commands([write])[0]
        assert (outcome.status, outcome.error.error) == (UNKNOWN, "foreign_answer")
        assert client.run_commands([write])[0].result == 2
    assert server.connections == 2


def test_blanks_behind_an_answer_are_no_other_answer(server):
    server.will(lambda handler: handler.wfile.write(ANSWER + b"\r\n"), batch({"c0": 2}))
    with Client(dict(webhook_url=server.url())) as client:
        assert client.call("mailservice.list").result == 1
        assert client.run_commands([Command("mailservice.add", {"NAME": "x"})])[0].result == 2


@pytest.mark.parametrize("noticed", [True, False])
def test_an_answer_that_comes_before_its_request_is_sent_is_not_read(server, monkeypatch, slept, noticed):
    """urllib3 closes a connection on which it sees one; what it does not see, an own look does."""

    def twice(handler):
        batch({"c0": 1})(handler)
        handler.wfile.flush()
        time.sleep(0.05)
        batch({"c0": 1})(handler)

    if not noticed:
        monkeypatch.setattr("urllib3.connectionpool.is_connection_dropped", lambda connection: False)
    server.will(twice, batch({"c0": 2}))
    write = Command("mailservice.add", {"NAME": "x"})
    with Client(dict(webhook_url=server.url()), sleep=slept) as client:
        client.run_commands([write])
        time.sleep(0.2)
        outcome = client.run_commands([write])[0]
    assert (outcome.status, outcome.result, server.connections) == (DONE, 2, 2)
    assert len(slept) == (not noticed) and len(server.requests) == 2


@pytest.mark.parametrize(
    "act, raised",
    [
        (lambda end: None, None),
        (lambda end: end.send(b"x"), EarlyAnswer),
        (lambda end: end.close(), ConnectionResetError),
    ],
)
def test_a_look_at_a_connection_neither_waits_nor_changes_its_timeout(act, raised):
    here, there = socket.socketpair()
    with here, there:
        here.settimeout(7)
        act(there)
        if raised is None:
            _refuse_early_answer(here)
        else:
            with pytest.raises(raised):
                _refuse_early_answer(here)
        assert here.gettimeout() == 7


def test_a_portal_that_says_nothing_times_out(server):
    server.will(raw(b"", pause=1.5))
    error = failed(server.url(), timeout=1)
    assert (error.error, error.outcome_known) == ("timed_out", False)


def test_the_address_is_not_logged_whatever_the_portal_sends(server, caplog):
    caplog.set_level(logging.DEBUG)
    server.will(raw(OK + b'Content-Length: 13\r\nno header at all\r\n\r\n{"result": 1}'))
    with Client(dict(webhook_url=server.url(), retries=0)) as client:
        try:
            client.call("profile")
        except PortalError:
            pass
    assert SECRET not in caplog.text


@pytest.mark.parametrize("status", [307, 308])
def test_a_redirect_that_keeps_the_post_is_followed_on_the_same_host(server, status):
    server.will(page(b"moved", status, Location="/new/rest/1/%s/mailservice.add" % SECRET), result(5))
    with Client(dict(webhook_url=server.url())) as client:
        assert client.call("mailservice.add", {"NAME": "x"}, repeatable=False).result == 5
        assert client.api["requests"] == 2
    assert [(request.method, request.path, request.body) for request in server.requests] == [
        ("POST", "/%srest/1/%s/mailservice.add" % (base, SECRET), {"NAME": "x"}) for base in ("", "new/")
    ]


@pytest.mark.parametrize(
    "status, location",
    [
        (301, "/rest/1/%s/mailservice.add"),
        (302, "/login/?backurl=/rest/1/%s/mailservice.add"),
        (303, "https://other.example/rest/1/%s/"),
        (307, "https://other.example/rest/1/%s/"),
        (308, "https://127.0.0.1/rest/1/%s/x"),
        (307, "//user:pass@127.0.0.1:PORT/rest/1/%s/"),
        (307, "http://[bad/%s"),
        (307, None),
        (304, None),
        (307, "https://\x1b[31m/%s"),
    ],
)
def test_any_other_redirect_is_an_error_that_says_where_to(server, status, location):
    place = location and location.replace("PORT", str(server.port)).replace("%s", SECRET)
    server.will(page(b"moved", status, **({"Location": place} if place else {})))
    error = failed(server.url())
    assert (error.error, error.status) == ("redirected", status)
    assert "pass" not in error.message and "\x1b" not in error.message
    assert ("***" in error.message) == bool(location)


def test_redirects_end(server):
    server.will(*[page(b"", 307, Location="/rest/1/%s/x" % SECRET)] * 6)
    assert "more than 5 times" in failed(server.url()).message


def test_cookies_are_not_kept(server):
    server.will(result(1, Set_Cookie="PHPSESSID=abc; path=/"), result(1))
    with Client(dict(webhook_url=server.url())) as client:
        client.call("profile")
        client.call("profile")
    assert server.requests[1].headers["Cookie"] is None


def test_netrc_is_not_used(server, monkeypatch, tmp_path):
    (tmp_path / "netrc").write_text("default login me password word\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    server.will(result(1))
    with Client(dict(webhook_url=server.url())) as client:
        client.call("profile")
    assert server.requests[0].headers["Authorization"] is None


@pytest.mark.parametrize(
    "headers, seconds",
    [
        ({}, None),
        ({"Retry-After": "7"}, 7.0),
        ({"Retry-After": " 0 "}, 0.0),
        ({"Retry-After": "-1"}, None),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "9" * 50}, 999999999.0),
        ({"Retry-After": "Fri, 20 Nov 2026 10:00:30 GMT", "Date": "Fri, 20 Nov 2026 10:00:00 GMT"}, 30.0),
        ({"Retry-After": "Fri, 20 Nov 2026 10:00:30 GMT"}, None),
        ({"Retry-After": "Fri, 20 Nov 2026 09:00:30 GMT", "Date": "Fri, 20 Nov 2026 10:00:00 GMT"}, 0.0),
    ],
)
def test_retry_after_is_read_without_the_local_clock(headers, seconds):
    assert retry_after(headers) == seconds


def test_requests_missing_is_said_with_the_interpreter_and_what_to_install(monkeypatch):
    monkeypatch.setattr(_transport, "requests", None)
    with pytest.raises(OptionError) as caught:
        Client(dict(webhook_url="https://portal.example/rest/1/%s/" % SECRET))
    assert sys.executable in str(caught.value) and "pip install requests" in str(caught.value)


@pytest.mark.parametrize(
    "location, said", [("https://new.example/rest/1/x/", True), ("https://127.0.0.1/login", False)]
)
def test_a_redirect_to_another_host_asks_whether_the_portal_was_renamed(server, location, said):
    server.will(page(b"", 302, Location=location))
    message = failed(server.url()).message
    assert ("was the portal renamed? Then set webhook_url" in message) is said
    assert ("expected_host to new.example" in message) is said
