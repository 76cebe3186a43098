# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What shall be: values left out, unset, refused, asserted, and what an update sends."""

from __future__ import annotations

import pytest

from tests.behaviour.portal import catch_all, mailbox, service

FULL = dict(server="imap.one", port=993, link="https://one/", sort=7)


@pytest.mark.parametrize(
    "left_out", [{}, {"server": None, "port": None, "encryption": None, "link": None, "sort": None, "active": None}]
)
def test_what_is_left_out_or_null_stays_as_it_is(portal, left_out):
    portal.has(service(1, "One", encryption=False, **FULL))
    assert not portal.mailservice(name="One", **left_out)["changed"]
    assert portal.requests == ["mailservice.list"]


def test_a_new_service_is_active_and_encrypted_and_has_nothing_else_set(portal):
    portal.has(catch_all())
    created = portal.mailservice(name="New")["mailservice"]
    unset = {field: created[field] for field in ("server", "port", "link", "icon", "smtp_server")}
    assert (created["active"], created["encryption"], created["sort"], set(unset.values())) == (True, True, 100, {None})
    assert portal.rows[91] == {
        "NAME": "New",
        "ACTIVE": "Y",
        "SERVER": "",
        "PORT": None,
        "ENCRYPTION": "Y",
        "LINK": None,
        "SORT": "100",
    }


def test_a_new_service_is_what_was_wanted(portal):
    portal.has(catch_all())
    portal.mailservice(
        name="New", active=False, server="IMAP.Example", port=143, encryption=False, link="http://x/", sort=5
    )
    assert portal.rows[91] == {
        "NAME": "New",
        "ACTIVE": "N",
        "SERVER": "imap.example",
        "PORT": "143",
        "ENCRYPTION": "N",
        "LINK": "http://x/",
        "SORT": "5",
    }


def test_a_creation_that_succeeded_is_nothing_to_do_the_second_time(portal):
    desired = dict(
        name="New",
        active=False,
        server="IMAP.Example",
        port=143,
        encryption=False,
        link="http://x/?a=1&b=%20#c+d",
        sort=5,
    )
    assert portal.mailservice(**desired)["changed"]
    assert not portal.mailservice(**desired)["changed"]


@pytest.mark.parametrize("option", ["server", "link"])
class TestAnEmptyText:
    def test_is_nothing_to_do_where_the_portal_has_none(self, portal, option):
        portal.has(service(1, "One", **{option: ""}))
        assert not portal.mailservice(name="One", **{option: ""})["changed"]

    @pytest.mark.parametrize("check_mode", [False, True])
    def test_is_an_error_before_anything_is_written_where_it_has_one(self, portal, option, check_mode):
        portal.has(service(1, "One", **FULL))
        message = portal.refuses("mailservice", name="One", port=1, check_mode=check_mode, **{option: ""})
        assert "%s is " % option in message and "cannot be unset over REST" in message

    def test_creates_a_service_without_it(self, portal, option):
        portal.mailservice(name="One", **{option: ""})
        assert option.upper() not in dict(portal.writes)["add"]


@pytest.mark.parametrize("desired", [{}, {"active": None}, {"port": 993}])
def test_active_left_out_on_an_inactive_service_leaves_it_so_with_a_warning(portal, desired):
    portal.has(service(1, "One", active=False))
    result = portal.mailservice(name="One", warns=True, **desired)
    assert "active: true" in result["warnings"][0]
    assert (portal.rows[1]["ACTIVE"], result["mailservice"]["active"]) == ("N", False)


@pytest.mark.parametrize("active", [True, False])
def test_active_given_on_an_inactive_service_is_no_warning(portal, active):
    portal.has(service(1, "One", active=False))
    portal.mailservice(name="One", active=active)
    assert portal.rows[1]["ACTIVE"] == "NY"[active]


@pytest.mark.parametrize(
    "entry, said",
    [
        ({"name": ""}, "must not be blank"),
        ({"name": "a", "port": 0}, "port must be"),
        ({"name": "a", "port": True}, "port must be"),
        ({"name": "a", "sort": False}, "sort must be"),
        ({"id": 0}, "id must be"),
        ({"name": "a", "previous_names": [""]}, "previous_names must not be blank"),
    ],
)
def test_what_no_portal_has_is_refused_before_anything_is_sent(portal, entry, said):
    assert said in portal.refuses("mailservice", **entry)
    assert said in portal.refuses("mailservice_set", mailservices=[entry])
    assert portal.requests == []


