# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What infra.aap_configuration takes, out of clones of it and of AWX, as tests/engines/awx_facts.json holds it.

    python -m tests.engines.awx_facts CLONE_OF_AAP_CONFIGURATION CLONE_OF_AWX

A role of that collection reads what it knows of an item and passes over the rest, so a name counts that the role reads.
Of what kind its value is, the module of awx.awx says that the role hands it to.
"""

from __future__ import annotations

import ast
import json
import pathlib
import re
import subprocess
import sys

import yaml

FACTS = pathlib.Path(__file__).with_suffix(".json")

# Variable: the role that reads it, the file of its tasks, the module.
VARIABLES = {
    "controller_settings": ("controller_settings", "main", "settings"),
    "controller_instance_groups": ("controller_instance_groups", "main", "instance_group"),
    "controller_credential_types": ("controller_credential_types", "main", "credential_type"),
    "controller_credentials": ("controller_credentials", "main", "credential"),
    "controller_execution_environments": ("controller_execution_environments", "main", "execution_environment"),
    "controller_projects": ("controller_projects", "main", "project"),
    "controller_inventories": ("controller_inventories", "main", "inventory"),
    "controller_inventory_sources": ("controller_inventory_sources", "main", "inventory_source"),
    "controller_templates": ("controller_job_templates", "main", "job_template"),
    "controller_workflows": ("controller_workflow_job_templates", "main", "workflow_job_template"),
    "simplified_workflow_nodes": (
        "controller_workflow_job_templates",
        "add_workflows_schema",
        "workflow_job_template_node",
    ),
    "controller_schedules": ("controller_schedules", "main", "schedule"),
}
LINE = re.compile(r'^    (\w+):\s+"\{\{(.*)\}\}"', re.MULTILINE)
READ = re.compile(r"__\w*item\.(\w+)")


def show(clone, path):
    return subprocess.run(
        ["git", "-C", clone, "show", f"HEAD:{path}"], check=True, capture_output=True, text=True
    ).stdout


def options_of(module, clone):
    """{option: {type, choices, elements, required}} of a module of awx.awx, defaults left out."""
    tree = ast.parse(show(clone, f"awx_collection/plugins/modules/{module}.py"))
    (spec,) = [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "argument_spec"
    ]
    found = {}
    for option in spec.keywords:
        rules = {rule.arg: rule.value for rule in option.value.keywords}
        found[option.arg] = {
            name: ast.literal_eval(rules[name])
            for name in ("type", "choices", "elements", "required")
            if name in rules and not isinstance(rules[name], ast.Call)
        }
    return found


def facts(role, tasks, module, aap, awx):
    """{name in an item: what its value is} of one variable."""
    options, found, nodes = options_of(module, awx), {}, tasks != "main"
    # What the items of nodes are read for is the workflow that they are in.
    text = show(aap, f"roles/{role}/tasks/{tasks}.yml").replace("__workflow_loop_item.", "" if nodes else "__item.")
    for option, template in LINE.findall(text):
        for name in READ.findall(template) if option in options else ():
            if name not in ("related", "inventory") or name == option:
                rules = {key: rule for key, rule in options[option].items() if key != "required"}
                found.setdefault(name, dict(rules, required=True) if "mandatory" in template else rules)
    if module == "workflow_job_template":
        found["simplified_workflow_nodes"] = {"type": "list", "elements": "dict"}
    return dict(sorted(found.items()))


def main(aap, awx):
    source = {
        name: subprocess.run(
            ["git", "-C", clone, "log", "-1", "--format=%H %cs"], check=True, capture_output=True, text=True
        ).stdout.strip()
        for name, clone in (("infra.aap_configuration 3.0.0", aap), ("awx.awx", awx))
    }
    variables = {name: facts(*places, aap, awx) for name, places in VARIABLES.items()}
    lines = ",\n".join(
        f"    {json.dumps(name)}: {{\n"
        + ",\n".join(f"      {json.dumps(option)}: {json.dumps(rules)}" for option, rules in options.items())
        + "\n    }"
        for name, options in variables.items()
    )
    roles = yaml.safe_load(show(aap, "roles/dispatch/defaults/main.yml"))["controller_configuration_dispatcher_roles"]
    dispatched = json.dumps(sorted({role["var"] for role in roles}))
    FACTS.write_text(
        f'{{\n  "source": {json.dumps(source)},\n  "dispatched": {dispatched},\n  "variables": {{\n{lines}\n  }}\n}}\n'
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
