# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is returned."""

from __future__ import annotations

import json

import pytest
import yaml

from tests.behaviour.portal import catch_all, service

API = {"requests", "retries", "throttled", "waited", "operating", "ids_searched", "icons_fetched"}
KEYS = [
    "id",
    "site_id",
    "active",
    "sort",
    "name",
    "server",
    "port",
    "encryption",
    "link",
    "icon",
    "smtp_server",
    "smtp_port",
    "smtp_login_as_imap",
    "smtp_password_as_imap",
    "smtp_encryption",
    "upload_outgoing",
]


def brief(results):
    return [(entry["name"], entry["id"], entry["action"], entry["changed"]) for entry in results]


@pytest.fixture
def filled(portal):
    portal.has(
        catch_all(90),
        service(1, "One", port=1, sort=9),
        service(2, "Two", server="s"),
        service(3, "Three", active=False),
        service(4, "Old"),
    )
    return portal


ENTRIES = [
    {"name": "Never", "state": "absent"},
    {"name": "New"},
    {"name": "Two", "state": "absent"},
    {"name": "One", "port": 2},
    {"name": "Three", "active": False},
    {"name": "Renamed", "previous_names": ["Old"]},
]


def test_results_are_one_per_entry_in_the_order_given_then_one_per_purged_service(filled):
    result = filled.set(*ENTRIES[:4], purge="delete")
    assert brief(result["results"]) == [
        ("Never", None, "unchanged", False),
        ("New", 91, "create", True),
        ("Two", 2, "delete", True),
        ("One", 1, "update", True),
        ("Three", 3, "delete", True),
        ("Old", 4, "delete", True),
    ]
    assert {(entry["failed"], entry["error"], entry["skipped"]) for entry in result["results"]} == {
        (False, None, False)
    }


def test_a_result_names_a_renamed_service_by_its_new_name(filled):
    assert brief(filled.set(ENTRIES[5])["results"]) == [("Renamed", 4, "update", True)]


@pytest.mark.parametrize("check_mode", [True, False])
def test_the_plan_is_fixed_before_writing_and_ids_that_came_about_are_in_results(filled, check_mode):
    result = filled.set(*ENTRIES, check_mode=check_mode)
    assert result["plan"]["creations"][0]["id"] is None
    assert result["results"][1]["id"] == (None if check_mode else 91)


def test_the_plan_lists_name_id_and_changed_fields_with_before_and_after(filled):
    plan = filled.set(*ENTRIES, {"name": "Other", "active": False}, allow_catch_all_change=True)["plan"]
    assert list(plan) == ["creations", "updates", "deactivations", "deletions", "unchanged"]
    assert plan["creations"][0]["changes"] == {
        "name": {"before": None, "after": "New"},
        "active": {"before": None, "after": True},
        "encryption": {"before": None, "after": True},
        "sort": {"before": None, "after": 100},
    }
    assert plan["updates"] == [
        {"name": "Old", "id": 4, "changes": {"name": {"before": "Old", "after": "Renamed"}}},
        {"name": "One", "id": 1, "changes": {"port": {"before": 1, "after": 2}}},
    ]
    assert plan["deactivations"] == [
        {"name": "Other", "id": 90, "changes": {"active": {"before": True, "after": False}}}
    ]
    assert plan["deletions"] == [
        {
            "name": "Two",
            "id": 2,
            "changes": {
                "active": {"before": True, "after": None},
                "server": {"before": "s", "after": None},
                "encryption": {"before": True, "after": None},
                "sort": {"before": 100, "after": None},
            },
        }
    ]
    assert plan["unchanged"] == [{"name": "Three", "id": 3, "changes": {}}]


def test_mailservices_are_the_active_ones_and_those_touched(portal):
    portal.has(*[service(service_id, "S%d" % service_id, active=service_id > 2) for service_id in range(1, 5)])
    result = portal.set(
        {"name": "S1", "port": 5},
        {"name": "New", "active": False},
        {"name": "S3", "active": False},
        {"name": "S2", "active": False},
        warns=True,
    )
    assert [(entry["id"], entry["active"]) for entry in result["mailservices"]] == [
        (4, True),
        (1, False),
        (3, False),
        (5, False),
    ]


def test_mailservices_have_the_keys_that_info_returns_with_their_types(filled):
    for entry in filled.set(*ENTRIES)["mailservices"]:
        assert list(entry) == KEYS
        assert (
            isinstance(entry["id"], int)
            and isinstance(entry["active"], bool)
            and isinstance(entry["smtp_login_as_imap"], bool)
        )


def test_mailservices_are_in_the_portals_order(filled):
    result = filled.set({"name": "b", "sort": 9}, {"name": "A", "sort": 9}, {"name": "first", "sort": 1})
    assert [entry["name"] for entry in result["mailservices"]] == ["first", "A", "b", "One", "Old", "Other", "Two"]


