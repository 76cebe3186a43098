# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The last report: when each portal was read, and what was found then. However wrong it is, it is only history."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ansible_collections.bitrix24.portal.plugins.module_utils._audit.findings import ERROR_KINDS, NOT_AUDITED
from ansible_collections.bitrix24.portal.plugins.plugin_utils._report.exceptions import read_date
from ansible_collections.bitrix24.portal.plugins.plugin_utils._report.numbers import in_numbers, read_numbers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ansible_collections.bitrix24.portal.plugins.module_utils._audit.findings import Finding


class LastReport:
    """``text``: of its JSON form; ``generated``: the moment of the report that is made now.

    A report that is made again for the same moment compares with the same one as before, so that it stays as it was.
    """

    def __init__(self, text: str | None, generated: str) -> None:
        self.last_success: dict[str, str] = {}
        self.last_known: dict[str, dict[str, Any]] = {}
        """The portals in numbers, each of the last audit that was about it."""
        self.names: list[str] = []
        self.since: str | None = None
        """The moment of the report with which this one compares; None where there is none."""
        self._known: dict[str, set[Any]] = {}
        self._unread: set[str] = set()
        try:
            self._read(json.loads(text or "{}"), generated)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError, OverflowError):
            self.last_success, self.last_known, self.since, self.names = {}, {}, None, []

    def is_new(self, portal: str, finding: Finding) -> bool | None:
        """Whether the last report has not got it, or not all of it; None where that cannot be said."""
        if self.since is None or (portal in self._unread and finding["kind"] not in ERROR_KINDS):
            return None
        return not set(_keys(finding)) <= self._known.get(portal, set())

    def _read(self, report: dict[str, Any], generated: str) -> None:
        for portal in report["portals"]:
            if read_date(portal["last_success"]) is not None:
                self.last_success[portal["name"]] = str(portal["last_success"])
            if isinstance(portal["name"], str):
                self.names.append(portal["name"])
            left_out = portal["status"] == NOT_AUDITED
            numbers = portal.get("last_known") if left_out else in_numbers(portal)
            if numbers is not None:
                self.last_known[portal["name"]] = read_numbers(numbers)
        remade = report["generated"] == generated
        since = report.get("since") if remade else report["generated"]
        for portal in report["portals"]:
            found = portal["findings"] + portal["excepted"]
            self._known[portal["name"]] = {
                key for finding in found if not (remade and finding.get("new")) for key in _keys(finding)
            }
            if portal["error"] is not None:
                self._unread.add(portal["name"])
        self.since = None if read_date(since) is None else str(since)


def _keys(finding: Finding) -> Iterator[tuple[str, ...]]:
    """What makes a finding the same in two reports: its service, and each field that differs, or a server's code."""
    of = finding["service"] if finding["id"] is None else finding["id"]
    for field in finding["fields"] or [finding.get("code")]:
        yield finding["kind"], json.dumps(of), json.dumps(field, sort_keys=True)
