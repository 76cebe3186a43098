# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Addresses and their parts, beside what test_credentials.py has of pasted ones."""

from __future__ import annotations

import pytest

from ansible_collections.bitrix24.portal.plugins.module_utils._rest.address import is_loopback


@pytest.mark.parametrize(
    "hostname, loopback",
    [
        ("localhost", True),
        ("127.0.0.1", True),
        ("127.255.0.3", True),
        ("[::1]", True),
        ("localhost.example", False),
        ("128.0.0.1", False),
        ("[::2]", False),
        ("0.0.0.0", False),
    ],
)
def test_only_addresses_of_this_machine_are_loopback(hostname, loopback):
    assert is_loopback(hostname) == loopback
