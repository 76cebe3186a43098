# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""docs/schema/plan.schema.json: what others build on, so its shape is fixed for each version of it."""

from __future__ import annotations

import copy
import hashlib
import json

import jsonschema
import pytest

from ansible_collections.bitrix24.portal.plugins.plugin_utils._fleet import plan_file
from ansible_collections.bitrix24.portal.plugins.plugin_utils._fleet.plan_shape import ARTIFACT, fits
from tests.conftest import ROOT
from tests.roles.fleet import Fleet, catch_all, service, state
from tests.simulator.server import Simulator

SCHEMA = json.loads((ROOT / "docs" / "schema" / "plan.schema.json").read_text())
WORDS = ("title", "description", "$comment")
FIXED = {1: "acd234cd01d256480a71fbfa058573fdb3141f92cf8acf6571151710e1d56e24"}
"""The digest of each version's shape. Where the shape has changed after a release with this version: raise
SCHEMA_VERSION in plan_file.py and in the schema, keep the old schema as plan.vN.schema.json, and add the digest of
the new version here."""


def shape(part):
    """A schema without the words in it that mean nothing to a program."""
    if isinstance(part, dict):
        # What is called "title" among properties is a property.
        return {
            key: {name: shape(one) for name, one in value.items()} if key in ("properties", "$defs") else shape(value)
            for key, value in part.items()
            if key not in WORDS
        }
    return [shape(one) for one in part] if isinstance(part, list) else part


def digest_of(schema):
    return hashlib.sha256(json.dumps(shape(schema), sort_keys=True).encode()).hexdigest()


@pytest.fixture(scope="module")
def plan(tmp_path_factory):
    """What the playbook wrote: a change of each kind, and a portal that has no plan."""
    with Simulator(portals=2) as simulator:
        for portal in simulator.portals:
            portal.state = state(catch_all(), service(2, "Changed"), service(3, "Off"), service(4, "Gone"))
        simulator.portals[1].faults = [{"method": "*", "kind": "reset", "times": 0}]
        fleet = Fleet(tmp_path_factory.mktemp("plan"), simulator.portals).wants(
            {"name": "Changed", "port": 143, "sort": 7},
            {"name": "Off", "active": False},
            {"name": "Gone", "state": "absent"},
            {"name": "New", "server": "imap.example.com"},
            {"name": "Other"},
        )
        return fleet.planned()[1]


def test_a_plan_of_the_playbook_is_as_the_schema_says(plan):
    jsonschema.validate(plan, SCHEMA, jsonschema.Draft202012Validator)
    kinds = plan["portals"]["portal-1"]["plan"]
    assert {kind: len(found) for kind, found in kinds.items()} == dict.fromkeys(kinds, 1)
    assert plan["portals"]["portal-2"]["plan"] is None and plan["portals"]["portal-1"]["effects"]


def test_the_shape_changes_with_a_new_version_only():
    version = SCHEMA["properties"]["schema_version"]["const"]
    assert version == plan_file.SCHEMA_VERSION == max(FIXED)
    assert digest_of(SCHEMA) == FIXED[version], "the shape of plan.json has changed: see FIXED in this file"


def test_words_may_change_and_nothing_else():
    def changed(change):
        other = copy.deepcopy(SCHEMA)
        change(other)
        return digest_of(other) != digest_of(SCHEMA)

    assert not changed(lambda schema: schema.update(title="x"))
    assert not changed(lambda schema: schema["$defs"]["effect"]["properties"]["to"].update(description="x"))
    assert changed(lambda schema: schema["properties"].update(title={"type": "string"}))
    assert changed(lambda schema: schema["$defs"]["effect"]["properties"]["action"]["enum"].append("x"))
    assert changed(lambda schema: schema["$defs"]["effect"]["required"].remove("to"))
    assert changed(lambda schema: schema["properties"]["removals"].clear())


def places(value, path=()):
    """The path of each map and list in a plan, from the top."""
    yield path
    for key, one in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        if isinstance(one, (dict, list)):
            yield from places(one, (*path, key))


def altered(plan):
    """Copies of a plan, each with one thing in it that is not of its shape."""
    for path in places(plan):
        for what in ("surplus", "missing", "other"):
            copied = copy.deepcopy(plan)
            at = copied
            for key in path:
                at = at[key]
            if isinstance(at, list):
                at.append({"unknown": 1})
            elif path == ("portals",) or path[-1:] == ("changes",):
                at["unknown"] = 1
            elif what == "surplus":
                at["unknown"] = 1
            else:
                key = sorted(at)[0]
                at.update({key: 1.5}) if what == "other" else at.pop(key)
            yield path, what, copied


def test_what_reconcile_takes_for_a_plan_and_what_the_schema_does_is_the_same(plan):
    validator = jsonschema.Draft202012Validator(SCHEMA)
    assert fits(plan, ARTIFACT)
    count = 0
    for path, what, copied in altered(plan):
        assert (fits(copied, ARTIFACT), validator.is_valid(copied)) == (False, False), (path, what)
        count += 1
    assert count > 50
