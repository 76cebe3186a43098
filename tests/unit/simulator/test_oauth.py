# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The authorization server: what it hands out, what it refuses, and what the portals make of it."""

from __future__ import annotations

import pytest
import requests

from tests.simulator.clock import ManualClock
from tests.simulator.oauth import CLIENT_ID, CLIENT_SECRET
from tests.simulator.server import Simulator

LIFETIME = 3600


@pytest.fixture(scope="module")
def running():
    """Two portals on a clock that stands still."""
    with Simulator(oauth=True, portals=2, clock=ManualClock()) as simulator:
        yield simulator


@pytest.fixture
def simulator(running):
    """Nothing was handed out before."""
    running.oauth.reset()
    return running


@pytest.fixture
def pair(simulator):
    """Of the first portal."""
    return simulator.oauth.issue(f"{simulator.url}/rest/")


def renew(simulator, refresh_token, **changes):
    """The status and the body of the answer."""
    form = dict(client_id=CLIENT_ID, client_secret=CLIENT_SECRET, grant_type="refresh_token")
    answer = requests.post(
        f"{simulator.oauth.url}/oauth/token/", data=dict(form, refresh_token=refresh_token, **changes)
    )
    return answer.status_code, answer.json()


def call(portal, token):
    """The status and the code of the portal's answer."""
    answer = requests.post(f"{portal.url}/rest/profile", json={"auth": token})
    return answer.status_code, answer.json().get("error")


def test_a_refresh_token_gives_a_new_pair_once(simulator, pair):
    status, new = renew(simulator, pair["refresh_token"])
    assert status == 200 and new.keys() == pair.keys()
    assert {new["access_token"], new["refresh_token"]}.isdisjoint({pair["access_token"], pair["refresh_token"]})
    assert renew(simulator, pair["refresh_token"])[1]["error"] == "invalid_grant"
    assert (simulator.oauth.renewals, simulator.oauth.spent_ones_sent) == (1, 1)
    assert renew(simulator, new["refresh_token"])[0] == 200


@pytest.mark.parametrize(
    "changes, refusal",
    [
        (dict(client_secret="x"), (401, "invalid_client")),
        (dict(client_id=""), (401, "invalid_client")),
        (dict(grant_type="password"), (400, "invalid_request")),
    ],
)
def test_what_is_refused_spends_nothing(simulator, pair, changes, refusal):
    status, body = renew(simulator, pair["refresh_token"], **changes)
    assert (status, body["error"]) == refusal
    assert simulator.oauth.knows(pair["refresh_token"]) and simulator.oauth.renewals == 0


def test_a_token_is_good_on_its_own_portal_until_it_expires(simulator, pair):
    first, second = simulator.portals
    assert call(first, pair["access_token"]) == (200, None)
    assert call(second, pair["access_token"]) == (401, "invalid_token")
    simulator.clock.advance(LIFETIME)
    assert call(first, pair["access_token"]) == (401, "expired_token")


def test_a_portal_that_was_renamed_takes_its_tokens_at_the_new_address(simulator, pair):
    first, second = simulator.portals
    simulator.oauth.moved(f"{first.url}/rest/", f"{second.url}/rest/")
    assert call(second, pair["access_token"]) == (200, None)
    assert renew(simulator, pair["refresh_token"])[1]["client_endpoint"] == f"{second.url}/rest/"
