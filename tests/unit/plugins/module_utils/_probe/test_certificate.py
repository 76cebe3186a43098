# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading certificates, trusted or not, with and without the library cryptography."""

from __future__ import annotations

import contextlib
import ssl

import pytest
import trustme

from ansible_collections.bitrix24.portal.plugins.module_utils._probe import certificate
from ansible_collections.bitrix24.portal.plugins.module_utils._probe.certificate import Trust, certificate_of
from ansible_collections.bitrix24.portal.plugins.module_utils._probe.probe import BadProbeOption, Settings, probe
from ansible_collections.bitrix24.portal.plugins.module_utils._probe.endpoint import endpoints_of


def served(authority, *hosts):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*hosts).configure_cert(context)
    return context


def handshake(client, server, name="imap.example.com"):
    """The client's end of TLS after a handshake in memory."""
    there, back = ssl.MemoryBIO(), ssl.MemoryBIO()
    ours = client.wrap_bio(back, there, server_hostname=name)
    theirs = server.wrap_bio(there, back, server_side=True)
    for _time in range(3):
        for side in (ours, theirs):
            with contextlib.suppress(ssl.SSLWantReadError):
                side.do_handshake()
    return ours


@pytest.fixture
def authority():
    return trustme.CA()


def test_the_details_are_the_same_whether_it_is_trusted_or_not(authority, tmp_path):
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    trust = Trust(str(tmp_path / "ca.pem"))
    hosts = ("imap.example.com", "*.example.net", "192.0.2.1")
    server = served(authority, *hosts)
    told = [certificate_of(handshake(context, server)) for context in (trust.strict, trust.lax)]
    assert told[0] == told[1] and told[0].names == list(hosts)
    assert (told[0].key_type, told[0].signature_hash) == ("EC", "sha256") and told[0].key_bits in (256, 384)


def test_without_cryptography_nothing_is_told_of_one_that_is_not_trusted(authority, monkeypatch):
    monkeypatch.setattr(certificate, "x509", None)
    assert certificate_of(handshake(Trust().lax, served(authority, "imap.example.com"))) is None


def test_without_cryptography_a_trusted_one_is_told_and_its_strength_is_not(authority, monkeypatch, tmp_path):
    monkeypatch.setattr(certificate, "x509", None)
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    trust = Trust(str(tmp_path / "ca.pem"))
    told = certificate_of(handshake(trust.strict, served(authority, "imap.example.com")))
    assert told.names == ["imap.example.com"]
    assert (told.key_type, told.key_bits, told.signature_hash) == (None, None, None)


def test_names_are_bounded(authority):
    many = [f"host{number}.example.com" for number in range(100)]
    assert len(certificate_of(handshake(Trust().lax, served(authority, *many))).names) == certificate.MOST_NAMES


@pytest.mark.parametrize(
    "content, why", [(None, "no such file or directory"), ("no certificate", "it holds no certificates")]
)
def test_authorities_that_cannot_be_read_are_told_in_a_line(tmp_path, content, why):
    path = tmp_path / "ca.pem"
    if content is not None:
        path.write_text(content)
    with pytest.raises(BadProbeOption, match=f"^ca_path: .*ca.pem cannot be used: {why}$"):
        probe(endpoints_of([{"name": "A", "server": "127.0.0.1"}]), Settings(ca_path=str(path)))
