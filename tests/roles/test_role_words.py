# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a role says is wrong names what one can change there: the role's variables."""

from __future__ import annotations

import pytest

from ansible_collections.bitrix24.portal.plugins.module_utils._causes import SENTENCES, cause
from ansible_collections.bitrix24.portal.plugins.plugin_utils._fleet.causes import message_of
from tests.roles.fleet import Fleet, catch_all, service, state
from tests.simulator.server import Simulator

ALONE = {"name": "Other"}
WRONG = [
    (
        {"mailservices_wanted": [{"name": "Gone", "state": "absent"}], "mailservices_purge": "delete"},
        "mailservices_purge: delete would take every service away; if that is meant, set mailservices_allow_empty: true",
    ),
    (
        {"mailservices_wanted": [ALONE], "mailservices_purge": "delete", "mailservices_max_removals": 1},
        "more than mailservices_max_removals: 1; nothing was done",
    ),
    (
        {"mailservices_wanted": [{"name": "Other", "server": "imap.example.com"}]},
        "if that is meant, set mailservices_allow_catch_all_change: true",
    ),
    (
        {"mailservices_wanted": [{"name": "bitrix24", "state": "absent"}]},
        "deactivate it, or set mailservices_allow_builtin_delete: true",
    ),
    (
        {"mailservices_wanted": [{"name": "New"}], "mailservices_inactive_max_ids": 3},
        "more than mailservices_inactive_max_ids: 3; name the service by id, or raise mailservices_inactive_max_ids",
    ),
    (
        {"mailservices_wanted": [{"name": "New"}], "mailservices_inactive_max_ids": -1},
        "mailservices_inactive_lookahead and mailservices_inactive_max_ids are numbers of IDs: 0 or more",
    ),
    (
        {"mailservices_wanted": [ALONE], "bitrix24_expected_host": "portal.example.com"},
        "this host is portal.example.com (its name, or bitrix24_expected_host); nothing was sent",
    ),
]


@pytest.fixture
def fleet(tmp_path):
    with Simulator(portals=len(WRONG)) as simulator:
        for portal in simulator.portals:
            portal.state = state(catch_all(), service(2, "bitrix24"), service(3, "Old"), service(4, "Older"))
        yield Fleet(tmp_path, simulator.portals)


def test_each_refusal_of_a_plan_names_the_variable_that_opens_it(fleet):
    for variables, (more, _why) in zip(fleet.hosts.values(), WRONG):
        variables.update(more)
    run = fleet.play("plan")
    stopped = {
        line.partition("[")[2].partition("]")[0]: line for line in run.stdout.splitlines() if line[:6] == "fatal:"
    }
    for host, (_more, why) in zip(fleet.hosts, WRONG):
        assert why in stopped[host], host
    assert len(stopped) == len(WRONG)


@pytest.mark.parametrize("playbook", ["reconcile", "audit"])
def test_a_webhook_of_another_portal_is_told_with_the_host_that_was_expected(fleet, playbook):
    one, other = list(fleet.hosts)[:2]
    fleet.hosts = {one: dict(fleet.hosts[one], bitrix24_expected_host="portal.example.com")}
    fleet.wants(ALONE)
    run = fleet.play(playbook)
    leads = fleet.portals[one].url.partition("//")[2]
    assert (
        f"the webhook leads to {leads}; this host is portal.example.com (its name, or bitrix24_expected_host)"
        in run.output
    ), run.output
    assert "expected_host is" not in run.output


def result(*causes):
    return {"failed": True, "msg": "; ".join(each["message"] for each in causes), "causes": list(causes)}


def test_without_a_prefix_options_are_called_by_their_names():
    limit = cause("max_removals", number=9, names="'a'", most=5)
    assert "more than max_removals: 5" in message_of(result(limit), "")
    assert "more than my_max_removals: 5" in message_of(result(limit), "my_")


def test_what_a_portal_wrote_is_not_taken_for_a_part_of_the_sentence():
    name = "'{option[purge]} {0} {name.__class__}'"
    told = message_of(result(cause("builtin", name=name, id=3)), "mailservices_")
    assert told.startswith(name + " (id 3) came with the portal")


@pytest.mark.parametrize(
    "given",
    [
        {"msg": "it is down"},
        {"msg": "it is down", "causes": [cause("builtin", name="x", id=3)]},
        {"msg": "it is down", "causes": [{"kind": "max_removals"}]},
        {"msg": "it is down", "causes": 5},
        {"msg": "it is down", "causes": [{"kind": [], "entry": None, "message": "it is down"}]},
    ],
)
def test_a_message_that_the_causes_do_not_make_stays_as_it_is(given):
    assert message_of(given, "mailservices_") == "it is down"


def test_every_sentence_names_an_option():
    assert all("{option[" in text for text in SENTENCES.values())


def test_an_export_names_the_variable_that_lets_it_look_for_more(fleet):
    run = fleet.play("export", "-e", "mailservice_export_inactive_max_ids=0")
    assert run.hosts("failed") == sorted(fleet.hosts)
    assert "mailservice_export_inactive_max_ids" in run.stdout and " inactive_max_ids" not in run.stdout
