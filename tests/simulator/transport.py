# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""HTTP on its way in and out: which method is meant, with which parameters, and how an answer is written."""

from __future__ import annotations

import re
from typing import Any, NamedTuple
from urllib.parse import unquote
from xml.sax.saxutils import escape

from aiohttp import web

from . import php
from .query import parse_multipart, parse_str

HTML_ERROR = "<!DOCTYPE html><html><head><title>Error</title></head><body><h1>An error occurred while processing the request.</h1></body></html>"
_TYPES = {"json": "application/json; charset=utf-8", "xml": "text/xml; charset=utf-8"}


class Route(NamedTuple):
    """What an address below ``/rest/`` asks for."""

    method: str
    transport: str
    webhook: dict[str, str]


def route(path: str) -> Route:
    """Take the part of a path after ``/rest/`` apart."""
    parts = re.sub(r"/+", "/", unquote(path, errors="surrogateescape")).removesuffix("/").split("/")
    webhook = {}
    if len(parts) == 3:
        webhook = {"aplogin": parts[0], "ap": parts[1]}
    elif len(parts) != 1:
        return Route("", "json", {})
    method, dot, suffix = parts[-1].rpartition(".")
    if method and dot and suffix.lower() in _TYPES:
        return Route(method, suffix.lower(), webhook)
    return Route(parts[-1], "json", webhook)


def parameters(verb: str, query: str, content_type: str, body: bytes) -> dict:
    """The parameters of a request: those of the body win over those of the query."""
    params = parse_str(query)
    if verb == "POST":
        params.update(_form(content_type, body) or _json(content_type, body))
    return params


def is_json(content_type: str) -> bool:
    """Whether PHP's side takes a body of this type for JSON."""
    return bool(re.fullmatch(r"application/(.+\+)?json", content_type.partition(";")[0].strip(), re.IGNORECASE))


def _form(content_type: str, body: bytes) -> dict:
    if content_type.lower().startswith("multipart/form-data"):
        return parse_multipart(content_type, body)
    if is_json(content_type):
        return {}
    return parse_str(body.decode("utf-8", "surrogateescape").strip(" \t\n\r\0\v"))


def _json(content_type: str, body: bytes) -> dict:
    if not is_json(content_type):
        return {}
    try:
        sent = php.from_json(body.decode("utf-8").strip(" \t\n\r\0\v"))
    except (php.JsonError, UnicodeDecodeError):
        return {}
    return sent if isinstance(sent, dict) else {}


def response(status: int, body: dict, transport: str = "json", headers: dict[str, str] | None = None) -> web.Response:
    """A REST answer."""
    text = php.to_json(body) if transport == "json" else _xml({"response": body})
    raw = text.encode("utf-8", "replace")
    return web.Response(status=status, body=raw, headers={"Content-Type": _TYPES[transport], **(headers or {})})


def html_error(status: int = 500) -> web.Response:
    """The page that stands where an answer should be when PHP itself, or what is in front of it, fails."""
    return web.Response(status=status, body=HTML_ERROR.encode(), headers={"Content-Type": "text/html; charset=UTF-8"})


def preflight() -> web.Response:
    """What a browser asks for before it calls from another site."""
    headers = {"Access-Control-Allow-Methods": "POST, OPTIONS", "Access-Control-Max-Age": "60"}
    return web.Response(headers={"Content-Type": "text/html; charset=UTF-8", **headers})


def _xml(values: dict) -> str:
    return "".join(
        f"<{name}>{_xml(value) if isinstance(value, dict) else _xml_text(value)}</{name}>"
        for name, value in _named(values)
    )


def _named(values: dict) -> Any:
    return (("item" if isinstance(key, int) else key, value) for key, value in values.items())


def _xml_text(value: Any) -> str:
    return escape(php.to_text(value), {'"': "&quot;", "'": "&apos;"})
