# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is sent again, and after how long."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from ansible_collections.bitrix24.portal.plugins.module_utils._rest.errors import PortalError
from ansible_collections.bitrix24.portal.plugins.module_utils._rest.retry import (
    LONGEST_PAUSE,
    AttemptState,
    RetryPolicy,
)

LIMIT, BUSY = "QUERY_LIMIT_EXCEEDED", "OPERATION_TIME_LIMIT"


class Waiting:
    def __init__(self, retries=4, retry_max_wait=120, jitter=0.5):
        self.api = dict(retries=0, throttled=0, operating=None)
        self.waits = []
        self.retry_policy = RetryPolicy(
            SimpleNamespace(retries=retries, retry_max_wait=retry_max_wait), self.api, self.waits.append, lambda: jitter
        )
        self.attempt_state = AttemptState()

    def wait_if_retryable(
        self, code, repeatable=False, outcome_known=True, status=None, retry_after=None, method="mailservice.add"
    ):
        self.error = PortalError(
            "m", error=code, method=method, outcome_known=outcome_known, status=status, retry_after=retry_after
        )
        return self.retry_policy.wait_if_retryable(self.error, self.attempt_state, repeatable)


# code, status, outcome known → again for a read, again for a write
@pytest.mark.parametrize(
    "code, status, outcome_known, read, write",
    [
        ("connection_failed", None, True, True, True),
        ("timed_out", None, True, True, True),
        ("timed_out", None, False, True, False),
        ("cut_off", None, False, True, False),
        ("cut_off", 200, False, True, False),
        ("not_json", 200, False, True, False),
        ("not_json", 502, False, True, False),
        ("not_json", 429, False, True, False),
        ("not_json", 408, False, True, False),
        ("not_json", 404, False, False, False),
        ("not_json", 403, False, False, False),
        ("INTERNAL_SERVER_ERROR", 500, False, True, False),
        ("ERROR_UNEXPECTED_ANSWER", 500, False, True, False),
        ("CONNECTION_ERROR", 401, True, True, True),
        (LIMIT, 503, True, True, True),
        (BUSY, 429, True, True, True),
        ("OVERLOAD_LIMIT", 401, True, False, False),
        ("expired_token", 401, True, False, False),
        ("ERROR_CORE", 400, True, False, False),
        ("ERROR_CORE", 500, False, False, False),
        ("unknown_host", None, True, False, False),
        ("certificate_refused", None, True, False, False),
        ("tls_failed", None, True, False, False),
        ("proxy_refused", None, True, False, False),
        ("redirected", 302, False, False, False),
        ("too_large", 200, False, False, False),
        ("unexpected_answer", 200, False, False, False),
        ("request_failed", None, False, False, False),
    ],
)
def test_only_what_may_pass_is_sent_again_and_a_write_only_when_it_was_certainly_not_done(
    code, status, outcome_known, read, write
):
    for repeatable, expected in ((True, read), (False, write)):
        waiting = Waiting()
        waiting.retry_policy.note("mailservice.add", {"finish": 10, "operating_reset_at": 20})
        assert waiting.wait_if_retryable(code, repeatable, outcome_known, status) == expected
        assert len(waiting.waits) == expected


@pytest.mark.parametrize(
    "jitter, pauses",
    [(0.0, [0.25, 0.5, 1, 2, 4, 4, 4, 4]), (0.5, [0.5, 1, 2, 4, 8, 8, 8, 8]), (1.0, [0.75, 1.5, 3, 6, 12, 12, 12, 12])],
)
def test_pauses_double_up_to_a_longest_and_vary_by_half(jitter, pauses):
    waiting = Waiting(retries=8, jitter=jitter)
    for dummy in pauses:
        assert waiting.wait_if_retryable("connection_failed")
    assert waiting.waits == pauses and max(pauses) <= 1.5 * LONGEST_PAUSE
    assert not waiting.wait_if_retryable("connection_failed")
    assert waiting.api["retries"] == 8


def test_retries_are_counted_for_each_command_and_the_wait_for_the_whole_task():
    waiting = Waiting(retries=2, retry_max_wait=4)
    assert [waiting.wait_if_retryable("connection_failed") for dummy in range(3)] == [True, True, False]
    waiting.attempt_state = AttemptState()
    assert [waiting.wait_if_retryable("connection_failed") for dummy in range(3)] == [True, True, False]
    waiting.attempt_state = AttemptState()
    assert [waiting.wait_if_retryable("connection_failed") for dummy in range(2)] == [True, False]
    assert sum(waiting.waits) == 3.5 and "retry_max_wait (4 seconds)" in str(waiting.error)


def test_limits_do_not_use_up_the_retries():
    waiting = Waiting(retries=1, retry_max_wait=1000)
    assert all(waiting.wait_if_retryable(LIMIT) for dummy in range(10))
    assert waiting.wait_if_retryable("connection_failed") and not waiting.wait_if_retryable("connection_failed")
    assert (waiting.api["throttled"], waiting.api["retries"]) == (10, 1)


@pytest.mark.parametrize("announced, waits", [(30.0, 30.0), (0.0, 1.0), (None, 0.5)])
def test_retry_after_is_honoured(announced, waits):
    waiting = Waiting()
    assert waiting.wait_if_retryable(LIMIT, retry_after=announced) and waiting.waits == [waits]


def test_retry_after_is_honoured_for_a_read_that_met_a_front_end():
    waiting = Waiting()
    assert waiting.wait_if_retryable("not_json", True, False, 503, retry_after=9.0) and waiting.waits == [9.0]


def test_a_limit_that_lasts_longer_than_may_be_waited_says_for_how_long():
    waiting = Waiting(retry_max_wait=20)
    assert not waiting.wait_if_retryable(LIMIT, retry_after=20.5)
    assert "Run again in 21 seconds" in str(waiting.error) and waiting.waits == []


def test_the_operating_limit_is_told_by_the_portals_own_clock_and_by_the_methods_own_last_success():
    waiting = Waiting()
    waiting.retry_policy.note("mailservice.add", {"finish": 1000.0, "operating": 3.5, "operating_reset_at": 1200.0})
    waiting.retry_policy.note("mailservice.add", {"finish": 1100.0, "operating": 9.5, "operating_reset_at": 1130.5})
    waiting.retry_policy.note("mailservice.get", {"finish": 1100.0, "operating": 4.5, "operating_reset_at": 1101.0})
    assert waiting.wait_if_retryable(BUSY) and waiting.waits == [30.5]
    assert waiting.api["operating"] == 9.5


@pytest.mark.parametrize("time", [{}, {"operating_reset_at": 5.0}, {"finish": 5.0}])
def test_an_operating_limit_of_unknown_length_fails_at_once(time):
    waiting = Waiting()
    waiting.retry_policy.note("mailservice.add", time)
    assert not waiting.wait_if_retryable(BUSY)
    assert "ten minutes" in str(waiting.error) and waiting.waits == []


def test_waiting_for_a_limit_always_takes_some_time_so_that_it_ends():
    waiting = Waiting(retry_max_wait=5)
    waiting.retry_policy.note("mailservice.add", {"finish": 50.0, "operating_reset_at": 20.0})
    count = 0
    while waiting.wait_if_retryable(BUSY):
        count += 1
    assert count == 5


def test_an_absurd_number_of_refusals_is_no_matter():
    waiting = Waiting(retry_max_wait=10**6)
    assert all(waiting.wait_if_retryable(LIMIT) for dummy in range(3000))
