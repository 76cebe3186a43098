# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest

from ansible_collections.bitrix24.portal.plugins.module_utils._argspec import ENTRY_SPEC
from ansible_collections.bitrix24.portal.plugins.module_utils._planning.desired import DesiredService
from ansible_collections.bitrix24.portal.plugins.module_utils._planning.model import READ_ONLY, WRITABLE


@pytest.mark.parametrize("value", [None, ...])
def test_what_is_left_out_or_null_is_not_wanted(value):
    entry = {"name": "a"} if value is ... else dict(dict.fromkeys(WRITABLE + READ_ONLY), name="a")
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


def test_every_option_of_an_entry_is_an_identity_writable_read_only_or_about_icons():
    others = {"state", "id", "preset", "previous_names", "allow_similar_name", "icon_file", "icon_force"}
    assert set(ENTRY_SPEC) == {*others, *WRITABLE, *READ_ONLY}
