# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan in words, the artifact of a fleet, and who is stopped."""

from __future__ import annotations

import copy
import json

import jsonschema
import pytest

from ansible_collections.bitrix24.portal.plugins.module_utils._planning.plan import digest_of
from ansible_collections.bitrix24.portal.plugins.plugin_utils._fleet import approval, plan_file
from ansible_collections.bitrix24.portal.plugins.plugin_utils._fleet import plan_text as _role_plan
from ansible_collections.bitrix24.portal.plugins.plugin_utils._fleet import terminal
from ansible_collections.bitrix24.portal.plugins.plugin_utils._fleet.comment import comment
from ansible_collections.bitrix24.portal.plugins.plugin_utils._fleet.left_alone import left_alone
from tests.conftest import ROOT
from tests.roles.fleet import catch_all, service, state
from tests.roles.plans import DOWN, EMPTY, artifact, deciding, planned, removing
from tests.simulator.server import Simulator

SCHEMA = json.loads((ROOT / "docs" / "schema" / "plan.schema.json").read_text())


@pytest.fixture(scope="module")
def portal():
    with Simulator() as simulator:
        yield simulator.portals[0]


def test_a_plan_reads_like_this(portal):
    portal.state = state(
        catch_all(), service(2, "Old"), service(3, "Gone"), service(4, "Off\n\u202eevil"), service(5, "Same")
    )
    result = planned(
        portal,
        {"id": 2, "name": "New", "port": 143},
        {"name": "Gone", "state": "absent"},
        {"name": "Off\n\u202eevil", "active": False, "sort": 7},
        {"name": "Same"},
        {"name": "Fresh", "server": "fresh.example.com"},
    )
    lines = _role_plan.lines(result, "portal-a")
    moved = "move to the catch-all 'Other' and"
    assert lines == [
        "portal-a: 1 to create, 1 to change, 1 to switch off, 1 to DELETE, 1 as they shall be",
        "  + create 'Fresh': active true, server 'fresh.example.com', encryption true, sort 100",
        "  ~ change 'Old' (id 2): name 'Old' to 'New', port 993 to 143",
        "      mailboxes: The new name and port are copied to every mailbox connected with 'Old'.",
        "  - switch off 'Off\\n\\u202eevil' (id 4): sort 100 to 7",
        "      ⛔ No way back: Mailboxes connected with 'Off\\n\\u202eevil' %s stay on; activating the service again does not bring "
        "them back." % moved,
        "  ! DELETE 'Gone' (id 3): active true, server 'imap3.example.com', port 993, encryption true, sort 100",
        "      ⛔ No way back: Mailboxes connected with 'Gone' %s take its name." % moved,
    ]


def test_every_line_of_a_plan_is_one_line_and_names_are_spelt_out(portal):
    portal.state = state(catch_all(1, "Other\n! DELETE 'all'"), service(2, "a\u2028b\x1b[2J"))
    lines = _role_plan.lines(planned(portal, {"name": "a\u2028b\x1b[2J", "active": False}), "portal\n-a")
    assert len(lines) == 3 and all(line.isprintable() for line in lines)


@pytest.mark.parametrize(
    "result, line",
    [
        (deciding(), "p: nothing to do"),
        (deciding(dict(EMPTY, unchanged=[1, 2])), "p: nothing to do"),
        ({"msg": "down\nfor {{ good }}"}, "p: stopped: down\\nfor {{ good }}"),
        ({"skipped": True}, "p: stopped: a condition of the play left it out"),
    ],
)
def test_a_portal_without_changes_or_without_a_plan_takes_one_line(result, line):
    assert _role_plan.lines(result, "p") == [line]


