# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The body of an answer, unpacked and whole, within a size."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

from .response import MAX_BODY

if TYPE_CHECKING:
    from collections.abc import Callable

    import requests

    from .errors import ErrorFactory

CHUNK = 64 * 1024


def read_body(
    method: str, response: requests.Response, error_factory: ErrorFactory, most_bytes: int = MAX_BODY
) -> bytes:
    """The whole body, unpacked, up to ``most_bytes`` of it. requests would unpack a chunk of any size in one go.

    Raises PortalError, and what http.client, urllib3 and zlib raise.
    """
    raw, status = response.raw, response.status_code
    encoding = (response.headers.get("Content-Encoding") or "identity").strip().lower()
    if encoding not in ("identity", "gzip", "x-gzip"):
        raise error_factory.transport_error(
            method,
            "unexpected_answer",
            f"the response (HTTP {status}) has an unsupported Content-Encoding",
            status=status,
        )
    unpack: Callable[[bytes, int], bytes] = _Gunzip() if encoding != "identity" else _as_it_is
    body, received = bytearray(), 0
    while len(body) <= most_bytes:
        chunk = raw.read(CHUNK, decode_content=False)
        received += len(chunk)
        body += unpack(chunk, most_bytes + 1 - len(body))
        if not chunk:
            break
    else:
        raise error_factory.transport_error(
            method,
            "too_large",
            f"the response (HTTP {status}) is larger than {most_bytes // 1024 // 1024} MiB",
            status=status,
        )
    announced = response.headers.get("Content-Length") or ""
    if (
        announced.isascii()
        and announced.isdigit()
        and received < int(announced[:18])
        and status not in (204, 304)
        or not getattr(unpack, "whole", True)
    ):
        raise error_factory.transport_error(
            method, "cut_off", f"the response (HTTP {status}) is cut off after {received} bytes", status=status
        )
    return bytes(body)


class _Gunzip:
    """Unpacks gzip, never more than asked for at a time."""

    def __init__(self) -> None:
        self._unpacker = zlib.decompressobj(16 + zlib.MAX_WBITS)

    def __call__(self, chunk: bytes, most: int) -> bytes:
        unpacked = self._unpacker.decompress(self._unpacker.unconsumed_tail + chunk, most)
        return unpacked

    @property
    def whole(self) -> bool:
        return self._unpacker.eof


def _as_it_is(chunk: bytes, most: int) -> bytes:
    return chunk
