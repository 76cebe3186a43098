# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest

from ansible_collections.bitrix24.portal.plugins.module_utils._planning.checks import read_entries
from ansible_collections.bitrix24.portal.plugins.module_utils._planning.limits import Limits
from ansible_collections.bitrix24.portal.plugins.module_utils._planning.matching import CurrentState
from ansible_collections.bitrix24.portal.plugins.module_utils._planning.model import MailService
from ansible_collections.bitrix24.portal.plugins.module_utils._planning.plan import digest_of, make_plan
from ansible_collections.bitrix24.portal.plugins.module_utils._planning.problems import (
    ALLOW_EMPTY,
    AMBIGUOUS,
    BUILTIN,
    CANNOT_UNSET,
    CATCH_ALL,
    INVALID,
    MAX_REMOVALS,
    NAME_TAKEN,
    NOT_FOUND,
    READ_ONLY,
    SAME_SERVER,
    SIMILAR_NAME,
)
from tests.unit.plugins.module_utils.model import current_state, service

ONE = service(1, "One", server="s", port=1)
TWO = service(2, "Two")
OFF = service(3, "Off", active=False)
BUILT_IN = service(4, "yahoo", smtp="smtp.x")
HOME = service(9, "Other", encryption=None)


def planned(entries, *services, **limits):
    desired, problems = read_entries(entries)
    assert not problems
    return make_plan(desired, current_state(*services), Limits(**limits))


def plan_of(entries, *services, **limits):
    plan = planned(entries, *services, **limits)
    assert plan.problems == ()
    return plan


def problems_of(entries, *services, **limits):
    return planned(entries, *services, **limits).problems


def in_order(plan):
    return [(change.action, change.name) for change in plan.changes]


@pytest.mark.parametrize(
    "entry, fields",
    [
        ({"name": "One"}, None),
        ({"name": "One", "server": "S", "port": 1, "active": True, "encryption": True, "sort": 100}, None),
        ({"name": "One", "port": 2}, ["port"]),
        ({"id": 1, "name": "x", "active": False, "link": "l"}, ["name", "active", "link"]),
        ({"name": "One", "link": ""}, None),
        ({"name": "One", "encryption": False}, ["encryption"]),
        ({"id": 3, "active": False}, None),
        ({"id": 3, "active": True}, ["active"]),
    ],
)
def test_a_change_holds_what_differs_and_nothing_else(entry, fields):
    changes = plan_of([entry], ONE, OFF).changes
    assert [list(change.fields) for change in changes] == ([] if fields is None else [fields])


def test_the_order_is_create_rename_update_deactivate_delete_and_the_catch_all_last():
    plan = plan_of(
        [
            {"name": "Other", "port": 5},
            {"name": "gone", "state": "absent"},
            {"name": "down", "active": False},
            {"name": "Off", "active": True},
            {"name": "One", "port": 5},
            {"id": 2, "name": "renamed"},
            {"name": "z", "sort": 1},
            {"name": "a", "sort": 2},
        ],
        ONE,
        TWO,
        OFF,
        HOME,
        service(11, "gone"),
        service(10, "down"),
        allow_catch_all_change=True,
    )
    assert in_order(plan) == [
        ("create", "z"),
        ("create", "a"),
        ("update", "Two"),
        ("update", "One"),
        ("update", "Off"),
        ("deactivate", "down"),
        ("delete", "gone"),
        ("update", "Other"),
    ]


def test_a_catch_all_that_stays_one_is_not_put_last():
    assert in_order(plan_of([{"name": "Two", "state": "absent"}, {"name": "Other", "sort": 5}], TWO, HOME)) == [
        ("update", "Other"),
        ("delete", "Two"),
    ]


