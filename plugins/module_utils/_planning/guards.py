# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a plan must not do unless it is asked for, told of the changes that it would consist of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._text import quoted
from .changes import DEACTIVATE, DELETE, Change
from .likeness import by_name_key, name_key
from .problems import (
    ALLOW_EMPTY,
    BUILTIN,
    CATCH_ALL,
    MAX_REMOVALS,
    NAME_TAKEN,
    SAME_SERVER,
    SIMILAR_NAME,
    Problem,
    forbidden,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from .desired import DesiredService
    from .limits import Limits
    from .matching import CurrentState


def name_clashes(changes: Sequence[Change], current: CurrentState) -> Iterator[Problem]:
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
            yield Problem(
                change.entry,
                NAME_TAKEN,
                f"{quoted(change.name)} (id {change.id}) cannot be renamed to {quoted(change.name_after)}: "
                f"that is the name of the service with the ID {', '.join(map(str, others))}",
            )


def similar_names(changes: Iterable[Change], current: CurrentState) -> Iterator[Problem]:
    """Creations beside a service that is probably meant: its name differs only in what readers overlook."""
    created = [change for change in changes if change.before is None and change.entry is not None]
    current_by_key = by_name_key(current.services) if created else {}
    for change in created:
        entry = change.entry
        if entry is None or entry.previous_names or entry.allow_similar_name:
            continue
        others = current_by_key.get(name_key(change.name), [])
        if others:
            called = ", ".join(f"{quoted(service.name)} (id {service.id})" for service in others)
            yield Problem(
                entry,
                SIMILAR_NAME,
                f"no service has this very name, but {called} differs from it only in case, blanks or Unicode form; "
                "to mean that one, write its name exactly, or give its id or previous_names; "
                "to create another one, set allow_similar_name: true",
            )
    yield from similar_entries(change.entry for change in created if change.entry is not None)


def similar_entries(entries: Iterable[DesiredService]) -> Iterator[Problem]:
    """Creations beside one another: most likely one service is meant, and one of the names is a slip."""
    first: dict[str, DesiredService] = {}
    for entry in entries:
        if entry.name is None:
            continue
        other = first.setdefault(name_key(entry.name), entry)
        meant = any(each.previous_names or each.allow_similar_name for each in (entry, other))
        if other.name != entry.name and not meant:
            yield Problem(
                entry,
                SIMILAR_NAME,
                f"its name differs from that of {other.label} only in case, blanks or Unicode form; "
                "to mean one service, write one name; if both are meant, set allow_similar_name: true",
            )


def guarded(desired: Iterable[DesiredService], changes: Sequence[Change], limits: Limits) -> Iterator[Problem]:
    """What is not done without being asked. The messages name the services, of which some have no entry."""
    removals = [change for change in changes if change.is_removal]
    if limits.purge != "none" and not limits.allow_empty and not any(entry.is_present for entry in desired):
        yield forbidden(ALLOW_EMPTY, purge=limits.purge)
    if 0 <= limits.max_removals < len(removals):
        names = _some(change.name for change in removals)
        yield forbidden(MAX_REMOVALS, number=len(removals), names=names, most=limits.max_removals)
    for change in changes:
        if change.ends_catch_all and not limits.allow_catch_all_change:
            lasting = "" if change.action == DEACTIVATE else ", for good"
            yield forbidden(
                CATCH_ALL, name=quoted(change.name), id=change.id, what=_as_catch_all(change), lasting=lasting
            )
        service = change.before
        if change.action == DELETE and service and service.cannot_be_made_again and not limits.allow_builtin_delete:
            yield forbidden(BUILTIN, name=quoted(change.name), id=change.id)
    yield from _replaced(changes, removals)


def _as_catch_all(change: Change) -> str:
    if change.before is not None and change.before.is_hosted:
        return "is a catch-all of the portal, for the mailboxes of services that are deleted,"
    return "is the catch-all of the portal"


def _replaced(changes: Iterable[Change], removals: Iterable[Change]) -> Iterator[Problem]:
    """Services made anew beside the removal of one with the same server and port."""
    created: dict[tuple[str, int | None], Change] = {}
    for change in changes:
        if change.before is None and change.after is not None and change.after.server is not None:
            created.setdefault((change.after.server, change.after.port), change)
    for change in removals:
        if change.before is None or change.before.server is None:
            continue
        twin = created.get((change.before.server, change.before.port))
        if twin is not None:
            yield Problem(
                None,
                SAME_SERVER,
                f"{quoted(twin.name)} would be created and {quoted(change.name)} (id {change.id}) removed, "
                f"both with the server {quoted(change.before.server)}: its mailboxes would be lost; "
                "rename it instead, with id or previous_names",
            )


def _some(names: Iterable[str], most: int = 5) -> str:
    sorted_names = sorted(quoted(name) for name in names)
    return ", ".join(sorted_names[:most]) + (", …" if len(sorted_names) > most else "")
