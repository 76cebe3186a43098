# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a task returns that has written: for each change what became of it, as it was read back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .._rest.commands import DONE, FAILED, NOT_TRIED, UNKNOWN
from .result import Result, result_of, shown_in_order

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .._planning.changes import Change
    from .._planning.model import MailService
    from .executor import Executor
    from .operation import Operation
    from .result import Decision


_UNREAD = "what the portal stored could not be read back"


class CarriedOut(Result):
    """What was done. ``failure``: one line, or None. ``stopped``: what ended it all of a sudden."""

    def __init__(self, decision: Decision, executor: Executor, stopped: str | None = None) -> None:
        super().__init__(decision)
        self._operations = {operation.change: operation for operation in executor.operations}
        self._seen = None if executor.unread is not None or stopped is not None else executor.seen
        failed = [operation for operation in executor.operations if operation.status in (FAILED, UNKNOWN)]
        errors = [operation.portal_error for operation in failed if operation.portal_error is not None]
        self._error = errors[0] if errors else executor.unread
        self.failure = stopped
        if stopped is None and failed:
            self.failure = _told(failed, executor.operations)
            if executor.unread is not None and self.failure is not None:
                self.failure = f"{self.failure.rstrip('.')}; {_UNREAD}: {executor.unread}"
        elif stopped is None and executor.unread is not None:
            self.failure = f"all changes were sent, but {_UNREAD}: {executor.unread}"

    @property
    def changed(self) -> bool:
        return any(operation.changed for operation in self._operations.values())

    def to_user(self) -> dict[str, Any]:
        return {**super().to_user(), **({} if self._error is None else self._error.as_result())}

    def bare(self) -> dict[str, Any]:
        """What became of each change and nothing else, for where the whole result cannot be made."""
        return {
            "changed": self.changed,
            "host": self.decision.host,
            "api": self.decision.api,
            "results": [self._of_change(change) for change in self.plan.changes],
        }

    def mailservices(self) -> list[dict[str, Any]] | None:
        if self._seen is None:
            return None
        services = [service for service in self._seen.values() if service.active]
        touched = map(self._service_after, self._operations)
        services.extend(service for service in touched if service is not None and not service.active)
        return shown_in_order(services)

    def _of_change(self, change: Change) -> dict[str, Any]:
        operation = self._operations[change]
        return result_of(
            change.name_after,
            operation.id,
            change.action,
            changed=operation.changed,
            failed=operation.status in (FAILED, UNKNOWN),
            error=operation.error,
            skipped=operation.status == NOT_TRIED,
        )

    def _service_after(self, change: Change) -> MailService | None:
        """As it was read back."""
        if self._seen is None:
            return None
        operation = self._operations[change]
        stored = self._seen.get(operation.id or 0)
        if stored is None and change.is_plain_deactivation and operation.status == DONE:
            # Absence from the list of active services proves it; the rest of it was not touched.
            return change.after
        return stored

    def _id_in_diff(self, change: Change) -> tuple[bool, int | None]:
        operation = self._operations[change]
        return operation.changed, operation.id


def _told(failed: Sequence[Operation], operations: Sequence[Operation]) -> str | None:
    """Of several changes how many failed, and why the first of them did."""
    if len(operations) == 1:
        return failed[0].error
    refused, done, not_tried, unknown = (
        sum(operation.status == status for operation in operations) for status in (FAILED, DONE, NOT_TRIED, UNKNOWN)
    )
    told = f"{refused} of {len(operations)} changes failed, {done} were done, {not_tried} not tried"
    if unknown:
        told += f", {unknown} may have been done"
    return f"{told}; first: {failed[0].error}"
