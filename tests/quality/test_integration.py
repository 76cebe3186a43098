# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The ansible-test integration targets, against a simulator that this test starts."""

from __future__ import annotations

import re

import pytest
import yaml

from tests.conftest import NEEDS_A_PATH_WITHOUT_BLANKS
from tests.demo.state import STATE
from tests.playbooks import WARNING, ansible_playbook
from tests.quality.checkout import copy_checkout, run
from tests.simulator.server import Simulator

# ansible-core 2.16 breaks long ones over several lines.
WARNINGS = re.compile(WARNING.pattern + r"(?:\n(?!\[|TASK |PLAY |ok:|changed:|skipping:|fatal:|$).+)*", re.MULTILINE)


def variables(simulator):
    return {
        "portal_url": simulator.url,
        "portal_webhook": simulator.webhook(),
        "portal_control": simulator.url + "/_control",
        "portal_state": STATE,
    }


@pytest.fixture
def copy(tmp_path):
    return copy_checkout(tmp_path)


def run_targets(copy, *targets):
    with Simulator(control=True) as simulator:
        config = copy / "tests" / "integration" / "integration_config.yml"
        config.write_text(yaml.safe_dump(variables(simulator)))
        return run("ansible-test", "integration", "--color", "no", *targets, cwd=copy)


def expected_warnings(copy):
    for path in (copy / "tests" / "integration" / "targets").glob("*/tasks/*.yml"):
        for patterns in re.findall(r"expected_warnings: (\[.*\])", path.read_text()):
            yield from yaml.safe_load(patterns)


@NEEDS_A_PATH_WITHOUT_BLANKS
def test_the_integration_targets_pass_and_warn_of_nothing_unexpected(copy):
    output = run_targets(copy)
    expected = list(expected_warnings(copy))
    warnings = [" ".join(found.split("\n")) for found in WARNINGS.findall(output)]
    assert [text for text in warnings if not any(re.search(pattern, text) for pattern in expected)] == []


@pytest.fixture
def guarded(copy, tmp_path):
    """Run one task on the copy under the guard that integration.cfg puts over the targets."""

    def guarded(task):
        play = {"hosts": "localhost", "gather_facts": False, "tasks": [dict(task, name="The task")]}
        playbook = tmp_path / "playbook.yml"
        plugins = copy / "tests" / "integration" / "targets" / "setup_portal" / "callback_plugins"
        with Simulator(control=True) as simulator:
            simulator.state = STATE
            playbook.write_text(yaml.safe_dump([dict(play, vars=variables(simulator))]))
            env = {
                "ANSIBLE_COLLECTIONS_PATH": str(tmp_path),
                "ANSIBLE_CALLBACK_PLUGINS": str(plugins),
                "B24_WEBHOOK_URL": simulator.webhook(),
            }
            return ansible_playbook(playbook, env=env, cwd=tmp_path)

    return guarded


WARNS = {"bitrix24.portal.mailservice_info": {"validate_certs": False}}
WRITES = {"bitrix24.portal.mailservice": {"name": "New mail", "server": "imap.new.example.com"}, "check_mode": True}


def test_the_guard_lets_pass_what_is_in_order(guarded):
    done = guarded(WRITES)
    assert done.returncode == 0 and "portal_guard" not in done.stdout + done.stderr


def test_an_unexpected_warning_fails_the_run(guarded):
    done = guarded(WARNS)
    assert done.returncode != 0 and "portal_guard: The task: unexpected warning" in done.stdout


def test_a_warning_that_the_task_expects_does_not_fail_the_run(guarded):
    assert guarded(dict(WARNS, vars={"expected_warnings": ["validate_certs"]})).returncode == 0


def test_a_write_in_check_mode_fails_the_run(guarded, copy):
    runner = copy / "plugins" / "module_utils" / "_runner.py"
    runner.write_text(runner.read_text().replace("self.check_mode = check_mode", "self.check_mode = False"))
    done = guarded(WRITES)
    assert done.returncode != 0 and "portal_guard: The task: wrote to the portal in check mode" in done.stdout
