# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compares what the portal stored with what was wanted, and clears a twin that this run has made beside another's."""

from __future__ import annotations

from ansible_collections.bitrix24.portal.plugins.module_utils._executor import REMOVE, SENDINGS
from ansible_collections.bitrix24.portal.plugins.module_utils._model import ID_PARAMETER, WRITABLE
from ansible_collections.bitrix24.portal.plugins.module_utils._plan import CREATE, DELETE
from ansible_collections.bitrix24.portal.plugins.module_utils._client import Command, DONE, UNKNOWN
from ansible_collections.bitrix24.portal.plugins.module_utils._text import quoted, shown


def verify(applier, portal, reader, present, most_ids):
    """Judge every work that the portal said it did; what is stored otherwise than wanted becomes a failure of that work.

    Returns warnings. ``most_ids`` bounds the search for inactive twins. Raises PortalError.
    """
    warnings = []
    _look_for_hidden_twins(applier, reader, present, most_ids)
    for work in applier.works:
        if work.status != DONE:
            continue
        stored = applier.seen.get(work.id)
        if work.change.action == CREATE and stored is not None:
            if stored.name != work.change.after.name:
                _undo_renamed(work, stored, applier, portal, reader)
                continue
            warnings.extend(_clear_twin(work, applier, portal, reader, present))
            stored = applier.seen.get(work.id)
        if work.status == DONE:
            fault = _difference(work, stored)
            if fault is not None:
                work.fail(fault)
    return warnings


def _difference(work, stored):
    change = work.change
    called = '%s (id %s)' % (quoted((change.after or change.before).name), work.id)
    if change.action == DELETE:
        return None if stored is None else '%s was deleted, and is there still' % called
    if change.is_plain_deactivation:
        return '%s was deactivated, and is active still' % called if stored is not None and stored.active else None
    if stored is None:
        return '%s was written, and is not there any more' % called
    fields = WRITABLE if change.action == CREATE else change.fields
    wrong = [(field, getattr(change.after, field), getattr(stored, field)) for field in fields
             if getattr(change.after, field) != getattr(stored, field)]
    if wrong:
        return '%s: the portal stored something else than was wanted: %s' % (
            called, ', '.join('%s: wanted %s, stored %s' % (field, shown(wanted), shown(found)) for field, wanted, found in wrong))
    return None


def _undo_renamed(work, stored, applier, portal, reader):
    left = _remove_own(work.id, applier, portal, reader)
    work.fail('the portal stored something else than was wanted: name: wanted %s, stored %s; %s' % (
        quoted(work.change.after.name), quoted(stored.name), left or 'the service with the ID %d was deleted again' % work.id))


def _clear_twin(work, applier, portal, reader, present):
    """Of twins that two runs made at the same moment the one with the lowest ID stays; each run deletes only its own."""
    own = work.id
    twins = sorted(service.id for service in applier.seen.values()
                   if service.name == work.change.after.name and service.id != own and service.id not in present.by_id)
    if not twins:
        return
    if own < twins[0]:
        yield ('another run created %s at the same moment, with the ID %s; it is expected to clear its own, the one with the ID %d stays'
               % (quoted(work.change.after.name), ', '.join(map(str, twins)), own))
        return
    own_or_alike = [number for number in twins[1:] if number in work.lookalikes] + [own]
    left = '; '.join(filter(None, [_remove_own(number, applier, portal, reader) for number in own_or_alike]))
    if left:
        work.fail('another run created %s at the same moment, with the ID %d; %s' % (quoted(work.change.after.name), twins[0], left))
        return
    work.id = twins[0]
    yield ("another run created %s at the same moment; its service with the ID %d stays, and this run's own, with the ID %d, was deleted again"
           % (quoted(work.change.after.name), twins[0], own))


def _remove_own(number, applier, portal, reader):
    """Delete the service that this run has just made. Returns None, or half a sentence that says why it is still there. Raises PortalError."""
    for dummy in range(SENDINGS):
        removed = portal.run([Command(REMOVE, {ID_PARAMETER: number}, repeatable=False)])[0]
        if removed.status == DONE or not reader.ask([number]):
            applier.seen.pop(number, None)
            return None
        if removed.status != UNKNOWN:
            break
    return "this run's own, with the ID %d, could not be deleted again: delete it by its id (%s)" % (number, removed.error)


def _look_for_hidden_twins(applier, reader, present, most_ids):
    """A twin of an inactive service can only sit between the highest ID known before and the new one."""
    new = [work.id for work in applier.works if work.status == DONE and work.change.action == CREATE and work.needs_get]
    if not new:
        return
    highest = max(present.by_id, default=0)
    known = set(applier.seen) | set(work.id for work in applier.works)
    between = [number for number in range(highest + 1, max(new)) if number not in known][-most_ids:]
    for service in reader.ask(between):
        applier.seen[service.id] = service
