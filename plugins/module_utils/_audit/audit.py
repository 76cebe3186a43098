# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One portal of the audit: what the modules returned on it → its part of the report. Pure; knows no clock."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Dict

from ansible.module_utils.common.text.converters import to_text

from .._redact import Redactor
from .compare import Comparison
from .findings import (
    SURPLUS_RIGHTS,
    THROTTLED_CODES,
    UNAUTHORISED,
    UNREACHABLE,
    finding,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .findings import Portal

_Map = Dict[str, Any]

REDACT = Redactor()
"""Takes webhooks out of texts that are not this collection's own, such as Ansible's about a template."""


def examine(
    name: str,
    desired: Any,
    identity: _Map | None = None,
    current: _Map | None = None,
    failure: str | None = None,
    webhook_expires: Any = None,
    protect: Iterable[str] | None = (),
    protect_ids: Iterable[int] | None = (),
) -> Portal:
    """A portal's part of the report; never raises for what a portal or a user gave.

    identity: the result of portal_info; current: that of mailservice_info; failure: why there is none.
    Time plays no part in it.
    """
    identity, current = identity or {}, current or {}
    portal: Portal = {
        "name": to_text(name),
        "host": identity.get("host") or current.get("host"),
        "error": None,
        "credentials": _credentials(identity, webhook_expires),
        "catch_all": [],
        "services": [],
        "findings": [],
    }
    portal["error"] = _error(identity, current, desired, failure)
    if portal["error"] is None:
        comparison = Comparison(desired, current["mailservices"], protect or (), protect_ids or ())
        portal["services"] = comparison.services
        portal["findings"] = comparison.findings
        portal["catch_all"] = [service.name for service in comparison.current.active if service.is_catch_all]
        surplus = portal["credentials"]["surplus_scopes"]
        if surplus:
            portal["findings"].append(
                finding(
                    SURPLUS_RIGHTS,
                    "The credentials need the scope mailservice alone, and have {} as well.".format(", ".join(surplus)),
                )
            )
    return portal


def not_examined(name: str) -> Portal:
    """The part of a portal on whose host Ansible stopped before the audit."""
    return examine(name, [], failure="Ansible stopped on this host before the audit came to it; its output says why.")


def _error(identity: _Map, current: _Map, desired: Any, failure: str | None) -> _Map | None:
    """Why the portal cannot be judged, or None: ``{kind, code, text, advice}``."""
    if failure:
        return _as_error(UNREACHABLE, "not_audited", REDACT(failure, 600))
    if not isinstance(desired, list):
        return _as_error(UNREACHABLE, "nothing_wanted", "The wanted set of this host is not a list of entries.")
    if "verdict" not in identity:
        return _of_result(identity)
    if identity.get("can_read") is not True:
        return _as_error(
            UNAUTHORISED, identity.get("error") or "insufficient_scope", identity["verdict"], identity.get("advice")
        )
    if not isinstance(current.get("mailservices"), list):
        return _of_result(current)
    return None


def _of_result(result: _Map) -> _Map:
    text = REDACT(result.get("msg") or "Ansible could not run the task.", 600)
    return _as_error(UNREACHABLE, result.get("error") or "not_audited", text, result.get("advice"))


def _as_error(kind: str, code: str, text: str, advice: str | None = None) -> _Map:
    if advice and text.endswith(advice):
        text = text[: -len(advice)].rstrip()
    return {"kind": kind, "code": code, "throttled": code in THROTTLED_CODES, "text": text, "advice": advice or None}


def _credentials(identity: _Map, webhook_expires: Any) -> _Map:
    user = identity.get("user") or {}
    return {
        "kind": identity.get("kind"),
        "user_id": user.get("id"),
        "admin": user.get("admin"),
        "can_write": identity.get("can_write"),
        "surplus_scopes": identity.get("surplus_scopes") or [],
        "webhook_expires": to_text(webhook_expires) if webhook_expires else None,
        "days_left": None,
    }
