# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads the mail services of a portal: the list of active ones, and the inactive ones that it hides."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Callable, Dict, TypeVar

from .._planning.matching import (
    CurrentState,
    needs_inactive,
    unknown_ids,
)
from .._planning.model import (
    ID_PARAMETER,
    MailService,
    UnreadableService,
    labels_to_user,
)
from .._planning.problems import TOO_MANY_IDS, PlanRefused, forbidden
from .._rest.commands import DONE, Command
from .._rest.errors import PortalError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from .._planning.desired import DesiredService
    from .._rest.client import Client
    from .._rest.commands import Outcome, ResultOf

T = TypeVar("T")
User = Dict[str, Any]
"""``{"id": whole number or None, "admin": flag or None}``"""

_USER_ID = re.compile(r"[0-9]{1,18}\Z")

LIST, GET, FIELDS, PROFILE = "mailservice.list", "mailservice.get", "mailservice.fields", "profile"
NOTHING_OR_NO = "ERROR_CORE"
TWIN_PAUSE = 2
"""Seconds after which twins are looked at once more: another run may be clearing its own."""


class Reader:
    """Reads through a Client. ``lookahead`` and ``max_ids``, numbers of IDs, bound the search for inactive services."""

    def __init__(self, client: Client, lookahead: int = 50, max_ids: int = 1000) -> None:
        self._client = client
        self._lookahead = lookahead
        self._max_ids = max_ids

    def current_state(self, desired: Sequence[DesiredService], purge: str = "none") -> CurrentState:
        """Read as much as it takes to plan for ``desired``. Returns CurrentState; raises PortalError, PlanRefused."""
        current = CurrentState(self.active())
        if needs_inactive(desired, current, purge):
            return self.find_inactive(current, also=unknown_ids(desired, current))
        ids = unknown_ids(desired, current)
        if ids:
            current = CurrentState(current.active, self.get_by_ids(ids), ids)
            if needs_inactive(desired, current, purge):
                return self.find_inactive(current)
        return current

    def active(self) -> list[MailService]:
        """The active services in the portal's order: a direct call, in which alone "none" can be told from a fault."""
        try:
            response = self._client.call(LIST)
        except PortalError as error:
            if error.error == NOTHING_OR_NO and error.status == 400:
                return []
            raise
        return read_list(response.result)

    def find_inactive(self, current: CurrentState, also: Iterable[int] = ()) -> CurrentState:
        """Add every inactive service that can be found.

        That is among the IDs that the list does not show, up to the lookahead behind the highest of it.
        """
        last = max((service.id for service in current.active), default=0) + self._lookahead
        known = set(current.by_id) | current.probed_ids
        further = [service_id for service_id in also if service_id > last]
        # Counted before they are listed: the highest ID is whatever the portal says.
        count = last - sum(service_id <= last for service_id in known) + len(further)
        if count > self._max_ids:
            raise PlanRefused([forbidden(TOO_MANY_IDS, number=count, most=self._max_ids)])
        ids = [service_id for service_id in range(1, last + 1) if service_id not in known] + further
        return CurrentState(current.active, current.inactive + self.get_by_ids(ids), current.probed_ids.union(ids))

    def get_by_ids(self, ids: Collection[int]) -> list[MailService]:
        """The services that have these IDs, 50 to a request; an ID that is not there is left out."""
        if not ids:
            return []
        self._client.api["ids_searched"] += len(ids)
        return _found(ids, self._client.run_commands(list(map(get_command, ids)), halt=False))

    def active_and(self, ids: Collection[int]) -> list[MailService]:
        """The active services, and those that have these IDs: one request for the list and up to 49 IDs."""
        if not ids:
            return self.active()
        self._client.api["ids_searched"] += len(ids)
        commands = [Command(LIST, repeatable=True), *map(get_command, ids)]
        listed, *outcomes = self._client.run_commands(commands, halt=False)
        if listed.status == DONE:
            active = read_list(listed.result)
        elif listed.error is not None and listed.error.error == NOTHING_OR_NO:
            # In a batch "there is none" and a fault look alike.
            active = self.active()
        else:
            raise listed.error or unexpected(LIST, "the list was not asked for")
        return active + _found(ids, outcomes)

    def labels(self) -> dict[str, str]:
        """The portal's own labels of the fields, by the user's names."""
        return _read(FIELDS, self._client.call(FIELDS).result, labels_to_user)

    def user(self) -> User | None:
        """Whose credentials these are; None where the answer does not say."""
        return read_user(self._client.call(PROFILE).result)


def _found(ids: Iterable[int], outcomes: Iterable[Outcome]) -> list[MailService]:
    """The services in the answers to ``mailservice.get``. Raises PortalError."""
    found = []
    for service_id, outcome in zip(ids, outcomes):
        if outcome.status == DONE:
            found.append(read_one(outcome.result, service_id))
        elif not is_absence(outcome.error):
            raise outcome.error or unexpected(GET, "a service was not asked for")
    return found


def get_command(service_id: int | ResultOf) -> Command:
    return Command(GET, {ID_PARAMETER: service_id}, repeatable=True)


def is_absence(error: PortalError | None) -> bool:
    """Whether the answer to ``mailservice.get`` says that there is no such service.

    A database fault has the same code, with HTTP 500.
    """
    return error is not None and error.method == GET and error.error == NOTHING_OR_NO and (error.status or 0) < 500


def read_list(rows: object) -> list[MailService]:
    if not isinstance(rows, list):
        raise unexpected(LIST, "a list was due")
    services = [_read(LIST, row, MailService.from_portal) for row in rows]
    if len({service.id for service in services}) != len(services):
        raise unexpected(LIST, "one ID came twice")
    if not all(service.active for service in services):
        raise unexpected(LIST, "an inactive service came in the list of active ones")
    return services


def read_user(answer: object) -> User | None:
    """The user that ``profile`` answers with; None where it is none, or for what it does not say."""
    if not isinstance(answer, dict):
        return None
    user_id, admin = str(answer.get("ID", "")), answer.get("ADMIN")
    return {
        "id": int(user_id) if _USER_ID.match(user_id) else None,
        "admin": admin if isinstance(admin, bool) else None,
    }


def read_one(row: object, service_id: int | None) -> MailService:
    service = _read(GET, row, MailService.from_portal)
    if service.id != service_id:
        raise unexpected(
            GET, f"the service with the ID {service_id} was asked for, and the one with the ID {service.id} came"
        )
    return service


def unexpected(method: str, what: str) -> PortalError:
    return PortalError(
        f"{method}: the portal gave an unexpected answer: {what}. Nothing is concluded from it.",
        error="unexpected_answer",
        method=method,
        outcome_known=True,
    )


def _read(method: str, answer: object, convert: Callable[[object], T]) -> T:
    try:
        return convert(answer)
    except UnreadableService as error:
        raise unexpected(method, str(error)) from error
