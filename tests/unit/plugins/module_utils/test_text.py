# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import re

import pytest

from ansible_collections.bitrix24.portal.plugins.module_utils._text import file_name, quoted, shown, visible


@pytest.mark.parametrize(
    "text, expected",
    [
        ("plain é \U0001f600", "plain é \U0001f600"),
        ("two\nlines\r\t", r"two\nlines\r\t"),
        ("\x1b[31m", r"\x1b[31m"),
        ("\u202eabc\u200b", r"\u202eabc\u200b"),
        ("\ud800", r"\ud800"),
        ("", ""),
    ],
)
def test_control_characters_and_their_like_are_spelt_out(text, expected):
    assert visible(text) == expected


@pytest.mark.parametrize(
    "text, expected",
    [
        ("x ##[error]y", r"x \x23#[error]y"),
        ("##vso[task.setvariable variable=a]b", r"\x23#vso[task.setvariable variable=a]b"),
        ("###[group]", r"#\x23#[group]"),
        ("##teamcity[x]", r"\x23#teamcity[x]"),
        ("::set-output name=a::1", r"\x3a:set-output name=a::1"),
        ("x ::add-mask::y::", r"x \x3a:add-mask\x3a:y::"),
    ],
)
def test_what_a_pipeline_takes_for_a_command_is_spelt_out_anywhere_in_a_line(text, expected):
    assert visible(text) == visible(visible(text)) == expected


@pytest.mark.parametrize(
    "text",
    [
        "C# and C##",
        "a: b: c",
        "fe80::abcd:1",
        "::1",
        "2001:db8::/32",
        "::ffff:192.0.2.1",
        "[::1]:8443",
        "#[x]",
        "## [x]",
    ],
)
def test_what_is_no_command_stays(text):
    assert visible(text) == text


@pytest.mark.parametrize("length, expected", [(300, "x" * 300), (301, "x" * 300 + "…")])
def test_a_long_text_is_cut_with_a_mark(length, expected):
    assert visible("x" * length) == expected


def test_a_quoted_text_stands_between_quotation_marks():
    assert quoted("a\nb") == r"'a\nb'"


@pytest.mark.parametrize(
    "value, expected", [("a", "'a'"), ("", "''"), (None, "unset"), (True, "true"), (False, "false"), (993, "993")]
)
def test_a_value_is_shown_as_the_user_writes_it(value, expected):
    assert shown(value) == expected


@pytest.mark.parametrize(
    "text, expected",
    [
        ("portal.example.com", "portal.example.com"),
        ("Büro_2-a", "Büro_2-a"),
        ("emea/north", "emea_north-69c7f57d"),
        ("emea\\north", "emea_north-MARK"),
        ("../../x", "x-MARK"),
        (".", "MARK"),
        ("..", "MARK"),
        ("", "MARK"),
        ("/", "MARK"),
        (".hidden", "hidden-MARK"),
        ("-rf", "rf-MARK"),
        ("a b\0\n\ud800c", "a_b_c-MARK"),
        ("x" * 300, "x" * 120 + "-MARK"),
        ("\u5317" * 100, "\u5317" * 40 + "-MARK"),
    ],
)
def test_a_text_makes_a_file_name_that_is_safe_and_can_be_read(text, expected):
    assert re.sub(r"[0-9a-f]{8}$", "MARK", file_name(text)) == re.sub(r"[0-9a-f]{8}$", "MARK", expected)


def test_texts_that_differ_make_file_names_that_differ():
    texts = [
        "emea/north",
        "emea_north",
        "emea\\north",
        "emea//north",
        "/emea/north",
        "../emea/north",
        "x" * 300,
        "x" * 301,
    ]
    texts += ["", ".", "..", "/", "_", "-", "\ud800", "\udcff"]
    assert len({file_name(text) for text in texts}) == len(texts)
