# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who calls: webhooks in the address or the parameters, OAuth tokens in parameters or a header."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .errors import RestError
from .php import is_empty, to_int, to_text

GLOBAL_SCOPE = "_global"
Holder = Callable[[str], "tuple[User, tuple[str, ...]] | None"]
CLIENT_ID = "local.test"


@dataclass(frozen=True)
class User:
    """An employee of the portal."""

    id: int
    name: str
    admin: bool


@dataclass(frozen=True)
class Caller:
    """A call that was let in."""

    user: User
    scope: tuple[str, ...]
    entity: str
    application: bool = False


ADMIN, USER = User(1, "Admin", True), User(2, "User", False)
WEBHOOKS = {
    "admin": (ADMIN, "adminsecret00001", ("mailservice",), True),
    "user": (USER, "usersecret000002", ("mailservice",), True),
    "noscope": (ADMIN, "noscope000000003", (), True),
    "inactive": (ADMIN, "inactive00000004", ("mailservice",), False),
}
TOKENS = {"tok-ok": (ADMIN, ("mailservice",)), "tok-user": (USER, ("mailservice",)), "tok-noscope": (ADMIN, ())}
_EXPIRED = "The access token provided has expired"
_REFUSED = {
    "tok-expired": ("expired_token", _EXPIRED),
    "tok-expired-remote": ("expired_token", f"{_EXPIRED}."),
    "tok-unknown-app": ("APPLICATION_NOT_FOUND", "Application not found"),
    "tok-noreply": ("CONNECTION_ERROR", "Error connecting to authorization server"),
}
_UNKNOWN_TOKEN = ("invalid_token", "Unable to get application by token")


def webhook_path(kind: str = "admin") -> str:
    """The path of a webhook, ``/rest/USER/SECRET/``."""
    user, secret, _scope, _active = WEBHOOKS[kind]
    return f"/rest/{user.id}/{secret}/"


def refuse(code: str, text: str) -> RestError:
    """Every refusal to let a call in has this form and status."""
    return RestError(code, text, 401)


def authenticate(
    params: dict,
    scope: str,
    authorization: str | None,
    secure: bool,
    held: dict[str, Any],
    holder: Holder = lambda token: None,
) -> Caller:
    """Find out who calls; the credentials are taken out of the parameters.

    ``holder``: tells whom a token of an authorization server stands for.
    """
    token = _token(params, authorization)
    if not is_empty(token):
        caller = _by_token(to_text(token), scope, held.get("A", ()), holder)
        spent = ("auth", "access_token", "auth_connector")
    elif "aplogin" in params and "ap" in params:
        if not secure:
            raise refuse("INVALID_REQUEST", "Https required.")
        caller = _by_webhook(params["aplogin"], params["ap"], scope, held.get("W", ()))
        spent = ("aplogin", "ap")
    else:
        raise refuse("NO_AUTH_FOUND", "Wrong authorization data")
    for name in spent:
        params.pop(name, None)
    return caller


def _token(params: dict, authorization: str | None) -> Any:
    bearer = re.match(r"Bearer\s+", authorization or "", re.IGNORECASE)
    if authorization and bearer:
        return authorization[bearer.end() :]
    return next(
        (params[name] for name in ("auth", "access_token") if name in params and not isinstance(params[name], dict)),
        None,
    )


def _by_token(token: str, scope: str, held: Any, holder: Holder) -> Caller:
    found = TOKENS.get(token) or holder(token)
    if not found:
        raise refuse(*_REFUSED.get(token, _UNKNOWN_TOKEN))
    user, scopes = found
    if CLIENT_ID in held:
        raise refuse("OVERLOAD_LIMIT", "REST API is blocked due to overload.")
    if scope not in (GLOBAL_SCOPE, *scopes):
        raise refuse("insufficient_scope", "The request requires higher privileges than provided by the access token")
    return Caller(user, scopes, CLIENT_ID, application=True)


def _by_webhook(login: Any, secret: Any, scope: str, held: Any) -> Caller:
    for user, known, scopes, active in WEBHOOKS.values():
        if active and _same_user(login, user) and _same_secret(secret, known):
            if scope not in (GLOBAL_SCOPE, *scopes):
                raise refuse(
                    "insufficient_scope", "The request requires higher privileges than provided by the webhook token"
                )
            if known in held:
                raise refuse("OVERLOAD_LIMIT", "REST API is blocked due to overload.")
            return Caller(user, scopes, known)
    raise refuse("INVALID_CREDENTIALS", "Invalid request credentials")


def _same_user(login: Any, user: User) -> bool:
    return isinstance(login, str) and str(to_int(login)) == login and to_int(login) == user.id


def _same_secret(sent: Any, known: str) -> bool:
    # MySQL compares by its collation: case does not count, blanks at the end neither.
    return isinstance(sent, str) and sent.rstrip(" ").lower() == known
