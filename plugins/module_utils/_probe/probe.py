# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Mail services → what is known of their servers, as values for people and playbooks."""

from __future__ import annotations

import datetime
import os
import socket
import ssl
import time
from typing import TYPE_CHECKING, Any, NamedTuple

from .._argspec import LONGEST_TIMEOUT
from .._text import in_words, visible
from .cache import RunCache
from .certificate import Trust
from .judge import FAILED, OK, WARNING, days_left, judge
from .runner import Run

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from .endpoint import Endpoint
    from .facts import Facts
    from .judge import Verdict

VERDICTS = (OK, WARNING, FAILED)
_NAMED = 3


class BadProbeOption(ValueError):
    """An option makes no sense: one line that begins with its name."""


class Settings(NamedTuple):
    """``timeout``: seconds for an endpoint; ``warn_days``: a certificate that expires sooner is a warning; ``ca_path``:
    authorities beside the system's; ``run_dir``: a folder that the run's processes share, or None."""

    timeout: int = 10
    warn_days: int = 14
    ca_path: str | None = None
    run_dir: str | None = None


def is_timeout(seconds: int) -> bool:
    return 1 <= seconds <= LONGEST_TIMEOUT


def probe(endpoints: Mapping[Endpoint, Sequence[str]], settings: Settings) -> list[dict[str, Any]]:
    """A result for each endpoint, in their order. ``endpoints``: with the services' names. Raises BadProbeOption."""
    if not is_timeout(settings.timeout):
        raise BadProbeOption(f"timeout: {settings.timeout} is no time-out; give 1 to {LONGEST_TIMEOUT} seconds")
    if not endpoints:
        return []
    run = Run(_trust(settings.ca_path), settings.timeout, RunCache(settings.run_dir), settings.ca_path)
    seen = run.look_at(list(endpoints))
    now = time.time()
    return [
        _to_user(
            endpoint,
            names,
            seen[endpoint],
            judge(endpoint, seen[endpoint], settings.timeout, now, settings.warn_days),
            now,
        )
        for endpoint, names in endpoints.items()
    ]


def _trust(ca_path: str | None) -> Trust:
    try:
        return Trust(ca_path)
    except (OSError, ssl.SSLError) as error:
        why = "it holds no certificates" if isinstance(error, ssl.SSLError) else os.strerror(error.errno or 0).lower()
        raise BadProbeOption(f"ca_path: {visible(str(ca_path))} cannot be used: {why}") from None


def _to_user(endpoint: Endpoint, names: Sequence[str], facts: Facts, verdict: Verdict, now: float) -> dict[str, Any]:
    certificate = facts.certificate
    return {
        "endpoint": str(endpoint),
        "protocol": endpoint.protocol,
        "server": endpoint.server,
        "port": endpoint.port,
        "encryption": endpoint.encryption,
        "services": list(names),
        "verdict": verdict.verdict,
        "code": verdict.code,
        "reason": verdict.reason,
        "more": list(verdict.more),
        "addresses": [{"address": address, "state": state} for address, state in facts.addresses.items()],
        "connected_to": facts.connected_to,
        "greeting": facts.greeting,
        "starttls": facts.starttls,
        "tls": None if facts.tls is None else {"version": facts.tls, "cipher": facts.cipher},
        "certificate": None
        if certificate is None
        else {
            "subject": certificate.subject,
            "issuer": certificate.issuer,
            "for_names": certificate.names,
            "not_before": _moment(certificate.not_before),
            "not_after": _moment(certificate.not_after),
            "days_left": days_left(certificate, now),
            "key_type": certificate.key_type,
            "key_bits": certificate.key_bits,
            "signature_hash": certificate.signature_hash,
            "trusted": facts.verify_error is None,
        },
        "capabilities": facts.capabilities,
        "mechanisms": facts.mechanisms,
        "passwords": facts.passwords,
        "plain_login": facts.plain_login,
        "seconds": facts.seconds,
    }


def in_full(result: Mapping[str, Any]) -> str:
    """All that there is to tell of a result, the weightiest first."""
    return "; ".join([result["reason"], *result["more"]])


def called(names: Sequence[str]) -> str:
    """The services, as sentences name them."""
    shown = [f"'{visible(name, 60)}'" for name in names[:_NAMED]]
    return in_words(shown if len(names) <= _NAMED else [*shown, f"{len(names) - _NAMED} more"])


def seen_from() -> str:
    """The name of the machine that looks."""
    return visible(socket.gethostname(), 100)


def counts(results: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    verdicts = [result["verdict"] for result in results]
    return {verdict: verdicts.count(verdict) for verdict in VERDICTS}


def _moment(seconds: int) -> str:
    return datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
