# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What people gave in variables becomes what the options mean, or one line for each thing that cannot be."""

from __future__ import annotations

import functools

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.bitrix24.portal.plugins.filter.merge_entries import FilterModule
from ansible_collections.bitrix24.portal.plugins.modules import mailservice, mailservice_audit, mailservice_set
from ansible_collections.bitrix24.portal.plugins.plugin_utils._action import refusal, validate_options
from ansible_collections.bitrix24.portal.plugins.plugin_utils._options.merge import merged
from ansible_collections.bitrix24.portal.plugins.plugin_utils._options.names import Names
from ansible_collections.bitrix24.portal.plugins.plugin_utils._options.read import Misread, read_options

ROLE = "bitrix24.portal.mailservices"
AUDIT = "bitrix24.portal.mailservice_audit"
OMITTED = "__omit_place_holder__0123456789abcdef"
"""What ansible-core 2.16 puts where a template says omit."""


CONTEXT = {"omit": OMITTED}
merge_entries = functools.partial(FilterModule().filters()["merge_entries"], CONTEXT)


def read(given, role=None, module=mailservice_set):
    return read_options(module.SPEC["argument_spec"], given, Names(role, OMITTED))


def misread(given, role=None, module=mailservice_set):
    with pytest.raises(Misread) as caught:
        read(given, role, module)
    assert all("\n" not in line for line in caught.value.problems)
    return caught.value.problems


BASE = [{"name": "A", "server": "a.example.com", "port": 993}, {"name": "B", "sort": 5}]


@pytest.mark.parametrize(
    "own, expected",
    [
        ([], BASE),
        ([{"name": "C"}], BASE + [{"name": "C"}]),
        ([{"name": "A", "port": 143}], [BASE[1], {"name": "A", "server": "a.example.com", "port": 143}]),
        ([{"name": "A", "port": None}], [BASE[1], {"name": "A", "server": "a.example.com", "port": None}]),
        ([{"id": 7, "name": "A"}], [BASE[1], {"name": "A", "server": "a.example.com", "port": 993, "id": 7}]),
        (
            [{"id": 7, "name": "A"}, {"id": 8, "name": "A", "port": 1}],
            [
                BASE[1],
                {"name": "A", "server": "a.example.com", "port": 993, "id": 7},
                {"name": "A", "server": "a.example.com", "port": 1, "id": 8},
            ],
        ),
        ([{"name": "A", "state": "absent"}], [BASE[1], {"name": "A", "state": "absent"}]),
        ([{"name": "a"}, {"id": 3}], BASE + [{"name": "a"}, {"id": 3}]),
        ([{"name": "Old", "port": 1}], BASE + [{"name": "Old", "port": 1}]),
    ],
)
def test_a_portals_own_entry_goes_over_the_baselines_of_the_same_name(own, expected):
    assert merged(BASE, own) == expected


def test_entries_with_an_id_are_matched_by_it():
    base = [{"id": 1, "name": "A", "port": 993}, {"id": 2, "name": "A", "port": 143}]
    assert merged(base, [{"id": "2", "name": "New"}]) == [
        base[0],
        {"id": "2", "name": "New", "port": 143},
    ]
    assert merged(base, [{"id": 3, "name": "A"}]) == base + [{"id": 3, "name": "A"}]


def test_merging_alters_neither_list():
    base, own = [{"name": "A", "port": 1}], [{"name": "A", "state": "absent"}]
    merged(base, own)
    assert base == [{"name": "A", "port": 1}] and own == [{"name": "A", "state": "absent"}]


@pytest.mark.parametrize("state", [{}, {"state": None}, {"state": OMITTED}, {"state": "present"}])
def test_an_own_entry_over_one_that_shall_be_absent_is_wanted_present_unless_it_says_otherwise(state):
    base = [{"name": "Old", "state": "absent"}]
    (entry,) = read({"mailservices": [{"name": "Old", "port": 1, **state}], "baseline": base})["mailservices"]
    assert entry.get("state") in (None, "present") and entry["port"] == 1


