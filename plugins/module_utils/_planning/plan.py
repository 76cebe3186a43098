# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The planner: desired × current → plan. Pure; linear in the number of services."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from .._text import quoted, shown
from .changes import CREATE, DEACTIVATE, DELETE, PLAN_KEYS, UPDATE, Change
from .effects import effects_of
from .limits import Limits
from .matching import PlanRefused, match
from .model import (
    MailService,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from .desired import DesiredService
    from .matching import CurrentState


class Plan:
    """What shall be written, in order.

    ``by_entry``: for each entry in the order given its change (or None) and the service that it means now (or None).
    ``unchanged``: services that entries name and that are as they shall be. ``effects``: on mailboxes.
    """

    def __init__(
        self,
        changes: Iterable[Change],
        by_entry: list[tuple[Change | None, MailService | None]],
        warnings: list[str],
        current: CurrentState,
    ) -> None:
        self.changes = sorted(changes, key=lambda change: change.rank)
        self.by_entry = by_entry
        self.unchanged = sorted(
            (service for change, service in by_entry if change is None and service is not None),
            key=lambda service: service.id,
        )
        self.warnings = warnings
        self.effects = effects_of(self.changes, current.services)

    def to_user(self) -> dict[str, list[dict[str, Any]]]:
        plan = {
            key: [change.to_user() for change in self.changes if change.action == action]
            for action, key in PLAN_KEYS.items()
        }
        plan["unchanged"] = [{"name": service.name, "id": service.id, "changes": {}} for service in self.unchanged]
        return plan

    def digest(self, host: str) -> str:
        """SHA-256 of the plan and its effects on this host: the same digest means the same writes and consequences."""
        canonical = json.dumps(
            {"host": host, "plan": self.to_user(), "effects": self.effects},
            sort_keys=True,
            separators=(",", ":"),
            ensure_ascii=True,
        )
        return hashlib.sha256(canonical.encode("ascii")).hexdigest()


def make_plan(desired: Sequence[DesiredService], current: CurrentState, limits: Limits) -> Plan:
    """Decide what must be written so that ``current`` becomes what ``desired`` says.

    Raises PlanRefused with all problems.
    """
    matched = match(desired, current)
    problems: list[str] = []
    warnings: list[str] = []
    by_entry: list[tuple[Change | None, MailService | None]] = []
    for entry, service in zip(desired, matched):
        problems.extend(entry.label + ": " + problem for problem in _impossible(entry, service))
        by_entry.append((_change_for(entry, service), service))
        if entry.is_present and service is not None and not service.active and "active" not in entry.fields:
            warnings.append(
                f"{entry.label}: the service with the ID {service.id} is inactive and stays so; "
                "to switch it on, set active: true"
            )
    changes = [change for change, dummy in by_entry if change is not None]
    changes.extend(_purged(matched, current, limits))
    problems.extend(_name_clashes(changes, current))
    problems.extend(_guarded(desired, changes, limits))
    if problems:
        raise PlanRefused(problems)
    return Plan(changes, by_entry, warnings, current)


def _impossible(entry: DesiredService, service: MailService | None) -> Iterator[str]:
    for field, value in entry.asserted.items():
        if not entry.is_present:
            continue
        if service is None:
            if value is not None:
                yield f"{field} cannot be set on a service that is to be created: REST has no way to"
        elif getattr(service, field) != value:
            yield (
                f"{field} is {shown(getattr(service, field))} on the portal and cannot be changed to {shown(value)}: "
                "REST has no way to"
            )
    if entry.is_present and service is not None:
        for field, value in entry.fields.items():
            if value is None and getattr(service, field) is not None:
                yield (
                    f"{field} is {shown(getattr(service, field))} on the portal and cannot be unset over REST; "
                    "give another value, or omit it"
                )


def _change_for(entry: DesiredService, service: MailService | None) -> Change | None:
    if not entry.is_present:
        return None if service is None else Change(DELETE, service, None, entry)
    fields = dict(entry.fields)
    if entry.name is not None:
        fields["name"] = entry.name
    given: dict[str, Any] = {field: value for field, value in fields.items() if value is not None}
    if service is None:
        return Change(CREATE, None, MailService.to_be_created(given), entry)
    after = service._replace(**given)
    change = Change(DEACTIVATE if service.active and not after.active else UPDATE, service, after, entry)
    return change if change.fields else None


def _purged(matched: Iterable[MailService | None], current: CurrentState, limits: Limits) -> Iterator[Change]:
    if limits.purge == "none":
        return
    claimed = {service.id for service in matched if service is not None}
    for service in current.services:
        if service.id in claimed or limits.protects(service):
            continue
        if limits.purge == "delete":
            yield Change(DELETE, service, None)
        elif service.active:
            yield Change(DEACTIVATE, service, service._replace(active=False))


def _name_clashes(changes: Sequence[Change], current: CurrentState) -> Iterator[str]:
    """Renamings onto a name that another service has when all is done, or would have but for a purge."""
    gone = {change.id for change in changes if change.after is None and change.entry is not None}
    renamed = {
        change.id: change
        for change in changes
        if change.before is not None and change.after is not None and "name" in change.fields
    }
    owners: dict[str, list[int]] = {}
    for service in current.services:
        if service.id not in gone:
            name = renamed[service.id].name_after if service.id in renamed else service.name
            owners.setdefault(name, []).append(service.id)
    for change in renamed.values():
        others = [owner for owner in owners[change.name_after] if owner != change.id]
        if others and change.entry is not None:
            yield (
                f"{change.entry.label}: {quoted(change.name)} (id {change.id}) cannot be renamed to "
                f"{quoted(change.name_after)}: that is the name of the service with the ID "
                + ", ".join(map(str, others))
            )


def _guarded(desired: Iterable[DesiredService], changes: Sequence[Change], limits: Limits) -> Iterator[str]:
    removals = [change for change in changes if change.is_removal]
    if limits.purge != "none" and not limits.allow_empty and not any(entry.is_present for entry in desired):
        yield (
            f"no entry is wanted present, and purge: {limits.purge} would clear the portal; "
            "if that is meant, set allow_empty: true"
        )
    if 0 <= limits.max_removals < len(removals):
        yield (
            f"{len(removals)} services would be deleted or deactivated "
            f"({_some(change.name for change in removals)}), "
            f"more than max_removals: {limits.max_removals}; nothing was done"
        )
    for change in changes:
        if change.ends_catch_all and not limits.allow_catch_all_change:
            yield (
                f"{quoted(change.name)} (id {change.id}) is the catch-all of the portal and would end being one, "
                "for good; if that is meant, set allow_catch_all_change: true"
            )
        service = change.before
        if change.action == DELETE and service and service.cannot_be_made_again and not limits.allow_builtin_delete:
            yield (
                f"{quoted(change.name)} (id {change.id}) came with the portal and cannot be made again once deleted; "
                "deactivate it, or set allow_builtin_delete: true"
            )
    created: dict[tuple[str, int | None], Change] = {}
    for change in changes:
        if change.before is None and change.after is not None and change.after.server is not None:
            created.setdefault((change.after.server, change.after.port), change)
    for change in removals:
        if change.before is None or change.before.server is None:
            continue
        twin = created.get((change.before.server, change.before.port))
        if twin is not None:
            yield (
                f"{quoted(twin.name)} would be created and {quoted(change.name)} (id {change.id}) removed, "
                f"both with the server {quoted(change.before.server)}: its mailboxes would be lost; "
                "rename it instead, with id or previous_names"
            )


def _some(names: Iterable[str], most: int = 5) -> str:
    sorted_names = sorted(quoted(name) for name in names)
    return ", ".join(sorted_names[:most]) + (", …" if len(sorted_names) > most else "")
