# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page of the plans: what it says, and what it does in a real browser."""

from __future__ import annotations

import html
import json
import re

import jsonschema
import pytest

from ansible_collections.bitrix24.portal.plugins.module_utils._text import visible
from ansible_collections.bitrix24.portal.plugins.plugin_utils._fleet.plan_page import render
from ansible_collections.bitrix24.portal.plugins.plugin_utils._page.page import GUIDES
from tests.audit import fleet, plans, sixty
from tests.audit.test_page import CUT, PHONE, SCREENS, SHOWN, SPLIT, TOLD, quiet
from tests.audit.test_page_words import rows, text
from tests.conftest import ROOT

PLANS = {
    "1 plan": plans.one,
    "60 plans": plans.sixty_plans,
    "hostile plans": plans.hostile,
    "no plan": lambda: plans.artifact({}),
    "nothing to do": lambda: plans.artifact({"north": plans.planned("north", [], [])}),
}
SCHEMA = json.loads((ROOT / "docs" / "schema" / "plan.schema.json").read_text())


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    folder = tmp_path_factory.mktemp("plans")
    paths = {}
    for name, make in PLANS.items():
        paths[name] = folder / (name.replace(" ", "-") + ".html")
        paths[name].write_text(render(make()), encoding="utf-8")
    return paths


@pytest.mark.parametrize("name", PLANS)
def test_it_is_made_of_what_the_schema_describes(name):
    artifact = PLANS[name]()
    jsonschema.Draft202012Validator(SCHEMA).validate(artifact)
    assert render(json.loads(json.dumps(artifact))) == render(artifact)


@pytest.mark.parametrize(
    "name, headline",
    [
        ("1 plan", "north.example.com: 1 to create, 1 to change, 1 to switch off, 1 to DELETE"),
        ("60 plans", "1 to create, 8 to change, 3 to DELETE on 12 of 60 portals"),
        ("no plan", "Nothing to do on 0 portals"),
        ("nothing to do", "north: nothing to do"),
    ],
)
def test_the_headline_has_the_totals(pages, name, headline):
    assert f"<h1>{headline}</h1>" in pages[name].read_text()


def test_a_closed_row_says_what_would_be_done(pages):
    told = rows(pages["60 plans"].read_text())
    assert told[0] == "Not planned wien.example.com " + visible(plans.DOWN["msg"], 80)
    assert told[2] == "Changes aachen.example.com Company mail: server, port, encryption"
    assert "Changes dresden.example.com No way back yahoo: delete" in told
    assert told[-1] == "Changes essen.example.com Archive: create"


def test_what_has_no_way_back_stands_at_the_top_once_with_its_portals(pages):
    page = pages["60 plans"].read_text()
    top = text(re.search(r'<ul class="warned">.*?</ul>', page, re.DOTALL)[0])
    assert top.startswith("Mailboxes connected with 'yahoo' move to the catch-all 'Other' and take its name.")
    assert top.endswith("The same on 3 portals: dresden.example.com , duisburg.example.com , erfurt.example.com")
    assert "3 changes without a way back" in page and "2 portals could not be planned" in page


def test_what_may_not_be_meant_so_stands_at_the_top_too():
    services = [fleet.service(7, "Branch post", server="imap.branch.example.com", port=993)]
    desired = [{"name": "Branch", "server": "imap.branch.example.com", "port": 993}]
    made = plans.artifact({name: plans.planned(name, desired, services) for name in ("a.example.com", "b.example.com")})
    page = render(made)
    top = text(re.search(r'<h2 id="doubts">.*?</ul>', page, re.DOTALL)[0])
    assert "'Branch' is to be created, and 'Branch post' has the same server and port" in top
    assert top.endswith("The same on 2 portals: a.example.com , b.example.com")


def test_by_service_the_same_change_is_told_once(pages):
    page = pages["60 plans"].read_text()
    assert rows(page, "service") == [
        "Company mail change on 8 portals",
        "yahoo No way back delete on 3 portals",
        "Archive create on 1 portal",
    ]
    assert page.partition('data-view="services"')[2].count("imap.<del>old.</del>example.com") == 1


def test_it_holds_the_digest_to_approve_and_links_to_the_guide_alone(pages):
    page = pages["1 plan"].read_text()
    assert f"<code>{plans.one()['digest']}</code>" in page and "Digest to approve" in page
    assert "Digest to approve" not in pages["nothing to do"].read_text()
    (link,) = set(re.findall(r'<a href="(http[^"]*)"', page))
    guide, dummy, anchor = link[len(GUIDES) :].partition("#")
    titles = re.findall("^#+ (.*)$", (ROOT / "docs" / guide).read_text(), re.MULTILINE)
    assert anchor in {re.sub("[^a-z0-9 -]", "", title.lower()).replace(" ", "-") for title in titles}


