# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The effects that a task foretells are what becomes of the mailboxes."""

from __future__ import annotations

import pytest

from tests.behaviour.portal import catch_all, mailbox, service

HOME = 90


def told(result):
    return [
        (effect["service"], effect["id"], effect["action"], effect["to"], effect["reversible"])
        for effect in result["effects"]
    ]


@pytest.mark.parametrize("home", [True, False])
@pytest.mark.parametrize(
    "fields, with_home, without",
    [
        ({"state": "absent"}, ("moved", "Other", False), ("cut_loose", None, False)),
        ({"active": False}, ("moved", "Other", False), ("switched_off", None, True)),
        ({"port": 2}, ("updated", None, True), ("updated", None, True)),
        ({"link": "l"}, ("updated", None, False), ("updated", None, False)),
    ],
)
def test_of_an_active_service(portal, home, fields, with_home, without):
    portal.has(*[catch_all(HOME)] * home, service(1, "One", server="s", port=1), mailboxes=[mailbox(5, 1)])
    foretold = portal.mailservice(name="One", check_mode=True, **fields)
    result = portal.mailservice(name="One", **fields)
    assert told(result) == told(foretold) == [("One", 1, *(with_home if home else without))]
    box = portal.mailboxes[5]
    assert (box["SERVICE_ID"], box["ACTIVE"], box["NAME"], box["PORT"], box["LINK"]) == {
        "moved": (str(HOME), "Y", "Other" if "state" in fields else "box", "1", "old"),
        "cut_loose": ("0", "N", "box", "1", "old"),
        "switched_off": ("1", "N", "box", "1", "old"),
        "updated": ("1", "Y", "box", str(fields.get("port", 1)), fields.get("link", "old")),
    }[told(result)[0][2]]


@pytest.mark.parametrize(
    "field, value, column, copied",
    [
        ("name", "New", "NAME", "New"),
        ("server", "New.Example", "SERVER", "new.example"),
        ("port", 2, "PORT", "2"),
        ("link", "l", "LINK", "l"),
        ("encryption", True, "USE_TLS", "Y"),
    ],
)
def test_every_copied_field_is_told_and_copied(portal, field, value, column, copied):
    portal.has(service(1, "One", encryption=False), mailboxes=[mailbox(5, 1)])
    result = portal.mailservice(**{"id": 1, field: value})
    assert told(result)[0][2] == "updated" and field in result["effects"][0]["text"]
    assert portal.mailboxes[5][column] == copied


def test_sorting_has_none(portal):
    portal.has(service(1, "One"), mailboxes=[mailbox(5, 1)])
    assert portal.mailservice(name="One", sort=5)["effects"] == []


def test_activating_again_switches_mailboxes_on(portal):
    portal.has(service(1, "One", active=False), mailboxes=[mailbox(5, 1, ACTIVE="N")])
    assert told(portal.mailservice(name="One", active=True)) == [("One", 1, "switched_on", None, True)]
    assert portal.mailboxes[5]["ACTIVE"] == "Y"


def test_a_deactivation_that_changes_more_copies_it_only_where_no_catch_all_is(portal):
    portal.has(service(1, "One"), mailboxes=[mailbox(5, 1)])
    assert [effect[2] for effect in told(portal.mailservice(name="One", active=False, port=2))] == [
        "updated",
        "switched_off",
    ]
    assert portal.mailboxes[5]["PORT"] == "2"
    portal.has(catch_all(HOME), service(1, "One"), mailboxes=[mailbox(5, 1)])
    assert [effect[2] for effect in told(portal.mailservice(name="One", active=False, port=2))] == ["moved"]
    assert portal.mailboxes[5]["PORT"] == "1"


def test_the_portals_own_hosting_is_cut_loose_even_with_a_catch_all(portal):
    portal.has(catch_all(HOME), service(1, "bitrix24", SERVICE_TYPE="controller"), mailboxes=[mailbox(5, 1)])
    assert told(portal.mailservice(name="bitrix24", state="absent", allow_builtin_delete=True)) == [
        ("bitrix24", 1, "cut_loose", None, False)
    ]
    assert portal.mailboxes[5]["SERVICE_ID"] == "0"


