# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One portal's part → its part of the report: what of it is excepted, has run out or fails."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from ansible_collections.bitrix24.portal.plugins.module_utils._audit.findings import (
    DRIFT,
    DRIFTED,
    EXCEPTED,
    IN_ORDER,
    KINDS,
    LEFT_ALONE,
    NOT_AUDITED,
    NOTE,
    WEBHOOK_EXPIRY,
    finding,
)
from ansible_collections.bitrix24.portal.plugins.plugin_utils._report.exceptions import Exceptions, read_date
from ansible_collections.bitrix24.portal.plugins.plugin_utils._report.numbers import MOMENT
from ansible_collections.bitrix24.portal.plugins.plugin_utils._report.previous import LastReport
from ansible_collections.bitrix24.portal.plugins.plugin_utils._words import counted, in_days

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ansible_collections.bitrix24.portal.plugins.module_utils._audit.findings import Finding, Portal

_ORDER = {kind: place for place, kind in enumerate(KINDS)}


class Settings(NamedTuple):
    moment: datetime.datetime
    fail_on: tuple[str, ...]
    drift: tuple[str, ...]
    warn_days: int
    rules: Exceptions
    last: LastReport


def judged(name: str, part: Portal, settings: Settings) -> Portal:
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
    findings = [dict(item, new=settings.last.is_new(name, item)) for item in findings]
    findings.sort(key=_place)
    left, excepted = settings.rules.split(name, findings)
    drifted = any(item["severity"] == DRIFT for item in left)
    portal["status"] = error["kind"] if error else DRIFTED if drifted else IN_ORDER
    portal["failed_on"] = [
        what
        for what in settings.fail_on
        if any(what in (item["kind"], item["severity"]) and item["severity"] != NOTE for item in left)
    ]
    portal["last_success"] = settings.last.last_success.get(name) if error else settings.moment.strftime(MOMENT)
    portal["last_known"] = settings.last.last_known.get(name) if portal["status"] == NOT_AUDITED else None
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
            "last_known",
            "credentials",
            "catch_all",
            "counts",
            "findings",
            "excepted",
            "services",
            "servers",
        )
    }


def _webhook(credentials: dict[str, Any], settings: Settings) -> Iterator[Finding]:
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


def _place(item: Finding) -> tuple[Any, ...]:
    return (
        item["service"] is not None,
        (item["service"] or "").lower(),
        item["service"] or "",
        item["id"] or 0,
        _ORDER[item["kind"]],
        item["text"],
    )
