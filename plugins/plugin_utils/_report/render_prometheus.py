# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report as a textfile for Prometheus' node exporter. A series is always there, with 0 where nothing was found."""

from __future__ import annotations

import calendar
import time
from typing import TYPE_CHECKING, Dict, List, Tuple

from ansible_collections.bitrix24.portal.plugins.module_utils._audit.findings import (
    NOT_AUDITED,
    STATUSES,
)
from ansible_collections.bitrix24.portal.plugins.module_utils._text import visible
from ansible_collections.bitrix24.portal.plugins.plugin_utils._report.numbers import in_numbers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ansible_collections.bitrix24.portal.plugins.module_utils._audit.findings import Portal, Report

Series = List[Tuple[Dict[str, str], int]]
"""``[(labels, number)]``"""

PREFIX = "bitrix24_mailservice_audit_"


def render(report: Report, audit: str = "audit") -> str:
    """``audit``: a label of every series, so that one node exporter can read the files of several audits."""
    portals = sorted(report["portals"], key=lambda portal: portal["name"])
    # One that was left out stays as it was last seen: an alert ends because something was put right, not because
    # nobody looked.
    known = [
        (portal, portal["last_known"] if portal["status"] == NOT_AUDITED else in_numbers(portal)) for portal in portals
    ]
    audited = [(portal, numbers) for portal, numbers in known if numbers is not None]
    metrics: tuple[tuple[str, str, Series], ...] = (
        ("last_run_timestamp_seconds", "When the audit ran.", [({}, _seconds(report["generated"]))]),
        (
            "portals",
            "Portals by status.",
            [({"status": status}, report["summary"]["portals"][status]) for status in STATUSES],
        ),
        (
            "up",
            "Whether the portal could be read.",
            [(_of(portal), int(numbers["read"])) for portal, numbers in audited],
        ),
        (
            "last_success_timestamp_seconds",
            "When the portal was last read.",
            [(_of(portal), _seconds(portal["last_success"])) for portal in portals if portal["last_success"]],
        ),
        (
            "findings",
            "What was found, by kind, without what is excepted.",
            [
                (_of(portal, kind=kind), number)
                for portal, numbers in audited
                for kind, number in numbers["findings"].items()
            ],
        ),
        (
            "excepted_findings",
            "What was found and is known.",
            [(_of(portal), numbers["excepted"]) for portal, numbers in audited],
        ),
        (
            "failed",
            "Whether the portal made the audit fail.",
            [(_of(portal), int(numbers["failed"])) for portal, numbers in audited],
        ),
        (
            "services",
            "Mail services, by status.",
            [
                (_of(portal, status=status), number)
                for portal, numbers in audited
                for status, number in numbers["services"].items()
            ],
        ),
        (
            "webhook_expires_timestamp_seconds",
            "When the webhook runs out.",
            [
                (_of(portal), _seconds(numbers["webhook_expires"] + "T00:00:00Z"))
                for portal, numbers in audited
                if numbers["webhook_expires"] is not None
            ],
        ),
        (
            "servers",
            "Mail servers that the services name, by verdict.",
            [
                (_of(portal, verdict=verdict), number)
                for portal, numbers in audited
                for verdict, number in (numbers["servers"] or {}).items()
            ],
        ),
        (
            "certificate_expires_timestamp_seconds",
            "When the certificate of a mail server runs out.",
            [
                (_of(portal, server=server), _seconds(moment))
                for portal, numbers in audited
                for server, moment in numbers["certificates"].items()
            ],
        ),
    )
    return "".join(
        line + "\n"
        for name, about, series in metrics
        if series
        for line in _metric(PREFIX + name, about, series, audit)
    )


def _metric(name: str, about: str, series: Series, audit: str) -> Iterator[str]:
    yield f"# HELP {name} {about}"
    yield f"# TYPE {name} gauge"
    for labels, number in series:
        told = ",".join(f'{key}="{_escaped(text)}"' for key, text in {"audit": audit, **labels}.items())
        yield f"{name}{{{told}}} {number}"


def _of(portal: Portal, **labels: str) -> dict[str, str]:
    return dict({"portal": portal["name"]}, **labels)


def _escaped(text: str) -> str:
    return visible(text).replace("\\", "\\\\").replace('"', '\\"')


def _seconds(moment: str) -> int:
    return calendar.timegm(time.strptime(moment, "%Y-%m-%dT%H:%M:%SZ"))
