# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""npm's oidc-provider as the authorization server of simulated portals: it hands out the tokens, and says which are good."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.conftest import ROOT
from tests.simulator.auth import ADMIN
from tests.simulator.clock import Clock
from tests.simulator.oauth import CLIENT_ID, CLIENT_SECRET, AuthorizationServer, Grant

EXPIRED = "0ldT0kenOfTheProvider0000000000000000000000"
NPM = ROOT / ".cache" / "npm"


def server() -> Path:
    """The server's script where node finds what it needs; skips the test, saying what to do, where that is not there."""
    if not (shutil.which("node") and (NPM / "node_modules" / "oidc-provider").is_dir()):
        pytest.skip("Tokens are renewed at npm's oidc-provider: install nodejs and npm, then run make test-setup.")
    return shutil.copy(Path(__file__).with_name("server.mjs"), NPM)


class ForeignAuthorizationServer(AuthorizationServer):
    """Passes each renewal on, and puts around the answer what an authorization server of portals says besides.

    ``url_there``: of the provider; ``first``: the refresh token that it begins with, good on the portal of ``endpoint``.
    """

    def __init__(self, url_there: str, first: str) -> None:
        super().__init__(Clock())
        self.url_there, self.first = url_there, first
        self.endpoint = ""

    async def renew(self, parameters: dict[str, str], recorded: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        async with aiohttp.ClientSession() as session, session.post(
            f"{self.url_there}/token", data=parameters
        ) as reply:
            answer = await reply.json()
        recorded["code"] = answer.get("error")
        if reply.status != 200:
            return reply.status, answer
        grant = Grant("foreign", ADMIN, ("mailservice",), self.endpoint)
        expires = time.time() + answer["expires_in"]
        with self._lock:
            self._access[answer["access_token"]] = (grant, expires)
        return 200, {
            **{key: answer[key] for key in ("access_token", "refresh_token", "expires_in")},
            "expires": int(expires),
            "member_id": grant.member_id,
            "client_endpoint": self.endpoint,
            "server_endpoint": f"{self.url}/rest/",
        }

    def begin(self, endpoint: str) -> dict[str, Any]:
        """A pair for the portal of that address whose access token has expired."""
        self.endpoint = endpoint
        with self._lock:
            self._access[EXPIRED] = (Grant("foreign", ADMIN, ("mailservice",), endpoint), 0.0)
        return {
            "access_token": EXPIRED,
            "refresh_token": self.first,
            "client_endpoint": endpoint,
            "server_endpoint": f"{self.url}/rest/",
        }


class Provider:
    """The process, for a ``with`` block; ``seconds``: so long does an access token live."""

    def __init__(self, seconds: int) -> None:
        self._command = ["node", str(server()), CLIENT_ID, CLIENT_SECRET, str(seconds)]

    def __enter__(self) -> ForeignAuthorizationServer:
        self._process = subprocess.Popen(self._command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        said = json.loads(self._process.stdout.readline())
        return ForeignAuthorizationServer(said["url"], said["refresh_token"])

    def __exit__(self, *_exception: object) -> None:
        self._process.kill()
        self._process.communicate()
