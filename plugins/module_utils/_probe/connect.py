# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Connecting to every address of a name at once, so that a dead one costs the others nothing."""

from __future__ import annotations

import errno
import selectors
import socket
import time
from typing import TYPE_CHECKING

from .facts import CONNECTED, NO_ANSWER, NO_CONNECTION, NOT_TRIED, REFUSED, UNREACHABLE, Trouble

if TYPE_CHECKING:
    from typing import Any

    from .facts import Deadline, Facts
    from .names import Addresses

MOST_ADDRESSES = 8
STAGGER = 0.25
"""Seconds from one address to the next, unless one fails before."""

STRAGGLERS = 1.5
"""Seconds for the other addresses once one is connected; a first packet that was lost is sent again after one."""

_STATES = {
    errno.ECONNREFUSED: REFUSED,
    errno.ETIMEDOUT: NO_ANSWER,
    errno.ENETUNREACH: UNREACHABLE,
    errno.EHOSTUNREACH: UNREACHABLE,
    errno.EADDRNOTAVAIL: UNREACHABLE,
    errno.EAFNOSUPPORT: UNREACHABLE,
    errno.EACCES: UNREACHABLE,
    errno.EPERM: UNREACHABLE,
    errno.EINVAL: UNREACHABLE,
}


def connect(addresses: Addresses, deadline: Deadline, facts: Facts) -> socket.socket:
    """The first connection that comes about; ``facts.addresses`` tells what became of each. Raises Trouble."""
    attempts = _Attempts(addresses, facts)
    try:
        return attempts.first(deadline)
    finally:
        attempts.close()


class _Attempts:
    def __init__(self, addresses: Addresses, facts: Facts) -> None:
        self._facts = facts
        self._facts.addresses = {address[0]: NOT_TRIED for dummy, address in addresses}
        self._waiting = list(addresses[:MOST_ADDRESSES])
        self._selector = selectors.DefaultSelector()
        self._first: socket.socket | None = None
        self._next_start = 0.0

    def first(self, deadline: Deadline) -> socket.socket:
        stragglers_until = None
        while self._waiting or self._selector.get_map():
            now = time.monotonic()
            if self._first is not None:
                stragglers_until = stragglers_until or now + STRAGGLERS
                if now >= stragglers_until:
                    break
            try:
                left = deadline.left()
            except Trouble:
                if self._first is None:
                    raise self._nothing() from None
                break
            if self._waiting and now >= self._next_start:
                self._start(*self._waiting.pop(0))
                self._next_start = now + STAGGER
                continue
            ends = [left] + ([self._next_start - now] if self._waiting else [])
            ends += [stragglers_until - now] if stragglers_until is not None else []
            for key, _events in self._selector.select(max(0.0, min(ends))):
                self._settle(key.fileobj, key.data)
        if self._first is None:
            raise self._nothing()
        self._first.setblocking(True)
        return self._first

    def _start(self, family: int, address: tuple[Any, ...]) -> None:
        self._facts.addresses[address[0]] = NO_ANSWER
        try:
            sock = socket.socket(family, socket.SOCK_STREAM)
            sock.setblocking(False)
        except OSError:
            self._facts.addresses[address[0]] = UNREACHABLE
            return
        code = sock.connect_ex(address)
        if code in (0, errno.EINPROGRESS):
            self._selector.register(sock, selectors.EVENT_WRITE, address[0])
        else:
            self._failed(sock, address[0], code)

    def _settle(self, sock: Any, address: str) -> None:
        self._selector.unregister(sock)
        code = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if code:
            self._failed(sock, address, code)
            return
        self._facts.addresses[address] = CONNECTED
        if self._first is None:
            self._first, self._facts.connected_to = sock, address
        else:
            sock.close()

    def _failed(self, sock: socket.socket, address: str, code: int) -> None:
        sock.close()
        self._facts.addresses[address] = _STATES.get(code, NO_ANSWER)
        self._next_start = 0.0

    def _nothing(self) -> Trouble:
        states = set(self._facts.addresses.values())
        if REFUSED in states:
            return Trouble(REFUSED)
        return Trouble(UNREACHABLE if states == {UNREACHABLE} else NO_CONNECTION)

    def close(self) -> None:
        for key in list(self._selector.get_map().values()):
            key.fileobj.close()  # type: ignore[union-attr]
        self._selector.close()
