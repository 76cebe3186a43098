# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was seen at an endpoint, before anybody judges it, and what can go wrong on the way."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass, field
from typing import Any

BAD_NAME, BAD_PORT, NO_SUCH_NAME, NO_NAME_SERVER = "bad_name", "bad_port", "no_such_name", "no_name_server"
REFUSED, NO_CONNECTION, UNREACHABLE = "refused", "no_connection", "unreachable"
TIMED_OUT, CLOSED, TOO_MUCH = "timed_out", "closed", "too_much"
NOT_TLS, SPEAKS_TLS, TLS_FAILED = "not_tls", "speaks_tls", "tls_failed"
WRONG_PROTOCOL, TURNED_AWAY = "wrong_protocol", "turned_away"
STARTTLS_REFUSED, STARTTLS_INJECTED, STARTTLS_NO_TLS = "starttls_refused", "starttls_injected", "starttls_no_tls"
INTERNAL = "internal"

CONNECTED, NO_ANSWER, NOT_TRIED = "connected", "no_answer", "not_tried"
"""What became of an address; or REFUSED, or UNREACHABLE."""

LOOK_UP, CONNECT, GREETING, HANDSHAKE, DIALOGUE = "look_up", "connect", "greeting", "handshake", "dialogue"
"""How far the look at an endpoint has come."""


class Trouble(Exception):
    """The look at an endpoint ends here. ``detail``: what the server sent or the system said, untrusted and bounded."""

    def __init__(self, kind: str, detail: str = "") -> None:
        super().__init__(kind)
        self.kind = kind
        self.detail = detail


class Deadline:
    """The moment at which the look at one endpoint ends, whatever it is waiting for."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        """Seconds, always some. Raises Trouble when there are none."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise Trouble(TIMED_OUT)
        return left


@dataclass
class Certificate:
    """``names``: those that it is for; ``not_after``, ``not_before``: seconds since 1970.

    ``key_type``, ``key_bits``: such as RSA, 2048; ``signature_hash``: such as sha256. None where it cannot be told.
    """

    subject: str
    issuer: str
    names: list[str]
    not_before: int
    not_after: int
    key_type: str | None = None
    key_bits: int | None = None
    signature_hash: str | None = None


@dataclass
class Facts:
    """What was seen. All texts of the server are made visible and cut.

    ``addresses``: ``{address: what became of it}``; ``trouble``, ``detail``: what ended the look, or None; ``stage``:
    how far it came; ``tls``: the version, such as ``TLSv1.3``; ``verify_error``, ``verify_text``: why OpenSSL does not
    trust the certificate; ``plain_login``: whether passwords are taken without TLS; ``passwords``: whether they are
    taken at all; both None where it was not seen. ``seconds``: what the look took.
    """

    addresses: dict[str, str] = field(default_factory=dict)
    connected_to: str | None = None
    stage: str = LOOK_UP
    trouble: str | None = None
    detail: str = ""
    greeting: str | None = None
    greeting_seconds: float | None = None
    starttls: bool | None = None
    tls: str | None = None
    cipher: str | None = None
    verify_error: int | None = None
    verify_text: str = ""
    certificate: Certificate | None = None
    capabilities: list[str] = field(default_factory=list)
    mechanisms: list[str] = field(default_factory=list)
    plain_login: bool | None = None
    passwords: bool | None = None
    seconds: float = 0.0

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Facts:
        certificate = values["certificate"]
        return cls(**dict(values, certificate=None if certificate is None else Certificate(**certificate)))
