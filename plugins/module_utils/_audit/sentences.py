# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a finding of the comparison says of an entry or a service."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._text import in_words, quoted

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .._planning.desired import DesiredService
    from .._planning.model import MailService


def called(entry: DesiredService) -> str:
    return entry.name if entry.name is not None else f"ID {entry.id}"


def missing_text(entry: DesiredService) -> str:
    if entry.id is not None:
        return f"No service of this site has the ID {entry.id}."
    return "No service of this site has this name."


def near_text(entry: DesiredService, service: MailService) -> str:
    if entry.name == service.name:
        return (
            f"The service with the ID {entry.id} that the wanted set means is not there, and this one has its name: "
            "it was deleted and made anew, and its mailboxes did not come along."
        )
    return (
        "The wanted name is not there, and this service has the same server and port: "
        "it was renamed, or made anew under another name. Put its name into previous_names, or rename it back."
    )


def icon_text(why: str) -> str:
    return f"Its icon cannot be fetched ({why}), so whether it is as wanted is not known."


def told_apart(fields: list[str]) -> str:
    return f"Its {in_words(fields)} {'is' if len(fields) == 1 else 'are'} not as wanted."


def no_catch_all(active: Iterable[MailService]) -> str | None:
    """What nothing takes over, of services that are deactivated or deleted; None where something does."""
    catch_alls = [service for service in active if service.is_catch_all]
    if any(not service.is_hosted for service in catch_alls):
        return None
    if catch_alls:
        return (
            f"Only {quoted(catch_alls[0].name)}, the portal's own mail hosting, is without server, port, encryption "
            "and link. The mailboxes of a service that is deleted move to it, "
            "but a service that is deactivated switches its mailboxes off."
        )
    return (
        "No active service is without server, port, encryption and link. "
        "A service that is deactivated switches its mailboxes off, one that is deleted cuts them loose for good."
    )


def sentence(text: str) -> str:
    """A problem's message as a sentence of its own."""
    return f"{text[:1].upper()}{text[1:]}."
