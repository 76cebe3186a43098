# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From an application's options and its token_file to credentials, and to what renews them.

Once the token_file is there, it goes before the options: those are what it began with.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .address import parse_address
from .advice import ACCESS_TOKEN
from .credentials import Application, Credentials
from .errors import OptionError
from .token_file import TokenFile
from .tokens import ACCESS, REFRESH, Tokens

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .address import Address

    Given = Mapping[str, tuple[str, str]]

_PAIR = ("client_id", "client_secret")
_WHERE_OAUTH_URL_IS = (
    "it is the server_endpoint of the answer that held the first tokens, for instance https://oauth.bitrix24.tech or"
    " https://oauth.bitrix.info, and differs by region"
)


def make_application(given: Given, expected_host: str | None) -> Credentials:
    """given: of each option a pair of its value, empty where there is none, and what to call it. Raises OptionError."""
    values = {name: value for name, (value, _called) in given.items()}
    token_file = TokenFile(values["token_file"]) if values["token_file"] else None
    stored = token_file.read() if token_file else None
    problems = _missing(values, token_file, stored)
    for name in (ACCESS, REFRESH, *_PAIR):
        value, called = given[name]
        if not value.isascii() or not value.isprintable() or " " in value:
            what = name.replace("_", " ").replace("id", "ID")
            problems.append(f"{called} holds a blank or a character that no {what} has; copy it again")
    if problems:
        raise OptionError(problems)
    named = _portal(*given["portal_url"]) if values["portal_url"] else None
    tokens = stored or Tokens({key: values[key] for key in (ACCESS, REFRESH) if values[key]}, "the options")
    address = tokens.portal or named
    if token_file and address and named and address != named and not expected_host:
        raise OptionError(
            f"{token_file.name} leads to {address.host}, portal_url is {named.host}; nothing was sent. Was the portal"
            " renamed? Then set portal_url to where it is now, or leave it out. Else it is another portal's file"
        )
    if address is None:
        raise OptionError(f"{given['portal_url'][1]} is missing")
    application = None
    if token_file or tokens.refresh:
        oauth_url = parse_address(*given["oauth_url"], query_allowed=False) if values["oauth_url"] else None
        application = Application(
            values["client_id"] or None,
            values["client_secret"] or None,
            oauth_url and oauth_url._replace(path=re.sub(r"/(oauth/token|rest)?/*\Z", "", oauth_url.path)),
            token_file,
        )
    secrets = [secret for secret in (tokens.access, tokens.refresh, values["client_secret"]) if secret]
    return Credentials(ACCESS_TOKEN, address, "/rest/", secrets, tokens, application)


def _missing(values: Mapping[str, str], token_file: TokenFile | None, stored: Tokens | None) -> list[str]:
    """What is missing, and why it is needed."""
    reasons: dict[str, str] = {}
    if stored is None:
        reasons[ACCESS] = "portal_url and access_token go together"
        if token_file:
            reasons[ACCESS] = reasons[REFRESH] = f"{token_file.name} is not there yet, and begins with both tokens"
        reasons["portal_url"] = "portal_url and access_token go together"
        if values[REFRESH]:
            reasons.update((name, "refresh_token is renewed with client_id and client_secret") for name in _PAIR)
    elif stored.portal is None and token_file:
        reasons["portal_url"] = f"{token_file.name} holds no client_endpoint that says where the portal is"
    if any(values[name] for name in _PAIR):
        reasons.update((name, "client_id and client_secret go together") for name in _PAIR)
    if all(values[name] for name in _PAIR) and (stored.server is None if stored else values[REFRESH]):
        reasons["oauth_url"] = _WHERE_OAUTH_URL_IS
    return [f"{name} is missing: {why}" for name, why in reasons.items() if not values[name]]


def _portal(text: str, name: str) -> Address:
    address = parse_address(text, name, query_allowed=False)
    if re.search(r"/rest/[0-9]+/[^/]", address.path):
        raise OptionError(f"{name} is a webhook's address: give it as webhook_url, without access_token")
    return address.before_rest()
