# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is measured beside what."""

from __future__ import annotations

import json
import math
import pathlib
import sys

import yaml

from tests.bench import portals
from tests.bench.run import HERE, Case, playbook

SCENARIOS = ((50, 0), (50, 10), (50, 50), (200, 0))
"""Services, and how many of them have drifted."""
BATCH = 50
TASKS = 20
HANDED_OVER = {"RUNNER": "module"}
"""A task with an environment of its own is handed over to the module; see plugins/plugin_utils/_action.py."""
SET, LOOP, SDK = "mailservice_set", "mailservice in a loop", "script on b24pysdk"
OVER_HTTP = "mailservice_info as action, http"
URI, URI_WHEN = "uri, compared in one template", "uri, a loop with when"


def sets(folder, portal, ca_file):
    """{scenario: {competitor: Case}}, and the two empty cases: of a playbook, and of a script."""
    empty = Case("empty play", playbook("empty.yml"))
    bare = Case("import of the SDK", [sys.executable, "-c", "from b24pysdk import BitrixWebhook, Client"])
    found = {}
    for count, drifted in SCENARIOS:
        services = portals.desired(count)
        path = pathlib.Path(folder) / f"{count}_{drifted}.json"
        path.write_text(portals.variables(portal, services, ca_file))

        def case(name, command, requests, services=services, drifted=drifted, nothing=empty):
            def prepare():
                portal.state = portals.state(services, drifted)
                portal.clear_requests()

            return Case(
                f"{len(services)} services, {drifted} drifted: {name}",
                command,
                nothing,
                prepare,
                lambda: portals.check(portal, services, requests),
            )

        # Ours reads back what it wrote with one command more, and does not count on anything that it did not see.
        written = math.ceil((drifted + 1) / BATCH) if drifted else 0
        found[count, drifted] = {
            SET: case(SET, playbook("set.yml", path), 1 + written),
            LOOP: case(LOOP, playbook("loop.yml", path), count + drifted),
            URI: case(URI, playbook("uri.yml", path), 1 + drifted),
            SDK: case(
                SDK,
                [sys.executable, str(HERE / "sdk_script.py"), str(path)],
                1 + math.ceil(drifted / BATCH),
                nothing=bare,
            ),
        }
        if not drifted:
            # With drift the calls outweigh how it was found.
            found[count, drifted][URI_WHEN] = case(URI_WHEN, playbook("uri_when.yml", path), 1)
    return found, empty, bare


def tasks(folder, secure, insecure, ca_file, empty):
    """Twenty tasks in a row. secure, plain: the same portal over https and http; empty: the same play without any task."""
    own = {"bitrix24.portal.mailservice_info": {"webhook_url": secure.webhook(), "ca_path": ca_file}}
    over_http = {"bitrix24.portal.mailservice_info": {"webhook_url": insecure.webhook()}}
    uri = {
        "url": secure.webhook() + "mailservice.list",
        "method": "POST",
        "body_format": "json",
        "body": {},
        "ca_path": ca_file,
    }
    rows = {
        "mailservice_info as action": (own, secure, {}),
        OVER_HTTP: (over_http, insecure, {}),
        "mailservice_info as module": (own, secure, HANDED_OVER),
        "ansible.builtin.uri": ({"ansible.builtin.uri": uri}, secure, {}),
        "ansible.builtin.debug": ({"ansible.builtin.debug": {"msg": "Hello"}}, None, {}),
    }
    services = portals.desired(10)
    cases = {}
    for number, (name, (task, portal, environment)) in enumerate(rows.items()):
        path = pathlib.Path(folder) / f"tasks_{number}.yml"
        play = {
            "hosts": "localhost",
            "gather_facts": False,
            "environment": environment,
            "tasks": [dict(task, name=name)] * TASKS,
        }
        path.write_text(json.dumps([play]))

        def prepare(portal=portal):
            if portal:
                portal.state = portals.state(services, 0)
                portal.clear_requests()

        def check(portal=portal):
            return portals.check(portal, services, TASKS) if portal else 0

        cases[name] = Case(f"{TASKS} tasks: {name}", playbook(path), empty, prepare, check)
    return cases


def many(folder, running, ca_file, forks=10, count=50):
    """A set without drift on many portals at once, and the empty play on as many hosts."""
    services = portals.desired(count)
    hosts = {
        f"portal{number}": {
            "webhook": portal.webhook(),
            "ansible_connection": "local",
            "ansible_python_interpreter": sys.executable,
        }
        for number, portal in enumerate(running)
    }
    inventory = pathlib.Path(folder) / "portals.yml"
    inventory.write_text(yaml.safe_dump({"all": {"hosts": hosts}}))
    path = pathlib.Path(folder) / "many.json"
    path.write_text(json.dumps({"portals": "all", "ca": ca_file, "services": services, "rows": portals.rows(services)}))

    def prepare():
        for portal in running:
            portal.state = portals.state(services, 0)
            portal.clear_requests()

    def check():
        return sum(portals.check(portal, services, 1) for portal in running)

    more = ("-i", str(inventory), "--forks", str(forks))
    empty = Case(f"{len(running)} portals: empty play", playbook("empty.yml", path, *more))
    return {
        SET: Case(f"{len(running)} portals: {SET}", playbook("set.yml", path, *more), empty, prepare, check),
        URI: Case(f"{len(running)} portals: {URI}", playbook("uri.yml", path, *more), empty, prepare, check),
    }
