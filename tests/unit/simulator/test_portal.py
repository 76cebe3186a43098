# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the recordings do not show: limits over time, switches, icons, the control addresses and forms of a call."""

from __future__ import annotations

import base64

import pytest
import requests

from tests.simulator.clock import ManualClock
from tests.simulator.server import Simulator

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
SERVICE = {"ID": "1", "SITE_ID": "s1", "ACTIVE": "Y", "NAME": "one", "SERVER": "imap.example.com"}
CATCH_ALL = {"ID": "2", "SITE_ID": "s1", "ACTIVE": "Y", "NAME": "other"}
MAILBOX = {"ID": "1", "LID": "s1", "ACTIVE": "Y", "SERVICE_ID": "1", "NAME": "mb", "PORT": "993", "SERVER_TYPE": "imap"}


@pytest.fixture(scope="module")
def running():
    """One simulator with a clock that stands still."""
    with Simulator(control=True, clock=ManualClock()) as simulator:
        yield simulator


@pytest.fixture
def simulator(running):
    """A portal with one service."""
    running.state = {"services": [SERVICE]}
    running.clear_requests()
    return running


def call(simulator, method, params=None, kind="admin"):
    """One REST call's status and body."""
    answer = requests.post(simulator.webhook(kind) + method, json=params or {})
    return answer.status_code, answer.json()


def test_the_bucket_drains_at_its_rate_for_each_portal_alone():
    clock = ManualClock()
    with Simulator(portals=2, rate=2, burst=50, clock=clock) as simulator, requests.Session() as session:

        def statuses(portal, count):
            return [session.post(simulator.portals[portal].webhook() + "scope").status_code for _call in range(count)]

        assert statuses(0, 51) == [200] * 50 + [503]
        assert statuses(1, 1) == [200]
        clock.advance(1)
        assert statuses(0, 3) == [200, 200, 503]


def test_operating_time_is_limited_for_a_method_and_comes_back_with_the_oldest_minute(simulator):
    simulator.state = {
        "services": [SERVICE],
        "switches": {"load_limiter_active": True, "load_limiter_second_limit": 10, "operation_seconds": 6},
    }
    clock = simulator.clock
    assert call(simulator, "mailservice.list")[1]["time"]["operating"] == 6
    clock.advance(120)
    time = call(simulator, "mailservice.list")[1]["time"]
    assert time["operating"] == 12
    assert call(simulator, "mailservice.list")[0] == 429
    assert call(simulator, "mailservice.get", {"ID": 1})[0] == 200
    assert call(simulator, "mailservice.list", kind="user")[0] == 200
    clock.advance(time["operating_reset_at"] - time["finish"] - 1)
    assert call(simulator, "mailservice.list")[0] == 429
    clock.advance(1)
    assert call(simulator, "mailservice.list")[0] == 200


def test_the_time_of_an_answer_is_that_of_the_clock(simulator):
    now = simulator.clock.time()
    assert call(simulator, "server.time")[1]["time"]["finish"] == now


@pytest.mark.parametrize(
    "kind, status, error",
    [
        ("user", 400, "ERROR_CORE"),
        ("noscope", 401, "insufficient_scope"),
        ("inactive", 401, "INVALID_CREDENTIALS"),
    ],
)
def test_a_webhook_that_may_not_write_is_refused(simulator, kind, status, error):
    answer = call(simulator, "mailservice.delete", {"ID": 1}, kind)
    assert (answer[0], answer[1]["error"]) == (status, error)
    assert len(simulator.state["services"]) == 1


@pytest.mark.parametrize("kind, admin", [("admin", True), ("user", False), ("noscope", True)])
def test_profile_tells_whether_the_caller_is_an_administrator(simulator, kind, admin):
    assert call(simulator, "profile", kind=kind)[1]["result"]["ADMIN"] is admin


def test_a_webhook_over_plain_http_is_refused_where_https_is_required(simulator):
    simulator.state = {"switches": ["https_required"]}
    assert call(simulator, "scope")[1]["error"] == "INVALID_REQUEST"


