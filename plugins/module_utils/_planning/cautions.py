# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a plan warns of: it may be meant so, and a reader should know before it is done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._text import quoted
from .likeness import alike, likeliest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .changes import Change
    from .desired import DesiredService
    from .matching import CurrentState
    from .model import MailService


def cautions_about(
    entry: DesiredService, service: MailService | None, change: Change | None, current: CurrentState
) -> Iterator[str]:
    """One sentence each; ``service``: what the entry means now, ``change``: what would be done."""
    if entry.is_present and service is not None and not service.active and "active" not in entry.fields:
        yield (
            f"{entry.label}: the service with the ID {service.id} is inactive and stays so; "
            "to switch it on, set active: true"
        )
    if change is None or change.after is None:
        return
    after = change.after
    if after.is_catch_all and not (service is not None and service.is_catch_all):
        others = [f"{quoted(other.name)} (id {other.id})" for other in current.active if other.is_catch_all]
        beside = f", beside {', '.join(others)}" if others else ""
        whose = "deleted" if service is not None and service.is_hosted else "switched off or deleted"
        yield (
            f"{entry.label}: this makes it a catch-all{beside}: an active service without server, port, encryption and "
            f"link, to which the mailboxes move of services that are {whose}"
        )
    elif service is None and after.active and after.server is None and after.link is None:
        yield (
            f"{entry.label}: the new service has neither server nor link, so employees have to type the server in; "
            "if that is not meant, is its name right?"
        )


def near_matches(changes: Iterable[Change], claimed: set[int], current: CurrentState) -> Iterator[str]:
    """Creations beside a service of the same server and port that no entry means; ``claimed``: IDs of those meant."""
    created = [change.entry for change in changes if change.before is None and change.entry is not None]
    by_server: dict[str | None, list[MailService]] = {}
    for service in likeliest(current.services) if created else ():
        if service.id not in claimed:
            by_server.setdefault(service.server, []).append(service)
    for entry in created:
        server = entry.fields.get("server")
        near = by_server.get(server if isinstance(server, str) else None, [])
        found = next((service for service in near if alike(entry, service)), None)
        if found is not None:
            same = "server" if entry.fields.get("port") is None else "server and port"
            yield (
                f"{entry.label} is to be created, and {quoted(found.name)} (id {found.id}) has the same {same}: "
                "renamed? then previous_names"
            )
