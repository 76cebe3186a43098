# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The form of the catalogue, and what a preset fills in wherever entries are read."""

from __future__ import annotations

import datetime
import functools
import re
import urllib.parse

import pytest
import yaml
from ansible.errors import AnsibleFilterError

from ansible_collections.bitrix24.portal.plugins.filter.merge_entries import FilterModule
from ansible_collections.bitrix24.portal.plugins.module_utils._planning.checks import unwritable
from ansible_collections.bitrix24.portal.plugins.modules import mailservice, mailservice_audit, mailservice_set
from ansible_collections.bitrix24.portal.plugins.plugin_utils._catalogue import catalogue
from ansible_collections.bitrix24.portal.plugins.plugin_utils._catalogue.catalogue import (
    FIELDS,
    FILE,
    UnknownPreset,
    filled_in,
    find_preset,
)
from ansible_collections.bitrix24.portal.plugins.plugin_utils._options.names import Names
from ansible_collections.bitrix24.portal.plugins.plugin_utils._options.read import Misread, read_options

PRESETS = yaml.safe_load(FILE.read_text())
KINDS = {
    "name": str,
    "server": str,
    "port": int,
    "encryption": bool,
    "link": str,
    "authentication": str,
    "built_in": list,
    "smtp": str,
    "domains": list,
    "country": str,
    "help": str,
    "sources": list,
    "checked": datetime.date,
}
MAY_LACK = {"built_in", "domains"}
HOST = re.compile(r"(?:[a-z0-9-]+\.)+[a-z]{2,}\Z")
ICONS = {
    *("bitrix24", "gmail", "icloud", "outlook.com", "office365", "yahoo", "aol", "yandex", "mail.ru", "ukr.net"),
    *("exchange", "exchangeOnline", "other"),
}
"""The names, case and all, that have a built-in icon on a portal."""

SIGN_IN = {"gmail", "yandex", "mail.ru", "office365", "outlook.com", "exchangeOnline"}
"""The names that switch on the portal's own OAuth sign-in."""

GMAIL = {
    "name": "gmail",
    "server": "imap.gmail.com",
    "port": 993,
    "encryption": True,
    "link": "https://mail.google.com/",
}


@pytest.mark.parametrize("name", PRESETS)
class TestAPreset:
    def test_has_every_value_in_its_kind_and_nothing_else(self, name):
        preset = PRESETS[name]
        assert list(preset) == [key for key in KINDS if key in preset] and set(KINDS) - set(preset) <= MAY_LACK
        assert {key: type(value) for key, value in preset.items()} == {key: KINDS[key] for key in preset}

    def test_can_be_written_to_a_portal_as_it_stands(self, name):
        assert [text for field in FIELDS for text in unwritable(field, PRESETS[name][field])] == []

    def test_has_hosts_and_addresses_that_are_some(self, name):
        preset = PRESETS[name]
        assert all(HOST.match(host) for host in (preset["server"], preset["smtp"], *preset.get("domains", ())))
        assert urllib.parse.urlsplit(preset["link"]).scheme == "https"
        for address in (preset["link"], *preset["sources"], preset["help"]):
            parts = urllib.parse.urlsplit(address)
            assert parts.scheme in ("http", "https") and HOST.match(parts.netloc), address

    def test_is_encrypted_from_the_first_byte(self, name):
        assert (PRESETS[name]["port"], PRESETS[name]["encryption"]) == (993, True)

    def test_tells_how_employees_sign_in_and_what_was_read_for_it_when(self, name):
        assert PRESETS[name]["authentication"] in ("password", "app_password", "oauth")
        assert PRESETS[name]["sources"] and PRESETS[name]["checked"] >= datetime.date(2026, 11, 1)

    def test_is_a_key_of_the_portal_exactly_where_it_says_so(self, name):
        built_in = [*(["icon"] if name in ICONS else []), *(["sign_in"] if name in SIGN_IN else [])]
        assert PRESETS[name].get("built_in", []) == built_in
        assert not built_in or PRESETS[name]["name"] == name

    def test_is_read_by_itself_as_it_is_with_the_whole_file(self, name):
        assert find_preset(name) == PRESETS[name]


def test_the_catalogue_has_the_portals_own_providers_and_others():
    assert SIGN_IN <= set(PRESETS)
    # exchange and other are no provider, bitrix24 is the portal itself.
    assert ICONS - set(PRESETS) == {"exchange", "other", "bitrix24"}
    assert 40 <= len(PRESETS) <= 60


def test_no_two_presets_have_one_name_or_one_domain():
    names = [preset["name"].casefold() for preset in PRESETS.values()]
    domains = [domain for preset in PRESETS.values() for domain in preset.get("domains", ())]
    assert len(set(names)) == len(names) and len(set(domains)) == len(domains)


def test_the_file_is_cut_at_its_presets_and_nowhere_else():
    assert list(catalogue._texts()) == list(PRESETS)


