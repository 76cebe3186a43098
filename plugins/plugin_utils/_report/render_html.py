# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report as one page, by portal and by service."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ansible_collections.bitrix24.portal.plugins.module_utils._audit.findings import (
    DRIFT,
    ERROR,
    ERROR_KINDS,
    IN_ORDER,
    KINDS,
    LEFT_ALONE,
    NOT_AUDITED,
    NOTE,
    SERVICE_STATUSES,
    STATUSES,
    WARNING,
)
from ansible_collections.bitrix24.portal.plugins.plugin_utils._page.page import PARTS, row, segments
from ansible_collections.bitrix24.portal.plugins.plugin_utils._page.page import render as render_page
from ansible_collections.bitrix24.portal.plugins.plugin_utils._report.by_service import by_service
from ansible_collections.bitrix24.portal.plugins.plugin_utils._report.next_step import plan_command
from ansible_collections.bitrix24.portal.plugins.plugin_utils._report.servers import in_verdicts
from ansible_collections.bitrix24.portal.plugins.plugin_utils._report.what import in_brief
from ansible_collections.bitrix24.portal.plugins.plugin_utils._words import counted, in_days, said_once

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ansible_collections.bitrix24.portal.plugins.module_utils._audit.findings import Finding, Portal, Report

_OPEN_AT_MOST = 3
_NAMED = 3
"""So many findings are named in the line of a closed portal."""


def render(report: Report) -> str:
    alone = len(report["portals"]) == 1
    audited = [portal for portal in report["portals"] if alone or portal["status"] != NOT_AUDITED]
    urgent = sum(portal["status"] != IN_ORDER for portal in audited)
    shown = [
        _portal(portal, alone or (portal["status"] != IN_ORDER and urgent <= _OPEN_AT_MOST), report["inventory"], at)
        for at, portal in enumerate(audited, 1)
        if alone or _tells(portal)
    ]
    return render_page(
        "audit.html.j2",
        report=report,
        alone=alone,
        kinds=KINDS,
        statuses=STATUSES,
        service_statuses=SERVICE_STATUSES,
        found=[
            (title, _found(report, severities))
            for title, severities in (("Drift by kind", [DRIFT]), ("Worth a look", [ERROR, WARNING]))
        ],
        portals=shown,
        quiet=[] if alone else [_quiet(portal) for portal in audited if not _tells(portal)],
        left_out=[] if alone else [portal for portal in report["portals"] if portal["status"] == NOT_AUDITED],
        services=[] if alone else [_service(service) for service in by_service(report["portals"])],
        places={portal["name"]: portal["at"] for portal in shown},
        said_once=said_once(
            text for portal in report["portals"] for finding in portal["findings"] for text in finding["effects"]
        ),
        fleet=segments([(status, report["summary"]["portals"][status]) for status in STATUSES]),
    )


def _tells(portal: Portal) -> bool:
    return bool(portal["findings"] or portal["excepted"])


def _found(report: Report, severities: Sequence[str]) -> list[dict[str, Any]]:
    """The kinds of these severities that were found, each with its share of the most frequent one."""
    numbers = {
        kind: number
        for kind, number in report["summary"]["findings"].items()
        if number and KINDS[kind].severity in severities and kind not in ERROR_KINDS
    }
    most = max(numbers.values(), default=1)
    return [
        {"kind": kind, "number": number, "width": max(number * PARTS // most, 8)} for kind, number in numbers.items()
    ]


def _portal(portal: Portal, opened: bool, inventory: Iterable[str], at: int) -> dict[str, Any]:
    numbers = [
        (status, sum(service["status"] == status for service in portal["services"])) for status in SERVICE_STATUSES
    ]
    return dict(
        _quiet(portal),
        at=at,
        opened=opened,
        kinds=sorted({finding["kind"] for finding in portal["findings"] + portal["excepted"]}, key=list(KINDS).index),
        quiet=[service for service in portal["services"] if service["status"] in (IN_ORDER, LEFT_ALONE)],
        bar=segments(numbers),
        bar_text=", ".join(f"{number} {SERVICE_STATUSES[status].lower()}" for status, number in numbers if number)
        or "no mail services known",
        in_short=_in_short(portal),
        new=sum(_is_new(finding) for finding in portal["findings"]),
        final=any(finding["no_way_back"] for finding in portal["findings"] if finding["severity"] == DRIFT),
        command=None if portal["status"] == IN_ORDER else plan_command(portal["name"], inventory),
        groups=_groups([finding for finding in portal["findings"] if finding["kind"] not in ERROR_KINDS]),
        known=_groups(portal["excepted"]),
    )


def _quiet(portal: Portal) -> dict[str, Any]:
    """A portal with nothing to tell."""
    days = portal["credentials"]["days_left"]
    return dict(
        portal,
        expiry=None if days is None else "{} {}".format("expires" if days >= 0 else "expired", in_days(days)),
        servers_told=in_verdicts([portal]),
    )


def _is_new(finding: Finding) -> bool:
    return finding["new"] is True and finding["severity"] != NOTE


def _in_short(portal: Portal) -> list[tuple[str, str]]:
    """``[(severity, text)]`` for the line of a closed portal: what was found, the worst first."""
    if portal["error"]:
        return [(ERROR, portal["error"]["code"])]
    found = [
        (severity, in_brief(finding))
        for severity in (DRIFT, ERROR, WARNING)
        for finding in portal["findings"]
        if finding["severity"] == severity
    ]
    short = found[:_NAMED]
    if len(found) > _NAMED:
        short.append((NOTE, f"and {len(found) - _NAMED} more"))
    notes = sum(finding["severity"] == NOTE for finding in portal["findings"])
    short.extend([(NOTE, counted(notes, "note"))] if notes else [])
    short.extend([(NOTE, "{} excepted".format(len(portal["excepted"])))] if portal["excepted"] else [])
    return short


def _groups(findings: Iterable[Finding]) -> list[dict[str, Any]]:
    """The findings by service, since people fix services."""
    groups: dict[tuple[str | None, int | None], dict[str, Any]] = {}
    for finding in findings:
        group = groups.setdefault(
            (finding["service"], finding["id"]),
            {"service": finding["service"], "id": finding["id"], "findings": [], "drift": False, "new": False},
        )
        group["findings"].append(_finding(finding))
        group["drift"] = group["drift"] or finding["severity"] == DRIFT
        group["new"] = group["new"] or _is_new(finding)
    return list(groups.values())


def _finding(finding: Finding) -> dict[str, Any]:
    return dict(
        finding,
        rows=[row(field["field"], field["before"], field["after"]) for field in finding["fields"]],
        effects=[(text, text in finding["no_way_back"]) for text in finding["effects"]],
        marked=_is_new(finding),
    )


def _service(service: dict[str, Any]) -> dict[str, Any]:
    return dict(
        service,
        on=[
            (kind, "{} on {}".format(KINDS[kind].label.lower(), counted(number, "portal")))
            for kind, number in service["kinds"].items()
        ],
        final=any(group["finding"]["no_way_back"] for group in service["groups"]),
        groups=[dict(group, finding=_finding(group["finding"])) for group in service["groups"]],
    )