def test_quiet_portals_share_a_line_and_the_stopped_stand_last():
    quiet = deciding()
    told = terminal.overview({"a": DOWN, "b": quiet, "c": removing(1), "d\n": quiet})
    assert told == [
        "nothing to do on 2 portals: b, d\\n",
        "c: 1 to DELETE",
        "  ! DELETE '0' (id 0)",
        "a: stopped: down",
        "signs: + create, ~ change, - switch off, ! DELETE, ⛔ no way back, ⚠ check that it is meant",
    ]
    done = dict(quiet, already_as_approved=True)
    assert terminal.overview({"a": done, "b": quiet, "c": done}) == [
        "nothing to do on 1 portal: b",
        "nothing to do: already as approved, on 2 portals: a, c",
    ]
    assert terminal.overview({"b": quiet}) == ["nothing to do on 1 portal: b"]
    assert terminal.overview({"a": DOWN}) == ["a: stopped: down"]


def test_what_nobody_can_know_of_the_hosting_is_said_once_and_only_where_it_matters(portal):
    portal.state = state(catch_all(), service(2, "Gone"), service(3, "Off"), service(4, "Changed"))
    going = planned(portal, {"name": "Gone", "state": "absent"}, {"name": "Off", "active": False})
    text = "\n".join(terminal.overview({"a": going, "b": going}))
    assert text.count("own mail hosting may have made") == 1
    staying = planned(portal, {"name": "Changed", "port": 1})
    assert "mail hosting" not in "".join(terminal.overview({"a": staying}))


@pytest.mark.parametrize(
    "results, files, line",
    [
        (
            {"a": removing(2), "b": removing(0), "c": DOWN, "d": None},
            ("x/plan.md", "x/plan.json"),
            "0 to switch off, 2 to DELETE on 1 of 4 portals; 2 could not be planned. Read x/plan.md. Approve: digest",
        ),
        ({"a": removing(1)}, (None, "x"), "0 to switch off, 1 to DELETE on 1 of 1 portal. Approve: digest"),
        ({"a": removing(1)}, ("x", None), "0 to switch off, 1 to DELETE on 1 of 1 portal. Read x."),
        ({"a": removing(0)}, ("x", "y"), "0 to switch off, 0 to DELETE on 0 of 1 portal. Read x."),
    ],
)
def test_the_last_line_is_the_result_with_what_to_read_and_to_approve(results, files, line):
    assert terminal.summary(results, *files, "digest") == "Plan: 0 to create, 0 to change, " + line


def test_a_plan_that_many_portals_share_is_told_once_and_what_to_look_at_twice_stands_below(portal):
    results = {}
    for number in range(3):
        portal.state = state(catch_all(), service(7 + number, "Post", SERVER="mail.example.com"))
        results[f"p{number}"] = planned(portal, {"name": "Mail", "server": "mail.example.com", "port": 993})
    portal.state = state(catch_all(), service(2, "Off", "N"))
    results["quiet"] = planned(portal, {"name": "Off"})
    assert terminal.overview(results) == [
        "nothing to do on 1 portal: quiet",
        "the same on 3 portals: p0, p1, p2: 1 to create",
        "  + create 'Mail': active true, server 'mail.example.com', port 993, encryption true, sort 100",
        "  ⚠ 'Mail' is to be created, and 'Post' has the same server and port: renamed? then previous_names, or else both will be there",
        "quiet: nothing to do",
        "  ⚠ 'Off': the service is inactive and stays so; to switch it on, set active: true",
        "signs: + create, ~ change, - switch off, ! DELETE, ⛔ no way back, ⚠ check that it is meant",
    ]


def test_of_many_portals_with_nothing_to_do_few_are_named_and_all_are_counted():
    (line,) = terminal.overview({f"p{number:02}": deciding() for number in range(60)})
    assert line.startswith("nothing to do on 60 portals: p00, p01, ") and line.endswith(", p19 and 40 more")


def carried_out(*actions, failed=()):
    """What mailservice_set returned of a plan with these actions, those at these places failed."""
    return {
        "failed": bool(failed),
        "results": [
            {"action": action, "changed": at not in failed, "failed": at in failed} for at, action in enumerate(actions)
        ],
    }


