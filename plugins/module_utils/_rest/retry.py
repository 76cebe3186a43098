# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What may be sent again, and when.

Sent again is only what is certain not to have been done, and, for commands that may be repeated (all that only read),
what may pass by itself. A refusal because of a limit is waited out as long as retry_max_wait allows, and does not count
towards retries.
"""

from __future__ import annotations

import random as _random
from typing import TYPE_CHECKING

from .advice import ADVICE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import TypedDict

    from .errors import PortalError
    from .options import Settings

    class Counters(TypedDict):
        """What a task cost its portal. waited, operating: seconds."""

        requests: int
        retries: int
        throttled: int
        waited: float
        operating: float | None
        ids_searched: int
        icons_fetched: int


QUERY_LIMIT = "QUERY_LIMIT_EXCEEDED"
TIME_LIMIT = "OPERATION_TIME_LIMIT"
LIMITS = frozenset((QUERY_LIMIT, TIME_LIMIT))

# What may be over in a moment. Of these, a status below 500 is believed only for what says nothing else than "later".
TRANSIENT = frozenset(
    (
        "connection_failed",
        "timed_out",
        "cut_off",
        "foreign_answer",
        "not_json",
        "INTERNAL_SERVER_ERROR",
        "ERROR_UNEXPECTED_ANSWER",
        "CONNECTION_ERROR",
    )
)
LATER = frozenset((408, 425, 429))

FIRST_PAUSE = 0.5
LONGEST_PAUSE = 8.0
SHORTEST_WAIT = 1.0
LONGEST_RESET = 24 * 3600.0
"""Seconds. Operating time lies at most ten minutes back; a moment that is farther off is none that a portal named."""


class AttemptState:
    """How often one command, or one batch, was tried in vain."""

    def __init__(self) -> None:
        self.failures = 0
        self.refusals = 0


def is_transient(error: PortalError) -> bool:
    if error.error not in TRANSIENT:
        # A gateway's JSON says "later" in words of its own.
        return error.status in LATER and ("*", error.error) not in ADVICE
    return error.error != "not_json" or error.status is None or not 400 <= error.status < 500 or error.status in LATER


class RetryPolicy:
    """Decides and waits for one task. api: the counters retries, throttled, waited, operating."""

    def __init__(
        self,
        settings: Settings,
        api: Counters,
        wait: Callable[[float], object],
        random: Callable[[], float] = _random.random,
    ) -> None:
        self._settings = settings
        self._api = api
        self._wait = wait
        self._random = random
        self._left = float(settings.retry_max_wait)
        self._times: dict[str | None, float] = {}

    def note(self, method: str, time: Mapping[str, float]) -> None:
        """Keep what a success of the method said about its operating time (Reply.time)."""
        if "operating" in time:
            self._api["operating"] = max(self._api["operating"] or 0.0, time["operating"])
        if "operating_reset_at" in time and "finish" in time:
            pause = max(0.0, time["operating_reset_at"] - time["finish"])
            if pause <= LONGEST_RESET:
                self._times[method] = pause

    def wait_if_retryable(self, error: PortalError, attempt_state: AttemptState, repeatable: bool) -> bool:
        """Whether to send it again; waits before it says yes.

        Adds to the error's advice where it gives up for want of time.
        """
        pause: float | None
        if error.error in LIMITS:
            self._api["throttled"] += 1
            attempt_state.refusals += 1
            pause, when = self._limit_pause(error, attempt_state.refusals)
        elif (
            is_transient(error)
            and (repeatable or error.outcome_known)
            and attempt_state.failures < self._settings.retries
        ):
            attempt_state.failures += 1
            pause, when = max(self._back_off(attempt_state.failures), error.retry_after or 0.0), ""
        else:
            return False
        if pause is None or pause > self._left:
            limit = self._settings.retry_max_wait
            error.add_advice(when or f"There is no time left to try again within retry_max_wait ({limit} seconds).")
            return False
        if error.error not in LIMITS:
            self._api["retries"] += 1
        self._left -= pause
        self._wait(pause)
        return True

    def _limit_pause(self, error: PortalError, refusals: int) -> tuple[float | None, str]:
        """(seconds or None, what to say where that is too long)."""
        if error.error == QUERY_LIMIT:
            if error.retry_after is None:
                return self._back_off(refusals), ""
            pause = max(error.retry_after, SHORTEST_WAIT)
        elif error.method in self._times:
            pause = max(self._times[error.method], SHORTEST_WAIT)
        else:
            return None, "The portal does not say when it is free again: run again in ten minutes at the latest."
        return pause, (
            f"Run again in {int(pause + 0.999)} seconds,"
            f" or raise retry_max_wait ({self._settings.retry_max_wait} seconds in all)."
        )

    def _back_off(self, attempt: int) -> float:
        """Seconds: doubling, and never the same for two runs that were refused at the same moment."""
        return min(FIRST_PAUSE * 2 ** min(attempt - 1, 10), LONGEST_PAUSE) * (0.5 + self._random())
