# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The artifact: the plans of all portals in one file, made and read back as what people approved. Pure."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from ansible_collections.bitrix24.portal.plugins.module_utils._planning.plan import digest_of
from ansible_collections.bitrix24.portal.plugins.module_utils._text import visible
from ansible_collections.bitrix24.portal.plugins.module_utils._version import VERSION
from ansible_collections.bitrix24.portal.plugins.plugin_utils._fleet.plan_shape import ARTIFACT, RESULT, fits
from ansible_collections.bitrix24.portal.plugins.plugin_utils._fleet.plan_text import (
    failure_of,
    lines,
    removals,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

SCHEMA_VERSION = 1
NO_PLAN = "stopped before it was planned"
_ALTERED = "the approved plan was altered after it was made, and what it says is not what it would do"
_FOREIGN = "the approved plan is not a file that the plan playbook wrote"
_REDACTED = "a name or a value of the plan holds a secret, which people must not read, so that nobody can approve it"


class NotApproved(ValueError):
    """The artifact cannot be what was approved, or more is planned than the fleet allows."""


def make(results: Mapping[str, Mapping[str, Any] | None], context: Mapping[str, Any]) -> dict[str, Any]:
    """The artifact of these results, those of the planning tasks by portal (None: there is none).

    ``context``: what else the artifact holds (time, commit, job).
    """
    portals = {portal: _entry(result or {"msg": NO_PLAN}, portal) for portal, result in results.items()}
    return {
        **context,
        "schema_version": SCHEMA_VERSION,
        "collection_version": VERSION,
        "portals": portals,
        "removals": _removals(portals),
        "digest": digest(portals),
    }


def _entry(result: Mapping[str, Any], portal: str) -> dict[str, Any]:
    """What the artifact holds of a portal."""
    if failure_of(result) is None and result["plan_digest"] != _digest_of(result):
        result = {"msg": _REDACTED}
    failure = failure_of(result)
    entry = {
        "error": None if failure is None else str(failure),
        **{key: result[key] if "plan" in result else None for key in RESULT},
    }
    return {**entry, "text": _text(entry, portal)}


def _digest_of(planned: Mapping[str, Any]) -> str:
    return digest_of(planned["host"], planned["plan"], planned["effects"])


def _text(entry: Mapping[str, Any], portal: str) -> list[str]:
    return lines(entry if entry["error"] is None else {"msg": entry["error"]}, portal)


def digest(portals: Mapping[str, Mapping[str, Any]]) -> str:
    """Over what stands for each plan, what may not be meant so, and why there is no plan.

    All else that is read of a portal follows from these.
    """
    approved_parts = {
        portal: [entry["plan_digest"], entry["cautions"], entry["error"]] for portal, entry in portals.items()
    }
    return hashlib.sha256(json.dumps(approved_parts, sort_keys=True).encode("ascii")).hexdigest()


def _removals(portals: Mapping[str, Mapping[str, Any]]) -> int:
    """In all portals that have a plan."""
    return sum(removals(entry) for entry in portals.values() if entry["error"] is None)


def is_result(value: Any) -> bool:
    """Whether this can be a result of mailservice_set, or of a task that was skipped or failed."""
    if not isinstance(value, dict):
        return False
    return "plan" not in value or fits({key: value.get(key) for key in RESULT}, RESULT)


def read(text: str) -> dict[str, Any]:
    """The artifact, in which everything that people read is what would be done. Raises NotApproved."""
    if not text.strip():
        raise NotApproved("the approved plan is an empty file; nothing was done")
    try:
        artifact = json.loads(text, object_pairs_hook=_unique, parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise NotApproved(f"{_FOREIGN}; nothing was done") from None
    version = artifact.get("schema_version") if isinstance(artifact, dict) else None
    if isinstance(version, int) and version != SCHEMA_VERSION:
        raise NotApproved(
            f"the approved plan has the schema version {version}; this collection reads {SCHEMA_VERSION}: plan again"
        )
    problem: str | None = _FOREIGN
    if fits(artifact, ARTIFACT):
        problem = _altered(artifact)
    if problem is None:
        return artifact
    made_by = artifact.get("collection_version") if isinstance(artifact, dict) else None
    if isinstance(made_by, str) and made_by != VERSION:
        problem = f"the approved plan was made by version {visible(made_by, 40)} of the collection, not {VERSION}"
    raise NotApproved(f"{problem}; nothing was done, plan again")


def _altered(artifact: Mapping[str, Any]) -> str | None:
    """Where an artifact says what would not be done, in a sentence; None where it does not."""
    portals = artifact["portals"]
    altered = [portal for portal, entry in sorted(portals.items()) if not _is_true(entry, portal)]
    if altered:
        return f"{_ALTERED} on {visible(altered[0])}"
    true = artifact["digest"] == digest(portals) and artifact["removals"] == _removals(portals)
    return None if true else _ALTERED


def _is_true(entry: Mapping[str, Any], portal: str) -> bool:
    """Whether an entry's digest and words are those of its plan and effects."""
    absent = [entry[key] is None for key in RESULT]
    has_plan = not any(absent) and entry["plan_digest"] == _digest_of(entry)
    has_none = all(absent) and entry["error"] is not None
    return (has_plan or has_none) and entry["text"] == _text(entry, portal)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A map each key of which stands there once: of two, readers and programs see different ones."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands there twice")
    return found


def _no_number(text: str) -> None:
    raise ValueError(f"{text} is no JSON")
