# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a plan warns of: it may be meant so, and a reader should know before it is done."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from .._text import quoted
from .likeness import alike, likeliest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .changes import Change
    from .desired import DesiredService
    from .matching import CurrentState
    from .model import MailService

INACTIVE, CATCH_ALL, NO_SERVER, NEAR_MATCH, ICON_NOT_KNOWN = (
    "stays_inactive",
    "becomes_catch_all",
    "no_server",
    "near_match",
    "icon_not_known",
)


class Caution(NamedTuple):
    """One sentence, that goes on behind what the entry is called.

    ``others``: the services that the sentence names by ``{}``; with their IDs for whoever reads of one portal, without
    for whoever reads of many, on each of which they are others.
    """

    kind: str
    entry: DesiredService
    text: str
    others: tuple[MailService, ...] = ()

    def __str__(self) -> str:
        return self.entry.label + self._said(with_ids=True)

    def to_user(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "service": self.entry.name if self.entry.name is not None else f"id {self.entry.id}",
            "text": self.entry.called + self._said(with_ids=False),
        }

    def _said(self, with_ids: bool) -> str:
        called = [quoted(other.name) + (f" (id {other.id})" if with_ids else "") for other in self.others]
        return self.text.format(", ".join(called))


def cautions_about(
    entry: DesiredService, service: MailService | None, change: Change | None, current: CurrentState
) -> Iterator[Caution]:
    """``service``: what the entry means now, ``change``: what would be done."""
    if entry.is_present and service is not None and not service.active and "active" not in entry.fields:
        yield Caution(INACTIVE, entry, ": the service is inactive and stays so; to switch it on, set active: true")
    why = icon_not_known(entry, service, current)
    if why is not None:
        text = (
            f": the icon that it has cannot be fetched ({why}), so whether it is that of icon_file is not known, "
            "and it is left alone; to send icon_file all the same, set icon_force: true"
        )
        yield Caution(ICON_NOT_KNOWN, entry, text.replace("{", "{{").replace("}", "}}"))
    if change is None or change.after is None:
        return
    after = change.after
    if after.is_catch_all and not (service is not None and service.is_catch_all):
        others = tuple(other for other in current.active if other.is_catch_all)
        beside = ", beside {}" if others else ""
        whose = "deleted" if service is not None and service.is_hosted else "switched off or deleted"
        text = (
            f": this makes it a catch-all{beside}: an active service without server, port, encryption and "
            f"link, to which the mailboxes move of services that are {whose}"
        )
        yield Caution(CATCH_ALL, entry, text, others)
    elif service is None and after.active and after.server is None and after.link is None:
        text = (
            ": the new service has neither server nor link, so employees have to type the server in; "
            "if that is not meant, is its name right?"
        )
        yield Caution(NO_SERVER, entry, text)


def icon_not_known(entry: DesiredService, service: MailService | None, current: CurrentState) -> str | None:
    """Why the icon that a service has is left alone although nobody knows it; None where it is not."""
    present = None if service is None else current.icons.get(service.id)
    if entry.icon is None or entry.icon.image is None or entry.icon.force or present is None:
        return None
    return present.unread


def near_matches(changes: Iterable[Change], claimed: set[int], current: CurrentState) -> Iterator[Caution]:
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
            otherwise = "renamed? then previous_names, or else both will be there"
            text = f" is to be created, and {{}} has the same {same}: {otherwise}"
            yield Caution(NEAR_MATCH, entry, text, (found,))
