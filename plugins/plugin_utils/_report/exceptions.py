# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Exceptions: what is known, why, and until when. They silence findings and show them apart; none lasts for ever."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

from ansible_collections.bitrix24.portal.plugins.module_utils._audit.findings import CHANGED, KINDS
from ansible_collections.bitrix24.portal.plugins.module_utils._text import quoted
from ansible_collections.bitrix24.portal.plugins.module_utils._wildcard import Wildcard

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ansible_collections.bitrix24.portal.plugins.module_utils._audit.findings import Finding

KEYS = ("portal", "service", "field", "kind", "reason", "until")
ABOUT = ("portal", "service", "field", "kind")
ACTIVE, UNUSED, EXPIRED = "active", "unused", "expired"


class BadSetting(ValueError):
    """An option of the user's that no report can be made with."""

    def __init__(self, option: str, text: str) -> None:
        super().__init__(f"{text} (in the role mailservice_audit: mailservice_audit_{option})")


class Exceptions:
    """The user's list, as of a day."""

    def __init__(self, entries: Iterable[Any] | None, today: datetime.date) -> None:
        self._all = [_Exception(at, entry, today) for at, entry in enumerate(entries or ())]

    def split(self, portal: str, findings: Iterable[Finding]) -> tuple[list[Finding], list[Finding]]:
        """``(left, excepted)``: of a finding with several fields, those that are excepted go over, the rest stays."""
        rules = [rule for rule in self._all if rule.state != EXPIRED and rule.portal.matches(portal)]
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
                    excepted.append(rule.mark(dict(finding, fields=[field], effects=[], no_way_back=[])))
            if fields or not finding["fields"]:
                left.append(dict(finding, fields=fields))
        return left, excepted

    def to_report(self) -> list[dict[str, str | None]]:
        return [dict(rule.given, state=rule.state) for rule in self._all]


def wrong_or_expired(entries: Iterable[Any], today: datetime.date) -> Iterator[tuple[int, str]]:
    """``(place, text)`` of each that cannot be or has expired; the text goes on after the place in the list."""
    for at, entry in enumerate(entries):
        problem = _problem(entry)
        if problem is None:
            rule = _Exception(at, entry, today)
            if rule.state != EXPIRED:
                continue
            problem = f" ended on {rule.given['until']}; take it out, or give it another day"
        given = entry if isinstance(entry, dict) else {}
        about = [f"{key} {quoted(str(given[key]))}" for key in ABOUT if given.get(key) not in (None, "")]
        yield at, (f" ({', '.join(about)})" if about else "") + problem


class _Exception:
    def __init__(self, at: int, entry: Any, today: datetime.date) -> None:
        problem = _problem(entry)
        if problem is not None:
            raise BadSetting("exceptions", f"exceptions[{at}]{problem}")
        self.given = _keys_given(entry)
        until = read_date(self.given["until"]) or today
        self.given["until"] = until.isoformat()
        self.state = EXPIRED if until < today else UNUSED
        self.portal = Wildcard(self.given["portal"])
        self._service = None if self.given["service"] is None else Wildcard(self.given["service"])

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
        return self._service is None or (finding["service"] is not None and self._service.matches(finding["service"]))

    def mark(self, finding: Finding) -> Finding:
        self.state = ACTIVE
        return dict(finding, exception={"reason": self.given["reason"], "until": self.given["until"]})


def _keys_given(entry: dict[str, Any]) -> dict[str, Any]:
    return {key: None if entry.get(key) in (None, "") else str(entry[key]) for key in KEYS}


def _problem(entry: Any) -> str | None:
    """Why an exception cannot be, as it goes on after its place in the list."""
    if not isinstance(entry, dict) or not set(entry) <= set(KEYS):
        return " must be a map of {}".format(", ".join(KEYS))
    given = _keys_given(entry)
    for key in ("portal", "reason", "until"):
        if given[key] is None:
            return f" has no {key}; an exception says where, why and until when"
    if given["service"] is None and given["kind"] is None:
        return " names neither a service nor a kind of finding"
    if given["kind"] is not None and given["kind"] not in KINDS:
        return ": there is no kind {!r}; the kinds are {}".format(given["kind"], ", ".join(KINDS))
    if read_date(given["until"]) is None:
        return ": until is not a date such as 2027-03-31"
    return None


def read_date(text: Any) -> datetime.date | None:
    """The day that a text begins with, or None."""
    try:
        return datetime.datetime.strptime(str(text)[:10], "%Y-%m-%d").date()
    except ValueError:
        return None
