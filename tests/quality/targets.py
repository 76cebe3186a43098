# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The integration targets as a playbook of their own, for make coverage: ansible-test hands no measuring on."""

from __future__ import annotations

import pathlib
import sys
import tempfile

import yaml

from tests.conftest import ROOT, pytest_configure
from tests.demo.state import STATE
from tests.playbooks import ansible_playbook
from tests.simulator.server import Simulator

TARGETS = ROOT / "tests" / "integration" / "targets"


def run_target(name, folder):
    with Simulator(control=True) as simulator:
        play = {
            "hosts": "localhost",
            "gather_facts": True,
            "vars": {
                "portal_url": simulator.url,
                "portal_webhook": simulator.webhook(),
                "portal_control": simulator.url + "/_control",
                "portal_state": STATE,
                "output_dir": str(folder),
            },
            "roles": [name],
        }
        (folder / "playbook.yml").write_text(yaml.safe_dump([play]))
        return ansible_playbook(folder / "playbook.yml", cwd=folder, env={"ANSIBLE_ROLES_PATH": str(TARGETS)})


def main():
    pytest_configure()
    for name in sorted(path.parents[1].name for path in TARGETS.glob("*/meta/main.yml")):
        with tempfile.TemporaryDirectory() as folder:
            done = run_target(name, pathlib.Path(folder))
        print(name, "passed" if done.returncode == 0 else "failed", flush=True)
        if done.returncode:
            sys.exit(done.stdout + done.stderr)


if __name__ == "__main__":
    main()
