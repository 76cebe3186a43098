# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The portal's REST server: finds a method, lets the caller in, runs it and wraps up the answer."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timezone
from typing import Any

from . import batch, php
from .auth import GLOBAL_SCOPE, Caller, Holder, authenticate
from .clock import Clock
from .errors import RestError, access_denied, core_error, method_not_found
from .faults import Faults
from .limits import DEFAULT_OPERATING_LIMIT, OperatingTime, operation_time_limit
from .mailservice import MailServices
from .security_filter import filtered
from .store import SqlError, Store
from .switches import Switches

MAIL_METHODS = tuple(f"mailservice.{verb}" for verb in ("fields", "list", "get", "add", "update", "delete"))
GLOBAL_METHODS = (
    "batch",
    "scope",
    "methods",
    "method.get",
    "server.time",
    "app.option.get",
    "app.option.set",
    "user.option.get",
    "user.option.set",
    "app.info",
    "feature.get",
    "profile",
)
SCOPES = {GLOBAL_SCOPE: GLOBAL_METHODS, "mailservice": MAIL_METHODS}


class RestServer:
    """One portal's methods, and what goes wrong with them."""

    def __init__(self, store: Store, clock: Clock, faults: Faults) -> None:
        self.store, self.clock, self.faults = store, clock, faults
        self.mail_services = MailServices(store)
        self.operating = OperatingTime(clock)
        self.switches = Switches()
        self.holder: Holder = lambda token: None

    def call(
        self, method: str, params: dict, authorization: str | None = None, secure: bool = False
    ) -> tuple[int, dict]:
        """Answer one request: the HTTP status and the body."""
        try:
            if self.switches.on("site_stopped"):
                raise RestError("PORTAL_DELETED", "Portal was deleted", 403)
            scope = self._scope(method, params)
            insecure = self.switches.on("https_required") and not secure
            caller = authenticate(params, scope, authorization, not insecure, self.switches.held, self.holder)
            return 200, self._answer(method.lower(), params, caller, self.faults.of_command(method.lower()))
        except RestError as error:
            return error.status, dict(error.body)

    def clean(self, params: dict) -> dict:
        """Parameters as the proactive filter lets them through, where it is on."""
        return filtered(params) if self.switches.on("security_on") else params

    def _scope(self, method: str, params: dict) -> str:
        """The scope of a method; a parameter called token makes the server look in the scope that it names."""
        params.pop("state", None)
        scope = next((scope for scope, methods in SCOPES.items() if method.lower() in methods), None)
        if not scope:
            raise method_not_found()
        token = params.get("token")
        if token is not None:
            named = php.to_text(token).partition("|")[0]
            if php.to_text(token) and (named or GLOBAL_SCOPE) != scope:
                raise method_not_found()
        return scope

    def _command(self, method: str, params: dict, caller: Caller) -> dict:
        """One command of a batch; an error is an answer like another."""
        try:
            scope = self._scope(method, params)
            if scope not in (GLOBAL_SCOPE, *caller.scope):
                raise RestError("insufficient_scope", "")
            faults = self.faults.of_command(method.lower(), in_batch=True)
            answer = self._answer(method.lower(), params, caller, faults)
            return {} if "wrong_shape" in faults else answer
        except RestError as error:
            return dict(error.body)

    def _answer(self, method: str, params: dict, caller: Caller, faults: Collection[str]) -> dict:
        limited = self.switches.on("load_limiter_active")
        if limited and method != "batch":
            limit = self.switches.number("load_limiter_second_limit", DEFAULT_OPERATING_LIMIT)
            if self.operating.total(caller.entity, method) > limit:
                raise operation_time_limit()
        if "operation_limit" in faults:
            raise operation_time_limit()
        if params.get("token") is not None:
            raise access_denied("Link check failed")
        params.pop("start", None)
        started = self.clock.time()
        result = self._run(method, filtered(params) if "filtered" in faults else params, caller, "strict_sql" in faults)
        if limited:
            self.operating.charge(caller.entity, method, self.switches.number("operation_seconds", 0.0))
        return {"result": result, "time": self._time(started, method, caller, limited)}

    def _run(self, method: str, params: dict, caller: Caller, strict: bool) -> Any:
        if method == "batch":
            return batch.run(params, lambda name, inner: self._command(name, inner, caller), self.clean)
        if method in MAIL_METHODS:
            self.store.strict = strict or self.switches.on("strict_sql")
            self.store.icon_rules = self.switches.icon_rules
            try:
                return self.mail_services.call(method.partition(".")[2], params, caller.user.admin)
            except SqlError as error:
                raise core_error("SQL query error!", 500) from error
        return self._global(method, params, caller)

    def _global(self, method: str, params: dict, caller: Caller) -> Any:
        if method == "profile":
            user = caller.user
            return {
                "ID": str(user.id),
                "ADMIN": user.admin,
                "NAME": user.name,
                "LAST_NAME": "",
                "PERSONAL_GENDER": "",
                "TIME_ZONE": "",
                "TIME_ZONE_OFFSET": 0,
            }
        if method == "scope":
            return dict(enumerate(caller.scope))
        if method == "methods":
            return dict(enumerate(_methods(params, caller)))
        if method == "method.get":
            known = [scope for scope, methods in SCOPES.items() if params.get("name") in methods]
            return {
                "isExisting": bool(known),
                "isAvailable": any(scope in (GLOBAL_SCOPE, *caller.scope) for scope in known),
            }
        if method == "server.time":
            return _date(self.clock.time())
        if method in ("app.option.get", "user.option.get") and caller.application:
            return None
        raise access_denied("Application context required")

    def _time(self, started: float, method: str, caller: Caller, limited: bool) -> dict:
        finish = self.clock.time()
        shown = {
            "start": int(started),
            "finish": finish,
            "duration": finish - int(started),
            "processing": 0,
            "date_start": _date(started),
            "date_finish": _date(finish),
        }
        if limited:
            shown["operating_reset_at"] = self.operating.reset_at(caller.entity, method)
            shown["operating"] = self.operating.total(caller.entity, method)
        return shown


def _methods(params: dict, caller: Caller) -> list[str]:
    upper = {str(key).upper(): value for key, value in params.items()}
    if "SCOPE" in upper:
        expected = [upper["SCOPE"] or GLOBAL_SCOPE]
    elif not php.is_empty(upper.get("FULL")):
        expected = list(SCOPES)
    else:
        expected = [GLOBAL_SCOPE, *caller.scope]
    return [method for scope, methods in SCOPES.items() if scope in expected for method in methods]


def _date(seconds: float) -> str:
    return datetime.fromtimestamp(int(seconds), timezone.utc).isoformat()
