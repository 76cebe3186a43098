# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is never done without being asked."""

from __future__ import annotations

import pytest

from tests.behaviour.portal import catch_all, service


class TestTheCatchAll:
    @pytest.mark.parametrize(
        "change",
        [
            {"server": "imap.x"},
            {"port": 993},
            {"encryption": True},
            {"encryption": False},
            {"link": "l"},
            {"active": False},
            {"state": "absent"},
        ],
    )
    def test_is_not_ended_unless_allowed(self, portal, change):
        portal.has(catch_all(), service(1, "One"))
        assert "allow_catch_all_change" in portal.refuses("mailservice", name="Other", **change)
        assert "allow_catch_all_change" in portal.refuses("mailservice", name="Other", check_mode=True, **change)
        assert portal.mailservice(name="Other", allow_catch_all_change=True, **change)["changed"]

    @pytest.mark.parametrize("change", [{"id": 90, "name": "Rest"}, {"name": "Other", "sort": 500}])
    def test_may_be_renamed_and_sorted(self, portal, change):
        portal.has(catch_all())
        assert portal.mailservice(**change)["changed"]

    def test_comes_last_in_a_plan(self, portal):
        portal.has(catch_all(2), service(1, "One"), service(3, "Three"), service(4, "Four"))
        portal.set(
            {"name": "Other", "port": 1},
            {"name": "One", "state": "absent"},
            {"name": "Three", "active": False},
            {"name": "Four", "port": 5},
            {"name": "New"},
            allow_catch_all_change=True,
        )
        assert [params.get("ID", params.get("NAME")) for verb, params in portal.writes] == ["New", "4", "3", "1", "2"]

    @pytest.mark.parametrize(
        "almost", [dict(server="x"), dict(port=1), dict(encryption=False), dict(link="l"), dict(active=False)]
    )
    def test_is_only_an_active_service_without_all_four(self, portal, almost):
        portal.has(service(90, "Other", **dict(dict(encryption=None), **almost)), service(1, "One"))
        assert portal.mailservice(id=90, state="absent")["changed"]

    def test_guards_are_off_by_default_in_a_set_too(self, portal):
        portal.has(catch_all(), service(1, "One"))
        assert "allow_catch_all_change" in portal.refuses(
            "mailservice_set", mailservices=[{"name": "Other", "state": "absent"}]
        )


