# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is the matter with a portal, in the few words that a terminal has room for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ansible_collections.bitrix24.portal.plugins.module_utils._audit.findings import (
    CHANGED,
    DRIFT,
    ERROR,
    EXTRA,
    IN_ORDER,
    KINDS,
    NOT_AUDITED,
    NOTE,
    REFUSED,
    SERVER_FAILED,
    SERVER_WARNING,
)
from ansible_collections.bitrix24.portal.plugins.module_utils._text import visible
from ansible_collections.bitrix24.portal.plugins.plugin_utils._words import counted, value

if TYPE_CHECKING:
    from ansible_collections.bitrix24.portal.plugins.module_utils._audit.findings import Finding, Portal, Report

_WEIGHT = {DRIFT: 0, ERROR: 1}
MOST = 5
"""So many findings of a portal are told."""


def needs_attention(portal: Portal) -> bool:
    return portal["status"] not in (IN_ORDER, NOT_AUDITED) or bool(portal["failed_on"])


def result(report: Report, page: str | None) -> str:
    """The whole audit in a line. page: the path of the file to read, None where there is none."""
    portals = report["portals"]
    number = sum(map(needs_attention, portals))
    left_out = sum(portal["status"] == NOT_AUDITED for portal in portals)
    if not portals:
        told = "There was no portal to audit."
    elif not number:
        told = f"{counted(len(portals) - left_out, 'portal')} audited, none needs attention."
    else:
        told = f"{number} of {counted(len(portals), 'portal')} need{'s' * (number == 1)} attention."
    if left_out:
        told = f"{told[:-1]}; {left_out} not audited."
    return f"{told} Page: {visible(page, 2000)}" if page else told


def told(portal: Portal) -> str:
    """What drifted, or why the portal could not be read, or else its notes; empty where there is nothing."""
    if portal["error"] is not None:
        return visible(portal["error"]["text"], 600)
    findings = [item for item in portal["findings"] if item["severity"] != NOTE]
    if not findings and portal["findings"]:
        return "note: " + "; ".join(map(_of, portal["findings"][:MOST]))
    findings.sort(key=lambda item: _WEIGHT.get(item["severity"], len(_WEIGHT)))
    parts = [_of(item) for item in findings[:MOST]]
    if len(findings) > MOST:
        parts.append(f"and {len(findings) - MOST} more")
    return "; ".join(parts)


def _of(item: Finding) -> str:
    what = "not wanted" if item["kind"] == EXTRA else KINDS[item["kind"]].label.lower()
    if item["kind"] == CHANGED and item["fields"]:
        what = ", and ".join(
            f"{field['field']} {value(field['before'])}, wanted {value(field['after'])}" for field in item["fields"]
        )
    elif item["kind"] in (SERVER_FAILED, SERVER_WARNING):
        what = visible(item["text"], 400).rstrip(".")
    elif item["kind"] == REFUSED or item["service"] is None:
        what = visible(item["text"], 400)
    return what if item["service"] is None else f"{visible(item['service'])}: {what}"