@pytest.mark.parametrize(
    "entries, limits, kind, said",
    [
        ([{"name": "Other", "state": "absent"}], {}, CATCH_ALL, "allow_catch_all_change"),
        ([{"name": "Other", "link": "l"}], {}, CATCH_ALL, "allow_catch_all_change"),
        ([{"name": "yahoo", "state": "absent"}], {}, BUILTIN, "allow_builtin_delete"),
        ([{"name": "One"}], {"purge": "delete", "protect": ["T*", "O*"]}, BUILTIN, "allow_builtin_delete"),
        ([], {"purge": "deactivate"}, ALLOW_EMPTY, "allow_empty"),
        ([{"name": "One", "state": "absent"}], {"purge": "deactivate"}, ALLOW_EMPTY, "allow_empty"),
        (
            [{"name": "One", "state": "absent"}, {"name": "Two", "active": False}],
            {"max_removals": 1},
            MAX_REMOVALS,
            "max_removals",
        ),
        (
            [{"name": "New", "server": "s", "port": 1}, {"name": "One", "state": "absent"}],
            {},
            SAME_SERVER,
            "previous_names",
        ),
        ([{"id": 2, "name": "One"}], {}, NAME_TAKEN, "that is the name of the service with the ID 1"),
        ([{"id": 2, "name": "x"}, {"id": 1, "name": "x"}], {}, NAME_TAKEN, "cannot be renamed"),
        (
            [{"id": 2, "name": "Off"}, {"name": "One"}],
            {"purge": "delete", "allow_builtin_delete": True},
            NAME_TAKEN,
            "cannot be renamed",
        ),
        ([{"name": "One", "server": ""}], {}, CANNOT_UNSET, "server is 's' on the portal and cannot be unset"),
        ([{"name": "One", "site_id": "s2"}], {}, READ_ONLY, "site_id is 's1' on the portal and cannot be changed to"),
        ([{"name": "New", "icon": "x"}], {}, READ_ONLY, "icon cannot be set on a service that is to be created"),
        ([{"id": 7}], {}, NOT_FOUND, "no mail service of this site has the ID 7"),
        ([{"name": "One", "port": 70000}], {}, INVALID, "port must be a whole number from 1 to 65535"),
        ([{"name": "New", "sort": 0}], {}, INVALID, "sort must be a whole number from 1 to 2147483647"),
        ([{"id": 1, "name": "0"}], {}, INVALID, "name must not be '0'"),
    ],
)
def test_a_plan_has_a_problem(entries, limits, kind, said):
    problems = problems_of(entries, ONE, TWO, OFF, BUILT_IN, HOME, **limits)
    assert any(problem.kind == kind and said in problem.message for problem in problems)


def test_a_plan_with_a_problem_holds_nothing_that_could_be_carried_out():
    plan = planned([{"name": "One", "port": 2}, {"name": "Two", "port": 70000}], ONE, TWO, purge="delete")
    assert len(plan.problems) == 1 and (plan.changes, plan.by_entry, plan.effects) == ([], [], [])


def test_where_an_entry_means_nothing_certain_its_services_count_for_no_guard():
    kinds = [p.kind for p in problems_of([{"name": "Two"}], TWO, service(5, "Two"), purge="delete", max_removals=0)]
    assert kinds == [AMBIGUOUS]


ODD = service(5, "0", server="0", port=70000, link="l" * 300, sort=0, encryption=None, smtp="0")._replace(
    site_id="\ud800", icon="i" * 300, smtp_port=-1
)


@pytest.mark.parametrize("odd", [ODD, ODD._replace(name=" ", server="s" * 300, sort=-1, port=-1, link="\udfff")])
def test_what_is_equal_is_no_problem_whatever_it_is(odd):
    assert plan_of([odd.to_user()], odd, HOME).changes == []


@pytest.mark.parametrize("field, value", [("name", "n" * 300), ("server", "00"), ("port", 65536), ("sort", -1)])
def test_only_what_has_to_be_written_must_be_right(field, value):
    (problem,) = problems_of([dict(ODD.to_user(), **{field: value})], ODD, HOME) or [None]
    assert (problem and problem.kind) == (None if value == "00" else INVALID)


@pytest.mark.parametrize(
    "entries, limits",
    [
        ([{"id": 2, "name": "One"}, {"id": 1, "state": "absent"}], {}),
        ([{"id": 2, "name": "One"}, {"id": 1, "name": "Two"}], {}),
        ([{"name": "New", "site_id": None}], {}),
        ([{"name": "One", "state": "absent", "site_id": "s2", "server": ""}], {}),
        ([{"id": 1, "name": "One", "port": 5}], {"max_removals": 0}),
        ([{"id": 3, "active": False, "port": 5}], {"max_removals": 0}),
        ([], {}),
    ],
)
def test_a_plan_has_no_problem(entries, limits):
    assert plan_of(entries, ONE, TWO, OFF, HOME, **limits) is not None


def test_all_problems_are_told_at_once():
    problems = problems_of(
        [
            {"name": "Other", "port": 1},
            {"name": "yahoo", "state": "absent"},
            {"id": 1, "link": ""},
            {"id": 2, "name": "One"},
        ],
        ONE._replace(link="l"),
        TWO,
        BUILT_IN,
        HOME,
        max_removals=0,
    )
    assert len(problems) == 5


