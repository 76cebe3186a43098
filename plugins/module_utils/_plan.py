# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The planner: desired × current → plan. Pure; linear in the number of services."""

from __future__ import annotations

import hashlib
import json
import re

from ansible_collections.bitrix24.portal.plugins.module_utils._effects import effects_of
from ansible_collections.bitrix24.portal.plugins.module_utils._matching import PlanRefused, match
from ansible_collections.bitrix24.portal.plugins.module_utils._model import BUILT_IN_BY_NAME, WRITABLE, MailService
from ansible_collections.bitrix24.portal.plugins.module_utils._text import quoted, shown

CREATE, UPDATE, DEACTIVATE, DELETE = "create", "update", "deactivate", "delete"
_ORDER = {CREATE: 0, UPDATE: 2, DEACTIVATE: 3, DELETE: 4}
_CATCH_ALL_LAST = 5


class Limits:
    """What a plan may do. Every guard is closed unless the user opened it."""

    def __init__(
        self,
        purge="none",
        protect=(),
        protect_ids=(),
        max_removals=-1,
        allow_empty=False,
        allow_catch_all_change=False,
        allow_builtin_delete=False,
    ):
        self.purge = purge
        self.protect = [
            re.compile(".*".join(re.escape(part) for part in pattern.split("*")) + r"\Z", re.DOTALL)
            for pattern in protect or ()
        ]
        self.protect_ids = frozenset(protect_ids or ())
        self.max_removals = max_removals
        self.allow_empty = allow_empty
        self.allow_catch_all_change = allow_catch_all_change
        self.allow_builtin_delete = allow_builtin_delete

    def protects(self, service):
        """Whether a purge must leave this service alone."""
        return (
            service.is_catch_all
            or service.name == BUILT_IN_BY_NAME
            or service.id in self.protect_ids
            or any(pattern.match(service.name) for pattern in self.protect)
        )


class Change:
    """One write: ``before`` → ``after`` (MailService or None), for ``entry`` (None: purged).

    ``fields``: {field: (before, after)} of what differs, in the user's form; for a creation of all that is set.
    """

    def __init__(self, action, before, after, entry=None):
        self.action = action
        self.before = before
        self.after = after
        self.entry = entry
        self.fields = {}
        if after is not None:
            for field in WRITABLE:
                old, new = getattr(before, field, None), getattr(after, field)
                if old != new:
                    self.fields[field] = (old, new)

    @property
    def id(self):
        return None if self.before is None else self.before.id

    @property
    def name(self):
        """The name under which people know the service when the plan is read: for a creation the new one, else the current one."""
        return (self.before or self.after).name

    @property
    def is_removal(self):
        return self.action in (DEACTIVATE, DELETE)

    @property
    def ends_catch_all(self):
        return (
            self.before is not None and self.before.is_catch_all and (self.after is None or not self.after.is_catch_all)
        )

    @property
    def ends_inactive(self):
        return self.after is not None and not self.after.active

    @property
    def is_plain_deactivation(self):
        return self.action == DEACTIVATE and list(self.fields) == ["active"]

    @property
    def rank(self):
        """Where in a plan the change stands: nothing is taken away before all else is there, the catch-all comes last."""
        rank = _CATCH_ALL_LAST if self.ends_catch_all else _ORDER[self.action]
        if rank == _ORDER[UPDATE] and "name" in self.fields:
            rank -= 1
        return (rank, self.after.sort, self.after.name) if self.before is None else (rank, self.before.id, "")

    def to_user(self):
        fields = self.fields
        if self.after is None:
            # Who approves a deletion approves what is deleted, so that it belongs to the plan and its digest.
            fields = {
                field: (getattr(self.before, field), None)
                for field in WRITABLE
                if field != "name" and getattr(self.before, field) is not None
            }
        return {
            "name": self.name,
            "id": self.id,
            "changes": {field: {"before": before, "after": after} for field, (before, after) in fields.items()},
        }


class Plan:
    """What shall be written, in order.

    ``by_entry``: for each entry in the order given its change (or None) and the service that it means now (or None).
    ``unchanged``: services that entries name and that are as they shall be. ``effects``: on mailboxes.
    """

    def __init__(self, changes, by_entry, warnings, current):
        self.changes = sorted(changes, key=lambda change: change.rank)
        self.by_entry = by_entry
        self.unchanged = sorted(
            (service for change, service in by_entry if change is None and service is not None),
            key=lambda service: service.id,
        )
        self.warnings = warnings
        self.effects = effects_of(self.changes, current.services)

    def to_user(self):
        plan = {action: [change.to_user() for change in self.changes if change.action == action] for action in _ORDER}
        plan["unchanged"] = [{"name": service.name, "id": service.id, "changes": {}} for service in self.unchanged]
        return plan

    def digest(self, host):
        """SHA-256 of the plan and its effects on this host: the same digest means the same writes with the same consequences."""
        canonical = json.dumps(
            {"host": host, "plan": self.to_user(), "effects": self.effects},
            sort_keys=True,
            separators=(",", ":"),
            ensure_ascii=True,
        )
        return hashlib.sha256(canonical.encode("ascii")).hexdigest()


