# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files that a portal shows the address of: which requests are sent for them, and what is not sent."""

from __future__ import annotations

import gzip
import http.server
import ssl
import threading
import time

import pytest
import trustme
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.bitrix24.portal.plugins.module_utils._argspec import CONNECTION_SPEC
from ansible_collections.bitrix24.portal.plugins.module_utils._rest.client import Client
from ansible_collections.bitrix24.portal.plugins.module_utils._rest.fetch import MOST_BYTES, NotFetched

SECRET = "adminsecret00001"
CONTENT = b"the content of a file"


class Server(http.server.ThreadingHTTPServer):
    """Gives ``answers[path]``, (status, headers, body), or the content; ``seen``: (method, path, headers)."""

    daemon_threads = True

    def __init__(self, tls=None):
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers, self.seen, self.certificates = {}, [], []
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self.server_port}"
        if tls:
            self.socket = tls.wrap_socket(self.socket, server_side=True)
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if isinstance(self.connection, ssl.SSLSocket):
            self.server.certificates.append(self.connection.getpeercert())
        self.server.seen.append((self.command, self.path, dict(self.headers)))
        status, headers, body = self.server.answers.get(self.path, (200, {}, CONTENT))
        if callable(body):
            body = body()
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), "Set-Cookie": "a=b", **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        try:
            self.wfile.write(body)
        except OSError:
            pass

    do_POST = do_GET

    def log_message(self, *arguments):
        pass


@pytest.fixture
def server():
    with Server() as server:
        yield server
        server.shutdown()


@pytest.fixture
def cdn():
    with Server() as server:
        yield server
        server.shutdown()


@pytest.fixture
def client(server, monkeypatch):
    """Of a portal whose REST is below /base."""
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with connect(server) as client:
        yield client


def connect(server, **options):
    params = {**dict.fromkeys(CONNECTION_SPEC), "validate_certs": True, "timeout": 5, "retries": 0, "retry_max_wait": 0}
    return Client({**params, "webhook_url": f"{server.url}/base/rest/1/{SECRET}/", **options}, environ={})


def why_not(client, address):
    with pytest.raises(NotFetched) as refused:
        client.fetch(address)
    return str(refused.value)


@pytest.mark.parametrize(
    "address, asked_for",
    [
        ("/upload/mail/x.png", "/upload/mail/x.png"),
        ("/upload/mail/100 % grün?#.png", "/upload/mail/100%20%25%20gr%C3%BCn%3F%23.png"),
        ("/upload/%2e%2e/x.png", "/upload/%252e%252e/x.png"),
        ("/upload/{}[]|\\^`.png", "/upload/%7B%7D%5B%5D%7C%5C%5E%60.png"),
    ],
)
def test_an_address_without_a_host_belongs_to_the_portals_root_and_is_encoded(client, server, address, asked_for):
    assert client.fetch(address) == CONTENT
    assert [path for dummy, path, dummy2 in server.seen] == [asked_for]


@pytest.mark.parametrize(
    "path, asked_for", [("/a%20b.png?v=1&w=%2F", "/a%20b.png?v=1&w=%2F"), ("/a b/ü.png#x", "/a%20b/%C3%BC.png")]
)
def test_an_address_with_a_host_is_encoded_already(client, cdn, path, asked_for):
    assert client.fetch(cdn.url + path) == CONTENT
    assert [path for dummy, path, dummy2 in cdn.seen] == [asked_for]


def test_nobody_is_sent_credentials_or_cookies(client, server, cdn):
    for _time in range(2):
        client.fetch("/upload/x.png")
        client.fetch(f"{cdn.url}/x.png")
    for method, path, headers in server.seen + cdn.seen:
        assert method == "GET" and SECRET not in path + str(headers)
        assert set(headers) == {"Host", "User-Agent", "Accept", "Accept-Encoding"}


@given(rest=st.text(max_size=40))
def test_whatever_an_address_holds_is_asked_for_on_that_host_or_refused(server_of_all, rest):
    server, client = server_of_all
    for address in ("/" + rest, f"{server.url}/{rest}", rest.replace(":", "").lstrip("/\\")):
        try:
            assert client.fetch(address) == CONTENT
        except NotFetched as reason:
            assert "\n" not in str(reason) and "this is a fault" not in str(reason)
    assert not any("/rest/" in path for dummy, path, dummy2 in server.seen)


@pytest.fixture(scope="module")
def server_of_all():
    with Server() as server, connect(server) as client:
        yield server, client
        server.shutdown()


def test_what_is_fetched_is_counted_apart_from_requests(client):
    client.fetch("/upload/x.png")
    assert (client.api["icons_fetched"], client.api["requests"]) == (1, 0)
    why_not(client, "https://127.0.0.1:1/x.png")
    assert client.api["icons_fetched"] == 1


