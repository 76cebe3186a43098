# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One portal of the audit: what was read there, or why nothing was → its part of the report. Pure; knows no clock."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Dict

from ansible.module_utils.common.text.converters import to_text

from .._redact import Redactor
from .._text import quoted
from .compare import Comparison
from .findings import (
    DRIFT,
    NOT_AUDITED,
    REFUSED,
    SURPLUS_RIGHTS,
    THROTTLED_CODES,
    UNAUTHORISED,
    UNREACHABLE,
    finding,
)
from .servers import server_findings

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .._planning.icon import PresentIcon
    from .findings import Portal

_Map = Dict[str, Any]

PART = ("host", "reason", "drifted", "credentials", "catch_all", "services", "servers", "findings")
"""The keys of a portal's part."""

REDACT = Redactor()
"""Takes webhooks out of texts that are not this collection's own, such as Ansible's about a template."""


def audited(
    identity: _Map,
    desired: Iterable[Any],
    services: Iterable[_Map],
    protect: Iterable[str] = (),
    protect_ids: Iterable[int] = (),
    webhook_expires: str | None = None,
    servers: list[_Map] | None = None,
    icon_contents: Mapping[str, Any] | None = None,
    icons: Mapping[int, PresentIcon] | None = None,
) -> Portal:
    """What was found on a portal that was read; never raises for what a portal or a user gave.

    identity: as portal_info returns it; services: as mailservice_info does; servers: what was seen of theirs, as the
    part has it, None where nobody looked; icon_contents: the option; icons: by ID.
    """
    comparison = Comparison(list(desired), services, protect, protect_ids, icon_contents, icons)
    findings = comparison.findings
    findings.extend(server_findings(servers or ()))
    credentials = _credentials(identity, webhook_expires)
    surplus = credentials["surplus_scopes"]
    if surplus:
        findings.append(
            finding(
                SURPLUS_RIGHTS,
                "The credentials need the scope mailservice alone, and have {} as well.".format(", ".join(surplus)),
            )
        )
    return {
        "host": identity["host"],
        "reason": None,
        "drifted": any(item["severity"] == DRIFT for item in findings),
        "credentials": credentials,
        "catch_all": [service.name for service in comparison.current.active if service.is_catch_all],
        "services": comparison.services,
        "servers": servers,
        "findings": findings,
    }


def unread(reason: _Map, identity: _Map | None = None, webhook_expires: str | None = None) -> Portal:
    """The part of a portal that was not read. identity: what is known of it all the same."""
    identity = identity or {}
    return {
        "host": identity.get("host"),
        "reason": reason,
        "drifted": False,
        "credentials": _credentials(identity, webhook_expires),
        "catch_all": [],
        "services": [],
        "servers": None,
        "findings": [],
    }


def unauthorised(identity: _Map) -> _Map:
    """The reason of a portal that does not take the credentials for mail services."""
    return _reason(UNAUTHORISED, identity["error"] or "insufficient_scope", identity["verdict"], identity.get("advice"))


def unreachable(result: _Map) -> _Map:
    """The reason of a portal that could not be read, from what a task that failed returned, or Ansible in its place."""
    text = REDACT(to_text(result.get("msg") or "Ansible could not run the task."), 600)
    return _reason(UNREACHABLE, result.get("error") or "task_failed", text, result.get("advice"))


def refusals(portal: Portal) -> str:
    """What the desired set asks for that cannot be done, in one line; empty where there is nothing."""
    return " ".join(
        "{}: {}".format(quoted(item["service"]), item["text"]) for item in portal["findings"] if item["kind"] == REFUSED
    )


def part_of(result: _Map) -> Portal:
    """A portal's part of the report, from what mailservice_audit returned on it, or Ansible in its place."""
    if not isinstance(result.get("findings"), list):
        return unread(unreachable(result))
    return {key: result.get(key) if key == "servers" else result[key] for key in PART}


def stopped() -> Portal:
    """The part of a portal on whose host Ansible stopped before the audit."""
    return unread(
        unreachable({"msg": "Ansible stopped on this host before the audit came to it; its output says why."})
    )


def left_out() -> Portal:
    """The part of a portal that this audit was not about: a limit, a condition, a batch that is still to come."""
    return unread(_reason(NOT_AUDITED, "not_audited", "This audit left the portal out."))


def _reason(kind: str, code: str, text: str, advice: str | None = None) -> _Map:
    if advice and text.endswith(advice):
        text = text[: -len(advice)].rstrip()
    return {"kind": kind, "code": code, "throttled": code in THROTTLED_CODES, "text": text, "advice": advice or None}


def _credentials(identity: _Map, webhook_expires: str | None) -> _Map:
    user = identity.get("user") or {}
    return {
        "kind": identity.get("kind"),
        "user_id": user.get("id"),
        "admin": user.get("admin"),
        "can_write": identity.get("can_write"),
        "surplus_scopes": identity.get("surplus_scopes") or [],
        "webhook_expires": webhook_expires or None,
    }
