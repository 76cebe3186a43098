# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""make matrix: what depends on Ansible, on each supported ansible-core, in a virtual environment of its own.

An ansible-core for which no Python is found is left out, and named at the end.
"""

from __future__ import annotations

import subprocess
import sys

from tests.conftest import ROOT
from tests.quality.environments import environment

# ansible-core: the Pythons that its controller runs on, the one that is tried first in front.
PYTHONS = {
    "2.16": ("3.11", "3.12"),
    "2.19": ("3.11", "3.12", "3.13"),
    "2.20": ("3.12", "3.13", "3.14"),
    "2.21": ("3.13", "3.12", "3.14"),
}
UNITS = ["tests/unit", "tests/behaviour"]
PLAYS = [
    "tests/roles/test_names_are_data.py",
    "tests/roles/test_texts_are_data.py",
    "tests/roles/test_variables.py",
    "tests/quality/test_installed.py",
]
INTEGRATION = ["tests/quality/test_integration.py"]
SANITY = ["tests/quality/test_sanity.py", "tests/quality/test_sanity_pylint.py"]
"""Of all but 2.16, whose sanity tests know neither newer Pythons nor newer rules of documentation."""

NEEDED = [
    *("requests", "aiohttp", "trustme", "pytest", "pytest-xdist", "hypothesis"),
    *("imagesize", "pillow", "cmarkgfm", "jsonschema", "jq", "semantic_version"),
]


def tests_for(core):
    return [*UNITS, *PLAYS, *INTEGRATION, *([] if core == "2.16" else SANITY)]


def main(cores):
    failed, missing = [], []
    for core in cores:
        python = environment(core, ["ansible-core ~= %s.0" % core, *NEEDED], PYTHONS[core])
        if not python:
            missing.append(
                "ansible-core %s: not tried, since no Python of %s is found" % (core, ", ".join(PYTHONS[core]))
            )
            continue
        print("ansible-core %s" % core, flush=True)
        command = [python, "-m", "pytest", "-q", "-n", "2", "--dist", "loadfile", "-m", "not long", *tests_for(core)]
        if subprocess.run(command, cwd=ROOT, check=False).returncode:
            failed.append(core)
    for sentence in missing:
        print(sentence, flush=True)
    sys.exit("Failed on ansible-core %s." % ", ".join(failed) if failed else 0)


if __name__ == "__main__":
    main(sys.argv[1:] or list(PYTHONS))
