# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Things that are written down in two places, and have to agree."""

from __future__ import annotations

import re

import pytest
import yaml

from tests.conftest import ROOT
from tests.quality.checkout import tracked_files

MODULES = sorted(path.stem for path in (ROOT / "plugins" / "modules").glob("*.py"))
CONTROLLERS = [
    name
    for name in MODULES
    if "class ActionModule(ControllerAction)" in (ROOT / "plugins" / "action" / f"{name}.py").read_text()
]
"""Those that work for all hosts: an action, and a module file that holds nothing but documentation."""
RUNTIME = yaml.safe_load((ROOT / "meta" / "runtime.yml").read_text())
GALAXY = yaml.safe_load((ROOT / "galaxy.yml").read_text())


def text_files():
    for name in tracked_files():
        if name in ("LICENSE", "tests/quality/test_agreement.py"):
            continue
        try:
            yield name, (ROOT / name).read_text()
        except UnicodeDecodeError:
            pass


def test_the_action_group_all_names_every_module_that_takes_a_connection():
    collection = "ansible_collections.bitrix24.portal.plugins"
    specs = {
        name: __import__(f"{collection}.modules.{name}", fromlist=["SPEC"]).SPEC["argument_spec"]
        for name in MODULES
        if name not in CONTROLLERS
    }
    assert sorted(RUNTIME["action_groups"]["all"]) == sorted(
        name for name, spec in specs.items() if "webhook_url" in spec
    )


def test_every_module_has_the_action_plugin_of_its_name():
    assert sorted(path.stem for path in (ROOT / "plugins" / "action").glob("*.py")) == MODULES


@pytest.mark.parametrize("name", CONTROLLERS)
def test_an_action_of_the_controller_takes_the_options_that_are_documented(name):
    collection = "ansible_collections.bitrix24.portal.plugins"
    module = __import__(f"{collection}.modules.{name}", fromlist=["DOCUMENTATION"])
    action = __import__(f"{collection}.action.{name}", fromlist=["ActionModule"])
    documented = yaml.safe_load(module.DOCUMENTATION)["options"]
    accepted = action.ActionModule.SPEC["argument_spec"]
    for option in {*documented, *accepted}:
        texts, rules = (
            {
                key: found.get(key, usual)
                for key, usual in (("type", "str"), ("default", None), ("choices", None), ("required", False))
            }
            for found in (documented.get(option, {}), accepted.get(option, {}))
        )
        assert option in documented and option in accepted and texts == rules, option
    assert not hasattr(module, "SPEC") and not hasattr(module, "run")


@pytest.mark.parametrize("name", sorted(set(MODULES) - set(CONTROLLERS)))
def test_a_module_supports_check_mode_and_its_action_plugin_carries_it(name):
    collection = "ansible_collections.bitrix24.portal.plugins"
    module = __import__("%s.modules.%s" % (collection, name), fromlist=["SPEC"])
    action = __import__("%s.action.%s" % (collection, name), fromlist=["ActionModule"])
    assert module.SPEC["supports_check_mode"] is True
    assert action.ActionModule.MODULE is module


@pytest.mark.parametrize("name", MODULES)
def test_the_readme_names_the_module(name):
    assert name in (ROOT / "README.md").read_text()


def keys_in(documented):
    """Every return key of a RETURN section: of what it contains, and of its samples, at any depth."""
    if isinstance(documented, dict):
        for key, value in documented.items():
            yield key
            yield from keys_in(value)
    elif isinstance(documented, list):
        for item in documented:
            yield from keys_in(item)


def return_keys(name):
    module = __import__("ansible_collections.bitrix24.portal.plugins.modules.%s" % name, fromlist=["RETURN"])
    pending = list(yaml.safe_load(module.RETURN).items())
    while pending:
        key, described = pending.pop()
        yield key
        yield from keys_in(described.get("sample"))
        pending.extend(described.get("contains", {}).items())


