# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every recorded exchange with a real portal, repeated against the simulator."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import requests

from tests.contract.replay import OUTSIDE, differences, recordings
from tests.simulator.server import Simulator

RECORDED = recordings()
EXCEPTIONS = json.loads(Path(__file__).with_name("not_replayed.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def portal():
    """A portal for all exchanges: each begins by setting all of its rows."""
    with Simulator(control=True) as simulator, requests.Session() as session:
        yield lambda recording: differences(session, simulator.url, recording)


@pytest.mark.parametrize("recording", RECORDED, ids=lambda recording: f"{recording['n']}-{recording['group']}")
def test_an_exchange_replays_as_recorded_unless_it_is_listed(recording, portal):
    lines = portal(recording)
    if str(recording["n"]) in EXCEPTIONS:
        assert lines, f"replays equal after all: take {recording['n']} off the list"
    else:
        assert not lines, f"{recording['note']}\n" + "\n".join(lines)


def test_every_listed_exception_is_a_recording_and_has_a_reason():
    assert EXCEPTIONS.keys() <= {str(recording["n"]) for recording in RECORDED}
    assert all(len(reason) > 20 for reason in EXCEPTIONS.values())


def test_99_of_100_exchanges_outside_the_filter_and_strict_mode_replay_equal():
    counted = {str(recording["n"]) for recording in RECORDED if recording["group"] not in OUTSIDE}
    assert len(counted) == 499
    assert len(counted - EXCEPTIONS.keys()) / len(counted) >= 0.99
