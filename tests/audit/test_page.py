# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The page of the audit in a real browser."""

from __future__ import annotations

import pathlib
import re

import pytest

from ansible_collections.bitrix24.portal.plugins.module_utils._text import visible
from ansible_collections.bitrix24.portal.plugins.plugin_utils._report.render_html import render
from tests.audit import fleet, sixty

DESKTOP = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844, "mobile": True}
SCREENS = {
    "light": dict(DESKTOP, scheme="light"),
    "dark": dict(DESKTOP, scheme="dark"),
    "phone": dict(PHONE, scheme="light"),
    "phone dark": dict(PHONE, scheme="dark"),
}
REPORTS = {
    "1 portal": lambda: fleet.report(fleet.drifted("drifted-0"), exceptions=fleet.EXCEPTIONS),
    "100 portals": fleet.a_fleet,
    "1 portal of 12": sixty.one,
    "1 portal of 60": lambda: fleet.report(sixty.portals()[0]),
    "1 portal in order": lambda: fleet.report(fleet.in_order("north")),
    "hostile": lambda: fleet.report(fleet.hostile_portal(fleet.HOSTILE["markup"]), title=fleet.HOSTILE["template"]),
    "no portal": fleet.report,
    "60 portals": sixty.sixty,
    "servers": fleet.with_servers,
    "2 portals": lambda: fleet.report(fleet.in_order("a", 3), fleet.in_order("b", 3)),
}
SHOWN = (
    "[...document.querySelectorAll('.entry')].filter(one => one.checkVisibility())"
    ".map(one => (one.querySelector('h3 bdi, th bdi') || one.querySelector('h3')).textContent)"
)
FOUND = (
    "[...document.querySelectorAll('.portal:not([hidden]) .finding')].filter(one => !one.hidden)"
    ".map(one => one.querySelector('h4').innerText)"
)
TOLD = "document.getElementById('shown').textContent"
DISPLAY = "[...document.querySelectorAll('.portal')].filter(one => one.open).length"


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pages")
    paths = {}
    for name, make in REPORTS.items():
        paths[name] = folder / (name.replace(" ", "-") + ".html")
        paths[name].write_text(render(make()), encoding="utf-8")
    return paths


def quiet(page, path):
    """No complaint in the console, and nothing asked for but the page itself."""
    assert page.complaints == []
    assert [url for url in page.requests if not url.startswith("data:")] == [pathlib.Path(path).as_uri()]


@pytest.mark.parametrize("screen", SCREENS)
@pytest.mark.parametrize("report", ["1 portal", "60 portals", "1 portal in order", "servers", "hostile", "no portal"])
def test_a_page_renders_without_a_complaint_a_request_or_a_scroll_bar_across(
    browser, pages, screenshots, report, screen
):
    with browser.page(**SCREENS[screen]) as page:
        page.open(pages[report])
        assert page.run("document.documentElement.scrollWidth <= window.innerWidth")
        assert page.run("document.querySelector('h1').textContent") in page.run("document.title")
        page.screenshot(screenshots / ("%s, %s.png" % (report, screen)), whole=True)
        quiet(page, pages[report])


@pytest.mark.parametrize(
    "report, screen",
    [
        ("1 portal", "light"),
        ("1 portal", "dark"),
        ("1 portal", "phone"),
        ("60 portals", "dark"),
        ("servers", "light"),
        ("servers", "phone"),
        ("hostile", "dark"),
        ("no portal", "phone"),
    ],
)
def test_axe_finds_nothing_serious(browser, axe, pages, report, screen):
    with browser.page(**SCREENS[screen]) as page:
        page.open(pages[report])
        page.run(
            "document.querySelectorAll('.view').forEach(one => { one.hidden = false; });"
            "document.querySelectorAll('.entry').forEach((one, at) => { one.open = at < 6; }); "
            "document.querySelectorAll('.entry[open] details').forEach(one => { one.open = true; })"
        )
        page.call("Page.setBypassCSP", enabled=True)
        page.run(axe + "; 0")
        result = page.run("axe.run(document, {resultTypes: ['violations']})")
        assert [(item["id"], item["impact"], item["nodes"][0]["html"]) for item in result["violations"]] == []
        assert len(result["passes"]) > 10


