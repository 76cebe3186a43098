# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Carries a plan out, one command a change, and finds out what became of each when an answer is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._planning.changes import CREATE
from .._rest.batch import count_requests
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
from .operation import Operation
from .progress import Progress
from .reader import (
    LIST,
    NOTHING_OR_NO,
    PROFILE,
    get_command,
    read_list,
    read_one,
)
from .record import Record
from .rights import Rights
from .settlement import settle

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from .._planning.matching import CurrentState
    from .._planning.model import MailService
    from .._planning.plan import Plan
    from .._rest.client import Client
    from .reader import Reader


class Executor:
    """Carries a plan out through a Client.

    After ``execute_plan``: ``operations`` in the plan's order; ``seen``, the services by ID as they were read back
    ({} where reading failed); ``unread``, the PortalError of a failed reading back, or None; ``read_apart``, whether
    they were read in a request of its own after the last write; ``rights``, whose the credentials are.
    ``wants_user``: ask for that where it costs no request more.
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
        self.rights = Rights(reader)
        self._wants_user = wants_user

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
        ask_user = [Command(PROFILE, repeatable=True)] if self._wants_user and self.rights.user is None else []
        if count_requests(commands + ask_user) > count_requests(commands):
            ask_user = []
        progress = Progress(queue, len(commands), self.record, self.rights, self._highest_id)
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

    def _highest_id(self) -> int:
        """Of all services that are known, those that came about included."""
        return max([*self._current.by_id, *(operation.id or 0 for operation in self.operations)], default=0)

    @property
    def _doubtful(self) -> list[Operation]:
        """Those that were not answered, refused, or halted by another's failure: an earlier copy may have done them."""
        return [operation for operation in self.operations if operation.sent and operation.status != DONE]

    def _settle(self) -> None:
        """Find out by reading what became of the doubtful ones."""
        doubtful = self._doubtful
        highest = self._highest_id()
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
        if refused and self.rights.explain(refused) is False:
            return True
        return not self._keep_going


def _in_order_of_sending(operations: Iterable[Operation]) -> list[Operation]:
    """A command that must go in a call of its own goes first, so that it does not cut a batch in two.

    Never one that takes something away.
    """

    def waits(operation: Operation) -> bool:
        return operation.command().batchable or operation.change.is_removal or operation.change.ends_catch_all

    return sorted(operations, key=waits)
