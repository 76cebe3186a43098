# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What mailservice_audit asks of a portal, and what it tells of one that it could not read."""

from __future__ import annotations

import pytest

from tests.behaviour.portal import catch_all, service

MAIL = dict(server="imap.mail", port="993")
PART = {"host", "reason", "drifted", "credentials", "catch_all", "services", "findings"}
UNREAD = dict(drifted=False, catch_all=[], services=[], findings=[])


def mail(**more):
    return dict(dict(name="Mail", server="imap.mail", port=993), **more)


def audit(portal, *desired, **params):
    return portal.succeeds("mailservice_audit", mailservices=list(desired), **params)


def failed_audit(portal, *desired, **params):
    result = portal.fails("mailservice_audit", mailservices=list(desired), **params)
    assert set(result) >= PART and result["changed"] is False
    return result


def test_the_list_travels_beside_the_questions_about_the_credentials(portal):
    portal.has(service(2, "Mail", **MAIL), catch_all())
    result = audit(portal, mail(), include_inactive=False)
    assert portal.requests == ["batch"] and result["api"]["requests"] == 1
    assert [method for method, dummy in portal.commands] == ["profile", "scope", "mailservice.list"]


def test_inactive_services_cost_a_request_for_each_50_ids(portal):
    portal.has(service(2, "Mail", **MAIL), service(30, "Old", active=False), catch_all())
    result = audit(portal, mail(), inactive_lookahead=8)
    assert portal.requests == ["batch", "batch", "batch"] and result["api"]["ids_searched"] == 96
    assert [item["name"] for item in result["services"]] == ["Mail", "Old", "Other"]


def test_a_list_that_may_be_empty_or_at_fault_is_asked_for_directly(portal):
    result = audit(portal, mail(), include_inactive=False)
    assert portal.requests == ["batch", "mailservice.list"]
    assert result["reason"] is None and [item["kind"] for item in result["findings"]] == ["missing", "no_catch_all"]


@pytest.mark.parametrize("check_mode", [False, True])
def test_what_differs_is_returned_and_neither_written_nor_a_failure(portal, check_mode):
    portal.has(service(2, "Mail", server="imap.mail", port="143"), catch_all(90, "Other"))
    result = audit(portal, mail(), check_mode=check_mode, webhook_expires="2027-03-31")
    assert portal.writes == [] and result["changed"] is False and result["drifted"] is True
    assert (result["host"], result["reason"], result["catch_all"]) == (portal.url.partition("//")[2], None, ["Other"])
    assert [(item["kind"], item["id"], item["fields"]) for item in result["findings"]] == [
        ("changed", 2, [{"field": "port", "before": 143, "after": 993}])
    ]
    assert result["credentials"] == {
        "kind": "webhook",
        "user_id": 1,
        "admin": True,
        "can_write": True,
        "surplus_scopes": [],
        "webhook_expires": "2027-03-31",
    }


def test_a_portal_in_order_has_not_drifted(portal):
    portal.has(service(2, "Mail", **MAIL), service(3, "Partner x", server="x", port="1"), service(4, "Y"), catch_all())
    result = audit(portal, mail(), protect=["Partner *"], protect_ids=[4])
    assert (result["findings"], result["drifted"]) == ([], False)


def test_an_ordinary_users_credentials_are_enough(portal):
    portal.has(service(2, "Mail", **MAIL), catch_all())
    result = audit(portal, mail(), by="user")
    assert result["reason"] is None
    assert (result["credentials"]["admin"], result["credentials"]["can_write"]) == (False, False)


def test_an_entry_that_cannot_be_fails_the_task_and_hides_nothing_else(portal):
    portal.has(service(2, "Mail", server="imap.mail", port="143"), catch_all())
    result = failed_audit(portal, mail(), "Branch", {"name": "Old\nmail", "port": "many"})
    assert [item["kind"] for item in result["findings"]] == ["refused", "refused", "changed"]
    assert result["reason"] is None and result["drifted"] is True
    assert (
        "'entry 2': This is text where a map of options is due" in result["msg"] and "'Old\\nmail': " in result["msg"]
    )


UNREADABLE = {
    "refuses the credentials": (
        dict(by="inactive"),
        [],
        ("unauthorised", "INVALID_CREDENTIALS", False, "does not take these credentials", "Developer resources"),
    ),
    "lacks the scope": (
        dict(by="noscope"),
        [],
        ("unauthorised", "insufficient_scope", False, "cannot use mail services.", "the scope mailservice"),
    ),
    "answers with a page": (
        dict(retries=0),
        [dict(kind="html", method="*", times=0, status=502, commit=False)],
        ("unreachable", "not_json", False, "batch on ", "Check that the address"),
    ),
    "throttles": (
        dict(retries=0, retry_max_wait=0),
        [dict(kind="query_limit", method="*", times=0)],
        ("unreachable", "QUERY_LIMIT_EXCEEDED", True, "QUERY_LIMIT_EXCEEDED", "Too many requests"),
    ),
    "throttles the list alone": (
        dict(retries=0, retry_max_wait=0),
        [dict(kind="operation_limit", method="mailservice.list", times=0)],
        ("unreachable", "OPERATION_TIME_LIMIT", True, "mailservice.list on ", "operating time"),
    ),
    "fails at the search for inactive services": (
        dict(retries=0),
        [dict(kind="html", method="batch", nth=2, times=0, status=502, commit=False)],
        ("unreachable", "not_json", False, "batch on ", "Check that the address"),
    ),
    "would have to be asked for too many ids": (
        dict(inactive_max_ids=3),
        [],
        ("unreachable", "task_failed", False, "more than inactive_max_ids: 3", ""),
    ),
}


@pytest.mark.parametrize("case", UNREADABLE)
def test_a_portal_fails_the_task_and_says_why_that(portal, case):
    params, faults, (kind, code, throttled, text, advice) = UNREADABLE[case]
    portal.has(service(2, "Mail", **MAIL))
    portal.misbehaves(*faults)
    result = failed_audit(portal, mail(port=143), webhook_expires="2027-03-31", **params)
    reason = result["reason"]
    assert (reason["kind"], reason["code"], reason["throttled"]) == (kind, code, throttled)
    assert text in reason["text"] and advice in (reason["advice"] or "")
    assert result["msg"] == " ".join(filter(None, (reason["text"], reason["advice"])))
    assert {key: result[key] for key in UNREAD} == UNREAD
    assert result["host"] == portal.url.partition("//")[2] and result["api"]["requests"] >= 1
    assert result["credentials"]["webhook_expires"] == "2027-03-31"


def test_a_list_that_fails_after_the_portal_said_who_we_are_still_tells_who(portal):
    portal.has(service(2, "Mail", **MAIL))
    portal.misbehaves(dict(kind="html", method="batch", nth=2, times=0, status=502, commit=False))
    assert failed_audit(portal, retries=0)["credentials"]["user_id"] == 1


OPTIONS = {
    "an address that is none": (dict(webhook_url="portal.example.com"), False),
    "another portal than expected": (dict(expected_host="portal.example.com"), False),
    "a number of ids below nothing": (dict(inactive_lookahead=-1), True),
}


@pytest.mark.parametrize("case", OPTIONS)
def test_options_that_cannot_be_ask_nothing_and_are_the_reason(portal, case):
    params, host_is_known = OPTIONS[case]
    result = failed_audit(portal, mail(), **params)
    assert portal.requests == [] and result["reason"]["code"] == "task_failed"
    assert result["reason"]["text"] == result["msg"] and (result["host"] is not None) == host_is_known
