# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Makes the checkout importable as ansible_collections.bitrix24.portal, whatever its folder is called."""

from __future__ import annotations

import os
import pathlib
import sys

import hypothesis
import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent
COLLECTIONS = ROOT / ".cache" / "collections"

# The same cases at every run, so that a change is not blamed for what it did not do. HYPOTHESIS_EXAMPLES asks for new ones.
hypothesis.settings.register_profile("steady", derandomize=True, deadline=None)
if not os.environ.get("HYPOTHESIS_EXAMPLES"):
    hypothesis.settings.load_profile("steady")

# Both build a command line of the interpreter's path without quoting it.
NEEDS_A_PATH_WITHOUT_BLANKS = pytest.mark.skipif(
    " " in sys.executable, reason="async tasks and ansible-test do not work below a folder with a blank in its name: clone into one without")


def link_checkout():
    link = COLLECTIONS / "ansible_collections" / "bitrix24" / "portal"
    link.parent.mkdir(parents=True, exist_ok=True)
    try:
        link.symlink_to("../../../..", target_is_directory=True)
    except FileExistsError:
        pass


link_checkout()
sys.path.insert(0, str(COLLECTIONS))