class TestAPurge:
    def test_does_nothing_unless_asked(self, portal):
        portal.has(service(1, "One"), service(2, "Two"))
        assert not portal.set({"name": "One"})["changed"]

    @pytest.mark.parametrize(
        "purge, left",
        [
            ("deactivate", {1: "Y", 2: "N", 3: "N", 4: "Y", 5: "N", 6: "Y", 7: "Y", 90: "Y"}),
            ("delete", {1: "Y", 4: "Y", 5: "N", 6: "Y", 7: "Y", 90: "Y"}),
        ],
    )
    def test_spares_what_is_protected(self, portal, purge, left):
        portal.has(
            catch_all(),
            service(1, "One"),
            service(2, "Two"),
            service(3, "Three", active=False),
            service(4, "Partner A"),
            service(5, "Kept", active=False),
            service(6, "bitrix24"),
            service(7, "Seven"),
        )
        portal.set({"name": "One"}, purge=purge, protect=["Partner *", "Kept"], protect_ids=[7])
        assert {service_id: row["ACTIVE"] for service_id, row in portal.rows.items()} == left

    def test_deactivating_ignores_inactive_services_and_does_not_look_for_them(self, portal):
        portal.has(service(1, "One"), service(2, "Two", active=False))
        result = portal.set({"name": "One"}, purge="deactivate")
        assert (result["changed"], portal.requests) == (False, ["mailservice.list"])

    def test_deleting_removes_inactive_services_too(self, portal):
        portal.has(service(1, "One"), service(2, "Two", active=False))
        assert portal.set({"name": "One"}, purge="delete")["results"][1:] == [
            {
                "name": "Two",
                "id": 2,
                "action": "delete",
                "changed": True,
                "failed": False,
                "error": None,
                "skipped": False,
            }
        ]
        assert list(portal.rows) == [1]

    @pytest.mark.parametrize(
        "pattern, name, protected",
        [
            ("Partner", "Partner", True),
            ("Partner", "Partner A", False),
            ("Partner*", "Partner A", True),
            ("*A", "Partner A", True),
            ("*", "", True),
            ("P*r*A", "Partner A", True),
            ("partner*", "Partner A", False),
            ("P?rtner*", "Partner A", False),
            ("[P]*", "Partner", False),
            ("*\n*", "a\nb", True),
        ],
    )
    def test_takes_only_the_star_for_a_wildcard(self, portal, pattern, name, protected):
        portal.has(service(1, "One"), service(2, name or "x"))
        assert portal.set({"name": "One"}, purge="deactivate", protect=[pattern])["changed"] is not protected

    def test_touches_a_protected_service_that_an_entry_names(self, portal):
        portal.has(service(1, "One"), service(2, "Two"))
        portal.set({"name": "One"}, {"name": "Two", "active": False}, purge="deactivate", protect=["*"])
        assert portal.rows[2]["ACTIVE"] == "N"

    def test_leaves_services_of_other_sites_alone(self, portal):
        portal.has(service(1, "One"), service(2, "Two", SITE_ID="s2"))
        assert not portal.set({"name": "One"}, purge="delete")["changed"]

    @pytest.mark.parametrize("entries", [[], [{"name": "One", "state": "absent"}]])
    @pytest.mark.parametrize("purge", ["deactivate", "delete"])
    def test_without_an_entry_wanted_present_is_refused_unless_allowed(self, portal, purge, entries):
        portal.has(service(1, "One"), service(2, "Two"))
        assert "allow_empty" in portal.refuses("mailservice_set", mailservices=entries, purge=purge)
        assert portal.set(*entries, purge=purge, allow_empty=True)["changed"]

    def test_an_empty_set_without_a_purge_is_nothing_to_do(self, portal):
        portal.has(service(1, "One"))
        assert not portal.set()["changed"]


class TestABuiltInService:
    @pytest.mark.parametrize("columns", [dict(SMTP_SERVER="smtp.x"), dict(SMTP_PORT="465")])
    def test_with_smtp_settings_is_not_deleted_unless_allowed(self, portal, columns):
        portal.has(catch_all(), service(1, "yahoo", **columns))
        assert "allow_builtin_delete" in portal.refuses("mailservice", name="yahoo", state="absent")
        assert "allow_builtin_delete" in portal.refuses(
            "mailservice_set", mailservices=[{"name": "Other"}], purge="delete"
        )
        assert portal.mailservice(name="yahoo", state="absent", allow_builtin_delete=True)["changed"]

    def test_named_bitrix24_without_settings_is_a_catch_all_for_what_is_deleted(self, portal):
        portal.has(catch_all(1, "bitrix24", SERVICE_TYPE="controller"), catch_all())
        change = {"name": "bitrix24", "active": False}
        assert "for the mailboxes of services that are deleted" in portal.refuses("mailservice", **change)
        assert portal.mailservice(allow_catch_all_change=True, **change)["changed"]

    def test_named_bitrix24_is_not_deleted_unless_allowed(self, portal):
        portal.has(catch_all(), service(1, "bitrix24"))
        assert "allow_builtin_delete" in portal.refuses("mailservice", name="bitrix24", state="absent")
        assert portal.mailservice(name="bitrix24", state="absent", allow_builtin_delete=True)["changed"]

    def test_may_be_deactivated(self, portal):
        portal.has(catch_all(), service(1, "yahoo", SMTP_SERVER="smtp.x"))
        assert portal.mailservice(name="yahoo", active=False)["changed"]