def test_the_bar_of_a_portal_says_what_it_shows(browser, pages):
    with browser.page() as page:
        page.open(pages["1 portal"])
        widths = page.run(
            "[...document.querySelectorAll('.portal .bar rect')].map(one => [one.className.baseVal, one.getBoundingClientRect().width])"
        )
        assert [name for name, width in widths] == ["s-drifted", "s-excepted", "s-in_order"]
        assert all(width > 0 for name, width in widths) and widths[2][1] > 4 * widths[0][1]
        assert page.run("document.querySelector('.facts dd').innerText") == "7 drifted, 1 excepted, 44 in order"


def test_the_differing_part_of_a_field_is_marked(browser, pages):
    with browser.page() as page:
        page.open(pages["1 portal"])
        row = "[...document.querySelectorAll('.fields tr')].find(one => one.textContent.startsWith('server') && one.querySelector('del'))"
        assert page.run(row + ".querySelector('del').textContent") == ".old"
        assert page.run(row + ".querySelector('ins').textContent") == "2"
        assert page.run(row + ".querySelectorAll('td')[0].textContent") == "imap.old.example.com"


SEARCHES = {
    "a portal": ("portal-9", {}, lambda names: names == ["portal-9"] + ["portal-%d" % at for at in range(90, 100)]),
    "a service": ("Mail of the branch", {}, lambda names: names == ["drifted-0", "drifted-1"]),
    "a server, whatever the case": ("IMAP.OLD.example", {}, lambda names: names == ["drifted-0", "drifted-1"]),
    "an error": ("connection refused", {}, lambda names: names == ["down"]),
    "nothing that is there": ("no such thing", {}, lambda names: names == []),
    "a status": ("", {"status": "unauthorised"}, lambda names: names == ["refusing"]),
    "a kind": ("", {"kind": "duplicated"}, lambda names: names == ["drifted-0", "drifted-1"]),
    "a kind and a portal": ("drifted-1", {"kind": "extra"}, lambda names: names == ["drifted-1"]),
    "a kind that a portal in that status has not": (
        "",
        {"kind": "extra", "status": "in_order"},
        lambda names: names == [],
    ),
}


@pytest.mark.parametrize("search", SEARCHES)
def test_search_and_filters_show_what_matches_and_nothing_else(browser, pages, search):
    words, choices, fits = SEARCHES[search]
    with browser.page() as page:
        page.open(pages["100 portals"])
        assert len(page.run(SHOWN)) == 100
        page.run("document.getElementById('search').focus()")
        if words:
            page.type(words)
        for field, value in choices.items():
            page.run(
                "(() => { const e = document.getElementById('%s'); e.value = '%s'; "
                "e.dispatchEvent(new Event('change', {bubbles: true})); })()" % (field, value)
            )
        names = page.run(SHOWN)
        assert fits(names), names
        assert page.run(TOLD) == "%d of 100 shown" % len(names)
        assert page.run("document.getElementById('nothing').checkVisibility()") is not bool(names)
        page.click("#reset")
        assert len(page.run(SHOWN)) == 100 and page.run(DISPLAY) == 0
        quiet(page, pages["100 portals"])


def test_a_search_shows_the_findings_that_match_and_hides_the_others(browser, pages):
    with browser.page() as page:
        page.open(pages["1 portal"])
        all_found = page.run(FOUND)
        page.run("document.getElementById('search').focus()")
        page.type("old hosting")
        assert page.run(FOUND) == ["Old hosting ID 53"] and len(all_found) > 5


def test_a_filter_is_kept_in_the_address_and_hostile_ones_do_no_harm(browser, pages):
    with browser.page() as page:
        page.open(pages["100 portals"])
        page.click(".kinds li[data-value=near_match] button")
        address = page.run("location.hash")
        assert address == "#kind=near_match" and page.run(SHOWN) == ["drifted-0", "drifted-1"]
        assert (
            page.run("document.querySelector('.kinds li[data-value=near_match] button').getAttribute('aria-pressed')")
            == "true"
        )
    with browser.page() as page:
        assert page.open(pages["100 portals"], address).run(SHOWN) == ["drifted-0", "drifted-1"]
    with browser.page() as page:
        page.open(pages["100 portals"], "#q=%E0%A4%A&kind=%3Cscript%3E&__proto__=1&status=constructor")
        assert len(page.run(SHOWN)) == 100 and page.complaints == []


