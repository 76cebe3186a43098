# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What ansible-test wants to find in its home, so that it neither fetches a script from elsewhere nor asks for ssh-keygen."""

from __future__ import annotations

import ast
import configparser
import fcntl
import importlib.util
import os
import pathlib
import re
import subprocess
import sys

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.conftest import HOME, USERS_HOME

# Stands in for get-pip: the pip that comes with the interpreter, then the ordinary index.
GET_PIP = """
import subprocess
import sys

arguments = [argument for argument in sys.argv[1:] if argument not in ("--no-setuptools", "--no-wheel")]
subprocess.check_call([sys.executable, "-m", "ensurepip"], stdout=subprocess.DEVNULL)
sys.exit(subprocess.call([sys.executable, "-m", "pip", "install", *arguments]))
"""


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.write_text(text)


def pip_versions():
    """The versions of get-pip that this ansible-test asks for, as its source has them."""
    (package,) = importlib.util.find_spec("ansible_test").submodule_search_locations
    source = pathlib.Path(package, "_internal", "python_requirements.py").read_text()
    versions = re.findall(r"\bpip='([\d.]+)'", source)
    assert versions, "python_requirements.py of ansible-test no longer says which pip it wants"
    return versions


def pip_settings():
    """The settings of pip, those in the environment too, which ansible-test does not hand on."""
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "config", "list"]
    environment = dict(os.environ, HOME=os.environ.get(USERS_HOME, ""))
    listed = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
    settings = configparser.RawConfigParser()
    # The environment's come last, since they prevail.
    for line in sorted(listed.splitlines(), key=lambda line: line.startswith(":env:")):
        name, value = line.split("=", 1)
        section, option = re.fullmatch(r"(:env:|[^.]+)\.(.+)", name).groups()
        section = "global" if section == ":env:" else section
        if not settings.has_section(section):
            settings.add_section(section)
        settings.set(section, option, ast.literal_eval(value))
    return settings


def make_key_pair(path):
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH)
    write(path, private.decode())
    write(path.with_suffix(".pub"), public.decode() + "\n")


def prepare():
    """Have all of it in the home of the tests, whichever process asks first."""
    HOME.mkdir(parents=True, exist_ok=True)
    with open(HOME / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        folder = HOME / ".ansible" / "test"
        for version in pip_versions():
            write(folder / "cache" / ("get_pip_%s.py" % version.replace(".", "_")), GET_PIP)
        if not (folder / "id_rsa.pub").exists():
            make_key_pair(folder / "id_rsa")
        configuration = HOME / ".config" / "pip" / "pip.conf"
        write(configuration, "")
        with open(configuration, "w") as file:
            pip_settings().write(file)
