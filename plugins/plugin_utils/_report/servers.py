# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was seen of mail servers, where no finding tells it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ansible_collections.bitrix24.portal.plugins.plugin_utils._report.numbers import VERDICTS
from ansible_collections.bitrix24.portal.plugins.plugin_utils._words import counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ansible_collections.bitrix24.portal.plugins.module_utils._audit.findings import Portal

_OK, _WARNING, _FAILED = VERDICTS


def in_verdicts(portals: Iterable[Portal]) -> str:
    """``3 servers looked at from HOST: 2 as they should be, …``, each of them once; empty where nobody looked."""
    seen = [server for portal in portals for server in portal["servers"] or ()]
    if not seen:
        return ""
    # Of two looks, as with other authorities, the worse one counts.
    seen.sort(key=lambda server: VERDICTS.index(server["verdict"]))
    servers = {(server["protocol"], server["endpoint"], server["encryption"]): server for server in seen}
    verdicts = [server["verdict"] for server in servers.values()]
    well = verdicts.count(_OK)
    told = ["1 as it should be" if well == 1 else f"{well} as they should be"]
    told += [f"{number} with a warning"] if (number := verdicts.count(_WARNING)) else []
    told += [f"{number} that cannot be used"] if (number := verdicts.count(_FAILED)) else []
    places = sorted({server["seen_from"] for server in servers.values()})
    return "{} looked at from {}: {}".format(counted(len(servers), "server"), ", ".join(places), ", ".join(told))


def as_they_should_be(portal: Portal, service_id: int | None) -> Iterator[str]:
    """A line for each server of a service that is as it should be."""
    for server in portal["servers"] or ():
        if server["verdict"] == _OK and service_id in server["ids"]:
            yield f"Server: {server['endpoint']}: {server['reason']} (seen from {server['seen_from']})."