@pytest.mark.parametrize(
    "values, said",
    [
        ({"name": "x" * 256}, "256 characters"),
        ({"name": " \t"}, "must not be blank"),
        ({"name": "0"}, "takes that for empty"),
        ({"name": "a\ud800"}, "surrogate"),
        ({"server": "0"}, "server must not be '0'"),
        ({"link": "0"}, "link must not be '0'"),
        ({"server": "y" * 256}, "256 characters"),
        ({"link": "y" * 256}, "256 characters"),
        ({"port": 65536}, "port must be"),
        ({"port": -1}, "port must be"),
        ({"sort": 0}, "sort must be"),
        ({"sort": 2147483648}, "sort must be"),
    ],
)
class TestAValueThatThePortalWouldNotKeep:
    @pytest.mark.parametrize("entry", [{"name": "New"}, {"name": "New", "previous_names": ["One"]}, {"id": 1}])
    @pytest.mark.parametrize("check_mode", [False, True])
    def test_is_refused_before_anything_is_written(self, portal, entry, values, said, check_mode):
        portal.has(catch_all(), service(1, "One", **FULL))
        entry = dict(entry, **values)
        assert said in portal.refuses("mailservice", check_mode=check_mode, **entry)
        assert said in portal.refuses("mailservice_set", mailservices=[entry], check_mode=check_mode)

    def test_is_none_of_a_service_that_shall_be_absent(self, portal, values, said):
        portal.has(catch_all(), service(1, "One", **FULL))
        assert portal.mailservice(**dict({"name": "One"}, state="absent", **values))["changed"] is (
            "name" not in values
        )


ODD = {
    "ACTIVE": ["N"],
    "SORT": [0, -1, 4294967295],
    "NAME": ["0", " ", "n" * 300],
    "SERVER": ["0", " ", "s" * 300],
    "PORT": [0, 70000, -1],
    "ENCRYPTION": ["", None],
    "LINK": ["0", " ", "l" * 300],
    "SMTP_SERVER": ["0", "s" * 300],
    "SMTP_PORT": [0, 70000, -1],
    "SMTP_LOGIN_AS_IMAP": ["Y"],
    "SMTP_PASSWORD_AS_IMAP": ["Y"],
    "SMTP_ENCRYPTION": ["", "N"],
    "UPLOAD_OUTGOING": ["", "N"],
}
"""By column, what a portal may hold that nobody could write over REST, or that is easily taken for something else."""


@pytest.mark.parametrize("column, value", [(column, value) for column, values in ODD.items() for value in values])
class TestWhatIsEqualToThePortals:
    @pytest.fixture
    def found(self, portal, column, value):
        portal.has(catch_all(), service(1, "One", **FULL), dict(service(2, "Odd", **FULL), **{column: value}))
        return {service["id"]: service for service in portal.info(include_inactive=True)}

    @pytest.mark.parametrize("by", [{}, {"id": None}])
    def test_is_accepted_whatever_it_is(self, portal, found, by):
        assert not portal.mailservice(**dict(found[2], **by))["changed"]
        result = portal.set(*[dict(service, **by) for service in found.values()], purge="delete")
        assert (result["changed"], len(result["plan"]["unchanged"])) == (False, 3)
        assert portal.writes == []

    def test_does_not_forbid_to_change_something_else(self, portal, found):
        assert portal.mailservice(**dict(found[2], encryption=not found[2]["encryption"]))["changed"]
        assert [sorted(params) for verb, params in portal.writes] == [["ENCRYPTION", "ID"]]


def test_the_limits_themselves_are_taken(portal):
    desired = dict(name="n" * 255, server="s" * 255, link="l" * 255, port=65535, sort=2147483647)
    portal.mailservice(**desired)
    assert not portal.mailservice(**desired)["changed"]
    portal.mailservice(name="n" * 255, port=1, sort=1)
    assert (portal.rows[1]["PORT"], portal.rows[1]["SORT"]) == ("1", "1")


