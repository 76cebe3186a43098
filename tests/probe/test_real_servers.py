# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each situation at a real Dovecot or Postfix, and whether other people's tools see the same."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest

from tests.probe.conftest import BOTH, EXPIRED, GOOD, NO_LOGIN, OLD, PLAIN, PRIVATE, SELF_SIGNED, SOON, WEAK, WRONG_NAME
from tests.probe.daemons import INSTALL, PATH

SITUATIONS = {
    "implicit TLS": (GOOD, True, "ok", "ok", r"IMAP over TLS 1\.3, certificate good for 89 days"),
    "STARTTLS": (GOOD, False, "ok", "ok", r"IMAP with STARTTLS, TLS 1\.3, certificate good for 89 days"),
    "an expired certificate": (
        EXPIRED,
        True,
        "failed",
        "certificate_expired",
        r"certificate expired 9 days ago \(\d{4}-\d\d-\d\d\)",
    ),
    "an expired certificate behind STARTTLS": (
        EXPIRED,
        False,
        "failed",
        "certificate_expired",
        r"certificate expired .*",
    ),
    "a wrong host name": (
        WRONG_NAME,
        True,
        "failed",
        "certificate_wrong_name",
        r"certificate is not for 127\.0\.0\.4, but for mail\.hoster\.example and \*\.hoster\.example",
    ),
    "a certificate for nine days": (
        SOON,
        True,
        "warning",
        "certificate_expires",
        r"certificate expires in 9 days \(\d{4}-\d\d-\d\d\)",
    ),
    "a private authority": (
        PRIVATE,
        True,
        "failed",
        "certificate_unknown_authority",
        r"certificate is from an authority that is not known here \('.+'\), or its chain is incomplete",
    ),
    "a self-signed certificate": (
        SELF_SIGNED,
        True,
        "failed",
        "certificate_self_signed",
        "certificate is signed by nobody but itself",
    ),
    "a short key and an old signature": (
        WEAK,
        True,
        "warning",
        "certificate_weak",
        r"certificate has a key of 1024 bits \(RSA\): 2048 or more are due",
    ),
    "plain only": (
        PLAIN,
        False,
        "warning",
        "cleartext",
        "no encryption: passwords travel in the clear, and the server offers no STARTTLS",
    ),
    "login disabled": (
        NO_LOGIN,
        False,
        "failed",
        "login_disabled",
        "login is disabled without TLS, and the server offers no STARTTLS",
    ),
    "STARTTLS and passwords without it": (
        BOTH,
        False,
        "warning",
        "plain_login",
        "passwords are taken without encryption as well, before STARTTLS",
    ),
}


@pytest.mark.parametrize("situation", SITUATIONS)
def test_dovecot_gets_the_verdict_of_its_situation(dovecot, look, situation):
    address, encryption, verdict, code, reason = SITUATIONS[situation]
    result = look(address, dovecot.encrypted if encryption else dovecot.plain, encryption)
    assert (result["verdict"], result["code"]) == (verdict, code), result
    assert re.fullmatch(reason, result["reason"]), result["reason"]
    assert result["greeting"].startswith("* OK") and "Dovecot" in result["greeting"]
    assert result["connected_to"] == address


def test_tls_1_1_only_is_old_and_not_down(old_dovecot, look):
    result = look(OLD, old_dovecot.encrypted)
    assert (result["verdict"], result["code"]) == ("warning", "old_tls"), result
    assert result["reason"] == "TLS 1.1 only, which was withdrawn: TLS 1.2 or newer is due"
    assert result["tls"]["version"] == "TLSv1.1" and "AUTH=PLAIN" in result["capabilities"]


def test_encryption_on_where_the_port_speaks_plain_imap(dovecot, look):
    result = look(GOOD, dovecot.plain, True)
    assert (result["verdict"], result["code"]) == ("failed", "not_tls")
    assert result["reason"] == f"port {dovecot.plain} speaks plain IMAP, and encryption is on"


def test_encryption_off_where_the_port_speaks_tls(dovecot, look):
    result = look(GOOD, dovecot.encrypted, False, timeout=2)
    assert (result["verdict"], result["code"]) == ("failed", "timed_out")
    assert result["reason"] == (
        "connected, but no greeting within 2 seconds; if TLS begins at once on this port, encryption is to be on"
    )


def test_the_authority_of_the_tests_is_unknown_where_nobody_names_it(dovecot, look):
    result = look(GOOD, dovecot.encrypted, trusted=False)
    assert result["code"] == "certificate_unknown_authority"
    assert result["certificate"]["for_names"] == [GOOD, BOTH] and result["certificate"]["trusted"] is False


