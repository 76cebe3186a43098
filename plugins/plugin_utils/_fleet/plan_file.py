# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The artifact: the plans of all portals in one file, to be approved and then carried out as they stand. Pure."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from ansible_collections.bitrix24.portal.plugins.module_utils._text import visible
from ansible_collections.bitrix24.portal.plugins.module_utils._version import VERSION
from ansible_collections.bitrix24.portal.plugins.plugin_utils._fleet.plan_text import (
    LISTS,
    changes,
    failure_of,
    lines,
    removals,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

SCHEMA_VERSION = 1
NO_PLAN = "stopped before it was planned"
EMPTY: dict[str, list[Any]] = {**{key: [] for key, dummy, dummy2 in LISTS}, "unchanged": []}


class NotApproved(ValueError):
    """The artifact cannot be what was approved, or more is planned than the fleet allows."""


def make(results: Mapping[str, Mapping[str, Any] | None], context: Mapping[str, Any]) -> dict[str, Any]:
    """The artifact of these results, those of the planning tasks by portal (None: there is none).

    ``context``: what else the artifact holds (time, commit, job).
    """
    portals: dict[str, dict[str, Any]] = {}
    for portal, result in results.items():
        result = result or {"msg": NO_PLAN}
        failure = failure_of(result)
        portals[portal] = {
            "error": None if failure is None else str(failure),
            "plan": result.get("plan"),
            "plan_digest": result.get("plan_digest"),
            "effects": result.get("effects"),
            "text": lines(result, portal),
        }
    return dict(
        context, schema_version=SCHEMA_VERSION, collection_version=VERSION, portals=portals, **totals_of(results)
    )


def totals_of(results: Mapping[str, Mapping[str, Any] | None]) -> dict[str, Any]:
    """``removals`` and ``digest`` over all portals that have a plan."""
    planned = {portal: result for portal, result in results.items() if result and failure_of(result) is None}
    approved = {portal: planned[portal]["plan_digest"] if portal in planned else None for portal in results}
    return {"removals": sum(map(removals, planned.values())), "digest": _digest(approved)}


def digest(portals: Mapping[str, Mapping[str, Any]]) -> str:
    """The digest that an artifact with these portals must have."""
    return _digest(
        {portal: None if entry["error"] is not None else entry["plan_digest"] for portal, entry in portals.items()}
    )


def _digest(digests: Mapping[str, str | None]) -> str:
    """Over the digests of all portals. What else an artifact says of a portal follows from them, and is for people."""
    return hashlib.sha256(json.dumps(digests, sort_keys=True).encode("ascii")).hexdigest()


def is_result(value: Any) -> bool:
    """Whether this can be a result of mailservice_set, or of a task that was skipped or failed."""
    if not isinstance(value, dict):
        return False
    plan = value.get("plan", EMPTY)
    return (
        isinstance(plan, dict)
        and set(plan) >= set(EMPTY)
        and all(isinstance(entry, dict) and {"name", "id"} <= set(entry) for key in EMPTY for entry in plan[key])
        and all(isinstance(entry.get("changes"), dict) for key, dummy, dummy2 in LISTS for entry in plan[key])
        and ("plan" not in value or "plan_digest" in value and isinstance(value.get("effects"), list))
    )


def approved(
    text: str, expected_digest: str, hosts: Iterable[str], most_removals: int
) -> dict[str, dict[str, str | None]]:
    """{host: {digest, fault}} from the text of an artifact; without one, nothing is expected. Raises NotApproved."""
    if not text:
        if expected_digest:
            raise NotApproved("mailservices_approved_digest is given without mailservices_approved_plan")
        return {host: {"digest": None, "fault": None} for host in hosts}
    artifact = _read(text)
    portals = artifact["portals"]
    if digest(portals) != artifact["digest"]:
        raise NotApproved("the approved plan was altered after it was made; plan again")
    if expected_digest and expected_digest != artifact["digest"]:
        raise NotApproved(
            "the approved plan has the digest {}, and another was approved: {}; nothing was done".format(
                artifact["digest"], visible(expected_digest, 80)
            )
        )
    _within(sum(removals(entry) for entry in portals.values() if entry["error"] is None), most_removals)
    return {host: _approved(portals.get(host)) for host in hosts}


def stops(
    batch: Collection[str],
    results: Mapping[str, Mapping[str, Any]],
    removed: Iterable[str],
    stop_all: bool,
    most_removals: int,
) -> dict[str, str]:
    """{host of the batch: why it must not go on}, before anything is written.

    ``results``: {host: result of the planning task} of all hosts planned so far, those of earlier batches included;
    ``removed``: hosts that failed before they had a plan.
    """
    stopped = {host: str(failure_of(results[host])) for host in batch if failure_of(results[host]) is not None}
    failed = sorted(set(stopped) | set(removed))
    if stop_all and failed:
        for host in batch:
            stopped.setdefault(
                host, "mailservices_stop_all: nothing was done here, since {} stopped".format(", ".join(failed))
            )
    try:
        _within(sum(removals(result) for host, result in results.items() if host not in stopped), most_removals)
    except NotApproved as problem:
        for host in batch:
            if changes(results[host]):
                stopped.setdefault(host, str(problem))
    return stopped


def _read(text: str) -> dict[str, Any]:
    try:
        artifact: dict[str, Any] = json.loads(text)
        version = artifact["schema_version"]
        if version == SCHEMA_VERSION:
            planned = [entry for entry in artifact["portals"].values() if entry["error"] is None]
            sum(removals(entry) for entry in planned)
            digest(artifact["portals"])
            artifact["digest"].lower()
            return artifact
    except (ValueError, TypeError, KeyError, AttributeError):
        raise NotApproved("the approved plan is not a file that the plan playbook wrote") from None
    raise NotApproved(f"the approved plan has the schema version {version!r}; this collection reads {SCHEMA_VERSION}")


def _approved(entry: Mapping[str, Any] | None) -> dict[str, str | None]:
    if entry is None:
        return {"digest": None, "fault": "the approved plan does not name this portal; nothing was done"}
    if entry["error"] is not None or not entry["plan_digest"]:
        return {
            "digest": None,
            "fault": "the approved plan has none for this portal, which could not be planned then; nothing was done",
        }
    return {"digest": entry["plan_digest"], "fault": None}


def _within(planned: int, most: int) -> None:
    if 0 <= most < planned:
        raise NotApproved(
            f"{planned} services would be switched off or deleted in all portals, "
            f"more than mailservices_fleet_max_removals: {most}; nothing was done"
        )
