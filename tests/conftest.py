# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Makes the checkout importable as ansible_collections.bitrix24.portal, whatever its folder is called, and keeps the user's settings out."""

from __future__ import annotations

import collections
import os
import pathlib
import sys

import hypothesis
import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent
COLLECTIONS = ROOT / ".cache" / "collections"

# The home of every program that a test starts; the variable says where that of the user is.
HOME = ROOT / ".cache" / "home"
USERS_HOME = "PORTAL_TESTS_USERS_HOME"

# The same cases at every run, so that a change is not blamed for what it did not do. HYPOTHESIS_EXAMPLES asks for new ones.
hypothesis.settings.register_profile("steady", derandomize=True, deadline=None)
if not os.environ.get("HYPOTHESIS_EXAMPLES"):
    hypothesis.settings.load_profile("steady")

# Both build a command line of the interpreter's path without quoting it.
NEEDS_A_PATH_WITHOUT_BLANKS = pytest.mark.skipif(
    " " in sys.executable,
    reason="Async tasks and ansible-test do not work below a folder with a blank in its name: clone into one without.",
)


def link_checkout():
    link = COLLECTIONS / "ansible_collections" / "bitrix24" / "portal"
    link.parent.mkdir(parents=True, exist_ok=True)
    try:
        link.symlink_to("../../../..", target_is_directory=True)
    except FileExistsError:
        pass


def pytest_configure():
    """Neither find the user's settings nor write to his home, which may be read-only."""
    os.environ.setdefault(USERS_HOME, os.environ.get("HOME", ""))
    for name in [name for name in os.environ if name.startswith(("ANSIBLE_", "B24_", "XDG_"))]:
        del os.environ[name]
    HOME.mkdir(parents=True, exist_ok=True)
    os.environ["HOME"] = str(HOME)


def pytest_terminal_summary(terminalreporter):
    """Say what could not be tried here, and what would make it run, each sentence once."""
    skipped = terminalreporter.stats.get("skipped", [])
    sentences = collections.Counter(report.longrepr[2].removeprefix("Skipped: ") for report in skipped)
    if sentences:
        terminalreporter.section("not tried on this machine")
    for sentence, count in sentences.items():
        terminalreporter.write_line("%s (tests: %d)" % (sentence, count))


link_checkout()
sys.path.insert(0, str(COLLECTIONS))
