# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The state before a plan that takes something away, as variables that bring it back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._yaml import comment, text, variable
from .changes import DELETE
from .entries import entry_of
from .likeness import by_name_key, name_key

if TYPE_CHECKING:
    from collections.abc import Collection

    from .matching import CurrentState
    from .model import MailService
    from .plan import Plan


def restore_text(
    kept: Collection[MailService],
    deleted: Collection[MailService],
    portal: str,
    expected_host: str,
    digest: str,
    time: str,
) -> str:
    """Variables that bring back what the plan takes away: what is kept by its ID, what is deleted anew."""
    entries = [entry_of(service, with_id=True) for service in sorted(kept, key=_by_id)]
    left_out = []
    named = by_name_key([*kept, *deleted])
    for service in sorted(deleted, key=_by_id):
        entry, notes = entry_of(service, with_id=False)
        if service.is_catch_all or "name" not in entry:
            left_out.append(f"{service.name} (id {service.id})")
        else:
            if len(named[name_key(service.name)]) > 1:
                entry["allow_similar_name"] = True
            lost = f"it had the id {service.id}; made anew it gets another, and the mailboxes do not come back"
            entries.append((entry, [lost] + notes))
    lines = [
        comment(f"The mail services of {portal} before the plan {digest} was carried out at {time}."),
        comment(f"To bring them back, run bitrix24.portal.reconcile with --limit {portal} and -e @THIS_FILE"),
        comment("Then revert the commit that asked for the removal: else the next run removes the services again."),
        "---",
        "bitrix24_expected_host: " + text(expected_host),
        "mailservices_baseline: []",
        'mailservices_purge: "none"',
        "mailservices_approved_plan: null",
        "mailservices_approved_digest: null",
    ] + variable("mailservices_wanted", entries)
    if left_out:
        lines.append(comment("Cannot be made again: " + ", ".join(left_out)))
    return "\n".join(lines) + "\n"


def services_before(current: CurrentState, plan: Plan) -> tuple[list[MailService], list[MailService]]:
    """``(kept, deleted)``: what the portal shows and what the plan touches, as it is before the plan."""
    touched = {change.id: change for change in plan.changes}
    deleted = [change.before for change in plan.changes if change.action == DELETE and change.before is not None]
    gone = {service.id for service in deleted}
    kept = [
        service for service in current.services if (service.active or service.id in touched) and service.id not in gone
    ]
    return kept, deleted


def _by_id(service: MailService) -> int:
    return service.id
