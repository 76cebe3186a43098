# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sees to it that there is a browser and axe-core, or says why the tests that need them are skipped."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pathlib
import shutil
import subprocess

import pytest

from tests.audit import browser as chromium
from tests.conftest import ROOT

CACHE = ROOT / ".cache" / "audit"
SCREENSHOTS = ROOT / "tests" / "output" / "audit"


@contextlib.contextmanager
def one_at_a_time():
    CACHE.mkdir(parents=True, exist_ok=True)
    with open(CACHE / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def run(*command, **options):
    process = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=900, check=False, **options)
    assert process.returncode == 0, "%s: %s" % (" ".join(command), (process.stdout + process.stderr)[-3000:])


@pytest.fixture(scope="session")
def browser():
    """A headless Chromium; Debian's, installed where it is missing."""
    with one_at_a_time():
        if chromium.find() is None:
            if shutil.which("apt-get") is None or os.geteuid() != 0:
                pytest.skip("there is no Chromium, and it can be installed by root with apt-get only")
            environment = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
            run("apt-get", "update", "-qq", env=environment)
            run("apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium", env=environment)
    browser = chromium.Browser(chromium.find())
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def axe():
    """The text of axe-core's script."""
    script = CACHE / "node_modules" / "axe-core" / "axe.min.js"
    package = pathlib.Path(__file__).with_name("package.json")
    with one_at_a_time():
        installed = CACHE / "package.json"
        if not script.exists() or not installed.exists() or installed.read_text() != package.read_text():
            if shutil.which("npm") is None:
                pytest.skip("there is no npm to install axe-core with")
            shutil.copyfile(package, installed)
            run("npm", "install", "--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", str(CACHE), cwd=CACHE)
    return script.read_text()


@pytest.fixture(scope="session")
def screenshots():
    """The folder of pictures for people to look at."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    return SCREENSHOTS
