# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report as Markdown for a merge request or a job's summary: what many portals share is told once, details folded.

Whatever somebody else wrote stands in code: it links, mentions and embeds nothing.
"""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Any

from ansible_collections.bitrix24.portal.plugins.module_utils._audit.findings import (
    CHANGED,
    DRIFT,
    ERROR,
    ERROR_KINDS,
    KINDS,
    NOT_AUDITED,
    NOTE,
    STATUSES,
    UNAUTHORISED,
    UNREACHABLE,
    WARNING,
)
from ansible_collections.bitrix24.portal.plugins.plugin_utils._markdown import (
    MOST,
    Item,
    Section,
    alike,
    code,
    fit,
    folded,
    html_code,
    listed,
    sentence,
)
from ansible_collections.bitrix24.portal.plugins.plugin_utils._report.by_service import by_service
from ansible_collections.bitrix24.portal.plugins.plugin_utils._report.servers import in_verdicts
from ansible_collections.bitrix24.portal.plugins.plugin_utils._words import counted, own_words, said_once, value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from ansible_collections.bitrix24.portal.plugins.module_utils._audit.findings import Finding, Portal, Report

_MARKS = {ERROR: "🔴", UNREACHABLE: "🔴", UNAUTHORISED: "🟣", DRIFT: "🟠", WARNING: "🔵", NOTE: "⚪"}
_NAMED, _NAMED_FOLDED = 12, 200
"""So many portals are named in a line, and where it is folded out."""

_TOLD = 20
"""So many portals of one error are told with their own words."""

_ELSEWHERE = "the page and the JSON report have them all"


def render(report: Report, most: int = MOST) -> str:
    portals = report["portals"]
    groups = [(service["service"], group) for service in by_service(portals, notes=True) for group in service["groups"]]
    read = [portal for portal in portals if portal["status"] != NOT_AUDITED]
    sections = [_section(6, "portals that could not be read", _errors(read))]
    for weight, severity, words in (
        (5, DRIFT, "kinds of drift"),
        (5, ERROR, "servers that cannot be used"),
        (4, WARNING, "warnings"),
        (2, NOTE, "notes"),
    ):
        items = [_group(service, group) for service, group in groups if group["finding"]["severity"] == severity]
        sections.append(_section(weight, words, items))
    sections.append(_section(3, "exceptions in use", _excepted(portals)))
    return fit(_head(report), sections, _foot(report), most)


def _head(report: Report) -> str:
    mark = "❌" if report["failed"] else "✅"
    title = "## {} {}: {}".format(mark, sentence(report["title"]), _verdict(report))
    found = [f"{KINDS[kind].label}: {number}" for kind, number in report["summary"]["findings"].items() if number]
    if report["since"]:
        found.append("{} new since {}".format(report["summary"]["new"] or "nothing", report["since"]))
    return "\n\n".join(filter(None, [title, " · ".join(found)]))


def _verdict(report: Report) -> str:
    if len(report["portals"]) == 1:
        (portal,) = report["portals"]
        return "{} {}".format(code(portal["name"]), STATUSES[portal["status"]].verb[0])
    verdict: str = report["summary"]["verdict"]
    return verdict[0].lower() + verdict[1:].rstrip(".")


def _foot(report: Report) -> str:
    portals = report["portals"]
    quiet = sum(not portal["findings"] and not portal["excepted"] for portal in portals)
    excepted = report["summary"]["excepted"]
    servers = in_verdicts(portals)
    told = ["🟢 {} with nothing to tell.".format(counted(quiet, "portal")), ""] if quiet else []
    left_out = [portal["name"] for portal in portals if portal["status"] == NOT_AUDITED]
    told += [f"📮 {servers}.", ""] if servers else []
    if left_out:
        told += ["⚫ {} not audited: {}.".format(counted(len(left_out), "portal"), listed(left_out, code, _NAMED)), ""]
    effects = [text for portal in portals for finding in portal["findings"] for text in finding["effects"]]
    told = [line for text in said_once(effects) for line in (text, "")] + told
    known = "{} excepted · ".format(counted(excepted, "finding")) if excepted else ""
    return "\n".join([*told, "---", f"{known}{report['generated']}, bitrix24.portal {report['generator']['version']}"])


def _section(weight: int, words: str, items: Sequence[Item]) -> Section:
    return Section(
        items,
        lambda number: f"… and {number} more ({words}); {_ELSEWHERE}.",
        weight,
        lambda number: f"({number} of them without details; {_ELSEWHERE}.)",
    )


def _item(mark: str, what: Callable[[Callable[[str], str]], str], portals: Sequence[str], body: list[str]) -> Item:
    """``what``: the words for the line, given how a name is written there."""

    def line(write: Callable[[str], str]) -> str:
        on = "on" if len(portals) == 1 else f"the same on {len(portals)} portals:"
        return f"{mark} {what(write)}, {on} {listed(portals, write, _NAMED)}"

    if len(portals) > _NAMED:
        body = [*body, "", "{}: {}".format(counted(len(portals), "portal"), listed(portals, code, _NAMED_FOLDED))]
    return Item(folded(line(html_code), body), line(code)) if body else Item(line(code))


def _group(service: str | None, group: dict[str, Any]) -> Item:
    finding = group["finding"]
    kind = KINDS[finding["kind"]].label

    def what(write: Callable[[str], str]) -> str:
        words = kind if service is None else f"{write(service)}: {kind.lower()}"
        if finding["kind"] == CHANGED:
            words += " ({})".format(", ".join(field["field"] for field in finding["fields"]))
        words += " · ⛔ no way back" if finding["no_way_back"] else ""
        return words + (f" · {group['new']} new" if group["new"] else "")

    return _item(_MARKS[finding["severity"]], what, group["portals"], list(_details(finding)))


def _details(finding: Finding) -> Iterator[str]:
    yield sentence(finding["text"])
    if finding["fields"]:
        yield ""
        yield "| field | is | shall be |"
        yield "|---|---|---|"
        for field in finding["fields"]:
            values = (code(value(field[side]), table=True) for side in ("before", "after"))
            yield "| {} | {} | {} |".format(field["field"], *values)
    if finding["effects"]:
        yield ""
        for effect in finding["effects"]:
            mark = "⛔ no way back: " if effect in finding["no_way_back"] else ""
            yield f"- {mark}{sentence(own_words(effect))}"


def _errors(portals: Sequence[Portal]) -> list[Item]:
    unread = {portal["name"]: portal for portal in portals if portal["error"] is not None}
    errors = {
        name: (portal["error"]["kind"], portal["error"]["code"], portal["error"]["advice"])
        for name, portal in unread.items()
        if any(finding["kind"] in ERROR_KINDS for finding in portal["findings"])
    }
    items = []
    for names, (kind, why, advice) in alike(errors):
        body = [sentence(advice), ""] if advice else []
        for name in names[:_TOLD]:
            last = unread[name]["last_success"]
            told = f"; last read {last}" if last else ""
            body.append("- {}: {}{}".format(code(name), sentence(unread[name]["error"]["text"]), told))
        items.append(_item(_MARKS[kind], partial(_reason, kind, why), names, body))
    return items


def _reason(kind: str, why: str, write: Callable[[str], str]) -> str:
    return f"{KINDS[kind].label} ({write(why)})"


def _excepted(portals: Sequence[Portal]) -> list[Item]:
    known: dict[str, str] = {}
    for portal in portals:
        for at, finding in enumerate(portal["excepted"]):
            fields = [field["field"] for field in finding["fields"]]
            known[f"{at} {portal['name']}"] = json.dumps(
                [finding["service"], finding["kind"], fields, finding["exception"]]
            )
    items = []
    for names, key in alike(known):
        service, kind, fields, exception = json.loads(key)
        on = list(dict.fromkeys(name.partition(" ")[2] for name in names))
        what = KINDS[kind].label.lower() + (" ({})".format(", ".join(fields)) if fields else "")
        of = "" if service is None else f"{code(service)}: "
        told = f"excepted until {exception['until']}: {of}{what}: {code(exception['reason'])}"
        items.append(Item(f"- {told}, on {listed(on, code, _NAMED)}"))
    return items
