# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os

import pytest

from ansible_collections.bitrix24.portal.plugins.module_utils._rest.client import Client
from tests.unit.plugins.module_utils.scripted import ScriptedServer


class Slept(list):
    """Takes the place of time.sleep and keeps what it was asked for."""

    def __call__(self, seconds):
        self.append(seconds)


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


@pytest.fixture
def make_server():
    """Makes scripted servers; each must have been asked for exactly the answers that it was given."""
    servers = []

    def make(**options):
        servers.append(ScriptedServer(**options))
        return servers[-1]

    yield make
    for server in servers:
        server.stop()
    for server in servers:
        assert not server.unexpected, "requests that no answer was meant for"
        assert not server.answers, "answers that nobody asked for"


@pytest.fixture
def server(make_server):
    return make_server()


@pytest.fixture
def slept():
    return Slept()


@pytest.fixture
def client(server, slept):
    with Client(dict(webhook_url=server.url()), sleep=slept, jitter=lambda: 0.5) as client:
        yield client