def make_plan(desired, current, limits):
    """Decide what must be written so that ``current`` becomes what ``desired`` says. Raises PlanRefused with all problems."""
    matched = match(desired, current)
    problems, warnings, by_entry = [], [], []
    for entry, service in zip(desired, matched):
        problems.extend(entry.label + ": " + problem for problem in _impossible(entry, service))
        by_entry.append((_change_for(entry, service), service))
        if entry.is_present and service is not None and not service.active and "active" not in entry.fields:
            warnings.append(
                "%s: the service with the ID %d is inactive and stays so; to switch it on, set active: true"
                % (entry.label, service.id)
            )
    changes = [change for change, dummy in by_entry if change is not None]
    changes.extend(_purged(matched, current, limits))
    problems.extend(_name_clashes(changes, current))
    problems.extend(_guarded(desired, changes, limits))
    if problems:
        raise PlanRefused(problems)
    return Plan(changes, by_entry, warnings, current)


def _impossible(entry, service):
    for field, value in entry.asserted.items():
        if not entry.is_present:
            continue
        if service is None:
            if value is not None:
                yield f"{field} cannot be set on a service that is to be created: REST has no way to"
        elif getattr(service, field) != value:
            yield (
                f"{field} is {shown(getattr(service, field))} on the portal and cannot be changed to {shown(value)}: REST has no way to"
            )
    if entry.is_present and service is not None:
        for field, value in entry.fields.items():
            if value is None and getattr(service, field) is not None:
                yield (
                    f"{field} is {shown(getattr(service, field))} on the portal and cannot be unset over REST; give another value, or omit it"
                )


def _change_for(entry, service):
    if not entry.is_present:
        return None if service is None else Change(DELETE, service, None, entry)
    fields = dict(entry.fields)
    if entry.name is not None:
        fields["name"] = entry.name
    if service is None:
        return Change(
            CREATE,
            None,
            MailService.to_be_created({field: value for field, value in fields.items() if value is not None}),
            entry,
        )
    after = service._replace(**{field: value for field, value in fields.items() if value is not None})
    change = Change(DEACTIVATE if service.active and not after.active else UPDATE, service, after, entry)
    return change if change.fields else None


def _purged(matched, current, limits):
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


def _name_clashes(changes, current):
    """Renamings onto a name that another service has when all is done; one that only a purge would remove still has its name."""
    gone = {change.id for change in changes if change.after is None and change.entry is not None}
    renamed = {
        change.id: change
        for change in changes
        if change.before is not None and change.after is not None and "name" in change.fields
    }
    owners = {}
    for service in current.services:
        if service.id not in gone:
            name = renamed[service.id].after.name if service.id in renamed else service.name
            owners.setdefault(name, []).append(service.id)
    for change in renamed.values():
        others = [owner for owner in owners[change.after.name] if owner != change.id]
        if others:
            yield (
                "%s: %s (id %d) cannot be renamed to %s: that is the name of the service with the ID %s"
                % (
                    change.entry.label,
                    quoted(change.name),
                    change.id,
                    quoted(change.after.name),
                    ", ".join(map(str, others)),
                )
            )


def _guarded(desired, changes, limits):
    removals = [change for change in changes if change.is_removal]
    if limits.purge != "none" and not limits.allow_empty and not any(entry.is_present for entry in desired):
        yield (
            f"no entry is wanted present, and purge: {limits.purge} would clear the portal; if that is meant, set allow_empty: true"
        )
    if 0 <= limits.max_removals < len(removals):
        yield (
            "%d services would be deleted or deactivated (%s), more than max_removals: %d; nothing was done"
            % (len(removals), _some(change.name for change in removals), limits.max_removals)
        )
    for change in changes:
        if change.ends_catch_all and not limits.allow_catch_all_change:
            yield (
                "%s (id %d) is the catch-all of the portal and would end being one, for good; if that is meant, set allow_catch_all_change: true"
                % (quoted(change.name), change.id)
            )
        if change.action == DELETE and change.before.cannot_be_made_again and not limits.allow_builtin_delete:
            yield (
                "%s (id %d) came with the portal and cannot be made again once deleted; deactivate it, or set allow_builtin_delete: true"
                % (quoted(change.name), change.id)
            )
    created = {}
    for change in changes:
        if change.action == CREATE and change.after.server is not None:
            created.setdefault((change.after.server, change.after.port), change)
    for change in removals:
        twin = created.get((change.before.server, change.before.port))
        if twin is not None:
            yield (
                "%s would be created and %s (id %d) removed, both with the server %s: its mailboxes would be lost; "
                "rename it instead, with id or previous_names"
                % (quoted(twin.name), quoted(change.name), change.id, quoted(change.before.server))
            )


def _some(names, most=5):
    names = sorted(quoted(name) for name in names)
    return ", ".join(names[:most]) + (", …" if len(names) > most else "")