@pytest.mark.parametrize(
    "purge, changes",
    [("none", []), ("deactivate", [("deactivate", "Two")]), ("delete", [("delete", "Two"), ("delete", "Off")])],
)
def test_a_purge_concerns_what_no_entry_names(purge, changes):
    plan = plan_of([{"name": "One"}], ONE, TWO, OFF, HOME, service(5, "bitrix24"), purge=purge)
    assert in_order(plan) == changes and all(change.entry is None for change in plan.changes)


def test_a_service_that_was_found_by_its_previous_name_is_not_purged():
    assert in_order(plan_of([{"name": "New", "previous_names": ["Two"]}], TWO, purge="delete")) == [("update", "Two")]


def test_more_removals_than_allowed_are_told_by_number_and_some_names():
    services = [service(service_id, "S%d" % service_id) for service_id in range(1, 9)]
    (problem,) = problems_of([{"name": "stay"}], service(99, "stay"), *services, purge="delete", max_removals=5)
    assert "8 services" in str(problem) and "'S1', 'S2', 'S3', 'S4', 'S5', …" in str(problem)


@pytest.mark.parametrize(
    "entry, warned",
    [
        ({"id": 3}, True),
        ({"id": 3, "port": 5}, True),
        ({"id": 3, "active": False}, False),
        ({"id": 3, "state": "absent"}, False),
        ({"id": 1}, False),
    ],
)
def test_an_inactive_service_that_nothing_is_said_of_is_warned_about(entry, warned):
    assert bool(plan_of([entry], ONE, OFF).warnings) is warned


@pytest.mark.parametrize(
    "name", ["company mail ", "COMPANY MAIL", "Companymail", " Company\u00a0 mail", "Company\tmail"]
)
def test_a_creation_beside_a_name_that_differs_only_in_case_or_blanks_is_refused(name):
    (problem,) = problems_of([{"name": name}], service(1, "Company mail"))
    assert problem.kind == SIMILAR_NAME and "'Company mail' (id 1)" in problem.message


@pytest.mark.parametrize(
    "one, other", [("Caf\u00e9", "Cafe\u0301"), ("Cafe\u0301", "CAF\u00c9"), ("Stra\u00dfe", "STRASSE")]
)
@pytest.mark.parametrize("active", [True, False])
def test_a_creation_beside_a_name_in_another_unicode_form_is_refused(one, other, active):
    assert [p.kind for p in problems_of([{"name": one}], service(1, other, active=active))] == [SIMILAR_NAME]


@pytest.mark.parametrize(
    "entry",
    [
        {"id": 1, "name": "company mail"},
        {"name": "company mail", "previous_names": ["Company mail"]},
        {"name": "company mail", "previous_names": ["Older"]},
        {"name": "company mail", "allow_similar_name": True},
        {"name": "company mail", "state": "absent"},
        {"name": "Company mails"},
    ],
)
def test_a_similar_name_is_no_problem_where_the_entry_says_what_it_means(entry):
    assert plan_of([entry], service(1, "Company mail")) is not None


def test_two_creations_whose_names_differ_only_in_case_are_refused_unless_both_are_meant():
    (problem,) = problems_of([{"name": "Company mail"}, {"name": "company mail"}])
    assert problem.kind == SIMILAR_NAME
    assert str(problem).startswith("mailservices[1] ('company mail'): its name differs from that of mailservices[0]")
    both = [{"name": "Company mail"}, {"name": "company mail", "allow_similar_name": True}]
    assert len(plan_of(both).changes) == 2


def test_services_of_similar_names_that_are_both_there_are_told_apart():
    both = [service(1, "Company mail"), service(2, "company mail")]
    assert plan_of([{"name": "company mail"}, {"name": "Company mail"}], *both).changes == []
    assert in_order(plan_of([{"name": "company mail", "sort": 5}], *both)) == [("update", "company mail")]


