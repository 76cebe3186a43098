# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the dialogues of IMAP and SMTP have in common."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from .facts import TURNED_AWAY, WRONG_PROTOCOL, Trouble

if TYPE_CHECKING:
    from typing import Protocol

    class Dialogue(Protocol):
        def greet(self) -> str: ...

        def check(self, greeting: str) -> None: ...

        def ask(self) -> Offer: ...

        def starttls(self) -> None: ...

        def leave(self) -> None: ...


_TAKES_A_PASSWORD = re.compile(r"PLAIN|LOGIN|CRAM-MD5|DIGEST-MD5|SCRAM-.+")

_GREETINGS = (
    ("IMAP", re.compile(r"\* (?:OK|PREAUTH|BYE)\b", re.IGNORECASE)),
    ("SMTP", re.compile(r"(?:220|421|554)[ -]")),
    ("POP3", re.compile(r"\+OK\b|-ERR\b")),
    ("HTTP", re.compile(r"HTTP/|<!DOCTYPE|<html", re.IGNORECASE)),
    ("SSH", re.compile(r"SSH-")),
)


class Offer(NamedTuple):
    """What a server says that it can do. ``mechanisms``: of AUTH; ``passwords``: whether it takes any now."""

    capabilities: list[str]
    mechanisms: list[str]
    starttls: bool
    passwords: bool


def takes_passwords(mechanisms: list[str]) -> bool:
    return any(_TAKES_A_PASSWORD.fullmatch(mechanism) for mechanism in mechanisms)


def spoken_in(text: str) -> str | None:
    """The protocol whose greeting this is, as people write it."""
    return next((protocol for protocol, pattern in _GREETINGS if pattern.match(text)), None)


def check_greeting(text: str, protocol: str, refusal: re.Pattern[str]) -> None:
    """Raises Trouble: it is another protocol's, or says that the server has no time for us."""
    if spoken_in(text) != protocol.upper():
        raise Trouble(WRONG_PROTOCOL)
    if refusal.match(text):
        raise Trouble(TURNED_AWAY)
