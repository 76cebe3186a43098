# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report in a few lines for the terminal: the verdict, and each portal that has something to tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ansible_collections.bitrix24.portal.plugins.module_utils._audit.findings import NOT_AUDITED, STATUSES
from ansible_collections.bitrix24.portal.plugins.module_utils._text import visible
from ansible_collections.bitrix24.portal.plugins.plugin_utils._markdown import listed
from ansible_collections.bitrix24.portal.plugins.plugin_utils._report import attention
from ansible_collections.bitrix24.portal.plugins.plugin_utils._report.servers import in_verdicts
from ansible_collections.bitrix24.portal.plugins.plugin_utils._words import counted

if TYPE_CHECKING:
    from ansible_collections.bitrix24.portal.plugins.module_utils._audit.findings import Report

MOST = 40
_NAMED = 20
"""So many portals are named that were not audited."""


def render(report: Report) -> str:
    left_out = [portal["name"] for portal in report["portals"] if portal["status"] == NOT_AUDITED]
    telling = [
        portal
        for portal in report["portals"]
        if portal["name"] not in left_out and (portal["findings"] or portal["excepted"])
    ]
    lines = [report["summary"]["verdict"]]
    lines.extend(
        "{}: {}: {}".format(
            visible(portal["name"]),
            STATUSES[portal["status"]].label.lower(),
            attention.told(portal) or visible(portal["summary"], 400),
        )
        for portal in telling[:MOST]
    )
    if len(telling) > MOST:
        lines.append("… and {} more".format(counted(len(telling) - MOST, "portal")))
    servers = in_verdicts(report["portals"])
    lines.extend([servers] if servers else [])
    if left_out:
        lines.append("not audited: {}: {}".format(counted(len(left_out), "portal"), listed(left_out, visible, _NAMED)))
    lines.extend(
        "exception for {} has expired ({}): {}".format(
            visible(exception["portal"]), exception["until"], visible(exception["reason"])
        )
        for exception in report["exceptions"]
        if exception["state"] == "expired"
    )
    return "\n".join(lines) + "\n"
