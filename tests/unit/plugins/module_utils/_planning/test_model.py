# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest

from ansible_collections.bitrix24.portal.plugins.module_utils._planning.model import (
    FIELDS,
    READ_ONLY,
    WRITABLE,
    MailService,
    UnreadableService,
    labels_to_user,
    normalise,
    to_portal,
)
from tests.unit.plugins.module_utils.model import row, service

ROW = {
    "ID": "7",
    "SITE_ID": "s1",
    "ACTIVE": "Y",
    "SORT": "100",
    "NAME": "One",
    "SERVER": "imap.one",
    "PORT": "993",
    "ENCRYPTION": "N",
    "LINK": "https://one/",
    "ICON": "/icon.png",
    "SMTP_SERVER": "smtp.one",
    "SMTP_PORT": "465",
    "SMTP_LOGIN_AS_IMAP": "Y",
    "SMTP_PASSWORD_AS_IMAP": "N",
    "SMTP_ENCRYPTION": None,
    "UPLOAD_OUTGOING": "Y",
}


def test_a_row_of_the_portal_becomes_typed_values():
    assert MailService.from_portal(ROW).to_user() == dict(
        id=7,
        site_id="s1",
        active=True,
        sort=100,
        name="One",
        server="imap.one",
        port=993,
        encryption=False,
        link="https://one/",
        icon="/icon.png",
        smtp_server="smtp.one",
        smtp_port=465,
        smtp_login_as_imap=True,
        smtp_password_as_imap=False,
        smtp_encryption=None,
        upload_outgoing=True,
    )


@pytest.mark.parametrize(
    "key, value, field, expected",
    [
        ("PORT", "0", "port", None),
        ("PORT", "", "port", None),
        ("PORT", None, "port", None),
        ("PORT", 0, "port", None),
        ("PORT", 993, "port", 993),
        ("PORT", "70000", "port", 70000),
        ("SMTP_PORT", "0", "smtp_port", None),
        ("SERVER", "", "server", None),
        ("SERVER", "IMAP.One", "server", "imap.one"),
        ("LINK", "", "link", None),
        ("LINK", " ", "link", " "),
        ("ENCRYPTION", "", "encryption", None),
        ("ENCRYPTION", None, "encryption", None),
        ("SORT", "0", "sort", 0),
        ("NAME", " One ", "name", " One "),
        ("ID", 7, "id", 7),
    ],
)
def test_every_spelling_of_the_portal_is_read(key, value, field, expected):
    found = getattr(MailService.from_portal(dict(ROW, **{key: value})), field)
    assert (found, type(found)) == (expected, type(expected))


@pytest.mark.parametrize(
    "change",
    [
        {"ID": None},
        {"ID": "0"},
        {"ID": "-1"},
        {"ID": "x"},
        {"ID": True},
        {"ID": ["1"]},
        {"ID": "9" * 21},
        {"NAME": None},
        {"NAME": ""},
        {"NAME": 5},
        {"NAME": ["a"]},
        {"ACTIVE": None},
        {"ACTIVE": "1"},
        {"ACTIVE": True},
        {"ENCRYPTION": "S"},
        {"PORT": "abc"},
        {"PORT": {}},
        {"PORT": True},
        {"SERVER": []},
    ],
)
def test_what_the_contract_does_not_know_is_unreadable(change):
    with pytest.raises(UnreadableService):
        MailService.from_portal(dict(ROW, **change))


@pytest.mark.parametrize("value", [None, [], "7", ["ID"]])
def test_what_is_no_map_is_unreadable(value):
    with pytest.raises(UnreadableService):
        MailService.from_portal(value)


def test_an_unknown_key_of_the_portal_is_never_passed_on():
    assert MailService.from_portal(dict(ROW, TOKEN="secret")).to_user() == MailService.from_portal(ROW).to_user()


def test_every_field_is_the_id_writable_or_read_only():
    assert sorted(("id",) + WRITABLE + READ_ONLY) == sorted(FIELDS)


