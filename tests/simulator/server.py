# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Portals that listen: in the foreground for the command line, or in a thread for tests."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import tempfile
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .auth import webhook_path
from .clock import Clock
from .limits import LeakyBucket
from .listener import Listener
from .oauth import AuthorizationServer
from .portal import Portal
from .store import Store
from .tls import server_context


@dataclass
class Settings:
    """What a set of portals is started with; ``database`` is the first one's file, the others add .2, .3, …

    ``oauth``: an authorization server, or anything that is true for one of the simulator's own.
    """

    host: str = "127.0.0.1"
    port: int = 0
    database: str = ":memory:"
    portals: int = 1
    prefix: str = ""
    tls: bool = False
    control: bool = False
    oauth: Any = None
    rate: float | None = None
    burst: float = 50
    clock: Clock = field(default_factory=Clock)


class Server:
    """Serves portals, each on a port of its own, on the running event loop."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.ca_file: Path | None = None
        self.addresses: list[str] = []
        foreign = isinstance(settings.oauth, AuthorizationServer)
        self.oauth = settings.oauth if foreign else AuthorizationServer(settings.clock) if settings.oauth else None
        self._folder = contextlib.ExitStack()
        self.portals = [self._portal(number) for number in range(settings.portals)]

    def _portal(self, number: int) -> Portal:
        options = self.settings
        database = (
            options.database if options.database == ":memory:" or not number else f"{options.database}.{number + 1}"
        )
        bucket = LeakyBucket(options.clock, options.rate, options.burst) if options.rate else None
        prefix = "/" + options.prefix.strip("/") if options.prefix.strip("/") else ""
        return Portal(Store(database), options.clock, prefix=prefix, control=options.control, bucket=bucket)

    async def start(self) -> None:
        """Listen; ``addresses`` are known afterwards."""
        context = self._tls_context() if self.settings.tls else None
        for number, portal in enumerate(self.portals):
            self.addresses.append(await self._listen(portal, number, context) + portal.prefix)
            if self.oauth:
                portal.rest.holder = functools.partial(self.oauth.holder, endpoint=f"{self.addresses[-1]}/rest/")
        if self.oauth:
            self.oauth.url = await self._listen(self.oauth, len(self.portals), context)

    async def _listen(self, served: Portal | AuthorizationServer, number: int, context: Any) -> str:
        """Serve it on the port of that number; returns its address without a path."""
        port = self.settings.port + number if self.settings.port else 0
        served.listener = Listener(served.application(), self.settings.host, port, context, self.settings.clock)
        await served.listener.start()
        host = f"[{self.settings.host}]" if ":" in self.settings.host else self.settings.host
        return f"{'https' if context else 'http'}://{host}:{served.listener.port}"

    def _tls_context(self) -> Any:
        database = self.settings.database
        if database == ":memory:":
            folder = Path(self._folder.enter_context(tempfile.TemporaryDirectory(prefix="portal-")))
            self.ca_file = folder / "ca.pem"
        else:
            self.ca_file = Path(f"{database}.ca.pem").absolute()
        return server_context(self.settings.host, self.ca_file)

    async def stop(self) -> None:
        """Stop listening and let go of the files."""
        for portal in self.portals:
            if portal.listener:
                await portal.listener.stop()
            portal.store.close()
        if self.oauth and self.oauth.listener:
            await self.oauth.listener.stop()
        self._folder.close()


class RunningPortal:
    """One portal of a ``Simulator``, usable from any thread."""

    def __init__(self, portal: Portal, url: str, on_loop: Callable[[Callable[[], Any]], Any]) -> None:
        self.url = url
        self._portal = portal
        self._on_loop = on_loop

    def webhook(self, kind: str = "admin") -> str:
        """The address of a webhook: ``admin``, ``user``, ``noscope`` or ``inactive``."""
        return self.url + webhook_path(kind)

    @property
    def state(self) -> dict[str, Any]:
        """The rows, in the form of the recordings, and the switches that are on."""
        return self._on_loop(lambda: self._portal.state)

    @state.setter
    def state(self, state: dict[str, Any]) -> None:
        self._on_loop(lambda: setattr(self._portal, "state", state))

    @property
    def requests(self) -> list[dict[str, Any]]:
        """What was received, in order of arrival."""
        return self._on_loop(lambda: list(self._portal.requests))

    def clear_requests(self) -> None:
        """Forget what was received."""
        self._on_loop(self._portal.requests.clear)

    @property
    def faults(self) -> list[dict[str, Any]]:
        """What goes wrong, with its counts; see the module ``faults``."""
        return self._on_loop(lambda: self._portal.faults)

    @faults.setter
    def faults(self, faults: list[dict[str, Any]]) -> None:
        self._on_loop(lambda: self._portal.set_faults(faults))


class Simulator:
    """Portals in a thread of their own, for the time of a ``with`` block."""

    def __init__(self, **settings: Any) -> None:
        self._settings = Settings(**settings)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="portal simulator", daemon=True)
        self._server: Server | None = None
        self.portals: list[RunningPortal] = []
        self.ca_file: str | None = None

    def __enter__(self) -> Simulator:
        self._thread.start()
        try:
            self._server = self._on_loop(lambda: Server(self._settings))
            self._on_loop(self._server.start)
        except BaseException:
            self.__exit__()
            raise
        self.portals = [
            RunningPortal(portal, url, self._on_loop)
            for portal, url in zip(self._server.portals, self._server.addresses, strict=True)
        ]
        self.ca_file = str(self._server.ca_file) if self._server.ca_file else None
        return self

    def __exit__(self, *_exception: object) -> None:
        if self._server:
            self._on_loop(self._server.stop)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    @property
    def oauth(self) -> AuthorizationServer:
        """The portals' authorization server; usable from any thread."""
        assert self._server and self._server.oauth
        return self._server.oauth

    @property
    def clock(self) -> Clock:
        """The portals' clock."""
        return self._settings.clock

    @property
    def url(self) -> str:
        """The address of the first portal."""
        return self.portals[0].url

    @property
    def state(self) -> dict[str, Any]:
        """The rows of the first portal."""
        return self.portals[0].state

    @state.setter
    def state(self, state: dict[str, Any]) -> None:
        self.portals[0].state = state

    @property
    def requests(self) -> list[dict[str, Any]]:
        """What the first portal received."""
        return self.portals[0].requests

    def clear_requests(self) -> None:
        """Forget what the first portal received."""
        self.portals[0].clear_requests()

    @property
    def faults(self) -> list[dict[str, Any]]:
        """What goes wrong on the first portal."""
        return self.portals[0].faults

    @faults.setter
    def faults(self, faults: list[dict[str, Any]]) -> None:
        self.portals[0].faults = faults

    def webhook(self, kind: str = "admin") -> str:
        """A webhook's address on the first portal."""
        return self.portals[0].webhook(kind)

    def _on_loop(self, function: Callable[[], Any]) -> Any:
        async def call() -> Any:
            result = function()
            return await result if asyncio.iscoroutine(result) else result

        return asyncio.run_coroutine_threadsafe(call(), self._loop).result()