def test_a_plan_that_failed_is_not_shown_as_one_that_would_be_carried_out():
    result = dict(plans.planned("north", [fleet.entry(sixty.MAIL)], []), msg="not the approved one")
    page = render(plans.artifact({"north": result}))
    assert "north: not planned" in page and "not the approved one" in page and "Company mail" not in page


@pytest.mark.parametrize("screen", SCREENS)
@pytest.mark.parametrize("name", ["1 plan", "60 plans", "hostile plans", "no plan"])
def test_it_renders_without_a_complaint_a_request_or_a_scroll_bar_across(browser, pages, screenshots, name, screen):
    if name == "no plan" and screen != "phone":
        screen = "light"
    with browser.page(**SCREENS[screen]) as page:
        page.open(pages[name])
        assert page.run("document.documentElement.scrollWidth <= window.innerWidth")
        page.screenshot(screenshots / f"{name}, {screen}.png", whole=True)
        quiet(page, pages[name])


@pytest.mark.parametrize("name, screen", [("1 plan", "phone"), ("60 plans", "light"), ("hostile plans", "dark")])
def test_axe_finds_nothing_serious(browser, axe, pages, name, screen):
    with browser.page(**SCREENS[screen]) as page:
        page.open(pages[name])
        page.run(
            "document.querySelectorAll('.view').forEach(one => { one.hidden = false; });"
            "document.querySelectorAll('.entry').forEach(one => { one.open = true; })"
        )
        page.call("Page.setBypassCSP", enabled=True)
        page.run(axe + "; 0")
        result = page.run("axe.run(document, {resultTypes: ['violations']})")
        assert [(item["id"], item["impact"], item["nodes"][0]["html"]) for item in result["violations"]] == []


def test_an_approver_searches_and_filters(browser, pages):
    with browser.page() as page:
        page.open(pages["60 plans"])
        assert len(page.run(SHOWN)) == 60
        page.click("[data-set=final] button")
        assert page.run(SHOWN) == ["dresden.example.com", "duisburg.example.com", "erfurt.example.com"]
        page.click("#reset")
        page.click(".tiles [data-value=creations] button")
        assert page.run(SHOWN) == ["essen.example.com"] and page.run("location.hash") == "#action=creations"
        page.click("#reset")
        page.click("[data-set=status] button")
        assert page.run(SHOWN) == ["wien.example.com", "zwickau.example.com"] and page.run(TOLD) == "2 of 60 shown"
        page.click("#reset")
        page.run("document.getElementById('search').focus()")
        page.type("imap.old")
        assert len(page.run(SHOWN)) == 8
        page.click("[data-show=services]")
        assert page.run(SHOWN) == ["Company mail"]
        page.click(".service .on a:nth-of-type(2)")
        assert page.run("document.activeElement.querySelector('h3 bdi').textContent") == "augsburg.example.com"
        quiet(page, pages["60 plans"])


def test_without_scripts_everything_is_there(browser, pages):
    with browser.page(scripts=False) as page:
        page.open(pages["60 plans"])
        assert len(page.run(SHOWN)) == 63
        controls = "[...document.querySelectorAll('button, input, select')].filter(one => one.checkVisibility()).length"
        assert page.run(controls) == 0
        quiet(page, pages["60 plans"])


def test_on_a_phone_no_filter_stands_before_the_plan(browser, pages):
    with browser.page(**PHONE) as page:
        page.open(pages["1 plan"])
        assert not page.run("document.getElementById('search').checkVisibility({contentVisibilityAuto: true})")


@pytest.mark.parametrize("name, most", [("1 plan", 1), ("60 plans", 10)])
def test_printed_it_takes_few_sheets_on_which_no_name_is_split(browser, pages, screenshots, name, most):
    with browser.page(width=703, height=1032) as page:
        pdf = page.open(pages[name]).pdf()
        (screenshots / f"{name}.pdf").write_bytes(pdf)
        assert 1 <= len(re.findall(rb"/Type\s*/Page\b", pdf)) <= most
        page.media(media="print")
        page.run("document.querySelectorAll('.entry').forEach(one => { one.open = true; })")
        page.settle()
        page.screenshot(screenshots / f"{name}, print.png", whole=True)
        assert page.run(SPLIT) == [] and page.run(CUT) == []


def test_hostile_words_stay_text(browser, pages):
    page = pages["hostile plans"].read_text()
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2028\u2029\u2066-\u2069\ud800-\udfff]", page)
    with browser.page() as shown:
        shown.open(pages["hostile plans"])
        names = {" ".join(name.split()) for name in shown.run(SHOWN)}
        assert names == {
            " ".join(visible(before + name).split()) for name in fleet.HOSTILE.values() for before in ("", "down ")
        }
        assert shown.run("document.querySelectorAll('script').length") == 1
        assert shown.run(
            "[...document.querySelectorAll('*')].every(one => [...one.attributes].every(at => !at.name.startsWith('on')))"
        )
    assert set(re.findall(r'<(?!a )\w[^>]*?\s(?:src|href|action|data)="([^"#]*)', html.unescape(page))) <= {
        "",
        "data:,",
    }
