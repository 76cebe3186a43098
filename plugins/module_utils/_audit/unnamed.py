# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is left when each entry has its service: services that no entry means, and entries without a service. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._planning.likeness import alike, likeliest
from .findings import DUPLICATED, EXTRA, INACTIVE, MISSING, NEAR_MATCH, NOTE
from .likeness import differing
from .sentences import called, missing_text, near_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from .._planning.desired import DesiredService
    from .._planning.limits import Limits
    from .._planning.matching import CurrentState
    from .._planning.model import MailService
    from .collected import Collected


def compare_unnamed(
    current: CurrentState,
    taken: dict[int, DesiredService],
    missing: Iterable[DesiredService],
    limits: Limits,
    found: Collected,
) -> None:
    """``taken``: the entry that means a service, by the service's ID; what is likely to be meant is added.

    ``missing``: entries without a service. One of them and a service may be the same under two names.
    """
    unnamed = [service for service in current.services if service.id not in taken]
    free = [service for service in unnamed if not limits.protects(service)]
    near = _near(missing, free, found)
    taken.update(near)
    for service in free:
        if service.id not in near:
            _extra(service, current.services, found)
    _same_names(current, taken, found)


def _near(
    missing: Iterable[DesiredService], free: Sequence[MailService], found: Collected
) -> dict[int, DesiredService]:
    """The entries that are likely to mean a service, by its ID."""
    likely = likeliest(free)
    near: dict[int, DesiredService] = {}
    for entry in missing:
        candidate = next((service for service in likely if service.id not in near and alike(entry, service)), None)
        if candidate is not None:
            near[candidate.id] = entry
            fields = differing(entry, candidate)
            found.add(NEAR_MATCH, near_text(entry, candidate), candidate, fields=fields, wanted=called(entry))
            continue
        fields = [(field, None, value) for field, value in entry.fields.items() if value is not None]
        if entry.icon is not None and entry.icon.image is not None:
            fields.append(("icon", None, str(entry.icon.image)))
        found.add(MISSING, missing_text(entry), name=called(entry), fields=fields)
    return near


def _extra(service: MailService, services: Sequence[MailService], found: Collected) -> None:
    if service.active:
        found.add(EXTRA, "No entry of the wanted set names it.", service, **found.removal(service, services))
    else:
        text = "No entry of the wanted set names it, and employees cannot choose it."
        found.add(INACTIVE, text, service, severity=NOTE)


def _same_names(current: CurrentState, taken: dict[int, DesiredService], found: Collected) -> None:
    for services in current.by_name.values():
        ids = sorted(service.id for service in services if service.active and service.id not in taken)
        if len(ids) > 1:
            found.add(
                DUPLICATED,
                f"{len(ids)} services have this name, with the IDs {', '.join(map(str, ids))}; "
                "employees cannot tell them apart.",
                current.by_id[ids[0]],
                ids=ids,
            )
