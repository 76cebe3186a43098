# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which service is meant."""

from __future__ import annotations

import pytest

from ansible_collections.bitrix24.portal.plugins.module_utils._mailservice import reconcile as _reconcile
from ansible_collections.bitrix24.portal.plugins.module_utils._rest.client import Client
from tests.behaviour.portal import catch_all, service


def test_a_service_that_is_there_is_not_created_again(portal):
    portal.has(service(1, "One", server="imap.one"))
    result = portal.mailservice(name="One", server="imap.one")
    assert (result["changed"], portal.requests) == (False, ["mailservice.list"])


@pytest.mark.parametrize("other", ["one", "ONE", "One ", " One", "Ｏne"])
def test_a_name_means_a_service_by_case_blanks_and_all(portal, other):
    portal.has(service(1, other))
    assert portal.mailservice(name="One", allow_similar_name=True)["mailservice"]["id"] == 2
    assert portal.names == [other, "One"]


def test_an_id_with_present_makes_the_name_the_one_that_it_shall_have(portal):
    portal.has(service(7, "Old", server="imap.example"))
    result = portal.mailservice(id=7, name="New")
    assert (result["changes"], portal.writes) == (["name"], [("update", {"ID": "7", "NAME": "New"})])


def test_an_id_without_a_name_leaves_the_name(portal):
    portal.has(service(7, "Old"))
    portal.mailservice(id=7, port=993)
    assert portal.writes == [("update", {"ID": "7", "PORT": "993"})]


def test_an_id_finds_an_inactive_service_with_one_request_more(portal):
    portal.has(service(1, "One"), service(500, "Far", active=False))
    result = portal.mailservice(id=500, active=False)
    assert (result["changed"], result["mailservice"]["name"]) == (False, "Far")
    assert portal.commands == [("mailservice.list", {}), ("mailservice.get", {"ID": "500"})]


def test_with_absent_a_name_beside_an_id_must_match(portal):
    portal.has(service(7, "Seven"))
    assert "is called 'Seven'" in portal.refuses("mailservice", id=7, name="Eight", state="absent")
    assert portal.mailservice(id=7, name="Seven", state="absent")["changed"]
    assert portal.rows == {}


def test_a_previous_name_is_renamed_in_place(portal):
    portal.has(service(3, "Old", server="imap.example", port=993))
    result = portal.mailservice(name="New", previous_names=["Older", "Old"], port=143)
    assert result["changes"] == ["name", "port"]
    assert portal.writes == [("update", {"ID": "3", "NAME": "New", "PORT": "143"})]


def test_a_previous_name_of_an_inactive_service_is_found_too(portal):
    portal.has(service(3, "Old", active=False))
    assert portal.mailservice(name="New", previous_names=["Old"], warns=True)["mailservice"]["id"] == 3
    assert portal.names == ["New"]


def test_previous_names_are_not_heeded_where_the_name_is_there(portal):
    portal.has(service(3, "Old"), service(4, "New"))
    assert not portal.mailservice(name="New", previous_names=["Old"])["changed"]


def test_previous_names_are_not_heeded_where_an_inactive_service_has_the_name(portal):
    portal.has(service(3, "Old"), service(4, "New", active=False))
    assert portal.mailservice(name="New", previous_names=["Old"], warns=True)["mailservice"]["id"] == 4
    assert portal.writes == []


def test_no_service_with_a_previous_name_means_a_new_one(portal):
    portal.has(service(3, "Else"))
    assert portal.mailservice(name="New", previous_names=["Old"])["mailservice"]["id"] == 4


def test_previous_names_of_two_services_are_refused(portal, monkeypatch):
    monkeypatch.setattr(_reconcile, "TWIN_PAUSE", 0)
    portal.has(service(3, "Old"), service(4, "Older"))
    assert "3, 4" in portal.refuses("mailservice", name="New", previous_names=["Old", "Older"])


@pytest.mark.parametrize("owner_active", [True, False])
def test_renaming_onto_a_name_that_another_service_has_is_refused(portal, owner_active):
    portal.has(service(3, "Old"), service(4, "New", active=owner_active))
    assert "the name of the service with the ID 4" in portal.refuses("mailservice", id=3, name="New")


def test_two_services_may_swap_their_names(portal):
    portal.has(service(1, "A"), service(2, "B"))
    assert portal.set({"id": 1, "name": "B"}, {"id": 2, "name": "A"})["changed"]
    assert portal.names == ["B", "A"]


class TestTwoServicesOfTheWantedName:
    def test_are_an_error_that_lists_their_ids_and_asks_for_id(self, portal, monkeypatch):
        monkeypatch.setattr(_reconcile, "TWIN_PAUSE", 0)
        portal.has(service(8, "One"), service(5, "One"))
        message = portal.refuses("mailservice", name="One", port=1)
        assert "5, 8" in message and "with id" in message

    def test_are_read_once_more_after_two_seconds(self, portal, monkeypatch):
        pauses = []
        monkeypatch.setattr(Client, "wait", lambda self, seconds: pauses.append(seconds))
        portal.has(service(8, "One"), service(5, "One"))
        portal.refuses("mailservice", name="One")
        assert (pauses, portal.requests) == ([2], ["mailservice.list"] * 2)

    def test_are_no_error_where_another_run_clears_its_own_meanwhile(self, portal, monkeypatch):
        monkeypatch.setattr(_reconcile, "TWIN_PAUSE", 0)
        portal.has(service(8, "One"), service(5, "One"))
        portal.before("mailservice.list", lambda: portal.drop(8), place=2)
        assert portal.mailservice(name="One")["mailservice"]["id"] == 5

    def test_are_told_apart_by_id(self, portal):
        portal.has(service(8, "One"), service(5, "One"))
        assert portal.mailservice(id=8, name="One", port=1)["changed"]
        assert portal.rows[5]["PORT"] is None

    def test_are_found_among_the_inactive_too(self, portal, monkeypatch):
        monkeypatch.setattr(_reconcile, "TWIN_PAUSE", 0)
        portal.has(service(3, "One", active=False), service(5, "One", active=False))
        assert "3, 5" in portal.refuses("mailservice", name="One")