@pytest.mark.parametrize(
    "entry, said",
    [
        ({"name": "New"}, "neither server nor link"),
        ({"name": "New", "port": 993}, "neither server nor link"),
        ({"name": "New", "active": False}, None),
        ({"name": "New", "server": "s2"}, None),
        ({"name": "New", "link": "l"}, None),
        ({"name": "Two"}, None),
        ({"id": 5, "active": True}, "a catch-all, beside 'Other' (id 9)"),
        ({"name": "Other", "sort": 5}, None),
        ({"id": 6, "active": True}, "mailboxes move of services that are deleted"),
    ],
)
def test_a_service_that_employees_cannot_make_sense_of_is_warned_about(entry, said):
    off = [service(at, name, active=False, encryption=None) for at, name in ((5, "Spare"), (6, "bitrix24"))]
    warnings = plan_of([entry], ONE, TWO, HOME, *off).warnings
    assert len(warnings) == (said is not None) and all(said in text for text in warnings)


NEAR = [
    service(7, "Post", server="imap.b", port=143),
    service(5, "Branch post", server="imap.b", port=993),
    service(6, "Branch off", server="imap.b", port=993, active=False),
]


@pytest.mark.parametrize(
    "entry, said",
    [
        (
            {"port": 993},
            "'Branch post' (id 5) has the same server and port: renamed? then previous_names, or else both will be there",
        ),
        ({"port": 993, "server": "IMAP.B"}, "'Branch post' (id 5) has the same server and port: renamed?"),
        ({"port": 993, "previous_names": ["Older"]}, "'Branch post' (id 5) has the same server and port: renamed?"),
        ({}, "'Branch post' (id 5) has the same server: renamed? then previous_names, or else both will be there"),
        ({"port": 143}, "'Post' (id 7) has the same server and port: renamed?"),
        ({"port": 1}, None),
        ({"server": "imap.c", "port": 993}, None),
        ({"server": "", "link": "l"}, None),
        ({"previous_names": ["Branch post"]}, None),
        ({"state": "absent"}, None),
    ],
)
def test_a_creation_beside_a_service_of_the_same_server_and_port_is_warned_about(entry, said):
    warnings = plan_of([dict({"name": "Branch mail", "server": "imap.b"}, **entry)], *NEAR, HOME).warnings
    assert len(warnings) == (said is not None) and all(said in text for text in warnings)


def test_a_service_that_another_entry_means_is_no_near_match():
    entries = [{"name": "Branch post"}, {"id": 6, "active": False}, {"name": "New", "server": "imap.b", "port": 993}]
    assert plan_of(entries, *NEAR).warnings == []


def test_the_plan_for_the_user_has_a_list_for_every_action():
    entries = [{"name": "New"}, {"name": "One", "port": 2}, {"name": "Two"}, {"name": "Never", "state": "absent"}]
    plan = plan_of(entries, ONE, TWO, OFF, purge="deactivate").to_user()
    assert {action: [item["name"] for item in services] for action, services in plan.items()} == {
        "creations": ["New"],
        "updates": ["One"],
        "deactivations": [],
        "deletions": [],
        "unchanged": ["Two"],
    }
    assert plan["updates"][0] == {"name": "One", "id": 1, "changes": {"port": {"before": 1, "after": 2}}}


def test_the_digest_is_that_of_this_plan_on_this_host():
    plan = plan_of([{"name": "One", "port": 2}], ONE)
    digests = {
        plan.digest("a"),
        plan.digest("b"),
        plan_of([{"name": "One", "port": 3}], ONE).digest("a"),
        plan_of([{"name": "One"}], ONE).digest("a"),
        plan_of([{"name": "One", "active": False}], ONE).digest("a"),
        plan_of([{"name": "One", "active": False}], ONE, HOME).digest("a"),
    }
    assert len(digests) == 6 and plan.digest("a") == plan_of([{"id": 1, "port": 2}], ONE, TWO).digest("a")


def test_a_name_with_half_a_surrogate_on_the_portal_has_a_digest_too():
    assert len(plan_of([{"id": 1, "port": 2}], service(1, "\ud800")).digest("h")) == 64


@pytest.mark.parametrize(
    "pattern, name, expected",
    [
        ("*", "", True),
        ("a*", "a", True),
        ("a*", "ba", False),
        ("*a", "ba", True),
        ("*a", "ab", False),
        ("a*b*c", "a-b-c", True),
        ("a*b*c", "acb", False),
        ("a.c", "abc", False),
        ("a?", "ab", False),
        ("[a]", "a", False),
        ("A", "a", False),
        ("a", "a\n", False),
        ("a*", "a\nb", True),
        ("", "", True),
        ("", "a", False),
    ],
)
def test_a_pattern_protects_a_name(pattern, name, expected):
    assert Limits(protect=[pattern]).protects(ONE._replace(name=name)) is expected


