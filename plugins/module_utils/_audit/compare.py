# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Desired × current → findings of one portal. Pure; knows no clock: the same portal gives the same at any time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .._planning.cautions import icon_not_known
from .._planning.changes import DELETE, Change
from .._planning.checks import unwritable
from .._planning.desired import DesiredService
from .._planning.limits import Limits
from .._planning.matching import CurrentState, candidates_by_name, find_service, ids_to_go
from .._planning.model import MailService
from .._planning.plan import make_plan
from .._planning.problems import AMBIGUOUS, WRONG_NAME
from .collected import Collected
from .entries import read_wanted
from .findings import (
    CHANGED,
    DUPLICATED,
    EXTRA,
    INACTIVE,
    NEAR_MATCH,
    NO_CATCH_ALL,
    NOTE,
    with_effects,
)
from .likeness import differing
from .sentences import called, icon_text, no_catch_all, sentence, told_apart
from .services import list_services
from .unnamed import compare_unnamed

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .._planning.icon import PresentIcon

_NO_LIMITS: dict[str, Any] = dict(
    max_removals=-1, allow_empty=True, allow_catch_all_change=True, allow_builtin_delete=True
)


class Comparison:
    """``findings`` and ``services`` of a portal, from the entries of the desired set and its services as read."""

    def __init__(
        self,
        entries: list[Any],
        services: Iterable[dict[str, Any]],
        protect: Iterable[str] = (),
        protect_ids: Iterable[int] = (),
        icon_contents: Mapping[str, Any] | None = None,
        icons: Mapping[int, PresentIcon] | None = None,
    ) -> None:
        current = [MailService(**service) for service in services]
        self.current = CurrentState(
            [service for service in current if service.active], [service for service in current if not service.active]
        )
        self.current.icons.update(icons or {})
        self._icon_contents = icon_contents
        self.limits = Limits(protect=protect, protect_ids=protect_ids, **_NO_LIMITS)
        self._found = Collected()
        self.findings = self._found.list
        self._taken: dict[int, DesiredService] = {}
        self._missing: list[DesiredService] = []
        self._plan(self._match(self._read(entries)))
        compare_unnamed(self.current, self._taken, self._missing, self.limits, self._found)
        self._portal()
        near = {found["wanted"] for found in self.findings if found["kind"] == NEAR_MATCH}
        missing = [called(entry) for entry in self._missing if called(entry) not in near]
        self.services = list_services(self.current, self._taken, missing)

    def _read(self, entries: list[Any]) -> list[DesiredService]:
        """The entries that make sense. Others become findings, and the services they name stay out of the rest."""
        desired, refused = read_wanted(entries, self.current, self._icon_contents)
        for entry, name, problems, meant in refused:
            if entry is not None:
                for service in meant:
                    self._taken.setdefault(service.id, entry)
            self._found.refuse("; ".join(problems), meant[0] if meant else None, name=name)
        return desired

    def _match(self, desired: list[DesiredService]) -> list[DesiredService]:
        """The entries that mean one service, or one that is to be made. Marks what each of them takes."""
        clear, going = [], ids_to_go(desired)
        for entry in desired:
            service, problem = find_service(entry, self.current, going)
            if problem is not None and problem.kind == AMBIGUOUS:
                twins = candidates_by_name(entry, self.current)
                for twin in twins:
                    self._taken.setdefault(twin.id, entry)
                self._found.add(DUPLICATED, sentence(problem.message), twins[0], ids=[twin.id for twin in twins])
                continue
            if problem is not None and problem.kind == WRONG_NAME:
                self._found.refuse(problem.message, name=entry.name)
                continue
            if service is not None and service.id in self._taken:
                other = self._taken[service.id].label
                self._found.refuse(
                    f"two entries of the wanted set mean this service: {other} and {entry.label}", service
                )
                continue
            if service is None and entry.is_present:
                asked_for = dict({"name": entry.name}, **entry.fields)
                wrong = [text for field, value in asked_for.items() for text in unwritable(field, value)]
                if wrong:
                    self._found.refuse("; ".join(wrong), name=called(entry))
                else:
                    self._missing.append(entry)
                continue
            if service is not None:
                self._taken[service.id] = entry
                clear.append(entry)
        return clear

    def _plan(self, desired: list[DesiredService]) -> None:
        """What would be written, by the planner that the modules use. What it refuses is told, and left out of it."""
        while True:
            plan = make_plan(desired, self.current, self.limits)
            refused: dict[DesiredService | None, list[str]] = {}
            for problem in plan.problems:
                refused.setdefault(problem.entry, []).append(problem.message)
            for entry, messages in refused.items():
                service = None if entry is None else find_service(entry, self.current)[0]
                fields = [] if entry is None else differing(entry, service)
                self._found.refuse("; ".join(messages), service, fields=fields)
            if not refused or None in refused:
                break
            desired = [entry for entry in desired if entry not in refused]
        for entry, (change, service) in zip(desired, plan.by_entry):
            if service is not None:
                effects = with_effects(("", effect) for effect in plan.effects if effect["id"] == service.id)
                self._judge(entry, change, service, effects)
                why = icon_not_known(entry, service, self.current)
                if why is not None:
                    self._found.add(CHANGED, icon_text(why), service, severity=NOTE)

    def _judge(
        self, entry: DesiredService, change: Change | None, service: MailService, effects: dict[str, Any]
    ) -> None:
        if change is None:
            if entry.is_present and not service.active and "active" not in entry.fields:
                self._found.add(
                    INACTIVE,
                    "Employees cannot choose it, and its entry does not say whether they shall: "
                    "set active to true or false.",
                    service,
                    severity=NOTE,
                )
        elif change.action == DELETE:
            self._found.add(
                EXTRA,
                "The wanted set says that it shall be absent.",
                service,
                **self._found.removal(service, self.current.services),
            )
        else:
            fields = [(field, before, after) for field, (before, after) in change.fields.items()]
            if change.fields.get("active") == (False, True):
                self._found.add(
                    INACTIVE,
                    "Employees cannot choose it, and shall be able to.",
                    service,
                    fields=fields,
                    **effects,
                )
            else:
                self._found.add(
                    CHANGED,
                    told_apart([field for field, dummy, dummy2 in fields]),
                    service,
                    fields=fields,
                    **effects,
                )

    def _portal(self) -> None:
        text = no_catch_all(self.current.active)
        if text is not None:
            self._found.add(NO_CATCH_ALL, text)
