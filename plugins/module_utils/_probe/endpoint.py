# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is probed: one port of one server, however many services name it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from .._text import visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

IMAP, SMTP = "imap", "smtp"

STANDARD_PORTS = {(IMAP, True): 993, (IMAP, False): 143, (SMTP, True): 465, (SMTP, False): 587}
"""Where no port is set, by protocol and whether TLS begins at once."""

TLS_PORTS = (465, 993)
"""Where TLS begins at once, whatever somebody else was told."""

_OPTIONS = {IMAP: ("server", "port", "encryption"), SMTP: ("smtp_server", "smtp_port", "smtp_encryption")}


class Endpoint(NamedTuple):
    """``server`` as it was given, in lower case; ``encryption``: TLS from the first byte, else plain with STARTTLS."""

    protocol: str
    server: str
    port: int
    encryption: bool

    def __str__(self) -> str:
        server = visible(self.server, 100)
        return f"[{server}]:{self.port}" if ":" in server else f"{server}:{self.port}"


def endpoint_of(service: Mapping[str, Any], protocol: str = IMAP) -> Endpoint | None:
    """The endpoint that a service (user's form) names; None where it has no server."""
    server, port, encryption = (service.get(option) for option in _OPTIONS[protocol])
    name = str(server or "").strip().lower()
    if not name:
        return None
    encrypted = bool(encryption)
    return Endpoint(protocol, name, port or STANDARD_PORTS[protocol, encrypted], encrypted)


def endpoints_of(services: Iterable[Mapping[str, Any]], smtp: bool = False) -> dict[Endpoint, list[str]]:
    """Each endpoint once, with the names of the services that name it, in the order of the services."""
    found: dict[Endpoint, list[str]] = {}
    for service in services:
        for protocol in (IMAP, SMTP) if smtp else (IMAP,):
            endpoint = endpoint_of(service, protocol)
            if endpoint is not None:
                names = found.setdefault(endpoint, [])
                name = str(service.get("name") or endpoint)
                if name not in names:
                    names.append(name)
    return found
