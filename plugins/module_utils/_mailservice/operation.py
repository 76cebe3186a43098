# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One change of a plan on its way: the command that carries it out, and what became of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .._planning.changes import CREATE, DELETE
from .._planning.model import ICON_PARAMETER, ID_PARAMETER, to_portal
from .._rest.commands import DONE, FAILED, NOT_TRIED, UNKNOWN, Command
from .reader import unexpected

if TYPE_CHECKING:
    from collections.abc import Callable

    from .._planning.changes import Change
    from .._rest.commands import Outcome
    from .._rest.errors import PortalError

ADD, UPDATE, REMOVE = "mailservice.add", "mailservice.update", "mailservice.delete"


class Operation:
    """A change and what became of it.

    ``number``: its place in the plan, from 1. ``status``: DONE, FAILED, UNKNOWN or NOT_TRIED. ``id``: the service's,
    also after a creation. ``sent``: whether it was in a request that may have arrived. ``changed``: whether the portal
    was changed by it, or may have been. ``icon_stored``: the digest of the icon that came back, where the portal made
    another image of the one that was sent.
    """

    def __init__(self, change: Change, number: int = 0) -> None:
        self.change = change
        self.number = number
        self.id = change.id
        self.status = NOT_TRIED
        self.error: str | None = None
        self.portal_error: PortalError | None = None
        self.attempts = 0
        self.lookalikes: list[int] = []
        self.sent = False
        self.changed = False
        self.icon_stored: str | None = None

    def done(self) -> None:
        self.status, self.error, self.portal_error = DONE, None, None
        self.changed = True

    def undone(self) -> None:
        """Reading back has shown that it was not carried out: it may be tried again."""
        self.status, self.error, self.portal_error, self.changed = NOT_TRIED, None, None, False

    @property
    def is_refused_deletion(self) -> bool:
        """Whether the portal said that there is nothing to delete, or that it does not want to."""
        error = self.portal_error
        return (
            self.change.action == DELETE and self.status == FAILED and error is not None and error.error == "ERROR_CORE"
        )

    def take(self, outcome: Outcome, highest_id: Callable[[], int]) -> None:
        """What the portal answered. ``highest_id``: gives that of the services that are known; IDs only grow."""
        self.sent |= outcome.sent or outcome.status in (DONE, UNKNOWN)
        if outcome.status == NOT_TRIED:
            return
        self.attempts += 1
        self.changed |= outcome.status in (DONE, UNKNOWN)
        if outcome.status != DONE:
            self.fail(str(outcome.error), outcome.error, outcome.status)
        elif self.change.action == CREATE and not _is_id_above(highest_id(), outcome.result):
            text = "the portal did not answer the creation with the ID of a new service"
            self.fail(text, unexpected(ADD, "the ID of a new service was due"), UNKNOWN)
        elif self.change.action != CREATE and outcome.result is not True:
            text = "the portal did not answer with true"
            self.fail(text, unexpected(self.command().method, "true was due"), UNKNOWN)
        else:
            if self.change.action == CREATE:
                self.id = outcome.result
            self.done()

    def fail(self, text: str, portal_error: PortalError | None = None, status: str = FAILED) -> None:
        self.status, self.error, self.portal_error = status, text, portal_error

    def to_record(self) -> dict[str, Any]:
        record = self.change.to_record(self.id)
        if self.icon_stored is not None and self.change.icon is not None and self.change.icon.image is not None:
            record["icon"] = {"sent": self.change.icon.image.digest, "stored": self.icon_stored}
        return record

    def command(self) -> Command:
        if self.change.action == DELETE:
            return Command(REMOVE, {ID_PARAMETER: self.id}, repeatable=False)
        params: dict[str, Any] = dict(to_portal(self.change.written))
        if self.change.icon is not None:
            params[ICON_PARAMETER] = self.change.icon.to_portal()
        if self.change.action == CREATE:
            return Command(ADD, params, repeatable=False)
        params[ID_PARAMETER] = self.id
        return Command(UPDATE, params, repeatable=False)

    @property
    def is_made(self) -> bool:
        """Whether it is a creation that was carried out."""
        return self.change.action == CREATE and self.status == DONE and self.id is not None

    @property
    def needs_get(self) -> bool:
        """Whether only ``mailservice.get`` shows what was stored: it ends inactive, and not by a plain deactivation."""
        return self.change.ends_inactive and not self.change.is_plain_deactivation


def _is_id_above(highest: int, answer: object) -> bool:
    return isinstance(answer, int) and not isinstance(answer, bool) and answer > highest
