# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import os

import pytest

from tests.behaviour.portal import PortalUnderTest
from tests.simulator.server import Simulator


@pytest.fixture(scope="session")
def simulator():
    with Simulator() as simulator:
        yield simulator


@pytest.fixture
def portal(simulator, monkeypatch):
    """An empty portal; no environment variable reaches the task."""
    for name in list(os.environ):
        if name.startswith("B24_") or name == "REQUESTS_CA_BUNDLE" or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    return PortalUnderTest(simulator.portals[0])
