# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report as JUnit XML: a suite per portal, a test case per service, so that a pipeline shows it like tests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

from ansible_collections.bitrix24.portal.plugins.module_utils._audit.findings import (
    DRIFT,
    EXCEPTED,
    KINDS,
    NOT_AUDITED,
    SERVER_FAILED,
    SERVER_WARNING,
)
from ansible_collections.bitrix24.portal.plugins.module_utils._text import visible
from ansible_collections.bitrix24.portal.plugins.plugin_utils._report.servers import as_they_should_be
from ansible_collections.bitrix24.portal.plugins.plugin_utils._words import value

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ansible_collections.bitrix24.portal.plugins.module_utils._audit.findings import Finding, Portal, Report

_LONG = 2000


def render(report: Report) -> str:
    root = ElementTree.Element("testsuites", name=_text(report["title"]))
    # No "skipped": Jenkins' schema knows that of a suite only.
    totals = {"tests": 0, "failures": 0, "errors": 0}
    names, classnames = Names(), Names()
    for portal in sorted(report["portals"], key=lambda portal: portal["name"]):
        # A dot would make a package of what stands before it.
        name = _text(portal["name"])
        suite = _suite(portal, report["generated"], names.distinct(name), classnames.distinct(name.replace(".", "_")))
        root.append(suite)
        for key in totals:
            totals[key] += int(suite.get(key, "0"))
    for key, number in totals.items():
        root.set(key, str(number))
    root.set("time", "0")
    _indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"


class Names:
    """Names that were given, each once: who asks for one again gets it with a number."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def distinct(self, name: str) -> str:
        found, number = name, 1
        while found in self._taken:
            number += 1
            found = f"{name} ({number})"
        self._taken.add(found)
        return found


def _suite(portal: Portal, generated: str, suite_name: str, name: str) -> ElementTree.Element:
    """``name``: the class of its cases."""
    suite = ElementTree.Element(
        "testsuite", name=suite_name, timestamp=generated.rstrip("Z"), time="0", hostname=_text(portal["host"] or "")
    )
    cases = [_portal_case(name, portal)]
    cases.extend(_service_case(name, label, service, portal) for label, service in _labelled(portal["services"]))
    about_none = [
        finding
        for finding in portal["findings"]
        if finding["severity"] == DRIFT and not _belongs(finding, portal["services"])
    ]
    cases.extend(_loose_case(name, finding) for finding in about_none)
    names = Names()
    for case in cases:
        case.set("name", names.distinct(case.get("name", "")))
    suite.extend(cases)
    suite.set("tests", str(len(cases)))
    for key, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(key, str(len([case for case in cases if case.find(tag) is not None])))
    return suite


def _portal_case(name: str, portal: Portal) -> ElementTree.Element:
    case = _case(name, "the portal can be read")
    error = portal["error"]
    if error is not None:
        known = [finding for finding in portal["excepted"] if finding["kind"] == error["kind"]]
        if known:
            _known(case, known)
        elif error["kind"] == NOT_AUDITED:
            ElementTree.SubElement(case, "skipped", message=_text(error["text"]))
        else:
            child = ElementTree.SubElement(case, "error", message=_text(error["text"]), type=_text(error["code"]))
            child.text = _text("{} {}".format(error["text"], error["advice"] or ""), _LONG).strip()
    told = [
        "{}: {}".format(KINDS[finding["kind"]].label, finding["text"])
        for finding in portal["findings"]
        if finding["service"] is None and finding["kind"] != (error or {}).get("kind")
    ]
    if told:
        ElementTree.SubElement(case, "system-out").text = "\n".join(_text(line, _LONG) for line in told)
    return case


def _service_case(name: str, label: str, service: dict[str, Any], portal: Portal) -> ElementTree.Element:
    case = _case(name, label)
    findings = [finding for finding in portal["findings"] if _means(finding, service)]
    failing = [finding for finding in findings if _fails(finding, portal)]
    if failing:
        _failure(case, failing)
    elif service["status"] == EXCEPTED:
        _known(case, [finding for finding in portal["excepted"] if _means(finding, service)])
    told = [line for finding in findings if finding not in failing for line in _lines(finding)]
    told += [_text(line, _LONG) for line in as_they_should_be(portal, service["id"])]
    if told:
        ElementTree.SubElement(case, "system-out").text = "\n".join(told)
    return case


def _fails(finding: Finding, portal: Portal) -> bool:
    """Drift always; a server where the audit fails because of it."""
    of_server = finding["kind"] in (SERVER_FAILED, SERVER_WARNING)
    return bool(finding["severity"] == DRIFT or (of_server and finding["kind"] in portal["failed_on"]))


def _loose_case(name: str, finding: Finding) -> ElementTree.Element:
    case = _case(name, "{}: {}".format(KINDS[finding["kind"]].label, finding["service"] or "the wanted set"))
    _failure(case, [finding])
    return case


def _failure(case: ElementTree.Element, findings: list[Finding]) -> None:
    message = "; ".join("{}: {}".format(KINDS[finding["kind"]].label, finding["text"]) for finding in findings)
    child = ElementTree.SubElement(case, "failure", message=_text(message, _LONG), type=findings[0]["kind"])
    child.text = "\n".join(line for finding in findings for line in _lines(finding))


def _known(case: ElementTree.Element, excepted: Iterable[Finding]) -> None:
    ElementTree.SubElement(
        case,
        "skipped",
        message=_text(
            "; ".join(
                "known until {}: {}".format(finding["exception"]["until"], finding["exception"]["reason"])
                for finding in excepted
            ),
            _LONG,
        ),
    )


def _lines(finding: Finding) -> Iterator[str]:
    yield _text("{}: {}".format(KINDS[finding["kind"]].label, finding["text"]), _LONG)
    for field in finding["fields"]:
        yield "  {}: is {}, shall be {}".format(field["field"], value(field["before"]), value(field["after"]))
    for effect in finding["effects"]:
        yield "  {}{}".format("no way back: " if effect in finding["no_way_back"] else "", _text(effect, _LONG))


def _labelled(services: Iterable[dict[str, Any]]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Test cases are told apart by name alone, so services that share one get their ID."""
    names = [service["name"] for service in services]
    for service in services:
        twin = names.count(service["name"]) > 1
        yield "{} (ID {})".format(service["name"], service["id"]) if twin else service["name"], service


def _means(finding: Finding, service: dict[str, Any]) -> bool:
    if finding["service"] is None:
        return False
    return (
        finding["id"] == service["id"]
        if service["id"] is not None
        else finding["id"] is None and finding["service"] == service["name"]
    )


def _belongs(finding: Finding, services: Iterable[dict[str, Any]]) -> bool:
    return any(_means(finding, service) for service in services)


def _case(classname: str, name: str) -> ElementTree.Element:
    return ElementTree.Element("testcase", classname=classname, name=_text(name), time="0")


def _text(text: str, most: int = 300) -> str:
    # XML has no way to write most control characters, so they are spelt out.
    return visible(text, most)


def _indent(element: ElementTree.Element, level: int = 0) -> None:
    """ElementTree.indent() came with Python 3.9."""
    children = list(element)
    if children:
        element.text = element.text or "\n" + "  " * (level + 1)
        for child in children:
            _indent(child, level + 1)
            child.tail = "\n" + "  " * (level + 1)
        children[-1].tail = "\n" + "  " * level
