# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the role mailservices leaves behind, made of the results of its tasks. Pure."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ansible_collections.bitrix24.portal.plugins.module_utils._planning.model import FIELDS, MailService
from ansible_collections.bitrix24.portal.plugins.module_utils._planning.restore import restore_text
from ansible_collections.bitrix24.portal.plugins.module_utils._version import VERSION

if TYPE_CHECKING:
    from collections.abc import Mapping


def restore_file(result: Mapping[str, Any], portal: str, expected_host: str, time: str) -> str:
    """Variables that bring back what the plan of a result in check mode takes away."""
    parts = {part["id"]: part for part in result["diff"]["before"]["mailservices"]}
    kept = [
        dict(service, **parts.pop(service["id"], {})) for service in result["mailservices"] if service["id"] is not None
    ]
    return restore_text(
        map(_service, kept), map(_service, parts.values()), portal, expected_host, result["plan_digest"], time
    )


def journal_lines(
    portal: str,
    planned: Mapping[str, Any],
    applied: Mapping[str, Any],
    owner: Mapping[str, Any],
    context: Mapping[str, Any],
) -> list[str]:
    """One line of JSON for each service that was, or may have been, written."""
    if not applied or applied.get("plan_digest") != planned.get("plan_digest") or "diff" not in applied:
        return []
    errors = {result["id"]: result["error"] for result in applied.get("results", ()) if result["failed"]}
    before, after = (
        {part["id"]: part for part in applied["diff"][side]["mailservices"]} for side in ("before", "after")
    )
    lines = []
    for service_id in list(before) + [service_id for service_id in after if service_id not in before]:
        line: dict[str, Any] = dict(
            context,
            portal=owner.get("host") or portal,
            inventory_hostname=portal,
            owner=(owner.get("user") or {}).get("id"),
            before=before.get(service_id),
            after=after.get(service_id),
            error=errors.get(service_id),
            plan_digest=applied["plan_digest"],
            collection_version=VERSION,
        )
        lines.append(json.dumps(line, sort_keys=True))
    return lines


def _service(values: Mapping[str, Any]) -> MailService:
    known: dict[str, Any] = {field: values.get(field) for field in FIELDS}
    return MailService(**known)
