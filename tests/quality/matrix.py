# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""make test-matrix: the tests that run real playbooks, on each ansible-core named, in a virtual environment of its own.

An ansible-core for which no Python is found is left out, and named as such.
"""

from __future__ import annotations

import os
import pathlib
import shutil
import subprocess
import sys

from tests.conftest import ROOT

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


def interpreter(version):
    """A Python of that version on the PATH that runs (a shim of an absent one does not), or in the folder of a version manager."""
    candidates = [shutil.which("python" + version)]
    candidates += sorted(
        pathlib.Path(os.environ.get("PYENV_ROOT", "/nowhere")).glob("versions/%s.*/bin/python" % version), reverse=True
    )
    for candidate in filter(None, candidates):
        probe = subprocess.run([candidate, "-c", "import venv, ensurepip"], capture_output=True, check=False)
        if probe.returncode == 0:
            return candidate
    return None


def environment(core):
    """The Python of .venv-CORE, made when it is not there yet or holds other packages; None where it cannot be made here."""
    folder = ROOT / (".venv-" + core)
    python = folder / "bin" / "python"
    ready = folder / ".ready"
    packages = ["ansible-core ~= %s.0" % core, *NEEDED]
    if not ready.exists() or ready.read_text() != "\n".join(packages):
        found = next(filter(None, map(interpreter, PYTHONS[core])), None)
        if not found:
            return None
        subprocess.run([found, "-m", "venv", "--clear", folder], check=True)
        subprocess.run(
            [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *packages], check=True
        )
        ready.write_text("\n".join(packages))
    return python


def main(cores):
    failed = []
    for core in cores:
        python = environment(core)
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
