# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The JSON Schema that editors take for files of variables: made from the argument specs, and right about what passes."""

from __future__ import annotations

import json
import re

import jsonschema
import pytest
import yaml

from tests.conftest import ROOT
from tests.quality import variables_schema
from tests.roles.test_validate import FINE, WRONG

SCHEMA = json.loads(variables_schema.FILE.read_text())
CHECK = jsonschema.Draft7Validator(SCHEMA)
EXAMPLES = sorted((ROOT / "docs" / "examples" / "fleet" / "inventory").glob("*_vars/*/*.yml"))
MODELINE = re.compile(r"^# yaml-language-server: \$schema=(\S+)$", re.MULTILINE)
WITH_A_MODELINE = [path for path in EXAMPLES if path.name == "mailservices.yml"]
NEEDS_MORE_THAN_A_FILE = {
    "two entries for one service",
    "names that differ in case",
    "a variable that needs another",
    "an icon that is not there",
    "nothing at all that is wanted",
    "a purge of everything",
    "an exception that has expired",
}
"""What an editor cannot know, which validate tells."""


class Loader(yaml.SafeLoader):
    """YAML as an editor reads it: no dates, and what is vaulted is text."""


Loader.yaml_implicit_resolvers = {
    first: [found for found in resolvers if found[0] != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
Loader.add_constructor("!vault", lambda loader, node: loader.construct_scalar(node))


def problems(variables):
    return [error.message for error in CHECK.iter_errors(variables)]


def test_the_file_is_what_the_argument_specs_make():
    assert variables_schema.FILE.read_text() == variables_schema.text(), "run python -m tests.quality.variables_schema"


def test_it_is_a_schema():
    jsonschema.Draft7Validator.check_schema(SCHEMA)


def test_no_markup_of_ansible_is_left_in_it():
    assert re.findall(r"\b[A-Z]{1,2}\([^)]*\)", variables_schema.FILE.read_text()) == []


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_the_examples_variables_pass(path):
    assert problems(yaml.load(path.read_text(), Loader)) == []


@pytest.mark.parametrize("variables", [FINE["portals"]["vars"], *FINE["portals"]["hosts"].values()])
def test_what_validate_passes_the_schema_passes(variables):
    assert problems(variables) == []


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_in_a_file_by_itself_the_schema_refuses(case):
    assert bool(problems(WRONG[case][0])) is (case not in NEEDS_MORE_THAN_A_FILE)


@pytest.mark.parametrize(
    "variables",
    [
        {"mailservices_wanted": None, "mailservices_purge": None},
        {"mailservices_wanted": "{{ common + own }}", "mailservices_max_removals": "{{ limit }}"},
        {"mailservices_wanted": [{"name": "A", "port": "{{ port | default(omit) }}", "active": "yes", "link": None}]},
        {"mailservices_wanted": [{"preset": "gmail", "state": "absent"}, {"id": 7}]},
        {
            "mailservices_protect": "Partner *, Old",
            "mailservices_protect_ids": "3, 4",
            "mailservices_max_removals": "5",
        },
        {"mailservices_protect_ids": [3, "4"], "mailservices_stop_all": "no"},
        {"bitrix24_connection": "{{ vaulted }}", "something_else": [1]},
        {"bitrix24_connection": {"webhook_url": "https://portal.example.com/rest/1/x/", "timeout": 5}},
    ],
)
def test_what_modules_take_passes(variables):
    assert problems(variables) == []


@pytest.mark.parametrize(
    "variables",
    [
        {"mailservices_wanted": [{"preset": "gmial"}]},
        {"mailservices_wanted": {"name": "A"}},
        {"mailservices_wanted": ["A"]},
        {"mailservices_wanted": [{"name": 163}]},
        {"mailservices_wanted": [{"name": "A", "port": 0}]},
        {"mailservices_wanted": [{"name": "A", "nam": "B"}]},
        {"mailservices_protect": "['a']"},
        {"bitrix24_connection": {"webhook": "https://portal.example.com/rest/1/x/"}},
        {"mailservice_audit_exceptions": [{"portal": "*", "until": "2999-12-31"}]},
        {"mailservice_audit_fail_on": ["drif"]},
    ],
)
def test_what_no_module_takes_is_refused(variables):
    assert problems(variables)


@pytest.mark.parametrize("path", WITH_A_MODELINE, ids=lambda path: path.parent.name)
def test_the_examples_name_the_schema_as_it_is_published(path):
    homepage = yaml.safe_load((ROOT / "galaxy.yml").read_text())["repository"]
    place = variables_schema.FILE.relative_to(ROOT)
    assert MODELINE.findall(path.read_text()) == [f"{homepage}/raw/main/{place}"]
