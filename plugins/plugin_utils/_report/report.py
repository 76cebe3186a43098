# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The parts of all portals → the report: what is excepted, has run out or fails. It alone knows what day it is."""

from __future__ import annotations

import datetime
import json
from typing import TYPE_CHECKING, Any, NamedTuple

from ansible_collections.bitrix24.portal.plugins.module_utils._audit.audit import stopped as stopped_part
from ansible_collections.bitrix24.portal.plugins.module_utils._audit.findings import (
    DRIFT,
    DRIFT_KINDS,
    DRIFTED,
    ERROR_KINDS,
    EXCEPTED,
    IN_ORDER,
    KINDS,
    LEFT_ALONE,
    NOTE,
    SERVICE_STATUSES,
    STATUSES,
    WEBHOOK_EXPIRY,
    finding,
)
from ansible_collections.bitrix24.portal.plugins.module_utils._version import VERSION
from ansible_collections.bitrix24.portal.plugins.plugin_utils._report.exceptions import (
    BadSetting,
    Exceptions,
    read_date,
)
from ansible_collections.bitrix24.portal.plugins.plugin_utils._report.words import counted, in_days

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from ansible_collections.bitrix24.portal.plugins.module_utils._audit.findings import Finding, Portal, Report

SCHEMA_VERSION = 1
FAIL_ON = (DRIFT,) + ERROR_KINDS + tuple(kind for kind in KINDS if kind not in ERROR_KINDS)
MOMENT = "%Y-%m-%dT%H:%M:%SZ"
_ORDER = {kind: place for place, kind in enumerate(KINDS)}
_URGENCY = {status: place for place, status in enumerate(STATUSES)}


def make_report(
    parts: Mapping[str, Portal],
    time: str,
    fail_on: Collection[str] = (DRIFT,) + ERROR_KINDS,
    drift: Collection[str] = DRIFT_KINDS,
    exceptions: Iterable[Any] | None = (),
    warn_days: int = 14,
    stopped: Iterable[str] = (),
    previous: str | None = None,
    title: str = "Mail services audit",
) -> Report:
    """The whole report, as the JSON file has it. Raises BadSetting.

    parts: the parts of the portals by their names; stopped: the names of those on whose hosts Ansible stopped; time: in
    UTC, as ``2026-11-22T03:00:00Z``; previous: the text of the last JSON report, for when a portal was last read.
    """
    moment = _moment(time)
    _known("fail_on", fail_on, FAIL_ON)
    _known("drift", drift, DRIFT_KINDS)
    rules = Exceptions(exceptions, moment.date())
    portals = {**{name: stopped_part() for name in stopped}, **parts}
    last = _last_success(previous)
    settings = _Settings(moment, tuple(fail_on), tuple(drift), int(warn_days), rules, last)
    reported = sorted(
        (_judged(name, part, settings) for name, part in portals.items()),
        key=lambda portal: (_URGENCY[portal["status"]], _natural(portal["name"])),
    )
    return {
        "schema_version": SCHEMA_VERSION,
        "title": str(title),
        "generated": moment.strftime(MOMENT),
        "generator": {"collection": "bitrix24.portal", "version": VERSION},
        "fail_on": list(fail_on),
        "failed": any(portal["failed_on"] for portal in reported),
        "summary": _summary(reported),
        "exceptions": rules.to_report(),
        "portals": reported,
    }


class _Settings(NamedTuple):
    moment: datetime.datetime
    fail_on: tuple[str, ...]
    drift: tuple[str, ...]
    warn_days: int
    rules: Exceptions
    last: dict[str, str]
    """When each portal was last read."""


def _moment(time: str) -> datetime.datetime:
    try:
        return datetime.datetime.strptime(str(time), MOMENT)
    except ValueError:
        raise BadSetting("time", f"time is a moment in UTC such as 2026-11-22T03:00:00Z, not {str(time)!r}") from None


def _known(option: str, given: Iterable[str], known: Collection[str]) -> None:
    for what in given:
        if what not in known:
            raise BadSetting(option, "{}: there is no {!r}; it may hold {}".format(option, what, ", ".join(known)))


def _judged(name: str, part: Portal, settings: _Settings) -> Portal:
    error = part["reason"]
    portal = dict(part, name=name, error=error, credentials=dict(part["credentials"], days_left=None))
    findings = list(part["findings"])
    if error is not None:
        findings.append(finding(error["kind"], error["text"]))
    findings.extend(_webhook(portal["credentials"], settings))
    findings = [
        dict(item, severity=NOTE) if item["severity"] == DRIFT and item["kind"] not in settings.drift else item
        for item in findings
    ]
    findings.sort(key=_place)
    left, excepted = settings.rules.split(name, findings)
    drifted = any(item["severity"] == DRIFT for item in left)
    portal["status"] = error["kind"] if error else DRIFTED if drifted else IN_ORDER
    portal["failed_on"] = [
        what
        for what in settings.fail_on
        if any(what in (item["kind"], item["severity"]) and item["severity"] != NOTE for item in left)
    ]
    portal["last_success"] = settings.last.get(name) if error else settings.moment.strftime(MOMENT)
    portal["services"] = _with_status(portal["services"], left, excepted)
    portal["findings"], portal["excepted"] = left, excepted
    portal["counts"] = _count(left)
    portal["summary"] = _in_words(portal)
    return {
        key: portal[key]
        for key in (
            "name",
            "host",
            "status",
            "summary",
            "failed_on",
            "error",
            "last_success",
            "credentials",
            "catch_all",
            "counts",
            "findings",
            "excepted",
            "services",
        )
    }


