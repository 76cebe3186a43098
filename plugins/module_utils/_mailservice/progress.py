# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Takes the outcomes of a pass over the plan as they come, so that they are in the journal before the next request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._rest.batch import Observer
from .._rest.commands import DONE, NOT_TRIED, UNKNOWN
from .reader import read_user

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from .._rest.commands import Outcome
    from .operation import Operation
    from .record import Record
    from .rights import Rights


class Progress(Observer):
    """``queue``: the operations in the order of their commands; ``user_index``: that of the question for the user.

    ``highest_id``: gives the highest ID of a service that is known by then.
    """

    def __init__(
        self,
        queue: Sequence[Operation],
        user_index: int,
        record: Record,
        rights: Rights,
        highest_id: Callable[[], int],
    ) -> None:
        self._waiting = dict(enumerate(queue))
        self._user_index = user_index
        self._record = record
        self._rights = rights
        self._highest_id = highest_id
        self._under_way: list[Operation] = []

    def sending(self, indexes: Collection[int]) -> None:
        self._under_way = [self._waiting[index] for index in indexes if index in self._waiting]

    def answered(self, outcomes: Mapping[int, Outcome]) -> None:
        taken = []
        if self._user_index in outcomes and outcomes[self._user_index].status == DONE:
            self._rights.user = read_user(outcomes[self._user_index].result)
        for index, outcome in outcomes.items():
            if index in self._waiting:
                operation = self._waiting[index]
                operation.take(outcome, self._highest_id)
                if operation in self._under_way:
                    self._under_way.remove(operation)
                if outcome.status != NOT_TRIED:
                    taken.append(self._waiting.pop(index))
        self._record.note(taken, self._rights.owner)

    def lose(self) -> None:
        """The task ended in mid-request."""
        for operation in self._under_way:
            operation.sent = operation.changed = True
            operation.fail("the task ended before it was known what the portal did", status=UNKNOWN)
