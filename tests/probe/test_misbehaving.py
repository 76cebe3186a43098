# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Servers that hang, close, flood, or do with STARTTLS what they must not."""

from __future__ import annotations

import functools
import socket
import ssl
import time

import pytest

from ansible_collections.bitrix24.portal.plugins.module_utils._probe.connect import connect
from ansible_collections.bitrix24.portal.plugins.module_utils._probe.facts import Deadline, Facts, Trouble
from tests.probe.conftest import GOOD
from tests.probe.scripted import ScriptedMailServer, imap, read_line, smtp

PLAIN_CAPABILITIES = b"* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n"


def silent(sock):
    sock.recv(1)
    time.sleep(20)


def closes_at_once(sock):
    sock.close()


def greets_after(seconds, sock):
    time.sleep(seconds)
    imap(sock, PLAIN_CAPABILITIES)


def ten_megabytes(sock, line=b"* OK " + b"x" * 70_000):
    for _time in range(10 * 1024 * 1024 // len(line)):
        sock.sendall(line)


def imap_flood(sock):
    sock.sendall(b"* OK ready\r\n")
    read_line(sock)
    for _time in range(10_000):
        sock.sendall(b"* CAPABILITY " + b"x" * 1000 + b"\r\n")


def turns_away(sock, text=b"* BYE too many connections from your address\r\n"):
    sock.sendall(text)


def greets_and_hangs(sock):
    sock.sendall(b"* OK ready\r\n")
    silent(sock)


def sends_junk(sock):
    sock.sendall(b"\x00\xff\xfe\x80\r\n\r\n")


def no_imap(sock):
    sock.sendall(b"* OK a service of its own kind\r\n")
    tag = read_line(sock).split()[0]
    sock.sendall(tag + b" BAD what?\r\n")


def markup(sock):
    sock.sendall(b"* OK \x1b[31m<b>{{ 7 * 7 }}</b> ::error::x\xe2\x80\xae\r\n")


SITUATIONS = {
    "silent": (
        silent,
        "timed_out",
        "connected, but no greeting within 1 second; if TLS begins at once on this port, ",
    ),
    "closes at once": (closes_at_once, "closed", "the server closed the connection before its greeting"),
    "10 MB in one line": (ten_megabytes, "too_much", "the server sends far more than IMAP allows"),
    "10 MB in many lines": (
        imap_flood,
        "too_much",
        "the server sends far more than IMAP allows",
    ),
    "turned away": (turns_away, "turned_away", "the server turned the connection away: '* BYE too many connections "),
    "goes no further": (greets_and_hangs, "timed_out", "the server greeted and did not go on within 1 second"),
    "junk": (sends_junk, "wrong_protocol", "port {port} does not speak IMAP: '\\x00"),
    "another dialogue": (no_imap, "wrong_protocol", "port {port} does not speak IMAP: '* OK a service"),
    "POP3": (functools.partial(turns_away, text=b"+OK POP3 ready\r\n"), "wrong_protocol", "port {port} speaks POP3, "),
    "HTTP": (
        functools.partial(turns_away, text=b"HTTP/1.1 400 Bad\r\n\r\n"),
        "wrong_protocol",
        "port {port} speaks HTTP, ",
    ),
    "STARTTLS refused": (
        functools.partial(imap, starttls=b"NO not today"),
        "starttls_refused",
        "the server offers STARTTLS and refuses it",
    ),
    "STARTTLS and more behind it": (
        functools.partial(imap, behind=b"* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n"),
        "starttls_injected",
        "the server sent something between its answer to STARTTLS and TLS: ",
    ),
    "STARTTLS and the end": (imap, "starttls_no_tls", "the server agreed to STARTTLS, and no TLS came about"),
}


@pytest.mark.parametrize("situation", SITUATIONS)
def test_imap_that_misbehaves_fails_with_a_reason_and_in_time(look, situation):
    talk, code, reason = SITUATIONS[situation]
    with ScriptedMailServer(talk) as server:
        began = time.monotonic()
        result = look("127.0.0.1", server.port, False, timeout=1 if code == "timed_out" else 8)
        assert time.monotonic() - began < 6
        assert (result["verdict"], result["code"]) == ("failed", code), result
        assert result["reason"].startswith(reason.format(port=server.port)), result["reason"]
        assert server.connections == 1


def stays_plain(sock):
    imap(sock)
    while True:
        data = sock.recv(100)
        if not data:
            return
        sock.sendall(b"* BAD what is that?\r\n")


def test_starttls_that_is_agreed_to_and_never_begins(look):
    with ScriptedMailServer(stays_plain) as server:
        result = look("127.0.0.1", server.port, False)
    assert result["code"] == "starttls_no_tls"
    assert result["reason"] == "the server agreed to STARTTLS, and no TLS came about: '* BAD what is that?'"


SMTP = {
    "silent": (silent, "timed_out"),
    "closes at once": (closes_at_once, "closed"),
    "10 MB of greeting": (
        lambda sock: [sock.sendall(b"220-" + b"x" * 900 + b"\r\n") for _time in range(11_000)],
        "too_much",
    ),
    "turned away": (functools.partial(turns_away, text=b"554 no service for you\r\n"), "turned_away"),
    "STARTTLS refused": (functools.partial(smtp, starttls=b"454 not today"), "starttls_refused"),
    "STARTTLS and more behind it": (functools.partial(smtp, behind=b"250 AUTH PLAIN\r\n"), "starttls_injected"),
    "STARTTLS and the end": (smtp, "starttls_no_tls"),
    "IMAP": (imap, "wrong_protocol"),
}


@pytest.mark.parametrize("situation", SMTP)
def test_smtp_that_misbehaves_fails_in_time(look, situation):
    talk, code = SMTP[situation]
    with ScriptedMailServer(talk) as server:
        result = look("127.0.0.1", server.port, False, smtp=True, timeout=1 if code == "timed_out" else 8)
    assert (result["verdict"], result["code"]) == ("failed", code), result


def test_a_greeting_of_several_lines_is_one_greeting(look):
    with ScriptedMailServer(
        functools.partial(smtp, greeting=b"220-one\r\n220 two", lines=(b"m", b"AUTH PLAIN"))
    ) as server:
        result = look("127.0.0.1", server.port, False, smtp=True)
    assert (result["code"], result["greeting"], result["mechanisms"]) == ("cleartext", "220-one", ["PLAIN"])


def test_a_slow_greeting_is_a_warning_beside_the_others(look):
    with ScriptedMailServer(functools.partial(greets_after, 3.1)) as server:
        result = look("127.0.0.1", server.port, False, timeout=8)
    assert (result["verdict"], result["code"], result["more"]) == (
        "warning",
        "cleartext",
        ["the greeting took 3 seconds"],
    )


def test_what_a_server_says_is_shown_and_never_acted_upon(look):
    with ScriptedMailServer(markup) as server:
        result = look("127.0.0.1", server.port, False, timeout=8)
    assert result["greeting"] == r"* OK \x1b[31m<b>{{ 7 * 7 }}</b> \x3a:error\x3a:x\u202e"


def tls_then(talk, certificate, sock):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    with context.wrap_socket(sock, server_side=True) as encrypted:
        talk(encrypted)


@pytest.mark.parametrize(
    "talk, code",
    [(ten_megabytes, "too_much"), (closes_at_once, "closed"), (turns_away, "turned_away"), (silent, "timed_out")],
)
def test_behind_tls_bounds_hold_as_well(look, certificates, talk, code):
    with ScriptedMailServer(functools.partial(tls_then, talk, certificates[GOOD]), GOOD) as server:
        result = look(GOOD, server.port, timeout=1 if code == "timed_out" else 8)
    assert (result["code"], result["tls"]["version"]) == (code, "TLSv1.3")


def test_a_port_for_tls_is_asked_for_tls_where_it_waits_in_silence(look, certificates, monkeypatch):
    with ScriptedMailServer(functools.partial(tls_then, imap, certificates[GOOD]), GOOD) as server:
        monkeypatch.setattr(
            "ansible_collections.bitrix24.portal.plugins.module_utils._probe.look.TLS_PORTS", (server.port,)
        )
        result = look(GOOD, server.port, False)
    assert result["code"] == "speaks_tls"
    assert result["reason"] == f"port {server.port} speaks TLS from the start, and encryption is off"


def test_a_tls_handshake_that_never_ends(look):
    with ScriptedMailServer(silent) as server:
        result = look("127.0.0.1", server.port, True, timeout=1)
    assert result["reason"] == "connected, but no TLS handshake within 1 second"


def test_a_server_without_a_common_version_of_tls(look, certificates):
    def refuses(sock):
        sock.recv(100)
        sock.sendall(b"\x15\x03\x03\x00\x02\x02\x46")

    with ScriptedMailServer(refuses) as server:
        result = look("127.0.0.1", server.port, True)
    assert result["reason"] == "TLS handshake failed: 'tlsv1 alert protocol version'"


NAMES = {
    "https://imap.example.com/": "bad_name",
    "imap.example.com:993": "bad_name",
    "imap .example.com": "bad_name",
    "-imap.example.com": "bad_name",
    "a" * 64 + ".example.com": "bad_name",
    "ünicode..example": "bad_name",
    "imap.invalid": "no_such_name",
}


@pytest.mark.parametrize("server", NAMES)
def test_a_name_that_leads_nowhere(look, server, monkeypatch):
    def nothing(*_arguments, **_options):
        raise socket.gaierror(socket.EAI_NONAME, "no such name")

    monkeypatch.setattr(socket, "getaddrinfo", nothing)
    result = look(server, 993)
    assert (result["verdict"], result["code"]) == ("failed", NAMES[server])


@pytest.mark.parametrize("port", [70000, -1])
def test_a_port_that_does_not_exist(look, port):
    assert look("127.0.0.1", port)["reason"] == f"there is no port {port}: 1 to 65535"


def resolver(monkeypatch, answer):
    monkeypatch.setattr(socket, "getaddrinfo", answer)


def test_a_name_server_that_does_not_answer_is_not_taken_for_a_name_that_does_not_exist(look, monkeypatch):
    def again(*_arguments, **_options):
        raise socket.gaierror(socket.EAI_AGAIN, "try again")

    resolver(monkeypatch, again)
    assert look("imap.example.com", 993)["reason"] == "name could not be looked up: the name server did not answer"


def test_a_resolver_that_hangs_costs_no_more_than_the_time_out(look, monkeypatch):
    resolver(monkeypatch, lambda *_arguments, **_options: time.sleep(5) or [])
    began = time.monotonic()
    assert look("imap.example.com", 993, timeout=1)["reason"] == "name could not be looked up within 1 second"
    assert time.monotonic() - began < 4


def test_a_name_of_other_letters_is_looked_up_as_the_network_knows_it(look, monkeypatch):
    asked = []
    resolver(monkeypatch, lambda name, *_more, **_options: asked.append(name) or [])
    look("почта.Straße.example", 993)
    assert asked == ["xn--80a1acny.xn--strae-oqa.example"]


def test_a_name_of_other_letters_needs_the_library(look, monkeypatch):
    monkeypatch.setattr("ansible_collections.bitrix24.portal.plugins.module_utils._idna.idna", None)
    assert look("straße.example", 993)["reason"] == (
        "'straße.example' is no host name: it has no form in ASCII, or the Python library idna is missing where the probe runs"
    )


@pytest.fixture
def dead_six():
    """A port of IPv6's loopback address on which connections neither come about nor fail."""
    with socket.socket(socket.AF_INET6) as listener:
        try:
            listener.bind(("::1", 0))
        except OSError:
            pytest.skip(
                "This machine has no IPv6 on its loopback network: switch it on to see a dead IPv6 beside IPv4."
            )
        listener.listen(0)
        port = listener.getsockname()[1]
        waiting = []
        for _time in range(4):
            sock = socket.socket(socket.AF_INET6)
            sock.setblocking(False)
            sock.connect_ex(("::1", port))
            waiting.append(sock)
        time.sleep(0.1)
        yield port
        for sock in waiting:
            sock.close()


def two_addresses(port):
    return lambda *_arguments, **_options: [
        (socket.AF_INET6, socket.SOCK_STREAM, 6, "", ("::1", port, 0, 0)),
        (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port)),
    ]


