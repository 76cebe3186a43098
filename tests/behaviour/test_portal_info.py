# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who am I there: what portal_info tells of credentials."""

from __future__ import annotations

import json
import time

import pytest

from ansible_collections.bitrix24.portal.plugins.module_utils._rest import batch as _batch

KNOWN = ("user", "scopes", "missing_scopes", "surplus_scopes", "can_read", "can_write", "error")


@pytest.mark.parametrize(
    "kind, told, verdict",
    [
        (
            "admin",
            ({"id": 1, "admin": True}, ["mailservice"], [], [], True, True, None),
            "is an administrator, and can read and write mail services.",
        ),
        (
            "user",
            ({"id": 2, "admin": False}, ["mailservice"], [], [], True, False, None),
            "is not an administrator: mail services can be read, and not",
        ),
        (
            "noscope",
            ({"id": 1, "admin": True}, [], ["mailservice"], [], False, False, "insufficient_scope"),
            "cannot use mail services. Give the webhook",
        ),
        (
            "inactive",
            (None, None, None, None, False, False, "INVALID_CREDENTIALS"),
            "does not take these credentials (INVALID_CREDENTIALS).",
        ),
    ],
)
def test_a_webhook_is_told_right(portal, kind, told, verdict):
    result = portal.succeeds("portal_info", by=kind)
    assert tuple(result[key] for key in KNOWN) == told
    assert verdict in result["verdict"] and result["kind"] == "webhook" and result["changed"] is False


@pytest.mark.parametrize(
    "token, told, verdict",
    [
        (
            "tok-ok",
            ({"id": 1, "admin": True}, ["mailservice"], [], [], True, True, None),
            "can read and write mail services.",
        ),
        (
            "tok-user",
            ({"id": 2, "admin": False}, ["mailservice"], [], [], True, False, None),
            "is not an administrator",
        ),
        (
            "tok-noscope",
            ({"id": 1, "admin": True}, [], ["mailservice"], [], False, False, "insufficient_scope"),
            "cannot use mail services",
        ),
        (
            "tok-expired",
            (None, None, None, None, False, False, "expired_token"),
            "(expired_token). The access token has expired.",
        ),
        (
            "tok-invalid",
            (None, None, None, None, False, False, "invalid_token"),
            "does not take these credentials (invalid_token)",
        ),
    ],
)
def test_an_access_token_is_told_right(portal, token, told, verdict):
    result = portal.succeeds("portal_info", webhook_url=None, portal_url=portal.url, access_token=token)
    assert tuple(result[key] for key in KNOWN) == told
    assert verdict in result["verdict"] and result["kind"] == "access_token"


def test_it_takes_one_request_and_writes_nothing(portal):
    result = portal.succeeds("portal_info")
    assert portal.requests == ["batch"] and portal.writes == [] and result["api"]["requests"] == 1
    assert [method for method, dummy in portal.commands] == ["profile", "scope", "mailservice.fields"]


def test_the_portals_clock_is_told_and_compared_with_the_local_one(portal):
    result = portal.succeeds("portal_info")
    assert abs(result["clock_difference"]) < 5
    assert result["server_time"][:10] in (
        time.strftime("%Y-%m-%d", time.gmtime()),
        time.strftime("%Y-%m-%d", time.gmtime(time.time() - 5)),
    )


def test_what_cannot_be_known_of_dead_credentials_is_null(portal):
    result = portal.succeeds("portal_info", by="inactive")
    assert result["server_time"] is None and result["clock_difference"] is None
    assert "dismissed" in result["advice"]


def test_a_portal_that_does_not_answer_fails_the_task(portal):
    portal.misbehaves({"method": "*", "nth": 1, "times": 9, "kind": "html", "status": 502, "commit": False})
    assert portal.fails("portal_info", retries=0)["error"] == "not_json"


@pytest.mark.parametrize("moment", [1e18, -1e18, 1e300, 253402300800, -(10**17)])
def test_a_moment_that_no_calendar_has_is_left_out(portal, monkeypatch, moment):
    monkeypatch.setattr(_batch, "read_batch", with_finish(moment))
    result = portal.succeeds("portal_info")
    assert (result["server_time"], result["clock_difference"], result["can_read"]) == (None, None, True)
    json.dumps(result, allow_nan=False)


def with_finish(moment):
    read_batch = _batch.read_batch

    def read(*arguments):
        return {key: entry._replace(time={"finish": moment}) for key, entry in read_batch(*arguments).items()}

    return read


def refused(portal, method, answer):
    portal.answers(method, lambda _right: answer)
    result = portal.fails("portal_info")
    assert (result["error"], result["method"]) == ("unexpected_answer", method)
    return result["msg"]


@pytest.mark.parametrize("answer", [None, [], "1", {}, {"ID": "x"}, {"ID": "²"}, {"ID": "1" * 20}, {"ID": ["1"]}])
def test_who_has_no_id_is_nobody(portal, answer):
    assert "profile: the portal gave an unexpected answer: a user was due" in refused(portal, "profile", answer)


@pytest.mark.parametrize("answer", [None, "mailservice", 7, ["mailservice", None], {"0": ["mailservice"]}])
def test_what_is_no_list_of_names_is_no_scope(portal, answer):
    assert "scope: the portal gave an unexpected answer: a list of names was due" in refused(portal, "scope", answer)


@pytest.mark.parametrize("admin", ["Y", 1, None, "true", []])
def test_whether_a_user_is_an_administrator_is_known_only_where_it_is_said(portal, admin):
    portal.answers("profile", lambda right: dict(right, ADMIN=admin))
    result = portal.succeeds("portal_info")
    assert (result["user"]["admin"], result["can_write"]) == (None, None)
    assert "whether they can write them the portal does not tell" in result["verdict"]
