# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Simulated portals as an inventory, and the collection's playbooks run against them by name."""

from __future__ import annotations

import json
import pathlib
import re
import urllib.parse

import yaml

from tests.playbooks import Run, ansible_playbook

SECRETS = ("adminsecret00001", "usersecret000002", "noscope000000003", "wrongsecret00009")
NO_SERVERS = {"mailservices_verify": "none", "mailservice_audit_verify": "none"}
"""The servers of most tests answer nobody; tests/probe looks at some that do."""

RECAP = re.compile(r"^(\S+)\s+: (ok=.*)$", re.MULTILINE)


def service(service_id, name, active="Y", **fields):
    """A row of the portal, with a server of its own unless told otherwise."""
    row = {
        "ID": str(service_id),
        "SITE_ID": "s1",
        "ACTIVE": active,
        "NAME": name,
        "SERVER": "imap%d.example.com" % service_id,
        "PORT": "993",
        "ENCRYPTION": "Y",
    }
    return dict(row, **fields)


def catch_all(service_id=1, name="Other", active="Y"):
    return service(service_id, name, active, SERVER=None, PORT=None, ENCRYPTION=None)


def state(*services):
    highest = max((int(row["ID"]) for row in services), default=0)
    return {"next_service_id": highest + 1, "services": list(services), "mailboxes": [], "files": []}


def services_of(portal):
    """{name: (active, server, port)} of a simulated portal."""
    return {row["NAME"]: (row["ACTIVE"], row["SERVER"], row["PORT"]) for row in portal.state["services"]}


class PlayRun(Run):
    """A run with what became of each host."""

    def __init__(self, process):
        super().__init__(process, {})
        self.recap = {
            host: dict((word, int(number)) for word, number in re.findall(r"(\w+)=(\d+)", counts))
            for host, counts in RECAP.findall(self.stdout)
        }

    def hosts(self, word):
        return sorted(host for host, counts in self.recap.items() if counts[word])


class Fleet:
    """An inventory in ``folder`` with a host for each portal: ``portal-1``, ``portal-2``, … unless named."""

    def __init__(self, folder, portals, names=None):
        self.folder = pathlib.Path(folder)
        self.portals = dict(zip(names or ["portal-%d" % number for number in range(1, len(portals) + 1)], portals))
        self.hosts = {name: self.variables(portal) for name, portal in self.portals.items()}
        self.group = dict(NO_SERVERS)

    @staticmethod
    def variables(portal, kind="admin", **connection):
        return {
            "bitrix24_expected_host": urllib.parse.urlsplit(portal.url).netloc,
            "bitrix24_connection": dict({"webhook_url": portal.webhook(kind), "retry_max_wait": 0}, **connection),
        }

    @property
    def output(self):
        return self.folder / "mailservices"

    def wants(self, *entries, **more):
        """All hosts want these entries."""
        self.group.update(mailservices_wanted=list(entries), **more)
        return self

    def play(self, playbook, *arguments, env=None, inventory=None):
        """Run a playbook (``reconcile``, or the path of a file) in the folder, and see to it that no secret came out."""
        if inventory is None:
            inventory = self.folder / "inventory.yml"
            inventory.write_text(yaml.safe_dump({"portals": {"hosts": self.hosts, "vars": self.group}}))
        name = playbook if "/" in str(playbook) else "bitrix24.portal." + playbook
        run = PlayRun(ansible_playbook(name, "-i", str(inventory), *arguments, env=env, cwd=self.folder))
        leaks = [secret for secret in SECRETS if secret in run.output]
        leaks += [
            str(path) for path in self.written() if any(secret.encode() in path.read_bytes() for secret in SECRETS)
        ]
        assert not leaks, leaks
        return run

    def written(self):
        return [
            path
            for path in self.folder.rglob("*")
            if path.is_file() and path.name != "inventory.yml" and "host_vars" not in path.parts
        ]

    def reconciled(self, *arguments, **options):
        """A reconciliation that is expected to succeed, without a warning."""
        run = self.play("reconcile", *arguments, **options)
        assert run.returncode == 0, run.output
        assert run.warnings == [], run.output
        return run

    def planned(self, *arguments):
        run = self.play("plan", *arguments)
        return run, self.artifact()

    def artifact(self):
        return json.loads((self.output / "plan.json").read_text())

    def journal(self, event="outcome"):
        """The lines of the journal about what became of each change, or what was meant to be done."""
        path = self.output / "journal.jsonl"
        lines = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
        return [line for line in lines if line["event"] == event]


def written_names(requests):
    """The methods that wrote, of a request log; commands of a batch included."""
    methods = []
    for request in requests:
        name = request["path"].rstrip("/").rpartition("/")[2].replace(".json", "")
        methods.extend(
            re.findall(r"mailservice\.(?:add|update|delete)", json.dumps(request["body"]))
            if name == "batch"
            else [name]
        )
    return [method for method in methods if method.rpartition(".")[2] in ("add", "update", "delete")]
