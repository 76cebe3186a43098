# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the credentials of a connection are good for, found out in one request, on its own or beside the list."""

from __future__ import annotations

import time
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from .._rest.commands import DONE, Command
from .reader import FIELDS, LIST, NOTHING_OR_NO, PROFILE, read_list, read_user, unexpected

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from .._planning.model import MailService
    from .._rest.client import Client
    from .._rest.commands import Outcome
    from .reader import Reader

SCOPE = "scope"
NEEDED = ("mailservice",)

REFUSED = frozenset(
    (
        "NO_AUTH_FOUND",
        "INVALID_CREDENTIALS",
        "insufficient_scope",
        "expired_token",
        "invalid_token",
        "APPLICATION_NOT_FOUND",
        "INVALID_REQUEST",
        "authorization_error",
        "ACCESS_DENIED",
        "PORTAL_DELETED",
        "WRONG_AUTH_TYPE",
        "WRONG_LICENSE",
        "user_access_error",
        "OVERLOAD_LIMIT",
        "invalid_grant",
        "invalid_client",
        "invalid_scope",
        "PAYMENT_REQUIRED",
    )
)
"""The codes of a portal, or of its authorization server, that does not take these credentials, now or ever.

Every other failure is one of the task.
"""


def examine(client: Client, local_clock: Callable[[], float] = time.time) -> dict[str, Any]:
    """Ask ``profile``, ``scope`` and a harmless method of the scope; returns the dictionary that portal_info documents.

    Raises PortalError where the portal did not answer at all.
    """
    outcomes = _ask(client, FIELDS)
    identity = _identity(client, outcomes, outcomes[2].status == DONE, local_clock())
    return dict(identity, token_expires=None if client.token_expires is None else _utc(client.token_expires))


def examine_and_list(
    client: Client, reader: Reader, local_clock: Callable[[], float] = time.time
) -> tuple[dict[str, Any], list[MailService] | None]:
    """``(identity, active services)``: the same, with the list in the place of the harmless method.

    The services are None where the portal does not take the credentials for them. Raises PortalError.
    """
    outcomes = _ask(client, LIST)
    listed = outcomes[2]
    # In a batch "there is none" and a fault look alike.
    is_doubtful = listed.error is not None and listed.error.error == NOTHING_OR_NO
    identity = _identity(
        client, outcomes[:2] if is_doubtful else outcomes, is_doubtful or listed.status == DONE, local_clock()
    )
    if is_doubtful:
        return identity, reader.active()
    return identity, read_list(listed.result) if listed.status == DONE else None


def _ask(client: Client, method: str) -> list[Outcome]:
    """What became of ``profile``, ``scope`` and a method that reads."""
    return client.run_commands([Command(name, repeatable=True) for name in (PROFILE, SCOPE, method)], halt=False)


def _identity(client: Client, outcomes: Sequence[Outcome], can_read: bool, now: float) -> dict[str, Any]:
    """outcomes: of ``profile`` and ``scope``, and of what else may refuse; now: this machine's clock when they came."""
    profile, scope = outcomes[:2]
    refusals = [outcome.error for outcome in outcomes if outcome.error is not None]
    for error in refusals:
        if error.error not in REFUSED:
            raise error
    result: dict[str, Any] = dict(
        host=client.host,
        kind=client.kind,
        user=None,
        scopes=None,
        missing_scopes=None,
        surplus_scopes=None,
        can_read=can_read,
        can_write=False,
        error=None,
        advice=None,
    )
    if profile.status == DONE:
        result["user"] = user = read_user(profile.result)
        if user is None or user["id"] is None:
            raise unexpected(PROFILE, "a user was due")
    if scope.status == DONE:
        result["scopes"] = scopes = _scopes(scope.result)
        result["missing_scopes"] = [name for name in NEEDED if name not in scopes]
        result["surplus_scopes"] = [name for name in scopes if name not in NEEDED]
    if result["can_read"]:
        result["can_write"] = None if result["user"] is None else result["user"]["admin"]
    if refusals:
        result.update(error=refusals[0].error, advice=refusals[0].advice)
    finished = max((outcome.time["finish"] for outcome in outcomes if "finish" in outcome.time), default=None)
    result["server_time"] = server_time = None if finished is None else _utc(finished)
    result["clock_difference"] = None if server_time is None or finished is None else round(finished - now, 1) + 0.0
    result["verdict"] = _verdict(result)
    return result


def _utc(seconds: float) -> str | None:
    """Seconds since 1970 as text; None where no calendar has that moment."""
    try:
        return datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (ValueError, OverflowError, OSError):
        return None


def _scopes(answer: Any) -> list[str]:
    names = list(answer.values()) if isinstance(answer, dict) else answer
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise unexpected(SCOPE, "a list of names was due")
    return sorted(names)


def _verdict(result: Mapping[str, Any]) -> str:
    user, host = result["user"], result["host"]
    if user is None:
        error, advice = result["error"], result["advice"]
        return f"{host} does not take these credentials ({error}). {advice}"
    user_id = user["id"]
    who = f"User {user_id} of {host}"
    if result["missing_scopes"] or not result["can_read"]:
        advice = result["advice"] or "Give the credentials the scope mailservice."
        return f"{who} cannot use mail services. {advice}"
    if user["admin"] is None:
        return f"{who} can read mail services; whether they can write them the portal does not tell."
    if not user["admin"]:
        return f"{who} is not an administrator: mail services can be read, and not written."
    surplus = ", ".join(result["surplus_scopes"] or ())
    more = f"; these credentials may do more than needed: {surplus}" if surplus else ""
    return f"{who} is an administrator, and can read and write mail services{more}."
