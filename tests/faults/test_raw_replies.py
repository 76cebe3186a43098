# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever bytes a server writes: an answer or a documented code, with the fate that follows from what was sent."""

from __future__ import annotations

import gzip
import socketserver
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.bitrix24.portal.plugins.module_utils._rest.advice import ADVICE, OWN_ADVICE
from ansible_collections.bitrix24.portal.plugins.module_utils._rest.client import Client
from ansible_collections.bitrix24.portal.plugins.module_utils._rest.errors import PortalError
from tests.faults.cases import cases

SHORT, LONG = 1000, 20000
DOCUMENTED = {code for _method, code in ADVICE} | set(OWN_ADVICE) - {"request_failed"}
BODY = b'{"result": 7, "time": {"start": 1, "finish": 2}}'
PACKED = gzip.compress(BODY)

odd = st.binary(max_size=12) | st.sampled_from(
    [
        b"",
        b" ",
        b"-1",
        b"-5",
        b"+3",
        b"0x10",
        b"1e3",
        b"9" * 30,
        b"ffffffffffffffff",
        b"\xb2",
        b"1_0",
        b"\x00",
        b"\xff" * 3,
    ]
)
numbers = st.sampled_from([b"0", b"1", b"7", b"48", b"49", b"1000", b"30", b"99999999999"]) | odd
versions = st.sampled_from(
    [b"HTTP/1.1"] * 6 + [b"HTTP/1.0", b"HTTP/0.9", b"HTTP/2", b"HTTP/1.", b"ICY", b"", b"HTTP/9.9"]
)
codes = st.sampled_from([b"200"] * 8 + [b"100", b"101", b"103", b"204", b"206", b"304", b"307", b"400", b"429", b"503"])
statuses = st.tuples(versions, codes | odd).map(lambda pair: b"%s %s OK" % pair) | odd
names = st.sampled_from(
    [b"Content-Length", b"Transfer-Encoding", b"Content-Encoding", b"Connection", b"Location", b"X"]
)
values = (
    st.sampled_from([b"chunked", b"gzip", b"gzip, gzip", b"identity", b"close", b"keep-alive", b"x" * 70000]) | numbers
)
header = st.tuples(names | odd, st.sampled_from([b": ", b":", b" ", b" : "]), values).map(b"".join)
chunk = st.tuples(numbers, st.sampled_from([b"", b";x=y", b" "]), st.just(b"\r\n"), st.sampled_from([BODY, b"x", b""]))
chunks = st.lists(chunk.map(b"".join), max_size=3).map(b"\r\n".join) | st.sampled_from(
    [b"30\r\n%s\r\n0\r\n\r\n" % BODY, b"30\r\n%s\r\n0\r\n" % BODY, b"30\r\n%s\r\n-1\r\n\r\n" % BODY]
)
bodies = st.sampled_from([BODY, PACKED, PACKED[:20], BODY[:20], BODY + BODY, b""]) | chunks | st.binary(max_size=40)
ends = st.sampled_from([b"\r\n"] * 5 + [b"\n", b"\r", b""])


def reply(parts):
    status, headers, body, end = parts
    return end.join([status, *headers, b"", b""]) + body


replies = (
    st.tuples(statuses, st.lists(header, max_size=4), bodies, ends).map(reply)
    | st.tuples(statuses, st.lists(header, max_size=3), bodies, ends).map(lambda parts: reply(parts) * 2)
    | st.binary(max_size=200)
)


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    reply = b""


class _Handler(socketserver.BaseRequestHandler):
    def handle(self):
        received = b""
        while b"\r\n\r\n" not in received or not received.endswith(b"}"):
            piece = self.request.recv(65536)
            if not piece:
                return
            received += piece
        try:
            self.request.sendall(self.server.reply)
        except OSError:
            pass


@pytest.fixture(scope="module")
def server():
    with _Server(("127.0.0.1", 0), _Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("count", [SHORT, pytest.param(LONG, marks=pytest.mark.long)])
def test_whatever_a_server_writes_ends_in_an_answer_or_a_documented_code(server, count):
    address = "http://127.0.0.1:%d/rest/1/s3cr3tOfThisTest/" % server.server_address[1]

    @cases(count)
    @given(replies)
    def check(raw):
        server.reply = raw
        with Client(
            dict(webhook_url=address, retries=0, retry_max_wait=0, timeout=20), sleep=lambda seconds: None
        ) as client:
            try:
                client.call("mailservice.add", repeatable=False)
            except PortalError as error:
                assert error.error in DOCUMENTED or "the portal answered" in error.message, (error.message, raw)
                refused = "the portal answered" in error.message
                assert refused or error.error == "redirected" or not error.outcome_known, (error.message, raw)

    check()


FRAMES = {
    "a negative chunk size": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\nx\r\n0\r\n\r\n",
    "a huge chunk size": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\nx\r\n0\r\n\r\n",
    "no chunk size": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\r\nx",
    "a chunk that is cut off": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n30\r\nx",
    "a negative length": b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nx",
    "a length of another script": b"HTTP/1.1 200 OK\r\nContent-Length: \xb2\r\n\r\nx",
    "a length of thirty digits": b"HTTP/1.1 200 OK\r\nContent-Length: 999999999999999999999999999999\r\n\r\nx",
    "two lengths": b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxy",
    "a status of two digits": b"HTTP/1.1 20 OK\r\n\r\n{}",
    "a status of four digits": b"HTTP/1.1 2000 OK\r\n\r\n{}",
    "a status that is no number": b"HTTP/1.1 abc OK\r\n\r\n{}",
    "another version": b"HTTP/9.9 200 OK\r\n\r\n{}",
    "no version": b"ICY 200 OK\r\n\r\n{}",
    "a header without a colon": b"HTTP/1.1 200 OK\r\nnonsense\r\n\r\n{}",
    "a line without end": b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100000,
    "two hundred headers": b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n{}",
    "broken gzip": b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nabcde",
    "nothing": b"",
}


@pytest.mark.parametrize("raw", FRAMES.values(), ids=FRAMES)
def test_what_is_wrong_with_the_framing_leaves_the_fate_unknown(server, raw):
    server.reply = raw
    address = "http://127.0.0.1:%d/rest/1/s3cr3tOfThisTest/" % server.server_address[1]
    with Client(dict(webhook_url=address, retries=0, retry_max_wait=0, timeout=20)) as client:
        with pytest.raises(PortalError) as caught:
            client.call("mailservice.add", repeatable=False)
    assert caught.value.error in DOCUMENTED and not caught.value.outcome_known, caught.value.message
