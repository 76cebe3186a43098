# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an audit can find: the words of all its reports."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Dict, NamedTuple, Tuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Finding = Dict[str, Any]
"""What ``finding()`` makes; one that is excepted has its ``exception`` as well."""

Portal = Dict[str, Any]
"""A portal's part of the report, before or after it was judged."""

Report = Dict[str, Any]
"""What ``make_report()`` makes."""

Difference = Tuple[str, Any, Any]
"""``(field, before, after)``; before is what the portal has."""

DRIFT, WARNING, NOTE, ERROR = "drift", "warning", "note", "error"

MISSING, EXTRA, CHANGED, INACTIVE, DUPLICATED, NEAR_MATCH, REFUSED = (
    "missing",
    "extra",
    "changed",
    "inactive",
    "duplicated",
    "near_match",
    "refused",
)
SERVER_FAILED, SERVER_WARNING = "server_failed", "server_warning"
NO_CATCH_ALL, REMOVAL_HURTS, WEBHOOK_EXPIRY, SURPLUS_RIGHTS = (
    "no_catch_all",
    "removal_hurts",
    "webhook_expiry",
    "surplus_rights",
)
UNREACHABLE, UNAUTHORISED, NOT_AUDITED = "unreachable", "unauthorised", "not_audited"


class Kind(NamedTuple):
    label: str
    severity: str
    meaning: str


KINDS = {
    MISSING: Kind("Missing", DRIFT, "wanted, and not on the portal"),
    CHANGED: Kind("Changed", DRIFT, "on the portal with other values than wanted"),
    INACTIVE: Kind("Inactive", DRIFT, "on the portal, and employees cannot choose it"),
    EXTRA: Kind("Extra", DRIFT, "on the portal, and not wanted"),
    NEAR_MATCH: Kind("Near match", DRIFT, "wanted under one name, there under another: renamed, or made anew"),
    DUPLICATED: Kind("Duplicated", DRIFT, "several services of one name"),
    REFUSED: Kind("Refused", DRIFT, "the wanted set asks for what cannot be done"),
    SERVER_FAILED: Kind("Server fails", ERROR, "employees cannot use the server as the service names it"),
    SERVER_WARNING: Kind("Server warning", WARNING, "the server works, and somebody should know what was seen there"),
    NO_CATCH_ALL: Kind("No catch-all", WARNING, "nothing takes over the mailboxes of a service that is taken away"),
    REMOVAL_HURTS: Kind("Removal hurts", WARNING, "not wanted, but removing it loses what nobody can bring back"),
    WEBHOOK_EXPIRY: Kind("Webhook expires", WARNING, "the webhook runs out soon, or has"),
    SURPLUS_RIGHTS: Kind("Surplus rights", WARNING, "the credentials may do more than is needed"),
    UNREACHABLE: Kind("Not read", ERROR, "the portal could not be read"),
    UNAUTHORISED: Kind("Unauthorised", ERROR, "the portal does not take the credentials"),
    NOT_AUDITED: Kind("Not audited", ERROR, "this audit left the portal out"),
}
"""In the order in which reports show them. The severity is what a kind has unless a finding says otherwise."""

DRIFT_KINDS = tuple(kind for kind, about in KINDS.items() if about.severity == DRIFT)
ERROR_KINDS = (UNREACHABLE, UNAUTHORISED, NOT_AUDITED)
FAIL_ON = (DRIFT, UNREACHABLE, UNAUTHORISED)
"""What makes an audit fail unless somebody says otherwise."""

IN_ORDER, DRIFTED = "in_order", "drifted"
EXCEPTED, LEFT_ALONE = "excepted", "left_alone"


class Status(NamedTuple):
    label: str
    verb: tuple[str, str]
    """Of one portal, and of several."""

    negated: str | None = None
    """What none of several portals does, where that is what the verb says."""

    def all(self, number: int) -> str:
        """A sentence of several portals that all have this status."""
        if self.negated is not None:
            return f"{'Neither' if number == 2 else 'None'} of the {number} portals {self.negated}"
        return f"{'Both' if number == 2 else f'All {number}'} portals {self.verb[1]}"


STATUSES = {
    DRIFTED: Status("Drifted", ("has drifted", "have drifted")),
    UNREACHABLE: Status("Not read", ("could not be read", "could not be read"), "could be read"),
    UNAUTHORISED: Status("Unauthorised", ("refuses the credentials", "refuse the credentials")),
    IN_ORDER: Status("In order", ("is in order", "are in order")),
    NOT_AUDITED: Status("Not audited", ("was not audited", "were not audited")),
}
"""Of a portal, the most urgent first."""

SERVICE_STATUSES = {DRIFTED: "Drifted", EXCEPTED: "Excepted", IN_ORDER: "In order", LEFT_ALONE: "Left alone"}
"""Of a service; left alone are those that no entry names and that no purge would touch."""

THROTTLED_CODES = ("QUERY_LIMIT_EXCEEDED", "OPERATION_TIME_LIMIT", "OVERLOAD_LIMIT")


def finding(
    kind: str,
    text: str,
    service: str | None = None,
    service_id: int | None = None,
    fields: Iterable[Difference] = (),
    severity: str | None = None,
    **more: Any,
) -> Finding:
    """One finding, as the JSON report has it."""
    return dict(
        {
            "kind": kind,
            "severity": severity or KINDS[kind].severity,
            "service": service,
            "id": service_id,
            "text": text,
            "fields": [{"field": field, "before": before, "after": after} for field, before, after in fields],
            "effects": [],
            "no_way_back": [],
        },
        **more,
    )


def with_effects(effects: Iterable[tuple[str, Mapping[str, Any]]]) -> dict[str, Any]:
    """What a finding says of the effects on mailboxes. ``effects``: each with the words before its text."""
    told = [(before + effect["text"], effect["reversible"]) for before, effect in effects]
    return {
        "effects": [text for text, dummy in told],
        "no_way_back": [text for text, reversible in told if not reversible],
    }
