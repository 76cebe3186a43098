# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Check mode, the digest of a plan, and the host that is expected."""

from __future__ import annotations

import re

import pytest

from tests.behaviour.portal import catch_all, mailbox, service
from tests.simulator.errors import core_error

ROWS = [
    catch_all(90),
    service(1, "One", server="a", port=1),
    service(2, "Two", server="b", port=2),
    service(3, "Three", active=False),
    service(4, "Old"),
    service(5, "Gone", server="c"),
    service(6, "Purged", link="l"),
    service(7, "Same"),
]
ENTRIES = [
    {"name": "Same"},
    {"name": "B new", "sort": 5, "active": False},
    {"name": "One", "port": 9},
    {"name": "Two", "active": False},
    {"name": "Three", "active": True, "server": "IMAP"},
    {"name": "New", "previous_names": ["Old"]},
    {"name": "Gone", "state": "absent"},
    {"name": "A new", "sort": 1, "server": "z", "port": 1},
    {"name": "Never", "state": "absent"},
]


def database_fault():
    raise core_error("SQL query error!", 500)


def without_new_ids(value, known):
    if isinstance(value, dict):
        return {
            key: None if key == "id" and item not in known else without_new_ids(item, known)
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [without_new_ids(item, known) for item in value]
    if isinstance(value, str):
        return re.sub(r"\(id (\d+)\)", lambda found: found[0] if int(found[1]) in known else "(new)", value)
    return value


@pytest.mark.parametrize("home", [True, False])
@pytest.mark.parametrize("purge", ["none", "deactivate", "delete"])
def test_check_mode_returns_exactly_what_is_then_done(portal, purge, home):
    portal.has(*ROWS[not home :], mailboxes=[mailbox(at, at) for at in range(1, 8)])
    params = dict(mailservices=ENTRIES, purge=purge)
    foretold = portal.run("mailservice_set", check_mode=True, **params)
    assert (portal.rows[1]["PORT"], foretold["changed"]) == ("1", True)
    done = portal.run("mailservice_set", **params)
    assert (
        done["plan"] == foretold["plan"]
        and done["plan_digest"] == foretold["plan_digest"]
        and done["effects"] == foretold["effects"]
    )
    for key in ("results", "diff", "mailservices"):
        found, expected = (without_new_ids(result[key], {row["ID"] for row in ROWS}) for result in (done, foretold))
        if key == "mailservices":
            # What the portal chooses for a new service is not known before.
            found, expected = (
                [
                    dict(entry, **dict.fromkeys(("site_id", "smtp_login_as_imap", "smtp_password_as_imap")))
                    for entry in many
                ]
                for many in (found, expected)
            )
        assert found == expected


@pytest.mark.parametrize(
    "params",
    [
        dict(name="New", server="Z"),
        dict(name="One", port=5),
        dict(name="One", active=False),
        dict(name="One", state="absent"),
        dict(id=3, active=True),
        dict(name="Renamed", previous_names=["One"]),
        dict(name="One", port=1),
        dict(name="Never", state="absent"),
    ],
)
def test_check_mode_of_one_service_returns_what_is_then_done(portal, params):
    portal.has(*ROWS)
    foretold = portal.mailservice(check_mode=True, **params)
    done = portal.mailservice(**params)
    for key in ("changed", "changes", "effects"):
        assert done[key] == foretold[key]
    assert without_new_ids(done["diff"], {row["ID"] for row in ROWS}) == without_new_ids(
        foretold["diff"], {row["ID"] for row in ROWS}
    )
    assert (done["mailservice"] or {}).get("name") == (foretold["mailservice"] or {}).get("name")


def test_a_service_to_be_created_has_no_id_in_check_mode(portal):
    portal.has(catch_all())
    result = portal.mailservice(name="New", check_mode=True)
    assert (result["mailservice"]["id"], result["diff"][0]["after"].splitlines()[0]) == (None, '"New (new)":')
    result = portal.set({"name": "New"}, check_mode=True)
    assert (result["plan"]["creations"][0]["id"], result["results"][0]["id"], result["mailservices"][0]["id"]) == (
        None,
        None,
        None,
    )


class TestThePlanDigest:
    @pytest.mark.parametrize("check_mode", [True, False])
    def test_is_always_returned(self, portal, check_mode):
        portal.has(*ROWS)
        for entries in (ENTRIES, [], [{"name": "Same"}]):
            assert re.fullmatch("[0-9a-f]{64}", portal.set(*entries, check_mode=check_mode)["plan_digest"])

    def test_is_another_for_another_host(self, simulator, portal):
        portal.has(*ROWS)
        here = portal.set({"name": "One", "port": 2}, check_mode=True)["plan_digest"]
        address = portal.webhook().replace("127.0.0.1", "localhost")
        assert portal.set({"name": "One", "port": 2}, check_mode=True, webhook_url=address)["plan_digest"] != here

    def test_of_a_check_mode_run_is_carried_out_where_nothing_moved(self, portal):
        portal.has(*ROWS)
        digest = portal.set(*ENTRIES, purge="deactivate", check_mode=True)["plan_digest"]
        assert portal.set(*ENTRIES[::-1], purge="deactivate", expect_plan=digest)["changed"]

    @pytest.mark.parametrize(
        "moved",
        [
            service(1, "One", server="a", port=3),
            service(8, "Eight"),
            service(2, "Two", active=False),
            service(6, "Purged", port=1, active=False),
            service(90, "Other", encryption=None, active=False),
        ],
    )
    def test_forbids_everything_where_the_portal_moved_meanwhile(self, portal, moved):
        portal.has(*ROWS)
        digest = portal.set(*ENTRIES, purge="deactivate", check_mode=True)["plan_digest"]
        portal.has(*{row["ID"]: row for row in [*ROWS, moved]}.values())
        result = portal.fails("mailservice_set", mailservices=ENTRIES, purge="deactivate", expect_plan=digest)
        assert (
            (result["changed"], portal.writes) == (False, [])
            and result["plan_digest"] != digest
            and result["plan"]["updates"]
        )

    @pytest.mark.parametrize("check_mode", [True, False])
    def test_of_a_plan_that_was_carried_out_lets_the_next_run_pass(self, portal, check_mode):
        portal.has(*ROWS)
        digest = portal.set(*ENTRIES, purge="deactivate", check_mode=True)["plan_digest"]
        assert "already_as_approved" not in portal.set(*ENTRIES, purge="deactivate", expect_plan=digest)
        again = portal.set(*ENTRIES, purge="deactivate", expect_plan=digest, check_mode=check_mode)
        assert again["already_as_approved"] and not again["changed"] and again["plan_digest"] != digest
        same = portal.set(*ENTRIES, purge="deactivate", expect_plan=again["plan_digest"])
        assert "already_as_approved" not in same

    def test_that_is_expected_is_heeded_in_check_mode_too(self, portal):
        portal.has(*ROWS)
        portal.refuses("mailservice_set", mailservices=ENTRIES, expect_plan="0" * 64, check_mode=True)

    def test_does_not_tell_apart_what_does_not_matter(self, portal):
        portal.has(*ROWS)
        digest = portal.set({"name": "One", "port": 2}, check_mode=True)["plan_digest"]
        portal.has(*ROWS[:-1], service(7, "Same", link="else"))
        assert portal.set({"name": "One", "port": 2, "server": "A"}, check_mode=True)["plan_digest"] == digest


class TestTheExpectedHost:
    @pytest.mark.parametrize(
        "module, params",
        [("mailservice_info", {}), ("mailservice", {"name": "One"}), ("mailservice_set", {"mailservices": []})],
    )
    def test_that_is_another_fails_the_task_before_anything_is_sent(self, portal, module, params):
        assert "expected_host" in portal.fails(module, expected_host="portal.example", **params)["msg"]
        assert portal.requests == []

    def test_that_is_the_portals_is_let_through(self, portal):
        portal.has(service(1, "One"))
        host = portal.succeeds("mailservice_info")["host"]
        assert portal.succeeds("mailservice_info", expected_host=host)["host"] == host


class TestNone:
    def test_is_the_lists_answer_error_core_with_400(self, portal):
        assert portal.info() == []

    @pytest.mark.parametrize(
        "fault",
        [
            {"kind": "html"},
            {"kind": "half_body"},
            {"kind": "overload"},
            {"kind": "cut_after_commit"},
            {"kind": "html", "status": 400},
        ],
    )
    def test_is_not_read_out_of_any_other_failure(self, portal, fault):
        portal.misbehaves(dict(fault, times=0))
        result = portal.fails("mailservice", name="One", retries=0)
        assert portal.writes == [] and not result.get("changed")

    def test_is_not_read_out_of_a_database_fault(self, portal):
        portal.each_time(database_fault)
        assert portal.fails("mailservice", name="One", retries=0)["error"] == "ERROR_CORE"
        assert portal.writes == []

    def test_of_an_id_is_not_read_out_of_a_database_fault_either(self, portal):
        portal.has(service(1, "One"))

        portal.before("mailservice.get", database_fault)
        assert portal.fails("mailservice", id=7, state="absent", retries=0)["http_status"] == 500

    def test_in_the_reply_of_a_batch_is_asked_again_directly(self, portal):
        portal.has(service(1, "One"))
        assert portal.mailservice(name="One", state="absent")["mailservice"] is None
        assert portal.requests == ["mailservice.list", "batch", "mailservice.list"]
