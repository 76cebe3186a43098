# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A pair of tokens with what the authorization server said of it, as its answer and a token_file hold it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from .address import parse_address
from .errors import OptionError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .address import Address

ACCESS, REFRESH = "access_token", "refresh_token"
PORTAL, SERVER = "client_endpoint", "server_endpoint"
_TOKEN = re.compile(r"[!-~]{1,4096}\Z")
_MOMENTS = (1e9, 1e11)
"""Seconds since 1970; what lies outside is none of these, but for instance the seconds that a token lives."""


class Tokens:
    """values: as they are stored; access: a text; refresh: a text or None; portal, server: an Address or None.

    member_id: what identifies the portal, whatever its name is, or None; expires: seconds since 1970 or None;
    secrets: a set of texts.
    """

    def __init__(self, values: Mapping[str, Any], name: str) -> None:
        """name: what to call the values in an error. Raises OptionError."""
        problems = [
            f"{name} holds no {key}" if not values.get(key) else f"{name}: {key} holds a character that no token has"
            for key in (ACCESS, REFRESH)
            if not is_token(values.get(key)) and (values.get(key) or key == ACCESS)
        ]
        addresses: dict[str, Address | None] = {}
        for key in (PORTAL, SERVER):
            try:
                addresses[key] = endpoint(values.get(key), f"{name}: {key}")
            except OptionError as error:
                problems.extend(error.problems)
        if problems:
            raise OptionError(problems)
        self.values = dict(values)
        self.access: str = values[ACCESS]
        self.refresh: str | None = values.get(REFRESH) or None
        self.portal = addresses[PORTAL]
        self.server = addresses[SERVER]
        self.member_id = str(values["member_id"]) if values.get("member_id") else None
        self.expires = _moment(values.get("expires"))
        self.secrets = {form for text in (self.access, self.refresh) if text for form in (text, quote(text, safe=""))}


def is_token(value: object) -> bool:
    return isinstance(value, str) and bool(_TOKEN.match(value))


def endpoint(value: object, name: str) -> Address | None:
    """The address in front of ``/rest/``, or None where there is none. Raises OptionError."""
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise OptionError(f"{name} is no text")
    return parse_address(value, name, query_allowed=False).before_rest()


def _moment(value: object) -> float | None:
    if isinstance(value, str) and value.isascii() and value.isdigit():
        value = int(value[:18])
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not _MOMENTS[0] < value < _MOMENTS[1]:
        return None
    return float(value)
