# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was seen of the servers of a portal's services → findings. Pure: others look."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .findings import SERVER_FAILED, SERVER_WARNING, finding

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from .findings import Finding

_KINDS = {"failed": SERVER_FAILED, "warning": SERVER_WARNING}
"""By verdict; of a server that is as it should be there is no finding."""


def server_findings(servers: Iterable[Mapping[str, Any]]) -> Iterator[Finding]:
    """One for each service of each server that is not as it should be. ``servers``: as a portal's part has them."""
    for server in servers:
        kind = _KINDS.get(server["verdict"])
        if kind is not None:
            told = "; ".join([server["reason"], *server["more"]])
            text = f"{server['endpoint']}: {told} (seen from {server['seen_from']})."
            for name, service_id in zip(server["services"], server["ids"]):
                yield finding(kind, text, name, service_id, code=server["code"])
