# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates, client certificates and proxies, on real sockets with throw-away authorities."""

from __future__ import annotations

import datetime
import socket
import ssl
import subprocess
import threading

import pytest
import trustme

from ansible_collections.bitrix24.portal.plugins.module_utils._rest.client import Client
from ansible_collections.bitrix24.portal.plugins.module_utils._rest.commands import Command
from ansible_collections.bitrix24.portal.plugins.module_utils._rest.errors import PortalError
from tests.unit.plugins.module_utils.scripted import SECRET, answer, batch, refusal, result

AUTHORITY = trustme.CA()
STRANGER = trustme.CA()
LONG_AGO = datetime.datetime(2020, 1, 1, tzinfo=datetime.timezone.utc)


def context(leaf=None, clients=None):
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    (leaf or AUTHORITY.issue_cert("127.0.0.1", "localhost")).configure_cert(made)
    if clients:
        clients.configure_trust(made)
        made.verify_mode = ssl.CERT_REQUIRED
    return made


def self_signed(folder):
    subprocess.run(
        [
            "openssl",
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
            "-nodes",
            "-subj",
            "/CN=localhost",
            "-addext",
            "subjectAltName=IP:127.0.0.1",
            "-keyout",
            str(folder / "key"),
            "-out",
            str(folder / "cert"),
        ],
        check=True,
        capture_output=True,
    )
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(folder / "cert", folder / "key")
    return made


@pytest.fixture
def ca_file(tmp_path):
    AUTHORITY.cert_pem.write_to_path(tmp_path / "ca.pem")
    return tmp_path / "ca.pem"


def failed(server, **options):
    with Client(dict(dict(webhook_url=server.url(), retries=0), **options)) as client:
        with pytest.raises(PortalError) as caught:
            client.call("mailservice.add", repeatable=False)
    assert SECRET not in repr(caught.value)
    return caught.value


def test_one_task_makes_one_tls_handshake(make_server, ca_file):
    server = make_server(tls=context()).will(result([]), *[batch({"c0": at}) for at in range(3)])
    with Client(dict(webhook_url=server.url("localhost"), ca_path=str(ca_file))) as client:
        client.call("mailservice.list")
        add = Command("mailservice.add", {"NAME": "x"})
        assert [client.run_commands([add])[0].result for _time in range(3)] == [0, 1, 2]
        assert client.warnings == []
    assert server.connections == 1


def test_an_authority_may_be_named_by_a_folder(make_server, ca_file):
    number = subprocess.run(
        ["openssl", "x509", "-subject_hash", "-noout", "-in", str(ca_file)], check=True, capture_output=True, text=True
    ).stdout.strip()
    folder = ca_file.parent / "trusted"
    folder.mkdir()
    ca_file.rename(folder / (number + ".0"))
    server = make_server(tls=context()).will(result(1))
    with Client(dict(webhook_url=server.url(), ca_path=str(folder))) as client:
        assert client.call("profile").result == 1


def test_an_authority_may_be_named_by_requests_own_variable(make_server, ca_file, monkeypatch):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(ca_file))
    server = make_server(tls=context()).will(result(1))
    with Client(dict(webhook_url=server.url())) as client:
        assert client.call("profile").result == 1


@pytest.mark.parametrize(
    "make, says",
    [
        (lambda folder: context(STRANGER.issue_cert("127.0.0.1")), "an authority that is not trusted"),
        (lambda folder: context(AUTHORITY.issue_cert("127.0.0.1", not_after=LONG_AGO)), "it has expired"),
        (lambda folder: context(AUTHORITY.issue_cert("127.0.0.9")), "another host"),
        (lambda folder: context(AUTHORITY.issue_cert("other.example")), "another host"),
        (self_signed, "it is self-signed"),
    ],
)
def test_a_certificate_that_does_not_hold_is_refused_with_the_reason_and_before_the_secret_leaves(
    make_server, ca_file, tmp_path, make, says
):
    server = make_server(tls=make(tmp_path))
    error = failed(server, ca_path=str(ca_file))
    assert (error.error, error.outcome_known) == ("certificate_refused", True)
    assert says in error.message
    assert server.requests == []


def test_a_certificate_for_another_host_name_is_refused(make_server, ca_file):
    server = make_server(tls=context(AUTHORITY.issue_cert("other.example")))
    assert "another host" in failed(server, webhook_url=server.url("localhost"), ca_path=str(ca_file)).message


