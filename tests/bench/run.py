# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The runner: competitors take turns, each right after what is subtracted from it, since a machine's speed changes from one moment to the next.

Each run must prove that it did its work.
"""

from __future__ import annotations

import os
import pathlib
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.playbooks import ANSIBLE_PLAYBOOK, clean_environment

HERE = pathlib.Path(__file__).resolve().parent
MOST, LEAST = 9, 2
"""Runs of a case; a long one gets as many as fit into ENOUGH seconds, but at least LEAST."""
ENOUGH = 14.0


@dataclass
class Case:
    """A command to be timed as a whole process.

    ``empty`` is the case that does nothing else, run right before each run of this one. ``prepare`` is called before each run and ``check``
    after it: it fails unless the work was done, and returns the number of requests.
    """

    name: str
    command: list[str]
    empty: Case | None = None
    prepare: Callable[[], object] = lambda: None
    check: Callable[[], int] = lambda: 0
    environment: dict[str, str] = field(default_factory=dict)
    seconds: list[float] = field(default_factory=list)
    nets: list[float] = field(default_factory=list)
    requests: int = 0

    @property
    def median(self) -> float:
        """Seconds of a run, whole process."""
        return statistics.median(self.seconds)

    @property
    def net(self) -> float:
        """Seconds beyond those of the empty case."""
        return statistics.median(self.nets)

    @property
    def runs(self) -> int:
        """How many runs it is to have, judged by the first."""
        return MOST if not self.seconds else max(LEAST, min(MOST, int(ENOUGH / self.seconds[0])))

    def run(self) -> None:
        """One run, timed."""
        if self.empty:
            self.empty.run()
        self.prepare()
        environment = clean_environment(ANSIBLE_STDOUT_CALLBACK="default", **self.environment)
        started = time.perf_counter()
        process = subprocess.run(
            self.command,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        seconds = time.perf_counter() - started
        assert process.returncode == 0, f"{self.name}:\n{process.stdout[-3000:]}{process.stderr[-3000:]}"
        self.requests = self.check()
        self.seconds.append(seconds)
        if self.empty:
            self.nets.append(seconds - self.empty.seconds[-1])


def measure(cases: list[Case]) -> None:
    """Run the cases in turn, each as often as it is to."""
    for number in range(MOST):
        for case in cases:
            if number < case.runs:
                case.run()
                print(f"  {case.name:60} {case.seconds[-1]:8.3f} s", file=sys.stderr, flush=True)


def playbook(path: str | os.PathLike[str], variables: os.PathLike[str] | None = None, *more: str) -> list[str]:
    """The command that runs a playbook; a bare name means one of ours."""
    given = ["-e", f"@{variables}"] if variables else []
    return [str(ANSIBLE_PLAYBOOK), str(HERE / "playbooks" / path), *given, *more]
