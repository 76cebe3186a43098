# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What stands in the files: JSON against its schema, JUnit, Markdown, Prometheus, and the page's text."""

from __future__ import annotations

import html
import json
import re
from xml.etree import ElementTree

import jsonschema
import pytest
from markdown_it import MarkdownIt
from prometheus_client.parser import text_string_to_metric_families

from ansible_collections.bitrix24.portal.plugins.module_utils._audit.findings import ERROR_KINDS, KINDS
from ansible_collections.bitrix24.portal.plugins.module_utils._text import visible
from ansible_collections.bitrix24.portal.plugins.plugin_utils._report.formats import FORMS, render
from ansible_collections.bitrix24.portal.plugins.plugin_utils._report.render_markdown import code
from ansible_collections.bitrix24.portal.plugins.plugin_utils._words import differing
from tests import github
from tests.audit import fleet, sixty
from tests.conftest import ROOT

SCHEMA = json.loads((ROOT / "docs" / "schema" / "audit-report.schema.json").read_text())
REPORTS = {
    "a fleet": lambda: fleet.a_fleet(12, 9),
    "one portal": lambda: fleet.report(fleet.drifted("drifted-0", 9)),
    "hostile names": lambda: fleet.report(fleet.hostile_portal()),
    "a hostile portal": lambda: fleet.report(
        *[fleet.hostile_portal(name) for name in fleet.HOSTILE.values()], title=fleet.HOSTILE["markup"]
    ),
    "no portal": fleet.report,
}
UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2028\u2029\u2066-\u2069\ud800-\udfff]")


@pytest.fixture(params=REPORTS)
def report(request):
    return REPORTS[request.param]()


