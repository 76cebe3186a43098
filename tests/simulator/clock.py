# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The portal's clock: the real one, or one that a test moves by hand."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Awaitable


class Clock:
    """Real time."""

    def time(self) -> float:
        """Seconds since 1970."""
        return time.time()

    def sleep(self, seconds: float) -> Awaitable[None]:
        """Wait on the portal's side."""
        return asyncio.sleep(seconds)


class ManualClock(Clock):
    """Time that stands still until ``advance`` is called, from any thread."""

    def __init__(self, start: float = 1_800_000_000.0) -> None:
        self._now = start
        self._lock = threading.Lock()
        self._sleepers: list[tuple[float, asyncio.AbstractEventLoop, asyncio.Event]] = []

    def time(self) -> float:
        """Seconds since 1970, by this clock."""
        return self._now

    def advance(self, seconds: float) -> None:
        """Let time pass and wake those whose time has come."""
        with self._lock:
            self._now += seconds
            due = [sleeper for sleeper in self._sleepers if sleeper[0] <= self._now]
            self._sleepers = [sleeper for sleeper in self._sleepers if sleeper not in due]
        for _wake, loop, event in due:
            if not loop.is_closed():
                loop.call_soon_threadsafe(event.set)

    def sleep(self, seconds: float) -> Awaitable[None]:
        """Wait until the clock was moved far enough, counted from this call on."""
        event = asyncio.Event()
        with self._lock:
            self._sleepers.append((self._now + seconds, asyncio.get_running_loop(), event))
        self.advance(0)
        return _wait(event)


async def _wait(event: asyncio.Event) -> None:
    await event.wait()
