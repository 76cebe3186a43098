# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Facts → verdict, with a reason in words. Pure."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, NamedTuple

from .._text import in_words, quoted
from . import facts as seen
from .dialogue import spoken_in
from .endpoint import IMAP, TLS_PORTS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .endpoint import Endpoint
    from .facts import Certificate, Facts

OK, WARNING, FAILED = "ok", "warning", "failed"

SLOW = 3.0
"""Seconds for a greeting that are worth a warning: people wait for it each time."""

_DAY = 24 * 60 * 60
_OLD = {"SSLv3": "SSL 3.0", "TLSv1": "TLS 1.0", "TLSv1.1": "TLS 1.1"}
_WEAK_BITS = {"RSA": 2048, "DSA": 2048, "EC": 224}
_WEAK_HASHES = {"md5": "MD5", "sha1": "SHA-1"}
"""What programs refuse that keep OpenSSL's security level 2, which Debian and Ubuntu have as default."""
_EXPIRED, _NOT_YET, _SELF_SIGNED, _WRONG_NAMES = 10, 9, 18, (62, 64)
_UNKNOWN_AUTHORITY = (2, 19, 20, 21, 27)
"""OpenSSL's codes of why a certificate is not trusted, X509_V_ERR_*."""


class Verdict(NamedTuple):
    """``reason``: in words, for people; ``code``: the same for playbooks; ``more``: what else there is to tell."""

    verdict: str
    code: str
    reason: str
    more: list[str] = []


def judge(endpoint: Endpoint, facts: Facts, timeout: float, now: float, warn_days: int) -> Verdict:
    """``timeout``: the seconds that the look had; ``now``: seconds since 1970."""
    found = [(FAILED, *reason) for reason in _failures(endpoint, facts, timeout, now)]
    found += [(WARNING, *reason) for reason in _warnings(endpoint, facts, now, warn_days)]
    if not found:
        return Verdict(OK, OK, _praise(endpoint, facts, now))
    verdict, code, reason = found[0]
    return Verdict(verdict, code, reason, [text for _verdict, _code, text in found[1:]])


def _failures(endpoint: Endpoint, facts: Facts, timeout: float, now: float) -> Iterator[tuple[str, str]]:
    if facts.verify_error is not None:
        yield _untrusted(endpoint, facts, now)
    elif facts.trouble is not None:
        yield facts.trouble, _trouble(endpoint, facts, timeout)
    elif endpoint.protocol == IMAP and facts.passwords is False and facts.plain_login is False and facts.tls is None:
        yield "login_disabled", "login is disabled without TLS, and the server offers no STARTTLS"


def _trouble(endpoint: Endpoint, facts: Facts, timeout: float) -> str:
    protocol, port = endpoint.protocol.upper(), f"port {endpoint.port}"
    said = f": {quoted(facts.detail)}" if facts.detail else ""
    if facts.trouble == seen.BAD_NAME:
        why = facts.detail or "a host name or an address is due, without scheme, port or path"
        return f"{quoted(endpoint.server)} is no host name: {why}"
    if facts.trouble == seen.TIMED_OUT:
        return _timed_out(endpoint, facts, timeout)
    if facts.trouble == seen.NOT_TLS:
        spoken = spoken_in(facts.detail)
        return f"{port} speaks plain {spoken}, and encryption is on" if spoken else f"{port} does not speak TLS{said}"
    if facts.trouble == seen.WRONG_PROTOCOL:
        greeting = facts.greeting or ""
        spoken = spoken_in(greeting)
        if spoken and spoken != protocol:
            return f"{port} speaks {spoken}, not {protocol}"
        return f"{port} does not speak {protocol}: {quoted(greeting)}"
    texts = {
        seen.BAD_PORT: f"there is no {port}: 1 to 65535",
        seen.NO_SUCH_NAME: "name does not resolve",
        seen.NO_NAME_SERVER: "name could not be looked up: the name server did not answer",
        seen.REFUSED: f"{port} refuses connections",
        seen.NO_CONNECTION: f"no connection to {port} within {_seconds(timeout)}",
        seen.UNREACHABLE: "there is no route to the server's network",
        seen.CLOSED: f"the server closed the connection {_WHILE[facts.stage]}",
        seen.TOO_MUCH: f"the server sends far more than {protocol} allows",
        seen.SPEAKS_TLS: f"{port} speaks TLS from the start, and encryption is off",
        seen.TLS_FAILED: f"TLS handshake failed{said}",
        seen.TURNED_AWAY: f"the server turned the connection away: {quoted(facts.greeting or '')}",
        seen.STARTTLS_REFUSED: "the server offers STARTTLS and refuses it",
        seen.STARTTLS_INJECTED: "the server sent something between its answer to STARTTLS and TLS: "
        "somebody in between could do that too",
        seen.STARTTLS_NO_TLS: f"the server agreed to STARTTLS, and no TLS came about{said}",
        seen.INTERNAL: f"the probe itself failed ({facts.detail}): please report it",
    }
    return texts[str(facts.trouble)]


_WHILE = {
    seen.LOOK_UP: "at once",
    seen.CONNECT: "at once",
    seen.GREETING: "before its greeting",
    seen.HANDSHAKE: "during the TLS handshake",
    seen.DIALOGUE: "in the middle of the dialogue",
}


