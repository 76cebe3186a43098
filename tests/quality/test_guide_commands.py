# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The commands and scripts that guides show for people who call REST themselves, run against the simulator that they name."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys

import pytest
import requests

from tests.conftest import ROOT
from tests.contract.replay import recordings
from tests.demo.state import STATE
from tests.playbooks import clean_environment
from tests.simulator import auth
from tests.simulator.server import Simulator

SIMULATED = "http://127.0.0.1:8024"
"""Where make simulator listens, and the guides say that it does."""
NEEDS_CURL = pytest.mark.skipif(not shutil.which("curl"), reason="There is no curl: make test-setup installs it.")


def guide(name):
    return (ROOT / "docs" / name).read_text()


def scripts(name):
    """{file name: text} of the blocks of Python that begin with one."""
    found = re.findall(r"^```python\n# (\w+\.py)\n(.*?)^```", guide(name), re.DOTALL | re.MULTILINE)
    assert found, "%s has no script any more" % name
    return dict(found)


def commands(name):
    """[(command, what it prints)] of the console blocks, without those of make and of variables."""
    found = []
    for block in re.findall(r"^```console\n(.*?)^```", guide(name), re.DOTALL | re.MULTILINE):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _newline, printed = part.partition("\n")
            if not command.startswith(("make ", "export ")):
                found.append((command, printed))
    return found


def typed(command, simulator, folder):
    """Run it in bash as somebody does who has the simulator at the documented address; returns what it printed."""
    done = subprocess.run(
        ["bash", "-c", command.replace(SIMULATED, simulator.url).replace(".venv/bin/python", "python")],
        cwd=folder,
        env=clean_environment(B24_WEBHOOK_URL=simulator.webhook()),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, "%s\n%s%s" % (command, done.stdout, done.stderr)
    return done.stdout


@pytest.fixture
def portal(tmp_path):
    for name, text in scripts("guide_simulator.md").items():
        (tmp_path / name).write_text(text)
    with Simulator(control=True) as simulator:
        simulator.state = STATE
        yield simulator


@NEEDS_CURL
@pytest.mark.parametrize("name", ["guide_simulator.md", "guide_portal.md"])
def test_every_command_prints_what_the_guide_says_that_it_prints(name, portal, tmp_path):
    shown = commands(name)
    assert len(shown) > 2
    for command, printed in shown:
        assert typed(command, portal, tmp_path) == printed or not printed, command


def test_the_guide_to_the_portal_shows_services_doubled_and_a_field_kept(portal, tmp_path):
    for command, _printed in commands("guide_portal.md"):
        typed(command, portal, tmp_path)
    rows = portal.state["services"]
    assert [row["NAME"] for row in rows].count("Branch mail") == 2
    assert next(row for row in rows if row["ID"] == "5")["SORT"] == STATE["services"][4].get("SORT", "100")
    assert "6" not in {row["ID"] for row in rows}


@NEEDS_CURL
def test_after_the_fault_that_the_guide_sets_a_creation_is_there_and_its_answer_is_not(portal, tmp_path):
    for command, _printed in commands("guide_simulator.md"):
        typed(command, portal, tmp_path)
    with pytest.raises(requests.ConnectionError):
        requests.post(portal.webhook() + "mailservice.add", json={"NAME": "Lost", "ENCRYPTION": "Y"}, timeout=10)
    assert "Lost" in [row["NAME"] for row in portal.state["services"]]


def test_the_test_that_the_guide_shows_passes(tmp_path):
    (tmp_path / "test_my_script.py").write_text(scripts("guide_simulator.md")["test_my_script.py"])
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", tmp_path / "test_my_script.py"],
        cwd=ROOT,
        env={name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert "3 passed" in done.stdout, done.stdout + done.stderr


def test_the_webhooks_and_tokens_of_the_guide_are_those_of_the_simulator():
    named = set(re.findall(r"`(/rest/\d+/\w+/|tok-[\w-]+)`", guide("guide_simulator.md")))
    known = (
        {auth.webhook_path(kind) for kind in auth.WEBHOOKS} | set(auth.TOKENS) | set(auth._REFUSED) | {"tok-invalid"}
    )
    assert named == known


def test_the_count_of_recorded_exchanges_is_right():
    assert "held to %d recorded exchanges" % len(recordings()) in guide("guide_simulator.md")


def test_what_make_simulator_says_is_where_the_guide_looks():
    main = (ROOT / "tests" / "demo" / "__main__.py").read_text()
    assert "default=%s" % SIMULATED.rpartition(":")[2] in main and "Simulator(control=True, port=port)" in main
