# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import os

import pytest

from tests.faults.disturbed import Disturbed
from tests.simulator.clock import ManualClock
from tests.simulator.server import Simulator


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch):
    """No connection option, proxy or authority comes from the machine that runs the tests."""
    for name in list(os.environ):
        if (
            name.startswith("B24_")
            or name.lower().endswith("_proxy")
            or name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
        ):
            monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def simulated_time():
    """One portal on a clock that stands still unless somebody waits."""
    with Simulator(control=True, clock=ManualClock()) as simulator:
        yield simulator


@pytest.fixture
def portal(simulated_time, monkeypatch):
    portal = Disturbed(simulated_time, monkeypatch)
    yield portal
    portal.has()
    portal.pass_time(3600)
