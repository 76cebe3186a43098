# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""No text that leaves holds a secret or something that a terminal would act on."""

from __future__ import annotations

import base64
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given, strategies

from ansible_collections.bitrix24.portal.plugins.module_utils._redact import Redactor

SECRET = "abc/def+ghi=jkl mno&pqr"


@pytest.mark.parametrize(
    "text",
    [
        SECRET,
        quote(SECRET, safe=""),
        "Basic " + base64.b64encode(SECRET.encode()).decode(),
        SECRET[:12],
        SECRET[5:17],
        SECRET[-12:],
        "x%sx" % SECRET,
        SECRET * 3,
        quote(SECRET, safe="")[3:],
    ],
)
def test_a_secret_does_not_come_through_whole_quoted_packed_or_in_parts(text):
    shown = Redactor({SECRET})(text)
    assert "***" in shown
    for form in (SECRET, quote(SECRET, safe=""), quote_plus(SECRET), base64.b64encode(SECRET.encode()).decode()):
        assert not any(form[start : start + 12] in shown for start in range(len(form) - 11))


@pytest.mark.parametrize(
    "text, shown",
    [
        ("GET /rest/1/0therSecret/profile.json", "GET /rest/1/***/profile.json"),
        ("https://h/x/REST/77/0ther?ID=1", "https://h/x/REST/77/***?ID=1"),
        (
            "HTTPConnectionPool(host='h', port=1): url: /rest/1/0ther",
            "HTTPConnectionPool(host='h', port=1): url: /rest/1/***",
        ),
        ("https://h/rest/x?auth=tok&ID=1&access_token=tok2", "https://h/rest/x?auth=***&ID=1&access_token=***"),
        ("http://me:word@proxy:3128/", "http://***@proxy:3128/"),
        ("short 123", "short ***"),
        ("plain text, nothing in it", "plain text, nothing in it"),
    ],
)
def test_what_looks_like_a_secret_does_not_come_through(text, shown):
    assert Redactor({SECRET, "123"})(text) == shown


@pytest.mark.parametrize(
    "text, shown",
    [
        ("the connection was closed before an answer", "the connection was closed before an answer"),
        ("connection failed", "connection failed"),
        ("it went to https://h/rest/1/connection", "it went to https://h/rest/1/***"),
        ("url: /b/1/connection/x.json", "url: /b/1/***/x.json"),
        ("https://h/?key=connection&ID=1", "https://h/?key=***&ID=1"),
    ],
)
def test_a_secret_that_is_a_word_leaves_own_sentences_readable_and_comes_out_of_no_address(text, shown):
    assert Redactor({"connection", "closed"}).own_text(text) == shown


def test_a_secret_that_is_a_word_does_not_come_through_in_what_the_portal_says():
    assert Redactor({"hunter"})("no such webhook: hunter") == "no such webhook: ***"


@pytest.mark.parametrize(
    "text, shown",
    [
        ("a\nb\r\tc\x00", "a\\nb\\r\\tc\\x00"),
        ("\x1b[31mred\x9b", "\\x1b[31mred\\x9b"),
        ("\u202eevil\u2066", "\\u202eevil\\u2066"),
        ("half \ud800", "half \\ud800"),
        ("\u2028", "\\u2028"),
        ("Ünïcode 🚀 {{ x }} $result[a]", "Ünïcode 🚀 {{ x }} $result[a]"),
    ],
)
def test_what_a_terminal_would_act_on_is_spelt_out(text, shown):
    assert Redactor()(text) == shown


def test_a_text_is_cut_and_no_part_of_a_secret_is_left_at_the_cut():
    shown = Redactor({"s" * 20 + "t"})("x" * 290 + "s" * 20 + "t" + "y" * 10**6)
    assert shown.startswith("x" * 290 + "***yyy") and len(shown) == 301


@given(before=strategies.text(), after=strategies.text())
def test_whatever_stands_around_a_secret_it_does_not_come_through(before, after):
    secret = "0123456789abcdef"
    shown = Redactor({secret})(before + secret + after)
    assert not any(secret[start : start + 12] in shown for start in range(5))
    assert shown.isprintable()
