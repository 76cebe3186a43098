# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PHP's reading of addresses, queries and forms: ``parse_str``, ``parse_url`` and multipart bodies."""

from __future__ import annotations

import re
from email.parser import BytesParser
from email.policy import HTTP
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

from .php import append, array_key

MAX_VARIABLES = 10000  # max_input_vars of the server that was recorded
_SCHEME = re.compile(r"[A-Za-z0-9+.-]+\Z")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class Url(NamedTuple):
    """The parts of ``parse_url`` that the portal uses; a part that is not there is None."""

    path: str | None
    query: str | None


def decode(text: str) -> str:
    """``urldecode``; a byte that is not UTF-8 lives on as a lone surrogate."""
    return unquote_to_bytes(text.replace("+", " ").encode("utf-8", "surrogateescape")).decode(
        "utf-8", "surrogateescape"
    )


def parse_str(text: str) -> dict:
    """``parse_str``: a query or a form, with its brackets, as a PHP array."""
    variables: dict = {}
    for part in [part for part in text.split("&") if part][:MAX_VARIABLES]:
        name, _equals, value = part.partition("=")
        _register(variables, decode(name), decode(value))
    return variables


def _register(variables: dict, name: str, value: str) -> None:
    name = name.lstrip(" ").partition("\0")[0]
    base, bracket, rest = name.partition("[")
    keys, broken = _indexes(bracket + rest)
    if broken and not keys:
        base += "_" + re.sub(r"[ .\[]", "_", rest)
    if not base:
        return
    path: list[str | None] = [re.sub(r"[ .]", "_", base), *keys]
    array = variables
    for key in path[:-1]:
        array = _enter(array, key)
    if path[-1] is None:
        append(array, value)
    else:
        array[array_key(path[-1])] = value


def _indexes(text: str) -> tuple[list[str | None], bool]:
    """The keys of ``[a][b][]`` (None: append), and whether a bracket stayed open."""
    keys: list[str | None] = []
    while text.startswith("["):
        inner, closed, text = text[1:].partition("]")
        if not closed:
            return keys, True
        keys.append(None if not inner.strip(" \t\n\r\v\f") and len(inner) < 2 else inner)
    return keys, False


def _enter(array: dict, key: str | None) -> dict:
    if key is None:
        inner: dict = {}
        append(array, inner)
        return inner
    index = array_key(key)
    if not isinstance(array.get(index), dict):
        array[index] = {}
    return array[index]


def parse_multipart(content_type: str, body: bytes) -> dict:
    """The fields of a ``multipart/form-data`` body; uploaded files are not looked at."""
    head = f"Content-Type: {content_type}\r\n\r\n".encode("utf-8", "replace")
    message = BytesParser(policy=HTTP).parsebytes(head + body)
    variables: dict = {}
    for part in message.iter_parts() if message.is_multipart() else ():
        name = part.get_param("name", header="content-disposition")
        if isinstance(name, str) and part.get_filename() is None:
            content = part.get_payload(decode=True) or b""
            _register(variables, name, content.decode("utf-8", "surrogateescape"))
    return variables


def parse_url(text: str) -> Url | None:
    """``parse_url``; None where PHP returns false."""
    start, host = _authority(text)
    if start is None:
        return None
    if host is None:
        return Url(None, None)
    if host:
        end = re.search(r"[/?#]|\Z", text[start:]).start() + start
        if not _valid_host(text[start:end]):
            return None
        if end == len(text):
            return Url(None, None)
        start = end
    rest = text[start:].partition("#")[0]
    path, mark, query = rest.partition("?")
    has_path = bool(path) or not text[start:]
    return Url(_clean(path) if has_path else None, _clean(query) if mark else None)


def _authority(text: str) -> tuple[int | None, bool | None]:
    """Where the host (True) or the path (False) starts; (None, …): not an address; (0, None): a scheme alone."""
    colon = text.find(":")
    relative = 2 if text.startswith("//") else 0
    if colon < 0:
        return relative, bool(relative)
    if colon > 0 and _SCHEME.match(text[:colon]):
        after = text[colon + 1 :]
        if not after:
            return 0, None
        if after.startswith("//"):
            return colon + 3, text[:colon].lower() != "file" or not after.startswith("///")
        if after.startswith("/") or not re.match(r"\d{1,5}(?:/|\Z)", after):
            return colon + 1, False
    elif colon > 0 and not (colon + 1 < len(text) and colon < re.search(r"[?#]|\Z", text).start()):
        return relative, bool(relative)
    port = re.match(r"\d*", text[colon + 1 :])[0]
    tail = text[colon + 1 + len(port) :]
    if 0 < len(port) < 6 and (not tail or tail.startswith("/")):
        return (relative, True) if int(port) <= 65535 else (None, None)
    if not port and not tail:
        return None, None
    return relative, bool(relative)


def _valid_host(authority: str) -> bool:
    host = authority.rpartition("@")[2]
    if host.startswith("[") and host.endswith("]"):
        return True
    name, colon, port = host.rpartition(":")
    if not colon:
        return bool(host)
    return (
        bool(name) and len(port) <= 5 and (not port or (port[0].isdigit() and int(re.match(r"\d+", port)[0]) <= 65535))
    )


def _clean(text: str) -> str:
    return _CONTROL.sub("_", text)
