# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest

from ansible_collections.bitrix24.portal.plugins.module_utils._planning.checks import read_entries, unwritable


def problems_of(*entries, single=False):
    return read_entries(entries, single)[1]


@pytest.mark.parametrize(
    "entry, count",
    [
        ({"name": "a"}, 0),
        ({"id": 1}, 0),
        ({}, 1),
        ({"name": None, "id": None}, 1),
        ({"id": 0}, 1),
        ({"id": -5}, 1),
        ({"id": True}, 1),
        ({"name": ""}, 1),
        ({"id": 1, "server": "", "link": ""}, 0),
        ({"id": 1, "port": 0}, 1),
        ({"id": 1, "port": True}, 1),
        ({"id": 1, "sort": False}, 1),
        ({"name": "a", "previous_names": ["b", "0", "", "x" * 256]}, 1),
        ({"name": "a", "previous_names": None}, 0),
        ({"id": 0, "name": "", "port": 0, "sort": True}, 4),
    ],
)
def test_what_no_portal_has_is_told_without_reading_it(entry, count):
    assert len(problems_of(entry)) == count


@pytest.mark.parametrize(
    "entry",
    [
        {"name": "n" * 256},
        {"name": " "},
        {"name": "0"},
        {"name": "a\udfff"},
        {"id": 1, "server": "0", "link": "l" * 256},
        {"id": 1, "port": 65536, "sort": 0},
        {"id": 1, "port": -1, "sort": 2147483648},
    ],
)
def test_what_a_portal_may_have_is_not_told_before_it_is_read(entry):
    assert problems_of(entry) == []


@pytest.mark.parametrize(
    "field, value, count",
    [
        ("name", "n" * 255, 0),
        ("name", "n" * 256, 1),
        ("name", " ", 1),
        ("name", "\u00a0", 1),
        ("name", "0", 1),
        ("name", "00", 0),
        ("name", "a\udfff", 1),
        ("name", "\U0001f600", 0),
        ("server", " ", 0),
        ("server", "0", 1),
        ("link", "0", 1),
        ("link", "l" * 256, 1),
        ("server", "\ud800" + "x" * 255, 2),
        ("port", 1, 0),
        ("port", 65535, 0),
        ("port", 0, 1),
        ("port", 65536, 1),
        ("sort", 1, 0),
        ("sort", 2147483647, 0),
        ("sort", 0, 1),
        ("sort", 2147483648, 1),
        ("active", False, 0),
        ("encryption", None, 0),
        ("port", None, 0),
    ],
)
def test_all_reasons_why_a_value_cannot_be_written_are_told(field, value, count):
    reasons = list(unwritable(field, value))
    assert len(reasons) == count and all(reason.startswith(field + " ") for reason in reasons)


def test_a_port_below_one_is_told_how_to_leave_it():
    assert "omit" in problems_of({"id": 1, "port": 0})[0].message


@pytest.mark.parametrize(
    "entry, label",
    [({"name": "a\nb", "port": 0}, "mailservices[0] ('a\\nb')"), ({"id": 5, "port": 0}, "mailservices[0] (id 5)")],
)
def test_a_problem_reads_with_index_and_name(entry, label):
    assert str(problems_of(entry)[0]).startswith(label + ": port ")


def test_a_single_task_needs_no_index():
    assert str(problems_of({"name": "a", "port": 0}, single=True)[0]).startswith("port ")


@pytest.mark.parametrize(
    "entries, indices",
    [
        ([{"name": "a"}, {"name": "a"}], (0, 1)),
        ([{"id": 1}, {"name": "x"}, {"id": 1, "name": "b"}], (0, 2)),
        ([{"id": 1, "name": "a"}, {"name": "a"}], (0, 1)),
        ([{"name": "a"}, {"id": 1, "name": "a"}], (0, 1)),
        ([{"id": 1, "name": "a"}, {"id": 2, "name": "a"}, {"name": "a", "state": "absent"}], (0, 2)),
    ],
)
def test_two_entries_for_one_service_are_told_with_both_indices(entries, indices):
    problems = problems_of(*entries)
    assert len(problems) == 1 and all("mailservices[%d]" % index in str(problems[0]) for index in indices)


@pytest.mark.parametrize(
    "entries",
    [
        [{"name": "a"}, {"name": "A"}, {"name": "a "}],
        [{"id": 1, "name": "a"}, {"id": 2, "name": "a"}],
        [{"name": "a", "previous_names": ["b"]}, {"name": "c"}],
    ],
)
def test_entries_for_different_services_are_fine(entries):
    assert problems_of(*entries) == []