def test_a_portal_for_which_nothing_at_all_is_wanted_is_an_oversight_unless_said_otherwise():
    nothing = {"mailservices": [], "baseline": []}
    assert "set mailservices_allow_empty: true" in misread(nothing, ROLE)[0]
    assert "set mailservices_allow_empty: true" in misread(nothing, AUDIT, mailservice_audit)[0]
    assert "set allow_empty: true" in misread(nothing)[0]
    for missing in (None, OMITTED, []):
        assert "set mailservices_allow_empty" in misread({"mailservices": missing, "baseline": missing}, ROLE)[0]
    for yes in (True, "yes", 1):
        assert read(dict(nothing, allow_empty=yes))["mailservices"] == []
    assert read({"mailservices": []}) == {"mailservices": []}


class TestTextWhereAListIsDue:
    @pytest.mark.parametrize(
        "option, text, parts",
        [
            ("protect", "Partner *", ["Partner *"]),
            ("protect", "Partner *, Old *", ["Partner *", "Old *"]),
            ("protect", "", []),
            ("protect_ids", "3, 4", ["3", "4"]),
        ],
    )
    @pytest.mark.parametrize("module", [mailservice_set, mailservice_audit])
    def test_stands_for_one_as_it_does_to_a_module(self, module, option, text, parts):
        assert read({"mailservices": [], option: text}, module=module)[option] == parts

    @pytest.mark.parametrize("text", ['["Partner *"]', " [1, 2]", "{'a': 1}", "[Partner *"])
    @pytest.mark.parametrize("option", ["mailservices", "baseline", "protect", "protect_ids"])
    def test_is_refused_where_it_looks_like_a_list_and_is_none(self, option, text):
        (line,) = misread({"mailservices": [], option: text}, ROLE)
        variable = {"mailservices": "mailservices_wanted"}.get(option, f"mailservices_{option}")
        assert line.startswith(f"{variable} is text that looks like a list") and f'"{variable}"' in line

    def test_is_refused_where_entries_are_due(self):
        assert misread({"mailservices": "Company mail"}, ROLE) == [
            "mailservices_wanted is the text 'Company mail' where a list of entries is due, each a map of options"
        ]
        assert "put a dash before" in misread({"mailservices": {"name": "Company mail"}}, ROLE)[0]

    def test_names_both_variables_of_an_audit(self):
        (line,) = misread({"mailservices": [], "protect": "[a]"}, AUDIT, mailservice_audit)
        assert line.startswith("mailservices_protect (or mailservice_audit_protect) is text")
        assert "-e '{\"mailservices_protect\": […]}'" in line


@pytest.mark.parametrize(
    "option, variable", [("mailservices", "mailservices_wanted"), ("baseline", "mailservices_baseline")]
)
@pytest.mark.parametrize(
    "entry, place, said",
    [
        (None, "[1]", "nothing stands there"),
        ("Company mail", "[1]", "write name: 'Company mail'"),
        (["Company mail"], "[1]", "this is a list where a map of options is due"),
        (
            {"name": 163},
            "[1] (163)",
            "name is the number 163, which is no text; if that is the name, put it in quotes: '163'",
        ),
        ({"name": 1.5}, "[1] (1.5)", "put it in quotes: '1.5'"),
        ({"name": True}, "[1] (True)", "YAML reads yes, no, on and off so"),
        ({"name": ["A", "B"]}, "[1] ([", "name is a list where a text is due"),
        ({"id": 7, "name": {}}, "[1] ({})", "name is a map where a text is due"),
        ({"name": "A", "previous_names": [163]}, "[1] ('A')", "previous_names holds the number 163"),
    ],
)
def test_an_entry_that_cannot_be_is_one_line_with_variable_place_and_name(option, variable, entry, place, said):
    (line,) = misread({"mailservices": [], "baseline": [], option: [{"name": "163"}, entry]}, ROLE)
    assert line.startswith(variable + place) and said in line


def test_all_that_is_wrong_is_told_at_once():
    given = {"mailservices": [None, {"name": 1}], "baseline": ["x"], "protect": [True], "protect_ids": "[1]"}
    assert [line.split(" ")[0].rstrip(":") for line in misread(given, ROLE)] == [
        "mailservices_protect_ids",
        "mailservices_wanted[0]",
        "mailservices_wanted[1]",
        "mailservices_baseline[0]",
        "mailservices_protect",
    ]


