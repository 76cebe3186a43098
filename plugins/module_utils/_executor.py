# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Carries a plan out, one command a change, and finds out what became of each when an answer is lost."""

from __future__ import annotations

from ansible_collections.bitrix24.portal.plugins.module_utils._errors import PortalError
from ansible_collections.bitrix24.portal.plugins.module_utils._reader import LIST, NOTHING_OR_NO, ask_for, read_list, read_one, unexpected
from ansible_collections.bitrix24.portal.plugins.module_utils._model import ID_PARAMETER, to_portal, WRITABLE
from ansible_collections.bitrix24.portal.plugins.module_utils._plan import CREATE, DELETE
from ansible_collections.bitrix24.portal.plugins.module_utils._client import Command, DONE, FAILED, MOST_COMMANDS, NOT_TRIED, ResultOf, UNKNOWN
from ansible_collections.bitrix24.portal.plugins.module_utils._text import quoted

ADD, UPDATE, REMOVE = 'mailservice.add', 'mailservice.update', 'mailservice.delete'
NOT_ADMINISTRATOR = "the portal refuses to write: the credentials' owner is not an administrator of the portal"
SENDINGS = 5


class Work:
    """A change and what became of it. ``status``: DONE, FAILED, UNKNOWN or NOT_TRIED; ``id``: the service's, also after a creation."""

    def __init__(self, change):
        self.change = change
        self.id = change.id
        self.status = NOT_TRIED
        self.error = None
        self.portal_error = None
        self.sendings = 0
        self.lookalikes = []
        self.may_have_written = False

    def done(self):
        self.status, self.error, self.portal_error = DONE, None, None

    def fail(self, text, portal_error=None, status=FAILED):
        self.status, self.error, self.portal_error = status, text, portal_error

    def command(self):
        if self.change.action == CREATE:
            return Command(ADD, to_portal({field: after for field, (dummy, after) in self.change.fields.items()}), repeatable=False)
        if self.change.action == DELETE:
            return Command(REMOVE, {ID_PARAMETER: self.id}, repeatable=False)
        params = to_portal({field: after for field, (dummy, after) in self.change.fields.items()})
        params[ID_PARAMETER] = self.id
        return Command(UPDATE, params, repeatable=False)

    @property
    def needs_get(self):
        """Whether only ``mailservice.get`` can show what was stored: it ends inactive, and not by a plain deactivation."""
        return self.change.ends_inactive and not self.change.is_plain_deactivation


