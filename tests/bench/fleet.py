# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the playbooks of the roles cost over one mailservice_set task, on many portals."""

from __future__ import annotations

import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import yaml

from tests.bench import portals
from tests.bench.run import playbook
from tests.playbooks import ANSIBLE_PLAYBOOK, clean_environment
from tests.simulator.server import Simulator

SERVICES, FORKS, RUNS = 50, 10, 3
FEW, MORE, MANY = 100, 300, 1000
SET, PLAN, RECONCILE, AUDIT, EXPORT = "mailservice_set", "plan", "reconcile", "audit", "export"
QUIET = (SET, PLAN, RECONCILE, AUDIT, EXPORT)
CHANGED = (SET, RECONCILE)


@dataclass
class Measured:
    """Runs of one playbook: seconds net of the empty play before each, requests a portal, MB of the largest process."""

    nets: list[float] = field(default_factory=list)
    requests: float = 0
    peak: float = 0

    @property
    def net(self) -> float:
        return statistics.median(self.nets)


class Fleet:
    """Running portals as an inventory in a folder."""

    def __init__(self, folder: pathlib.Path, simulator: Simulator) -> None:
        self.folder, self.portals = folder, simulator.portals
        self.services = portals.desired(SERVICES)
        hosts = {
            f"portal-{number}": {
                "bitrix24_expected_host": urlsplit(portal.url).netloc,
                "bitrix24_connection": {"webhook_url": portal.webhook(), "ca_path": simulator.ca_file},
            }
            for number, portal in enumerate(self.portals)
        }
        group = {
            "mailservices_wanted": self.services,
            "mailservices_verify": "none",
            "mailservice_audit_verify": "none",
            "ansible_python_interpreter": sys.executable,
        }
        (folder / "inventory.yml").write_text(yaml.safe_dump({"portals": {"hosts": hosts, "vars": group}}))

    def drifts(self, changes: int) -> None:
        """Each portal has this many services to change; of two, the first is one that a plan switches off."""
        for portal in self.portals:
            state = portals.state(self.services, 1 if changes else 0)
            if changes:
                extra = {"ID": "900", "SITE_ID": "s1", "ACTIVE": "Y", "NAME": "Gone", "SERVER": "gone.example.com"}
                state["services"].append(dict(extra, PORT="993", ENCRYPTION="Y", LINK=None, SORT="900"))
            portal.state = state
            portal.clear_requests()

    def run(self, command: list[str]) -> tuple[float, float]:
        """Seconds and MB of the largest process of a run that succeeds."""
        for name in ("mailservices", "mailservice_audit", "host_vars"):
            shutil.rmtree(self.folder / name, ignore_errors=True)
        started = time.perf_counter()
        process = subprocess.Popen(
            [*command, "-i", "inventory.yml", "--forks", str(FORKS)],
            cwd=self.folder,
            env=clean_environment(ANSIBLE_STDOUT_CALLBACK="default"),
            stdin=subprocess.DEVNULL,
            stdout=(self.folder / "output").open("wb"),
            stderr=subprocess.STDOUT,
        )
        _pid, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        assert process.returncode == 0, (self.folder / "output").read_text()[-3000:]
        return seconds, usage.ru_maxrss / 1024

    def measure(self, names: tuple[str, ...], changes: int, runs: int) -> dict[str, Measured]:
        found = {name: Measured() for name in names}
        for _turn in range(runs):
            for name, measured in found.items():
                empty, _peak = self.run(playbook("fleet_empty.yml"))
                self.drifts(changes)
                seconds, peak = self.run(_command(name, changes))
                measured.nets.append(seconds - empty)
                measured.peak = max(measured.peak, peak)
                measured.requests = sum(len(portal.requests) for portal in self.portals) / len(self.portals)
                self._check(name, changes)
                print(f"  {len(self.portals)} portals, {changes} changes: {name:20} {seconds:8.2f} s", file=sys.stderr)
        return found

    def _check(self, name: str, changes: int) -> None:
        """Fail unless the run did its work."""
        ports = {row["PORT"] for row in self.portals[0].state["services"]}
        active = [row["NAME"] for row in self.portals[0].state["services"] if row["ACTIVE"] == "Y"]
        assert ports == {"993"} and len(active) == SERVICES, f"{name}: the portal is not as wanted"
        written = {PLAN: "mailservices/plan.json", AUDIT: "mailservice_audit/audit.json", EXPORT: "host_vars"}
        if name in written:
            assert (self.folder / written[name]).exists(), f"{name} wrote no file"
        if name == RECONCILE and changes:
            assert (self.folder / "mailservices" / "journal.jsonl").exists()


def _command(name: str, changes: int) -> list[str]:
    purge = ["-e", "mailservices_purge=deactivate", "-e", "purge=deactivate"] if changes else []
    if name == SET:
        return [*playbook("fleet_set.yml"), *purge]
    return [str(ANSIBLE_PLAYBOOK), f"bitrix24.portal.{name}", *purge]


def measure() -> dict[str, dict[str, Measured]]:
    """{what was measured: {playbook: Measured}}."""
    found = {}
    found["few"] = _on(FEW, lambda fleet: fleet.measure(QUIET, 0, RUNS))
    found["changed"] = _on(FEW, lambda fleet: fleet.measure(CHANGED, 2, RUNS))
    found["more"] = _on(MORE, lambda fleet: fleet.measure(QUIET, 0, 1))
    found["many"] = _on(MANY, lambda fleet: fleet.measure((PLAN, AUDIT), 0, 1))
    return found


def _on(count: int, work: Callable[[Fleet], dict[str, Measured]]) -> dict[str, Measured]:
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, Simulator(tls=True, portals=count) as simulator:
        return work(Fleet(pathlib.Path(folder), simulator))
