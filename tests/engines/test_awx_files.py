# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files of docs/examples/awx: each name in them is one that infra.aap_configuration reads and leads somewhere."""

from __future__ import annotations

import json
import re

import pytest
import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from tests.conftest import ROOT
from tests.engines.awx import EXAMPLES, PLAYS, load, variables
from tests.engines.awx_facts import FACTS, VARIABLES

DISPATCHED, READ = (json.loads(FACTS.read_text())[key] for key in ("dispatched", "variables"))
ITEMS = [(name, item) for name, items in variables().items() for item in items]
NODES = [
    ("simplified_workflow_nodes", node)
    for flow in variables()["controller_workflows"]
    for node in flow["simplified_workflow_nodes"]
]
SURVEYS = [item["survey_spec"] for dummy, item in ITEMS if "survey_spec" in item]

# What AWX takes for a playbook of a project: a line like this in a file .yml.
COULD_BE_PLAYBOOK = re.compile(
    r"^\s*?-?\s*?(?:hosts|(ansible\.builtin\.)?include|(ansible\.builtin\.)?import_playbook):\s*?.*?$", re.MULTILINE
)


def errors_of(variable, item):
    return ArgumentSpecValidator(READ[variable]).validate(item).error_messages


def names_of(variable):
    return {item["name"] for item in variables()[variable]}


@pytest.mark.parametrize("variable, item", ITEMS + NODES, ids=lambda value: value if isinstance(value, str) else "")
def test_an_item_has_only_names_that_its_role_reads_and_values_that_its_module_takes(variable, item):
    assert errors_of(variable, item) == []


@pytest.mark.parametrize("variable", sorted(VARIABLES))
def test_a_name_that_a_role_does_not_read_is_found(variable):
    (item, *_others) = [item for name, item in ITEMS + NODES if name == variable]
    assert (
        errors_of(variable, dict(item, playbok="x")) and errors_of(variable, dict(item, state="here"))
        if "state" in READ[variable]
        else True
    )
    required = [name for name, rules in READ[variable].items() if rules.get("required")]
    assert all(errors_of(variable, {key: value for key, value in item.items() if key != name}) for name in required)


def test_the_playbook_that_sets_it_up_reads_every_file():
    (play,) = yaml.safe_load((EXAMPLES / "configure.yml").read_text())
    read = {name.replace("{{ runs_on }}", kind) for name in play["vars_files"] for kind in ("machines", "kubernetes")}
    assert read == {path.name for path in EXAMPLES.glob("*.yml")} - {"configure.yml"}
    (task,) = play["tasks"]
    assert task["ansible.builtin.include_role"] == {"name": "infra.aap_configuration.dispatch"}
    assert set(variables()) <= set(DISPATCHED)


def test_what_a_template_names_is_there():
    for template in variables()["controller_templates"]:
        assert template["project"] in names_of("controller_projects")
        assert template["inventory"] in names_of("controller_inventories")
        assert template["execution_environment"] in names_of("controller_execution_environments")
        assert set(template["credentials"]) <= names_of("controller_credentials")
        assert set(template["instance_groups"]) <= names_of("controller_instance_groups")
        text = (EXAMPLES / "project" / template["playbook"]).read_text()
        assert COULD_BE_PLAYBOOK.search(text)
    (source,) = variables()["controller_inventory_sources"]
    assert source["inventory"] in names_of("controller_inventories")
    assert source["source_project"] in names_of("controller_projects")
    assert (ROOT / "docs" / "examples" / "fleet" / source["source_path"]).is_file()
    assert {project["default_environment"] for project in variables()["controller_projects"]} <= names_of(
        "controller_execution_environments"
    )


def test_nobody_gets_from_the_plan_to_the_portals_but_by_an_approval():
    (flow,) = variables()["controller_workflows"]
    nodes = {node["identifier"]: node for node in flow["simplified_workflow_nodes"]}
    assert all(
        node.get("unified_job_template") in names_of("controller_templates")
        for node in nodes.values()
        if "approval_node" not in node
    )
    assert {name: node.get("success_nodes", []) for name, node in nodes.items()} == {
        "plan": ["approve"],
        "approve": ["reconcile"],
        "reconcile": ["audit"],
        "audit": [],
    }
    assert "approval_node" in nodes["approve"] and not any(
        "always_nodes" in node or "failure_nodes" in node for node in nodes.values()
    )
    # Variables of whoever starts it would go before the plan that is handed over.
    assert flow["ask_variables_on_launch"] is False
    assert not any(template.get("ask_variables_on_launch") for template in variables()["controller_templates"])


def test_the_variables_of_templates_and_surveys_are_those_of_the_roles_and_playbooks():
    known = {"bitrix24_portals"}
    for role in ("mailservices", "mailservice_audit"):
        specs = yaml.safe_load((ROOT / "roles" / role / "meta" / "argument_specs.yml").read_text())
        known |= set(specs["argument_specs"]["main"]["options"])
    given = {name for template in variables()["controller_templates"] for name in template["extra_vars"]}
    asked = {question["variable"] for survey in SURVEYS for question in survey["spec"]}
    assert given | asked <= known and given and asked
    assert all("bitrix24_portals" in (ROOT / "playbooks" / f"{name}.yml").read_text() for name in PLAYS)


@pytest.mark.parametrize("survey", SURVEYS, ids=lambda survey: survey["name"])
def test_a_survey_is_one_that_awx_takes(survey):
    kinds = {"text": str, "textarea": str, "password": str, "integer": int, "float": float}
    assert isinstance(survey["name"], str) and isinstance(survey["description"], str) and survey["spec"]
    for question in survey["spec"]:
        assert isinstance(question["required"], bool) and isinstance(question["question_name"], str)
        assert question["default"] == "" or isinstance(question["default"], kinds[question["type"]])
        assert not isinstance(question["default"], bool)
        assert isinstance(question["min"], int) and isinstance(question["max"], int)
        assert (
            question["default"] == ""
            or question["type"] != "integer"
            or question["min"] <= question["default"] <= question["max"]
        )
    asked = [question["variable"] for question in survey["spec"]]
    assert len(asked) == len(set(asked))


def test_a_schedule_is_one_that_awx_takes():
    for schedule in variables()["controller_schedules"]:
        assert schedule["unified_job_template"] in names_of("controller_templates")
        assert re.fullmatch(r"DTSTART;TZID=[\w/]+:\d{8}T\d{6} RRULE:FREQ=DAILY;INTERVAL=\d+", schedule["rrule"])


def test_a_credential_type_names_only_fields_that_it_has_and_keeps_secrets_out_of_the_environment():
    for kind in variables()["controller_credential_types"]:
        fields = {field["id"]: field for field in kind["inputs"]["fields"]}
        assert set(kind["inputs"]["required"]) <= set(fields)
        assert any(field.get("secret") for field in fields.values()) and set(kind["injectors"]) == {"extra_vars"}
        used = set(re.findall(r"\{\{ (\w+) \}\}", json.dumps(kind["injectors"])))
        assert used == set(fields)


def test_what_is_secret_in_a_credential_is_a_variable():
    for credential in load("credentials.yml")["controller_credentials"]:
        assert all(re.fullmatch(r"\{\{ \w+ \}\}", value) for value in credential["inputs"].values())
