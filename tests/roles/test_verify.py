# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role looks at the servers that employees get: in the plan's words, once for all portals, and with fail it stops."""

from __future__ import annotations

import functools
import socket

import pytest

from tests.probe.scripted import ScriptedMailServer, imap
from tests.roles.fleet import Fleet, catch_all, services_of, state, written_names
from tests.simulator.server import Simulator

good = functools.partial(imap, capabilities=b"* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n")


@pytest.fixture
def server():
    with ScriptedMailServer(good) as server:
        yield server


@pytest.fixture
def fleet(tmp_path):
    with Simulator(portals=3) as simulator:
        for portal in simulator.portals:
            portal.state = state(catch_all())
        yield Fleet(tmp_path, simulator.portals)


def entry(name, port):
    return {"name": name, "server": "127.0.0.1", "port": port, "encryption": False}


def test_by_default_the_plan_says_what_is_not_as_it_should_be_and_one_look_does_for_all_portals(fleet, server):
    fleet.wants(entry("Company", server.port))
    del fleet.group["mailservices_verify"]
    run = fleet.play("reconcile", "--forks", "3")
    said = (
        f"the server of 'Company' (127.0.0.1:{server.port}) is not as it should be: no encryption: passwords travel in "
        f"the clear, and the server offers no STARTTLS (seen from {socket.gethostname()})"
    )
    assert run.returncode == 0 and run.warnings == [f"[WARNING]: {said}"], run.output
    assert f"⚠ {said}" in run.stdout
    assert server.connections == 1
    assert all("Company" in services_of(portal) for portal in fleet.portals.values())


def test_fail_stops_the_portals_that_would_get_a_server_that_cannot_be_used_and_no_others(fleet, server):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        dead = free.getsockname()[1]
        fleet.wants(entry("Company", server.port), mailservices_verify="fail")
        fleet.hosts["portal-2"]["mailservices_wanted"] = [entry("Company", dead), entry("Branch", server.port)]
        run, artifact = fleet.planned()
        assert run.hosts("failed") == ["portal-2"], run.output
        assert artifact["portals"]["portal-2"]["error"] == (
            f"the server of 'Company' (127.0.0.1:{dead}) cannot be used: port {dead} refuses connections "
            f"(seen from {socket.gethostname()}); nothing was done, since mailservices_verify is fail"
        )
        assert [caution["kind"] for caution in artifact["portals"]["portal-1"]["cautions"]] == ["server_trouble"]
        run = fleet.play("reconcile")
    assert run.hosts("failed") == ["portal-2"] and run.hosts("changed") == ["portal-1", "portal-3"], run.output
    assert written_names(fleet.portals["portal-2"].requests) == []
    assert "Company" not in services_of(fleet.portals["portal-2"])