class TestTheDiff:
    def test_shows_what_differs_by_name_and_id_in_a_stable_order(self, filled):
        forward = filled.set(*ENTRIES, check_mode=True)["diff"]
        assert forward == filled.set(*ENTRIES[::-1], check_mode=True)["diff"]
        services, effects = forward
        assert services["before"].splitlines() == [
            '"Old (id 4)":',
            '  name: "Old"',
            '"One (id 1)":',
            "  port: 1",
            '"Two (id 2)":',
            "  active: true",
            '  server: "s"',
            "  encryption: true",
            "  sort: 100",
        ]
        assert services["after"].splitlines() == [
            '"New (new)":',
            "  active: true",
            "  encryption: true",
            "  sort: 100",
            '"Old (id 4)":',
            '  name: "Renamed"',
            '"One (id 1)":',
            "  port: 2",
        ]
        assert [line[:9] for line in effects["prepared"].splitlines()] == [
            "What that",
            "  'Old' (",
            "  'One' (",
            "  'Two' (",
        ]

    def test_is_empty_without_drift(self, filled):
        assert filled.mailservice(name="One")["diff"] == []

    @pytest.mark.parametrize("check_mode", [True, False])
    def test_tells_the_effects_under_a_header_of_their_own(self, portal, check_mode):
        portal.has(catch_all(), service(1, "One"), service(2, "Two", port=1))
        result = portal.set({"id": 1, "active": False}, {"id": 2, "port": 2}, check_mode=check_mode)
        header, *lines = result["diff"][1]["prepared"].splitlines()
        assert header == f"What that does to mailboxes on {result['host']}:"
        assert [line.partition(" Mailboxes ")[0] for line in lines if "NO WAY BACK" in line] == [
            "  'One' (id 1): NO WAY BACK."
        ]
        assert len(lines) == 2

    def test_has_no_effects_where_there_are_none(self, filled):
        assert len(filled.mailservice(name="One", sort=7)["diff"]) == 1

    @pytest.mark.parametrize("name", ['a"\n+  b: "', "a\x1b[2Jb", "a\u202eb", "a\x85- b", "{{ 7 * 7 }}", "a\\"])
    def test_gives_no_name_a_second_line(self, portal, name):
        portal.has(catch_all(), service(1, name), service(2, "Two"))
        services, effects = portal.set({"id": 1, "link": name, "active": False}, {"id": 2, "name": name + "!"})["diff"]
        for text in (services["before"], services["after"], effects["prepared"]):
            assert all(line.isprintable() for line in text.split("\n"))
        assert yaml.safe_load(services["after"]) == {
            f"{name} (id 1)": {"active": False, "link": name},
            "Two (id 2)": {"name": name + "!"},
        }

    def test_leaves_out_what_was_not_tried(self, portal):
        portal.has(*[service(service_id, "S%d" % service_id) for service_id in (1, 2, 3)])
        portal.before("mailservice.update", lambda: portal.drop(2), place=2)
        diff = portal.fails(
            "mailservice_set", mailservices=[{"id": service_id, "port": 1} for service_id in (1, 2, 3)]
        )["diff"]
        assert list(yaml.safe_load(diff[0]["after"])) == ["S1 (id 1)"]


class TestChanged:
    @pytest.mark.parametrize("check_mode", [True, False])
    def test_is_whether_something_was_or_would_be_written(self, filled, check_mode):
        assert not filled.set({"name": "One"}, check_mode=check_mode)["changed"]
        assert filled.set({"name": "One", "port": 3}, check_mode=check_mode)["changed"]

    def test_is_true_also_when_the_task_then_fails(self, portal):
        portal.has(service(1, "S1"), service(2, "S2"))
        portal.before("mailservice.update", lambda: portal.drop(2), place=2)
        assert portal.fails("mailservice_set", mailservices=[{"id": 1, "port": 1}, {"id": 2, "port": 1}])["changed"]

    def test_is_false_where_the_first_write_was_refused(self, portal):
        portal.has(service(1, "S1"), service(2, "S2"))
        portal.before("mailservice.update", lambda: portal.drop(1))
        assert (
            portal.fails("mailservice_set", mailservices=[{"id": 1, "port": 1}, {"id": 2, "port": 1}])["changed"]
            is False
        )


def test_api_tells_what_the_task_cost(filled):
    for result in (
        filled.mailservice(name="One"),
        filled.set({"name": "Never", "state": "absent"}),
        filled.succeeds("mailservice_info"),
    ):
        assert set(result["api"]) == API
    assert filled.fails("mailservice", id=55, name="x")["api"]["requests"] == 2


