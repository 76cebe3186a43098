# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One look at one endpoint → facts. Never raises, and takes no longer than its time-out."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Callable

from .._text import visible
from .certificate import certificate_of
from .channel import Channel, Untrusted
from .connect import connect
from .endpoint import IMAP, TLS_PORTS
from .facts import (
    BAD_PORT,
    CONNECT,
    DIALOGUE,
    GREETING,
    HANDSHAKE,
    INTERNAL,
    NOT_TLS,
    SPEAKS_TLS,
    STARTTLS_INJECTED,
    STARTTLS_NO_TLS,
    TIMED_OUT,
    Deadline,
    Facts,
    Trouble,
)
from .imap import ImapDialogue
from .names import resolve, to_ascii
from .smtp import SmtpDialogue

if TYPE_CHECKING:
    import ssl

    from .certificate import Trust
    from .dialogue import Dialogue
    from .endpoint import Endpoint
    from .names import Addresses

_TLS_AFTER = 2.0
"""So many seconds of silence on these, and the look goes on with TLS to see whether that is what it waits for."""

_INJECTION = 0.2
"""Seconds in which nothing may come between the answer to STARTTLS and TLS, which the client begins."""

_MOST_WORDS, _WORD = 60, 80


def look(endpoint: Endpoint, trust: Trust, timeout: float, turn: Callable[[], None], facts: Facts) -> None:
    """Fill ``facts``. ``turn``: waits until this server may be connected to again, and comes back."""
    began = time.monotonic()
    try:
        _Look(endpoint, trust, Deadline(timeout), turn, facts).go()
    except Trouble as trouble:
        facts.trouble, facts.detail = trouble.kind, trouble.detail
    except Exception as error:
        facts.trouble, facts.detail = INTERNAL, type(error).__name__
    facts.seconds = round(time.monotonic() - began, 3)


class _Look:
    def __init__(
        self, endpoint: Endpoint, trust: Trust, deadline: Deadline, turn: Callable[[], None], facts: Facts
    ) -> None:
        self._endpoint, self._trust, self._deadline, self._turn = endpoint, trust, deadline, turn
        self._facts = facts
        self._name = ""

    def go(self) -> None:
        if not 1 <= self._endpoint.port <= 65535:
            raise Trouble(BAD_PORT)
        self._name = to_ascii(self._endpoint.server)
        addresses = resolve(self._name, self._endpoint.port, self._deadline)
        self._facts.stage = CONNECT
        try:
            self._talk(addresses, self._trust.strict)
        except Untrusted as why:
            self._facts.verify_error, self._facts.verify_text = why.code, visible(why.text, 100)
            self._look_at_untrusted(addresses)

    def _look_at_untrusted(self, addresses: Addresses) -> None:
        """Once more without trust, for what the certificate says, and what the server would offer."""
        self._turn()
        connected = [item for item in addresses if item[1][0] == self._facts.connected_to]
        seen = dict(self._facts.addresses)
        try:
            self._talk(connected, self._trust.lax)
        except Trouble:
            # The first look was enough for a verdict.
            pass
        finally:
            self._facts.addresses = seen

    def _talk(self, addresses: Addresses, context: ssl.SSLContext) -> None:
        channel = Channel(connect(addresses, self._deadline, self._facts), self._deadline)
        try:
            self._converse(channel, context)
        finally:
            channel.close()

    def _converse(self, channel: Channel, context: ssl.SSLContext) -> None:
        dialogue: Dialogue = ImapDialogue(channel) if self._endpoint.protocol == IMAP else SmtpDialogue(channel)
        if self._endpoint.encryption:
            self._secure(channel, context)
        self._facts.stage = GREETING
        began = time.monotonic()
        if not self._endpoint.encryption and self._endpoint.port in TLS_PORTS and channel.peek(_TLS_AFTER) is None:
            self._try_tls(channel)
        greeting = dialogue.greet()
        self._facts.greeting = visible(greeting, 200)
        self._facts.greeting_seconds = round(time.monotonic() - began, 3)
        dialogue.check(greeting)
        self._facts.stage = DIALOGUE
        offer = dialogue.ask()
        if not self._endpoint.encryption:
            self._facts.plain_login, self._facts.starttls = offer.passwords, offer.starttls
            if offer.starttls:
                dialogue.starttls()
                if channel.peek(_INJECTION):
                    raise Trouble(STARTTLS_INJECTED)
                self._secure(channel, context)
                self._facts.stage = DIALOGUE
                offer = dialogue.ask()
        self._facts.capabilities = _shown(offer.capabilities)
        self._facts.mechanisms = _shown(offer.mechanisms)
        self._facts.passwords = offer.passwords
        try:
            dialogue.leave()
        except Trouble:
            # Some servers close without a word.
            pass

    def _secure(self, channel: Channel, context: ssl.SSLContext) -> None:
        self._facts.stage = HANDSHAKE
        try:
            tls = channel.start_tls(context, self._name)
        except Trouble as trouble:
            if not self._endpoint.encryption and trouble.kind != TIMED_OUT:
                raise Trouble(STARTTLS_NO_TLS, trouble.detail) from None
            raise
        self._note(tls)

    def _note(self, tls: ssl.SSLObject) -> None:
        cipher = tls.cipher()
        self._facts.tls, self._facts.cipher = tls.version(), cipher[0] if cipher else None
        self._facts.certificate = certificate_of(tls)

    def _try_tls(self, channel: Channel) -> None:
        """The server waits: for TLS, it may be. Raises Trouble either way, since what was sent means nothing else."""
        try:
            self._note(channel.start_tls(self._trust.lax, self._name))
        except Trouble as trouble:
            # A greeting that came so late is the greeting of a server that is slow.
            raise Trouble(TIMED_OUT, trouble.detail if trouble.kind == NOT_TLS else "") from None
        raise Trouble(SPEAKS_TLS)


def _shown(words: list[str]) -> list[str]:
    return [visible(word, _WORD) for word in words[:_MOST_WORDS]]
