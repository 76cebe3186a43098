# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import datetime
import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.bitrix24.portal.plugins.module_utils._planning.limits import Limits
from ansible_collections.bitrix24.portal.plugins.module_utils._wildcard import Wildcard
from ansible_collections.bitrix24.portal.plugins.plugin_utils._report.exceptions import Exceptions
from tests.unit.plugins.module_utils.model import service

HOPELESS = [("*a" * 6 + "*b", "a" * 200), ("*a" * 50 + "*b", "a" * 255), ("*" * 500 + "b", "a" * 255)]
"""A pattern, and a name beside which a regular expression does not end."""


@given(st.text("ab*", max_size=8), st.text("ab\n", max_size=10))
def test_a_star_stands_for_any_text_as_it_does_to_a_regular_expression(pattern, text):
    expected = re.compile(".*".join(map(re.escape, pattern.split("*"))) + r"\Z", re.DOTALL).match(text)
    assert Wildcard(pattern).matches(text) is bool(expected)


@pytest.mark.parametrize("pattern, text", [("a.c", "abc"), ("[ab]", "a"), ("a?", "ab"), ("A", "a"), ("a*a", "a")])
def test_every_other_character_stands_for_itself(pattern, text):
    assert not Wildcard(pattern).matches(text) and Wildcard(pattern).matches(pattern)


@pytest.mark.parametrize("pattern, name", HOPELESS)
def test_it_ends_at_once(pattern, name):
    start = time.process_time()
    assert not Limits(protect=[pattern]).protects(service(1, name))
    rule = {"portal": pattern, "service": pattern, "reason": "r", "until": "2030-01-01"}
    assert Exceptions([rule], datetime.date(2026, 1, 1)).split(name, []) == ([], [])
    assert time.process_time() - start < 0.1
