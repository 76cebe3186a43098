# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""IMAP as far as a look goes: greeting, CAPABILITY, STARTTLS, LOGOUT (RFC 9051). Nobody logs in."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .dialogue import Offer, check_greeting, takes_passwords
from .endpoint import IMAP
from .facts import STARTTLS_REFUSED, TOO_MUCH, WRONG_PROTOCOL, Trouble

if TYPE_CHECKING:
    from .channel import Channel

_MOST_LINES = 200
_BYE = re.compile(r"\* BYE\b", re.IGNORECASE)


class ImapDialogue:
    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._number = 0

    def greet(self) -> str:
        return self._channel.read_line()

    def check(self, greeting: str) -> None:
        check_greeting(greeting, IMAP, _BYE)

    def ask(self) -> Offer:
        status, lines = self._command("CAPABILITY")
        words = [
            word.upper() for line in lines if line.upper().startswith("* CAPABILITY ") for word in line.split()[2:]
        ]
        if status != "OK" or "IMAP4REV1" not in words and "IMAP4REV2" not in words:
            raise Trouble(WRONG_PROTOCOL)
        mechanisms = [word[5:] for word in words if word.startswith("AUTH=")]
        passwords = "LOGINDISABLED" not in words or takes_passwords(mechanisms)
        return Offer(words, mechanisms, "STARTTLS" in words, passwords)

    def starttls(self) -> None:
        status, _lines = self._command("STARTTLS")
        if status != "OK":
            raise Trouble(STARTTLS_REFUSED)

    def leave(self) -> None:
        self._command("LOGOUT")

    def _command(self, command: str) -> tuple[str, list[str]]:
        """``(status, untagged lines)``"""
        self._number += 1
        tag = f"p{self._number}"
        self._channel.send_line(f"{tag} {command}")
        lines: list[str] = []
        while len(lines) < _MOST_LINES:
            line = self._channel.read_line()
            if line.startswith(f"{tag} "):
                words = line.upper().split()
                return words[1] if len(words) > 1 else "", lines
            lines.append(line)
        raise Trouble(TOO_MUCH)
