# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The state before a plan that takes something away, as variables that bring it back."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from .._text import quoted
from .._yaml import comment, listed, text, variable
from .changes import DELETE
from .entries import entry_of
from .icon import is_uploaded
from .likeness import by_name_key, name_key

if TYPE_CHECKING:
    from .._yaml import Entry
    from .matching import CurrentState
    from .model import MailService
    from .plan import Plan


class StateBefore(NamedTuple):
    """What a plan takes away or alters, as it is before the plan.

    ``kept``: what the portal shows and what the plan alters; ``renamed``: the IDs of those that get another name;
    ``deleted``; ``staying``: all names, before the plan and after it, of what it does not delete; ``icons``: the IDs of
    those that get another icon, or lose it.
    """

    kept: list[MailService]
    renamed: frozenset[int]
    deleted: list[MailService]
    staying: frozenset[str]
    icons: frozenset[int] = frozenset()


def restore_text(before: StateBefore, portal: str, expected_host: str, digest: str, time: str) -> str:
    """Variables that bring back what the plan takes away: what is kept by its ID, what is deleted anew.

    One entry that is refused would hold up all others. So what cannot be brought back stands in comments.
    """
    entries = _kept(before)
    taken, left_out, twins = set(before.staying), [], []
    named = by_name_key([*before.kept, *before.deleted])
    # Of several of one name, one that employees could choose.
    for service in sorted(before.deleted, key=lambda service: (not service.active, service.id)):
        entry, notes = entry_of(service, with_id=False)
        if service.is_catch_all or "name" not in entry:
            left_out.append(f"{service.name} (id {service.id})")
        elif service.name in taken:
            twins.append((entry, [f"it had the id {service.id}"] + notes))
        else:
            taken.add(service.name)
            if len(named[name_key(service.name)]) > 1:
                entry["allow_similar_name"] = True
            lost = f"it had the id {service.id}; made anew it gets another, and the mailboxes do not come back"
            entries.append((entry, [lost] + _icon(service) + notes))
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
    if twins:
        lines.append(comment("Left out, since another service has the name and an entry could not tell the two apart."))
        lines.append(comment("Give these another name, or make them by hand:"))
        lines.extend(comment(line) for line in listed(twins, "  "))
    return "\n".join(lines) + "\n"


def state_before(current: CurrentState, plan: Plan) -> StateBefore:
    touched = {change.id: change for change in plan.changes}
    deleted = [change.before for change in plan.changes if change.action == DELETE and change.before is not None]
    gone = {service.id for service in deleted}
    staying = [service for service in current.services if service.id not in gone]
    return StateBefore(
        kept=[service for service in staying if service.active or service.id in touched],
        renamed=frozenset(change.id for change in plan.changes if change.id is not None and "name" in change.fields),
        deleted=deleted,
        staying=frozenset(
            [service.name for service in staying]
            + [change.name_after for change in plan.changes if change.after is not None]
        ),
        icons=frozenset(change.id for change in plan.changes if change.id is not None and change.icon is not None),
    )


def _kept(before: StateBefore) -> list[Entry]:
    """Entries by ID. A name is not given back where another service has it: the renaming would be refused."""
    held = {service.name for service in before.kept if service.id not in before.renamed}
    entries = []
    for service in sorted(before.kept, key=_by_id):
        entry, notes = entry_of(service, with_id=True)
        if service.id in before.renamed:
            if service.name in held:
                entry.pop("name", None)
                notes = [f"it was called {quoted(service.name)}, as another service is; the new name stays"] + notes
            held.add(service.name)
        entries.append((entry, (_icon(service) if service.id in before.icons else []) + notes))
    return entries


def _icon(service: MailService) -> list[str]:
    """Where the icon that it had still lies; a note, since an entry names a file."""
    if service.icon is None or not is_uploaded(service.icon):
        return []
    return [f"its icon is on the portal at {service.icon}; to give it again, save it and name the file with icon_file"]


def _by_id(service: MailService) -> int:
    return service.id
