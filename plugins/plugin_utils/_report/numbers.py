# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A portal in numbers, as monitoring has them. They outlast the audits that leave the portal out."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

from ansible_collections.bitrix24.portal.plugins.module_utils._audit.findings import (
    ERROR_KINDS,
    KINDS,
    SERVICE_STATUSES,
)
from ansible_collections.bitrix24.portal.plugins.plugin_utils._report.exceptions import read_date

if TYPE_CHECKING:
    from ansible_collections.bitrix24.portal.plugins.module_utils._audit.findings import Portal

VERDICTS = ("ok", "warning", "failed")
"""Of servers, as mailservice_probe has them."""

MOMENT = "%Y-%m-%dT%H:%M:%SZ"
COUNTED_KINDS = tuple(kind for kind in KINDS if kind not in ERROR_KINDS)


def in_numbers(portal: Portal) -> dict[str, Any]:
    """Of a portal of a report that was audited: read, failed (bool), findings (by kind), excepted, services (by
    status), webhook_expires (a date as text, or None), servers (by verdict, None where nobody looked) and certificates
    (when they expire, by server and port)."""
    servers = portal.get("servers")
    verdicts = [server["verdict"] for server in servers or ()]
    statuses = [service["status"] for service in portal["services"]]
    return {
        "read": portal["error"] is None,
        "failed": bool(portal["failed_on"]),
        "findings": {kind: portal["counts"].get(kind, 0) for kind in COUNTED_KINDS},
        "excepted": len(portal["excepted"]),
        "services": {status: statuses.count(status) for status in SERVICE_STATUSES},
        "webhook_expires": None
        if portal["credentials"]["days_left"] is None
        else portal["credentials"]["webhook_expires"],
        "servers": None if servers is None else {verdict: verdicts.count(verdict) for verdict in VERDICTS},
        "certificates": {
            server["endpoint"]: server["certificate_expires"]
            for server in servers or ()
            if server["certificate_expires"] is not None
        },
    }


def read_numbers(value: dict[str, Any]) -> dict[str, Any]:
    """The same out of a file that anybody may have altered. Raises KeyError, TypeError or ValueError."""
    servers = value.get("servers")
    expires = None if value["webhook_expires"] is None else read_date(value["webhook_expires"])
    return {
        "read": bool(value["read"]),
        "failed": bool(value["failed"]),
        "findings": {kind: _count(value["findings"].get(kind, 0)) for kind in COUNTED_KINDS},
        "excepted": _count(value["excepted"]),
        "services": {status: _count(value["services"].get(status, 0)) for status in SERVICE_STATUSES},
        "webhook_expires": None if expires is None else expires.isoformat(),
        "servers": None if servers is None else {verdict: _count(servers.get(verdict, 0)) for verdict in VERDICTS},
        "certificates": {
            str(endpoint): datetime.datetime.strptime(moment, MOMENT).strftime(MOMENT)
            for endpoint, moment in value.get("certificates", {}).items()
        },
    }


def _count(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 10**9:
        raise ValueError("a count")
    return value
