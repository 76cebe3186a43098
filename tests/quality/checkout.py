# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The checkout as it stands, uncommitted files included, copied to where Ansible's tools want a collection to be."""

from __future__ import annotations

import os
import pathlib
import shutil
import subprocess
import sys

from tests.conftest import COLLECTIONS, ROOT
from tests.playbooks import clean_environment
from tests.quality import ansible_test_home

BIN = pathlib.Path(sys.executable).parent


def tracked_files(root=ROOT):
    """The files of a checkout that are in git or would be with git add."""
    # The checkout may be somebody else's, who is trusted all the same.
    command = ["git", "-c", "safe.directory=*", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=root, capture_output=True, check=True).stdout
    names = sorted(filter(None, os.fsdecode(listed).split("\0")))
    return [name for name in names if (root / name).is_file()]


def copy_checkout(folder):
    """Make folder/ansible_collections/bitrix24/portal and return its path; ansible-test refuses links."""
    copy = pathlib.Path(folder) / "ansible_collections" / "bitrix24" / "portal"
    for name in tracked_files():
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, copy / name)
    return copy


def run(*command, cwd, timeout=900, **environment):
    """Run one of the virtual environment's programs; fails with all that it printed."""
    if command[0] == "ansible-test":
        ansible_test_home.prepare()
    collections = COLLECTIONS if cwd == ROOT else cwd.parents[2]
    environment = dict({"ANSIBLE_COLLECTIONS_PATH": str(collections)}, **environment)
    done = subprocess.run(
        [str(BIN / command[0]), *map(str, command[1:])],
        cwd=cwd,
        env=clean_environment(**environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        timeout=timeout,
        check=False,
    )
    assert done.returncode == 0, "%s\n%s ended with %d" % (done.stdout, command[0], done.returncode)
    return done.stdout
