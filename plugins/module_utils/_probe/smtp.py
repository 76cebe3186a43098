# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SMTP as far as a look goes: greeting, EHLO, STARTTLS, QUIT (RFC 5321, 3207). Nobody logs in, and no mail is begun."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .dialogue import Offer, check_greeting, takes_passwords
from .endpoint import SMTP
from .facts import STARTTLS_REFUSED, TOO_MUCH, TURNED_AWAY, WRONG_PROTOCOL, Trouble

if TYPE_CHECKING:
    from .channel import Channel

_MOST_LINES = 200
_REFUSAL = re.compile(r"421|554")
_REPLY = re.compile(r"(\d{3})([ -]?)(.*)")


class SmtpDialogue:
    def __init__(self, channel: Channel) -> None:
        self._channel = channel

    def greet(self) -> str:
        """The greeting; its further lines are read and dropped."""
        first = self._channel.read_line()
        if first[3:4] == "-" and first[:3].isdigit():
            self._reply()
        return first

    def check(self, greeting: str) -> None:
        check_greeting(greeting, SMTP, _REFUSAL)

    def ask(self) -> Offer:
        here = self._channel.local_address()
        # An address stands where no name is known that leads back here.
        code, lines = self._command(f"EHLO [{f'IPv6:{here}' if ':' in here else here}]")
        if code in ("421", "554"):
            raise Trouble(TURNED_AWAY)
        if code != "250":
            raise Trouble(WRONG_PROTOCOL)
        capabilities = [line.upper() for line in lines[1:]]
        mechanisms = [word for line in capabilities if re.match("AUTH[ =]", line) for word in line[5:].split()]
        return Offer(
            capabilities,
            list(dict.fromkeys(mechanisms)),
            "STARTTLS" in capabilities,
            takes_passwords(mechanisms),
        )

    def starttls(self) -> None:
        code, _lines = self._command("STARTTLS")
        if code != "220":
            raise Trouble(STARTTLS_REFUSED)

    def leave(self) -> None:
        self._command("QUIT")

    def _command(self, command: str) -> tuple[str, list[str]]:
        self._channel.send_line(command)
        return self._reply()

    def _reply(self) -> tuple[str, list[str]]:
        """``(code, texts)``"""
        texts: list[str] = []
        while len(texts) < _MOST_LINES:
            found = _REPLY.fullmatch(self._channel.read_line())
            if found is None:
                raise Trouble(WRONG_PROTOCOL)
            texts.append(found[3])
            if found[2] != "-":
                return found[1], texts
        raise Trouble(TOO_MUCH)
