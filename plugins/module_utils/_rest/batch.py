# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Commands on their way to a portal: up to 50 in a request, in order, until each has an outcome."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from .commands import DONE, FAILED, MOST_COMMANDS, UNKNOWN, Outcome, ResultOf
from .errors import PortalError
from .response import MISSING, read_batch
from .retry import LIMITS, AttemptState, is_transient

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from .commands import Command
    from .errors import ErrorFactory
    from .response import Entry, Reply
    from .retry import RetryPolicy

    Convert = Callable[[Any], Any]
    Exchange = Callable[[str, Mapping[str, Any], "Convert | None"], Reply]


BATCH = "batch"


class _Item:
    """A command and what became of it."""

    def __init__(self, index: int, command: Command) -> None:
        self.index = index
        self.command = command
        self.outcome = Outcome()


class Observer:
    """Is told of each request of a run: which commands are in it, by index, and what became of them."""

    def sending(self, indexes: Collection[int]) -> None:
        """The next request carries these; what it raises keeps it from being sent, and ends the run."""

    def answered(self, outcomes: Mapping[int, Outcome]) -> None:
        """Its answer has come, or will not come. A command that is going to be sent again is NOT_TRIED."""


class Batch:
    """``exchange(method, params, convert)`` sends one request and returns the Reply, or raises PortalError.

    ``convert`` turns its result into another, or raises PortalError. ``halt``: after the first command that fails,
    none is tried.
    """

    def __init__(
        self,
        commands: Iterable[Command],
        halt: bool,
        exchange: Exchange,
        retry_policy: RetryPolicy,
        error_factory: ErrorFactory,
        observer: Observer | None = None,
    ) -> None:
        self._items = [_Item(index, command) for index, command in enumerate(commands)]
        self._pending = list(self._items)
        self._attempt_state = AttemptState()
        self._halt = halt
        self._exchange = exchange
        self._retry_policy = retry_policy
        self._error_factory = error_factory
        self._observer = observer or Observer()

    def run(self) -> list[Outcome]:
        """One Outcome for each command. Never raises PortalError."""
        while self._pending:
            part = self._next_part()
            self._observer.sending([item.index for item in part])
            try:
                entries = self._send(part)
                _mark_sent(part)
            except PortalError as error:
                if error.status is not None or not error.outcome_known:
                    _mark_sent(part)
                repeatable = all(item.command.repeatable for item in part)
                if self._retry_policy.wait_if_retryable(error, self._attempt_state, repeatable):
                    continue
                _fail(part, error)
                self._tell(part)
                if self._halt or len(part) > 1 or not _is_refusal(error):
                    break
                entries = []
            rest = self._settle(part, entries)
            self._tell(part)
            if self._halt and any(item.outcome.status in (FAILED, UNKNOWN) for item in part):
                break
            if len(rest) < len(part):
                self._attempt_state = AttemptState()
            self._pending[: len(part)] = rest
        return [item.outcome for item in self._items]

    def _tell(self, part: Iterable[_Item]) -> None:
        self._observer.answered({item.index: item.outcome for item in part})

    def _next_part(self) -> list[_Item]:
        """What the next request carries."""
        return self._pending[: _count_first([item.command for item in self._pending[:MOST_COMMANDS]])]

    def _send(self, part: Sequence[_Item]) -> list[Entry]:
        """What is answered to each command of one request, in order. Raises PortalError."""
        if len(part) == 1 and (part[0].command.repeatable or not part[0].command.batchable):
            command = part[0].command
            values = {name: self._value(command, value) for name, value in command.params.items()}
            reply = self._exchange(command.method, values, None)
            return [MISSING._replace(done=True, result=reply.result, time=reply.time)]
        # By its keys an answer is told from those to all other requests: a single write has one for that alone.
        request = uuid.uuid4().hex[:12]
        keys = {item.index: f"c{item.index}x{request}" for item in part}
        methods = {keys[item.index]: item.command.method for item in part}
        lines = {keys[item.index]: self._line(item.command, keys) for item in part}
        entries = self._exchange(
            BATCH,
            {"halt": 1 if self._halt else 0, "cmd": lines},
            lambda result: read_batch(result, methods, self._error_factory),
        ).result
        return [entries[keys[item.index]] for item in part]

    def _line(self, command: Command, keys: Mapping[int, str]) -> str:
        """The command as a batch takes it: every value percent-encoded, whatever is in it. ``keys``: by index."""
        pairs = []
        for name, value in command.params.items():
            if isinstance(value, ResultOf) and value.index in keys:
                value = f"$result[{keys[value.index]}]"
            text = str(self._value(command, value))
            pairs.append(f"{quote(name, safe='')}={quote(text, safe='')}")
        query = "&".join(pairs)
        return f"{command.method}?{query}" if pairs else command.method

    def _value(self, command: Command, value: Any) -> Any:
        if isinstance(value, ResultOf):
            value = self._items[value.index].outcome.result
            if not isinstance(value, (str, int)) or isinstance(value, bool):
                what = "the command before it did not answer with an ID"
                raise self._error_factory.transport_error(command.method, "unexpected_answer", what, outcome_known=True)
        return value

    def _settle(self, part: Sequence[_Item], entries: Sequence[Entry]) -> list[_Item]:
        """Note what became of each command of one request; returns those to be sent again, in order."""
        rest: list[_Item] = []
        failed = lost = False
        for item, entry in zip(part, entries):
            if entry.done:
                item.outcome.settle(DONE, entry.result, time=entry.time)
                self._retry_policy.note(item.command.method, entry.time)
            elif entry.error is not None:
                over = self._halt and (failed or lost)
                if not over and self._may_be_resent(item.command, entry.error, waited=bool(rest)):
                    rest.append(item)
                else:
                    item.outcome.settle(FAILED if entry.error.outcome_known else UNKNOWN, error=entry.error)
                    failed = True
            elif rest:
                rest.append(item)
            elif not (self._halt and failed):
                item.outcome.settle(UNKNOWN, error=self._unanswered(item.command))
                lost = True
        return rest

    def _may_be_resent(self, command: Command, error: PortalError, waited: bool) -> bool:
        if waited:
            return error.error in LIMITS or command.repeatable and is_transient(error)
        return self._retry_policy.wait_if_retryable(error, self._attempt_state, command.repeatable)

    def _unanswered(self, command: Command) -> PortalError:
        what = "the batch response has no entry for this command"
        return self._error_factory.transport_error(command.method, "unexpected_answer", what)


def count_requests(commands: Sequence[Command]) -> int:
    """How many requests they take where nothing goes wrong."""
    pending, count = commands, 0
    while pending:
        pending = pending[_count_first(pending) :]
        count += 1
    return count


def _count_first(commands: Sequence[Command]) -> int:
    """How many go in the first request: as many as fit together, or one that must not stand in a batch."""
    for place, command in enumerate(commands[:MOST_COMMANDS]):
        if not command.batchable:
            return place or 1
    return min(len(commands), MOST_COMMANDS)


def _fail(part: Sequence[_Item], error: PortalError) -> None:
    """A request failed as a whole: if it may have arrived, all its commands may be done; if not, the first failed."""
    for item in part[:1] if error.outcome_known else part:
        item.outcome.settle(FAILED if error.outcome_known else UNKNOWN, error=error)


def _mark_sent(part: Iterable[_Item]) -> None:
    for item in part:
        item.outcome.sent = True


def _is_refusal(error: PortalError) -> bool:
    return error.status is not None and error.outcome_known
