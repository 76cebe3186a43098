# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The two commands' first one, in a folder of another name and among somebody else's settings."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys

from tests.conftest import ROOT
from tests.demo.state import STATE
from tests.playbooks import WARNING, clean_environment
from tests.quality.checkout import tracked_files


def test_the_demonstration_shows_what_it_promises_in_a_folder_of_any_name(tmp_path):
    folder = tmp_path / "a folder of another name"
    for name in tracked_files():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, folder / name)
    # What make puts there before it starts the demonstration.
    link = folder / ".cache" / "collections" / "ansible_collections" / "bitrix24" / "portal"
    link.parent.mkdir(parents=True)
    link.symlink_to("../../../..")
    home = tmp_path / "home"
    home.mkdir()
    (home / ".ansible.cfg").write_text("[defaults]\nstdout_callback = of_the_home\n")
    environment = clean_environment(
        HOME=str(home), ANSIBLE_COLLECTIONS_PATH="/nowhere", ANSIBLE_STDOUT_CALLBACK="of_the_environment"
    )
    command = [sys.executable, "-m", "tests.demo"]
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert [path.name for path in home.iterdir()] == [".ansible.cfg"]
    shown = (
        "changed=5 ",
        "changed=0 ",
        "changed=2 ",
        '"Branch mail (id 5)":\n-  port: 143\n+  port: 993\n',
        '"Old company mail (id 4)":\n-  name: "Old company mail"\n+  name: "Company mail"\n',
        "  'Branch mail' (id 5): The new port is copied to every mailbox",
        "1 has drifted, 2 are in order",
        "The audit's page, for a browser: ",
    )
    for words in shown:
        assert words in done.stdout, words
    said, meant, red = done.stdout.partition("The red lines at its end are meant: ")
    assert "fatal: [south]" in red and "fatal: " not in said
    before_the_diff = done.stdout.partition("--- before: ")[0]
    assert "- is how it is on the portal, + is what the task would write" in before_the_diff
    warned = [line.partition("no way back: ")[2] for line in WARNING.findall(done.stderr)]
    assert warned == [
        "mailboxes of %s move to 'other'" % which for which in ("'yahoo' (id 3)", "'Trade fair 2019' (id 6)")
    ]


def test_make_says_what_it_waits_for_before_it_installs(tmp_path):
    shutil.copy(ROOT / "Makefile", tmp_path)
    for name in ("requirements.txt", "tests/requirements.txt", "tests/requirements-alone.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    python = tmp_path / "python"
    python.write_text('#!/bin/sh\ncase "$*" in *venv*) echo "venv is made"; exit 1;; esac\n')
    python.chmod(0o755)
    done = subprocess.run(
        ["make", "demo", "PYTHON=%s" % python], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
    )
    told, made, rest = done.stdout.partition("venv is made\n")
    assert made and re.search(r"half a minute.* from PyPI into the folder \.venv", told), done.stdout + done.stderr


def test_every_mailbox_of_the_demonstration_has_what_the_portals_table_demands():
    assert all(mailbox["SERVER"] and mailbox["PORT"] for mailbox in STATE["mailboxes"])
