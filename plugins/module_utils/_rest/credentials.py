# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which options mean which credentials: an address, a host to show, and what must never be shown.

An address may come with or without a trailing slash, with a base path, a port, and a method with its query at the end,
as the portal's own page shows it. No text in here quotes what was given, which may hold the secret; but of the expected
host what stands before it.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from .._causes import cause
from .._text import visible
from .address import parse_address
from .advice import ACCESS_TOKEN, WEBHOOK
from .errors import OptionError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .address import Address

ENVIRONMENT = {"webhook_url": "B24_WEBHOOK_URL", "portal_url": "B24_PORTAL_URL", "access_token": "B24_ACCESS_TOKEN"}

_METHODS = frozenset(("batch", "scope", "methods", "profile"))
_REST = re.compile(r"(.*)/rest(?:/(.*))?\Z")
_USER_ID = re.compile(r"[0-9]{1,18}\Z")
_SECRET = re.compile(r"[A-Za-z0-9_~-]+\Z")
_LIKE = "https://HOST/rest/USER_ID/SECRET/"


class Credentials:
    """kind: WEBHOOK or ACCESS_TOKEN; host: HOST[:PORT][/BASE] for people; token: the access token or None.

    address: the portal's; secrets: a set of texts.
    """

    def __init__(self, kind: str, address: Address, rest: str, secret: str) -> None:
        self.kind = kind
        self.address = address
        self.host = address.host
        self.token = secret if kind == ACCESS_TOKEN else None
        self.secrets = {secret, quote(secret, safe="")}
        self._rest = rest

    def url(self, method: str) -> str:
        return f"{self.address.url}{self._rest}{method}"

    def check_host(self, expected: str) -> dict[str, Any] | None:
        """What is wrong as a cause, or None.

        expected: HOST, HOST:PORT or either with the base path; case does not matter.
        """
        named = re.sub(r"^https?://", "", expected.strip().lower().rstrip("/"))
        if self.address.is_named(named):
            return None
        # Whoever pastes a webhook's address here by mistake must not find its secret in a log.
        told = visible(re.split(r"/rest\b|[?#]", named)[0].rpartition("@")[2], 100)
        return cause("wrong_host", host=self.host, expected=told, credentials=self.kind.replace("_", " "))


def choose(params: Mapping[str, Any], environ: Mapping[str, str] | None = None) -> Credentials:
    """The Credentials that the options mean, raises OptionError.

    What the task gives goes before the environment, whichever kind it is of: a webhook in the environment does not get
    in the way of a task that names portal_url or access_token. Two kinds from the same place are refused. That is why
    these three options have no fallback in the argument spec, where nobody could tell any more which value came from
    where.
    """
    environ = os.environ if environ is None else environ
    given = {name: (params.get(name) or "").strip() for name in ENVIRONMENT}
    around = {name: (environ.get(variable) or "").strip() for name, variable in ENVIRONMENT.items()}
    for values, names in ((given, {name: name for name in given}), (around, ENVIRONMENT)):
        webhook, application = values["webhook_url"], values["portal_url"] or values["access_token"]
        if webhook and application:
            webhook = names["webhook_url"]
            other = " and ".join(names[name] for name in ("portal_url", "access_token") if values[name])
            raise OptionError(f"{webhook} and {other} are two ways to connect: give one of them")
        if webhook:
            return parse_webhook(webhook, names["webhook_url"])
        if application:
            merged = {name: (given[name], name) if given[name] else (around[name], ENVIRONMENT[name]) for name in given}
            return _application(merged["portal_url"], merged["access_token"])
    raise OptionError(
        "no connection is given: set webhook_url (or B24_WEBHOOK_URL in the environment),"
        " or portal_url and access_token (B24_PORTAL_URL, B24_ACCESS_TOKEN)"
    )


def parse_webhook(text: str, name: str = "webhook_url") -> Credentials:
    """text: the webhook's address as pasted; name: what to call it in an error."""
    address = parse_address(text, name)
    found = _REST.match(address.path)
    if not found:
        raise OptionError(f"{name} holds no /rest/: it should look like {_LIKE}")
    base, parts = found.group(1), (found.group(2) or "").rstrip("/").split("/")
    if not parts[0]:
        raise OptionError(
            f"{name} ends after /rest/: the user's ID and the secret are missing; it should look like {_LIKE}"
        )
    if parts[0] == "api":
        raise OptionError(f"{name}: that is the REST 3.0 address, which has no mail services; leave out /api")
    if not _USER_ID.match(parts[0]):
        raise OptionError(
            f"{name} has no number after /rest/, where the user's ID belongs; it should look like {_LIKE}"
        )
    if len(parts) == 1 or "." in parts[1] or parts[1] in _METHODS:
        raise OptionError(f"{name} has no secret after the user's ID; it should look like {_LIKE}")
    if not _SECRET.match(parts[1]):
        raise OptionError(
            f"{name} has a secret with a character that no webhook's secret has; copy it again from the portal"
        )
    if len(parts) > 3:
        raise OptionError(f"{name} goes on after the method; it should look like {_LIKE}")
    return Credentials(WEBHOOK, address._replace(path=base), f"/rest/{parts[0]}/{parts[1]}/", parts[1])


def _application(portal: tuple[str, str], token: tuple[str, str]) -> Credentials:
    """portal, token: pairs of a value and what to call it."""
    problems = [
        f"{option} is missing: portal_url and access_token go together"
        for option, value in (("portal_url", portal[0]), ("access_token", token[0]))
        if not value
    ]
    if problems:
        raise OptionError(problems)
    if not token[0].isascii() or not token[0].isprintable() or " " in token[0]:
        raise OptionError(f"{token[1]} holds a blank or a character that no access token has; copy it again")
    address = parse_address(portal[0], portal[1], query_allowed=False)
    if re.search(r"/rest/[0-9]+/[^/]", address.path):
        raise OptionError(f"{portal[1]} is a webhook's address: give it as webhook_url, without access_token")
    return Credentials(ACCESS_TOKEN, address.before_rest(), "/rest/", token[0])
