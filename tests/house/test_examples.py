# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every module's EXAMPLES, run as they stand against a portal like the one of make demo."""

from __future__ import annotations

import pytest
import yaml

from tests.conftest import ROOT
from tests.demo.state import STATE
from tests.playbooks import ansible_playbook
from tests.simulator.server import Simulator

MODULES = sorted((ROOT / "plugins" / "modules").glob("*.py"))


def examples(path):
    module = __import__("ansible_collections.bitrix24.portal.plugins.modules.%s" % path.stem, fromlist=["EXAMPLES"])
    return yaml.safe_load(module.EXAMPLES)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_the_examples_run_as_they_stand(path, tmp_path):
    """The connection is in the environment, and in the variables that the documentation uses."""
    playbook = tmp_path / "playbook.yml"
    playbook.write_text(yaml.safe_dump([{"hosts": "localhost", "gather_facts": False, "tasks": examples(path)}], sort_keys=False))
    with Simulator() as simulator:
        simulator.state = STATE
        webhook = simulator.webhook()
        variables = {"portal_webhook": webhook, "portal_host": simulator.url.partition("//")[2]}
        arguments = [argument for name, value in variables.items() for argument in ("-e", "%s=%s" % (name, value))]
        done = ansible_playbook(playbook, *arguments, env={"B24_WEBHOOK_URL": webhook}, cwd=tmp_path)
        assert simulator.requests
    assert done.returncode == 0, done.stdout + done.stderr
    assert "[WARNING]" not in done.stderr, done.stderr


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_every_example_has_a_name_and_most_use_the_module(path):
    tasks = examples(path)
    assert all(task.get("name") for task in tasks)
    assert any("bitrix24.portal.%s" % path.stem in task for task in tasks)