def test_the_keyboard_alone_opens_a_portal_and_filters(browser, pages):
    with browser.page() as page:
        page.open(pages["100 portals"])
        page.press("Tab")
        assert page.run("document.activeElement.className") == "skip"
        page.press("Enter")
        assert page.run("document.activeElement.id") == "portals"
        for dummy in range(3):
            page.press("Tab")
        assert page.run("document.activeElement.id") == "search"
        page.type("drifted-1")
        for dummy in range(20):
            page.press("Tab")
            if page.run("document.activeElement.tagName") == "SUMMARY":
                break
        summary = "document.activeElement.closest('.portal')"
        assert page.run(summary + ".querySelector('h3 bdi').textContent") == "drifted-1"
        opened = page.run(summary + ".open")
        page.press("Enter")
        assert page.run(summary + ".open") is not opened
        page.press("Tab")
        assert page.run("getComputedStyle(document.activeElement).outlineStyle") == "solid"


def test_without_scripts_everything_is_there_and_opens(browser, pages):
    with browser.page(scripts=False) as page:
        page.open(pages["100 portals"])
        names = page.run(SHOWN)
        assert len(set(names[:100])) == 100 and names[100:103] == ["Mail 02", "Mail 04", "Mail 05"]
        assert (
            page.run(
                "[...document.querySelectorAll('button, input, select')].filter(one => one.checkVisibility()).length"
            )
            == 0
        )
        page.click(".portal summary")
        assert page.run(
            "document.querySelector('.portal').open && document.querySelector('.portal .finding').checkVisibility()"
        )
        quiet(page, pages["100 portals"])


@pytest.mark.parametrize(
    "report, told", [("1 portal", ""), ("2 portals", "Both shown"), ("60 portals", "All 60 shown"), ("no portal", "")]
)
def test_what_is_shown_is_counted_in_words_that_fit(browser, pages, report, told):
    with browser.page() as page:
        assert page.open(pages[report]).run(TOLD) == told


def test_the_view_by_service_counts_portals_and_leads_to_each(browser, pages):
    with browser.page() as page:
        page.open(pages["60 portals"])
        assert len(page.run(SHOWN)) == 60
        page.click("[data-show=services]")
        assert page.run(
            "[...document.querySelectorAll('.service summary')].slice(0, 2).map(one => one.innerText.split(/\\s*\\n\\s*/))"
        ) == [["Company mail", "6 new", "changed on 8 portals"], ["yahoo", "No way back", "extra on 3 portals"]]
        assert page.run(TOLD) == "All 5 shown" and page.run("location.hash") == "#view=services"
        assert not page.run("document.getElementById('status').checkVisibility()")
        page.click(".service summary")
        page.click(".service .on a:nth-of-type(3)")
        assert page.run("document.activeElement.closest('.portal').open") is True
        assert page.run("document.activeElement.querySelector('h3 bdi').textContent") == "bergen.example.com"
        assert len(page.run(SHOWN)) == 60
        quiet(page, pages["60 portals"])


def test_what_is_new_can_be_shown_alone_in_both_views(browser, pages):
    with browser.page() as page:
        page.open(pages["60 portals"])
        assert (
            page.run("document.querySelector('[data-set=new]').textContent")
            == "6 new since 21 November 2026, 03:00 UTC"
        )
        page.click("[data-set=new] button")
        assert page.run(SHOWN) == [f"{city}.example.com" for city in sixty.CITIES[:6]]
        assert page.run("document.getElementById('new').checked") and page.run("location.hash") == "#new=1"
        page.click("[data-show=services]")
        assert page.run(SHOWN) == ["Company mail"] and page.run(TOLD) == "1 of 5 shown"


def test_the_next_step_is_copied_with_a_click(browser, pages):
    with browser.page() as page:
        page.open(pages["60 portals"])
        page.click(".portal summary")
        page.run("document.addEventListener('copy', () => { window.copied = getSelection().toString(); })")
        page.click(".copy")
        command = "ansible-playbook -i inventory.yml bitrix24.portal.plan --limit aachen.example.com"
        assert (
            page.run("window.copied") == command and page.run("document.querySelector('.copy').textContent") == "Copied"
        )


@pytest.mark.parametrize("report", ["1 portal", "60 portals"])
def test_on_a_phone_no_filter_stands_before_the_portals(browser, pages, report):
    with browser.page(**PHONE) as page:
        page.open(pages[report])
        assert not page.run("document.getElementById('search').checkVisibility({contentVisibilityAuto: true})")
        if report == "60 portals":
            page.click(".tools summary")
            assert page.run("document.getElementById('search').checkVisibility({contentVisibilityAuto: true})")
            page.click("[data-set=new] button")
            assert len(page.run(SHOWN)) == 6