@pytest.mark.parametrize("name", MODULES)
def test_no_return_key_is_the_name_of_a_method(name):
    # In a template `plan.update` would be the method. `sort` is the portal's own word, an option, and no method of a dict.
    methods = {method for kind in (dict, list) for method in dir(kind)} - {"sort"}
    found = set(return_keys(name))
    assert len(found) > 3 and found & methods == set()


def test_the_version_is_told_the_same_everywhere():
    found = re.search(
        r'^VERSION = "(.+)"', (ROOT / "plugins" / "module_utils" / "_version.py").read_text(), re.MULTILINE
    )
    assert found and found[1] == GALAXY["version"]


def test_python_files_carry_the_licence():
    # The simulator's files are told apart by nothing else; validate-modules wants the long form in modules only.
    lacking = [
        name
        for name, text in text_files()
        if name.startswith("plugins/") and name.endswith(".py") and "SPDX-License-Identifier" not in text[:400]
    ]
    assert lacking == []


def test_no_file_names_a_place_on_somebodys_machine():
    places = re.compile(r"(?<![\w.])/(?:root|work|home)/|/opt/(?:pypi|wheels)")
    assert [name for name, text in text_files() if places.search(text)] == []


def names(pattern):
    return {path.stem for path in ROOT.glob(pattern)}


README = (ROOT / "README.md").read_text()
TABLES = re.sub(r"\[(`\w+`)\]\([^)]*\)", r"\1", README)
ROLES = {path.name for path in (ROOT / "roles").iterdir()}
LISTS = {
    "module": {
        "plugins/modules": set(MODULES),
        "plugins/action": names("plugins/action/*.py"),
        "their own documentation": {
            yaml.safe_load(re.search(r'DOCUMENTATION = r"""\n(.*?)"""', path.read_text(), re.DOTALL)[1])["module"]
            for path in (ROOT / "plugins" / "modules").glob("*.py")
        },
        "the README's table": set(re.findall(r"/plugins/modules/(\w+)\.py\)", README)),
    },
    "role": {
        "roles": ROLES,
        "argument specs": {path.parts[-3] for path in ROOT.glob("roles/*/meta/argument_specs.yml")},
        "defaults": {path.parts[-3] for path in ROOT.glob("roles/*/defaults/main.yml")},
        "READMEs": {path.parts[-2] for path in ROOT.glob("roles/*/README.md")},
        "the README's table": set(re.findall(r"^\| `(\w+)` \| `bitrix24\.portal\.", TABLES, re.MULTILINE)),
    },
    "playbook": {
        "playbooks": names("playbooks/*.yml"),
        "the README's table": set(re.findall(r"`bitrix24\.portal\.(\w+)`", TABLES)) - set(MODULES),
    },
    "filter": {
        "plugins/filter": names("plugins/filter/*.py"),
        "their own documentation": names("plugins/filter/*.yml"),
        "the README": set(re.findall(r"filter `(\w+)`", README)),
    },
}
"""What there is of each kind, by the places that tell of it. The documentation site has a test of its own."""


@pytest.mark.parametrize("kind", LISTS)
def test_nothing_is_missing_where_there_is_a_list_of_it(kind):
    places = LISTS[kind]
    every = set().union(*places.values())
    assert every and {place: sorted(every - found) for place, found in places.items() if every - found} == {}


@pytest.mark.parametrize("name", MODULES)
def test_a_module_is_documented_in_all_three_parts(name):
    module = __import__("ansible_collections.bitrix24.portal.plugins.modules.%s" % name, fromlist=["RETURN"])
    assert all(yaml.safe_load(getattr(module, part)) for part in ("DOCUMENTATION", "EXAMPLES", "RETURN"))
    fragments = yaml.safe_load(module.DOCUMENTATION).get("extends_documentation_fragment", [])
    groups = {fragment.rpartition("portal.")[2].partition(".")[0] for fragment in fragments}
    assert groups <= names("plugins/doc_fragments/*.py")
