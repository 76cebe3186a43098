# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a role says of itself in several places, and what it must not hold."""

from __future__ import annotations

import inspect
import re

import pytest
import yaml

from ansible_collections.bitrix24.portal.plugins.filter.merge_entries import FilterModule
from ansible_collections.bitrix24.portal.plugins.module_utils._argspec import CONNECTION_SPEC
from ansible_collections.bitrix24.portal.plugins.modules.mailservice_set import SPEC
from tests.conftest import ROOT

ROLES = ("mailservices", "mailservice_export")
OF_A_WRITE = {"mailservices", "baseline", "expect_plan", "journal", "journal_context", "backup_dir"}
SHOWN_BY_THE_ROLE = {"warn_of_effects"}
OF_THE_ACTION = {"icon_contents"}
OF_THE_PLAN = {"verify"}
"""Servers are looked at once, for the plan, and by default; tests/roles/test_verify.py has what the role makes of it."""

FOREIGN = {"bitrix24_connection", "bitrix24_expected_host"}


def defaults(role):
    return yaml.safe_load((ROOT / "roles" / role / "defaults" / "main.yml").read_text())


def options(role):
    return yaml.safe_load((ROOT / "roles" / role / "meta" / "argument_specs.yml").read_text())["argument_specs"][
        "main"
    ]["options"]


def tasks(role):
    return "".join(path.read_text() for path in sorted((ROOT / "roles" / role / "tasks").glob("*.yml")))


@pytest.mark.parametrize("role", ROLES)
def test_every_variable_of_a_role_has_its_prefix_a_default_and_a_description(role):
    assert set(options(role)) == set(defaults(role)) and all(name.startswith(role + "_") for name in options(role))
    for name, option in options(role).items():
        if not (isinstance(defaults(role)[name], str) and "{{" in defaults(role)[name]):
            assert option.get("default") == defaults(role)[name], name


@pytest.mark.parametrize("role", ROLES)
def test_every_variable_is_used_and_no_option_of_the_connection_is_repeated(role):
    assert [
        name for name in options(role) if name not in tasks(role) + "".join(map(str, defaults(role).values()))
    ] == []
    assert set(re.findall(r"^\s+(\w+):", tasks(role), re.MULTILINE)) & set(CONNECTION_SPEC) == {"expected_host"}


def test_the_role_passes_every_option_of_the_module_on_with_the_modules_default():
    spec = SPEC["argument_spec"]
    of_the_set = set(spec) - set(CONNECTION_SPEC) - OF_A_WRITE - SHOWN_BY_THE_ROLE - OF_THE_ACTION - OF_THE_PLAN
    passed = dict(re.findall(r"^ {11}(\w+)=(mailservices_\w+)[,)]", tasks("mailservices"), re.MULTILINE))
    assert passed == {name: "mailservices_" + name for name in of_the_set}
    assert {name: defaults("mailservices")[variable] for name, variable in passed.items()} == {
        name: spec[name]["default"] for name in of_the_set
    }


def test_the_one_filter_is_documented_with_the_parameters_that_it_has():
    assert [path.stem for path in sorted((ROOT / "plugins" / "filter").glob("*.*"))] == ["merge_entries"] * 2
    (function,) = FilterModule().filters().values()
    _context, *parameters = inspect.signature(function).parameters.items()
    documented = yaml.safe_load((ROOT / "plugins" / "filter" / "merge_entries.yml").read_text())["DOCUMENTATION"]
    assert (
        documented["positional"].split(", ")
        == list(documented["options"])
        == ["_input", *[name for name, _parameter in parameters[1:]]]
    )
    for name, parameter in parameters[1:]:
        option = documented["options"][name]
        assert option.get("required", False) == (parameter.default is parameter.empty), name
        assert option.get("required", False) or option["default"] == parameter.default, name
