# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A portal to call: one command, or many in as few requests as may be.

Nothing here knows what a command does, but for its being repeatable.
"""

from __future__ import annotations

import json
import random
import re
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from .._redact import Redactor
from .credentials import choose
from .errors import ErrorFactory, OptionError, PortalError
from .options import Settings
from .response import MISSING, read, read_batch
from .retry import (
    LIMITS,
    AttemptState,
    RetryPolicy,
    is_transient,
)
from .transport import HTTPTransport, retry_after

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from .credentials import Credentials
    from .response import Entry, Reply
    from .retry import Counters

DONE = "done"
FAILED = "failed"
NOT_TRIED = "not_tried"
UNKNOWN = "unknown"
MOST_COMMANDS = 50
_REFERENCE = re.compile(r"\$.*\[", re.DOTALL)


class ResultOf:
    """Stands in a command's params for the result of the command at that index of the same run_commands()."""

    def __init__(self, index: int) -> None:
        self.index = index


class Command:
    """method, params ({name: text, number or ResultOf}); repeatable: whether it does no harm to carry it out twice."""

    def __init__(self, method: str, params: Mapping[str, Any] | None = None, repeatable: bool = False) -> None:
        self.method = method
        self.params: Mapping[str, Any] = params or {}
        self.repeatable = repeatable

    @property
    def batchable(self) -> bool:
        """Whether it may stand in a batch, which replaces $…[ in a value by other commands' answers, come what may."""
        return not any(isinstance(value, str) and _REFERENCE.search(value) for value in self.params.values())


class Outcome:
    """What became of a command.

    status: DONE (result, time), FAILED (error), UNKNOWN (error; it may have been carried out) or NOT_TRIED.
    time: the numbers of the portal's time object, of which start and finish are its clock in seconds since 1970.
    """

    def __init__(self, status: str = NOT_TRIED, result: Any = None, error: PortalError | None = None) -> None:
        self.status = status
        self.result = result
        self.error = error
        self.time: dict[str, float] = {}

    def settle(
        self,
        status: str,
        result: Any = None,
        error: PortalError | None = None,
        time: dict[str, float] | None = None,
    ) -> None:
        self.status, self.result, self.error, self.time = status, result, error, time or {}


