# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The authorization server of some portals: hands out pairs of tokens, and a new pair for each refresh token, once."""

from __future__ import annotations

import hashlib
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import web

from .auth import ADMIN, User, refuse
from .clock import Clock
from .faults import Faults
from .listener import Listener, keep_busy
from .misbehaviour import play
from .transport import response

PATH = "/oauth/token/"
LIFETIME = 3600.0
CLIENT_ID, CLIENT_SECRET = "local.64f0c0ffee0001", "clientsecret00000000000000000000000000000000000001"
REFUSALS = {"invalid_client": 401, "PAYMENT_REQUIRED": 402}
"""The status of each error that has another than 400."""


@dataclass
class Grant:
    """An application's being let in on one portal by one user."""

    member_id: str
    user: User
    scopes: tuple[str, ...]
    endpoint: str


class AuthorizationServer:
    """``requests``: what was received, each with its ``parameters`` and the ``code`` of the refusal or None.

    ``lifetime``: seconds that an access token lives; ``refuses``: the code of an error that every renewal gets;
    ``alter``: is given each new pair and returns what is sent in its place.
    """

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.url = ""
        self.listener: Listener | None = None
        self._lock = threading.Lock()
        self.reset()

    def reset(self) -> None:
        """Forget everything."""
        self.lifetime = LIFETIME
        self.requests: list[dict[str, Any]] = []
        self.refuses: str | None = None
        self.alter: Callable[[dict[str, Any]], dict[str, Any]] = dict
        self._faults = Faults()
        self._refresh: dict[str, Grant] = {}
        self._spent: set[str] = set()
        self._access: dict[str, tuple[Grant, float]] = {}

    def issue(
        self,
        endpoint: str,
        user: User = ADMIN,
        scopes: tuple[str, ...] = ("mailservice",),
        lifetime: float | None = None,
    ) -> dict[str, Any]:
        """The answer of a first authorization on the portal whose REST address that is."""
        member_id = hashlib.sha256(endpoint.encode()).hexdigest()[:32]
        return self._pair(Grant(member_id, user, scopes, endpoint), lifetime)

    def moved(self, before: str, after: str) -> None:
        """The portal of that REST address has got another; its name only, it is the same portal."""
        for grant in self._refresh.values():
            if grant.endpoint == before:
                grant.endpoint = after

    def expire(self) -> None:
        """Let every access token that was handed out be expired."""
        with self._lock:
            self._access = {token: (grant, 0.0) for token, (grant, _expires) in self._access.items()}

    @property
    def renewals(self) -> int:
        """How many pairs were handed out for a refresh token."""
        return sum(request["code"] is None for request in self.requests)

    @property
    def spent_ones_sent(self) -> int:
        """How many refresh tokens came that had been used before."""
        return sum(request["spent"] for request in self.requests)

    @property
    def handed_out(self) -> list[str]:
        """Every token of either kind."""
        with self._lock:
            return [*self._access, *self._refresh]

    @property
    def faults(self) -> list[dict[str, Any]]:
        """What goes wrong with renewals, with its counts; see the module ``faults``."""
        return self._faults.shown

    @faults.setter
    def faults(self, faults: list[dict[str, Any]]) -> None:
        self._faults.replace(faults)

    def holder(self, token: str, endpoint: str) -> tuple[User, tuple[str, ...]] | None:
        """Whom an access token stands for on the portal of that address; None for one that is not known there."""
        grant, expires = self._access.get(token, (None, 0.0))
        if grant is None or grant.endpoint != endpoint:
            return None
        if self.clock.time() >= expires:
            raise refuse("expired_token", "The access token provided has expired.")
        return grant.user, grant.scopes

    def knows(self, refresh_token: str) -> bool:
        """Whether the refresh token is good for a renewal."""
        return refresh_token in self._refresh and refresh_token not in self._spent

    def application(self) -> web.Application:
        """The server for aiohttp to serve."""
        app = web.Application(middlewares=[keep_busy(self)])
        app.router.add_route("*", PATH, self._handle)
        return app

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        body = await request.text()
        parameters = {**request.query, **dict(parse_qsl(body, keep_blank_values=True))}
        recorded = {
            "method": request.method,
            "path": request.raw_path,
            "headers": dict(request.headers),
            "parameters": parameters,
            "spent": False,
            "code": "not carried out",
        }
        self.requests.append(recorded)

        status, answer = 0, {}
        fault = self._faults.of_request("oauth/token")
        if fault is None or fault.kind in ("cut_after_commit", "delay", "half_body", "huge_body", "html"):
            status, answer = await self.renew(parameters, recorded)

        def give(**_options: Any) -> web.Response:
            return response(status, answer)

        return await play(fault, request, give, self.clock) if fault else give()

    async def renew(self, parameters: dict[str, str], recorded: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """The status and the body of the answer; what came of it is recorded."""
        code = self.refuses or self._refusal(parameters, recorded)
        recorded["code"] = code
        if code:
            return REFUSALS.get(code, 400), {"error": code, "error_description": f"{code} of the simulator"}
        with self._lock:
            self._spent.add(parameters["refresh_token"])
        return 200, self.alter(self._pair(self._refresh[parameters["refresh_token"]]))

    def _refusal(self, parameters: dict[str, str], recorded: dict[str, Any]) -> str | None:
        refresh_token = parameters.get("refresh_token", "")
        recorded["spent"] = refresh_token in self._spent
        if parameters.get("grant_type") != "refresh_token":
            return "invalid_request"
        if (parameters.get("client_id"), parameters.get("client_secret")) != (CLIENT_ID, CLIENT_SECRET):
            return "invalid_client"
        return None if self.knows(refresh_token) else "invalid_grant"

    def _pair(self, grant: Grant, lifetime: float | None = None) -> dict[str, Any]:
        lifetime = self.lifetime if lifetime is None else lifetime
        access, refresh = (f"{kind}{secrets.token_hex(30)}" for kind in ("a", "r"))
        expires = self.clock.time() + lifetime
        with self._lock:
            self._access[access] = (grant, expires)
            self._refresh[refresh] = grant
        return {
            "access_token": access,
            "refresh_token": refresh,
            "expires": int(expires),
            "expires_in": int(lifetime),
            "scope": ",".join(grant.scopes),
            "server_endpoint": f"{self.url}/rest/",
            "client_endpoint": grant.endpoint,
            "member_id": grant.member_id,
            "user_id": grant.user.id,
            "status": "L",
        }