@pytest.mark.parametrize(
    "entries, requests, labels",
    [
        (
            [{"name": "A", "port": 0, "sort": True}, {"name": "B"}, {"name": ""}, {}],
            [],
            ["mailservices[0] ('A')", "mailservices[0] ('A')", "mailservices[2] ('')", "mailservices[3] (id None)"],
        ),
        (
            [{"name": "A", "port": 70000, "sort": 0}, {"name": "B"}, {"id": 3}, {"id": 1, "link": "0", "server": ""}],
            ["mailservice.list", "batch"],
            ["mailservices[2] (id 3)", "mailservices[0] ('A')", "mailservices[0] ('A')"]
            + ["mailservices[3] (id 1)"] * 2,
        ),
    ],
)
def test_all_problems_are_told_at_once_with_index_and_name(portal, entries, requests, labels):
    portal.has(service(1, "One", **FULL))
    result = portal.fails("mailservice_set", mailservices=entries)
    assert [problem.partition(":")[0] for problem in result["problems"]] == labels
    assert result["msg"] == "; ".join(result["problems"]) and portal.requests == requests


@pytest.mark.parametrize(
    "entries",
    [
        [{"name": "A"}, {"name": "B"}, {"name": "A", "port": 1}],
        [{"id": 4, "name": "A"}, {"name": "B"}, {"id": 4, "name": "C"}],
        [{"id": 4, "name": "A"}, {"name": "B"}, {"name": "A"}],
    ],
)
def test_two_entries_for_one_service_are_refused_naming_both_indices(portal, entries):
    message = portal.refuses("mailservice_set", mailservices=entries)
    assert "mailservices[0]" in message and "mailservices[2]" in message
    assert portal.requests == []


@pytest.mark.parametrize("stored, desired", [("imap.example", "IMAP.Example"), ("IMAP.example", "imap.EXAMPLE")])
def test_a_server_is_compared_and_shown_in_lower_case(portal, stored, desired):
    portal.has(service(1, "One", server=stored))
    result = portal.mailservice(name="One", server=desired)
    assert (result["changed"], result["mailservice"]["server"]) == (False, "imap.example")


def test_a_server_is_sent_in_lower_case(portal):
    portal.has(service(1, "One", server="old"), mailboxes=[mailbox(1, 1)])
    portal.mailservice(name="One", server="New.Example")
    assert (portal.rows[1]["SERVER"], portal.mailboxes[1]["SERVER"]) == ("new.example", "new.example")


@pytest.mark.parametrize("server", ["ΑΣ", "ΟΔΟΣ.example", "ΑΣ.ΑΣ", "İ.example", "ς"])
def test_a_server_becomes_lower_case_as_the_portal_makes_it(portal, server):
    portal.mailservice(name="One", server=server)
    stored = portal.rows[1]["SERVER"]
    assert "ς" not in stored or "ς" in server
    portal.has(service(1, "One", server=server))
    assert not portal.mailservice(name="One", server=server)["changed"]
    assert portal.info()[0]["server"] == stored


@pytest.mark.parametrize("row", [dict(port=0, server="", link=""), dict(port=None, server=None, link=None)])
def test_port_zero_and_empty_texts_of_the_portal_mean_unset(portal, row):
    portal.has(service(1, "One", **row))
    shown = portal.info()[0]
    assert (shown["port"], shown["server"], shown["link"]) == (None, None, None)


SMTP = dict(
    SMTP_SERVER="smtp.one",
    SMTP_PORT="465",
    SMTP_ENCRYPTION="Y",
    SMTP_LOGIN_AS_IMAP="Y",
    SMTP_PASSWORD_AS_IMAP="N",
    UPLOAD_OUTGOING="Y",
)
READ_ONLY = [
    "site_id",
    "icon",
    "smtp_server",
    "smtp_port",
    "smtp_login_as_imap",
    "smtp_password_as_imap",
    "smtp_encryption",
    "upload_outgoing",
]
OTHER = dict(
    site_id="s9",
    icon="/x.png",
    smtp_server="else",
    smtp_port=1,
    smtp_login_as_imap=False,
    smtp_password_as_imap=True,
    smtp_encryption=False,
    upload_outgoing=False,
)