@pytest.mark.parametrize(
    "params, changes",
    [
        (dict(name="One"), []),
        (dict(name="One", port=2, sort=1), ["port", "sort"]),
        (dict(name="One", state="absent"), []),
        (dict(name="N", previous_names=["One"], active=False, sort=4), ["name", "active", "sort"]),
    ],
)
def test_changes_are_the_names_of_what_differed(filled, params, changes):
    assert filled.mailservice(**params)["changes"] == changes


def test_the_mailservice_after_a_deletion_is_null(filled):
    assert filled.mailservice(name="One", state="absent")["mailservice"] is None


def test_the_result_is_plain_json_and_holds_no_secret(filled):
    text = json.dumps(filled.set(*ENTRIES))
    assert "adminsecret00001" not in text


def test_what_the_portal_stored_otherwise_fails_naming_field_wanted_and_stored(portal):
    portal.has(service(1, "One"), service(2, "Two"), switches=["security_on"])
    message = portal.fails("mailservice", name="One", link="<script>")["msg"]
    assert "link" in message and "wanted '<script>'" in message and "stored '<sc ript>'" in message
    assert portal.fails("mailservice", name="One", link="<script>")["changed"]


def test_a_service_just_created_whose_name_came_back_altered_is_deleted_again(portal):
    portal.has(service(1, "One"), switches=["security_on"])
    result = portal.fails("mailservice", name="<script>")
    assert "name: wanted '<script>'" in result["msg"] and "<sc ript>" in result["msg"]
    assert (portal.names, portal.writes[-1]) == (["One"], ("delete", {"ID": "2"}))


def test_a_service_just_created_with_another_field_altered_stays_and_fails(portal):
    portal.has(service(1, "One"), switches=["security_on"])
    portal.fails("mailservice", name="New", link="<script>")
    assert portal.names == ["One", "New"]


def test_an_existing_service_whose_new_name_came_back_altered_stays(portal):
    portal.has(service(1, "One"), switches=["security_on"])
    assert "name: wanted" in portal.fails("mailservice", id=1, name="<script>")["msg"]
    assert portal.names == ["<sc ript>"]


@pytest.mark.parametrize("module, entry", [("mailservice", {}), ("mailservice_set", None), ("mailservice_info", {})])
def test_a_task_that_fails_names_the_portal_that_it_asked(filled, module, entry):
    filled.misbehaves({"kind": "html", "times": 0})
    params = {"mailservices": []} if entry is None else {"name": "One"}
    result = filled.fails(module, retries=0, **params)
    assert filled.url.rstrip("/").endswith(result["host"]) and result["api"]["requests"] == 1


def test_a_task_that_refuses_its_plan_names_the_portal_too(filled):
    result = filled.fails("mailservice_set", mailservices=[{"name": "One", "active": False}], max_removals=0)
    assert filled.url.rstrip("/").endswith(result["host"])


class TestWhatAPurgeWouldTake:
    @pytest.fixture
    def filled(self, portal):
        portal.has(
            catch_all(),
            *[service(at, f"S{at}", server="s") for at in range(1, 9)],
            service(50, "bitrix24"),
            service(51, "off", active=False),
        )
        return portal

    def left(self, portal, *entries, **options):
        result = portal.set(*entries, check_mode=True, **options)
        return [(item["name"], item["id"]) for item in result["left_alone"]], result

    def test_is_told_where_nothing_is_purged(self, filled):
        left, result = self.left(filled, {"name": "S1"}, {"id": 2}, protect=["S[3]", "S3"], protect_ids=[4])
        assert left == [(f"S{at}", at) for at in (5, 6, 7, 8)] and result["diff"] == []

    def test_is_what_a_purge_takes(self, filled):
        left, dummy = self.left(filled, {"name": "S1"}, protect=["S3"])
        purged = filled.set({"name": "S1"}, protect=["S3"], purge="deactivate", max_removals=-1, check_mode=True)
        assert left == [(change["name"], change["id"]) for change in purged["plan"]["deactivations"]]
        assert purged["left_alone"] == []

    def test_is_one_line_of_the_diff_and_no_part_of_the_digest(self, filled):
        dummy, result = self.left(filled, {"name": "S1", "port": 5})
        (line,) = [part["prepared"] for part in result["diff"] if "Left alone" in part.get("prepared", "")]
        assert line == (
            "Left alone, since purge is none, though no entry names them: "
            "'S2' (id 2), 'S3' (id 3), 'S4' (id 4), 'S5' (id 5), 'S6' (id 6) and 2 more\n"
        )
        protected = self.left(filled, {"name": "S1", "port": 5}, protect=["S*"])[1]
        assert protected["plan_digest"] == result["plan_digest"] and len(protected["diff"]) == 2

    def test_is_not_asked_in_a_task_about_one_service(self, filled):
        assert "left_alone" not in filled.mailservice(name="S1", port=5)
