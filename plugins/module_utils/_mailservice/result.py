# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an asserting task returns: foreseen in check mode, reported otherwise, in the same shape."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

from .._planning.effects import no_way_back
from .diff import make_diff

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .._planning.changes import Change
    from .._planning.desired import DesiredService
    from .._planning.matching import CurrentState
    from .._planning.model import MailService
    from .._planning.plan import Plan
    from .._rest.retry import Counters
    from .._runner import Task
    from .reader import User

UNCHANGED = "unchanged"


class Decision:
    """A plan and what it was made of. ``single``: the task is about one service, and its result is in the singular.

    ``user``, ``backup_file``, ``probes``: what became known on the way, or None; ``server_cautions``: what of
    ``probes`` a reader should know before the plan is carried out.
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
        self.host = host
        self.api = api
        self.single = single
        self.digest = plan.digest(host)
        self.user: User | None = None
        self.backup_file: str | None = None
        self.probes: list[dict[str, Any]] | None = None
        self.server_cautions: list[dict[str, Any]] = []

    def facts(self) -> dict[str, Any]:
        """What every result holds."""
        facts = {"host": self.host, "effects": self.plan.effects, "api": self.api}
        if self.user is not None and not self.single:
            facts["user"] = self.user
        if not self.single:
            facts["left_alone"] = [{"name": service.name, "id": service.id} for service in self.plan.left_alone]
        if self.probes is not None:
            facts["probes"] = self.probes
        if self.backup_file is not None:
            facts["backup_file"] = self.backup_file
        return facts

    def cautions(self) -> list[dict[str, Any]]:
        return [caution.to_user() for caution in self.plan.cautions] + self.server_cautions

    def refused(self) -> dict[str, Any]:
        """The result where the plan must not be carried out."""
        result = {"changed": False, **self.facts()}
        if not self.single:
            result.update(plan=self.plan.to_user(), plan_digest=self.digest, cautions=self.cautions())
        return result


class Result(ABC):
    """The shape of a result."""

    def __init__(self, decision: Decision) -> None:
        self.decision = decision
        self.plan = decision.plan

    @property
    @abstractmethod
    def changed(self) -> bool:
        """Whether anything was (or may have been) written, or in check mode would be."""

    @abstractmethod
    def mailservices(self) -> list[dict[str, Any]] | None:
        """The active services, and the others that were touched; None where they could not be read back."""

    @abstractmethod
    def _of_change(self, change: Change) -> dict[str, Any]:
        """The entry of ``results`` for a change."""

    @abstractmethod
    def _service_after(self, change: Change) -> MailService | None:
        """The service that a change is about when all is done."""

    @abstractmethod
    def _id_in_diff(self, change: Change) -> tuple[bool, int | None]:
        """Whether the change belongs to the diff, and the ID that its service has afterwards."""

    def to_user(self) -> dict[str, Any]:
        result = {"changed": self.changed, "diff": self.diff(), **self.decision.facts()}
        if self.decision.single:
            change, service = self.plan.by_entry[0]
            if change is not None:
                service = self._service_after(change)
            result.update(
                mailservice=None if service is None else service.to_user(),
                changes=[] if change is None else list(change.fields),
            )
        else:
            result.update(
                plan=self.plan.to_user(),
                plan_digest=self.decision.digest,
                cautions=self.decision.cautions(),
                results=self.results(),
                mailservices=self.mailservices(),
            )
        return result

    def results(self) -> list[dict[str, Any]]:
        """One per entry in the order given, then one per purged service."""
        results = [
            self._of_change(change) if change is not None else _unchanged(entry if service is None else service)
            for entry, (change, service) in zip(self.decision.desired, self.plan.by_entry)
        ]
        results.extend(self._of_change(change) for change in self.plan.changes if change.entry is None)
        return results

    def effects(self) -> list[dict[str, Any]]:
        """The effects of what was (or may have been) written, or in check mode would be."""
        written = {change.id for change in self.plan.changes if self._id_in_diff(change)[0]}
        return [effect for effect in self.plan.effects if effect["id"] in written]

    def diff(self) -> list[dict[str, str]]:
        """What ``--diff`` prints of what was (or may have been) written, or in check mode would be."""
        changes = [(change, *self._id_in_diff(change)) for change in self.plan.changes]
        belonging = [(change, service_id) for change, belongs, service_id in changes if belongs]
        left_alone = [] if self.decision.single else self.plan.left_alone
        return make_diff(self.decision.host, belonging, self.effects(), left_alone)


class Planned(Result):
    """What would be done."""

    @property
    def changed(self) -> bool:
        return bool(self.plan.changes)

    def mailservices(self) -> list[dict[str, Any]] | None:
        after = {change.id: change.after for change in self.plan.changes if change.before is not None}
        planned = [
            after.get(service.id, service)
            for service in self.decision.current.services
            if service.active or service.id in after
        ]
        planned.extend(change.after for change in self.plan.changes if change.before is None)
        services = [service for service in planned if service is not None]
        services.sort(key=lambda service: (service.sort or 0, service.name.lower()))
        return shown_in_order(services)

    def _of_change(self, change: Change) -> dict[str, Any]:
        return result_of(change.name_after, change.id, change.action, changed=True)

    def _service_after(self, change: Change) -> MailService | None:
        return change.after

    def _id_in_diff(self, change: Change) -> tuple[bool, int | None]:
        return True, change.id


def shown_in_order(services: list[MailService]) -> list[dict[str, Any]]:
    """The active ones in the order given, then the inactive ones by ID; what is to be created gets its ID so."""

    def inactive_last_by_id(service: MailService) -> tuple[Any, ...]:
        return (False,) if service.active else (True, service.id or float("inf"), service.sort, service.name)

    return [service.to_user() for service in sorted(services, key=inactive_last_by_id)]


def _unchanged(same: DesiredService | MailService) -> dict[str, Any]:
    return result_of(same.name, same.id, UNCHANGED)


def result_of(
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


def tell(task: Task, result: Result) -> dict[str, Any]:
    """The task's result, with a warning for each effect that nobody can undo over REST."""
    if task.params.get("warn_of_effects", True):
        for text in filter(None, map(no_way_back, result.effects())):
            task.warn(f"{result.decision.host}: {text}")
    return result.to_user()