class Applier:
    """Carries a plan out through a Portal.

    After ``run``: ``works`` in the plan's order; ``seen``, the services by ID as they were read back ({} where reading failed);
    ``unread``, the PortalError of a failed reading back, or None.
    """

    def __init__(self, portal, reader, plan, present, keep_going=False):
        self._portal = portal
        self._reader = reader
        self._present = present
        self._keep_going = keep_going
        self.works = [Work(change) for change in plan.changes]
        self.seen = {}
        self.unread = None
        self._may_write = None

    def run(self):
        queue, read_back = _in_order_of_sending(self.works), True
        try:
            while queue:
                read_back = self._send(queue)
                unknown = [work for work in queue if work.status == UNKNOWN]
                if unknown:
                    self._settle(unknown)
                    read_back = True
                if self._must_stop(queue):
                    break
                queue = [work for work in queue if work.status == NOT_TRIED]
            if not read_back:
                self.observe()
        except PortalError as error:
            self.unread = error

    def observe(self, also=()):
        """Read back: the active services, and by ID those that the list cannot show. ``also``: further IDs."""
        active = self._reader.active()
        hidden = set(work.id for work in self.works if work.id is not None and (work.needs_get or work.status == UNKNOWN))
        hidden.update(also)
        hidden.difference_update(service.id for service in active)
        self._saw(active, self._reader.ask(sorted(hidden)))

    def _saw(self, active, others):
        self.seen = {service.id: service for service in list(active) + list(others)}

    def _send(self, queue):
        """One pass over the queue, with the reading back in the same request where it fits. Returns whether that succeeded."""
        commands = [work.command() for work in queue]
        places = {work: place for place, work in enumerate(queue)}
        inactive = [work for work in self.works if work.needs_get and (work in places or work.status == DONE)]
        commands.extend(ask_for(ResultOf(places[work]) if work.id is None else work.id) for work in inactive)
        commands.append(Command(LIST, {}, repeatable=True))
        outcomes = self._portal.run(commands)
        for work, outcome in zip(queue, outcomes):
            self._take(work, outcome)
        rest = outcomes[len(queue):]
        if any(work.status != DONE for work in queue) or any(outcome.status != DONE for outcome in rest):
            return False
        try:
            self._saw(read_list(rest[-1].result), [read_one(outcome.result, work.id) for work, outcome in zip(inactive, rest)])
        except PortalError:
            return False
        return True

    def _take(self, work, outcome):
        if outcome.status != NOT_TRIED:
            work.sendings += 1
            work.may_have_written |= outcome.status in (DONE, UNKNOWN)
        if outcome.status == DONE:
            if work.change.action == CREATE:
                if not isinstance(outcome.result, int) or isinstance(outcome.result, bool) or outcome.result < 1:
                    work.fail('the portal did not answer the creation with an ID', unexpected(ADD, 'an ID was due'), UNKNOWN)
                    return
                work.id = outcome.result
            elif outcome.result is not True:
                work.fail('the portal did not answer with true', unexpected(work.command().method, 'true was due'), UNKNOWN)
                return
            work.done()
        elif outcome.status != NOT_TRIED:
            work.fail(str(outcome.error), outcome.error, outcome.status)

    def _settle(self, works):
        """Find out by reading what became of commands whose answer was lost."""
        highest = max(list(self._present.by_id) + [work.id or 0 for work in self.works] + [0])
        hidden_creations = any(work.change.action == CREATE and work.needs_get for work in works)
        self.observe(range(highest + 1, highest + 1 + max(len(self.works), MOST_COMMANDS)) if hidden_creations else ())
        taken = set(work.id for work in self.works if work.status == DONE)
        for work in works:
            if work.change.action == CREATE:
                self._settle_creation(work, taken)
            elif self._is_as_planned(work):
                work.done()
            elif work.sendings >= SENDINGS:
                work.fail('%s was sent %d times without an answer, and is not done: %s' % (work.command().method, work.sendings, work.error), work.portal_error)
            else:
                work.status = NOT_TRIED

    def _settle_creation(self, work, taken):
        after = work.change.after
        new = [service for number, service in sorted(self.seen.items())
               if service.name == after.name and number not in self._present.by_id and number not in taken]
        if new:
            # Another run may have made one at the same moment. Of those that are as this run wanted it nobody can tell which is its own, and
            # all but the lowest have to go: so it takes the highest for its own, or else each run would leave that to the other.
            work.lookalikes = [service.id for service in new if all(getattr(service, field) == getattr(after, field) for field in WRITABLE)]
            work.id = max(work.lookalikes, default=new[0].id)
            taken.update(work.lookalikes, [work.id])
            work.done()
            return
        work.fail('the answer to the creation of %s was lost and the service is not there; it is not sent again, since the portal may still be at it: '
                  'run again to finish (%s)' % (quoted(after.name), work.error), work.portal_error)

    def _is_as_planned(self, work):
        stored, after = self.seen.get(work.id), work.change.after
        if stored is None or after is None:
            return stored is after
        return all(getattr(stored, field) == getattr(after, field) for field in work.change.fields)

    def _must_stop(self, queue):
        failed = [work for work in queue if work.status == FAILED]
        if not failed:
            return False
        refused = [work for work in failed if work.portal_error is not None and work.portal_error.error == NOTHING_OR_NO]
        if refused and self._lacks_rights():
            for work in refused:
                work.error = NOT_ADMINISTRATOR
            return True
        return not self._keep_going

    def _lacks_rights(self):
        """Whether the portal says that the credentials may not write; it is asked once."""
        if self._may_write is None:
            try:
                self._may_write = self._reader.may_write() is not False
            except PortalError:
                # The refusal itself is what the user must see; that nobody can say why does not replace it.
                self._may_write = True
        return not self._may_write


def _in_order_of_sending(works):
    """A command that must go in a call of its own goes first, so that it does not cut a batch in two; never one that takes something away."""
    def waits(work):
        return not work.command().goes_alone or work.change.is_removal or work.change.ends_catch_all
    return sorted(works, key=waits)