def test_the_environments_authority_does_not_undo_a_given_one(make_server, ca_file, monkeypatch, tmp_path):
    STRANGER.cert_pem.write_to_path(tmp_path / "stranger.pem")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(ca_file))
    assert failed(make_server(tls=context()), ca_path=str(tmp_path / "stranger.pem")).error == "certificate_refused"


def test_an_authority_that_only_openssl_finds_broken_is_said(make_server, ca_file, tmp_path):
    head, *lines = ca_file.read_text().splitlines()
    (tmp_path / "half.pem").write_text("\n".join([head, *lines[:4], lines[-1]]))
    error = failed(make_server(tls=context()), ca_path=str(tmp_path / "half.pem"))
    assert (error.error, error.outcome_known) == (
        "tls_failed",
        True,
    ) and "OpenSSL cannot read the certificates in ca_path" in error.message


def test_validate_certs_false_accepts_any_certificate_and_warns(make_server, ca_file, monkeypatch, recwarn):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(ca_file))
    server = make_server(tls=context(STRANGER.issue_cert("other.example"))).will(result(1))
    with Client(dict(webhook_url=server.url(), validate_certs=False)) as client:
        assert client.call("profile").result == 1
        assert len(client.warnings) == 1 and "validate_certs" in client.warnings[0]
    assert not recwarn.list


@pytest.mark.parametrize("together", [True, False])
def test_a_client_certificate_is_shown_to_a_portal_that_wants_one(make_server, ca_file, tmp_path, together):
    leaf = STRANGER.issue_cert("client@example.com")
    leaf.private_key_and_cert_chain_pem.write_to_path(tmp_path / "both.pem")
    leaf.private_key_pem.write_to_path(tmp_path / "key.pem")
    leaf.cert_chain_pems[0].write_to_path(tmp_path / "cert.pem")
    files = (
        dict(client_cert=tmp_path / "both.pem")
        if together
        else dict(client_cert=tmp_path / "cert.pem", client_key=tmp_path / "key.pem")
    )
    server = make_server(tls=context(clients=STRANGER)).will(result(1))
    with Client(
        dict({name: str(path) for name, path in files.items()}, webhook_url=server.url(), ca_path=str(ca_file))
    ) as client:
        assert client.call("profile").result == 1


def test_the_authorization_server_is_called_with_the_same_authorities_and_without_the_client_certificate(
    make_server, ca_file, tmp_path
):
    STRANGER.issue_cert("client@example.com").private_key_and_cert_chain_pem.write_to_path(tmp_path / "both.pem")
    portal = make_server(tls=context(clients=STRANGER)).will(refusal("expired_token", 401), result(1))
    optional = context(clients=STRANGER)
    optional.verify_mode = ssl.CERT_OPTIONAL
    shown = []

    def pair(handler):
        shown.append(handler.request.getpeercert(binary_form=True))
        answer({"access_token": "new", "refresh_token": "next"})(handler)

    oauth = make_server(tls=optional).will(pair)
    connection = dict(portal_url=portal.url(path="/"), access_token="old", refresh_token="once", client_id="app")
    files = dict(ca_path=str(ca_file), client_cert=str(tmp_path / "both.pem"))
    with Client(dict(connection, client_secret="secret", oauth_url=oauth.url(path=""), **files)) as client:
        assert client.call("profile").result == 1
    assert shown == [None] and oauth.requests[0].path == "/oauth/token/"
    refused = make_server(tls=context(STRANGER.issue_cert("127.0.0.1")))
    portal.will(refusal("expired_token", 401))
    with Client(dict(connection, client_secret="secret", oauth_url=refused.url(path=""), **files)) as client:
        with pytest.raises(PortalError, match="oauth/token on .*: TLS certificate verification failed"):
            client.call("profile")


def test_a_client_certificate_that_is_missing_is_said(make_server, ca_file):
    error = failed(make_server(tls=context(clients=STRANGER)), ca_path=str(ca_file))
    assert error.error in ("tls_failed", "cut_off")


def test_https_to_a_port_that_speaks_http_is_said(make_server):
    server = make_server()
    error = failed(server, webhook_url=server.url().replace("http:", "https:"))
    assert (error.error, error.outcome_known) == ("tls_failed", True) and "does not speak https" in error.message