def _timed_out(endpoint: Endpoint, facts: Facts, timeout: float) -> str:
    within = f"within {_seconds(timeout)}"
    if facts.stage == seen.LOOK_UP:
        return f"name could not be looked up {within}"
    if facts.stage == seen.GREETING and not endpoint.encryption and endpoint.port not in TLS_PORTS:
        return f"connected, but no greeting {within}; if TLS begins at once on this port, encryption is to be on"
    what = {
        seen.GREETING: "connected, but no greeting",
        seen.HANDSHAKE: "connected, but no TLS handshake",
        seen.DIALOGUE: "the server greeted and did not go on",
    }
    return f"{what.get(facts.stage, 'no answer')} {within}"


def _untrusted(endpoint: Endpoint, facts: Facts, now: float) -> tuple[str, str]:
    code, certificate = facts.verify_error, facts.certificate
    if code == _EXPIRED:
        ago = f" {_days(now - certificate.not_after)} ago ({_date(certificate.not_after)})" if certificate else ""
        return "certificate_expired", f"certificate expired{ago}"
    if code == _NOT_YET:
        until = f" before {_date(certificate.not_before)}" if certificate else " yet"
        return "certificate_not_yet_valid", f"certificate is not valid{until}"
    if code in _WRONG_NAMES:
        names = [] if certificate is None else certificate.names or [certificate.subject]
        instead = f", but for {in_words(names[:3])}" if any(names) else ""
        return "certificate_wrong_name", f"certificate is not for {endpoint.server}{instead}"
    if code == _SELF_SIGNED:
        return "certificate_self_signed", "certificate is signed by nobody but itself"
    if code in _UNKNOWN_AUTHORITY:
        issuer = f" ({quoted(certificate.issuer)})" if certificate and certificate.issuer else ""
        return (
            "certificate_unknown_authority",
            f"certificate is from an authority that is not known here{issuer}, or its chain is incomplete",
        )
    return "certificate_untrusted", f"certificate is not trusted: {facts.verify_text}"


def _warnings(endpoint: Endpoint, facts: Facts, now: float, warn_days: int) -> Iterator[tuple[str, str]]:
    """What else there is, the weightiest first; of an endpoint that failed what was seen before it did."""
    certificate, tls = facts.certificate, facts.tls
    if tls in _OLD:
        yield "old_tls", f"{_OLD[tls]} only, which was withdrawn: TLS 1.2 or newer is due"
    if certificate is not None and facts.verify_error is None:
        left = certificate.not_after - now
        if left < warn_days * _DAY:
            yield "certificate_expires", f"certificate expires in {_days(left)} ({_date(certificate.not_after)})"
        yield from _of_strength(certificate)
    if facts.trouble is None and facts.verify_error is None:
        yield from _of_login(endpoint, facts)
    dead = [address for address, state in facts.addresses.items() if state in (seen.REFUSED, seen.NO_ANSWER)]
    if dead and seen.CONNECTED in facts.addresses.values():
        does = "does" if len(dead) == 1 else "do"
        yield "dead_address", f"{len(dead)} of its {len(facts.addresses)} addresses {does} not answer: {in_words(dead)}"
    if facts.greeting_seconds is not None and facts.greeting_seconds >= SLOW:
        yield "slow", f"the greeting took {facts.greeting_seconds:.0f} seconds"


def _of_strength(certificate: Certificate) -> Iterator[tuple[str, str]]:
    kind, bits, signed = certificate.key_type, certificate.key_bits, certificate.signature_hash
    least = _WEAK_BITS.get(kind or "", 0)
    if bits is not None and bits < least:
        yield "certificate_weak", f"certificate has a key of {bits} bits ({kind}): {least} or more are due"
    if signed in _WEAK_HASHES:
        yield "certificate_weak", f"certificate is signed with {_WEAK_HASHES[signed]}: SHA-256 or better is due"


def _of_login(endpoint: Endpoint, facts: Facts) -> Iterator[tuple[str, str]]:
    if facts.tls is None and facts.plain_login:
        yield "cleartext", "no encryption: passwords travel in the clear, and the server offers no STARTTLS"
    elif facts.plain_login:
        yield "plain_login", "passwords are taken without encryption as well, before STARTTLS"
    if facts.passwords is False and not (endpoint.protocol == IMAP and facts.tls is None):
        offered = f", only {in_words(facts.mechanisms)}" if facts.mechanisms else ""
        yield "no_passwords", f"no login by password is offered{offered}"


def _praise(endpoint: Endpoint, facts: Facts, now: float) -> str:
    protocol = endpoint.protocol.upper()
    version = (facts.tls or "no TLS").replace("TLSv", "TLS ")
    how = f"{protocol} with STARTTLS, {version}" if facts.starttls else f"{protocol} over {version}"
    if facts.certificate is None:
        return how
    return f"{how}, certificate good for {_days(facts.certificate.not_after - now)}"


def days_left(certificate: Certificate, now: float) -> int:
    """Whole days, less than 0 once it has expired."""
    return int((certificate.not_after - now) // _DAY)


def _seconds(number: float) -> str:
    return "1 second" if number == 1 else f"{number:g} seconds"


def _days(seconds: float) -> str:
    days = int(seconds // _DAY)
    return "less than a day" if days < 1 else "1 day" if days == 1 else f"{days} days"


def _date(moment: int) -> str:
    return datetime.datetime.fromtimestamp(moment, datetime.timezone.utc).date().isoformat()
