# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rights: told before writing where that can be known, and clearly afterwards where it cannot."""

from __future__ import annotations

import pytest

from tests.behaviour.portal import service
from tests.simulator.errors import core_error


@pytest.fixture
def filled(portal):
    portal.has(*[service(service_id, "S%d" % service_id) for service_id in (1, 2, 3)])
    return portal


TASKS = [
    ("mailservice", {"name": "S1", "port": 2}),
    ("mailservice_set", {"mailservices": [{"name": "S1", "port": 2}, {"name": "S2", "state": "absent"}]}),
]


@pytest.mark.parametrize("module, params", TASKS)
class TestAnOrdinaryUser:
    def test_is_told_so_in_check_mode(self, filled, module, params):
        result = filled.fails(module, by="user", check_mode=True, **params)
        assert "not an administrator" in result["msg"] and not result["changed"]
        assert filled.requests == ["mailservice.list", "profile"]

    def test_is_told_so_for_real(self, filled, module, params):
        before = filled.rows
        result = filled.fails(module, by="user", **params)
        assert "not an administrator" in result["msg"] and not result["changed"]
        assert filled.requests.count("profile") == 1 and filled.rows == before


@pytest.mark.parametrize("check_mode", [True, False])
def test_an_ordinary_user_succeeds_where_nothing_is_to_be_written(filled, check_mode):
    assert not filled.mailservice(name="S1", by="user", check_mode=check_mode)["changed"]
    assert filled.requests == ["mailservice.list"]


def test_continuing_stops_for_want_of_rights(filled):
    result = filled.fails(
        "mailservice_set",
        by="user",
        on_error="continue",
        mailservices=[{"id": service_id, "port": 2} for service_id in (1, 2, 3)],
    )
    assert [entry["skipped"] for entry in result["results"]] == [False, True, True]
    assert len(filled.writes) == 3 and filled.requests.count("batch") == 1


def test_an_administrator_is_not_asked_for_rights_unless_refused(filled):
    filled.mailservice(name="S1", port=2)
    assert "profile" not in filled.requests


def test_a_refusal_to_an_administrator_is_not_blamed_on_rights(filled):
    def refuse():
        raise core_error("The portal's reason.")

    filled.before("mailservice.update", refuse)
    result = filled.fails("mailservice", name="S1", port=2)
    assert "refuses to write" not in result["msg"] and "The portal's reason." in result["msg"]
    assert filled.requests.count("profile") == 1


@pytest.mark.parametrize(
    "entry, method, advice",
    [
        ({"name": "New", "active": True}, "mailservice.add", "The portal refused a value."),
        ({"id": 1, "port": 2}, "mailservice.update", "The service is gone, or the portal refused a value."),
        ({"id": 1, "state": "absent"}, "mailservice.delete", "The service is gone already."),
    ],
)
def test_an_administrator_gets_no_advice_about_rights(filled, entry, method, advice):
    def refuse():
        raise core_error("The portal's reason.")

    filled.before(method, refuse)
    result = filled.fails("mailservice_set", mailservices=[entry])
    assert (result["user"]["admin"], result["advice"]) == (True, advice)
    assert result["msg"] == result["results"][0]["error"]
    assert result["msg"].endswith(f"""ERROR_CORE: "The portal's reason.". {advice}""")


def test_somebody_else_gets_that_advice_alone(filled):
    result = filled.fails("mailservice_set", by="user", mailservices=[{"name": "S1", "port": 2}])
    assert result["advice"] == "Use the credentials of an administrator of the portal."
    assert result["user"]["admin"] is False


def test_where_nobody_can_say_who_it_is_both_reasons_stay(filled):
    def refuse():
        raise core_error("The portal's reason.")

    filled.before("mailservice.update", refuse)
    filled.misbehaves({"kind": "html", "method": "profile", "times": 0})
    result = filled.fails("mailservice_set", mailservices=[{"name": "S1", "port": 2}], retries=0)
    assert "Either the owner of the webhook is not an administrator" in result["msg"] and "user" not in result


def test_check_mode_fails_where_the_question_for_rights_gets_no_answer(filled):
    filled.misbehaves({"kind": "html", "status": 502, "method": "profile", "times": 0})
    result = filled.fails("mailservice", name="S1", port=2, check_mode=True, retries=0)
    assert (result["error"], result["method"], result.get("changed", False)) == ("not_json", "profile", False)
    assert filled.requests == ["mailservice.list", "profile"]


@pytest.mark.parametrize("answer", [[], {}, {"ID": "1"}, {"ID": "1", "ADMIN": "N"}])
def test_check_mode_goes_on_where_the_answer_does_not_say_whether_somebody_is_an_administrator(filled, answer):
    filled.answers("profile", lambda _right: answer)
    assert filled.mailservice(name="S1", port=2, check_mode=True)["changed"]


@pytest.mark.parametrize("check_mode", [True, False])
@pytest.mark.parametrize("kind, error", [("noscope", "insufficient_scope"), ("inactive", "INVALID_CREDENTIALS")])
def test_credentials_that_may_not_even_read_fail_at_the_first_request(filled, kind, error, check_mode):
    result = filled.fails("mailservice", by=kind, name="S1", port=2, check_mode=check_mode)
    assert (result["error"], filled.requests) == (error, ["mailservice.list"])


def test_guards_are_judged_before_rights(filled):
    message = filled.refuses(
        "mailservice_set", by="user", mailservices=[{"name": "S1", "active": False}], max_removals=0, check_mode=True
    )
    assert "max_removals" in message and filled.requests == ["mailservice.list"]
