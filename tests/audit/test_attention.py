# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the terminal says of a portal that needs attention."""

from __future__ import annotations

import pytest

from ansible_collections.bitrix24.portal.plugins.module_utils._audit.findings import finding
from ansible_collections.bitrix24.portal.plugins.plugin_utils._report import attention


def portal(*findings, status="drifted", error=None, failed_on=("drift",)):
    return {"status": status, "error": error, "failed_on": list(failed_on), "findings": list(findings)}


CHANGED = finding("changed", "…", "Company mail", 7, [("port", 143, 993), ("link", None, "https://a.example/")])


@pytest.mark.parametrize(
    "given, told",
    [
        (portal(CHANGED), "Company mail: port 143, wanted 993, and link unset, wanted https://a.example/"),
        (
            portal(finding("missing", "…", "A"), finding("extra", "…", "B", 2), finding("inactive", "…", "C", 3)),
            "A: missing; B: not wanted; C: inactive",
        ),
        (portal(finding("refused", "It cannot be.", "A")), "A: It cannot be."),
        (
            portal(finding("webhook_expiry", "The webhook expires today (2026-01-31)."), CHANGED),
            "Company mail: port 143, wanted 993, and link unset, wanted https://a.example/; "
            "The webhook expires today (2026-01-31).",
        ),
        (portal(finding("extra", "…", "A\n\u202eb", 2)), "A\\n\\u202eb: not wanted"),
        (
            portal(*(finding("missing", "…", str(at)) for at in range(9))),
            "0: missing; 1: missing; 2: missing; 3: missing; 4: missing; and 4 more",
        ),
        (portal(finding("extra", "…", "A", severity="note"), status="in_order", failed_on=()), "note: A: not wanted"),
        (portal(status="unreachable", error={"text": "It is down."}), "It is down."),
    ],
)
def test_a_portal_is_told_by_what_drifted_there(given, told):
    assert attention.told(given) == told


@pytest.mark.parametrize(
    "portals, line",
    [
        ([], "There was no portal to audit."),
        ([portal(status="in_order", failed_on=())] * 2, "2 portals audited, none needs attention. Page: p"),
        ([portal(), portal(status="in_order", failed_on=())], "1 of 2 portals needs attention. Page: p"),
        (
            [portal(failed_on=()), portal(status="unreachable"), portal(status="in_order")],
            "3 of 3 portals need attention. Page: p",
        ),
        (
            [portal(status="not_audited", failed_on=()), portal(status="in_order", failed_on=())],
            "1 portal audited, none needs attention; 1 not audited. Page: p",
        ),
    ],
)
def test_the_last_line_counts_the_portals_and_names_the_page(portals, line):
    assert attention.result({"portals": portals}, "p" if portals else None) == line


def test_without_a_page_none_is_named():
    assert attention.result({"portals": [portal()]}, None) == "1 of 1 portal needs attention."
