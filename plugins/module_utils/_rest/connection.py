# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What requests does not tell of an exchange: whether anything was sent, and whether it takes longer than it may.

An exception after the connection was made looks the same as one before, in some versions, and a socket's time-out
starts anew with every byte. So the connections that urllib3's pools make are tracked ones.
"""

from __future__ import annotations

import http.client
import io
import socket
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


class ConnectionTracker:
    """Knows of the exchange under way how much time is left, and whether the request may have left.

    It may from the moment on that the connection was made.
    """

    def __init__(self, timeout: float, clock: Callable[[], float]) -> None:
        self._timeout = timeout
        self._clock = clock
        self._end = 0.0
        self._classes: dict[type, type] = {}
        self.sent = False

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
            if not self.making:
                tracker.sent = True
            return super().send(data)

        def response_class(self, sock: socket.socket, *args: Any, **kwargs: Any) -> http.client.HTTPResponse:
            response = http.client.HTTPResponse(sock, *args, **kwargs)
            response.fp = io.BufferedReader(_Timed(response.fp.detach(), sock, tracker))
            return response

    return Tracked


class _Timed(io.RawIOBase):
    """A socket's file that stops when the exchange's time is over, however steadily the bytes trickle in."""

    def __init__(self, raw: io.RawIOBase, sock: socket.socket, tracker: ConnectionTracker) -> None:
        super().__init__()
        self._raw = raw
        self._sock = sock
        self._tracker = tracker

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        self._sock.settimeout(self._tracker.left())
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()
