# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest

from ansible_collections.bitrix24.portal.plugins.module_utils._planning.desired import (
    ENTRY_SPEC,
    DesiredService,
    read_entries,
)
from ansible_collections.bitrix24.portal.plugins.module_utils._planning.model import READ_ONLY, WRITABLE


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
        ({"name": "n" * 255}, 0),
        ({"name": "n" * 256}, 1),
        ({"name": " "}, 1),
        ({"name": ""}, 1),
        ({"name": "\u00a0"}, 1),
        ({"name": "0"}, 1),
        ({"name": "00"}, 0),
        ({"name": "a\udfff"}, 1),
        ({"name": "\U0001f600"}, 0),
        ({"id": 1, "server": ""}, 0),
        ({"id": 1, "server": "0"}, 1),
        ({"id": 1, "link": "0"}, 1),
        ({"id": 1, "link": "l" * 256}, 1),
        ({"id": 1, "server": "\ud800" + "x" * 255}, 2),
        ({"id": 1, "port": 1}, 0),
        ({"id": 1, "port": 65535}, 0),
        ({"id": 1, "port": 0}, 1),
        ({"id": 1, "port": 65536}, 1),
        ({"id": 1, "port": True}, 1),
        ({"id": 1, "sort": 1}, 0),
        ({"id": 1, "sort": 2147483647}, 0),
        ({"id": 1, "sort": 0}, 1),
        ({"id": 1, "sort": 2147483648}, 1),
        ({"id": 1, "sort": False}, 1),
        ({"name": "a", "previous_names": ["b", "0", "", "x" * 256]}, 3),
        ({"name": "a", "previous_names": None}, 0),
        ({"id": 1, "name": "0", "port": 0, "sort": 0, "link": "0"}, 4),
    ],
)
def test_all_problems_of_an_entry_are_told(entry, count):
    assert len(problems_of(entry)) == count


def test_a_port_below_one_is_told_how_to_leave_it():
    assert "omit" in problems_of({"id": 1, "port": 0})[0]


@pytest.mark.parametrize(
    "entry, label",
    [({"name": "a\nb", "port": 0}, "mailservices[0] ('a\\nb')"), ({"id": 5, "port": 0}, "mailservices[0] (id 5)")],
)
def test_a_problem_starts_with_index_and_name(entry, label):
    assert problems_of(entry)[0].startswith(label + ": ")


def test_a_single_task_needs_no_index():
    assert problems_of({"name": "a", "port": 0}, single=True)[0].startswith("port ")


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
    assert len(problems) == 1 and all("mailservices[%d]" % index in problems[0] for index in indices)


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


@pytest.mark.parametrize("value", [None, ...])
def test_what_is_left_out_or_null_is_not_wanted(value):
    entry = {"name": "a"} if value is ... else dict({field: None for field in WRITABLE + READ_ONLY}, name="a")
    desired = DesiredService(entry)
    assert (desired.fields, desired.asserted, desired.is_present, desired.previous_names) == ({}, {}, True, ())


def test_false_and_an_empty_text_are_wanted():
    assert DesiredService({"id": 1, "active": False, "encryption": False, "server": "", "link": ""}).fields == {
        "active": False,
        "encryption": False,
        "server": None,
        "link": None,
    }


def test_read_only_keys_are_kept_apart():
    desired = DesiredService({"id": 1, "site_id": "s1", "smtp_login_as_imap": False, "port": 5})
    assert (desired.fields, desired.asserted) == ({"port": 5}, {"site_id": "s1", "smtp_login_as_imap": False})


def test_every_option_of_an_entry_is_an_identity_writable_or_read_only():
    assert set(ENTRY_SPEC) == {"state", "id", "previous_names", *WRITABLE, *READ_ONLY}


def test_what_the_portal_says_of_an_icon_may_be_longer_than_what_can_be_written():
    assert problems_of({"id": 1, "icon": "https://cdn.example/" + "x" * 300}) == []
