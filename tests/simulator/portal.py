# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One portal as a web application: REST calls, stored icons, the record of requests and the control addresses."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from aiohttp import web

from . import icons
from .clock import Clock
from .control import Control
from .faults import Faults
from .limits import LeakyBucket, query_limit_exceeded
from .listener import Listener, keep_busy
from .misbehaviour import play
from .php import PhpError
from .rest import RestServer
from .store import Store
from .switches import Switches
from .transport import Route, html_error, is_json, parameters, preflight, response, route

MAX_BODY = 64 * 2**20

Reshape = Callable[[dict], dict]


class Portal:
    """The rows, the limits and the record of one portal."""

    def __init__(
        self, store: Store, clock: Clock, *, prefix: str = "", control: bool = False, bucket: LeakyBucket | None = None
    ) -> None:
        self.store, self.clock, self.bucket = store, clock, bucket
        self.prefix = prefix.rstrip("/")
        self._faults = Faults()
        self._latest: tuple[int, bytes, dict[str, str]] | None = None
        self.rest = RestServer(store, clock, self._faults)
        self.requests: list[dict[str, Any]] = []
        self.control = Control(self) if control else None
        self.listener: Listener | None = None

    @property
    def state(self) -> dict[str, Any]:
        """The rows, and the switches where some are on."""
        switches = self.rest.switches.as_list
        return {**self.store.state, **({"switches": switches} if switches else {})}

    @state.setter
    def state(self, state: dict[str, Any]) -> None:
        switches = Switches.parse(state.get("switches"))
        self.store.state = state
        self.rest.switches = switches
        self.rest.operating.clear()

    @property
    def faults(self) -> list[dict[str, Any]]:
        """What goes wrong, with its counts."""
        return self._faults.shown

    async def set_faults(self, faults: list[dict[str, Any]]) -> None:
        """Let these things go wrong and no others."""
        self._faults.replace(faults)
        await self.listener.resume()
        await self._refuse()

    def application(self) -> web.Application:
        """The portal for aiohttp to serve."""
        app = web.Application(client_max_size=MAX_BODY, middlewares=[keep_busy(self)])
        app.router.add_route("*", "/{path:.*}", self.handle)
        return app

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer any request."""
        address, _mark, query = request.raw_path.partition("?")
        inner = address.removeprefix(self.prefix) if address.startswith(f"{self.prefix}/") else None
        if self.control and (control_path := self.control.path_of(address, inner)):
            return await self.control.handle(request, control_path)
        if inner is not None and inner.startswith("/rest/"):
            answer = await self._rest(request, route(inner.removeprefix("/rest/")), query)
            if await self._refuse():
                answer.force_close()
            return answer
        self.requests.append(_recorded(request, await request.read()))
        # Icons lie at the portal's root, whatever path its REST is below.
        return self._icon(address) or html_error(404)

    async def _rest(self, request: web.Request, route: Route, query: str) -> web.StreamResponse:
        fault = self._faults.of_request(route.method.lower())
        body = b"" if fault and fault.kind == "reset" else await request.read()
        self.requests.append(_recorded(request, body))
        earlier = self._latest

        def answer(stale: bool = False, **options: Any) -> web.Response:
            found = self._answer(request, route, query, body, **options)
            self._latest = found.status, found.body, dict(found.headers)
            if stale and earlier:
                status, old, headers = earlier
                return web.Response(status=status, body=old, headers={"Content-Type": headers["Content-Type"]})
            return found

        return await play(fault, request, answer, self.clock) if fault else answer()

    def _answer(
        self, request: web.Request, route: Route, query: str, body: bytes, reshape: Reshape | None = None
    ) -> web.Response:
        if request.method == "OPTIONS":
            return preflight()
        if self.bucket and not self.bucket.admit(request.remote or ""):
            error = query_limit_exceeded()
            return response(error.status, error.body)
        try:
            params = {
                **parameters(request.method, query, request.headers.get("Content-Type", ""), body),
                **route.webhook,
            }
            status, answer = self.rest.call(
                route.method, self.rest.clean(params), request.headers.get("Authorization"), request.secure
            )
        except PhpError:
            return html_error()
        return response(status, reshape(answer) if reshape else answer, route.transport)

    async def _refuse(self) -> bool:
        """Close the listener where a fault wants it closed from now on."""
        seconds = self._faults.refusal()
        if seconds is not None:
            await self.listener.pause(seconds)
        return seconds is not None

    def _icon(self, path: str) -> web.Response | None:
        found = icons.served(self.store, path)
        return found and web.Response(body=found[0], content_type=found[1])


def _recorded(request: web.Request, body: bytes) -> dict[str, Any]:
    shown: Any = body.decode("utf-8", "replace")
    if is_json(request.headers.get("Content-Type", "")):
        try:
            shown = json.loads(shown)
        except ValueError:
            pass
    return {"method": request.method, "path": request.raw_path, "headers": dict(request.headers), "body": shown}
