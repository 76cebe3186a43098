# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading."""

from __future__ import annotations

import pytest

from tests.behaviour.portal import catch_all, service

FULL = dict(
    server="IMAP.One",
    port=993,
    link="https://one/",
    sort=7,
    SMTP_SERVER="smtp.one",
    SMTP_PORT="465",
    SMTP_ENCRYPTION="Y",
    SMTP_LOGIN_AS_IMAP="Y",
    SMTP_PASSWORD_AS_IMAP="N",
    UPLOAD_OUTGOING="N",
    TOKEN="secret",
)


def test_a_service_is_shown_in_types(portal):
    portal.has(service(3, "other", **FULL))
    assert portal.info() == [
        dict(
            id=3,
            site_id="s1",
            active=True,
            sort=7,
            name="other",
            server="imap.one",
            port=993,
            encryption=True,
            link="https://one/",
            icon=portal.info()[0]["icon"],
            smtp_server="smtp.one",
            smtp_port=465,
            smtp_login_as_imap=True,
            smtp_password_as_imap=False,
            smtp_encryption=True,
            upload_outgoing=False,
        )
    ]
    assert portal.info()[0]["icon"].endswith(".svg")


def test_the_active_services_come_in_the_portals_order(portal):
    portal.has(service(1, "b"), service(2, "A"), service(3, "c", sort=1), service(4, "off", active=False))
    assert [entry["id"] for entry in portal.info()] == [3, 2, 1]
    assert portal.requests == ["mailservice.list"]


def test_a_portal_without_active_services_gives_an_empty_list(portal):
    portal.has(service(4, "off", active=False))
    assert portal.info() == []


def test_an_id_finds_an_inactive_service_too(portal):
    portal.has(service(1, "One"), service(4, "off", active=False))
    assert [entry["name"] for entry in portal.info(id=4)] == ["off"]
    assert portal.requests == ["mailservice.get"]


def test_an_id_that_is_not_there_gives_an_empty_list(portal):
    assert portal.info(id=4) == []


@pytest.mark.parametrize(
    "params, found",
    [
        (dict(id=1, name="One"), [1]),
        (dict(id=1, name="Two"), []),
        (dict(id=2, name="One"), []),
        (dict(name="One"), [1]),
        (dict(name="one"), []),
        (dict(name="off"), []),
        (dict(name="off", include_inactive=True), [4]),
    ],
)
def test_an_id_and_a_name_must_both_match(portal, params, found):
    portal.has(service(1, "One"), service(2, "Two"), service(4, "off", active=False))
    assert [entry["id"] for entry in portal.info(**params)] == found


def test_inactive_services_come_after_the_active_ones_by_id(portal):
    portal.has(service(9, "a"), service(4, "off", active=False), service(2, "z"), service(1, "off", active=False))
    result = portal.succeeds("mailservice_info", include_inactive=True)
    assert [entry["id"] for entry in result["mailservices"]] == [9, 2, 1, 4]
    assert result["api"]["ids_searched"] == 57


def test_the_lookahead_and_its_limit_hold_here_too(portal):
    portal.has(service(9, "a"), service(14, "off", active=False))
    assert len(portal.info(include_inactive=True, inactive_lookahead=5)) == 2
    assert len(portal.info(include_inactive=True, inactive_lookahead=4)) == 1
    assert "inactive_max_ids" in portal.refuses("mailservice_info", include_inactive=True, inactive_max_ids=10)


def test_labels_come_by_our_names_in_the_portals_words(portal):
    portal.has(catch_all())
    assert "labels" not in portal.succeeds("mailservice_info")
    assert portal.succeeds("mailservice_info", labels=True)["labels"]["encryption"] == "Secure connection"


def test_an_ordinary_user_may_read(portal):
    portal.has(catch_all())
    assert len(portal.info(by="user", include_inactive=True)) == 1


@pytest.mark.parametrize("kind, error", [("noscope", "insufficient_scope"), ("inactive", "INVALID_CREDENTIALS")])
def test_what_the_portal_refuses_is_an_error_with_its_code_and_advice(portal, kind, error):
    result = portal.fails("mailservice_info", by=kind)
    assert (result["error"], result["method"]) == (error, "mailservice.list")
    assert result["advice"] in result["msg"] and portal.webhook(kind) not in str(result["msg"])


def test_an_id_below_one_is_refused_before_anything_is_sent(portal):
    portal.refuses("mailservice_info", id=0)
    assert portal.requests == []


def test_nothing_is_different_in_check_mode(portal):
    portal.has(catch_all())
    assert portal.info(check_mode=True) == portal.info()
