# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes docs/schema/variables.schema.json out of the argument specs: python -m tests.quality.variables_schema.

Editors take it for files of variables. It is of draft 7, the newest one that they all know.
"""

from __future__ import annotations

import json
import re

import yaml
from ansible.module_utils.parsing.convert_bool import BOOLEANS

from tests.conftest import ROOT
from tests.quality import catalogue

# Beside tests.conftest, which makes the checkout importable.
from ansible_collections.bitrix24.portal.plugins.doc_fragments import connection  # isort: skip
from ansible_collections.bitrix24.portal.plugins.module_utils._argspec import CONNECTION_SPEC, ENTRY_SPEC  # isort: skip
from ansible_collections.bitrix24.portal.plugins.module_utils._planning.checks import MAX_TEXT, MOST  # isort: skip
from ansible_collections.bitrix24.portal.plugins.modules import mailservice  # isort: skip
from ansible_collections.bitrix24.portal.plugins.plugin_utils._options.names import ROLES  # isort: skip

FILE = ROOT / "docs" / "schema" / "variables.schema.json"
ENTRIES = ("mailservices_wanted", "mailservices_baseline")
NAMES = ("name", "server", "link")
FLAGS = sorted({flag for flag in BOOLEANS if isinstance(flag, str)})
KINDS = {
    "str": {"type": "string"},
    "path": {"type": "string"},
    "int": {"anyOf": [{"type": "integer"}, {"type": "string", "pattern": "^[+-]?[0-9]+$"}]},
    "bool": {"enum": [True, False, 1, 0, *FLAGS]},
    "dict": {"type": "object"},
    "raw": {},
}
OTHERS = {
    "bitrix24_expected_host": (
        "Where the connection of this host must lead: HOST, HOST:PORT or HOST/BASE. By default the host's own name."
    ),
    "webhook_expires": "The day on which the webhook runs out, for example 2027-03-31.",
}
MARKUP = re.compile(r"\b(?:RV|HORIZONTALLINE|[OVCMPEIB])\(([^()]*)\)")


def plain(description):
    """The first paragraph of a description without Ansible's markup, in one line."""
    text = description if isinstance(description, str) else description[0]
    text = MARKUP.sub(lambda found: re.sub(r"^ignore:|#\w+(?::|$)|^\w+\[\]\.", "", found[1]), text)
    return re.sub(r"\s+", " ", text)


def option(about, description, kind=None):
    """One option: of its kind, a template, or nothing, which stands for one that is not given."""
    found = {
        "description": plain(description),
        "anyOf": [kind or of_kind(about), {"$ref": "#/definitions/template"}, {"type": "null"}],
    }
    if about.get("default") is not None:
        found["default"] = about["default"]
    return found


def of_kind(about):
    kind = about.get("type", "str")
    if kind != "list":
        return {"enum": about["choices"]} if about.get("choices") else KINDS[kind]
    part = {"enum": about["choices"]} if about.get("choices") else KINDS[about.get("elements", "raw")]
    parts = {"type": "array", "items": {"anyOf": [part, {"$ref": "#/definitions/template"}]}}
    # Text stands for a list of names or numbers, parted by commas.
    return parts if about.get("elements") == "dict" else {"anyOf": [parts, {"type": "string", "pattern": "^[^\\[{]*$"}]}


def entry():
    """The options of one mail service, as a task of its own documents them."""
    documented = yaml.safe_load(mailservice.DOCUMENTATION)["options"]
    kinds = {name: {"type": "string", "maxLength": MAX_TEXT} for name in NAMES}
    kinds.update({name: {"type": "integer", "minimum": 1, "maximum": most} for name, most in MOST.items()})
    kinds["id"] = {"type": "integer", "minimum": 1}
    kinds["preset"] = {"enum": sorted(catalogue.load())}
    return {
        "type": "object",
        "properties": {
            name: option(about, documented[name]["description"], kinds.get(name)) for name, about in ENTRY_SPEC.items()
        },
        "additionalProperties": False,
        "anyOf": [{"required": [name]} for name in ("name", "id", "preset")],
    }


def exception(about):
    return {
        "type": "object",
        "properties": {name: option(part, part["description"]) for name, part in about["options"].items()},
        "required": [name for name, part in about["options"].items() if part.get("required")],
        "additionalProperties": False,
    }


def schema():
    properties, definitions = {}, {}
    for role in ROLES:
        path = ROOT / "roles" / role.rpartition(".")[2] / "meta" / "argument_specs.yml"
        for name, about in yaml.safe_load(path.read_text())["argument_specs"]["main"]["options"].items():
            found = option(about, about["description"])
            definition = "mail_service" if name in ENTRIES else "exception" if about.get("options") else None
            if definition is not None:
                found["anyOf"][0]["items"]["anyOf"][0] = {"$ref": f"#/definitions/{definition}"}
            if definition == "exception":
                definitions[definition] = exception(about)
            properties.setdefault(name, found)
    connection_options = yaml.safe_load(connection.ModuleDocFragment.DOCUMENTATION)["options"]
    connection_kind = {
        "type": "object",
        "properties": {
            name: option(about, connection_options[name]["description"]) for name, about in CONNECTION_SPEC.items()
        },
        "additionalProperties": False,
    }
    properties["bitrix24_connection"] = option(
        {},
        "How the portal is reached; a webhook alone will do. Keep it in a vault.",
        {"anyOf": [connection_kind, KINDS["str"]]},
    )
    properties.update({name: option({}, description) for name, description in OTHERS.items()})
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "Variables of the collection bitrix24.portal, in the files of an inventory",
        "description": "Made from the argument specs. Other variables may stand beside these.",
        "type": "object",
        "properties": dict(sorted(properties.items())),
        "definitions": {
            "template": {"type": "string", "pattern": "\\{[{%]", "description": "A template of Jinja."},
            "mail_service": entry(),
            **definitions,
        },
    }


def text():
    return json.dumps(schema(), indent=2, ensure_ascii=False, default=str) + "\n"


if __name__ == "__main__":
    FILE.write_text(text())