@pytest.mark.parametrize(
    "planned, written, line",
    [
        (
            {"a": removing(1), "b": deciding(), "c": deciding()},
            {"a": carried_out("create", "update", "update", "deactivate", "delete", "unchanged")},
            "Done: 1 created, 2 changed, 1 switched off, 1 DELETED on 1 of 3 portals; 2 had nothing to do. Journal: j",
        ),
        (
            {"a": removing(1), "b": DOWN, "c": None, "d": removing(2)},
            {"a": carried_out("create", "delete", failed=[1]), "d": {"failed": True}},
            "Not all is done: 1 created, 0 changed, 0 switched off, 0 DELETED on 0 of 4 portals; 2 failed; "
            "1 stopped before anything was written; 1 not reached. Journal: j",
        ),
        (
            {"a": deciding()},
            {},
            "Done: 1 portal had nothing to do.",
        ),
    ],
)
def test_the_last_line_of_a_reconciliation_says_what_was_done_and_what_was_not(planned, written, line):
    assert terminal.done(planned, written, "j") == line


def test_an_artifact_gives_each_portal_its_approved_plan_or_says_why_there_is_none():
    made = artifact(a=removing(1), b={"msg": "down"}, c=None, d=removing(0))
    assert made["removals"] == 1 and made["portals"]["c"]["error"] == plan_file.NO_PLAN
    given = approval.approved(json.dumps(made), made["digest"], ["a", "b", "c", "d", "e"], -1)
    assert {host: (item["digest"], (item["fault"] or "")[:40]) for host, item in given.items()} == {
        "a": (removing(1)["plan_digest"], ""),
        "b": (None, "the approved plan has none for this port"),
        "c": (None, "the approved plan has none for this port"),
        "d": (removing(0)["plan_digest"], ""),
        "e": (None, "the approved plan does not name this por"),
    }


@pytest.fixture
def real(portal):
    """An artifact with every kind of change and effect, and every kind of portal without a plan."""
    portal.state = state(catch_all(), *(service(number, f"S{number}") for number in range(2, 7)), service(7, "S7", "N"))
    entries = [
        {"name": "S2", "port": 143},
        {"name": "S3", "state": "absent"},
        {"name": "S4", "active": False},
        {"name": "S5"},
        {"name": "S7", "active": True, "sort": 7},
        {"name": "Fresh"},
    ]
    refused = dict(planned(portal, *entries), msg="the plan has another digest than expect_plan")
    switched_off = {"name": "Other", "active": False}
    return artifact(
        a=planned(portal, *entries),
        b=planned(portal, {"name": "bitrix24", "state": "absent"}, switched_off, allow_catch_all_change=True),
        c=refused,
        d=DOWN,
        e=None,
        f=planned(portal, {"name": "S5"}),
    )


def test_plan_json_is_as_its_schema_says(real):
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    jsonschema.Draft202012Validator(SCHEMA).validate(real)
    assert all(real["portals"]["a"]["plan"].values()) and len(real["portals"]["a"]["effects"]) == 4


def test_the_schema_refuses_what_it_does_not_describe(real):
    portals = real["portals"]
    changes = [
        {"schema_version": 2},
        {"digest": "d1"},
        {"removals": -1},
        {"new": 1},
        {"portals": {"a": dict(portals["a"], plan=None)}},
        {"portals": {"d": dict(portals["d"], error=None)}},
        {"portals": {"a": dict(portals["a"], plan=dict(portals["a"]["plan"], update=[]))}},
        {"portals": {"a": dict(portals["a"], effects=[dict(portals["a"]["effects"][0], action="gone")])}},
    ]
    for change in changes:
        assert list(jsonschema.Draft202012Validator(SCHEMA).iter_errors(dict(real, **change))), change


def test_without_an_artifact_nothing_is_expected():
    assert approval.approved(None, None, ["a"], 0) == {"a": {"digest": None, "fault": None}}


def test_the_digest_stands_for_the_plans_and_not_for_when_or_where_they_were_made():
    first = artifact(a=removing(1), b=removing(2))
    assert first["digest"] == plan_file.make({"b": removing(2), "a": removing(1)}, {"time": "later"})["digest"]
    others = [
        artifact(a=removing(1)),
        artifact(a=removing(2), b=removing(1)),
        artifact(a=removing(1), b={"msg": "down"}),
    ]
    assert len({first["digest"]} | {other["digest"] for other in others}) == 4