class TestMaxRemovals:
    @pytest.mark.parametrize("limit, allowed", [(0, False), (2, False), (3, True), (-1, True)])
    def test_counts_deletions_and_deactivations_explicit_ones_too(self, portal, limit, allowed):
        portal.has(*[service(service_id, "S%d" % service_id) for service_id in range(1, 5)])
        entries = [{"name": "S1"}, {"name": "S2", "state": "absent"}, {"name": "S3", "active": False}, {"name": "New"}]
        result = portal.run("mailservice_set", mailservices=entries, purge="deactivate", max_removals=limit)
        assert result["changed" if allowed else "failed"]
        assert allowed or (portal.writes == [] and "max_removals" in result["msg"])

    @pytest.mark.parametrize("count, allowed", [(5, True), (6, False)])
    def test_is_five_unless_told_otherwise(self, portal, count, allowed):
        portal.has(
            service(99, "Stay"), *[service(service_id, "S%d" % service_id) for service_id in range(1, count + 1)]
        )
        result = portal.run("mailservice_set", mailservices=[{"name": "Stay"}], purge="deactivate")
        assert result.get("failed", False) is not allowed

    def test_does_not_count_what_is_inactive_already_or_is_only_changed(self, portal):
        portal.has(service(1, "One", active=False), service(2, "Two"))
        assert portal.set(
            {"name": "One", "active": False, "port": 5}, {"name": "Two", "port": 5}, {"name": "New"}, max_removals=0
        )["changed"]

    def test_of_zero_allows_a_plan_without_removals(self, portal):
        portal.has(service(1, "One"))
        assert portal.set({"name": "One", "port": 1}, max_removals=0)["changed"]

    def test_refuses_in_check_mode_as_well(self, portal):
        portal.has(service(1, "One"), service(2, "Two"))
        portal.refuses(
            "mailservice_set", mailservices=[{"name": "One", "active": False}], max_removals=0, check_mode=True
        )


class TestCreatingAServiceAndRemovingAnotherWithItsServerAndPort:
    @pytest.mark.parametrize(
        "params",
        [
            dict(mailservices=[{"name": "New", "server": "IMAP.X", "port": 993}, {"name": "Old", "state": "absent"}]),
            dict(mailservices=[{"name": "New", "server": "imap.x", "port": 993}, {"name": "Old", "active": False}]),
            dict(mailservices=[{"name": "New", "server": "imap.x", "port": 993}], purge="deactivate"),
            dict(mailservices=[{"name": "New", "server": "imap.x", "port": 993}], purge="delete"),
        ],
    )
    def test_is_refused_with_the_advice_to_rename(self, portal, params):
        portal.has(service(1, "Old", server="imap.x", port=993))
        message = portal.refuses("mailservice_set", **params)
        assert "previous_names" in message and "id" in message

    @pytest.mark.parametrize("new", [dict(server="imap.x", port=143), dict(server="imap.y", port=993), dict(port=993)])
    def test_is_allowed_where_server_or_port_differ(self, portal, new):
        portal.has(service(1, "Old", server="imap.x", port=993))
        assert portal.set(dict(new, name="New"), purge="delete")["changed"]

    def test_is_not_refused_where_nothing_is_removed_or_neither_has_a_server(self, portal):
        portal.has(service(1, "Old", server="imap.x", port=993), service(2, "Bare"))
        assert portal.set(
            {"name": "New", "server": "imap.x", "port": 993},
            {"name": "Plain"},
            {"name": "Bare", "state": "absent"},
            warns=True,
        )["changed"]


def test_all_guards_are_told_at_once(portal):
    portal.has(catch_all(), service(1, "yahoo", SMTP_SERVER="smtp.x"), service(2, "Two", server="s", port=1))
    result = portal.fails(
        "mailservice_set",
        max_removals=1,
        mailservices=[
            {"name": "Other", "port": 1},
            {"name": "yahoo", "state": "absent"},
            {"name": "Two", "state": "absent"},
            {"name": "New", "server": "s", "port": 1},
        ],
    )
    assert [
        [
            word
            for word in ("max_removals", "allow_catch_all_change", "allow_builtin_delete", "previous_names")
            if word in problem
        ]
        for problem in result["problems"]
    ] == [["max_removals"], ["allow_catch_all_change"], ["allow_builtin_delete"], ["previous_names"]]
