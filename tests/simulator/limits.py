# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The two limits of a portal: requests in a leaky bucket, and seconds of operating time in ten minutes."""

from __future__ import annotations

from collections import defaultdict

from .clock import Clock
from .errors import RestError

BUCKET_SECONDS, BUCKETS = 60, 10
DEFAULT_OPERATING_LIMIT = 420.0


def query_limit_exceeded() -> RestError:
    """Too many requests at a time."""
    return RestError("QUERY_LIMIT_EXCEEDED", "Too many requests", 503)


def operation_time_limit() -> RestError:
    """A method has used up its operating time."""
    return RestError("OPERATION_TIME_LIMIT", "Method is blocked due to operation time limit.", 429)


class LeakyBucket:
    """``burst`` requests at once, ``rate`` a second in the long run, for each source address by itself."""

    def __init__(self, clock: Clock, rate: float, burst: float) -> None:
        self.clock, self.rate, self.burst = clock, rate, burst
        self._levels: dict[str, tuple[float, float]] = {}

    def admit(self, source: str) -> bool:
        """Whether one more request fits; one that is refused does not fill the bucket."""
        now = self.clock.time()
        level, since = self._levels.get(source, (0.0, now))
        level = max(0.0, level - (now - since) * self.rate)
        fits = level + 1 <= self.burst
        self._levels[source] = (level + fits, now)
        return fits


class OperatingTime:
    """Seconds that each caller has spent in each method, in ten buckets of a minute."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self._spent: defaultdict[tuple[str, str], dict[int, float]] = defaultdict(dict)

    def clear(self) -> None:
        """Forget what was spent."""
        self._spent.clear()

    def charge(self, entity: str, method: str, seconds: float) -> None:
        """Add what a call has cost."""
        minute = self._minute()
        if seconds > 0:
            self._spent[entity, method][minute] = self._spent[entity, method].get(minute, 0.0) + seconds

    def total(self, entity: str, method: str) -> float:
        """What the last ten minutes add up to."""
        return sum(self._recent(entity, method).values())

    def reset_at(self, entity: str, method: str) -> int:
        """When the oldest bucket expires."""
        oldest = min(self._recent(entity, method), default=None)
        start = self.clock.time() if oldest is None else oldest * BUCKET_SECONDS
        return int(start) + BUCKETS * BUCKET_SECONDS

    def _minute(self) -> int:
        return int(self.clock.time() // BUCKET_SECONDS)

    def _recent(self, entity: str, method: str) -> dict[int, float]:
        first = self._minute() - BUCKETS + 1
        return {minute: spent for minute, spent in self._spent[entity, method].items() if minute >= first}
