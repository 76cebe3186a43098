# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The browser and axe-core, or the sentence that says why the tests that need them are skipped."""

from __future__ import annotations

import importlib.util
import pathlib

import pytest

from tests.audit import browser as chromium
from tests.conftest import ROOT

SCREENSHOTS = ROOT / "tests" / "output" / "audit"


@pytest.fixture(scope="session")
def browser():
    """A headless Chromium, Debian's."""
    path = chromium.find()
    if path is None:
        pytest.skip("The page of the audit wants a browser: make test-setup installs Debian's package chromium.")
    browser = chromium.Browser(path)
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def axe():
    """The text of axe-core's script, out of a package whose Python code, which wants another browser, is not imported."""
    (package,) = importlib.util.find_spec("axe_playwright_python").submodule_search_locations
    return pathlib.Path(package, "axe.min.js").read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def screenshots():
    """The folder of pictures for people to look at."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    return SCREENSHOTS
