# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report as one self-contained page. Jinja escapes everything; no other style or script may run."""

from __future__ import annotations

import base64
import hashlib
import os
from typing import TYPE_CHECKING, Any, List, Tuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from ansible_collections.bitrix24.portal.plugins.module_utils._audit.findings import (
    DRIFT,
    ERROR,
    ERROR_KINDS,
    IN_ORDER,
    KINDS,
    LEFT_ALONE,
    NOTE,
    SERVICE_STATUSES,
    STATUSES,
    WARNING,
)
from ansible_collections.bitrix24.portal.plugins.module_utils._planning.effects import HOW_MANY
from ansible_collections.bitrix24.portal.plugins.module_utils._text import visible
from ansible_collections.bitrix24.portal.plugins.plugin_utils._report.words import counted, differing, in_days, value

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ansible_collections.bitrix24.portal.plugins.module_utils._audit.findings import Finding, Portal, Report

_FOLDER = os.path.join(os.path.dirname(__file__), "page")
_MONTHS = "January February March April May June July August September October November December".split()
_OPEN_AT_MOST = 3
_PARTS = 1000
"""A bar is drawn in so many parts of its width."""

Segments = List[Tuple[str, int, int, int]]
"""``[(what, number, start, width)]`` of a bar, in its parts."""


def render(report: Report) -> str:
    environment = Environment(
        loader=FileSystemLoader(_FOLDER, encoding="utf-8"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
        keep_trailing_newline=True,
    )
    environment.filters.update(
        seen=lambda text: visible(text, 600), briefly=_briefly, moment=_moment, number="{:,}".format, counted=counted
    )
    style, script = _file("page.css"), _file("page.js")
    telling = [portal for portal in report["portals"] if portal["status"] != IN_ORDER]
    return environment.get_template("page.html.j2").render(
        report=report,
        kinds=KINDS,
        statuses=STATUSES,
        service_statuses=SERVICE_STATUSES,
        found=[
            (title, _found(report, severity))
            for title, severity in (("Drift by kind", DRIFT), ("Worth a look", WARNING))
        ],
        portals=[
            _portal(portal, len(report["portals"]) == 1 or (portal in telling and len(telling) <= _OPEN_AT_MOST))
            for portal in report["portals"]
        ],
        fleet=_segments([(status, report["summary"]["portals"][status]) for status in STATUSES]),
        style=Markup(style),
        script=Markup(script),
        policy=(
            f"default-src 'none'; img-src data:; style-src 'sha256-{_digest(style)}'; "
            f"script-src 'sha256-{_digest(script)}'; base-uri 'none'; form-action 'none'"
        ),
    )


def _file(name: str) -> str:
    with open(os.path.join(_FOLDER, name), encoding="utf-8") as stream:
        return stream.read()


def _digest(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")


def _found(report: Report, severity: str) -> list[dict[str, Any]]:
    """The kinds of a severity that were found, each with its share of the most frequent one."""
    numbers = {
        kind: number
        for kind, number in report["summary"]["findings"].items()
        if number and KINDS[kind].severity == severity
    }
    most = max(numbers.values(), default=1)
    return [
        {"kind": kind, "number": number, "width": max(number * _PARTS // most, 8)} for kind, number in numbers.items()
    ]


def _segments(numbers: Sequence[tuple[str, int]]) -> Segments:
    """A bar of these numbers; whatever there is gets a visible width."""
    total = sum(number for dummy, number in numbers) or 1
    widths = {what: max(number * _PARTS // total, 12) for what, number in numbers if number}
    segments: Segments = []
    start = 0
    for what, number in numbers:
        if number:
            width = widths[what] * _PARTS // sum(widths.values())
            segments.append((what, number, start, width))
            start += width
    if segments:
        what, number, start, width = segments.pop()
        segments.append((what, number, start, _PARTS - start))
    return segments


def _portal(portal: Portal, opened: bool) -> dict[str, Any]:
    numbers = [
        (status, sum(service["status"] == status for service in portal["services"])) for status in SERVICE_STATUSES
    ]
    kinds = sorted({finding["kind"] for finding in portal["findings"] + portal["excepted"]}, key=list(KINDS).index)
    days = portal["credentials"]["days_left"]
    return dict(
        portal,
        opened=opened,
        kinds=kinds,
        quiet=[service for service in portal["services"] if service["status"] in (IN_ORDER, LEFT_ALONE)],
        bar=_segments(numbers),
        bar_text=", ".join(f"{number} {SERVICE_STATUSES[status].lower()}" for status, number in numbers if number)
        or "no mail services known",
        in_short=_in_short(portal),
        expiry=None if days is None else "{} {}".format("expires" if days >= 0 else "expired", in_days(days)),
        groups=_groups([finding for finding in portal["findings"] if finding["kind"] not in ERROR_KINDS]),
        known=_groups(portal["excepted"]),
    )


def _in_short(portal: Portal) -> list[tuple[str, str]]:
    """``[(severity, text)]`` for the line of a closed portal: drift kind by kind, all else as a number."""
    if portal["error"]:
        return [(ERROR, portal["error"]["code"])]
    short = [
        (DRIFT, f"{number} {KINDS[kind].label.lower()}")
        for kind, number in portal["counts"].items()
        if number and KINDS[kind].severity == DRIFT
    ]
    warnings = sum(number for kind, number in portal["counts"].items() if KINDS[kind].severity == WARNING)
    if warnings:
        short.append((WARNING, counted(warnings, "warning")))
    if portal["excepted"]:
        short.append((NOTE, "{} excepted".format(len(portal["excepted"]))))
    return short


def _groups(findings: Iterable[Finding]) -> list[dict[str, Any]]:
    """The findings by service, since people fix services."""
    groups: dict[tuple[str | None, int | None], dict[str, Any]] = {}
    for finding in findings:
        group = groups.setdefault(
            (finding["service"], finding["id"]),
            {"service": finding["service"], "id": finding["id"], "findings": [], "drift": False},
        )
        group["findings"].append(dict(finding, rows=[_row(field) for field in finding["fields"]]))
        group["drift"] = group["drift"] or finding["severity"] == DRIFT
    return list(groups.values())


def _row(field: dict[str, Any]) -> dict[str, Any]:
    before, after = value(field["before"]), value(field["after"])
    if isinstance(field["before"], str) and isinstance(field["after"], str):
        parts = differing(before, after)
    elif None in (field["before"], field["after"]):
        parts = ((before, "", ""), (after, "", ""))
    else:
        parts = (("", before, ""), ("", after, ""))
    return {
        "field": field["field"],
        "before": parts[0],
        "after": parts[1],
        "unset": (field["before"] is None, field["after"] is None),
        "text": str in (type(field["before"]), type(field["after"])),
    }


def _briefly(effect: str) -> str:
    """An effect without what holds for all of them, which the page says once."""
    return visible(effect[: -len(HOW_MANY)].rstrip() if effect.endswith(HOW_MANY) else effect, 600)


def _moment(text: str) -> str:
    """22 November 2026, 03:00 UTC"""
    year, month, day = text[:10].split("-")
    date = f"{int(day)} {_MONTHS[int(month) - 1]} {year}"
    return f"{date}, {text[11:16]} UTC" if len(text) > 10 else date
