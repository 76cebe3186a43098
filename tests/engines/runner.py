# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbooks run by ansible-runner: on one machine, or sent to a worker on another folder as AWX sends them."""

from __future__ import annotations

import json
import pathlib
import subprocess
import sys

import yaml

from tests.playbooks import clean_environment

ANSIBLE_RUNNER = pathlib.Path(sys.executable).with_name("ansible-runner")
IDENT = "job"


class Job:
    """A private data dir in ``folder`` as AWX lays it out: what a job is given is below ``env`` and ``inventory``.

    ``inventory``: {group: {hosts, vars}}; ``extra_vars``: as AWX collects them from template, survey and artifacts;
    ``envvars``: environment variables of the job alone.
    """

    def __init__(self, folder, playbook, inventory, extra_vars=None, envvars=None):
        self.folder, self.playbook = pathlib.Path(folder), playbook
        self.given = self.folder / "given"
        for name in ("env", "inventory", "project"):
            (self.given / name).mkdir(parents=True)
        (self.given / "inventory" / "hosts.yml").write_text(yaml.safe_dump(inventory))
        (self.given / "env" / "extravars").write_text(json.dumps(extra_vars or {}))
        (self.given / "env" / "cmdline").write_text("-vvv")
        (self.given / "env" / "settings").write_text(json.dumps({"fact_cache_type": "jsonfile", "idle_timeout": 300}))
        (self.given / "env" / "envvars").write_text(json.dumps(envvars or {}))

    def run(self, *arguments):
        """On this machine, in the folder itself."""
        return Done(self._call("run", str(self.given), *self._names(), *arguments), self.given, self.given)

    def send(self, *arguments):
        """Through transmit, worker and process, each with a folder of its own; the worker's is there afterwards."""
        worker, kept = self.folder / "worker", self.folder / "kept"
        sent = self._call("transmit", str(self.given), *self._names(), *arguments)
        worked = self._call("worker", "--private-data-dir", str(worker), stdin=sent.stdout)
        return Done(self._call("process", str(kept), "--ident", IDENT, stdin=worked.stdout), kept, worker)

    def _names(self):
        return ["--playbook", self.playbook, "--ident", IDENT]

    def _call(self, *arguments, stdin=""):
        return subprocess.run(
            [str(ANSIBLE_RUNNER), *arguments],
            env=clean_environment(),
            cwd=self.folder,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )


class Done:
    """What a job left: ``artifacts``, the folder that goes back to whoever sent it; ``worker``, where it ran."""

    def __init__(self, process, kept, worker):
        self.output = process.stdout + process.stderr
        self.artifacts, self.worker = kept / "artifacts" / IDENT, worker
        self.stdout = self._read("stdout")
        self.status = self._read("status")
        self.returncode = int(self._read("rc") or -1)

    def _read(self, name):
        path = self.artifacts / name
        return path.read_text() if path.exists() else ""

    @property
    def events(self):
        paths = sorted(
            (self.artifacts / "job_events").glob("*.json"), key=lambda path: int(path.name.partition("-")[0])
        )
        return [json.loads(path.read_text()) for path in paths]

    @property
    def stats(self):
        """What set_stats handed over: AWX gives it to the jobs that follow as extra variables."""
        (event,) = [event for event in self.events if event["event"] == "playbook_on_stats"]
        return event["event_data"].get("artifact_data", {})
