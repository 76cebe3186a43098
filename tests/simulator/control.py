# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The control addresses of a portal: ``/_control/state``, ``…/requests`` and ``…/faults``, at the root and below the prefix."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aiohttp import web

if TYPE_CHECKING:
    from .portal import Portal

ROOT = "/_control/"


class Control:
    """Sets and shows what is behind a portal; not counted, limited or recorded."""

    def __init__(self, portal: Portal) -> None:
        self.portal = portal
        self._actions = {
            ("PUT", "state"): self._put_state,
            ("GET", "state"): self._get_state,
            ("GET", "requests"): self._get_requests,
            ("DELETE", "requests"): self._delete_requests,
            ("PUT", "faults"): self._put_faults,
            ("GET", "faults"): self._get_faults,
        }

    @staticmethod
    def path_of(address: str, inner: str | None) -> str | None:
        """What is asked for below ``/_control/``, or None where something else is."""
        found = next((path for path in (address, inner) if path and path.startswith(ROOT)), None)
        return found and found.removeprefix(ROOT).rstrip("/")

    async def handle(self, request: web.Request, path: str) -> web.Response:
        """Answer one control request; an error tells what is wrong with it."""
        action = self._actions.get((request.method, path))
        if not action:
            known = ", ".join(f"{verb} {ROOT}{name}" for verb, name in self._actions)
            return web.json_response({"error": f"there are only {known}"}, status=404)
        try:
            sent = await request.json() if request.method == "PUT" else None
            return web.json_response(await action(sent))
        except (ValueError, TypeError, AttributeError, KeyError) as error:
            return web.json_response({"error": f"{type(error).__name__}: {error}"}, status=400)

    async def _put_state(self, sent: Any) -> Any:
        self.portal.state = sent
        return self.portal.state

    async def _get_state(self, _sent: Any) -> Any:
        return self.portal.state

    async def _get_requests(self, _sent: Any) -> Any:
        return self.portal.requests

    async def _delete_requests(self, _sent: Any) -> Any:
        self.portal.requests.clear()
        return []

    async def _put_faults(self, sent: Any) -> Any:
        await self.portal.set_faults(sent)
        return self.portal.faults

    async def _get_faults(self, _sent: Any) -> Any:
        return self.portal.faults
