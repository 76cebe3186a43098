# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest

from ansible_collections.bitrix24.portal.plugins.module_utils._text import quoted, shown, visible


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
