# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether servers answer: those that a plan gives to employees, before it writes, and those that a portal has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .._argspec import LONGEST_TIMEOUT
from .._causes import cause
from .._probe.endpoint import endpoint_of, endpoints_of
from .._probe.judge import FAILED, OK
from .._probe.probe import (
    BadProbeOption,
    Settings,
    called,
    in_full,
    is_timeout,
    probe,
    seen_from,
)
from .._runner import TaskFailed

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .._planning.changes import Change
    from .._planning.model import MailService
    from .._probe.endpoint import Endpoint
    from .._runner import Task
    from .result import Decision

FAIL = "fail"
SERVER_TROUBLE = "server_trouble"
"""The kind of the caution."""

_KEPT = ("endpoint", "protocol", "server", "port", "encryption", "verdict", "reason", "code", "more")
"""What an audit keeps of a result."""

_LOOKED_AT = {"server", "port", "encryption"}


def look_at_servers(task: Task, decision: Decision) -> None:
    """Probe what the plan creates or changes, as ``verify`` says. Raises TaskFailed with ``verify: fail``."""
    verify = task.params["verify"]
    services = [change.after.to_user() for change in decision.plan.changes if change.after and _is_looked_at(change)]
    try:
        decision.probes = probe(endpoints_of(services), settings_of(task))
    except TaskFailed as failure:
        raise TaskFailed(failure.msg, **failure.result, **decision.refused()) from failure
    except BadProbeOption as problem:
        raise TaskFailed(f"{problem}; nothing was done", **decision.refused()) from problem
    decision.server_cautions = [_caution(result) for result in decision.probes if result["verdict"] != OK]
    failed = [result for result in decision.probes if result["verdict"] == FAILED]
    if verify == FAIL and failed:
        why = cause("unusable_servers", told="; ".join(map(_sentence, failed)))
        raise TaskFailed(why["message"], causes=[why], **decision.refused())
    for caution in decision.server_cautions:
        task.warn(caution["text"])


def settings_of(task: Task, **more: Any) -> Settings:
    """How a task that has the options of VERIFY_SPEC looks. Raises TaskFailed."""
    timeout = task.params["verify_timeout"]
    if not is_timeout(timeout):
        why = cause("verify_timeout", given=timeout, most=LONGEST_TIMEOUT)
        raise TaskFailed(why["message"], causes=[why])
    return Settings(timeout, ca_path=task.params.get("ca_path"), run_dir=task.run_dir, **more)


def servers_of(services: Iterable[MailService], settings: Settings) -> list[dict[str, Any]]:
    """What is seen of the servers of the active services, as an audit's part of a portal has it."""
    by_endpoint: dict[Endpoint, list[MailService]] = {}
    for service in services:
        endpoint = endpoint_of(service.to_user())
        if service.active and endpoint is not None:
            by_endpoint.setdefault(endpoint, []).append(service)
    results = probe({endpoint: [] for endpoint in by_endpoint}, settings)
    return [
        {
            **{key: result[key] for key in _KEPT},
            "certificate_expires": (result["certificate"] or {}).get("not_after"),
            "seen_from": seen_from(),
            "services": [service.name for service in named],
            "ids": [service.id for service in named],
        }
        for result, named in zip(results, by_endpoint.values())
    ]


def _is_looked_at(change: Change) -> bool:
    """Whether employees get a server by this change that they had not before."""
    after = change.after
    if after is None or not after.server:
        return False
    activated = change.fields.get("active") == (False, True)
    return change.before is None or activated or bool(_LOOKED_AT & set(change.fields))


def _caution(result: Mapping[str, Any]) -> dict[str, Any]:
    return {"kind": SERVER_TROUBLE, "service": ", ".join(result["services"]), "text": _sentence(result)}


def _sentence(result: Mapping[str, Any]) -> str:
    does = "cannot be used" if result["verdict"] == FAILED else "is not as it should be"
    whose = f"the server of {called(result['services'])} ({result['endpoint']})"
    return f"{whose} {does}: {in_full(result)} (seen from {seen_from()})"