@pytest.mark.parametrize(
    "homes, name, fields, said, becomes",
    [
        (["bitrix24", "Other"], "One", {"active": False}, ("moved", "Other", False), (HOME, "Y")),
        (["bitrix24", "Other"], "One", {"state": "absent"}, ("moved", "bitrix24", False), (1, "Y")),
        (["bitrix24"], "One", {"active": False}, ("switched_off", None, True), (5, "N")),
        (["bitrix24"], "One", {"state": "absent"}, ("moved", "bitrix24", False), (1, "Y")),
        (["bitrix24", "Other"], "Other", {"active": False}, ("switched_off", None, True), (HOME, "N")),
        (["bitrix24", "Other"], "Other", {"state": "absent"}, ("moved", "bitrix24", False), (1, "Y")),
        (["bitrix24", "Other"], "bitrix24", {"active": False}, ("switched_off", None, True), (1, "N")),
        (["bitrix24", "Other"], "bitrix24", {"state": "absent"}, ("cut_loose", None, False), (0, "N")),
    ],
)
def test_beside_a_bitrix24_without_settings(portal, homes, name, fields, said, becomes):
    """Portals installed years ago have it: it takes the mailboxes of deleted services, and none of deactivated ones."""
    rows = {"bitrix24": catch_all(1, "bitrix24", SERVICE_TYPE="controller"), "Other": catch_all(HOME)}
    ids = {"bitrix24": 1, "One": 5, "Other": HOME}
    portal.has(*[rows[home] for home in homes], service(5, "One", server="s"), mailboxes=[mailbox(7, ids[name])])
    result = portal.mailservice(name=name, allow_catch_all_change=True, allow_builtin_delete=True, **fields)
    assert told(result) == [(name, ids[name], *said)]
    assert (int(portal.mailboxes[7]["SERVICE_ID"]), portal.mailboxes[7]["ACTIVE"]) == becomes


def test_a_catch_all_whose_server_is_blank_is_one(portal):
    portal.has(catch_all(HOME, SERVER="  "), service(1, "One"), mailboxes=[mailbox(5, 1)])
    assert told(portal.mailservice(name="One", active=False)) == [("One", 1, "moved", "Other", False)]
    assert portal.mailboxes[5]["SERVICE_ID"] == str(HOME)


def test_renaming_the_catch_all_comes_before_a_deletion_that_moves_mailboxes_to_it(portal):
    portal.has(catch_all(HOME), service(1, "One"), mailboxes=[mailbox(5, 1)])
    result = portal.set({"id": HOME, "name": "Rest"}, {"name": "One", "state": "absent"})
    assert told(result) == [("Other", HOME, "updated", None, True), ("One", 1, "moved", "Rest", False)]
    assert portal.mailboxes[5]["NAME"] == "Rest"


def test_ending_the_catch_all_comes_after_the_mailboxes_that_move_to_it(portal):
    portal.has(catch_all(2), service(1, "One"), mailboxes=[mailbox(5, 1), mailbox(6, 2)])
    result = portal.set(
        {"name": "Other", "state": "absent"}, {"name": "One", "active": False}, allow_catch_all_change=True
    )
    assert told(result) == [("One", 1, "moved", "Other", False), ("Other", 2, "cut_loose", None, False)]
    assert {box["SERVICE_ID"] for box in portal.mailboxes.values()} == {"0"}


@pytest.mark.parametrize(
    "fields, action", [({"active": False}, "moved"), ({"state": "absent"}, "moved"), ({"port": 1}, "updated")]
)
def test_a_second_catch_all_takes_the_mailboxes_of_the_first(portal, fields, action):
    portal.has(catch_all(2), catch_all(3, "Second"), mailboxes=[mailbox(6, 2)])
    result = portal.mailservice(name="Other", allow_catch_all_change=True, **fields)
    assert told(result)[0][2:4] == (action, "Second" if action == "moved" else None)
    assert portal.mailboxes[6]["SERVICE_ID"] == ("3" if action == "moved" else "2")


