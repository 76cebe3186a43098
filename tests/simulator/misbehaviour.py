# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How a portal misbehaves: carries a fault of a request out, down to the socket."""

from __future__ import annotations

import socket
import struct
from collections.abc import Awaitable, Callable

from aiohttp import web

from .auth import refuse
from .clock import Clock
from .errors import RestError
from .faults import Fault
from .limits import query_limit_exceeded
from .shapes import reshape
from .transport import html_error, response

CHUNK = b"a" * 65536

Answer = Callable[..., web.Response]
Play = Callable[[Fault, web.Request, Answer, Clock], Awaitable[web.StreamResponse]]


async def play(fault: Fault, request: web.Request, answer: Answer, clock: Clock) -> web.StreamResponse:
    """Answer a request as the fault wants it; ``answer(reshape=…)`` carries the call out."""
    return await _PLAYS[fault.kind](fault, request, answer, clock)


async def _reset(_fault: Fault, request: web.Request, _answer: Answer, _clock: Clock) -> web.StreamResponse:
    # Closed with a linger time of zero, a connection ends with RST instead of FIN.
    request.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    request.transport.abort()
    return web.Response()


async def _cut_after_commit(_fault: Fault, request: web.Request, answer: Answer, _clock: Clock) -> web.StreamResponse:
    answer()
    request.transport.abort()
    return web.Response()


async def _delay(fault: Fault, _request: web.Request, answer: Answer, clock: Clock) -> web.StreamResponse:
    early = answer() if fault.options["commit"] == "before" else None
    await clock.sleep(fault.options["seconds"])
    return early or answer()


async def _half_body(_fault: Fault, request: web.Request, answer: Answer, _clock: Clock) -> web.StreamResponse:
    whole = answer()
    half = web.StreamResponse(status=whole.status, headers={"Content-Type": whole.headers["Content-Type"]})
    half.content_length = len(whole.body)
    await half.prepare(request)
    await half.write(whole.body[: len(whole.body) // 2])
    request.transport.close()
    return half


async def _html(fault: Fault, _request: web.Request, answer: Answer, _clock: Clock) -> web.StreamResponse:
    if fault.options["commit"]:
        answer()
    return html_error(fault.options["status"])


async def _query_limit(fault: Fault, _request: web.Request, _answer: Answer, _clock: Clock) -> web.StreamResponse:
    seconds = fault.options["retry_after"]
    return _refused(query_limit_exceeded(), {} if seconds is None else {"Retry-After": str(seconds)})


async def _expired_token(_fault: Fault, _request: web.Request, _answer: Answer, _clock: Clock) -> web.StreamResponse:
    return _refused(refuse("expired_token", "The access token provided has expired."))


async def _overload(fault: Fault, _request: web.Request, _answer: Answer, _clock: Clock) -> web.StreamResponse:
    return _refused(RestError("OVERLOAD_LIMIT", "REST API is blocked due to overload.", fault.options["status"]))


async def _redirect(fault: Fault, request: web.Request, _answer: Answer, _clock: Clock) -> web.StreamResponse:
    address = fault.options["to"].replace("{path}", request.raw_path)
    return web.Response(status=fault.options["status"], headers={"Location": address})


async def _twice(fault: Fault, _request: web.Request, answer: Answer, _clock: Clock) -> web.StreamResponse:
    first, second = answer(), answer()
    return first if fault.options["answer"] == "first" else second


async def _stale(_fault: Fault, _request: web.Request, answer: Answer, _clock: Clock) -> web.StreamResponse:
    return answer(stale=True)


async def _doubled(_fault: Fault, request: web.Request, answer: Answer, _clock: Clock) -> web.StreamResponse:
    whole = answer()
    head = f"HTTP/1.1 {whole.status} -\r\nContent-Type: {whole.headers['Content-Type']}\r\n"
    raw = f"{head}Content-Length: {len(whole.body)}\r\n\r\n".encode() + whole.body
    request.transport.write(raw * 2)
    request.transport.close()
    return web.Response()


async def _huge_body(fault: Fault, request: web.Request, answer: Answer, _clock: Clock) -> web.StreamResponse:
    answer()
    start, end, left = b'{"result":"', b'"}', fault.options["bytes"]
    huge = web.StreamResponse(headers={"Content-Type": "application/json; charset=utf-8"})
    if fault.options["length"]:
        huge.content_length = left
    await huge.prepare(request)
    left -= len(start) + len(end)
    try:
        await huge.write(start)
        while left > 0:
            await huge.write(CHUNK[:left])
            left -= len(CHUNK)
        await huge.write(end)
    except ConnectionError:  # the client has read enough
        request.transport.abort()
    return huge


async def _wrong_shape(fault: Fault, _request: web.Request, answer: Answer, _clock: Clock) -> web.StreamResponse:
    return answer(reshape=lambda body: reshape(body, fault.options["shape"], fault.options["key"]))


def _refused(error: RestError, headers: dict[str, str] | None = None) -> web.Response:
    return response(error.status, error.body, headers=headers)


_PLAYS: dict[str, Play] = {
    "reset": _reset,
    "cut_after_commit": _cut_after_commit,
    "delay": _delay,
    "half_body": _half_body,
    "html": _html,
    "query_limit": _query_limit,
    "expired_token": _expired_token,
    "overload": _overload,
    "redirect": _redirect,
    "twice": _twice,
    "stale": _stale,
    "doubled": _doubled,
    "huge_body": _huge_body,
    "wrong_shape": _wrong_shape,
}
