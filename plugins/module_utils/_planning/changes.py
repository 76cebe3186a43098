# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One change of a plan, and in which order changes are carried out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Tuple

from .model import WRITABLE, MailService, Value

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .desired import DesiredService
    from .icon import DesiredIcon

Difference = Tuple[Value, Value]
"""What a field holds before and after."""

CREATE, UPDATE, DEACTIVATE, DELETE = "create", "update", "deactivate", "delete"
ORDER = {CREATE: 0, UPDATE: 2, DEACTIVATE: 3, DELETE: 4}
PLAN_KEYS = {CREATE: "creations", UPDATE: "updates", DEACTIVATE: "deactivations", DELETE: "deletions"}
"""The lists of a plan. None is the name of a method of dict, which ``plan.update`` in a template would mean."""

_CATCH_ALL_LAST = 5


class Change:
    """One write: ``before`` → ``after`` (MailService or None), for ``entry`` (None: purged).

    ``fields``: {field: (before, after)} of what differs, in the user's form; for a creation of all that is set. An icon
    is told there in words; ``icon`` is what is to be sent of it, or None. Its new address is not known beforehand.
    """

    def __init__(
        self,
        action: str,
        before: MailService | None,
        after: MailService | None,
        entry: DesiredService | None = None,
        icon: DesiredIcon | None = None,
        icon_words: Difference = (None, None),
    ) -> None:
        self.action = action
        self.before = before
        self.after = after if icon is None or after is None else after._replace(icon=None)
        self.entry = entry
        self.icon = icon
        self.fields: dict[str, Difference] = {}
        if after is not None:
            for field in WRITABLE:
                old, new = getattr(before, field, None), getattr(after, field)
                if old != new:
                    self.fields[field] = (old, new)
        if icon is not None:
            self.fields["icon"] = icon_words

    @property
    def written(self) -> dict[str, Value]:
        """The fields that are to be written, but for the icon, as they shall be."""
        return {field: after for field, (dummy, after) in self.fields.items() if field != "icon"}

    @property
    def id(self) -> int | None:
        return None if self.before is None else self.before.id

    @property
    def name(self) -> str:
        """The name by which people know the service when they read the plan: the current one, of a creation the new."""
        return _first_of(self.before, self.after).name

    @property
    def name_after(self) -> str:
        """The name by which people know it when all is done: the new one, of a deletion the last."""
        return _first_of(self.after, self.before).name

    @property
    def is_removal(self) -> bool:
        return self.action in (DEACTIVATE, DELETE)

    @property
    def ends_catch_all(self) -> bool:
        return (
            self.before is not None and self.before.is_catch_all and (self.after is None or not self.after.is_catch_all)
        )

    @property
    def ends_inactive(self) -> bool:
        return self.after is not None and not self.after.active

    @property
    def is_plain_deactivation(self) -> bool:
        return self.action == DEACTIVATE and list(self.fields) == ["active"]

    @property
    def rank(self) -> tuple[int, int | None, str]:
        """Where in a plan it stands: nothing is taken away before all else is there, the catch-all comes last."""
        rank = _CATCH_ALL_LAST if self.ends_catch_all else ORDER[self.action]
        if rank == ORDER[UPDATE] and "name" in self.fields:
            rank -= 1
        service = _first_of(self.before, self.after)
        return (rank, service.sort, service.name) if self.before is None else (rank, service.id, "")

    def parts(self, service_id: int | None) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
        """``(before, after)``: name, ID and what differs, None where there is none; ``service_id``: that after."""
        fields = [field for field in (self.fields or WRITABLE) if field not in ("name", "icon")]
        before = None if self.before is None else _part(self.before, self.before.id, fields)
        after = None if self.after is None else _part(self.after, service_id, fields)
        if "icon" in self.fields:
            for part, words in zip((before, after), self.fields["icon"]):
                if part is not None:
                    part["icon"] = words
        return before, after

    def to_record(self, service_id: int | None) -> dict[str, Any]:
        """``{"action", "before", "after"}``, for a journal."""
        before, after = self.parts(service_id)
        return {"action": self.action, "before": before, "after": after}

    def to_user(self) -> dict[str, Any]:
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


def _part(service: MailService, service_id: int | None, fields: Iterable[str]) -> dict[str, Any]:
    part: dict[str, Any] = {"name": service.name, "id": service_id}
    part.update((field, getattr(service, field)) for field in fields)
    return part


def _first_of(first: MailService | None, second: MailService | None) -> MailService:
    """The first that there is; a change has one at least."""
    service = first or second
    if service is None:
        raise ValueError("a change has a service before it or after it")
    return service