def samples(text, audit="audit"):
    """Without the label that each of them has."""
    return {
        (
            sample.name.replace("bitrix24_mailservice_audit_", ""),
            tuple(sorted(label for label in sample.labels.items() if label != ("audit", audit))),
        ): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def cases(report, portal):
    root = ElementTree.fromstring(FORMS["junit"](report))
    suite = next(suite for suite in root if suite.get("name") == portal)
    return {case.get("name"): case for case in suite}


def test_the_schema_is_one_and_knows_every_kind():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["$defs"]["kind"]["enum"] == SCHEMA["$defs"]["by_kind"]["required"] == list(KINDS)


def test_the_json_report_is_as_its_schema_says(report):
    data = json.loads(FORMS["json"](report))
    jsonschema.Draft202012Validator(SCHEMA).validate(data)
    assert data == report


def test_the_schema_refuses_what_it_does_not_describe(report):
    for change in ({"schema_version": 2}, {"failed": "no"}, {"generated": "yesterday"}, {"new": 1}):
        assert list(jsonschema.Draft202012Validator(SCHEMA).iter_errors(dict(report, **change))), change


@pytest.mark.parametrize("form", sorted(set(FORMS) - {"json"}))
def test_no_form_holds_what_could_steer_a_terminal_or_turn_a_line_round(report, form):
    assert not UNSAFE.findall(FORMS[form](report))


def test_json_is_ascii():
    assert FORMS["json"](fleet.report(fleet.hostile_portal())).isascii()


def test_junit_has_a_case_for_each_service_and_portal_and_counts_them_right(report):
    root = ElementTree.fromstring(FORMS["junit"](report))
    suites = list(root)
    assert len(suites) == len(report["portals"])
    for suite in suites:
        names = [case.get("name") for case in suite]
        assert len(set(names)) == len(names) == int(suite.get("tests")) > 0
        for key, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            assert len(suite.findall("testcase/" + tag)) == int(suite.get(key))
    assert int(root.get("tests")) == sum(len(portal["services"]) + 1 for portal in report["portals"])
    assert int(root.get("errors")) == sum(
        portal["status"] in ("unreachable", "unauthorised") for portal in report["portals"]
    )


def test_junit_is_as_jenkins_schema_says_and_every_name_is_told_once(report):
    root = ElementTree.fromstring(FORMS["junit"](report))
    assert set(root.keys()) <= {"name", "time", "tests", "failures", "disabled", "errors"}
    assert len({suite.get("name") for suite in root}) == len({suite[0].get("classname") for suite in root}) == len(root)
    for suite in root:
        assert len({case.get("classname") for case in suite}) == 1 and "." not in suite[0].get("classname")


@pytest.mark.parametrize(
    "names",
    [
        ["the portal can be read", "A (ID 3)", "A", "A"],
        ["x" * 300 + "1", "x" * 300 + "2"],
        ["A", "A (2)", "A"],
        ["a\n", "a\\n"],
    ],
)
def test_junit_tells_services_apart_whatever_they_are_called(names):
    services = [fleet.service(at, name) for at, name in enumerate(names, 2)]
    desired = [fleet.entry(item, id=item["id"]) for item in services]
    made = fleet.report(fleet.portal(desired, services, "portal.example.com"))
    assert len(cases(made, "portal.example.com")) == len(names) + 1


def test_junit_keeps_portals_apart_whose_names_differ_in_a_dot_only():
    made = fleet.report(*[fleet.in_order(name, 2) for name in ("a.b", "a_b", "a.b (2)")])
    suites = list(ElementTree.fromstring(FORMS["junit"](made)))
    assert [(suite.get("name"), suite[0].get("classname")) for suite in suites] == [
        ("a.b", "a_b"),
        ("a.b (2)", "a_b (2)"),
        ("a_b", "a_b (3)"),
    ]


def test_junit_tells_drift_as_failures_exceptions_as_skipped_and_the_rest_as_output():
    made = fleet.a_fleet(12, 9)
    drifted = cases(made, "drifted-0")
    changed = drifted["Mail 02"].find("failure")
    assert (
        changed.get("type") == "changed"
        and "server: is imap.old.example.com, shall be imap2.example.com" in changed.text
    )
    assert drifted["Mail 05"].find("failure").get("type") == "missing"
    assert "Being moved" in drifted["Somebody's own mail"].find("skipped").get("message")
    assert "No catch-all" in drifted["the portal can be read"].find("system-out").text
    assert len(drifted["Mail 09"]) == 0
    assert {"Mail 07 (ID 7)", "Mail 07 (ID 11)"} < set(drifted)
    assert "connection refused" in cases(made, "down")["the portal can be read"].find("error").get("message")
    assert cases(made, "refusing")["the portal can be read"].find("error").get("type") == "INVALID_CREDENTIALS"


def test_prometheus_tells_the_audits_apart_whose_files_one_exporter_reads(report):
    texts = [render("prometheus", report, f"/srv/textfiles/{name}.prom") for name in ("cloud", "self-hosted")]
    found = [
        {
            (sample.name, tuple(sorted(sample.labels.items())))
            for family in text_string_to_metric_families(text)
            for sample in family.samples
        }
        for text in texts
    ]
    assert not found[0] & found[1] and len(found[0]) == len(found[1])
    assert {dict(labels)["audit"] for _name, labels in found[1]} == {"self-hosted"}


def test_prometheus_has_every_series_for_every_portal(report):
    found = samples(FORMS["prometheus"](report))
    for portal in report["portals"]:
        for kind in KINDS:
            if kind not in ERROR_KINDS:
                assert (
                    found["findings", (("kind", kind), ("portal", visible(portal["name"])))] == portal["counts"][kind]
                )
    assert found["last_run_timestamp_seconds", ()] == 1795348800


def test_prometheus_tells_what_is_down_when_it_was_last_up_and_what_runs_out():
    before = FORMS["json"](fleet.report(fleet.in_order("down", 3), time="2026-11-20T00:00:00Z"))
    found = samples(FORMS["prometheus"](fleet.a_fleet(5, 9, previous=before)))
    assert [found["up", (("portal", name),)] for name in ("down", "drifted-0")] == [0, 1]
    assert [found["failed", (("portal", name),)] for name in ("down", "drifted-0", "portal-4")] == [1, 1, 0]
    assert found["last_success_timestamp_seconds", (("portal", "down"),)] == 1795132800
    assert ("last_success_timestamp_seconds", (("portal", "refusing"),)) not in found
    assert found["webhook_expires_timestamp_seconds", (("portal", "drifted-0"),)] == 1795996800
    assert found["portals", (("status", "drifted"),)] == 2
    assert found["services", (("portal", "drifted-0"), ("status", "excepted"))] == 1


def test_prometheus_keeps_what_was_last_seen_of_a_portal_through_all_audits_that_leave_it_out():
    audited = fleet.a_fleet(5, 9)
    once = fleet.report(time="2026-11-23T12:00:00Z", previous=FORMS["json"](audited))
    twice = fleet.report(time="2026-11-24T12:00:00Z", previous=FORMS["json"](once))
    of_portals = [
        {key: number for key, number in samples(FORMS["prometheus"](made)).items() if "portal" in dict(key[1])}
        for made in (audited, once, twice)
    ]
    assert of_portals[0] == of_portals[1] == of_portals[2]
    assert {portal["status"] for portal in twice["portals"]} == {"not_audited"}


def outside_code(markup):
    """The words of HTML that stand in no code, which is where a host looks for mentions and links."""
    return html.unescape(re.sub("<code>.*?</code>|<[^>]*>", " ", markup, flags=re.DOTALL))


def test_markdown_holds_somebody_elses_words_in_code_only(report):
    markup = github.rendered(FORMS["markdown"](report))
    assert set(re.findall(r"<([a-z0-9]+)", markup)) <= {
        *("h2", "p", "hr", "code", "details", "summary", "ul", "li", "table", "thead", "tbody", "tr", "th", "td")
    }
    assert not re.search(r"[<>@`|\\{}$\[\]#]|&lt;|https?:|www", outside_code(markup))


def test_markdown_tables_have_three_columns_whatever_stands_in_them(report):
    markup = github.rendered(FORMS["markdown"](report))
    for row in re.findall("<tr>.*?</tr>", markup, re.DOTALL):
        assert len(re.findall("<t[hd]", row)) == 3
    values = {
        (item["service"], field["before"])
        for portal in report["portals"]
        for item in portal["findings"]
        for field in item["fields"]
        if field["field"] == "link"
    }
    assert len(re.findall("<td>link</td>", markup)) >= len(values)


def test_markdown_has_its_totals_in_the_title_and_tells_once_what_many_portals_share():
    markup = github.rendered(FORMS["markdown"](sixty.sixty()))
    (title,) = re.findall("<h2>(.*?)</h2>", markup)
    assert title == (
        "❌ Mail services audit: of 60 portals, 13 have drifted, 2 could not be read, "
        "1 refuses the credentials, 44 are in order"
    )
    lines = [" ".join(html.unescape(re.sub("<[^>]*>", "", one)).split()) for one in re.findall("<summary>.*", markup)]
    assert len(lines) == 8 and "6 new since 2026-11-21T03:00:00Z" in markup
    assert lines[0] == "🔴 Not read (connection_failed), the same on 2 portals: freiburg, fulda"
    assert lines[2].startswith(
        "🟠 Company mail: changed (server, port, encryption) · 6 new, the same on 8 portals: aachen"
    )
    assert lines[3].startswith("🟠 yahoo: extra · ⛔ no way back, the same on 3 portals: ")
    assert (
        markup.count("<td><code>imap.old.example.com</code></td>") == 1 and "41 portals with nothing to tell" in markup
    )


def test_markdown_of_one_portal_has_its_name_in_the_title():
    assert FORMS["markdown"](sixty.one()).startswith("## ❌ Mail services audit: `north.example.com` has drifted\n")


@pytest.mark.parametrize("what", fleet.HOSTILE)
@pytest.mark.parametrize("table", [False, True])
def test_a_code_span_is_one_whatever_stands_in_it(what, table):
    markup = MarkdownIt("commonmark").render(code(fleet.HOSTILE[what], table))
    assert (
        markup.count("<code>") == markup.count("</code>") == 1
        and markup.startswith("<p><code>")
        and markup.rstrip().endswith("</code></p>")
    )


def differently(number, name="portal-{}"):
    """A portal that has drifted as no other has."""
    item = fleet.service(2, f"Mail {number}", port=number % 60000 + 1, link="https://" + "x" * 200)
    return fleet.portal([fleet.entry(item, port=993)], [fleet.catch_all(), item], name.format(number))


LARGE = {
    "2,000 portals that differ": lambda: [differently(at) for at in range(2000)],
    "1,000 portals of one drift": lambda: [fleet.drifted(f"portal-{at}", 9) for at in range(1000)],
    "2,000 that are down": lambda: [fleet.down(f"portal-{at}") for at in range(2000)],
    "long names": lambda: [differently(at, "{}" + "\U0001f6d1" * 300) for at in range(300)],
}


@pytest.mark.parametrize("case", LARGE)
def test_markdown_fits_into_a_comment_and_a_summary_whatever_the_size_and_says_what_is_left_out(case):
    text = FORMS["markdown"](fleet.report(*LARGE[case]()))
    assert len(text.encode("utf-16-le")) // 2 < 65_536 and len(text.encode()) < 1 << 20
    assert len(text) > 2_000 and text.count("<details>") == text.count("</details>")
    if case == "2,000 portals that differ":
        assert re.search(r"… and \d+ more \(kinds of drift\); the page and the JSON report have them all\.", text)
    if case == "1,000 portals of one drift":
        assert "the same on 1000 portals:" in text and "and 988 more" in text


def test_the_text_for_the_terminal_names_each_portal_that_has_something_to_tell():
    lines = FORMS["text"](fleet.a_fleet(12, 9)).splitlines()
    assert lines[0] == "Of 12 portals, 2 have drifted, 1 could not be read, 1 refuses the credentials, 8 are in order."
    assert [line.split(":")[0] for line in lines[1:]] == [
        "drifted-0",
        "drifted-1",
        "down",
        "refusing",
        "exception for gone has expired (2026-01-31)",
    ]


def test_the_page_allows_its_own_style_and_script_only():
    page = html.unescape(FORMS["html"](fleet.a_fleet(5, 9)))
    assert "default-src 'none'" in page and "unsafe" not in page.partition("<style>")[0]
    loaded = re.findall(r'<(?!a )\w[^>]*?\b(?:src|href|action|data)="([^"#]*)', page)
    assert set(loaded) <= {"", "data:,"}
    assert not re.search(r"url\(|@import|fetch\(|XMLHttpRequest|sendBeacon|innerHTML|\beval\b", page)


@pytest.mark.parametrize(
    "before, after, middles",
    [
        ("imap.old.example.com", "imap.example.com", ("old.", "")),
        ("a", "b", ("a", "b")),
        ("same", "same", ("", "")),
        ("aaa", "aa", ("a", "")),
        ("Ma\u0308r", "Mar", ("a\u0308", "a")),
        ("", "new", ("", "new")),
    ],
)
def test_two_texts_are_split_at_what_differs(before, after, middles):
    parts = differing(before, after)
    assert ["".join(part) for part in parts] == [before, after]
    assert tuple(part[1] for part in parts) == middles


@pytest.mark.parametrize("form", ["html", "markdown"])
def test_what_holds_for_all_effects_on_mailboxes_is_said_once(form):
    general = "the mailboxes are left without a service for good", "How many there are cannot be known"
    named = fleet.service(9, f"x {general[1]}.")
    made = fleet.report(fleet.drifted("north", 9), fleet.portal([], [fleet.catch_all(), named], "south"))
    told = html.unescape(FORMS[form](made))
    assert general[0] not in told and f"{general[1]}." in told and told.count(general[1]) <= 8
    assert told.count("How many mailboxes are concerned cannot be known over REST.") == 1
    assert told.count("own mail hosting may have made") == 1
    assert "own mail hosting" not in FORMS[form](fleet.report(fleet.in_order("north", 3)))


@pytest.mark.parametrize("form", FORMS)
def test_a_hundred_portals_of_fifty_services_take_under_five_megabytes_even_if_every_service_has_drifted_in_four_fields(
    form,
):
    services = [fleet.service(at, "Mail %02d" % at) for at in range(1, 51)]
    desired = [
        fleet.entry(item, server="imap.new.example.com", port=143, link="https://new.example.com/", sort=7)
        for item in services
    ]
    made = fleet.report(*[fleet.portal(desired, services, "portal-%d" % at) for at in range(100)])
    assert made["summary"]["findings"]["changed"] == 5000
    assert len(FORMS[form](made).encode()) < 5_000_000
