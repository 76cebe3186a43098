# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The planner: desired × current → plan. Pure; linear in the number of services."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from .._text import shown
from .cautions import cautions_about, near_matches
from .changes import CREATE, DEACTIVATE, DELETE, PLAN_KEYS, UPDATE, Change
from .checks import unwritable
from .effects import effects_of
from .guards import guarded, name_clashes, similar_names
from .icon import PresentIcon, needs_writing, told_after, told_before
from .limits import Limits
from .matching import match
from .model import MailService
from .problems import CANNOT_UNSET, INVALID, READ_ONLY, Problem

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Mapping, Sequence

    from .cautions import Caution
    from .changes import Difference
    from .desired import DesiredService
    from .matching import CurrentState


class Plan:
    """What shall be written, in order.

    ``by_entry``: for each entry in the order given its change (or None) and the service that it means now (or None).
    ``unchanged``: services that entries name and that are as they shall be. ``effects``: on mailboxes.
    ``problems``: what forbids it, all of it; a plan that has any is empty. ``left_alone``: where nothing is purged, the
    active services that a purge would take; no part of the plan, nor of its digest.
    """

    def __init__(
        self,
        changes: Iterable[Change],
        by_entry: list[tuple[Change | None, MailService | None]],
        cautions: list[Caution],
        current: CurrentState,
        problems: Iterable[Problem] = (),
        left_alone: Iterable[MailService] = (),
    ) -> None:
        self.problems = tuple(problems)
        self.changes = sorted(changes, key=lambda change: change.rank)
        self.by_entry = by_entry
        self.unchanged = sorted(
            (service for change, service in by_entry if change is None and service is not None),
            key=lambda service: service.id,
        )
        self.cautions = cautions
        self.left_alone = sorted(left_alone, key=lambda service: service.id)
        self.effects = effects_of(self.changes, current.services)

    @property
    def warnings(self) -> list[str]:
        """The cautions as a task about this portal says them."""
        return list(map(str, self.cautions))

    def to_user(self) -> dict[str, list[dict[str, Any]]]:
        plan = {
            key: [change.to_user() for change in self.changes if change.action == action]
            for action, key in PLAN_KEYS.items()
        }
        plan["unchanged"] = [{"name": service.name, "id": service.id, "changes": {}} for service in self.unchanged]
        return plan

    def digest(self, host: str) -> str:
        """What stands for this plan on this host."""
        return digest_of(host, self.to_user(), self.effects)


def digest_of(host: str, plan: Mapping[str, Any], effects: Iterable[Mapping[str, Any]]) -> str:
    """SHA-256 of a plan and its effects on a host: the same digest means the same writes and consequences."""
    canonical = json.dumps(
        {"host": host, "plan": plan, "effects": list(effects)},
        sort_keys=True,
        separators=(",", ":"),
        ensure_ascii=True,
    )
    return hashlib.sha256(canonical.encode("ascii")).hexdigest()


def make_plan(desired: Sequence[DesiredService], current: CurrentState, limits: Limits) -> Plan:
    """Decide what must be written so that ``current`` becomes what ``desired`` says."""
    matched, problems = match(desired, current)
    unclear = {problem.entry for problem in problems}
    cautions: list[Caution] = []
    by_entry: list[tuple[Change | None, MailService | None]] = []
    for entry, service in zip(desired, matched):
        if entry in unclear:
            continue
        change = _change_for(entry, service, current)
        by_entry.append((change, service))
        problems.extend(_impossible(entry, service, change))
        cautions.extend(cautions_about(entry, service, change, current))
    changes = [change for change, dummy in by_entry if change is not None]
    if not unclear:
        changes.extend(_purged(matched, current, limits))
        problems.extend(name_clashes(changes, current))
        problems.extend(similar_names(changes, current))
        problems.extend(guarded(desired, changes, limits))
    claimed = {service.id for service in matched if service is not None}
    cautions.extend(near_matches(changes, claimed, current))
    if problems:
        return Plan((), [], [], current, problems)
    left = () if limits.purge != "none" else _unnamed(current.active, claimed, limits)
    return Plan(changes, by_entry, cautions, current, left_alone=left)


def _impossible(entry: DesiredService, service: MailService | None, change: Change | None) -> Iterator[Problem]:
    """What of an entry REST, or the portal, could not write."""
    if not entry.is_present:
        return
    for field, value in entry.asserted.items():
        if service is None:
            if value is not None:
                text = f"{field} cannot be set on a service that is to be created: REST has no way to"
                yield Problem(entry, READ_ONLY, text)
        elif getattr(service, field) != value:
            here = f"{field} is {shown(getattr(service, field))} on the portal"
            text = f"{here} and cannot be changed to {shown(value)}: REST has no way to"
            yield Problem(entry, READ_ONLY, text)
    for field, value in entry.fields.items():
        if value is None and service is not None and getattr(service, field) is not None:
            here = f"{field} is {shown(getattr(service, field))} on the portal"
            yield Problem(entry, CANNOT_UNSET, f"{here} and cannot be unset over REST; give another value, or omit it")
    for field, value in change.written.items() if change is not None else ():
        for text in unwritable(field, value):
            yield Problem(entry, INVALID, text)


def _change_for(entry: DesiredService, service: MailService | None, current: CurrentState) -> Change | None:
    if not entry.is_present:
        return None if service is None else Change(DELETE, service, None, entry)
    fields = dict(entry.fields)
    if entry.name is not None:
        fields["name"] = entry.name
    given: dict[str, Any] = {field: value for field, value in fields.items() if value is not None}
    after = MailService.to_be_created(given) if service is None else service._replace(**given)
    icon = entry.icon
    words: Difference = (None, None)
    if icon is not None:
        present = current.icons.get(0 if service is None else service.id, PresentIcon())
        words = (told_before(service, present), told_after(after.name, icon))
        icon = icon if needs_writing(icon, service, present) else None
    if service is None:
        return Change(CREATE, None, after, entry, icon, words)
    action = DEACTIVATE if service.active and not after.active else UPDATE
    change = Change(action, service, after, entry, icon, words)
    return change if change.fields else None


def _purged(matched: Iterable[MailService | None], current: CurrentState, limits: Limits) -> Iterator[Change]:
    if limits.purge == "none":
        return
    claimed = {service.id for service in matched if service is not None}
    for service in _unnamed(current.services, claimed, limits):
        if limits.purge == "delete":
            yield Change(DELETE, service, None)
        elif service.active:
            yield Change(DEACTIVATE, service, service._replace(active=False))


def _unnamed(services: Iterable[MailService], claimed: Container[int], limits: Limits) -> Iterator[MailService]:
    """What no entry names and nothing protects."""
    return (service for service in services if service.id not in claimed and not limits.protects(service))
