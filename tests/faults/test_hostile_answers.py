# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Answers that no portal should give to what only reads: each ends in its documented error, after as many requests as it is worth."""

from __future__ import annotations

import socket
import threading
import time

import pytest

from ansible_collections.bitrix24.portal.plugins.module_utils._rest.response import MAX_BODY
from tests.behaviour.portal import service

LIST = "mailservice.list"
RETRIES = 4

# What the portal does to every request: (the fault, the error of the task, how often the request arrives, half a sentence of the message).
HOSTILE = {
    "half a body": (dict(kind="half_body"), "cut_off", 1 + RETRIES, "cut off"),
    "reset": (dict(kind="reset"), "cut_off", 1 + RETRIES, "cut off"),
    "cut off": (dict(kind="cut_after_commit"), "cut_off", 1 + RETRIES, "cut off"),
    "HTML with 200": (
        dict(kind="html", status=200),
        "not_json",
        1 + RETRIES,
        "an HTML page, not JSON (HTTP 200)",
    ),
    "HTML with 500": (dict(kind="html", status=500), "not_json", 1 + RETRIES, "(HTTP 500)"),
    "HTML with 504": (dict(kind="html", status=504, commit=False), "not_json", 1 + RETRIES, "(HTTP 504)"),
    "300 MB": (dict(kind="huge_body"), "too_large", 1, "larger than 32 MiB"),
    "300 MB announced": (dict(kind="huge_body", length=True), "too_large", 1, "larger than 32 MiB"),
    "elsewhere by 301": (
        dict(kind="redirect", status=301, to="https://elsewhere.example/"),
        "redirected",
        1,
        "(HTTP 301), to https://elsewhere.example/",
    ),
    "elsewhere by 302": (dict(kind="redirect", status=302, to="{path}"), "redirected", 1, "(HTTP 302)"),
    "elsewhere by 303": (dict(kind="redirect", status=303, to="{path}"), "redirected", 1, "(HTTP 303)"),
    "another host by 307": (
        dict(kind="redirect", status=307, to="https://elsewhere.example{path}"),
        "redirected",
        1,
        "elsewhere.example/rest/1/***",
    ),
    "round and round by 308": (dict(kind="redirect", status=308, to="{path}"), "redirected", 6, "more than 5 times"),
    "expired token": (dict(kind="expired_token"), "expired_token", 1, "The access token has expired"),
    "overload": (dict(kind="overload"), "OVERLOAD_LIMIT", 1, "because of overload"),
    "overload as documented": (dict(kind="overload", status=503), "OVERLOAD_LIMIT", 1, "(HTTP 503)"),
    "operating time": (dict(kind="operation_limit"), "OPERATION_TIME_LIMIT", 1, "ten minutes"),
    "maps as lists": (dict(kind="wrong_shape", shape="list_for_map"), "unexpected_answer", 1, "unexpected answer"),
    "no result": (dict(kind="wrong_shape", shape="result_missing"), "unexpected_answer", 1, "not a portal's"),
    "rows twice": (dict(kind="wrong_shape", shape="duplicate_rows"), "unexpected_answer", 1, "one ID came twice"),
    "rows of null": (dict(kind="wrong_shape", shape="null_rows"), "unexpected_answer", 1, "where a map was due"),
}
HARMLESS = {
    "numbers as texts": dict(kind="wrong_shape", shape="numbers"),
    "keys that nobody knows": dict(kind="wrong_shape", shape="unknown_keys"),
    "one redirect that keeps the post": dict(kind="redirect", status=307, to="{path}", times=1),
}
MODULES = {
    "mailservice": dict(name="One", port=143),
    "mailservice_info": {},
    "mailservice_set": dict(mailservices=[dict(name="One", port=143)], purge="deactivate"),
}


def ids(table):
    return [name.replace(" ", "_") for name in table]


@pytest.mark.parametrize("fault, code, arrives, says", HOSTILE.values(), ids=ids(HOSTILE))
@pytest.mark.parametrize("module", MODULES)
def test_an_answer_that_says_nothing_ends_in_its_own_error_and_nothing_is_written(
    portal, module, fault, code, arrives, says
):
    if module != "mailservice_info" and fault["kind"] == "huge_body" and not fault.get("length"):
        fault = dict(fault, bytes=MAX_BODY + 2)
    portal.has(service(1, "One", port=993), service(2, "Two", port=993))
    portal.misbehaves(dict(fault, method="*", times=0))
    failure = portal.fails(module, **MODULES[module])
    assert (failure["error"], portal.requests, failure["api"]["requests"]) == (code, [LIST] * arrives, arrives)
    assert says in failure["msg"] and failure["advice"] in failure["msg"] and not failure.get("changed")
    assert [row["PORT"] for row in portal.rows.values()] == ["993", "993"]


@pytest.mark.parametrize("fault", HARMLESS.values(), ids=ids(HARMLESS))
def test_an_answer_that_only_looks_different_is_read(portal, fault):
    portal.has(service(1, "One", port=993))
    portal.misbehaves(dict(dict(times=0), method="*", **fault))
    found = portal.info()
    assert [(entry["id"], entry["name"], entry["port"], entry["active"]) for entry in found] == [(1, "One", 993, True)]
    assert "token" not in str(found).lower() and "unknown" not in str(found).lower()


class Talker:
    """A server that answers anything with one head and then as many bytes as one will take; ``sent`` counts them."""

    def __init__(self, pieces):
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self.sent = 0
        self._pieces = pieces
        self._thread = threading.Thread(target=self._talk, daemon=True)
        self._thread.start()

    def _talk(self):
        with self._socket, self._socket.accept()[0] as connection:
            connection.recv(65536)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n")
            try:
                for piece in self._pieces:
                    connection.sendall(piece)
                    self.sent += len(piece)
            except OSError:
                pass

    def done(self):
        self._thread.join(30)
        return self.sent


def call(portal, talker, **options):
    return portal.fails(
        "mailservice_info",
        webhook_url="http://127.0.0.1:%d/rest/1/adminsecret00001/" % talker.port,
        retries=0,
        **options,
    )


def test_of_an_endless_answer_no_more_than_32_mib_are_taken(portal):
    talker = Talker(b"a" * 65536 for dummy in range(4000))
    assert call(portal, talker)["error"] == "too_large"
    assert MAX_BODY * 0.9 < talker.done() < MAX_BODY + 16 * 2**20


@pytest.mark.parametrize(
    "body",
    [b"[" * 10**6, b'{"a":' * 10**6, b'{"result":' + b"[" * 10**6 + b"]" * 10**6 + b"}"],
    ids=["lists", "maps", "whole"],
)
def test_json_of_any_depth_fails_cleanly(portal, body):
    assert call(portal, Talker([body]))["error"] in ("unexpected_answer", "cut_off")


def test_an_answer_that_trickles_in_for_ever_ends_with_the_timeout_of_the_request(portal):
    talker = Talker(trickle())
    began = time.monotonic()
    assert call(portal, talker, timeout=1)["error"] == "timed_out"
    assert time.monotonic() - began < 5


def trickle():
    while True:
        time.sleep(0.05)
        yield b" "
