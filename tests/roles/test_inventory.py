# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the roles know before they ask a portal."""

from __future__ import annotations

import pytest

from ansible_collections.bitrix24.portal.plugins.plugin_utils._fleet import hosts as _role_inventory


def expected(**hosts):
    return _role_inventory.expected_hosts(
        list(hosts), {host: {} if value is None else {"bitrix24_expected_host": value} for host, value in hosts.items()}
    )


def test_a_host_without_the_variable_must_lead_where_its_name_says():
    hosts = {
        "portal-a.example.com": {},
        "b": {"bitrix24_expected_host": "portal-b.example.com"},
        "c.example.com": {"bitrix24_expected_host": None},
    }
    assert _role_inventory.expected_hosts(list(hosts), hosts) == {
        "portal-a.example.com": "portal-a.example.com",
        "b": "portal-b.example.com",
        "c.example.com": "c.example.com",
    }


@pytest.mark.parametrize(
    "first, second",
    [
        ("p.example.com", "P.Example.com"),
        ("p.example.com", "p.example.com."),
        ("p.example.com", "https://p.example.com/"),
        ("p.example.com", "p.example.com:8443"),
        ("p.example.com:443", "p.example.com:443/base"),
        ("p.example.com/Base", "p.example.com/base/"),
        ("bücher.example.com", "xn--bcher-kva.example.com"),
        ("straße.example", "xn--strae-oqa.example"),
        ("STRAßE.example", "straße.example:443"),
        ("портал.рф", "https://xn--80awhdgm.xn--p1ai/"),
        ("[::1]:8443", "[::1]:8443"),
        ("::1", "[::1]"),
    ],
)
def test_two_hosts_with_one_address_are_refused(first, second):
    with pytest.raises(_role_inventory.Misconfigured, match="^a and b are one portal"):
        expected(a=first, b=second)


@pytest.mark.parametrize(
    "first, second",
    [
        ("p.example.com", "q.example.com"),
        # One name by the IDNA of 2003, which Python's codec has.
        ("straße.example", "strasse.example"),
        ("p.example.com:443", "p.example.com:8443"),
        ("p.example.com/a", "p.example.com/b"),
        ("[::1]:1", "[::1]:2"),
    ],
)
def test_two_portals_may_share_a_name_where_ports_or_paths_tell_them_apart(first, second):
    assert expected(a=first, b=second) == {"a": first, "b": second}


@pytest.mark.parametrize(
    "value", ["https://p.example.com/rest/1/sesame0123456789/", "p.example.com/REST/1/sesame0123456789"]
)
def test_a_webhook_in_the_place_of_a_host_is_refused_without_quoting_it(value):
    with pytest.raises(_role_inventory.Misconfigured) as refusal:
        expected(a=value, b=value)
    assert "sesame" not in str(refusal.value).lower() and str(refusal.value).count("webhook's address") == 2


@pytest.mark.parametrize("value", ["", "  ", 7, ["p.example.com"]])
def test_the_check_of_the_address_cannot_be_switched_off(value):
    with pytest.raises(_role_inventory.Misconfigured, match="must name the host"):
        expected(a=value)
