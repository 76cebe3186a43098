# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Carries a plan out, one command a change, and finds out what became of each when an answer is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._planning.changes import CREATE
from .._rest.batch import Observer, count_requests
from .._rest.commands import (
    DONE,
    FAILED,
    MOST_COMMANDS,
    NOT_TRIED,
    UNKNOWN,
    Command,
    ResultOf,
)
from .._rest.errors import PortalError
from .operation import ADD, Operation
from .reader import (
    LIST,
    NOTHING_OR_NO,
    PROFILE,
    get_command,
    read_list,
    read_one,
    read_user,
    unexpected,
)
from .record import Record
from .settlement import settle

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from .._planning.matching import CurrentState
    from .._planning.model import MailService
    from .._planning.plan import Plan
    from .._rest.client import Client
    from .._rest.commands import Outcome
    from .reader import Reader, User

NOT_ADMINISTRATOR = "the portal refuses to write: the credentials' owner is not an administrator of the portal"


class Executor:
    """Carries a plan out through a Client.

    After ``execute_plan``: ``operations`` in the plan's order; ``seen``, the services by ID as they were read back
    ({} where reading failed); ``unread``, the PortalError of a failed reading back, or None; ``read_apart``, whether
    they were read in a request of its own after the last write; ``user``, whose the
    credentials are, where that became known. ``wants_user``: ask for it where it costs no request more.
    """

    def __init__(
        self,
        client: Client,
        reader: Reader,
        plan: Plan,
        current: CurrentState,
        keep_going: bool = False,
        wants_user: bool = False,
        record: Record | None = None,
    ) -> None:
        self.record = record or Record()
        self._client = client
        self._reader = reader
        self._current = current
        self._keep_going = keep_going
        self.operations = [Operation(change, number) for number, change in enumerate(plan.changes, 1)]
        self.seen: dict[int, MailService] = {}
        self.unread: PortalError | None = None
        self.read_apart = False
        self.user: User | None = None
        self._wants_user = wants_user
        self._may_ask_user = True

    def execute_plan(self) -> None:
        queue, read_back = _in_order_of_sending(self.operations), True
        try:
            while queue:
                read_back, self.read_apart = self._send(queue), False
                if any(operation.status == UNKNOWN or operation.is_refused_deletion for operation in queue):
                    self._settle()
                    read_back = True
                if self._must_stop(queue):
                    break
                queue = [operation for operation in queue if operation.status == NOT_TRIED]
            if not read_back or not self.read_apart and self._doubtful:
                self._settle()
        except PortalError as error:
            self.unread = error
            for operation in self.operations:
                # It may be gone because an earlier copy of the request deleted it.
                operation.changed |= operation.is_refused_deletion

    def observe(self, also: Iterable[int] = ()) -> None:
        """Read back: the active services, and by ID those that the list cannot show. ``also``: further IDs."""
        active = self._reader.active()
        hidden = {
            operation.id
            for operation in self.operations
            if operation.id is not None
            and (operation.needs_get or operation.status == UNKNOWN or operation.sent and operation.status != DONE)
        }
        hidden.update(also)
        hidden.difference_update(service.id for service in active)
        self._saw(active, self._reader.get_by_ids(sorted(hidden)))
        self.read_apart = True

    def read_once_more(self, ids: Sequence[int]) -> None:
        """Read back once more: the active services, and those of these IDs."""
        found = self._reader.active_and(ids)
        self._saw([service for service in self.seen.values() if not service.active and service.id not in ids], found)

    def look_at(self, ids: Iterable[int]) -> None:
        """Read back those services of these IDs that are not yet."""
        found = self._reader.get_by_ids([service_id for service_id in ids if service_id not in self.seen])
        self._saw(self.seen.values(), found)

    def _saw(self, active: Iterable[MailService], others: Iterable[MailService]) -> None:
        self.seen = {service.id: service for service in list(active) + list(others)}

    def _send(self, queue: Sequence[Operation]) -> bool:
        """One pass over the queue, read back in the same request where it fits. Returns whether that succeeded."""
        commands = [operation.command() for operation in queue]
        places = {operation: place for place, operation in enumerate(queue)}
        inactive = [
            operation
            for operation in self.operations
            if operation.needs_get and (operation in places or operation.status == DONE)
        ]
        commands.extend(
            get_command(ResultOf(places[operation]) if operation.id is None else operation.id) for operation in inactive
        )
        commands.append(Command(LIST, {}, repeatable=True))
        ask_user = [Command(PROFILE, repeatable=True)] if self._wants_user and self.user is None else []
        if count_requests(commands + ask_user) > count_requests(commands):
            ask_user = []
        progress = _Progress(self, queue, len(commands))
        try:
            outcomes = self._client.run_commands(commands + ask_user, observer=progress)
            progress.answered(dict(enumerate(outcomes)))
        except BaseException:
            progress.lose()
            raise
        rest = outcomes[len(queue) : len(commands)]
        if any(operation.status != DONE for operation in queue) or any(outcome.status != DONE for outcome in rest):
            return False
        try:
            self._saw(
                read_list(rest[-1].result),
                [read_one(outcome.result, operation.id) for operation, outcome in zip(inactive, rest)],
            )
        except PortalError:
            return False
        return True

    def take(self, operation: Operation, outcome: Outcome) -> None:
        operation.sent |= outcome.sent or outcome.status in (DONE, UNKNOWN)
        if outcome.status != NOT_TRIED:
            operation.attempts += 1
            operation.changed |= outcome.status in (DONE, UNKNOWN)
        if outcome.status == DONE:
            if operation.change.action == CREATE:
                if not self._can_be_new(outcome.result):
                    operation.fail(
                        "the portal did not answer the creation with the ID of a new service",
                        unexpected(ADD, "the ID of a new service was due"),
                        UNKNOWN,
                    )
                    return
                operation.id = outcome.result
            elif outcome.result is not True:
                operation.fail(
                    "the portal did not answer with true",
                    unexpected(operation.command().method, "true was due"),
                    UNKNOWN,
                )
                return
            operation.done()
        elif outcome.status != NOT_TRIED:
            operation.fail(str(outcome.error), outcome.error, outcome.status)

    def _can_be_new(self, answer: object) -> bool:
        """Whether it can be the ID that this creation got: IDs only grow, and no other service has it."""
        known = [*self._current.by_id, *(operation.id or 0 for operation in self.operations)]
        return isinstance(answer, int) and not isinstance(answer, bool) and answer > max(known, default=0)

    @property
    def owner(self) -> int | None:
        """The ID of the user whose the credentials are, where it is known."""
        return None if self.user is None else self.user["id"]

    @property
    def _doubtful(self) -> list[Operation]:
        """Those that were not answered, refused, or halted by another's failure: an earlier copy may have done them."""
        return [operation for operation in self.operations if operation.sent and operation.status != DONE]

    def _settle(self) -> None:
        """Find out by reading what became of the doubtful ones."""
        doubtful = self._doubtful
        highest = max([*self._current.by_id, *(operation.id or 0 for operation in self.operations)], default=0)
        hidden_creations = any(operation.change.action == CREATE and operation.needs_get for operation in doubtful)
        self.observe(
            range(highest + 1, highest + 1 + max(len(self.operations), MOST_COMMANDS)) if hidden_creations else ()
        )
        settle(doubtful, self.operations, self.seen, self._current)

    def _must_stop(self, queue: Sequence[Operation]) -> bool:
        failed = [operation for operation in queue if operation.status == FAILED]
        if not failed:
            return False
        refused = [
            operation
            for operation in failed
            if operation.portal_error is not None and operation.portal_error.error == NOTHING_OR_NO
        ]
        if refused:
            admin = self._is_administrator()
            for operation in refused:
                _explain(operation, admin)
            if admin is False:
                return True
        return not self._keep_going

    def _is_administrator(self) -> bool | None:
        """Whether the credentials are an administrator's, None where the portal does not say; it is asked once."""
        if self.user is None and self._may_ask_user:
            self._may_ask_user = False
            try:
                self.user = self._reader.user()
            except PortalError:
                # The refusal itself is what the user must see; that nobody can say why does not replace it.
                pass
        return None if self.user is None else self.user["admin"]


