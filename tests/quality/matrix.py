# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""make test-matrix: the tests that run real playbooks, on each ansible-core named, in a virtual environment of its own.

An ansible-core for which no Python is found is left out, and named as such.
"""

from __future__ import annotations

import subprocess
import sys

from tests.conftest import ROOT
from tests.quality.environments import environment

# ansible-core: the Pythons that its controller runs on.
PYTHONS = {
    "2.16": ("3.10", "3.11", "3.12"),
    "2.19": ("3.11", "3.12", "3.13"),
    "2.20": ("3.12", "3.13", "3.14"),
    "2.21": ("3.12", "3.13", "3.14"),
}
TESTS = [
    "tests/unit/plugins/plugin_utils",
    "tests/unit/plugins/action",
    "tests/roles/test_names_are_data.py",
    "tests/roles/test_texts_are_data.py",
    "tests/roles/test_variables.py",
]
NEEDED = ["requests", "aiohttp", "trustme", "pytest", "imagesize", "hypothesis", "cmarkgfm"]


def main(cores):
    failed = []
    for core in cores:
        python = environment(core, ["ansible-core ~= %s.0" % core, *NEEDED], PYTHONS[core])
        if not python:
            print(
                "ansible-core %s: left out, since no Python of %s is found" % (core, ", ".join(PYTHONS[core])),
                flush=True,
            )
            continue
        print("ansible-core %s" % core, flush=True)
        if subprocess.run([python, "-m", "pytest", "-q", *TESTS], cwd=ROOT, check=False).returncode:
            failed.append(core)
    sys.exit("Failed on ansible-core %s." % ", ".join(failed) if failed else 0)


if __name__ == "__main__":
    main(sys.argv[1:] or list(PYTHONS))
