# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs what documentation shows, as it stands, against a portal like the one of make demo."""

from __future__ import annotations

import re

import yaml

from tests.demo.state import STATE
from tests.images import image
from tests.playbooks import WARNING, ansible_playbook
from tests.simulator.server import Simulator


ADOPTED = dict(
    STATE,
    services=[
        dict(row, NAME="Company mail") if row["NAME"] == "Old company mail" else row for row in STATE["services"]
    ],
)
"""A portal that has the documentation's company mail already, so that no example makes it beside one of its server."""


def yaml_blocks(page):
    return re.findall(r"^```yaml\n(.*?)^```", page.read_text(), re.DOTALL | re.MULTILINE)


def write_files(page, folder):
    """The blocks that begin with a file's name, as files."""
    for block in yaml_blocks(page):
        name = re.match(r"# (\w+\.yml)\n", block)
        if name:
            (folder / name[1]).write_text("---\n" + block)


def run_as_documented(plays, folder):
    """The connection is in the environment, and in the variables that the documentation uses. Returns the requests that the portal received."""
    with Simulator() as simulator:
        simulator.state = ADOPTED
        run_on(simulator, plays, folder)
        return simulator.requests


def run_on(simulator, plays, folder, **more):
    """Runs plays, with more variables, on a simulator that is there already. Returns what was printed."""
    playbook = folder / "playbook.yml"
    playbook.write_text(yaml.safe_dump(plays, sort_keys=False))
    (folder / "files").mkdir(exist_ok=True)
    for name in re.findall(r"icon_file: ([\w-]+\.png)", playbook.read_text()):
        (folder / "files" / name).write_bytes(image("png", seed=name))
    webhook = simulator.webhook()
    variables = {
        "portal_webhook": webhook,
        "portal_host": simulator.url.partition("//")[2],
        "bitrix24_connection": {"webhook_url": webhook},
        "mailservices_verify": "none",
        "mailservice_audit_verify": "none",
        **more,
    }
    (folder / "variables.yml").write_text(yaml.safe_dump(variables))
    done = ansible_playbook(playbook, "-e", "@variables.yml", env={"B24_WEBHOOK_URL": webhook}, cwd=folder)
    assert done.returncode == 0, done.stdout + done.stderr
    assert [line for line in WARNING.findall(done.stderr) if "no way back: mailboxes of" not in line] == [], done.stderr
    return done.stdout
