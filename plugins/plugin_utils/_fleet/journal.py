# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the role mailservices leaves behind: the state before a removal, and a line for each write. Pure."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ansible_collections.bitrix24.portal.plugins.module_utils._planning.entries import entry_of
from ansible_collections.bitrix24.portal.plugins.module_utils._planning.model import FIELDS, MailService
from ansible_collections.bitrix24.portal.plugins.module_utils._version import VERSION
from ansible_collections.bitrix24.portal.plugins.module_utils._yaml import comment, text, variable

if TYPE_CHECKING:
    from collections.abc import Mapping


def services_before(result: Mapping[str, Any]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """``(kept, deleted)``: the services as they were before a plan, from its result in check mode."""
    parts = {part["id"]: part for part in result["diff"]["before"]["mailservices"]}
    kept = [
        dict(service, **parts.pop(service["id"], {})) for service in result["mailservices"] if service["id"] is not None
    ]
    return kept, list(parts.values())


def restore_file(result: Mapping[str, Any], portal: str, expected_host: str, time: str) -> str:
    """Variables that bring back what the plan takes away: what is kept by its ID, what is deleted anew."""
    kept, deleted = services_before(result)
    entries = [entry_of(_service(service), with_id=True) for service in sorted(kept, key=lambda service: service["id"])]
    left_out = []
    for service in sorted(map(_service, deleted), key=lambda service: service.id):
        entry, notes = entry_of(service, with_id=False)
        if service.is_catch_all or "name" not in entry:
            left_out.append(f"{service.name} (id {service.id})")
        else:
            lost = f"it had the id {service.id}; made anew it gets another, and the mailboxes do not come back"
            entries.append((entry, [lost] + notes))
    lines = [
        comment(
            "The mail services of {} before the plan {} was carried out at {}.".format(
                portal, result["plan_digest"], time
            )
        ),
        comment(f"To bring them back, run bitrix24.portal.reconcile with --limit {portal} and -e @THIS_FILE"),
        "---",
        "bitrix24_expected_host: " + text(expected_host),
        "mailservices_baseline: []",
        'mailservices_purge: "none"',
        'mailservices_approved_plan: ""',
    ] + variable("mailservices_wanted", entries)
    if left_out:
        lines.append(comment("Cannot be made again: " + ", ".join(left_out)))
    return "\n".join(lines) + "\n"


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