@pytest.mark.parametrize(
    "address",
    [
        "/rest/1/secret/mailservice.delete?ID=1",
        "/upload/../rest/1/secret/mailservice.delete",
        "/base/REST/1/secret/profile",
        "http://127.0.0.1/%72est/1/secret/profile",
        "https://user:word@cdn.example/x.png",
        "https://",
        "https://[::1/x.png",
        "/upload/\nx.png",
        "/upload/\ud800.png",
        "/upload/" + "x" * 2000,
    ],
)
def test_an_address_that_no_icon_has_is_not_asked_for(client, server, address):
    assert why_not(client, address) == "its address is not valid"
    assert server.seen == []


@pytest.mark.parametrize("address", ["http://cdn.example/x.png", "ftp://cdn.example/x.png", "file:///etc/passwd"])
def test_only_https_is_good_enough_for_other_machines(client, address):
    assert why_not(client, address) in ("its address does not begin with https://", "its address is not valid")


@pytest.mark.parametrize("status", [204, 301, 302, 303, 403, 404, 500])
def test_any_other_status_than_200_is_no_file(client, server, status):
    server.answers["/x.png"] = (status, {"Location": "/y.png"}, b"")
    assert why_not(client, "/x.png") == f"the server answered HTTP {status}"
    assert len(server.seen) == 1


@pytest.mark.parametrize("status", [307, 308])
def test_a_redirection_on_the_same_host_is_followed(client, server, status):
    server.answers["/x.png"] = (status, {"Location": "/y.png"}, b"")
    assert client.fetch("/x.png") == CONTENT
    assert client.api["icons_fetched"] == 2


def test_a_redirection_to_another_host_or_to_rest_is_not_followed(client, server, cdn):
    for target in (f"{cdn.url}/x.png", "/rest/1/x/mailservice.delete", "//[", "https://127.0.0.1/x.png"):
        server.answers["/x.png"] = (307, {"Location": target}, b"")
        assert why_not(client, "/x.png") == "it was redirected elsewhere (HTTP 307)"
    assert cdn.seen == []


def test_redirections_end(client, server):
    server.answers["/x.png"] = (307, {"Location": "/x.png"}, b"")
    assert why_not(client, "/x.png") == "it was redirected more than 5 times"


def test_a_large_file_is_read_up_to_the_limit_only(client, server):
    server.answers["/x.png"] = (200, {}, b"x" * MOST_BYTES)
    assert len(client.fetch("/x.png")) == MOST_BYTES
    server.answers["/x.png"] = (200, {}, b"x" * (MOST_BYTES + 1))
    assert why_not(client, "/x.png") == "the response (HTTP 200) is larger than 5 MiB"
    server.answers["/x.png"] = (200, {"Content-Encoding": "gzip"}, gzip.compress(b"\0" * (MOST_BYTES + 1)))
    assert why_not(client, "/x.png") == "the response (HTTP 200) is larger than 5 MiB"


def test_half_a_file_is_none(client, server):
    server.answers["/x.png"] = (200, {"Content-Length": "1000", "Connection": "close"}, CONTENT)
    assert "cut off" in why_not(client, "/x.png") or "cut_off" in why_not(client, "/x.png")


def test_no_more_than_the_time_out_is_waited(server):
    server.answers["/x.png"] = (200, {}, lambda: time.sleep(3) or b"")
    with connect(server, timeout=1) as client:
        begun = time.monotonic()
        assert why_not(client, "/x.png") == "no response within 1 seconds (timeout)"
        assert time.monotonic() - begun < 2.5


def test_the_certificate_of_the_client_is_for_the_portal_alone_and_every_server_is_checked(tmp_path):
    authority, stranger = trustme.CA(), trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    authority.issue_cert("client.example").private_key_and_cert_chain_pem.write_to_path(tmp_path / "client.pem")

    def served(by):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        by.issue_cert("127.0.0.1").configure_cert(context)
        authority.configure_trust(context)
        context.verify_mode = ssl.CERT_OPTIONAL
        return Server(context)

    options = {"ca_path": str(tmp_path / "ca.pem"), "client_cert": str(tmp_path / "client.pem")}
    with served(authority) as portal, served(authority) as cdn, served(stranger) as other:
        with connect(portal, **options) as client:
            assert client.fetch("/x.png") == client.fetch(f"{cdn.url}/x.png") == CONTENT
            assert "TLS certificate verification failed" in why_not(client, f"{other.url}/x.png")
        assert [bool(certificate) for certificate in portal.certificates] == [True]
        assert [bool(certificate) for certificate in cdn.certificates] == [False]
        for server in (portal, cdn, other):
            server.shutdown()
