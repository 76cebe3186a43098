# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The EXAMPLES of every module and filter, run as they stand against a portal like the one of make demo."""

from __future__ import annotations

import pytest
import yaml

from tests.conftest import ROOT
from tests.quality.documented import run_as_documented

MODULES = sorted((ROOT / "plugins" / "modules").glob("*.py"))


ASKS_NO_PORTAL = {"mailservice_validate"}
FILTERS = sorted((ROOT / "plugins" / "filter").glob("merge_*.yml"))


def examples(path):
    if path in FILTERS:
        return yaml.safe_load(yaml.safe_load(path.read_text())["EXAMPLES"])
    module = __import__("ansible_collections.bitrix24.portal.plugins.modules.%s" % path.stem, fromlist=["EXAMPLES"])
    return yaml.safe_load(module.EXAMPLES)


@pytest.mark.parametrize("path", MODULES + FILTERS, ids=lambda path: path.stem)
def test_the_examples_run_as_they_stand(path, tmp_path):
    asked = run_as_documented([{"hosts": "localhost", "gather_facts": False, "tasks": examples(path)}], tmp_path)
    assert bool(asked) is (path.stem not in ASKS_NO_PORTAL)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_every_example_has_a_name_and_most_use_the_module(path):
    tasks = examples(path)
    assert all(task.get("name") for task in tasks)
    assert any("bitrix24.portal.%s" % path.stem in task for task in tasks)