def test_a_dead_ipv6_leaves_ipv4_its_time_and_is_told(look, dead_six, monkeypatch):
    resolver(monkeypatch, two_addresses(dead_six))
    with ScriptedMailServer(functools.partial(imap, capabilities=PLAIN_CAPABILITIES), port=dead_six):
        result = look("imap.example.com", dead_six, False, timeout=10)
    assert (result["verdict"], result["code"]) == ("warning", "cleartext")
    assert result["more"] == ["1 of its 2 addresses does not answer: ::1"]
    assert result["addresses"] == [
        {"address": "::1", "state": "no_answer"},
        {"address": "127.0.0.1", "state": "connected"},
    ]
    assert result["seconds"] < 5


def test_where_no_address_answers_the_time_out_counts_once(look, dead_six):
    result = look("::1", dead_six, timeout=1)
    assert result["reason"] == f"no connection to port {dead_six} within 1 second"
    assert result["endpoint"] == f"[::1]:{dead_six}" and 0.9 < result["seconds"] < 3


def test_a_family_that_this_machine_does_not_have_says_nothing_about_the_server(look, monkeypatch):
    with ScriptedMailServer(functools.partial(imap, capabilities=PLAIN_CAPABILITIES)) as server:
        resolver(
            monkeypatch,
            lambda *_arguments, **_options: [
                (socket.AF_INET6, socket.SOCK_STREAM, 6, "", ("fe80::1", server.port, 0, 0)),
                (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", server.port)),
            ],
        )
        result = look("imap.example.com", server.port, False)
    assert result["addresses"][0] == {"address": "fe80::1", "state": "unreachable"}
    assert (result["code"], result["more"]) == ("cleartext", [])


def test_nobody_listens(look):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        assert look("127.0.0.1", port)["reason"] == f"port {port} refuses connections"


def test_a_machine_too_busy_to_begin_is_not_taken_for_one_without_a_route():
    facts = Facts()
    with pytest.raises(Trouble) as trouble:
        connect([(socket.AF_INET, ("127.0.0.1", 9))], Deadline(0), facts)
    assert trouble.value.kind == "no_connection" and facts.addresses == {"127.0.0.1": "not_tried"}