@pytest.mark.parametrize("check_mode", [False, True])
class TestAnIdThatIsNotThere:
    def test_is_an_error_for_present(self, portal, check_mode):
        portal.has(service(1, "One"))
        assert "has the ID 9" in portal.refuses("mailservice", id=9, name="One", check_mode=check_mode)

    def test_is_nothing_to_do_for_absent(self, portal, check_mode):
        portal.has(service(1, "One"))
        result = portal.mailservice(id=9, state="absent", check_mode=check_mode)
        assert (result["changed"], result["mailservice"]) == (False, None)


def test_an_entry_by_name_that_another_claims_by_id_is_refused_before_writing(portal):
    portal.has(service(1, "One"))
    message = portal.refuses("mailservice_set", mailservices=[{"id": 1, "name": "Two"}, {"name": "One", "port": 1}])
    assert "mailservices[0]" in message and "mailservices[1]" in message


def test_an_entry_by_previous_name_that_another_claims_by_name_is_refused(portal):
    portal.has(service(1, "One"))
    message = portal.refuses(
        "mailservice_set", mailservices=[{"name": "Two", "previous_names": ["One"]}, {"name": "One"}]
    )
    assert "mailservices[0]" in message and "mailservices[1]" in message


class TestLookingForAServiceByName:
    def test_asks_for_every_id_that_the_list_did_not_show(self, portal):
        portal.has(service(2, "Two"), service(4, "Four"), service(3, "Hidden", active=False))
        result = portal.mailservice(name="Hidden", warns=True)
        probed_ids = [int(params["ID"]) for method, params in portal.commands if method == "mailservice.get"]
        assert probed_ids == [service_id for service_id in range(1, 55) if service_id not in (2, 4)]
        assert (result["mailservice"]["id"], result["api"]["ids_searched"]) == (3, 52)

    def test_starts_the_lookahead_at_the_highest_listed_id(self, portal):
        portal.has(service(2, "Two"), service(12, "Hidden", active=False))
        assert portal.mailservice(name="Hidden", inactive_lookahead=10, warns=True)["mailservice"]["id"] == 12
        portal.has(service(2, "Two"), service(13, "Hidden", active=False))
        assert portal.mailservice(name="Hidden", inactive_lookahead=10)["mailservice"]["id"] == 14

    @pytest.mark.parametrize("lookahead, requests", [(49, 1), (50, 1), (51, 2), (101, 3)])
    def test_asks_for_fifty_to_a_request(self, portal, lookahead, requests):
        portal.has(service(1, "One"))
        portal.mailservice(name="Gone", state="absent", inactive_lookahead=lookahead)
        assert len(portal.requests) == 1 + requests

    @pytest.mark.parametrize("max_ids, allowed", [(59, False), (60, True)])
    def test_gives_up_where_more_ids_than_inactive_max_ids_are_to_be_asked_for(self, portal, max_ids, allowed):
        portal.has(service(11, "Eleven"))
        result = portal.run("mailservice", name="Gone", state="absent", inactive_max_ids=max_ids)
        assert result.get("failed", False) is not allowed
        if not allowed:
            assert "by id" in result["msg"] and portal.requests == ["mailservice.list"]

    def test_may_ask_for_a_thousand_unless_told_otherwise(self, portal):
        portal.has(service(951, "Far"))
        assert portal.mailservice(name="Gone", state="absent")["api"]["ids_searched"] == 1000
        portal.has(service(952, "Far"))
        assert "inactive_max_ids" in portal.refuses("mailservice", name="Gone", state="absent")

    def test_does_not_look_among_the_inactive_where_an_active_one_is_listed(self, portal):
        portal.has(service(2, "Two"), service(1, "Two", active=False))
        assert portal.mailservice(name="Two")["api"]["ids_searched"] == 0

    def test_looks_at_the_inactive_of_a_portal_without_active_services(self, portal):
        portal.has(service(50, "Hidden", active=False))
        assert portal.mailservice(name="Hidden", warns=True)["mailservice"]["id"] == 50

    def test_a_service_of_another_site_is_not_seen(self, portal):
        portal.has(catch_all(), service(3, "One", SITE_ID="s2"))
        assert portal.mailservice(name="One")["changed"]
        assert portal.names == ["One", "Other", "One"]

    @pytest.mark.parametrize("option", ["inactive_lookahead", "inactive_max_ids"])
    def test_refuses_bounds_below_zero(self, portal, option):
        assert "0 or more" in portal.refuses("mailservice", name="One", **{option: -1})
        assert portal.requests == []
