# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The open port of one portal, which can be closed for a while."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable
from typing import Protocol

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from .clock import Clock


class Listening(Protocol):
    listener: Listener | None


def keep_busy(server: Listening) -> Middleware:
    """A middleware by which the server's listener knows which connections are being answered."""

    @web.middleware
    async def busy(request: web.Request, handler: Handler) -> web.StreamResponse:
        transport, answered = request.transport, server.listener.busy
        answered.add(transport)
        try:
            return await handler(request)
        finally:
            answered.discard(transport)

    return busy


class Listener:
    """Serves an application on a port, and keeps that port when it comes back after a pause.

    ``busy`` holds the connections that are being answered.
    """

    def __init__(
        self, app: web.Application, host: str, port: int, context: ssl.SSLContext | None, clock: Clock
    ) -> None:
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
        self._host, self._context, self._clock = host, context, clock
        self.port = port
        self._site: web.TCPSite | None = None
        self.busy: set[asyncio.BaseTransport] = set()
        self._pause: asyncio.Task | None = None
        self._wake = asyncio.Event()
        self._stopped = False

    async def start(self) -> None:
        """Listen; ``port`` is known afterwards."""
        await self._runner.setup()
        await self._open()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Close for good."""
        self._stopped = True
        await self.resume()
        await self._runner.cleanup()

    async def pause(self, seconds: float) -> None:
        """Close the port and all connections that are not being answered, and come back after ``seconds``."""
        await self.resume()
        await self._site.stop()
        for connection in self._runner.server.connections:
            if connection.transport in self.busy:
                connection.close()  # once it is answered
            else:
                connection.force_close()
        await asyncio.sleep(0)  # transports close their sockets in the loop's next round
        self._pause = asyncio.get_running_loop().create_task(self._come_back(self._clock.sleep(seconds)))

    async def resume(self) -> None:
        """End a pause before its time."""
        self._wake.set()
        if self._pause:
            await self._pause
        self._wake.clear()

    async def _open(self) -> None:
        self._site = web.TCPSite(self._runner, self._host, self.port, ssl_context=self._context)
        await self._site.start()

    async def _come_back(self, time_is_up: Awaitable[None]) -> None:
        waits = [asyncio.ensure_future(time_is_up), asyncio.ensure_future(self._wake.wait())]
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        for wait in waits:
            wait.cancel()
        if not self._stopped:
            await self._open()