def test_a_stored_icon_can_be_fetched_from_the_address_shown(simulator):
    icon = ["logo.png", base64.b64encode(PNG).decode()]
    number = call(simulator, "mailservice.add", {"NAME": "icon", "ENCRYPTION": "Y", "ICON": icon})[1]["result"]
    address = call(simulator, "mailservice.get", {"ID": number})[1]["result"]["ICON"]
    answer = requests.get(simulator.url + address)
    assert (answer.content, answer.headers["Content-Type"]) == (PNG, "image/png")


def test_an_icon_is_kept_even_when_the_service_is_refused(simulator):
    icon = ["logo.png", base64.b64encode(PNG).decode()]
    assert call(simulator, "mailservice.add", {"NAME": "icon", "ICON": icon})[0] == 400
    assert len(simulator.state["files"]) == 1


@pytest.mark.parametrize("active, home", [("N", "2"), (True, "2"), ("false", "1"), (1, "1")])
def test_mailboxes_move_to_the_catch_all_for_what_php_takes_for_n(simulator, active, home):
    simulator.state = {"services": [SERVICE, CATCH_ALL], "mailboxes": [MAILBOX]}
    assert call(simulator, "mailservice.update", {"ID": 1, "ACTIVE": active})[0] == 200
    assert simulator.state["mailboxes"][0]["SERVICE_ID"] == home


def test_a_hosted_service_does_not_hand_its_mailboxes_over(simulator):
    simulator.state = {"services": [{**SERVICE, "SERVICE_TYPE": "domain"}, CATCH_ALL], "mailboxes": [MAILBOX]}
    call(simulator, "mailservice.delete", {"ID": 1})
    assert [simulator.state["mailboxes"][0][name] for name in ("ACTIVE", "SERVICE_ID")] == ["N", "0"]


def test_one_bad_field_leaves_everything_as_it_was(simulator):
    before = simulator.state
    assert call(simulator, "mailservice.update", {"ID": 1, "NAME": "x", "ENCRYPTION": "S"})[0] == 400
    assert simulator.state == before


@pytest.mark.parametrize(
    "params, page",
    [({"NAME": ["a"]}, True), ({"NAME": []}, True), ({"SERVER": {"a": 1}}, True), ({"PORT": ["a"]}, False)],
)
def test_only_an_array_where_text_belongs_is_a_php_error(simulator, params, page):
    answer = requests.post(simulator.webhook() + "mailservice.add", json={"NAME": "x", "ENCRYPTION": "Y", **params})
    assert answer.headers["Content-Type"].startswith("text/html") is page


def test_a_state_that_was_read_can_be_put_back(simulator):
    address = f"{simulator.url}/_control/state"
    simulator.state = {"services": [SERVICE], "mailboxes": [MAILBOX], "switches": ["strict_sql", "site_stopped=Y"]}
    state = requests.get(address).json()
    assert requests.put(address, json=state).json() == state
    assert state["switches"] == ["strict_sql", "site_stopped=Y"]
    assert state["next_service_id"] == 2


@pytest.mark.parametrize(
    "sent", [{"switches": 1}, {"services": [{"ID": "x"}]}, [], {"services": [{"ID": 1}, {"ID": 1}]}]
)
def test_a_state_that_makes_no_sense_is_refused_and_changes_nothing(simulator, sent):
    before = simulator.state
    assert requests.put(f"{simulator.url}/_control/state", json=sent).status_code == 400
    assert simulator.state == before


def test_requests_are_recorded_in_order_with_json_as_json(simulator):
    requests.post(simulator.webhook() + "scope?a=1", json={"x": [1]}, headers={"X-Mark": "1"})
    requests.post(simulator.webhook() + "scope", data="y=2")
    requests.get(f"{simulator.url}/_control/state")
    first, second = requests.get(f"{simulator.url}/_control/requests").json()
    assert (first["method"], first["path"], first["body"]) == ("POST", "/rest/1/adminsecret00001/scope?a=1", {"x": [1]})
    assert first["headers"]["X-Mark"] == "1"
    assert second["body"] == "y=2"
