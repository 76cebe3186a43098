# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What requests does not tell of an exchange: whether anything was sent, whether it takes longer than it may, and
whether more came than its answer.

An exception after the connection was made looks the same as one before, in some versions, a socket's time-out starts
anew with every byte, and what comes before a request or behind an answer is silently dropped. So the connections that
urllib3's pools make are tracked ones.
"""

from __future__ import annotations

import errno
import http.client
import io
import socket
import ssl
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


MOST_INTERIM = 1000
_NOTHING_YET = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)


class EarlyAnswer(http.client.HTTPException):
    """Something came on the connection before anything was asked."""


class ConnectionTracker:
    """Knows of the exchange under way how much time is left, and whether the request may have left.

    It may from the moment on that the connection was made. ``surplus``: whether anything came behind the answer.
    """

    def __init__(self, timeout: float, clock: Callable[[], float]) -> None:
        self._timeout = timeout
        self._clock = clock
        self._end = 0.0
        self._classes: dict[type, type] = {}
        self.sent = False
        self.surplus = False

    def begin(self) -> None:
        """An exchange begins."""
        self.sent = self.surplus = False

    def start(self) -> None:
        self._end = self._clock() + self._timeout

    def left(self) -> float:
        left = self._end - self._clock()
        if left <= 0:
            raise socket.timeout("the time is over")
        return left

    def instrument(self, manager: Any) -> None:
        """Have all connections that the pool manager (urllib3's) makes tracked."""
        manager.pool_classes_by_scheme = {
            scheme: self._tracked(pool) for scheme, pool in manager.pool_classes_by_scheme.items()
        }

    def _tracked(self, pool: Any) -> type:
        if pool not in self._classes and pool not in self._classes.values():
            connection = _tracked_connection(pool.ConnectionCls, self)
            self._classes[pool] = type("Watched" + pool.__name__, (pool,), {"ConnectionCls": connection})
        return self._classes.get(pool, pool)


def _tracked_connection(base: Any, tracker: ConnectionTracker) -> type:
    class Tracked(base):
        making = False

        def connect(self) -> Any:
            self.making = True
            try:
                return super().connect()
            finally:
                self.making = False

        def send(self, data: Any) -> Any:
            if self.sock is None:
                self.connect()
            if not self.making and not tracker.sent:
                _refuse_early_answer(self.sock)
                tracker.sent = True
            return super().send(data)

        def response_class(self, sock: socket.socket, *args: Any, **kwargs: Any) -> http.client.HTTPResponse:
            return _Response(tracker, sock, *args, **kwargs)

    return Tracked


def _refuse_early_answer(sock: socket.socket) -> None:
    """Raise EarlyAnswer where the socket holds anything, OSError where it is closed."""
    timeout = sock.gettimeout()
    sock.settimeout(0)
    try:
        if sock.recv(1):
            raise EarlyAnswer
        raise ConnectionResetError(errno.ECONNRESET, "closed before the request was sent")
    except _NOTHING_YET:
        pass
    finally:
        sock.settimeout(timeout)


class _Response(http.client.HTTPResponse):
    """Skips all interim answers, where http.client skips "100 Continue" only; looks what comes behind the end."""

    def __init__(self, tracker: ConnectionTracker, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self._tracker = tracker
        self._timed = _Timed(self.fp.detach(), sock, tracker)
        self.fp = io.BufferedReader(self._timed)

    def _read_status(self) -> Any:
        for _dummy in range(MOST_INTERIM):
            found = super()._read_status()  # type: ignore[misc]  # not in typeshed
            if not 100 <= found[1] < 200 or found[1] == http.client.SWITCHING_PROTOCOLS:
                return found
            http.client.parse_headers(self.fp)
        raise http.client.HTTPException("too many interim responses")

    def _close_conn(self) -> None:
        if self.fp is not None and not self.fp.closed:
            self._timed.waits = False
            self._tracker.surplus |= bool(self.fp.peek(1).strip())
        super()._close_conn()  # type: ignore[misc]  # not in typeshed


class _Timed(io.RawIOBase):
    """A socket's file that stops when the exchange's time is over, however steadily the bytes trickle in.

    ``waits``: False for one that only looks whether something is there.
    """

    def __init__(self, raw: io.RawIOBase, sock: socket.socket, tracker: ConnectionTracker) -> None:
        super().__init__()
        self._raw = raw
        self._sock = sock
        self._tracker = tracker
        self.waits = True

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        if self.waits:
            self._sock.settimeout(self._tracker.left())
            return self._raw.readinto(buffer)
        timeout = self._sock.gettimeout()
        try:
            self._sock.settimeout(0)
            return self._raw.readinto(buffer)
        except (OSError, ValueError):
            return None
        finally:
            self._sock.settimeout(timeout)

    def close(self) -> None:
        self._raw.close()
        super().close()
