# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an asserting task returns: foreseen in check mode, reported otherwise, in the same shape."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .._rest.commands import DONE, FAILED, NOT_TRIED, UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .._planning.changes import Change
    from .._planning.desired import DesiredService
    from .._planning.matching import CurrentState
    from .._planning.model import MailService
    from .._planning.plan import Plan
    from .._rest.retry import Counters
    from .executor import Executor, Operation
    from .reader import User

UNCHANGED = "unchanged"


class Report:
    """Before ``carried_out`` it tells what would be done, afterwards what was. ``failure``: one line, or None.

    ``single``: the task is about one service, and the result is in the singular.
    """

    def __init__(
        self,
        desired: Sequence[DesiredService],
        current: CurrentState,
        plan: Plan,
        host: str,
        api: Counters,
        single: bool = False,
    ) -> None:
        self.desired = desired
        self.current = current
        self.plan = plan
        self.api = api
        self.host = host
        self.user: User | None = None
        self.backup_file: str | None = None
        self.digest = plan.digest(host)
        self.single = single
        self.failure: str | None = None
        self._error: dict[str, Any] = {}
        self._operations: dict[Change, Operation] | None = None
        self._seen: dict[int, MailService] | None = None

    def carried_out(self, executor: Executor, stopped: str | None = None) -> None:
        """Take over what became of each change; ``stopped``: what ended it all of a sudden."""
        self._operations = {operation.change: operation for operation in executor.operations}
        self._seen = None if executor.unread is not None or stopped is not None else executor.seen
        failed = [operation for operation in executor.operations if operation.status in (FAILED, UNKNOWN)]
        first = next(
            (operation.portal_error for operation in failed if operation.portal_error is not None), executor.unread
        )
        if first is not None:
            self._error = first.as_result()
        if stopped is not None:
            self.failure = stopped
        elif failed:
            self.failure = failed[0].error
            if len(executor.operations) > 1:
                count = {
                    status: sum(operation.status == status for operation in executor.operations)
                    for status in (DONE, NOT_TRIED)
                }
                self.failure = (
                    f"{len(failed)} of {len(executor.operations)} changes failed, "
                    f"{count[DONE]} were done, {count[NOT_TRIED]} not tried; first: {self.failure}"
                )
        elif executor.unread is not None:
            self.failure = (
                f"all changes were sent, but what the portal stored could not be read back: {executor.unread}"
            )

    @property
    def changed(self) -> bool:
        """Whether anything was (or may have been) written, or in check mode would be."""
        if self._operations is None:
            return bool(self.plan.changes)
        return any(operation.may_have_written for operation in self._operations.values())

    def to_user(self) -> dict[str, Any]:
        result = {"changed": self.changed, "diff": self.diff(), **self._facts()}
        if self.single:
            service = self._service_after()
            change = self.plan.by_entry[0][0]
            result.update(
                mailservice=None if service is None else service.to_user(),
                changes=[] if change is None else list(change.fields),
            )
        else:
            result.update(
                plan=self.plan.to_user(),
                plan_digest=self.digest,
                results=self.results(),
                mailservices=self.mailservices(),
            )
        result.update(self._error)
        return result

    def refused(self) -> dict[str, Any]:
        """What is known where the plan was made and must not be carried out."""
        result = {"changed": False, **self._facts()}
        if not self.single:
            result.update(plan=self.plan.to_user(), plan_digest=self.digest)
        return result

    def _facts(self) -> dict[str, Any]:
        facts = {"host": self.host, "effects": self.plan.effects, "api": self.api}
        if self.user is not None and not self.single:
            facts["user"] = self.user
        if self.backup_file is not None:
            facts["backup_file"] = self.backup_file
        return facts

    def results(self) -> list[dict[str, Any]]:
        """One per entry in the order given, then one per purged service."""
        results = [
            self._result(entry, change, service) for entry, (change, service) in zip(self.desired, self.plan.by_entry)
        ]
        results.extend(
            self._result(None, change, change.before) for change in self.plan.changes if change.entry is None
        )
        return results

    def _result(
        self, entry: DesiredService | None, change: Change | None, service: MailService | None
    ) -> dict[str, Any]:
        if change is None:
            same = entry if service is None else service
            return _result(None if same is None else same.name, None if same is None else same.id, UNCHANGED)
        name = change.name_after
        if self._operations is None:
            return _result(name, change.id, change.action, changed=True)
        operation = self._operations[change]
        return _result(
            name,
            operation.id,
            change.action,
            changed=operation.may_have_written,
            failed=operation.status in (FAILED, UNKNOWN),
            error=operation.error,
            skipped=operation.status == NOT_TRIED,
        )

    def _service_after(self) -> MailService | None:
        change, service = self.plan.by_entry[0]
        if change is None:
            return service
        if self._operations is None:
            return change.after
        return None if self._seen is None else _after(change, self._operations[change], self._seen)

    def mailservices(self) -> list[dict[str, Any]] | None:
        """The active services, and the others that were touched; None where they could not be read back."""
        services: list[MailService]
        if self._operations is None:
            after = {change.id: change.after for change in self.plan.changes if change.before is not None}
            planned = [
                after.get(service.id, service)
                for service in self.current.services
                if service.active or service.id in after
            ]
            planned.extend(change.after for change in self.plan.changes if change.before is None)
            services = [service for service in planned if service is not None]
            services.sort(key=lambda service: (service.sort or 0, service.name.lower()))
        elif self._seen is None:
            return None
        else:
            services = [service for service in self._seen.values() if service.active]
            touched = [_after(change, operation, self._seen) for change, operation in self._operations.items()]
            services.extend(service for service in touched if service is not None and not service.active)
        services.sort(key=_inactive_last_by_id)
        return [service.to_user() for service in services]

    def diff(self) -> dict[str, dict[str, list[dict[str, Any]]]]:
        """Before and after of what differs, by name and ID, in a map each: Ansible prints no bare lists."""
        before: list[dict[str, Any]] = []
        after: list[dict[str, Any]] = []
        for change in self.plan.changes:
            service_id = change.id
            if self._operations is not None:
                if not self._operations[change].may_have_written:
                    continue
                service_id = self._operations[change].id
            for parts, part in zip((before, after), change.parts(service_id)):
                if part is not None:
                    parts.append(part)
        return {"before": {"mailservices": before}, "after": {"mailservices": after}}


def _after(change: Change, operation: Operation, seen: dict[int, MailService]) -> MailService | None:
    """The service that a change was about, as it was read back."""
    stored = seen.get(operation.id or 0)
    if stored is None and change.is_plain_deactivation and operation.status == DONE:
        # Absence from the list of active services proves it; the rest of it was not touched.
        return change.after
    return stored


def _inactive_last_by_id(service: MailService) -> tuple[Any, ...]:
    """Keeps the order of the active ones; what is to be created gets its ID in this order."""
    return (False,) if service.active else (True, service.id or float("inf"), service.sort, service.name)


def _result(
    name: str | None,
    service_id: int | None,
    action: str,
    changed: bool = False,
    failed: bool = False,
    error: str | None = None,
    skipped: bool = False,
) -> dict[str, Any]:
    return {
        "name": name,
        "id": service_id,
        "action": action,
        "changed": changed,
        "failed": failed,
        "error": error,
        "skipped": skipped,
    }
