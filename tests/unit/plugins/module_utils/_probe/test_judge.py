# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Facts → verdict, without any server."""

from __future__ import annotations

import dataclasses

import pytest

from ansible_collections.bitrix24.portal.plugins.module_utils._probe import facts as seen
from ansible_collections.bitrix24.portal.plugins.module_utils._probe.endpoint import IMAP, SMTP, Endpoint
from ansible_collections.bitrix24.portal.plugins.module_utils._probe.facts import Certificate, Facts
from ansible_collections.bitrix24.portal.plugins.module_utils._probe.judge import judge

NOW = 1_800_000_000
DAY = 86_400
GOOD = Certificate("imap.example.com", "Example CA", ["imap.example.com"], NOW - DAY, NOW + 80 * DAY)


def expires(days):
    return Certificate("imap.example.com", "Example CA", ["imap.example.com"], NOW - DAY, int(NOW + days * DAY))


def strong(**more):
    return dataclasses.replace(GOOD, **dict(dict(key_type="RSA", key_bits=2048, signature_hash="sha256"), **more))


def facts(**more):
    usual = dict(
        addresses={"192.0.2.1": "connected"}, tls="TLSv1.3", certificate=GOOD, passwords=True, stage=seen.DIALOGUE
    )
    return Facts(**dict(usual, **more))


PLAIN = dict(tls=None, certificate=None, starttls=False)
TABLE = {
    "all is well": ({}, "ok", "IMAP over TLS 1.3, certificate good for 80 days"),
    "STARTTLS": (
        dict(starttls=True, plain_login=False),
        "ok",
        "IMAP with STARTTLS, TLS 1.3, certificate good for 80 days",
    ),
    "nobody logs in anyhow": (dict(PLAIN, plain_login=None), "ok", "IMAP over no TLS"),
    "TLS 1.2": (dict(tls="TLSv1.2"), "ok", "IMAP over TLS 1.2, certificate good for 80 days"),
    "TLS 1.0": (dict(tls="TLSv1"), "warning", "TLS 1.0 only, which was withdrawn: TLS 1.2 or newer is due"),
    "14 days": (dict(certificate=expires(14.1)), "ok", "IMAP over TLS 1.3, certificate good for 14 days"),
    "13 days": (dict(certificate=expires(13.9)), "warning", "certificate expires in 13 days (2027-01-29)"),
    "1 day": (dict(certificate=expires(1.5)), "warning", "certificate expires in 1 day (2027-01-16)"),
    "hours": (dict(certificate=expires(0.5)), "warning", "certificate expires in less than a day (2027-01-15)"),
    "a short key": (
        dict(certificate=strong(key_bits=1024)),
        "warning",
        "certificate has a key of 1024 bits (RSA): 2048 or more are due",
    ),
    "a short curve": (
        dict(certificate=strong(key_type="EC", key_bits=192)),
        "warning",
        "certificate has a key of 192 bits (EC): 224 or more are due",
    ),
    "a curve": (
        dict(certificate=strong(key_type="EC", key_bits=256)),
        "ok",
        "IMAP over TLS 1.3, certificate good for 80 days",
    ),
    "a key of fixed length": (
        dict(certificate=strong(key_type="Ed25519", key_bits=None, signature_hash=None)),
        "ok",
        "IMAP over TLS 1.3, certificate good for 80 days",
    ),
    "an old signature": (
        dict(certificate=strong(signature_hash="sha1")),
        "warning",
        "certificate is signed with SHA-1: SHA-256 or better is due",
    ),
    "no password": (
        dict(passwords=False, mechanisms=["XOAUTH2", "OAUTHBEARER"]),
        "warning",
        "no login by password is offered, only XOAUTH2 and OAUTHBEARER",
    ),
    "expired, not to be read": (dict(verify_error=10, certificate=None), "failed", "certificate expired"),
    "not yet valid": (
        dict(verify_error=9, certificate=Certificate("a", "b", [], NOW + DAY, NOW + 9 * DAY)),
        "failed",
        "certificate is not valid before 2027-01-16",
    ),
    "a name of long ago": (
        dict(verify_error=62, certificate=Certificate("mail.example.net", "b", [], NOW, NOW + 90 * DAY)),
        "failed",
        "certificate is not for imap.example.com, but for mail.example.net",
    ),
    "a name that cannot be read": (
        dict(verify_error=62, certificate=None),
        "failed",
        "certificate is not for imap.example.com",
    ),
    "something else about trust": (
        dict(verify_error=66, verify_text="ee key too small"),
        "failed",
        "certificate is not trusted: ee key too small",
    ),
    "no route": (dict(trouble=seen.UNREACHABLE), "failed", "there is no route to the server's network"),
    "in the handshake": (
        dict(trouble=seen.CLOSED, stage=seen.HANDSHAKE),
        "failed",
        "the server closed the connection during the TLS handshake",
    ),
    "not TLS at all": (
        dict(trouble=seen.NOT_TLS, detail="gibberish"),
        "failed",
        "port 993 does not speak TLS: 'gibberish'",
    ),
    "a fault of ours": (
        dict(trouble=seen.INTERNAL, detail="KeyError"),
        "failed",
        "the probe itself failed (KeyError): please report it",
    ),
}


@pytest.mark.parametrize("situation", TABLE)
def test_a_verdict_has_one_reason_in_words(situation):
    seen_so, verdict, reason = TABLE[situation]
    found = judge(Endpoint(IMAP, "imap.example.com", 993, True), facts(**seen_so), 10, NOW, 14)
    assert (found.verdict, found.reason) == (verdict, reason)


def test_the_weightiest_comes_first_and_the_rest_is_told_behind_it():
    worst = facts(
        tls="TLSv1.1",
        certificate=expires(3),
        addresses={"192.0.2.1": "connected", "192.0.2.2": "refused", "192.0.2.3": "no_answer"},
        greeting_seconds=4.4,
    )
    found = judge(Endpoint(IMAP, "imap.example.com", 993, True), worst, 10, NOW, 14)
    assert (found.verdict, found.code) == ("warning", "old_tls")
    assert found.more == [
        "certificate expires in 3 days (2027-01-18)",
        "2 of its 3 addresses do not answer: 192.0.2.2 and 192.0.2.3",
        "the greeting took 4 seconds",
    ]


def test_what_was_seen_before_it_failed_is_told_as_well():
    failed = facts(trouble=seen.TOO_MUCH, tls="TLSv1")
    found = judge(Endpoint(SMTP, "smtp.example.com", 465, True), failed, 10, NOW, 14)
    assert (found.verdict, found.reason) == ("failed", "the server sends far more than SMTP allows")
    assert found.more == ["TLS 1.0 only, which was withdrawn: TLS 1.2 or newer is due"]


@pytest.mark.parametrize(
    "kind",
    [
        value
        for name, value in vars(seen).items()
        if name.isupper()
        and name
        not in ("CONNECTED", "NO_ANSWER", "NOT_TRIED", "LOOK_UP", "CONNECT", "GREETING", "HANDSHAKE", "DIALOGUE")
    ],
)
@pytest.mark.parametrize("stage", [seen.LOOK_UP, seen.CONNECT, seen.GREETING, seen.HANDSHAKE, seen.DIALOGUE])
def test_whatever_goes_wrong_at_whatever_stage_has_its_words(kind, stage):
    for protocol in (IMAP, SMTP):
        found = judge(Endpoint(protocol, "m.example.com", 143, False), Facts(stage=stage, trouble=kind), 10, NOW, 14)
        assert (found.verdict, found.code) == ("failed", kind) and found.reason[0] not in "{: "