class Client:
    """The connection of one task.

    host: for results, digests and messages, without a secret; kind: "webhook" or "access_token"; api: counters (waited,
    operating in seconds); warnings: texts; secrets: texts that must not be shown; redact(text): a text from elsewhere
    as it may be shown.
    """

    def __init__(
        self,
        params: Mapping[str, Any],
        sleep: Callable[[float], object] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
        jitter: Callable[[], float] = random.random,
        environ: Mapping[str, str] | None = None,
    ) -> None:
        problems: list[str] = []
        parts: list[Any] = []
        for make in (lambda: choose(params, environ), lambda: Settings(params)):
            try:
                parts.append(make())
            except OptionError as error:
                problems.extend(error.problems)
        if problems:
            raise OptionError(problems)
        self._credentials: Credentials = parts[0]
        settings: Settings = parts[1]
        wrong_host = settings.expected_host and self._credentials.check_host(settings.expected_host)
        if wrong_host:
            raise OptionError(wrong_host)
        self.host = self._credentials.host
        self.kind = self._credentials.kind
        self.secrets = set(self._credentials.secrets)
        self.redact = Redactor(self.secrets)
        self.warnings = list(settings.warnings)
        self.api: Counters = dict(requests=0, retries=0, throttled=0, waited=0.0, operating=None, ids_searched=0)
        self._sleep = sleep
        self._error_factory = ErrorFactory(self.host, self.kind, self.redact)
        self._retry_policy = RetryPolicy(settings, self.api, self.wait, jitter)
        self._transport = HTTPTransport(settings, self.api, self._error_factory, clock)

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def close(self) -> None:
        self._transport.close()

    def wait(self, seconds: float) -> None:
        self._sleep(seconds)
        self.api["waited"] = round(self.api["waited"] + seconds, 3)

    def call(self, method: str, params: Mapping[str, Any] | None = None, repeatable: bool = True) -> Reply:
        """The Reply(result, time) to one command in a request of its own. Raises PortalError."""
        attempt_state = AttemptState()
        while True:
            try:
                return self._exchange(method, params or {})
            except PortalError as error:
                if not self._retry_policy.wait_if_retryable(error, attempt_state, repeatable):
                    raise

    def run_commands(self, commands: Sequence[Command], halt: bool = True) -> list[Outcome]:
        """One Outcome for each command. Never raises PortalError.

        They are carried out in order, up to 50 in a request. halt: after the first that fails, none is tried (False is
        for commands that only read and do not refer to each other). What is refused because of a limit is sent again
        after a wait, with all that follows.
        """
        if not halt and any(not command.repeatable or _references(command) for command in commands):
            raise ValueError("only reads that do not refer to each other may go on after a failure")
        outcomes = [Outcome() for dummy in commands]
        pending, attempt_state = list(range(len(commands))), AttemptState()
        while pending:
            part = _first_part(pending, commands)
            try:
                entries = self._send(part, commands, outcomes, halt)
            except PortalError as error:
                if self._retry_policy.wait_if_retryable(
                    error, attempt_state, all(commands[index].repeatable for index in part)
                ):
                    continue
                _fail(part, outcomes, error)
                if halt or len(part) > 1 or not _is_refusal(error):
                    break
                entries = []
            rest = self._settle(part, entries, commands, outcomes, attempt_state, halt)
            if halt and any(outcomes[index].status in (FAILED, UNKNOWN) for index in part):
                break
            if len(rest) < len(part):
                attempt_state = AttemptState()
            pending = rest + pending[len(part) :]
        return outcomes

    def _settle(
        self,
        part: Sequence[int],
        entries: Sequence[Entry],
        commands: Sequence[Command],
        outcomes: Sequence[Outcome],
        attempt_state: AttemptState,
        halt: bool,
    ) -> list[int]:
        """Note what became of each command of one request; returns the indexes of those to be sent again, in order."""
        rest: list[int] = []
        stopped, lost = False, False
        for index, entry in zip(part, entries):
            outcome, command = outcomes[index], commands[index]
            if entry.done:
                outcome.settle(DONE, entry.result, time=entry.time)
                self._retry_policy.note(command.method, entry.time)
            elif entry.error is None and rest:
                rest.append(index)
            elif entry.error is None:
                if not stopped:
                    outcome.settle(
                        UNKNOWN,
                        error=self._error_factory.transport_error(
                            command.method, "unexpected_answer", "the batch response has no entry for this command"
                        ),
                    )
                    lost = True
            elif not (halt and (stopped or lost)) and self._may_be_resent(
                entry.error, attempt_state, command, bool(rest)
            ):
                rest.append(index)
            else:
                outcome.settle(FAILED if entry.error.outcome_known else UNKNOWN, error=entry.error)
                stopped = halt
        return rest

    def _may_be_resent(self, error: PortalError, attempt_state: AttemptState, command: Command, waited: bool) -> bool:
        if waited:
            return error.error in LIMITS or command.repeatable and is_transient(error)
        return self._retry_policy.wait_if_retryable(error, attempt_state, command.repeatable)

    def _send(
        self, part: Sequence[int], commands: Sequence[Command], outcomes: Sequence[Outcome], halt: bool
    ) -> list[Entry]:
        """The entries that answer the commands of one request, in order. Raises PortalError."""
        if len(part) == 1:
            command = commands[part[0]]
            values = {name: self._value(command, value, outcomes) for name, value in command.params.items()}
            reply = self._exchange(command.method, values)
            return [MISSING._replace(done=True, result=reply.result, time=reply.time)]
        sent = {f"c{index}": commands[index] for index in part}
        lines = {key: self._line(command, part, outcomes) for key, command in sent.items()}
        reply = self._exchange("batch", {"halt": 1 if halt else 0, "cmd": lines})
        entries = read_batch(reply.result, {key: command.method for key, command in sent.items()}, self._error_factory)
        return [entries[key] for key in sent]

    def _line(self, command: Command, part: Sequence[int], outcomes: Sequence[Outcome]) -> str:
        """The command as a batch takes it: every value percent-encoded, whatever is in it."""
        pairs = []
        for name, value in command.params.items():
            if isinstance(value, ResultOf) and value.index in part:
                value = f"$result[c{value.index}]"
            text = str(self._value(command, value, outcomes))
            pairs.append(f"{quote(name, safe='')}={quote(text, safe='')}")
        query = "&".join(pairs)
        return f"{command.method}?{query}" if pairs else command.method

    def _value(self, command: Command, value: Any, outcomes: Sequence[Outcome]) -> Any:
        if isinstance(value, ResultOf):
            value = outcomes[value.index].result
            if not isinstance(value, (str, int)) or isinstance(value, bool):
                what = "the command before it did not answer with an ID"
                raise self._error_factory.transport_error(command.method, "unexpected_answer", what, outcome_known=True)
        return value

    def _exchange(self, method: str, params: Mapping[str, Any]) -> Reply:
        """One request. Raises PortalError."""
        body = dict(params)
        if self._credentials.token:
            body["auth"] = self._credentials.token
        status, headers, data = self._transport.post(
            method, self._credentials.url(method), json.dumps(body).encode("ascii")
        )
        reply = read(data, status, method, self._error_factory, retry_after(headers))
        self._retry_policy.note(method, reply.time)
        return reply


def count_requests(commands: Sequence[Command]) -> int:
    """How many requests run_commands() takes for them where nothing goes wrong."""
    pending, count = list(range(len(commands))), 0
    while pending:
        pending = pending[len(_first_part(pending, commands)) :]
        count += 1
    return count


def _first_part(pending: Sequence[int], commands: Sequence[Command]) -> list[int]:
    """The indexes that the next request carries: as many as go together, or one that must not stand in a batch."""
    part: list[int] = []
    for index in pending[:MOST_COMMANDS]:
        if not commands[index].batchable:
            return part or [index]
        part.append(index)
    return part


def _fail(part: Sequence[int], outcomes: Sequence[Outcome], error: PortalError) -> None:
    """A request failed as a whole: if it may have arrived, all its commands may be done; if not, the first failed."""
    for index in part[:1] if error.outcome_known else part:
        outcomes[index].settle(FAILED if error.outcome_known else UNKNOWN, error=error)


def _is_refusal(error: PortalError) -> bool:
    return error.status is not None and error.outcome_known


def _references(command: Command) -> bool:
    return any(isinstance(value, ResultOf) for value in command.params.values())
