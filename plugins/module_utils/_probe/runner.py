# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Many endpoints at once, in bounds."""

from __future__ import annotations

import queue
import threading
import time
from typing import TYPE_CHECKING

from .facts import INTERNAL, Facts
from .look import look

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .cache import RunCache
    from .certificate import Trust
    from .endpoint import Endpoint

BOUND = 8
"""So many endpoints are looked at together,"""

PATIENCE = 0.5
"""not counting those that take longer than this: what hangs costs nothing and must not keep the others waiting."""

MOST = 64
"""But no more than these in all."""

_WAKE = 0.05
"""Seconds between two looks at who has lost patience."""


class _Job(threading.Thread):
    """The look at one endpoint."""

    def __init__(self, endpoint: Endpoint, run: Run) -> None:
        super().__init__(daemon=True)
        self.endpoint, self._run = endpoint, run
        self.started_at = time.monotonic()
        self.facts = Facts()

    def run(self) -> None:
        try:
            self.facts = Facts.from_dict(self._run.cache.once(self._run.key(self.endpoint), self._see))
        except Exception as error:
            self.facts.trouble, self.facts.detail = INTERNAL, type(error).__name__
        self._run.done.put(self)

    def _see(self) -> dict[str, object]:
        self._turn()
        facts = Facts()
        look(self.endpoint, self._run.trust, self._run.timeout, self._turn, facts)
        return facts.to_dict()

    def _turn(self) -> None:
        self._run.cache.turn(self.endpoint.server)


class Run:
    """``timeout``: seconds for each endpoint, from when its turn comes to its end."""

    def __init__(self, trust: Trust, timeout: float, cache: RunCache, ca_path: str | None = None) -> None:
        self.trust, self.timeout, self.cache = trust, timeout, cache
        self._ca_path = ca_path
        self.done: queue.Queue[_Job] = queue.Queue()

    def key(self, endpoint: Endpoint) -> tuple[object, ...]:
        return (*endpoint, self.timeout, self._ca_path)

    def look_at(self, endpoints: Sequence[Endpoint]) -> dict[Endpoint, Facts]:
        waiting = list(endpoints)
        running: set[_Job] = set()
        seen: dict[Endpoint, Facts] = {}
        while waiting or running:
            while waiting and self._has_room(running):
                job = _Job(waiting.pop(0), self)
                running.add(job)
                job.start()
            try:
                job = self.done.get(timeout=_WAKE)
            except queue.Empty:
                continue
            running.remove(job)
            seen[job.endpoint] = job.facts
        return seen

    def _has_room(self, running: set[_Job]) -> bool:
        since = time.monotonic() - PATIENCE
        return len(running) < MOST and sum(job.started_at > since for job in running) < BOUND
