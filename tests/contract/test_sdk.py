# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The official SDK, as it comes, works with the simulator as it does with a portal; it speaks only https."""

from __future__ import annotations

import pytest
from b24pysdk import BitrixWebhook, Client
from b24pysdk.errors import BitrixAPIError

from tests.simulator.server import Simulator


@pytest.fixture
def simulator():
    """An empty portal behind https."""
    with Simulator(tls=True) as running:
        yield running


@pytest.fixture
def client(simulator, monkeypatch):
    """The SDK's client with an administrator's webhook, trusting the simulator's authority."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", simulator.ca_file)
    domain, _rest, token = simulator.webhook().removeprefix("https://").partition("/rest/")
    return Client(BitrixWebhook(domain=domain, webhook_token=token))


def test_the_sdk_adds_reads_changes_and_deletes_a_service(client, simulator):
    number = client.mailservice.add("Post", True, server="imap.example.com", port=993).result
    assert number == 1
    assert client.mailservice.get(number).result["SERVER"] == "imap.example.com"
    assert client.mailservice.update(number, name="Mail").result is True
    assert [row["NAME"] for row in client.mailservice.list().result] == ["Mail"]
    assert client.mailservice.delete(number).result is True
    assert simulator.state["services"] == []


def test_the_sdk_reads_the_labels_of_the_fields(client):
    assert client.mailservice.fields().result["ENCRYPTION"] == "Secure connection"


def test_the_sdk_sends_a_batch_and_reads_each_command_s_answer(client):
    answers = client.call_batch(
        {"a": client.mailservice.add("One & two + three", False), "b": client.mailservice.list()}
    ).result
    assert answers.result["a"] == 1
    assert answers.result["b"][0]["NAME"] == "One & two + three"


def test_the_sdk_raises_the_portal_s_error(client):
    with pytest.raises(BitrixAPIError, match="E-mail services were not found"):
        client.mailservice.list().result
