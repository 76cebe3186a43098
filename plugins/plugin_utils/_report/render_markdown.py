# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report as Markdown for a merge request or a job's summary.

Whatever somebody else wrote stands in code spans: they link, mention and embed nothing.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ansible_collections.bitrix24.portal.plugins.module_utils._audit.findings import (
    DRIFT,
    DRIFTED,
    IN_ORDER,
    KINDS,
    NOTE,
    STATUSES,
    UNAUTHORISED,
    UNREACHABLE,
)
from ansible_collections.bitrix24.portal.plugins.module_utils._text import visible
from ansible_collections.bitrix24.portal.plugins.plugin_utils._words import counted, in_days, value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ansible_collections.bitrix24.portal.plugins.module_utils._audit.findings import Finding, Portal, Report

MOST = 60000
"""Characters; a comment on GitHub takes 65,536."""

_MARKS = {DRIFTED: "🟠", UNREACHABLE: "🔴", UNAUTHORISED: "🟣", IN_ORDER: "🟢"}
_SEVERITIES = {DRIFT: "", NOTE: " (note)"}


def render(report: Report, most: int = MOST) -> str:
    head = [
        "## {}".format(_escaped(report["title"])),
        "",
        "{} **{}**".format("❌" if report["failed"] else "✅", _escaped(report["summary"]["verdict"])),
        "",
    ]
    kinds = [(KINDS[kind].label, number) for kind, number in report["summary"]["findings"].items() if number]
    if kinds:
        head.extend([" · ".join(f"{label}: {number}" for label, number in kinds), ""])
    excepted = report["summary"]["excepted"]
    known = "{} excepted · ".format(counted(excepted, "finding")) if excepted else ""
    foot = ["---", "{}{}, bitrix24.portal {}".format(known, report["generated"], report["generator"]["version"])]
    telling = [portal for portal in report["portals"] if portal["findings"] or portal["excepted"]]
    quiet = len(report["portals"]) - len(telling)
    if quiet and telling:
        foot.insert(0, "{} {} with nothing to tell.\n".format(_MARKS[IN_ORDER], counted(quiet, "portal")))
    room = most - len("\n".join(head + foot)) - 200
    body: list[str] = []
    left_out: list[Portal] = []
    for portal in telling:
        text = "\n".join(_portal(portal))
        if left_out or len(text) > room:
            left_out.append(portal)
            continue
        room -= len(text) + 1
        body.append(text)
    if left_out:
        body.append(
            "… and {} more; the page and the JSON report have them all.\n".format(counted(len(left_out), "portal"))
        )
    return "\n".join(head + body + foot) + "\n"


def _portal(portal: Portal) -> Iterator[str]:
    yield "### {} {}: {}".format(
        _MARKS[portal["status"]], code(portal["name"]), STATUSES[portal["status"]].label.lower()
    )
    yield ""
    error = portal["error"]
    for finding in portal["findings"]:
        advice = (
            " " + _sentence(error["advice"]) if error and finding["kind"] == error["kind"] and error["advice"] else ""
        )
        yield "- **{}**{}{}: {}{}".format(
            KINDS[finding["kind"]].label,
            _SEVERITIES.get(finding["severity"], ""),
            _service(finding),
            _sentence(finding["text"]),
            advice,
        )
        if finding["fields"]:
            yield ""
            yield "  | field | is | shall be |"
            yield "  |---|---|---|"
            for field in finding["fields"]:
                yield "  | {} | {} | {} |".format(
                    field["field"],
                    code(value(field["before"]), table=True),
                    code(value(field["after"]), table=True),
                )
            yield ""
    if portal["error"] and portal["last_success"]:
        yield "- last read {}".format(portal["last_success"])
    if portal["credentials"]["days_left"] is not None and not any(
        finding["kind"] == "webhook_expiry" for finding in portal["findings"]
    ):
        yield "- the webhook expires {}".format(in_days(portal["credentials"]["days_left"]))
    for finding in portal["excepted"]:
        fields = " ({})".format(", ".join(field["field"] for field in finding["fields"])) if finding["fields"] else ""
        what = KINDS[finding["kind"]].label.lower() + fields
        yield "- excepted until {}{}: {}: {}".format(
            finding["exception"]["until"],
            _service(finding),
            what,
            code(finding["exception"]["reason"]),
        )
    yield ""


def _service(finding: Finding) -> str:
    return "" if finding["service"] is None else " " + code(finding["service"])


def _sentence(text: str) -> str:
    """This collection's own words as they are; with a quotation of somebody else's words among them, as code."""
    return text if re.match(r"[A-Za-z0-9 ,.:;()_-]*\Z", text) else code(text)


def code(text: str, table: bool = False) -> str:
    """A code span that nothing in the text can end."""
    text = visible(text, 600)
    if not text.strip():
        text = f'"{text}"'
    if table and "|" in text:
        # A pipe ends a table's cell even inside a code span, and a backslash before it does not help where the text
        # brings its own.
        spelt_out = re.sub(r"[^A-Za-z0-9 ]", lambda found: f"&#{ord(found.group())};", text)
        return f"<code>{spelt_out}</code>"
    fence = "`" * (1 + max([len(run) for run in re.findall("`+", text)], default=0))
    pad = " " if text.startswith("`") or text.endswith("`") else ""
    return fence + pad + text + pad + fence


def _escaped(text: str) -> str:
    return (
        re.sub(r"([\\`*_{}\[\]()#+!|~<>&$@:-])", r"\\\1", visible(text))
        if re.search(r"[^A-Za-z0-9 ,.()-]", text)
        else text
    )
