# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Virtual environments beside .venv, for what does not get on with what is in it: .venv-NAME, made when it is asked for."""

from __future__ import annotations

import os
import pathlib
import shutil
import subprocess

from tests.conftest import ROOT, USERS_HOME


def interpreter(version):
    """A Python of that version on the PATH that runs (a shim of an absent one does not), or in the folder of a version manager."""
    home = pathlib.Path(os.environ.get(USERS_HOME) or os.environ.get("HOME", "/"))
    manager = pathlib.Path(os.environ.get("PYENV_ROOT") or home / ".pyenv")
    found = sorted(manager.glob("versions/%s.*/bin/python" % version), key=lambda path: path.parts[-3], reverse=True)
    for candidate in filter(None, [shutil.which("python" + version), *found]):
        probe = subprocess.run([candidate, "-c", "import venv, ensurepip"], capture_output=True, check=False)
        if probe.returncode == 0:
            return candidate
    return None


def environment(name, packages, pythons):
    """The Python of .venv-NAME, made when it is not there yet or holds other packages; None where it cannot be made here.

    pythons: the versions that will do, the best first.
    """
    folder = ROOT / (".venv-" + name)
    python = folder / "bin" / "python"
    ready = folder / ".ready"
    if not ready.exists() or ready.read_text() != "\n".join(packages):
        found = next(filter(None, map(interpreter, pythons)), None)
        if not found:
            return None
        subprocess.run([found, "-m", "venv", "--clear", folder], check=True)
        install = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *packages]
        subprocess.run(install, check=True, env=dict(os.environ, HOME=os.environ.get(USERS_HOME) or os.environ["HOME"]))
        ready.write_text("\n".join(packages))
    return python
