# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real mail servers, each situation on an address of its own, and the probe as the tests call it."""

from __future__ import annotations

import subprocess

import pytest

from ansible_collections.bitrix24.portal.plugins.module_utils._probe.endpoint import endpoints_of
from ansible_collections.bitrix24.portal.plugins.module_utils._probe.probe import Settings, probe
from tests.probe.certificates import Authority
from tests.probe.daemons import Dovecot, Postfix, public_folder

GOOD, EXPIRED, WRONG_NAME, SOON, PRIVATE, SELF_SIGNED, PLAIN, NO_LOGIN, BOTH = (
    "127.0.0.%d" % number for number in range(2, 11)
)
OLD, WEAK = "127.0.0.11", "127.0.0.13"


@pytest.fixture(scope="session")
def folder():
    with public_folder() as path:
        yield path


@pytest.fixture(scope="session")
def authority(folder):
    """The one that the tests' probes trust."""
    return Authority(folder)


def self_signed(folder, address):
    certificate, key = folder / "self.pem", folder / "self.key"
    command = (
        f"openssl req -x509 -newkey rsa:2048 -nodes -days 90 -subj /CN={address} -addext subjectAltName=IP:{address}"
    )
    subprocess.run([*command.split(), "-keyout", key, "-out", certificate], check=True, capture_output=True)
    return certificate, key


@pytest.fixture(scope="session")
def certificates(folder, authority):
    return {
        GOOD: authority.issue("good", GOOD, BOTH),
        EXPIRED: authority.issue("expired", EXPIRED, days=-9.5),
        WRONG_NAME: authority.issue("wrong_name", "mail.hoster.example", "*.hoster.example"),
        SOON: authority.issue("soon", SOON, days=9.5),
        PRIVATE: Authority(folder, "private-ca").issue("private", PRIVATE),
        SELF_SIGNED: self_signed(folder, SELF_SIGNED),
        WEAK: authority.issue_weak("weak", WEAK),
    }


def pem(certificate):
    return ["ssl_cert = <%s" % certificate[0], "ssl_key = <%s" % certificate[1]]


@pytest.fixture(scope="session")
def dovecot(folder, certificates):
    why = Dovecot.missing()
    if why:
        pytest.skip(why)
    settings = {address: pem(certificate) for address, certificate in certificates.items()}
    settings[PLAIN] = ["ssl = no", "disable_plaintext_auth = no"]
    settings[NO_LOGIN] = ["ssl = no"]
    settings[BOTH] = [*pem(certificates[GOOD]), "disable_plaintext_auth = no"]
    server = Dovecot(folder, certificates[GOOD], settings)
    yield server
    server.close()


OPENSSL = """
openssl_conf = start
[start]
ssl_conf = ssl
[ssl]
system_default = old
[old]
MinProtocol = TLSv1
MaxProtocol = TLSv1.1
CipherString = ALL:@SECLEVEL=0
"""


@pytest.fixture(scope="session")
def old_dovecot(authority):
    """One that knows nothing newer than TLS 1.1."""
    why = Dovecot.missing()
    if why:
        pytest.skip(why)
    with public_folder() as folder:
        (folder / "openssl.cnf").write_text(OPENSSL)
        server = Dovecot(
            folder,
            authority.issue("old", OLD),
            {OLD: []},
            oldest="TLSv1",
            environment={"OPENSSL_CONF": str(folder / "openssl.cnf")},
        )
        yield server
        server.close()


@pytest.fixture(scope="session")
def postfix(certificates, dovecot):
    """It asks Dovecot for logins, as real ones do."""
    why = Postfix.missing()
    if why:
        pytest.skip(why)
    with public_folder() as folder:
        server = Postfix(
            folder,
            certificates[GOOD],
            dovecot.sasl,
            {
                "encrypted": (GOOD, ["smtpd_tls_wrappermode=yes"]),
                "starttls": (GOOD, ["smtpd_tls_security_level=may", "smtpd_tls_auth_only=yes"]),
                "plain": (GOOD, ["smtpd_tls_security_level=none"]),
                "no_login": (GOOD, ["smtpd_tls_security_level=may", "smtpd_sasl_auth_enable=no"]),
            },
        )
        yield server
        server.close()


@pytest.fixture
def look(authority):
    """Probe one service; returns the result of its only endpoint."""

    def probed(server, port, encryption=True, smtp=False, timeout=5, trusted=True, **more):
        prefix = "smtp_" if smtp else ""
        service = {"name": "Mail", prefix + "server": server, prefix + "port": port, prefix + "encryption": encryption}
        ca_path = str(authority.path) if trusted else None
        (result,) = probe(endpoints_of([service], smtp), Settings(timeout, ca_path=ca_path, **more))
        return result

    return probed