@pytest.mark.parametrize("field", READ_ONLY)
class TestAReadOnlyKey:
    def test_that_is_equal_or_null_is_nothing_to_do(self, portal, field):
        portal.has(service(1, "gmail", **SMTP))
        same = portal.info()[0][field]
        assert not portal.mailservice(name="gmail", **{field: same})["changed"]
        assert not portal.mailservice(name="gmail", **{field: None})["changed"]

    def test_that_differs_is_an_error_saying_that_rest_cannot_set_it(self, portal, field):
        portal.has(service(1, "gmail", **SMTP))
        message = portal.refuses("mailservice", name="gmail", port=5, **{field: OTHER[field]})
        assert field in message and "REST" in message
        assert field in portal.refuses("mailservice_set", mailservices=[{"name": "gmail", field: OTHER[field]}])

    def test_on_a_service_to_be_created_is_an_error(self, portal, field):
        portal.has(catch_all())
        message = portal.refuses("mailservice", name="New", **{field: OTHER[field]})
        assert field in message and "REST" in message


def test_what_info_returned_can_be_given_back_and_is_an_empty_plan(portal):
    portal.has(
        catch_all(),
        service(1, "gmail", **SMTP),
        service(2, "Twin", **FULL),
        service(3, "Twin", active=False),
        service(4, "$result[x]", server="IMAP.X"),
        service(5, "\u00e9\U0001f600 'quoted' \"\\", port=70),
        service(6, "bitrix24", encryption=False),
    )
    found = portal.info(include_inactive=True)
    result = portal.set(*found, purge="delete")
    assert (len(found), result["changed"], result["plan"]["unchanged"]) == (
        7,
        False,
        [
            {"name": service["name"], "id": service["id"], "changes": {}}
            for service in sorted(found, key=lambda service: service["id"])
        ],
    )


def test_what_the_set_returned_can_be_given_back_and_is_an_empty_plan(portal):
    portal.has(catch_all(), service(1, "One", **FULL))
    returned = portal.set({"name": "New", "active": False}, {"name": "One", "port": 1}, {"name": "Newer"})[
        "mailservices"
    ]
    assert len(returned) == 4
    assert not portal.set(*returned, purge="delete")["changed"]


def test_an_update_sends_only_the_fields_that_differ(portal):
    portal.has(service(1, "One", **FULL))
    portal.mailservice(
        name="One", active=True, server="IMAP.ONE", port=143, encryption=True, link="https://one/", sort=8
    )
    assert portal.writes == [("update", {"ID": "1", "PORT": "143", "SORT": "8"})]


def test_an_update_of_an_inactive_service_does_not_send_active_again(portal):
    portal.has(service(1, "One", active=False), mailboxes=[mailbox(1, 1)])
    portal.mailservice(name="One", active=False, port=143)
    assert portal.writes == [("update", {"ID": "1", "PORT": "143"})]
    assert portal.mailboxes[1]["ACTIVE"] == "Y"


@pytest.mark.parametrize(
    "option, sent", [({"active": False}, ("ACTIVE", "N")), ({"encryption": False}, ("ENCRYPTION", "N"))]
)
def test_flags_are_sent_as_y_and_n_and_nothing_else(portal, option, sent):
    portal.has(catch_all(), service(1, "One"))
    portal.mailservice(name="One", **option)
    portal.mailservice(name="One", **{name: True for name in option})
    assert portal.writes == [("update", {"ID": "1", sent[0]: "N"}), ("update", {"ID": "1", sent[0]: "Y"})]


@pytest.mark.parametrize(
    "text",
    [
        "a+b & c#d=e%20f?",
        "$result[a][SERVER]",
        "$time[x",
        "a\nb\tc",
        "'\"\\",
        "\u00e9\U0001f600",
        " lead and trail ",
        "[]",
        "$50 [x]",
    ],
)
def test_a_text_arrives_as_it_was_given(portal, text):
    portal.has(catch_all())
    portal.set({"name": "Else", "link": text}, {"name": text, "link": "l"})
    assert {row["NAME"]: row["LINK"] for row in portal.rows.values()} == {"Other": None, "Else": text, text: "l"}