@pytest.mark.parametrize(
    "entry, filled",
    [
        ({"preset": "gmail"}, GMAIL),
        ({"preset": "gmail", "sort": 5}, {**GMAIL, "sort": 5}),
        ({"preset": "gmail", "port": 143, "encryption": False}, {**GMAIL, "port": 143, "encryption": False}),
        ({"preset": "gmail", "name": "Google"}, {**GMAIL, "name": "Google"}),
        ({"preset": "gmail", "link": None}, {**GMAIL, "link": None}),
        ({"preset": "gmail", "id": 7}, {**GMAIL, "id": 7}),
        ({"preset": "gmail", "state": "absent"}, {"name": "gmail", "state": "absent"}),
        ({"preset": "gmail", "state": "absent", "name": "G"}, {"name": "G", "state": "absent"}),
        ({"preset": None, "name": "A"}, {"name": "A"}),
        ({"name": "A"}, {"name": "A"}),
    ],
)
def test_a_preset_fills_in_what_the_entry_does_not_say_itself(entry, filled):
    before = dict(entry)
    assert filled_in(entry) == filled and entry == before


@pytest.mark.parametrize(
    "name, advice",
    [
        ("gmial", "did you mean 'gmail'?"),
        ("Gmail", "did you mean 'gmail'?"),
        ("googlemail.com", "did you mean 'gmail'?"),
        ("exchangeonline", "did you mean 'exchangeOnline'?"),
        ("GMX", "did you mean 'gmx.net'?"),
        ("hotmail.com", "did you mean 'outlook.com'"),
        ("Namecheap Private Mail", "did you mean 'privateemail.com'?"),
        ("", "docs/catalogue.md lists them"),
        ("our own server", "docs/catalogue.md lists them"),
        ("gmail\n", "did you mean 'gmail'?"),
    ],
)
def test_a_preset_that_is_none_is_told_with_those_like_it(name, advice):
    with pytest.raises(UnknownPreset) as caught:
        filled_in({"preset": name})
    assert advice in str(caught.value) and "\n" not in str(caught.value)


def read(module, given, role=None):
    return read_options(module.SPEC["argument_spec"], given, Names(role))


def test_a_task_of_one_service_takes_a_preset():
    assert read(mailservice, {"preset": "gmail", "sort": 1}) == {**GMAIL, "sort": 1}
    with pytest.raises(Misread, match="^there is no preset 'gmial'; did you mean 'gmail'\\?$"):
        read(mailservice, {"preset": "gmial"})
    with pytest.raises(Misread, match="^preset is the number 163, which is no text; if that is the name, put it in"):
        read(mailservice, {"preset": 163})


@pytest.mark.parametrize("module", [mailservice_set, mailservice_audit])
def test_presets_are_filled_in_before_entries_are_laid_over_a_baseline(module):
    options = {
        "baseline": [{"preset": "gmail"}, {"preset": "web.de", "sort": 9}, {"name": "aol", "port": 143}],
        "mailservices": [{"name": "gmail", "port": 143}, {"preset": "web.de", "link": None}, {"preset": "aol"}],
    }
    gmail, web, aol = read(module, options)["mailservices"]
    assert gmail == {**GMAIL, "port": 143}
    assert web == {**{field: PRESETS["web.de"][field] for field in FIELDS}, "link": None, "sort": 9}
    assert aol == {field: PRESETS["aol"][field] for field in FIELDS}


@pytest.mark.parametrize("module", [mailservice_set, mailservice_audit])
def test_every_preset_that_is_none_is_told_by_variable_place_and_entry(module):
    options = {"baseline": [{"preset": "gmial"}], "mailservices": [{"name": "A"}, {"name": "B", "preset": "AOL"}]}
    with pytest.raises(Misread) as caught:
        read(module, options, "bitrix24.portal.mailservices")
    assert caught.value.problems == [
        "mailservices_wanted[1] ('B'): there is no preset 'AOL'; did you mean 'aol'?",
        "mailservices_baseline[0] (preset 'gmial'): there is no preset 'gmial'; did you mean 'gmail'?",
    ]


def test_an_audit_of_entries_by_themselves_leaves_the_one_that_cannot_be_to_the_findings():
    wanted = read(mailservice_audit, {"mailservices": [{"preset": "gmail"}, {"preset": "gmial"}, None]})["mailservices"]
    assert wanted == [GMAIL, {"preset": "gmial"}, None]


def test_the_filter_takes_presets_too():
    merge_entries = functools.partial(FilterModule().filters()["merge_entries"], {})
    assert merge_entries([{"preset": "gmail"}], [{"name": "gmail", "port": 143}]) == [{**GMAIL, "port": 143}]
    with pytest.raises(AnsibleFilterError, match=r"own\[0\] \(preset 'gmial'\): there is no preset"):
        merge_entries([], [{"preset": "gmial"}])