def _webhook(credentials: dict[str, Any], settings: _Settings) -> Iterator[Finding]:
    if credentials["webhook_expires"] is None:
        return
    expires = read_date(credentials["webhook_expires"])
    if expires is None:
        yield finding(WEBHOOK_EXPIRY, "webhook_expires is not a date such as 2027-03-31.")
        return
    credentials["webhook_expires"] = expires.isoformat()
    credentials["days_left"] = days = (expires - settings.moment.date()).days
    if days <= settings.warn_days:
        yield finding(
            WEBHOOK_EXPIRY,
            "The webhook {} {} ({}).".format("expires" if days >= 0 else "expired", in_days(days), expires.isoformat()),
        )


def _with_status(
    services: Iterable[dict[str, Any]], left: list[Finding], excepted: list[Finding]
) -> list[dict[str, Any]]:
    """Each service with its status; a finding belongs to the service of its ID, or without one to that of its name."""
    drifted, known = (
        set(_keys(findings)) for findings in ([item for item in left if item["severity"] == DRIFT], excepted)
    )
    with_status = []
    for service in services:
        key = service["id"] if service["id"] is not None else service["name"]
        status = (
            DRIFTED if key in drifted else EXCEPTED if key in known else IN_ORDER if service["managed"] else LEFT_ALONE
        )
        with_status.append(dict({key: value for key, value in service.items() if key != "managed"}, status=status))
    return with_status


def _keys(findings: Iterable[Finding]) -> Iterator[str | int | None]:
    for item in findings:
        if item["id"] is None:
            yield item["service"]
        else:
            yield item["id"]
            yield from item.get("ids", ())


def _count(findings: Iterable[Finding]) -> dict[str, int]:
    counts = dict.fromkeys(KINDS, 0)
    for item in findings:
        counts[item["kind"]] += item["severity"] != NOTE
    return counts


def _in_words(portal: Portal) -> str:
    if portal["error"] is not None:
        return portal["error"]["text"]
    found = [f"{number} {KINDS[kind].label.lower()}" for kind, number in portal["counts"].items() if number]
    notes = sum(item["severity"] == NOTE for item in portal["findings"])
    if notes:
        found.append(counted(notes, "note"))
    if portal["excepted"]:
        found.append("{} excepted".format(len(portal["excepted"])))
    return ", ".join(found) or "nothing found"


def _summary(portals: Collection[Portal]) -> dict[str, Any]:
    services = [service["status"] for portal in portals for service in portal["services"]]
    return {
        "portals": dict(
            {"all": len(portals)},
            **{status: sum(portal["status"] == status for portal in portals) for status in STATUSES},
        ),
        "services": dict({"all": len(services)}, **{status: services.count(status) for status in SERVICE_STATUSES}),
        "findings": {kind: sum(portal["counts"][kind] for portal in portals) for kind in KINDS},
        "excepted": sum(len(portal["excepted"]) for portal in portals),
        "verdict": _verdict(portals),
    }


def _verdict(portals: Collection[Portal]) -> str:
    """The whole report in a sentence."""
    counts = [(status, sum(portal["status"] == status for portal in portals)) for status in STATUSES]
    parts = [(count, STATUSES[status].verb) for status, count in counts if count]
    if not portals:
        return "There was no portal to audit."
    if len(parts) > 1:
        return "Of {}, {}.".format(
            counted(len(portals), "portal"),
            ", ".join(f"{count} {verb[count > 1]}" for count, verb in parts),
        )
    return "{} {}.".format(
        "The portal" if len(portals) == 1 else f"All {len(portals)} portals",
        parts[0][1][len(portals) > 1],
    )


def _last_success(previous: str | None) -> dict[str, str]:
    """When each portal was last read, from the text of an earlier report; whatever is wrong there is only history."""
    try:
        return {
            portal["name"]: portal["last_success"]
            for portal in json.loads(previous or "{}")["portals"]
            if read_date(portal["last_success"]) is not None
        }
    except (ValueError, KeyError, TypeError, AttributeError):
        return {}


def _place(item: Finding) -> tuple[Any, ...]:
    return (
        item["service"] is not None,
        (item["service"] or "").lower(),
        item["service"] or "",
        item["id"] or 0,
        _ORDER[item["kind"]],
        item["text"],
    )


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
