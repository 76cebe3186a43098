# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From the credentials as they were pasted to an address, a host to show, and what must never be shown.

An address may come with or without a trailing slash, with a base path, a port, and a method with its query at the end,
as the portal's own page shows it. No text in here quotes what was given, which may hold the secret; but of the expected
host what stands before it.
"""

from __future__ import annotations

import ipaddress
import os
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from .._causes import cause
from .._text import visible
from .advice import ACCESS_TOKEN, WEBHOOK
from .errors import OptionError

try:
    import idna
except ImportError:
    idna = None  # type: ignore[assignment]  # a module or nothing: mypy has no way to say so

if TYPE_CHECKING:
    from collections.abc import Mapping

ENVIRONMENT = {"webhook_url": "B24_WEBHOOK_URL", "portal_url": "B24_PORTAL_URL", "access_token": "B24_ACCESS_TOKEN"}

_METHODS = frozenset(("batch", "scope", "methods", "profile"))
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_FORBIDDEN = re.compile(r"[\s\\<>\"{}|^`]")
_NUMERIC = re.compile(r"[0-9.]+\Z")
_SLASHES = re.compile(r"/{2,}")
_PATH = re.compile(r"[A-Za-z0-9._~!$&'()*+,;=:@%/-]*\Z")
_REST = re.compile(r"(.*)/rest(?:/(.*))?\Z")
_USER_ID = re.compile(r"[0-9]{1,18}\Z")
_SECRET = re.compile(r"[A-Za-z0-9_~-]+\Z")
_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)\Z")
_LIKE = "https://HOST/rest/USER_ID/SECRET/"
_PORTS = {"https": 443, "http": 80}


class Credentials:
    """kind: WEBHOOK or ACCESS_TOKEN; scheme; hostname (ASCII, lower case, IPv6 in brackets).

    host: HOST[:PORT][/BASE] for people; token: the access token or None; secrets: a set of texts.
    """

    def __init__(self, kind: str, scheme: str, hostname: str, port: int, base: str, rest: str, secret: str) -> None:
        self.kind = kind
        self.scheme = scheme
        self.hostname = hostname
        self.port = port
        self.base = base
        self.authority = hostname if port == _PORTS[scheme] else f"{hostname}:{port}"
        self.host = self.authority + base
        self.token = secret if kind == ACCESS_TOKEN else None
        self.secrets = {secret, quote(secret, safe="")}
        self._rest = rest

    def url(self, method: str) -> str:
        return f"{self.scheme}://{self.authority}{self.base}{self._rest}{method}"

    def check_host(self, expected: str) -> dict[str, Any] | None:
        """What is wrong as a cause, or None.

        expected: HOST, HOST:PORT or either with the base path; case does not matter.
        """
        named = re.sub(r"^https?://", "", expected.strip().lower().rstrip("/"))
        authority, slash, base = named.partition("/")
        name, colon, port = (
            authority.rpartition(":") if re.match(r"(\[.*\]|[^:]*):\d+\Z", authority) else (authority, "", "")
        )
        same = (
            _same_name(name, self.hostname)
            and (not colon or port == str(self.port))
            and (not slash or "/" + base == self.base.lower())
        )
        if same:
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
    scheme, hostname, port, path = _address(text, name)
    found = _REST.match(path)
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
    return Credentials(WEBHOOK, scheme, hostname, port, base, f"/rest/{parts[0]}/{parts[1]}/", parts[1])


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
    scheme, hostname, port, path = _address(portal[0], portal[1], query_allowed=False)
    if re.search(r"/rest/[0-9]+/[^/]", path):
        raise OptionError(f"{portal[1]} is a webhook's address: give it as webhook_url, without access_token")
    base = re.sub(r"/rest(/.*)?\Z", "", path.rstrip("/"))
    return Credentials(ACCESS_TOKEN, scheme, hostname, port, base, "/rest/", token[0])


def _address(text: str, name: str, query_allowed: bool = True) -> tuple[str, str, int, str]:
    """(scheme, host name, port, path) of an address; raises OptionError."""
    text = text.strip()
    if not text.isprintable() or _FORBIDDEN.search(text):
        raise OptionError(f"{name} holds a blank, a control character or another that no address has")
    try:
        parts = urlsplit(text)
        hostname, userinfo = parts.hostname, "@" in parts.netloc
    except ValueError:
        raise OptionError(f"{name} is not an address: its host cannot be read") from None
    if not _SCHEME.match(text):
        raise OptionError(f"{name} has no scheme: it must begin with https://")
    if parts.scheme not in _PORTS:
        raise OptionError(f"{name} has a scheme that is of no use here: it must begin with https://")
    if userinfo:
        raise OptionError(f"{name} holds a user name before the host (an @): take it out")
    if not hostname:
        raise OptionError(f"{name} has no host")
    hostname = _host_name(hostname, name)
    try:
        port = _PORTS[parts.scheme] if parts.port is None else parts.port
    except ValueError:
        port = 0
    if port == 0 or parts.netloc.endswith(":"):
        raise OptionError(f"{name} has a port that is no number from 1 to 65535")
    if parts.scheme == "http" and not is_loopback(hostname):
        raise OptionError(
            f"{name} begins with http://, over which others could read the secret:"
            " write https:// (http is for this machine's own addresses only)"
        )
    if not query_allowed and (parts.query or parts.fragment):
        raise OptionError(f"{name} goes on after ? or #: give the portal's address only")
    path = _SLASHES.sub("/", quote(parts.path, safe="/%!$&'()*+,;=:@~"))
    if not _PATH.match(path) or any(step in (".", "..") for step in path.split("/")):
        raise OptionError(f"{name} has a path that is not plain (. and .. are not allowed)")
    return parts.scheme, hostname, port, path


def _host_name(text: str, name: str) -> str:
    text = text.rstrip(".").lower()
    if ":" in text:
        try:
            address = ipaddress.IPv6Address(text.replace("%", "no zones"))
            return f"[{address.compressed}]"
        except ValueError:
            raise OptionError(f"{name} has a host in brackets that is no IPv6 address") from None
    if not text.isascii():
        converted = _ascii(text)
        if converted is None:
            raise OptionError(
                f"{name} has a host name with letters that cannot be converted: write it in ASCII (xn--…)"
            )
        text = converted
    numeric = _NUMERIC.match(text)
    try:
        if numeric:
            return str(ipaddress.IPv4Address(text))
    except ValueError:
        raise OptionError(f"{name} has a host that looks like an IPv4 address but is none") from None
    if len(text) > 253 or not all(_LABEL.match(label) for label in text.split(".")):
        raise OptionError(f"{name} has a host name that cannot be")
    return text


def _ascii(text: str) -> str | None:
    try:
        return idna.encode(text, uts46=True).decode("ascii") if idna else None
    except UnicodeError:
        return None


def _same_name(named: str, hostname: str) -> bool:
    bare = named.strip("[]").rstrip(".")
    return (_ascii(bare) if not bare.isascii() else bare) == hostname.strip("[]")


def is_loopback(hostname: str) -> bool:
    """127.0.0.0/8, ::1 and localhost."""
    if hostname == "localhost":
        return True
    try:
        return ipaddress.ip_address(hostname.strip("[]")).is_loopback
    except ValueError:
        return False
