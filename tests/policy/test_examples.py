# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rules of docs/examples/policy, evaluated on plans that were made of simulated portals."""

from __future__ import annotations

import datetime
import re

import pytest

from tests.conftest import ROOT
from tests.policy.rego import POLICY, asked
from tests.roles.fleet import Fleet, catch_all, service, state
from tests.roles.plans import DOWN, artifact, planned
from tests.simulator.server import Simulator

THURSDAY, FRIDAY = "2026-11-26T12:00", "2026-11-27T12:00"
"""Both in UTC."""


@pytest.fixture(scope="module")
def portal():
    with Simulator() as simulator:
        yield simulator.portals[0]


@pytest.fixture
def filled(portal):
    portal.state = state(catch_all(), service(2, "Company"), service(3, "Open", ENCRYPTION="N"), service(4, "Gone"))
    return portal


def denied(plan, now=THURSDAY, data=None):
    """What the rules say of a plan at that time, sorted."""
    moment = datetime.datetime.fromisoformat(now).replace(tzinfo=datetime.timezone.utc)
    question = f"found = data.bitrix24.mailservices.deny with time.now_ns as {int(moment.timestamp())}000000000"
    return sorted(asked(question, plan, data)["results"][0]["found"])


def plan_of(portal, *entries, **options):
    return artifact(here=planned(portal, *entries, **options))


NEW = {"name": "New", "server": "imap.example.com"}


@pytest.mark.parametrize(
    "entry, told",
    [
        (NEW, []),
        (dict(NEW, encryption=True), []),
        (dict(NEW, encryption=False), ["here: New would be made without encryption"]),
        ({"name": "Company", "encryption": False}, ["here: the encryption of Company would be switched off"]),
        ({"name": "Open", "encryption": True}, []),
        ({"name": "Open", "port": 143}, []),
        ({"name": "Company", "port": 143}, []),
    ],
)
def test_no_service_is_made_or_left_without_encryption(filled, entry, told):
    assert denied(plan_of(filled, entry)) == told


@pytest.mark.parametrize(
    "server, allowed",
    [
        ("imap.example.com", True),
        ("example.com", True),
        ("IMAP.Example.COM", True),
        ("a.b.mail.example.org", True),
        ("imap.example.org", False),
        ("notexample.com", False),
        ("imap.example.com.evil.test", False),
    ],
)
@pytest.mark.parametrize("name", ["New", "Company"])
def test_servers_are_only_those_of_the_companys_domains(filled, name, server, allowed):
    told = [] if allowed else [f"here: {name} would lead to {server}, which is none of the company's servers"]
    assert denied(plan_of(filled, {"name": name, "server": server})) == told


def test_without_the_list_of_domains_no_server_is_one_of_the_companys(filled):
    assert len(denied(plan_of(filled, NEW), data={})) == 1


IRREVERSIBLE = [
    ({"name": "Gone", "state": "absent"}, 2),
    ({"name": "Gone", "active": False}, 1),
]
"""An entry, and how many rules speak of it: a deletion is one, and what it does to mailboxes another."""


@pytest.mark.parametrize("entry, count", IRREVERSIBLE)
def test_nothing_irreversible_is_done_on_a_friday(filled, entry, count):
    plan = plan_of(filled, entry)
    told = denied(plan, FRIDAY)
    assert len(told) == count and all("not on a Friday" in one and "Gone" in one for one in told)
    assert denied(plan, THURSDAY) == []


def test_what_can_be_taken_back_may_be_done_on_a_friday(filled):
    assert denied(plan_of(filled, NEW, {"name": "Company", "port": 143}), FRIDAY) == []
    filled.state = state(service(2, "Company"), service(3, "Gone"))
    assert denied(plan_of(filled, {"name": "Gone", "active": False}), FRIDAY) == []


def test_the_friday_is_that_of_the_companys_time_zone(filled):
    plan = plan_of(filled, {"name": "Gone", "state": "absent"})
    assert denied(plan, "2026-11-26T23:30") and not denied(plan, "2026-11-27T23:30")


def test_a_portal_without_a_plan_is_none_of_the_rules_business(filled):
    plan = artifact(here=planned(filled, NEW), down=DOWN)
    assert plan["portals"]["down"]["error"] and denied(plan, FRIDAY) == []


@pytest.mark.parametrize("change", [{"schema_version": 2}, {"schema_version": "1"}, {"portals": []}, {"portals": None}])
def test_what_is_no_plan_that_the_rules_were_written_for_is_denied_as_a_whole(filled, change):
    plan = dict(plan_of(filled, {"name": "Company", "encryption": False}), **change)
    assert "this is no plan of schema version 1: nothing was checked" in denied(plan)
    assert denied({}) == ["this is no plan of schema version 1: nothing was checked"]


def test_the_question_that_the_guide_asks_is_defined_for_a_plan_that_is_denied_and_for_no_other(filled):
    guide = (ROOT / "docs" / "guide_fleet.md").read_text()
    (question,) = re.findall(r"^\$ opa eval --fail-defined .* '(.+)'$", guide, re.MULTILINE)
    answer = asked(question, plan_of(filled, dict(NEW, encryption=False)))
    assert len(answer["results"]) == 1 and "here: New would be made without encryption" in answer["text"]
    assert asked(question, plan_of(filled, NEW))["text"] == "undefined"


def test_the_guide_names_each_rule():
    guide = (ROOT / "docs" / "guide_fleet.md").read_text()
    named = set(re.findall(r"^\| \[`(\w+\.rego)`\]", guide, re.MULTILINE))
    assert named == {path.name for path in POLICY.glob("*.rego")} - {"plan.rego"}


def test_the_rules_read_the_file_that_the_playbook_plan_writes(tmp_path):
    with Simulator(portals=2) as simulator:
        for portal in simulator.portals:
            portal.state = state(catch_all(), service(2, "Company"), service(3, "Gone"))
        fleet = Fleet(tmp_path, simulator.portals).wants(
            {"name": "Company", "encryption": False},
            {"name": "Gone", "state": "absent"},
            {"name": "New", "server": "imap.example.net"},
        )
        run, plan = fleet.planned()
        assert run.returncode == 0, run.output
        told = denied(plan, FRIDAY)
        assert len(told) == 8 and sum("portal-2: " in one for one in told) == 4, told
        assert len(denied(plan, THURSDAY)) == 4