@pytest.mark.parametrize(
    "text, digest, most, why",
    [
        (
            json.dumps(artifact(a=removing(1))),
            "0" * 64,
            -1,
            "approved_digest is 0{64}; nothing was done: read the plan",
        ),
        (
            json.dumps(artifact(a=removing(2), b=removing(1))),
            None,
            2,
            "3 services would be switched off or deleted in all portals",
        ),
        (None, "0" * 64, -1, "approved_digest is given without approved_plan"),
        (None, "", -1, "^approved_digest is empty"),
        (json.dumps(artifact(a=removing(1))), " \n", -1, "^approved_digest is empty"),
        ("", None, -1, "an empty file"),
        (" \n\t", None, -1, "an empty file"),
        ("nonsense", None, -1, "not a file that the plan playbook wrote"),
        ("[]", None, -1, "not a file"),
        ("{}", None, -1, "not a file"),
        ("NaN", None, -1, "not a file"),
        ("[" * 100000, None, -1, "not a file"),
        ('{"schema_version": 1, "portals": {"a": {}}, "digest": "x"}', None, -1, "not a file"),
        ('{"schema_version": 1, "portals": {}}', None, -1, "not a file"),
        ('{"schema_version": 2}', None, -1, "schema version 2"),
    ],
)
def test_an_artifact_that_is_not_what_was_approved_stops_everything(text, digest, most, why):
    with pytest.raises(plan_file.NotApproved, match=why) as refused:
        approval.approved(text, digest, ["a"], most)
    assert "\n" not in str(refused.value)


def leaves(value, path=()):
    """The path of each value in it that is no list and no dictionary, and of each that is empty."""
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    found = [leaf for key, part in parts for leaf in leaves(part, (*path, key))]
    return found or [path]


def replaced(value, path, new):
    value = copy.deepcopy(value)
    place = value
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = new
    return value


INFORMATION = {("time",), ("commit",), ("job",), ("collection_version",)}
"""What of an artifact no digest covers: it says nothing of what would be done."""


def test_whatever_is_altered_in_an_artifact_the_whole_file_is_refused(real):
    text = json.dumps(real, sort_keys=True)
    assert not approval.approved(text, real["digest"], ["a"], -1)["a"]["fault"]
    for path in leaves(real):
        if path in INFORMATION:
            continue
        for new in ("nothing to do", 0, 7, True, None, [], {}, 1.5):
            altered = replaced(real, path, new)
            if json.dumps(altered, sort_keys=True) == text:
                continue
            with pytest.raises(plan_file.NotApproved, match=r"nothing was done|plan again"):
                approval.approved(json.dumps(altered), None, ["f"], -1)


def test_words_that_say_less_than_is_done_are_refused_though_each_digest_stands(real):
    """The plan emptied for its readers, the digests left as they were; and the other way round."""
    for changes in (
        {"plan": EMPTY, "effects": []},
        {"text": ["a: nothing to do"]},
        {"effects": []},
        {"cautions": []},
        {"plan": EMPTY, "effects": [], "plan_digest": digest_of("portal.example.com", EMPTY, [])},
    ):
        altered = replaced(real, ("portals", "a"), dict(real["portals"]["a"], **changes))
        with pytest.raises(plan_file.NotApproved, match="altered"):
            approval.approved(json.dumps(dict(altered, removals=0)), real["digest"], ["a"], -1)


@pytest.mark.parametrize(
    "old, new",
    [
        ('"removals": 1', '"removals": 0, "removals": 1'),
        ('"unchanged": []', '"unchanged": [], "unchanged": []'),
        ('"removals": 1', '"removals": NaN'),
        ('"removals": 1', '"removals": 1e999'),
        ('"removals": 1', '"removals": ' + "1" * 5000),
        ('"removals": 1', '"removals": 1, "more": 1'),
        ('"removals": 1', '"removals": true'),
        ('"text": [', '"text": [' + "[" * 5000 + "]" * 5000 + ", "),
        ('"id": 0', '"id": "0"'),
    ],
)
def test_what_json_lets_pass_and_no_plan_has_is_refused_in_one_line(old, new):
    text = json.dumps(artifact(a=removing(1)))
    assert old in text
    with pytest.raises(plan_file.NotApproved, match="not a file that the plan playbook wrote.*nothing was done"):
        approval.approved(text.replace(old, new, 1), None, ["a"], -1)