def test_an_inactive_service_that_is_deleted_moves_its_mailboxes_too(portal):
    portal.has(catch_all(HOME), service(1, "One", active=False), mailboxes=[mailbox(5, 1, ACTIVE="N")])
    assert told(portal.mailservice(id=1, state="absent"))[0][2:4] == ("moved", "Other")
    assert (portal.mailboxes[5]["SERVICE_ID"], portal.mailboxes[5]["ACTIVE"]) == (str(HOME), "N")


def test_how_many_mailboxes_is_unknown_and_said_so(portal):
    portal.has(service(1, "One"))
    for fields in ({"port": 2}, {"active": False}, {"active": True}, {"state": "absent"}):
        assert "cannot be known" in portal.mailservice(id=1, **fields)["effects"][0]["text"]


def test_a_creation_and_a_plan_without_changes_have_none(portal):
    assert portal.mailservice(name="One")["effects"] == []
    assert portal.mailservice(name="One")["effects"] == []


def test_a_name_with_control_characters_stays_one_visible_line(portal):
    portal.has(catch_all(HOME, "a\nb\x1b[31m"), service(1, "One"))
    assert portal.mailservice(name="One", active=False)["effects"][0]["text"].isprintable()


class TestWithNoWayBack:
    MOVED = "no way back: mailboxes of 'One' (id 1) move to 'Other'"
    CUT_LOOSE = "no way back: mailboxes of 'One' (id 1) are switched off and left without a service for good"
    COPIED = "no way back: mailboxes of 'One' (id 1) get a setting that cannot be unset again"

    @pytest.mark.parametrize("check_mode", [True, False])
    @pytest.mark.parametrize(
        "home, fields, texts",
        [
            (True, {"active": False}, [MOVED]),
            (True, {"state": "absent"}, [MOVED]),
            (False, {"state": "absent"}, [CUT_LOOSE]),
            (False, {"link": "l"}, [COPIED]),
            (False, {"active": False, "link": "l"}, [COPIED]),
            (False, {"active": False}, []),
            (True, {"port": 2}, []),
        ],
    )
    def test_each_is_a_warning_that_names_portal_service_and_end(self, portal, home, fields, texts, check_mode):
        portal.has(*[catch_all(HOME)] * home, service(1, "One", server="s", port=1))
        result = portal.mailservice(name="One", check_mode=check_mode, **fields)
        assert result.get("warnings", []) == [f"{result['host']}: {text}" for text in texts]

    @pytest.mark.parametrize("name", ["a\nb", "a\x1b[2Jb", "a\u202eb"])
    def test_the_warning_is_one_line_whatever_a_service_is_called(self, portal, name):
        portal.has(catch_all(HOME, name=name), service(1, name + "!"))
        (text,) = portal.mailservice(id=1, active=False, check_mode=True)["warnings"]
        assert text.isprintable()

    def test_what_was_not_written_is_not_warned_of(self, portal):
        portal.has(service(1, "S1"), service(2, "S2"), service(3, "S3"))
        portal.before("mailservice.update", lambda: portal.drop(2), place=2)
        result = portal.fails("mailservice_set", mailservices=[{"id": at, "port": 1} for at in (1, 2, 3)])
        assert [text.partition("mailboxes of ")[2][:4] for text in result["warnings"]] == ["'S1'"]

    def test_nothing_is_warned_of_where_the_caller_shows_the_effects(self, portal):
        portal.has(catch_all(HOME), service(1, "One"))
        entries = [{"name": "One", "active": False}]
        result = portal.run_unchecked("mailservice_set", mailservices=entries, warn_of_effects=False)
        assert result["changed"] and not result["effects"][0]["reversible"] and "warnings" not in result