@pytest.mark.parametrize(
    "item, limits, expected",
    [
        (HOME, {}, True),
        (service(5, "bitrix24"), {}, True),
        (ONE, {"protect_ids": [1]}, True),
        (ONE, {"protect_ids": [2]}, False),
        (BUILT_IN, {}, False),
    ],
)
def test_a_purge_leaves_alone(item, limits, expected):
    assert Limits(**limits).protects(item) is expected


@pytest.mark.parametrize("field, value", [("server", "imap.other.example.com"), ("port", 143), ("active", False)])
def test_the_digest_changes_with_what_a_deletion_would_destroy(field, value):
    desired, dummy = read_entries([{"id": 3, "state": "absent"}])
    service = MailService.to_be_created({"name": "Gone", "server": "imap.example.com"})._replace(id=3)
    services = (service, service._replace(**{field: value}))
    approved, moved = (
        make_plan(desired, CurrentState([item]), Limits()).digest("portal.example.com") for item in services
    )
    assert approved != moved


def test_the_digest_does_not_depend_on_the_order_in_which_a_file_has_its_keys():
    plan = {"create": [{"name": "A", "changes": {"port": 1, "server": "s"}}], "delete": []}
    turned = {"delete": [], "create": [{"changes": {"server": "s", "port": 1}, "name": "A"}]}
    effects = [{"service": "A", "id": 1}]
    assert digest_of("h", plan, effects) == digest_of("h", turned, [{"id": 1, "service": "A"}])


def test_the_digest_of_a_plan_is_the_same_in_every_version_so_that_an_approval_outlives_an_upgrade():
    plan = {"create": [{"name": "Почта", "id": None, "changes": {"port": {"before": None, "after": 993}}}]}
    assert (
        digest_of("portal.example.com", plan, []) == "b5e151a3ab0dc81d7464d914f572cf3c65acdeee7da5a62f8c8d646044218d6f"
    )


def test_what_no_entry_names_is_left_alone_in_the_order_of_ids_unless_a_purge_is_to_be():
    services = (service(7, "Seven"), TWO, ONE, OFF)
    assert [left.id for left in plan_of([{"name": "One"}], *services).left_alone] == [2, 7]
    assert plan_of([{"name": "One"}], *services, purge="deactivate", max_removals=-1).left_alone == []


def test_what_is_unchanged_is_told_by_name_and_id_in_the_order_of_ids():
    unchanged = plan_of([{"name": "Two"}, {"name": "One"}], TWO, ONE).to_user()["unchanged"]
    assert unchanged == [{"name": "One", "id": 1, "changes": {}}, {"name": "Two", "id": 2, "changes": {}}]


def test_an_entry_that_is_absent_already_keeps_none_behind_it_from_being_planned():
    assert in_order(plan_of([{"name": "gone", "state": "absent"}, {"name": "One", "port": 5}], ONE)) == [
        ("update", "One")
    ]


@pytest.mark.parametrize(
    "entry",
    [{"name": "One", "server": ""}, {"name": "One", "smtp_server": "x"}, {"name": "One", "link": "x" * 256}],
)
def test_what_cannot_be_is_told_of_its_entry(entry):
    desired, problems = read_entries([{"name": "Two"}, entry])
    problems = problems or make_plan(desired, current_state(ONE, TWO), Limits()).problems
    assert [problem.entry.index for problem in problems] == [1]


def test_a_purge_deactivates_with_a_false_that_is_one():
    (change,) = plan_of([{"name": "One"}], ONE, TWO, purge="deactivate").changes
    assert change.after.active is False


def test_what_is_wrong_behind_an_entry_that_may_mean_two_services_is_told_too():
    problems = problems_of([{"name": "Two"}, {"name": "One", "server": ""}], ONE, TWO, service(5, "Two"))
    assert [problem.kind for problem in problems] == [AMBIGUOUS, CANNOT_UNSET]


@pytest.mark.parametrize(
    "name, text",
    [
        ("One", "smtp_server is unset on the portal and cannot be changed to 'x': REST has no way to"),
        ("New", "smtp_server cannot be set on a service that is to be created: REST has no way to"),
    ],
)
def test_what_rest_cannot_set_is_told_with_both_values_and_of_its_entry(name, text):
    (problem,) = problems_of([{"name": "Two"}, {"name": name, "smtp_server": "x"}], ONE, TWO)
    assert problem.entry.index == 1 and text in problem.message
