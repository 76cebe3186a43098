# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Exceptions: what is known, why, and until when. They silence findings and show them apart; none lasts for ever."""

from __future__ import annotations

import datetime
import re
from typing import TYPE_CHECKING, Any

from ansible_collections.bitrix24.portal.plugins.module_utils._audit.findings import CHANGED, KINDS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ansible_collections.bitrix24.portal.plugins.module_utils._audit.findings import Finding

KEYS = ("portal", "service", "field", "kind", "reason", "until")
ACTIVE, UNUSED, EXPIRED = "active", "unused", "expired"


class BadException(ValueError):
    """An exception of the user's that cannot be."""


class Exceptions:
    """The user's list, as of a day."""

    def __init__(self, entries: Iterable[Any] | None, today: datetime.date) -> None:
        self._all = [_Exception(at, entry, today) for at, entry in enumerate(entries or ())]

    def split(self, portal: str, findings: Iterable[Finding]) -> tuple[list[Finding], list[Finding]]:
        """``(left, excepted)``: of a finding with several fields, those that are excepted go over, the rest stays."""
        rules = [rule for rule in self._all if rule.state != EXPIRED and rule.portal.match(portal)]
        left: list[Finding] = []
        excepted: list[Finding] = []
        for finding in findings:
            rule = next((rule for rule in rules if rule.covers(finding)), None)
            if rule is not None:
                excepted.append(rule.mark(finding))
                continue
            fields = []
            for field in finding["fields"]:
                rule = next(
                    (rule for rule in rules if finding["kind"] == CHANGED and rule.covers_field(finding, field)), None
                )
                if rule is None:
                    fields.append(field)
                else:
                    excepted.append(rule.mark(dict(finding, fields=[field], effects=[])))
            if fields or not finding["fields"]:
                left.append(dict(finding, fields=fields))
        return left, excepted

    def to_report(self) -> list[dict[str, str | None]]:
        return [dict(rule.given, state=rule.state) for rule in self._all]


class _Exception:
    def __init__(self, at: int, entry: Any, today: datetime.date) -> None:
        where = f"mailservice_audit_exceptions[{at}]"
        if not isinstance(entry, dict) or not set(entry) <= set(KEYS):
            raise BadException("{} must be a map of {}".format(where, ", ".join(KEYS)))
        self.given: dict[str, Any] = {key: None if entry.get(key) in (None, "") else str(entry[key]) for key in KEYS}
        for key in ("portal", "reason", "until"):
            if self.given[key] is None:
                raise BadException(f"{where} has no {key}; an exception says where, why and until when")
        if self.given["service"] is None and self.given["kind"] is None:
            raise BadException(f"{where} names neither a service nor a kind of finding")
        if self.given["kind"] is not None and self.given["kind"] not in KINDS:
            raise BadException(
                "{}: there is no kind {!r}; the kinds are {}".format(where, self.given["kind"], ", ".join(KINDS))
            )
        until = read_date(self.given["until"])
        if until is None:
            raise BadException(f"{where}: until is not a date such as 2027-03-31")
        self.given["until"] = until.isoformat()
        self.state = EXPIRED if until < today else UNUSED
        self.portal = wildcard(self.given["portal"])
        self._service = None if self.given["service"] is None else wildcard(self.given["service"])

    def covers(self, finding: Finding) -> bool:
        if self.given["field"] is not None:
            return (
                finding["kind"] == CHANGED
                and len(finding["fields"]) == 1
                and self.covers_field(finding, finding["fields"][0])
            )
        return self._means(finding)

    def covers_field(self, finding: Finding, field: dict[str, Any]) -> bool:
        return field["field"] == self.given["field"] and self._means(finding)

    def _means(self, finding: Finding) -> bool:
        if self.given["kind"] is not None and self.given["kind"] != finding["kind"]:
            return False
        return self._service is None or (
            finding["service"] is not None and bool(self._service.match(finding["service"]))
        )

    def mark(self, finding: Finding) -> Finding:
        self.state = ACTIVE
        return dict(finding, exception={"reason": self.given["reason"], "until": self.given["until"]})


def wildcard(pattern: str) -> re.Pattern[str]:
    return re.compile(".*".join(re.escape(part) for part in pattern.split("*")) + r"\Z", re.DOTALL)


def read_date(text: Any) -> datetime.date | None:
    """The day that a text begins with, or None."""
    try:
        return datetime.datetime.strptime(str(text)[:10], "%Y-%m-%d").date()
    except ValueError:
        return None