class _Progress(Observer):
    """Takes the outcomes of one pass as they come, so that they are in the journal before the next request is sent."""

    def __init__(self, executor: Executor, queue: Sequence[Operation], user_index: int) -> None:
        self._executor = executor
        self._waiting = dict(enumerate(queue))
        self._user_index = user_index
        self._under_way: list[Operation] = []

    def sending(self, indexes: Collection[int]) -> None:
        self._under_way = [self._waiting[index] for index in indexes if index in self._waiting]

    def answered(self, outcomes: Mapping[int, Outcome]) -> None:
        executor, taken = self._executor, []
        if self._user_index in outcomes and outcomes[self._user_index].status == DONE:
            executor.user = read_user(outcomes[self._user_index].result)
        for index, outcome in outcomes.items():
            if index in self._waiting:
                operation = self._waiting[index]
                executor.take(operation, outcome)
                if operation in self._under_way:
                    self._under_way.remove(operation)
                if outcome.status != NOT_TRIED:
                    taken.append(self._waiting.pop(index))
        executor.record.note(taken, executor.owner)

    def lose(self) -> None:
        """The task ended in mid-request."""
        for operation in self._under_way:
            operation.sent = operation.changed = True
            operation.fail("the task ended before it was known what the portal did", status=UNKNOWN)


def _explain(operation: Operation, admin: bool | None) -> None:
    """Say of a refused write whether it was for want of rights, where that is known."""
    error = operation.portal_error
    if error is None or admin is None:
        return
    if admin:
        error.rule_out_rights()
        operation.error = str(error)
    else:
        error.blame_rights()
        operation.error = NOT_ADMINISTRATOR


def _in_order_of_sending(operations: Iterable[Operation]) -> list[Operation]:
    """A command that must go in a call of its own goes first, so that it does not cut a batch in two.

    Never one that takes something away.
    """

    def waits(operation: Operation) -> bool:
        return operation.command().batchable or operation.change.is_removal or operation.change.ends_catch_all

    return sorted(operations, key=waits)
