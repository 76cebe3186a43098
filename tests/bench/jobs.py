# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a job of AWX needs besides time: memory, and the size of the plan that is handed over, by the number of portals.

    python -m tests.bench.jobs 150 1000 5000

How long it takes is told by make bench, on a machine that does nothing else; this may be run beside other work.
"""

from __future__ import annotations

import base64
import contextlib
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import threading
import zlib

from tests.bench.fleet import Fleet
from tests.playbooks import ANSIBLE_PLAYBOOK, clean_environment
from tests.simulator.server import Simulator

FORKS = 10
CHANGES = {"plan": 2, "audit": 0}
"""In each portal; of two, one is a removal."""


class Memory(threading.Thread):
    """The most that a process and its children had at once, in MB: proportional set sizes, looked at each second."""

    def __init__(self, pid):
        super().__init__(daemon=True)
        self.pid, self.peak, self.over = pid, 0.0, threading.Event()

    def run(self):
        while not self.over.wait(1):
            self.peak = max(self.peak, sum(map(_megabytes, [self.pid, *_children(self.pid)])))


def _children(pid):
    with contextlib.suppress(OSError):
        return (pathlib.Path("/proc") / str(pid) / "task" / str(pid) / "children").read_text().split()
    return []


def _megabytes(pid):
    with contextlib.suppress(OSError, StopIteration):
        lines = (pathlib.Path("/proc") / str(pid) / "smaps_rollup").read_text().splitlines()
        return int(next(line for line in lines if line.startswith("Pss:")).split()[1]) / 1024
    return 0.0


def run(fleet, name):
    """(MB of the largest process, MB of all processes at once) of a playbook that succeeds."""
    shutil.rmtree(fleet.folder / "mailservices", ignore_errors=True)
    with (fleet.folder / "output").open("wb") as output:
        process = subprocess.Popen(
            [str(ANSIBLE_PLAYBOOK), f"bitrix24.portal.{name}", "-i", "inventory.yml", "--forks", str(FORKS)],
            cwd=fleet.folder,
            env=clean_environment(ANSIBLE_STDOUT_CALLBACK="default"),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        memory = Memory(process.pid)
        memory.start()
        _pid, status, usage = os.wait4(process.pid, 0)
    memory.over.set()
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, (fleet.folder / "output").read_text()[-3000:]
    return usage.ru_maxrss / 1024, memory.peak


def main(counts):
    print("portals  playbook  largest process MB  all processes MB  plan.json KB  handed over KB", flush=True)
    for count in counts:
        with tempfile.TemporaryDirectory(prefix="jobs-") as folder, Simulator(portals=count) as simulator:
            fleet = Fleet(pathlib.Path(folder), simulator)
            for name, changes in CHANGES.items():
                fleet.drifts(changes)
                largest, together = run(fleet, name)
                plan = fleet.folder / "mailservices" / "plan.json"
                text = plan.read_bytes() if plan.exists() else b""
                packed = len(base64.b64encode(zlib.compress(text, 9))) if text else 0
                sizes = f"{largest:18.0f}  {together:16.0f}  {len(text) / 1024:12.0f}  {packed / 1024:14.0f}"
                print(f"{count:7}  {name:8}  {sizes}", flush=True)


if __name__ == "__main__":
    main([int(one) for one in sys.argv[1:]])
