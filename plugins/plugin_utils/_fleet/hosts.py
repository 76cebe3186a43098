# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the roles know before they ask a portal: which portals there are. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from ansible_collections.bitrix24.portal.plugins.module_utils._idna import ascii_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping


class Misconfigured(ValueError):
    """The inventory or the variables are wrong, which stops everything. The texts hold no address with a secret."""

    def __init__(self, *problems: str) -> None:
        self.problems = problems
        super().__init__("; ".join(problems))


def expected_hosts(hosts: Iterable[str], hostvars: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """{host: where it must lead}, as ``bitrix24_expected_host`` says, else the host's name. Raises Misconfigured."""
    expected: dict[str, str] = {}
    problems: list[str] = []
    for host in hosts:
        value = hostvars[host].get("bitrix24_expected_host")
        value = host if value is None else value
        if not isinstance(value, str) or not value.strip():
            problems.append(f"{host}: bitrix24_expected_host must name the host of the portal")
        elif "/rest/" in value.lower():
            problems.append(
                f"{host}: bitrix24_expected_host holds a webhook's address; "
                "give the host alone, without /rest/ and what follows"
            )
        else:
            expected[host] = value
    problems.extend(_twice(expected))
    if problems:
        raise Misconfigured(*problems)
    return expected


def _twice(expected: Mapping[str, str]) -> Iterator[str]:
    """Two hosts are one portal unless name, port or base path are given for both and differ; left out, they fit any."""
    by_name: dict[str, list[tuple[str, str | None, str | None]]] = {}
    for host, value in expected.items():
        name, port, base = _parts(value)
        for other, other_port, other_base in by_name.setdefault(name, []):
            if None in (port, other_port) or port == other_port:
                if None in (base, other_base) or base == other_base:
                    yield (
                        f"{other} and {host} are one portal ({name}); keep one of them, "
                        "or tell them apart in bitrix24_expected_host with ports or paths"
                    )
        by_name[name].append((host, port, base))


def _parts(value: str) -> tuple[str, str | None, str | None]:
    """``(name, port, base path)`` of an address."""
    authority, slash, base = re.sub(r"^https?://", "", value.strip().lower()).rstrip("/").partition("/")
    name, port = authority, None
    if "[" in authority or authority.count(":") == 1:
        matched = re.match(r"(.*?)(?::(\d*))?\Z", authority)
        name, port = matched.groups() if matched else (authority, None)
    name = name.strip("[]").rstrip(".")
    return ascii_name(name) or name, port or None, base if slash else None
