# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the page of the audit says, without a browser."""

from __future__ import annotations

import html
import re
import shlex

import pytest

from ansible_collections.bitrix24.portal.plugins.plugin_utils._page.page import GUIDES
from ansible_collections.bitrix24.portal.plugins.plugin_utils._report.by_service import by_service
from ansible_collections.bitrix24.portal.plugins.plugin_utils._report.formats import as_json
from ansible_collections.bitrix24.portal.plugins.plugin_utils._report.next_step import plan_command
from ansible_collections.bitrix24.portal.plugins.plugin_utils._report.render_html import render
from tests.audit import fleet, sixty
from tests.conftest import ROOT


def text(markup):
    return " ".join(html.unescape(re.sub(r"<svg.*?</svg>|<[^>]*>", " ", markup, flags=re.DOTALL)).split())


def rows(page, kind="portal"):
    """The words of each closed row."""
    found = re.findall(rf'<details class="entry {kind} .*?<summary>(.*?)</summary>', page, re.DOTALL)
    return [text(one) for one in found]


@pytest.fixture(scope="module")
def page():
    return render(sixty.sixty())


def test_a_closed_row_says_what_has_drifted(page):
    told = rows(page)
    assert told[0] == "Drifted aachen.example.com 1 new Company mail: server, port, encryption"
    assert "Drifted dresden.example.com No way back yahoo: extra" in told
    assert "Drifted essen.example.com Branch mail: near match" in told
    assert "Drifted frankfurt.example.com Archive: missing Webhook expires" in told
    assert "Not read freiburg connection_failed" in told
    assert not re.search(r"\d (changed|extra|missing|warning)", " ".join(told))


def test_a_row_names_the_first_findings_and_counts_the_others():
    (told,) = rows(render(fleet.report(fleet.drifted("north", 12), exceptions=fleet.EXCEPTIONS)))
    assert told.endswith("Mail 02: server, port Mail 04: inactive Mail 05: missing and 9 more 1 excepted")


def test_by_service_the_same_drift_is_told_once_for_all_portals_that_have_it(page):
    services = by_service(sixty.sixty()["portals"])
    assert [(one["service"], one["kinds"], one["new"]) for one in services] == [
        ("Company mail", {"changed": 8}, 6),
        ("yahoo", {"extra": 3}, 0),
        ("Archive", {"missing": 1}, 0),
        ("Branch mail", {"near_match": 1}, 0),
        (None, {"webhook_expiry": 1, "surplus_rights": 3}, 0),
    ]
    assert len(services[0]["groups"]) == 1 and len(services[0]["groups"][0]["portals"]) == 8
    assert rows(page, "service")[0] == "Company mail 6 new changed on 8 portals"


def test_by_service_other_values_are_another_group_and_other_ids_are_not():
    item = sixty.MAIL
    portals = [
        fleet.portal([fleet.entry(item)], [fleet.catch_all(), dict(item, id=at, port=port)], name)
        for name, at, port in (("a", 2, 143), ("b", 7, 143), ("c", 2, 144))
    ]
    (mail,) = by_service(fleet.report(*portals)["portals"])
    assert [group["portals"] for group in mail["groups"]] == [["a", "b"], ["c"]] and mail["kinds"] == {"changed": 3}


def test_portals_with_nothing_to_tell_are_rows_of_a_table(page):
    table = re.search(r'<div class="card calm">.*', page, re.DOTALL)[0]
    assert "41 portals with nothing to tell" in table and table.count('<tr class="entry"') == 41
    assert "zwickau.example.com" in table and "zwickau.example.com" not in page.partition(table)[0]


@pytest.mark.parametrize(
    "made, words",
    [
        (fleet.drifted, "Needs action"),
        (fleet.in_order, "No action needed"),
        (fleet.down, "Needs action"),
        (fleet.with_a_dead_server, "1 server fails"),
    ],
)
def test_a_page_of_one_portal_has_its_name_in_the_headline_and_no_cards_of_a_fleet(made, words):
    page = render(fleet.report(made("north.example.com")))
    assert re.search("<h1>north.example.com (has|is|could)", page) and words in page
    assert "The audit failed" not in page and 'class="overview"' not in page and 'data-view="services"' not in page
    assert rows(page)[0].split()[-1] and "<caption>" not in page


def test_what_is_new_is_counted_and_marked_and_a_first_report_says_nothing_of_it(page):
    assert "6 new since 21 November 2026, 03:00 UTC" in page
    portals = page.partition('data-view="services"')[0]
    assert portals.count('<span class="badge fresh">New</span>') == portals.count('data-new="1"') == 6
    first = render(fleet.a_fleet(6, 9))
    assert "new since" not in first and "Only new" not in first
    known = as_json(fleet.a_fleet(6, 9, time="2026-11-21T03:00:00Z"))
    assert "Nothing new since 21 November 2026" in render(fleet.a_fleet(6, 9, previous=known))


def test_effects_stand_open(page):
    assert re.search(
        r'<p class="about">Effect on mailboxes</p>\s*<ul class="effects">\s*<li>The new server, port and encryption are copied',
        page,
        re.DOTALL,
    )
    assert not re.search(r'<details class="effects"', page)


def test_an_effect_without_a_way_back_has_a_badge(page):
    assert re.search(r"<li><span class=\"badge final\">No way back</span> Deleted: Mailboxes connected with", page)
    assert not re.search(r"No way back</span> The new server, port", page)


def test_every_portal_that_needs_something_has_its_next_command(page):
    commands = [html.unescape(one) for one in re.findall(r'<p class="command"><code>(.*?)</code>', page)]
    assert len(commands) == 16
    assert commands[0] == "ansible-playbook -i inventory.yml bitrix24.portal.plan --limit aachen.example.com"


@pytest.mark.parametrize("name", ["a b", "it's", '"; rm -rf / #', "$(id)", "`id`", "a\\b", "{{ 7 }}", "Straße"])
def test_a_command_is_quoted_for_the_shell(name):
    parts = ["ansible-playbook", "-i", "my hosts.yml", "bitrix24.portal.plan", "--limit", name]
    command = plan_command(name, ["my hosts.yml"])
    assert shlex.split(command) == parts
    assert command.endswith(f" {shlex.quote(name)}")


@pytest.mark.parametrize(
    "name", ["", "-x", "!a", "&a", "~a.*", "@file", "a,b", "a:b", "a*", "a[1]", "a\nb", "a\u202eb"]
)
def test_a_name_that_would_mean_something_else_as_a_limit_has_no_command(name):
    assert plan_command(name, []) is None


def test_links_lead_to_guides_and_headings_that_there_are(page):
    links = set(re.findall(r'<a href="(http[^"]*)"', page))
    assert len(links) == 4
    for link in links:
        guide, dummy, anchor = link[len(GUIDES) :].partition("#")
        titles = re.findall("^#+ (.*)$", (ROOT / "docs" / guide).read_text(), re.MULTILINE)
        assert link.startswith(GUIDES)
        assert not anchor or anchor in {re.sub("[^a-z0-9 -]", "", title.lower()).replace(" ", "-") for title in titles}