@pytest.mark.parametrize("name", [163, True, ["A"]])
def test_a_name_is_checked_in_a_task_about_one_service_as_well(name):
    assert misread({"name": name}, module=mailservice)[0].startswith("name is ")
    assert read({"name": "163"}, module=mailservice) == {"name": "163"}


def test_what_is_omitted_is_dropped_at_any_depth_before_anything_is_merged():
    given = {
        "mailservices": [{"name": "A", "port": OMITTED, "previous_names": ["a", OMITTED]}, OMITTED],
        "baseline": [{"name": "A", "port": 143}],
        "protect": ["P *", OMITTED],
        "purge": OMITTED,
    }
    assert read(given) == {
        "mailservices": [{"name": "A", "port": 143, "previous_names": ["a"]}],
        "protect": ["P *"],
    }


def test_a_name_that_looks_like_what_is_omitted_is_one():
    """A portal may hold it, and an export then."""
    name = "__omit_place_holder__somebody_wrote_this"
    assert read({"mailservices": [{"name": name}]})["mailservices"] == [{"name": name}]


def test_an_audit_without_a_baseline_finds_out_about_each_entry_by_itself():
    entries = [None, {"name": 163}]
    assert read({"mailservices": entries}, module=mailservice_audit) == {"mailservices": entries}


def test_a_variable_of_a_role_without_a_value_was_not_given():
    assert read({"mailservices": [{"name": "A"}], "max_removals": None, "protect": None}, ROLE) == {
        "mailservices": [{"name": "A"}]
    }


class TestWhatAnsibleWouldRefuse:
    def said(self, given, role=ROLE):
        spec, called = mailservice_set.SPEC, Names(role)
        options = read({"mailservices": [{"name": "A"}], **given}, role)
        return refusal(validate_options(spec, options), "mailservice_set", spec, options, called)

    @pytest.mark.parametrize(
        "given, line",
        [
            ({"max_removals": "five"}, "mailservices_max_removals must be a whole number, not 'five'"),
            ({"purge": "maybe"}, "mailservices_purge must be one of none, deactivate, delete, not 'maybe'"),
            ({"protect_ids": "3,x"}, "mailservices_protect_ids holds what must be a whole number, not 'x'"),
            (
                {"mailservices": [{"name": "A"}, {"name": "B", "port": "ninety"}]},
                "mailservices_wanted[1] ('B'): port must be a whole number, not 'ninety'",
            ),
            ({"mailservices": [{"nam": "B"}]}, "mailservices_wanted[0]: there is no option nam"),
            (
                {"mailservices": [{"name": "B", "state": "gone"}]},
                "mailservices_wanted[0] ('B'): state must be one of present, absent, not 'gone'",
            ),
            ({"timeout": "long"}, "timeout must be a whole number, not 'long'"),
        ],
    )
    def test_names_the_variable_in_a_role(self, given, line):
        assert self.said(given) == line

    def test_is_told_in_ansibles_words_elsewhere(self):
        assert "argument 'max_removals' is of type" in self.said({"max_removals": "five"}, None)


class TestTheFilter:
    def test_reads_its_lists_the_same_way(self):
        assert merge_entries([{"name": "A", "port": 1}], [{"name": "A", "port": OMITTED}]) == [{"name": "A", "port": 1}]
        assert merge_entries(None, [{"name": "A"}]) == merge_entries(OMITTED, [{"name": "A"}]) == [{"name": "A"}]

    @pytest.mark.parametrize(
        "baseline, own, said",
        [
            ([], "[1]", "own is text that looks like a list"),
            ("A", [], "baseline is the text 'A'"),
            ([{"name": 163}], [], "baseline[0] (163): name is the number"),
            ([], [None], "own[0]: nothing stands there"),
            ([], 7, "own must be a list"),
            ([], [], "neither own nor baseline has an entry"),
        ],
    )
    def test_says_which_entry_cannot_be(self, baseline, own, said):
        with pytest.raises(AnsibleFilterError) as caught:
            merge_entries(baseline, own)
        assert f"merge_entries: {said}" in str(caught.value)