def test_a_connection_that_is_cut_in_the_handshake_was_never_made():
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def cut():
            listener.accept()[0].close()

        thread = threading.Thread(target=cut)
        thread.start()
        with Client(
            dict(webhook_url="https://127.0.0.1:%d/rest/1/%s/" % (listener.getsockname()[1], SECRET), retries=0)
        ) as client:
            with pytest.raises(PortalError) as caught:
                client.call("mailservice.add", repeatable=False)
        thread.join()
    assert caught.value.outcome_known


def tunnel(target):
    """Answers CONNECT by being the line to the target's port."""

    def pump(source, sink):
        try:
            while True:
                data = source.recv(65536)
                if not data:
                    break
                sink.sendall(data)
        except OSError:
            pass
        finally:
            for end in (source, sink):
                try:
                    end.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass

    def give(handler):
        handler.wfile.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        handler.wfile.flush()
        with socket.create_connection(("127.0.0.1", target)) as onward:
            thread = threading.Thread(target=pump, args=(onward, handler.connection))
            thread.start()
            pump(handler.connection, onward)
            thread.join()
        handler.close_connection = True

    return give


def test_the_environments_proxy_is_used(make_server, ca_file, monkeypatch):
    portal_server = make_server(tls=context(AUTHORITY.issue_cert("portal.example"))).will(result(1), batch({"c0": 2}))
    proxy = make_server().will(tunnel(portal_server.port))
    monkeypatch.setenv("HTTPS_PROXY", "http://me:pass@127.0.0.1:%d" % proxy.port)
    with Client(dict(webhook_url="https://portal.example/rest/1/%s/" % SECRET, ca_path=str(ca_file))) as client:
        assert client.call("profile").result == 1
        assert client.run_commands([Command("mailservice.add", {"NAME": "x"})])[0].result == 2
    assert [(request.method, request.path) for request in proxy.requests] == [("CONNECT", "portal.example:443")]
    assert SECRET not in str(proxy.requests[0].headers)


def test_no_proxy_excepts_the_portal(make_server, monkeypatch):
    server, proxy = make_server().will(result(1)), make_server()
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:%d" % proxy.port)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with Client(dict(webhook_url=server.url())) as client:
        assert client.call("profile").result == 1
    assert proxy.requests == []


def test_plain_http_goes_through_a_proxy_on_this_machine(make_server, monkeypatch):
    server, proxy = make_server(), make_server().will(result(1))
    monkeypatch.setenv("HTTP_PROXY", "127.0.0.1:%d" % proxy.port)
    with Client(dict(webhook_url=server.url())) as client:
        assert client.call("profile").result == 1
    assert proxy.requests[0].path.startswith(server.url())


@pytest.mark.parametrize("proxy", ["http://proxy.example:3128", "proxy.example:3128", "http://[bad", "http://"])
def test_plain_http_goes_through_no_proxy_on_another_machine(server, monkeypatch, proxy):
    monkeypatch.setenv("HTTP_PROXY", proxy)
    server.will(result(1))
    with Client(dict(webhook_url=server.url(), retries=0)) as client:
        assert client.call("profile").result == 1


def refused(handler):
    handler.send_response(403)
    handler.send_header("Content-Length", "0")
    handler.end_headers()
    handler.close_connection = True


@pytest.mark.parametrize(
    "proxy, says",
    [
        ("http://me:pass@127.0.0.1:PORT", "HTTP 403"),
        ("http://me:pass@127.0.0.1:1", "refused"),
        ("socks5://127.0.0.1:1", "PySocks"),
        ("http://me:pass@[bad", "address"),
        ("http://", "address"),
        ("ftp://127.0.0.1:1", "address"),
    ],
)
def test_a_proxy_that_does_not_work_is_said_and_nothing_was_sent(make_server, monkeypatch, proxy, says):
    server = make_server()
    if "PORT" in proxy:
        server.will(refused)
    monkeypatch.setenv("https_proxy", proxy.replace("PORT", str(server.port)))
    error = failed(server, webhook_url="https://portal.example/rest/1/%s/" % SECRET)
    assert (error.error, error.outcome_known) == ("proxy_refused", True)
    assert says in error.message and "pass" not in error.message