def test_on_a_phone_a_wide_table_scrolls_instead_of_splitting_words(browser, pages):
    with browser.page(**PHONE) as page:
        page.open(pages["1 portal"])
        split = (
            "[...document.querySelectorAll('.exceptions .state, .exceptions td:first-child bdi')]"
            ".filter(one => one.getClientRects().length > 1 && !one.textContent.includes('-')).map(one => one.textContent)"
        )
        assert page.run(split) == []
        narrow = "[...document.querySelectorAll('.exceptions td')].some(one => one.clientWidth < 55)"
        assert not page.run(narrow)
        assert page.run("document.documentElement.scrollWidth <= window.innerWidth")


def test_print_shows_the_findings_of_closed_portals_and_no_controls(browser, pages):
    with browser.page() as page:
        page.open(pages["100 portals"])
        page.media(media="print", scheme="dark")
        page.settle()
        assert page.run(
            "document.querySelector('.portal:not([open]) .finding').checkVisibility({contentVisibilityAuto: true})"
        )
        assert not page.run("document.querySelector('.tools, .copy').checkVisibility()")
        assert page.run("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
        assert page.run(DISPLAY) == 0


@pytest.mark.parametrize(
    "report, most", [("1 portal in order", 1), ("1 portal of 60", 1), ("1 portal of 12", 2), ("60 portals", 10)]
)
def test_a_printed_report_takes_at_most_so_many_sheets(browser, pages, screenshots, report, most):
    with browser.page() as page:
        pdf = page.open(pages[report]).pdf()
        (screenshots / f"{report}.pdf").write_bytes(pdf)
        assert 1 <= len(re.findall(rb"/Type\s*/Page\b", pdf)) <= most


SPLIT = """
[...document.querySelectorAll('bdi')].filter(one => one.checkVisibility() && one.textContent.length <= 40).filter(one => {
  const range = document.createRange();
  range.selectNodeContents(one);
  const lines = new Set([...range.getClientRects()].filter(at => at.width).map(at => Math.round(at.y / 8)));
  return lines.size > 1 && !one.closest('.fields') || range.getBoundingClientRect().right > window.innerWidth;
}).map(one => one.textContent)
"""
CUT = """
[...document.querySelectorAll('main *')].filter(one => one.checkVisibility()
  && getComputedStyle(one).overflowX !== 'visible' && one.scrollWidth > one.clientWidth + 1).map(one => one.outerHTML)
"""


@pytest.mark.parametrize("report", ["1 portal", "60 portals", "hostile"])
def test_on_paper_no_name_is_split_nothing_is_cut_and_cards_are_kept_together(browser, pages, screenshots, report):
    # An A4 sheet without its margins, in CSS pixels.
    with browser.page(width=703, height=1032) as page:
        page.open(pages[report])
        page.media(media="print")
        page.run("document.querySelectorAll('.entry').forEach(one => { one.open = true; })")
        page.settle()
        page.screenshot(screenshots / f"{report}, print.png", whole=True)
        assert page.run("document.documentElement.scrollWidth <= window.innerWidth")
        assert page.run(SPLIT) == [] and page.run(CUT) == []
        kept = "[...document.querySelectorAll('%s')].map(one => getComputedStyle(one).breakInside)"
        assert set(page.run(kept % ".finding, .error, .next, tr")) == {"avoid"}
        assert (
            set(page.run(kept % ".portal")) == ({"auto"} if report == "1 portal" else {"avoid"}) or report == "hostile"
        )


@pytest.mark.parametrize("what", fleet.HOSTILE)
def test_a_hostile_name_stays_text(browser, tmp_path, what):
    text = fleet.HOSTILE[what]
    path = tmp_path / "page.html"
    service = fleet.service(2, text, link=text)
    desired = {"id": 2, "link": "https://mail.example.com/", "port": 143}
    portal = fleet.portal([desired], [fleet.catch_all(1, text), service], text)
    path.write_text(
        render(
            fleet.report(
                portal,
                title=text,
                exceptions=[{"portal": "*", "service": "nobody", "reason": text, "until": "2027-01-01"}],
            )
        ),
        encoding="utf-8",
    )
    with browser.page() as page:
        page.open(path)
        for place in (".title", "h3 bdi", ".finding:last-child h4 bdi", ".services td bdi"):
            assert page.run("document.querySelector('%s').textContent" % place) == visible(text)
        assert page.run("document.title").startswith(" ".join(visible(text).split()))
        assert page.run("document.querySelectorAll('script').length") == 1
        assert page.run(
            "[...document.querySelectorAll('*')].every(one => [...one.attributes].every(at => !at.name.startsWith('on')))"
        )
        quiet(page, path)