def test_nobody_is_logged_in_and_the_server_sees_a_polite_end(dovecot, look, folder):
    log = folder / "dovecot.log"
    before = len(log.read_text())
    look(GOOD, dovecot.encrypted)
    look(GOOD, dovecot.plain, False)
    told = [line for line in log.read_text()[before:].splitlines() if "imap-login" in line]
    assert len(told) == 2 and all("Aborted login by logging out (no auth attempts" in line for line in told), told


SMTP = {
    "encrypted": (True, "ok", "ok", r"SMTP over TLS 1\.3, certificate good for 89 days"),
    "starttls": (False, "ok", "ok", r"SMTP with STARTTLS, TLS 1\.3, certificate good for 89 days"),
    "plain": (False, "warning", "cleartext", r"no encryption: passwords travel in the clear, .*"),
    "no_login": (False, "warning", "no_passwords", r"no login by password is offered"),
}


@pytest.mark.parametrize("situation", SMTP)
def test_postfix_gets_the_verdict_of_its_situation(postfix, look, situation):
    encryption, verdict, code, reason = SMTP[situation]
    result = look(GOOD, postfix.ports[situation], encryption, smtp=True)
    assert (result["verdict"], result["code"]) == (verdict, code), result
    assert re.fullmatch(reason, result["reason"]), result["reason"]
    assert result["greeting"] == "220 mail.example.com ESMTP Postfix"


def test_imap_where_smtp_answers(postfix, look):
    port = postfix.ports["starttls"]
    assert look(GOOD, port, False)["reason"] == f"port {port} speaks SMTP, not IMAP"
    assert look(GOOD, port, True)["reason"] == f"port {port} speaks plain SMTP, and encryption is on"


def asked_with_openssl(address, port, authority, *more):
    """What openssl makes of the server's certificate; 0 where it trusts it."""
    command = ["openssl", "s_client", "-connect", f"{address}:{port}", "-CAfile", authority.path, "-verify_ip", address]
    done = subprocess.run([*command, *more], input="", capture_output=True, text=True, timeout=20, check=False)
    (code,) = set(re.findall(r"Verify return code: (\d+)", done.stdout))
    return int(code)


@pytest.mark.parametrize(
    "situation", [name for name, told in SITUATIONS.items() if told[0] not in (PLAIN, NO_LOGIN, WEAK)]
)
def test_openssl_trusts_what_the_probe_trusts(dovecot, look, authority, situation):
    address, encryption = SITUATIONS[situation][:2]
    port = dovecot.encrypted if encryption else dovecot.plain
    code = asked_with_openssl(address, port, authority, *([] if encryption else ["-starttls", "imap"]))
    assert look(address, port, encryption)["certificate"]["trusted"] is (code == 0)


def test_openssl_refuses_by_default_what_the_probe_calls_weak(dovecot, look, authority):
    result = look(WEAK, dovecot.encrypted)
    assert result["more"] == ["certificate is signed with SHA-1: SHA-256 or better is due"]
    refused = [
        asked_with_openssl(WEAK, dovecot.encrypted, authority, "-cipher", f"DEFAULT:@SECLEVEL={level}") != 0
        for level in (0, 2)
    ]
    assert refused == [False, True]


MONITORED = {
    "implicit TLS": (GOOD, True, [], 0),
    "STARTTLS": (GOOD, False, [], 0),
    "plain only": (PLAIN, False, [], 0),
    "an expired certificate": (EXPIRED, True, ["-D", "14"], 2),
    "a certificate for nine days": (SOON, True, ["-D", "14"], 1),
    "nobody there": ("127.0.0.12", True, [], 2),
}


@pytest.mark.parametrize("situation", MONITORED)
def test_check_imap_comes_to_the_same_verdict(dovecot, look, situation):
    program = shutil.which("check_imap", path=PATH)
    if program is None:
        pytest.skip(f"{INSTALL} monitoring-plugins-basic, with whose check_imap the verdicts are compared.")
    address, encryption, more, status = MONITORED[situation]
    port = dovecot.encrypted if encryption else dovecot.plain
    command = [program, "-H", address, "-p", str(port), "-t", "5", *(["-S"] if encryption else []), *more]
    done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    assert done.returncode == status, done.stdout
    verdict = look(address, port, encryption)["verdict"]
    # It is content with a connection in the clear.
    assert ("ok", "warning", "failed").index(verdict) == (1 if address == PLAIN else status)
