# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a plan warns of: it may be meant so, and a reader should know before it is done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._text import quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

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
        yield (
            f"{entry.label}: this makes it a catch-all{beside}: an active service without server, port, encryption and "
            "link, to which the mailboxes move of services that are switched off or deleted"
        )
    elif service is None and after.active and after.server is None and after.link is None:
        yield (
            f"{entry.label}: the new service has neither server nor link, so employees have to type the server in; "
            "if that is not meant, is its name right?"
        )
