# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tokens of an authorization server that nobody here wrote: one that is sent twice would end the grant."""

from __future__ import annotations

import json
import pathlib

import pytest

from tests.behaviour.authorized import write_tokens
from tests.behaviour.portal import PortalUnderTest
from tests.faults.test_tokens import PROCESSES, start_process
from tests.oidc.foreign import Provider
from tests.simulator.oauth import CLIENT_ID, CLIENT_SECRET
from tests.simulator.server import Simulator

SECONDS = 8
"""Tokens live for one second, which is the shortest that the provider knows."""


@pytest.fixture
def simulator():
    with Provider(seconds=1) as foreign, Simulator(oauth=foreign) as simulator:
        yield simulator


@pytest.fixture
def options(simulator, tmp_path):
    path = write_tokens(tmp_path / "tokens.json", simulator.oauth.begin(f"{simulator.url}/rest/"))
    return dict(token_file=str(path), client_id=CLIENT_ID, client_secret=CLIENT_SECRET)


def run(simulator, options, module="mailservice", **params):
    return PortalUnderTest(simulator.portals[0]).run(module, webhook_url=None, **options, **params)


def test_an_expired_token_is_renewed_there_and_the_portal_converges(simulator, options):
    wanted = dict(name="New", server="imap.example.com", port=993, link="https://mail.example.com/")
    first = run(simulator, options, **wanted)
    assert first["changed"] is True and simulator.oauth.renewals == 1
    (row,) = simulator.state["services"]
    assert row["NAME"] == "New"


def test_eight_processes_renew_there_for_seconds_and_the_grant_is_still_good(simulator, options):
    processes = [start_process(options, SECONDS) for _process in range(PROCESSES)]
    codes = [json.loads(process.communicate(timeout=120)[0]) for process in processes]
    assert {code for found in codes for code in found} <= {"answered", "expired_token"}, codes
    assert {request["code"] for request in simulator.oauth.requests} == {None}
    assert simulator.oauth.renewals >= SECONDS / 2


def test_a_refresh_token_that_was_used_is_refused_there_and_told_with_what_to_do(simulator, options):
    file = pathlib.Path(options["token_file"])
    before = file.read_bytes()
    run(simulator, options, module="portal_info")
    file.write_bytes(before)
    result = run(simulator, options, module="mailservice_info")
    assert result["error"] == "invalid_grant" and "authorize the application again" in result["msg"]
    assert file.read_bytes() == before
