# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""https: which certificates are taken, which are refused and with what words. Below, tests/unit has the same for the connection alone."""

from __future__ import annotations

import datetime
import os
import ssl
import subprocess

import pytest
import trustme

from ansible_collections.bitrix24.portal.plugins.module_utils._runner import execute
from tests.faults.disturbed import prepare
from tests.unit.plugins.module_utils.scripted import ScriptedServer, result

PAST = datetime.datetime(2020, 1, 1, tzinfo=datetime.timezone.utc)


def context(certificate, wants_client_of=None):
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(made)
    if wants_client_of:
        made.verify_mode = ssl.CERT_REQUIRED
        # In TLS 1.3 the refusal comes after the handshake, and the end of the connection may overtake it.
        made.maximum_version = ssl.TLSVersion.TLSv1_2
        wants_client_of.configure_trust(made)
    return made


def self_signed(folder):
    """A certificate that no authority signed; trustme makes none."""
    pem = folder / "self.pem"
    subprocess.run(
        [
            "openssl",
            "req",
            "-x509",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-days",
            "9",
            "-subj",
            "/CN=127.0.0.1",
            "-addext",
            "subjectAltName=IP:127.0.0.1",
            "-keyout",
            str(folder / "self.key"),
            "-out",
            str(pem),
        ],
        check=True,
        capture_output=True,
    )
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(pem, folder / "self.key")
    return made


@pytest.fixture(scope="module")
def authority():
    return trustme.CA()


@pytest.fixture
def ca_file(authority, tmp_path):
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    return str(tmp_path / "ca.pem")


@pytest.fixture
def serve():
    servers = []

    def start(tls):
        servers.append(ScriptedServer(tls=tls).will(result([])))
        return servers[-1]

    yield start
    for server in servers:
        server.stop()


def call(server, **options):
    return execute(*prepare("mailservice_info", dict(dict(webhook_url=server.url(), retries=0, timeout=10), **options)))


REFUSED = {
    "of an authority that is not trusted": (
        lambda folder, own: context(trustme.CA().issue_cert("127.0.0.1")),
        "authority that is not trusted",
    ),
    "that has expired": (lambda folder, own: context(own.issue_cert("127.0.0.1", not_after=PAST)), "it has expired"),
    "for another host name": (lambda folder, own: context(own.issue_cert("elsewhere.example")), "it is for another"),
    "that is self-signed": (lambda folder, own: self_signed(folder), "self-signed"),
}


@pytest.mark.parametrize("make, reason", REFUSED.values(), ids=[name.replace(" ", "_") for name in REFUSED])
def test_a_certificate_that_does_not_hold_is_refused_with_the_reason_before_the_secret_leaves(
    serve, authority, ca_file, tmp_path, make, reason
):
    server = serve(make(tmp_path, authority))
    failure = call(server, ca_path=ca_file)
    assert (
        failure["failed"]
        and failure["error"] == "certificate_refused"
        and reason in failure["msg"]
        and "ca_path" in failure["advice"]
    )
    assert server.requests == [] and failure["api"]["requests"] == 0


def folder_of(ca_file):
    folder = os.path.dirname(ca_file)
    subprocess.run(["openssl", "rehash", folder], check=True, capture_output=True)
    return folder


@pytest.mark.parametrize("where", [lambda path: path, folder_of], ids=["file", "folder"])
@pytest.mark.parametrize("by_environment", [False, True], ids=["ca_path", "REQUESTS_CA_BUNDLE"])
def test_the_authority_is_named_by_a_file_or_a_folder_in_the_task_or_the_environment(
    serve, authority, ca_file, monkeypatch, where, by_environment
):
    server = serve(context(authority.issue_cert("127.0.0.1")))
    if by_environment:
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", where(ca_file))
    answer = call(server, **({} if by_environment else {"ca_path": where(ca_file)}))
    assert not answer.get("failed"), answer["msg"]
    assert "warnings" not in answer and len(server.requests) == 1


def test_validate_certs_false_takes_any_certificate_and_warns(serve, tmp_path):
    answer = call(serve(self_signed(tmp_path)), validate_certs=False)
    assert not answer.get("failed") and "validate_certs is false" in answer["warnings"][0]


@pytest.mark.parametrize("together", [True, False], ids=["one_file", "two_files"])
def test_a_client_certificate_is_shown_to_a_portal_that_wants_one(serve, authority, ca_file, tmp_path, together):
    server = serve(context(authority.issue_cert("127.0.0.1"), wants_client_of=authority))
    client = authority.issue_cert("client@portal.example")
    chain, key = client.cert_chain_pems[0].bytes(), client.private_key_pem.bytes()
    (tmp_path / "client.pem").write_bytes(chain + key if together else chain)
    (tmp_path / "client.key").write_bytes(key)
    options = dict(
        client_cert=str(tmp_path / "client.pem"), **({} if together else {"client_key": str(tmp_path / "client.key")})
    )
    assert not call(server, ca_path=ca_file, **options).get("failed")
    refused = call(serve(context(authority.issue_cert("127.0.0.1"), wants_client_of=authority)), ca_path=ca_file)
    assert refused["error"] == "tls_failed" and "client_cert" in refused["advice"]
