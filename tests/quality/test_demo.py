# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The two commands' first one, in a folder of another name and among somebody else's settings."""

from __future__ import annotations

import shutil
import subprocess
import sys

from tests.conftest import ROOT
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
        "The audit's page: ",
    )
    for words in shown:
        assert words in done.stdout, words
    warned = [line.partition("no way back: ")[2] for line in WARNING.findall(done.stderr)]
    assert warned == [
        "mailboxes of %s move to 'other'" % which for which in ("'yahoo' (id 3)", "'Trade fair 2019' (id 6)")
    ]
