# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which service of the portal each entry means. Pure: knows neither HTTP nor what shall be done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._text import quoted
from .model import WRITABLE
from .problems import AMBIGUOUS, NOT_FOUND, SAME_SERVICE, WRONG_NAME, Problem

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from .desired import DesiredService
    from .icon import PresentIcon
    from .model import MailService

_PREVIOUS = "have one of its previous names"


class CurrentState:
    """The services of a portal as far as they were read.

    ``services``: the active ones in the portal's order, then the inactive ones that were found, by ID.
    ``probed_ids``: the IDs that the portal was asked for one by one, found or not. ``icons``: by ID those that were
    looked at, where an entry says what the icon shall be.
    """

    def __init__(
        self, active: Iterable[MailService], inactive: Iterable[MailService] = (), probed_ids: Iterable[int] = ()
    ) -> None:
        self.active = list(active)
        self.inactive = sorted(inactive, key=lambda service: service.id)
        self.services = self.active + self.inactive
        self.probed_ids = frozenset(probed_ids)
        self.by_id = {service.id: service for service in self.services}
        self.icons: dict[int, PresentIcon] = {}
        self.by_name: dict[str, list[MailService]] = {}
        for service in self.services:
            self.by_name.setdefault(service.name, []).append(service)


def unknown_ids(desired: Iterable[DesiredService], current: CurrentState) -> list[int]:
    """The IDs that entries name and that were not read yet: an inactive service, or none."""
    return sorted(
        {
            entry.id
            for entry in desired
            if entry.id is not None and entry.id not in current.by_id and entry.id not in current.probed_ids
        }
    )


def needs_inactive(desired: Iterable[DesiredService], current: CurrentState, purge: str = "none") -> bool:
    """Whether every inactive service must be looked for: a name, or a new name, was not read; or they go too."""
    if purge == "delete":
        return True
    for entry in desired:
        if entry.name is None or entry.name in current.by_name:
            continue
        renamed = entry.is_present and entry.id in current.by_id
        if entry.id is None or renamed:
            return True
    return False


def match(desired: Sequence[DesiredService], current: CurrentState) -> tuple[list[MailService | None], list[Problem]]:
    """Find the service that each entry means.

    Returns ``(matched, problems)``: of each entry a MailService, or None (to be created, absent already, or a problem).
    """
    matched: list[MailService | None] = []
    problems: list[Problem] = []
    going = ids_to_go(desired)
    for entry in desired:
        service, problem = find_service(entry, current, going)
        matched.append(service)
        if problem is not None:
            problems.append(problem)
    problems.extend(_claimed_twice(desired, matched))
    return matched, problems


def ids_to_go(desired: Iterable[DesiredService]) -> set[int]:
    """The IDs that entries want absent: of several services of one name another entry means none of these."""
    return {entry.id for entry in desired if entry.id is not None and not entry.is_present}


def find_service(
    entry: DesiredService, current: CurrentState, going: Collection[int] = ()
) -> tuple[MailService | None, Problem | None]:
    """``(service, problem)``: what the entry means (None: nothing that is there), and why it cannot mean anything.

    ``going``: as ids_to_go() gives them.
    """
    if entry.id is not None:
        service = current.by_id.get(entry.id)
        if service is None and entry.is_present:
            text = f"no mail service of this site has the ID {entry.id}; to create one, leave id out"
            return None, Problem(entry, NOT_FOUND, text)
        if service is not None and not entry.is_present and entry.name not in (None, service.name):
            text = f"the service with the ID {entry.id} is called {quoted(service.name)}; "
            return None, Problem(entry, WRONG_NAME, text + "nothing is deleted unless id and name match")
        return service, None
    candidates = candidates_by_name(entry, current)
    if len(candidates) > 1:
        candidates = [service for service in candidates if service.id not in going] or candidates
    if len(candidates) > 1:
        shared = f"are called {quoted(str(entry.name))}" if entry.name in current.by_name else _PREVIOUS
        ids = ", ".join(str(service.id) for service in candidates)
        text = f"{len(candidates)} services {shared}, with the IDs {ids}; say which one is meant with id"
        return None, Problem(entry, AMBIGUOUS, text + _how_to_delete_copies(entry, candidates))
    return (candidates[0] if candidates else None), None


def candidates_by_name(entry: DesiredService, current: CurrentState) -> list[MailService]:
    """The services that an entry without ID may mean, by ID: those of its name, else those of its previous names."""
    names: Iterable[str] = (entry.name,) if entry.name is not None else ()
    if entry.is_present and entry.name not in current.by_name:
        names = entry.previous_names
    found = [service for name in dict.fromkeys(names) for service in current.by_name.get(name, [])]
    return sorted(found, key=lambda service: service.id)


def _how_to_delete_copies(entry: DesiredService, candidates: Sequence[MailService]) -> str:
    """For services that are equal to what is wanted and to each other; the younger have the higher IDs."""
    oldest, *younger = candidates
    desired = dict(entry.fields, name=entry.name)
    if not (
        entry.is_present
        and all(getattr(oldest, field) == value for field, value in desired.items())
        and all(getattr(copy, field) == getattr(oldest, field) for copy in younger for field in WRITABLE)
    ):
        return ""
    them = f"the younger, with the ID {younger[0].id}," if len(younger) == 1 else "all but the oldest"
    how = "run the task once with" if entry.index is None else "add to mailservices"
    paste = ", ".join(f"{{id: {copy.id}, state: absent}}" for copy in younger)
    return (
        ". They are equal in every field to what is wanted, as when a creation was carried out twice; "
        f"to delete {them} {how}: {paste}"
    )


def _claimed_twice(desired: Iterable[DesiredService], matched: Iterable[MailService | None]) -> Iterator[Problem]:
    claims: dict[int, DesiredService] = {}
    for entry, service in zip(desired, matched):
        if service is None:
            continue
        other = claims.setdefault(service.id, entry)
        if other is not entry:
            text = f"both mean the service {quoted(service.name)} with the ID {service.id}"
            yield Problem(None, SAME_SERVICE, f"{other.label} and {entry.label} {text}")