@pytest.mark.parametrize(
    "fields, expected",
    [
        ({"active": True}, {"ACTIVE": "Y"}),
        ({"active": False}, {"ACTIVE": "N"}),
        ({"encryption": False}, {"ENCRYPTION": "N"}),
        ({"port": 993, "sort": 1}, {"PORT": 993, "SORT": 1}),
        ({"name": "a", "server": "b", "link": "c"}, {"NAME": "a", "SERVER": "b", "LINK": "c"}),
        ({}, {}),
    ],
)
def test_parameters_have_the_portals_names_and_flags_are_y_or_n(fields, expected):
    assert to_portal(fields) == expected


def test_a_service_to_be_created_is_active_encrypted_and_has_sort_100():
    created = MailService.to_be_created({"name": "New"})
    assert {field: value for field, value in created.to_user().items() if value is not None} == {
        "name": "New",
        "active": True,
        "encryption": True,
        "sort": 100,
    }


def test_a_service_to_be_created_takes_what_was_wanted():
    created = MailService.to_be_created({"name": "New", "active": False, "encryption": False, "sort": 5, "port": 1})
    assert (created.active, created.encryption, created.sort, created.port) == (False, False, 5, 1)


@pytest.mark.parametrize(
    "field, value, expected",
    [
        ("server", "IMAP.One", "imap.one"),
        ("server", "", None),
        ("link", "", None),
        ("link", "HTTP", "HTTP"),
        ("name", "One", "One"),
        ("port", 5, 5),
        ("encryption", False, False),
        ("server", None, None),
    ],
)
def test_wanted_values_are_compared_in_one_form(field, value, expected):
    assert normalise(field, value) == expected


@pytest.mark.parametrize(
    "columns, expected",
    [
        ({}, True),
        (dict(server="s"), False),
        (dict(port=1), False),
        (dict(encryption=False), False),
        (dict(encryption=True), False),
        (dict(link="l"), False),
        (dict(active=False), False),
        (dict(smtp="smtp"), True),
        (dict(server="  "), True),
        (dict(server="\t"), False),
    ],
)
def test_the_catch_all_is_active_and_has_none_of_the_four(columns, expected):
    assert service(1, "x", **dict(dict(encryption=None), **columns)).is_catch_all is expected


@pytest.mark.parametrize(
    "change, expected",
    [
        ({"NAME": "bitrix24"}, True),
        ({"NAME": "Bitrix24"}, False),
        ({"SMTP_SERVER": "s"}, True),
        ({"SMTP_PORT": "25"}, True),
        ({"SMTP_PORT": "0"}, False),
    ],
)
def test_smtp_settings_and_the_portals_own_hosting_cannot_be_made_again(change, expected):
    assert MailService.from_portal(dict(row(1, "x"), **change)).cannot_be_made_again is expected


def test_labels_come_by_our_names_and_only_those_that_are_text():
    assert labels_to_user({"NAME": "Название", "PORT": 5, "ELSE": "x"}) == {"name": "Название"}


@pytest.mark.parametrize("answer", [None, [], "x"])
def test_labels_that_are_no_map_are_unreadable(answer):
    with pytest.raises(UnreadableService):
        labels_to_user(answer)


@pytest.mark.parametrize(
    "read, value, text",
    [
        (MailService.from_portal, [], "a mail service is described by list where a map was due"),
        (MailService.from_portal, {}, "a mail service came without an ID"),
        (MailService.from_portal, dict(ROW, ID=None), "a mail service came without an ID"),
        (MailService.from_portal, dict(ROW, ID="7", NAME=None), "the mail service with the ID 7 came without a NAME"),
        (MailService.from_portal, dict(ROW, ID="7", ACTIVE=None), "the mail service with the ID 7 came without ACTIVE"),
        (MailService.from_portal, dict(ROW, NAME=5), "NAME came as int where text was due"),
        (MailService.from_portal, dict(ROW, PORT="x"), "PORT came as something else than a number"),
        (MailService.from_portal, dict(ROW, ENCRYPTION="S"), "ENCRYPTION came as something else than Y or N"),
        (labels_to_user, [], "the labels came as list where a map was due"),
    ],
)
def test_what_is_unreadable_is_told_by_the_portals_key_and_never_by_its_value(read, value, text):
    with pytest.raises(UnreadableService) as unreadable:
        read(value)
    assert str(unreadable.value) == text


def test_a_number_may_have_twenty_digits():
    assert MailService.from_portal(dict(ROW, ID="1" * 20)).id == int("1" * 20)
