# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The parts of all portals → the report. It alone knows what day it is."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

from ansible_collections.bitrix24.portal.plugins.module_utils._audit.audit import left_out as left_out_part
from ansible_collections.bitrix24.portal.plugins.module_utils._audit.audit import stopped as stopped_part
from ansible_collections.bitrix24.portal.plugins.module_utils._audit.findings import (
    DRIFT,
    DRIFT_KINDS,
    ERROR_KINDS,
    FAIL_ON,
    KINDS,
    NOTE,
    SERVICE_STATUSES,
    STATUSES,
)
from ansible_collections.bitrix24.portal.plugins.module_utils._text import visible
from ansible_collections.bitrix24.portal.plugins.module_utils._version import VERSION
from ansible_collections.bitrix24.portal.plugins.plugin_utils._report.exceptions import (
    BadSetting,
    Exceptions,
)
from ansible_collections.bitrix24.portal.plugins.plugin_utils._report.judge import MOMENT, Settings, judged
from ansible_collections.bitrix24.portal.plugins.plugin_utils._report.previous import LastReport
from ansible_collections.bitrix24.portal.plugins.plugin_utils._words import counted

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from ansible_collections.bitrix24.portal.plugins.module_utils._audit.findings import Portal, Report

SCHEMA_VERSION = 1
MAY_FAIL_ON = (DRIFT,) + ERROR_KINDS + tuple(kind for kind in KINDS if kind not in ERROR_KINDS)
_URGENCY = {status: place for place, status in enumerate(STATUSES)}


def make_report(
    parts: Mapping[str, Portal],
    time: str,
    fail_on: Collection[str] = FAIL_ON,
    drift: Collection[str] = DRIFT_KINDS,
    exceptions: Iterable[Any] | None = (),
    warn_days: int = 14,
    stopped: Iterable[str] = (),
    previous: str | None = None,
    left_out: Iterable[str] = (),
    known: Collection[str] | None = None,
    title: str = "Mail services audit",
    inventory: Iterable[str] = (),
) -> Report:
    """The whole report, as the JSON file has it. Raises BadSetting.

    parts: the parts of the portals by their names; stopped: the names of those on whose hosts Ansible stopped; time: in
    UTC, as ``2026-11-22T03:00:00Z``; previous: the text of the last JSON report, for when a portal was last read and
    what is new since; inventory: its sources, for the commands that a reader may copy.
    left_out: the names of those that this audit was not about, as are those of the last report that nothing else is
    said of; known: the names that portals may have (None: any), so that those that are gone are forgotten.
    """
    moment = _moment(time)
    _known("fail_on", fail_on, MAY_FAIL_ON)
    _known("drift", drift, DRIFT_KINDS)
    rules = Exceptions(exceptions, moment.date())
    last = LastReport(previous, moment.strftime(MOMENT))
    absent = [*left_out, *(name for name in last.names if known is None or name in known)]
    portals = {**{name: left_out_part() for name in absent}, **{name: stopped_part() for name in stopped}, **parts}
    settings = Settings(moment, tuple(fail_on), tuple(drift), int(warn_days), rules, last)
    reported = sorted(
        (judged(name, part, settings) for name, part in portals.items()),
        key=lambda portal: (_URGENCY[portal["status"]], _natural(portal["name"])),
    )
    return {
        "schema_version": SCHEMA_VERSION,
        "title": str(title),
        "generated": moment.strftime(MOMENT),
        "since": last.since,
        "generator": {"collection": "bitrix24.portal", "version": VERSION},
        "inventory": list(inventory),
        "fail_on": list(fail_on),
        "failed": any(portal["failed_on"] for portal in reported),
        "summary": _summary(reported, last.since is not None),
        "exceptions": rules.to_report(),
        "portals": reported,
    }


def _moment(time: str) -> datetime.datetime:
    try:
        return datetime.datetime.strptime(str(time), MOMENT)
    except ValueError:
        raise BadSetting("time", f"time is a moment in UTC such as 2026-11-22T03:00:00Z, not {str(time)!r}") from None


def _known(option: str, given: Iterable[str], known: Collection[str]) -> None:
    for what in given:
        if what not in known:
            raise BadSetting(option, "{}: there is no {!r}; it may hold {}".format(option, what, ", ".join(known)))


def _summary(portals: Collection[Portal], comparable: bool) -> dict[str, Any]:
    services = [service["status"] for portal in portals for service in portal["services"]]
    return {
        "portals": dict(
            {"all": len(portals)},
            **{status: sum(portal["status"] == status for portal in portals) for status in STATUSES},
        ),
        "services": dict({"all": len(services)}, **{status: services.count(status) for status in SERVICE_STATUSES}),
        "findings": {kind: sum(portal["counts"][kind] for portal in portals) for kind in KINDS},
        "excepted": sum(len(portal["excepted"]) for portal in portals),
        "new": sum(_new(portal) for portal in portals) if comparable else None,
        "verdict": _verdict(portals),
    }


def _new(portal: Portal) -> int:
    return sum(item["new"] is True and item["severity"] != NOTE for item in portal["findings"])


def _verdict(portals: Collection[Portal]) -> str:
    """The whole report in a sentence."""
    counts = [(status, sum(portal["status"] == status for portal in portals)) for status in STATUSES]
    parts = [(count, STATUSES[status]) for status, count in counts if count]
    if not portals:
        return "There was no portal to audit."
    if len(portals) == 1:
        (portal,) = portals
        return "{} {}.".format(visible(portal["name"]), STATUSES[portal["status"]].verb[0])
    if len(parts) == 1:
        return f"{parts[0][1].all(len(portals))}."
    told = ", ".join(f"{count} {status.verb[count > 1]}" for count, status in parts)
    return "Of {}, {}.".format(counted(len(portals), "portal"), told)


def _natural(name: str) -> tuple[list[tuple[int, int, str]], str]:
    """portal-9 before portal-10."""
    parts: list[tuple[int, int, str]] = []
    digits = ""
    for character in name + "\0":
        if character.isdigit() and character.isascii():
            digits += character
            continue
        if digits:
            parts.append((0, int(digits), ""))
            digits = ""
        parts.append((1, 0, character))
    return parts, name