def test_a_plan_of_another_version_says_so():
    altered = dict(artifact(a=removing(1)), collection_version="0.9.0", portals={})
    with pytest.raises(plan_file.NotApproved, match="made by version 0.9.0 of the collection"):
        approval.approved(json.dumps(altered), None, ["a"], -1)


def test_a_plan_with_a_secret_in_it_cannot_be_approved():
    redacted = dict(removing(1), plan_digest="0" * 64)
    made = artifact(a=redacted)
    assert "holds a secret" in made["portals"]["a"]["error"] and made["portals"]["a"]["plan"] is None
    assert "has none for this portal" in approval.approved(json.dumps(made), None, ["a"], -1)["a"]["fault"]


@pytest.mark.parametrize(
    "batch, results, removed, stop_all, most, stopped",
    [
        ("ab", {"a": removing(1), "b": DOWN}, [], False, -1, {"b": "down"}),
        ("ab", {"a": removing(1), "b": DOWN}, [], True, -1, {"a": "stop_all", "b": "down"}),
        (
            "ab",
            {"a": removing(1), "b": removing(0)},
            ["c"],
            True,
            -1,
            {"a": "stop_all", "b": "stop_all"},
        ),
        ("a", {"a": removing(1), "z": DOWN}, [], True, -1, {}),
        ("ab", {"a": removing(2), "b": removing(1)}, [], False, 3, {}),
        (
            "ab",
            {"a": removing(2), "b": removing(2), "c": DOWN},
            [],
            False,
            3,
            {"a": "4 services would", "b": "4 services would"},
        ),
        ("bc", {"a": removing(2), "b": removing(2), "c": removing(0)}, [], False, 3, {"b": "4 services would"}),
        ("ab", {"a": removing(9), "b": dict(removing(9), msg="refused")}, [], False, 9, {"b": "refused"}),
        ("a", {"a": removing(1)}, [], False, 0, {"a": "1 services would"}),
        ("ab", {"a": removing(1), "b": {"skipped": True}}, [], True, -1, {"b": "a condition of the play left it out"}),
    ],
)
def test_who_must_not_go_on(batch, results, removed, stop_all, most, stopped):
    told = approval.stops(list(batch), results, removed, stop_all, most)
    assert {host: why[: len(stopped.get(host, why))] for host, why in told.items()} == stopped


@pytest.mark.parametrize(
    "left, line",
    [
        ({"a": [], "b": None, "c": "odd"}, None),
        ({"a": ["x"]}, "1 service that no entry names on 1 portal: 'x'."),
        ({"a": ["x", "y"], "b": ["y"], "c": []}, "3 services that no entry names on 2 portals: 'y' on 2, 'x'."),
        ({"a": list("gfedcba")}, "7 services that no entry names on 1 portal: 'a', 'b', 'c', 'd', 'e' and 2 more."),
    ],
)
def test_what_a_purge_would_take_is_one_line_for_all_portals(left, line):
    results = {
        portal: {"left_alone": [{"name": name, "id": 1} for name in names] if isinstance(names, list) else names}
        for portal, names in left.items()
    }
    assert left_alone(results) == ([] if line is None else [f"Left alone, since nothing is purged: {line}"])


def test_what_a_purge_would_take_stands_in_the_comment_with_names_that_mean_nothing():
    results = {"a": {"left_alone": [{"name": "@everyone", "id": 1}]}, "b": None}
    (line,) = left_alone(results, markdown=True)
    assert line.endswith("on 1 portal: `@everyone`.")
    assert f"\n{line}\n" in comment(artifact(a=removing(0)), remarks=[line])
