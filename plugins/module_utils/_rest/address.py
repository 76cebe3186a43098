# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From an address as it was pasted to its parts, and whether it leads to a host that is named otherwise.

No text in here quotes what was given, which may hold a secret.
"""

from __future__ import annotations

import ipaddress
import re
from typing import NamedTuple
from urllib.parse import quote, urlsplit

from .._idna import ascii_name
from .errors import OptionError

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_FORBIDDEN = re.compile(r"[\s\\<>\"{}|^`]")
_NUMERIC = re.compile(r"[0-9.]+\Z")
_SLASHES = re.compile(r"/{2,}")
_PATH = re.compile(r"[A-Za-z0-9._~!$&'()*+,;=:@%/-]*\Z")
_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)\Z")
_PORTS = {"https": 443, "http": 80}


class Address(NamedTuple):
    """hostname: ASCII, lower case, IPv6 in brackets; path: empty, or from its slash on."""

    scheme: str
    hostname: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        return self.hostname if self.port == _PORTS[self.scheme] else f"{self.hostname}:{self.port}"

    @property
    def host(self) -> str:
        """HOST[:PORT][/PATH] for people."""
        return self.authority + self.path

    @property
    def url(self) -> str:
        return f"{self.scheme}://{self.host}"

    def before_rest(self) -> Address:
        """The same without ``/rest`` and what follows, as a portal and an authorization server name their own."""
        return self._replace(path=re.sub(r"/rest(/.*)?\Z", "", self.path.rstrip("/")))

    def is_named(self, named: str) -> bool:
        """named: HOST, HOST:PORT or either with the path, in lower case; what it leaves out is not compared."""
        authority, slash, path = named.partition("/")
        name, colon, port = (
            authority.rpartition(":") if re.match(r"(\[.*\]|[^:]*):\d+\Z", authority) else (authority, "", "")
        )
        return (
            _same_name(name, self.hostname)
            and (not colon or port == str(self.port))
            and (not slash or "/" + path == self.path.lower())
        )


def parse_address(text: str, name: str, query_allowed: bool = True) -> Address:
    """name: what to call the text in an error. Raises OptionError."""
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
        raise OptionError(f"{name} goes on after ? or #: give the address only")
    path = _SLASHES.sub("/", quote(parts.path, safe="/%!$&'()*+,;=:@~"))
    if not _PATH.match(path) or any(step in (".", "..") for step in path.split("/")):
        raise OptionError(f"{name} has a path that is not plain (. and .. are not allowed)")
    return Address(parts.scheme, hostname, port, path)


def _host_name(text: str, name: str) -> str:
    text = text.rstrip(".").lower()
    if ":" in text:
        try:
            address = ipaddress.IPv6Address(text.replace("%", "no zones"))
            return f"[{address.compressed}]"
        except ValueError:
            raise OptionError(f"{name} has a host in brackets that is no IPv6 address") from None
    if not text.isascii():
        converted = ascii_name(text)
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


def _same_name(named: str, hostname: str) -> bool:
    bare = named.strip("[]").rstrip(".")
    return ascii_name(bare) == hostname.strip("[]")


def is_loopback(hostname: str) -> bool:
    """127.0.0.0/8, ::1 and localhost."""
    if hostname == "localhost":
        return True
    try:
        return ipaddress.ip_address(hostname.strip("[]")).is_loopback
    except ValueError:
        return False
