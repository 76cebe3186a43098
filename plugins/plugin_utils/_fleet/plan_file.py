# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The artifact: the plans of all portals in one file, to be approved and then carried out as they stand. Pure."""

from __future__ import annotations

import base64
import hashlib
import json
import zlib
from typing import TYPE_CHECKING, Any

from ansible_collections.bitrix24.portal.plugins.module_utils._planning.plan import digest_of
from ansible_collections.bitrix24.portal.plugins.module_utils._text import visible
from ansible_collections.bitrix24.portal.plugins.module_utils._version import VERSION
from ansible_collections.bitrix24.portal.plugins.plugin_utils._fleet.plan_shape import ARTIFACT, RESULT, fits
from ansible_collections.bitrix24.portal.plugins.plugin_utils._fleet.plan_text import (
    changes,
    failure_of,
    is_left_out,
    lines,
    removals,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

SCHEMA_VERSION = 1
_PACKED = "data:application/zlib;base64,"
_MOST = 1 << 28
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


def approved(
    text: str | None, expected_digest: str | None, hosts: Iterable[str], most_removals: int, prefix: str = ""
) -> dict[str, dict[str, str | None]]:
    """{host: {digest, fault}} from the text of an artifact; with None, nothing is expected. Raises NotApproved.

    ``expected_digest``: None where any will do. Empty text is neither: somebody's variable came out empty.
    ``prefix``: before the names of options in messages.
    """
    if expected_digest is not None and not expected_digest.strip():
        raise NotApproved(f"{prefix}approved_digest is empty; nothing was done")
    if text is None:
        if expected_digest is not None:
            raise NotApproved(f"{prefix}approved_digest is given without {prefix}approved_plan; nothing was done")
        return {host: {"digest": None, "fault": None} for host in hosts}
    artifact = _read(text)
    if expected_digest is not None and expected_digest != artifact["digest"]:
        raise NotApproved(
            "the plan in the file has the digest {}, and {}approved_digest is {}; nothing was done: "
            "read the plan again, and approve its digest".format(
                visible(artifact["digest"], 80), prefix, visible(expected_digest, 80)
            )
        )
    _within(artifact["removals"], most_removals, prefix)
    return {host: _approved(artifact["portals"].get(host)) for host in hosts}


def stops(
    batch: Collection[str],
    results: Mapping[str, Mapping[str, Any]],
    removed: Iterable[str],
    stop_all: bool,
    most_removals: int,
    prefix: str = "",
) -> dict[str, str]:
    """{host of the batch: why it must not go on}, before anything is written.

    ``results``: {host: result of the planning task} of all hosts planned so far, those of earlier batches included;
    ``removed``: hosts that failed before they had a plan.
    """
    stopped = {host: str(failure_of(results[host])) for host in batch if failure_of(results[host]) is not None}
    failed = sorted({host for host in stopped if not is_left_out(results[host])} | set(removed))
    if stop_all and failed:
        for host in batch:
            stopped.setdefault(
                host, "{}stop_all: nothing was done here, since {} stopped".format(prefix, ", ".join(failed))
            )
    try:
        _within(sum(removals(result) for host, result in results.items() if host not in stopped), most_removals, prefix)
    except NotApproved as problem:
        for host in batch:
            if changes(results[host]):
                stopped.setdefault(host, str(problem))
    return stopped


def pack(text: str) -> str:
    """The text of an artifact in letters and digits, which no job on the way takes for anything but text."""
    return _PACKED + base64.b64encode(zlib.compress(text.encode("ascii"), 9)).decode("ascii")


def is_packed(text: str) -> bool:
    return text.startswith("data:")


def unpack(packed: str) -> str:
    """The text again. Raises NotApproved."""
    try:
        if not packed.startswith(_PACKED):
            raise ValueError("of another kind")
        unpacking = zlib.decompressobj()
        text = unpacking.decompress(base64.b64decode(packed[len(_PACKED) :], validate=True), _MOST)
        if not unpacking.eof:
            raise ValueError("cut off, or longer than any plan")
        return text.decode("ascii")
    except (ValueError, zlib.error):
        raise NotApproved("the approved plan was not handed over as a whole; nothing was done") from None


def _read(text: str) -> dict[str, Any]:
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


def _approved(entry: Mapping[str, Any] | None) -> dict[str, str | None]:
    if entry is None:
        return {"digest": None, "fault": "the approved plan does not name this portal; nothing was done"}
    if entry["error"] is not None or not entry["plan_digest"]:
        return {
            "digest": None,
            "fault": "the approved plan has none for this portal ({}); nothing was done: mend that, then plan and "
            "approve again".format(entry["error"]),
        }
    return {"digest": entry["plan_digest"], "fault": None}


def _within(planned: int, most: int, prefix: str) -> None:
    if 0 <= most < planned:
        raise NotApproved(
            f"{planned} services would be switched off or deleted in all portals, "
            f"more than {prefix}fleet_max_removals: {most}; nothing was done"
        )
