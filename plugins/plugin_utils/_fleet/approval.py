# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What of a fleet may go on: the plans that were approved, and the limits over all portals. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ansible_collections.bitrix24.portal.plugins.module_utils._text import visible
from ansible_collections.bitrix24.portal.plugins.plugin_utils._fleet.plan_file import NotApproved, read
from ansible_collections.bitrix24.portal.plugins.plugin_utils._fleet.plan_text import (
    changes,
    failure_of,
    is_left_out,
    removals,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping


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
    artifact = read(text)
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
