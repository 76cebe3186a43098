# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Markdown as GitHub renders it: words of others stay text, and a document is never longer than it may be."""

from __future__ import annotations

import html
import re

import pytest

from ansible_collections.bitrix24.portal.plugins.module_utils._text import visible
from ansible_collections.bitrix24.portal.plugins.plugin_utils import _markdown as markdown
from tests.audit.fleet import HOSTILE
from tests.github import rendered

NAMES = {
    **HOSTILE,
    "a mention": "@everyone and @org/team",
    "an address": "www.example.com",
    "a mail address": "a@example.com",
    "a link": "https://example.com/ [x](https://example.com)",
    "an image": "![x](https://example.com/x.png)",
    "an issue": "#1 and GH-1 and org/repo#1",
    "an issue in letters": "GH-7",
    "a commit": "0a1b2c3d",
    "blanks": " a  b ",
    "an address after a pipe": "a|www.example.com",
    "an emoji's name": ":tada:",
    "emphasis": "*a* _b_ ~~c~~",
    "a list": "- a",
    "the end of a summary": "</summary></details><h1>x</h1>",
    "nothing but blanks": "  ",
    "ticks alone": "```",
    "pipes and ticks": "a|`b`|\\|",
}
PLACES = {
    "name": lambda text: f"mailboxes of {markdown.name(text)} move",
    "name first": markdown.name,
    "code": lambda text: f"x {markdown.code(text)} y",
    "sentence": lambda text: f"- **Refused**: {markdown.sentence(text)}",
    "table": lambda text: f"| a | b |\n|---|---|\n| {markdown.code(text, table=True)} | c |",
    "summary": lambda text: markdown.folded(f"on {markdown.html_code(text)}", ["- a"]),
}
OWN = {"p", "code", "ul", "li", "strong", "table", "thead", "tbody", "tr", "th", "td", "details", "summary"}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("what", NAMES)
def test_a_name_stays_text_wherever_it_stands(what, place):
    markup = rendered(PLACES[place](NAMES[what]))
    assert set(re.findall(r"<([a-z0-9]+)", markup)) <= OWN
    if not set(NAMES[what]) <= set(" \t"):
        assert " ".join(visible(NAMES[what]).split()) in " ".join(html.unescape(re.sub("<[^>]*>", "", markup)).split())


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("what", sorted(set(NAMES) - {"template"}))
def test_what_a_host_looks_for_stands_in_code_only(what, place):
    outside = re.sub("<code>.*?</code>", "", rendered(PLACES[place](NAMES[what])), flags=re.DOTALL)
    assert not re.search(r"[@#]\w|www\.|https?:|:\w+:|GH-\d|0a1b2c3d", re.sub(r"&#?\w+;", "", outside))


@pytest.mark.parametrize(
    "plain", ["Company mail", "Straße 7", "north.example.com", "Mail (old)", "Anna's mail", "Почта 1"]
)
def test_a_harmless_name_stands_between_quotation_marks(plain):
    assert markdown.name(plain) == f'"{plain}"'


@pytest.mark.parametrize(
    "own", ["Put its name into previous_names, or rename it.", "2 services are called 'Mail', with the IDs 7, 14."]
)
def test_a_sentence_with_nothing_that_could_mean_something_stays_as_it_is(own):
    assert markdown.sentence(own) == own and rendered(own) == f"<p>{own}</p>\n"


def note(number):
    return f"… and {number} more"


def shortened(number):
    return f"({number} without details)"


def document(most, *numbers):
    sections = [
        markdown.Section(
            [markdown.Item(f"{letter}{at} " + "long " * 20, f"{letter}{at}") for at in range(number)],
            note,
            weight,
            shortened,
            lead=f"{letter}: ",
        )
        for letter, weight, number in zip("ABC", (3, 1, 2), numbers)
    ]
    return markdown.fit("# Head", sections, "Foot", most)


def left(text):
    """{section: [in full, in short]}"""
    return {
        letter: [
            len(re.findall(rf"\b{letter}\d+ long", text)),
            len(re.findall(rf"\b{letter}\d+$", text, re.MULTILINE)),
        ]
        for letter in "ABC"
    }


def test_what_fits_is_whole_and_says_nothing_of_being_left_out():
    text = document(10_000, 3, 0, 2)
    assert text.startswith("# Head\n\nA: A0 long") and text.endswith("\n\nFoot\n") and "B:" not in text
    assert left(text) == {"A": [3, 0], "B": [0, 0], "C": [2, 0]} and "more" not in text and "details" not in text


@pytest.mark.parametrize("most, whole", [(3000, "AC"), (1500, "A"), (900, "")])
def test_details_go_before_items_those_of_the_least_weight_first_and_the_last_item_before_others(most, whole):
    text = document(most, 10, 10, 10)
    found = left(text)
    assert len(text) <= most and "… and" not in text and "without details" in text
    assert [sum(found[letter]) for letter in "ABC"] == [10, 10, 10]
    assert "".join(letter for letter in "AC" if found[letter][0] == 10) == whole
    assert found["B"][0] == 0 or found["C"][0] == 10
    assert re.findall(r"\bA(\d+)", text) == [str(at) for at in range(10)]


def test_items_go_where_no_details_are_left_and_the_number_is_said():
    text = document(150, 10, 10, 10)
    found = left(text)
    assert len(text) <= 150 and all(whole == 0 for whole, short in found.values())
    assert found["B"] == [0, 0] and found["A"] == [0, 10]
    assert "B: … and 10 more" in text and f"… and {10 - found['C'][1]} more" in text


@pytest.mark.parametrize("number", [0, 1, 500, 20_000])
@pytest.mark.parametrize("most", [400, 65_000])
def test_a_document_is_never_longer_than_it_may_be_even_in_emoji(most, number):
    items = [markdown.Item("\U0001f6d1" * 50, "\U0001f6d1" * 3)] * number
    text = markdown.fit("# Head", [markdown.Section(items, note, at, shortened) for at in range(3)], "Foot", most)
    assert markdown.size(text) <= most and text.startswith("# Head") and text.endswith("Foot\n")
    assert number < 20_000 or markdown.size(text) > most - 200


def test_equal_things_are_told_once_with_those_that_share_them():
    groups = markdown.alike({"bergen": "x", "oslo": "y", "berlin": "y"})
    assert groups == [(["oslo", "berlin"], "y"), (["bergen"], "x")]


@pytest.mark.parametrize("most, expected", [(0, "`a`, `b`, `c`"), (3, "`a`, `b`, `c`"), (2, "`a`, `b` and 1 more")])
def test_a_list_of_names_ends_with_the_number_of_those_that_are_not_named(most, expected):
    assert markdown.listed(["a", "b", "c"], markdown.code, most) == expected
