# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which service of the portal each entry means. Pure: knows neither HTTP nor what shall be done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._text import quoted

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from .desired import DesiredService
    from .model import MailService


class PlanRefused(Exception):
    """The desired state must not, or cannot, be brought about; nothing was written.

    ``problems``: one-line texts, all of them.
    """

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = list(problems)


class SeveralOfOneName(PlanRefused):
    """Two services carry a desired name. Worth reading once more: another run may be clearing its own twin."""


class CurrentState:
    """The services of a portal as far as they were read.

    ``services``: the active ones in the portal's order, then the inactive ones that were found, by ID.
    ``probed_ids``: the IDs that the portal was asked for one by one, found or not.
    """

    def __init__(
        self, active: Iterable[MailService], inactive: Iterable[MailService] = (), probed_ids: Iterable[int] = ()
    ) -> None:
        self.active = list(active)
        self.inactive = sorted(inactive, key=lambda service: service.id)
        self.services = self.active + self.inactive
        self.probed_ids = frozenset(probed_ids)
        self.by_id = {service.id: service for service in self.services}
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


def match(desired: Iterable[DesiredService], current: CurrentState) -> list[MailService | None]:
    """Find the service that each entry means.

    Returns a list as long as ``desired``: a MailService, or None (to be created, or absent already).
    Raises SeveralOfOneName, or PlanRefused.
    """
    problems: list[str] = []
    ambiguous: list[str] = []
    matched: list[MailService | None] = []
    for entry in desired:
        service: MailService | None = None
        if entry.id is not None:
            service = current.by_id.get(entry.id)
            if service is None and entry.is_present:
                problems.append(
                    f"{entry.label}: no mail service of this site has the ID {entry.id}; to create one, leave id out"
                )
            elif service is not None and not entry.is_present and entry.name is not None and service.name != entry.name:
                problems.append(
                    f"{entry.label}: the service with the ID {entry.id} is called {quoted(service.name)}; "
                    "nothing is deleted unless id and name match"
                )
        elif entry.name is not None:
            candidates = current.by_name.get(entry.name, [])
            if len(candidates) > 1:
                ambiguous.append(_ambiguous(entry, f"are called {quoted(entry.name)}", candidates))
            elif candidates:
                service = candidates[0]
            elif entry.is_present:
                earlier = [
                    found for name in dict.fromkeys(entry.previous_names) for found in current.by_name.get(name, [])
                ]
                if len(earlier) > 1:
                    ambiguous.append(_ambiguous(entry, "have one of its previous names", earlier))
                elif earlier:
                    service = earlier[0]
        matched.append(service)
    problems.extend(_claimed_twice(desired, matched))
    if problems:
        raise PlanRefused(ambiguous + problems)
    if ambiguous:
        raise SeveralOfOneName(ambiguous)
    return matched


def _ambiguous(entry: DesiredService, what: str, services: Collection[MailService]) -> str:
    ids = ", ".join(str(service.id) for service in sorted(services, key=lambda service: service.id))
    return f"{entry.label}: {len(services)} services {what}, with the IDs {ids}; say which one is meant with id"


def _claimed_twice(desired: Iterable[DesiredService], matched: Iterable[MailService | None]) -> Iterator[str]:
    claims: dict[int, DesiredService] = {}
    for entry, service in zip(desired, matched):
        if service is None:
            continue
        other = claims.setdefault(service.id, entry)
        if other is not entry:
            yield (
                f"{other.label} and {entry.label} both mean the service {quoted(service.name)} with the ID {service.id}"
            )
