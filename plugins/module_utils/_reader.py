# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads the mail services of a portal: the list of active ones, and the inactive ones that it hides."""

from __future__ import annotations

from ansible_collections.bitrix24.portal.plugins.module_utils._errors import NOT_DONE, PortalError
from ansible_collections.bitrix24.portal.plugins.module_utils._model import ID_PARAMETER, MailService, UnreadableService, labels_to_user
from ansible_collections.bitrix24.portal.plugins.module_utils._matching import PlanRefused, Present, needs_inactive, unknown_ids
from ansible_collections.bitrix24.portal.plugins.module_utils._client import Command, DONE

LIST, GET, FIELDS, PROFILE = 'mailservice.list', 'mailservice.get', 'mailservice.fields', 'profile'
NOTHING_OR_NO = 'ERROR_CORE'


class Reader:
    """Reads through a Portal. ``lookahead`` and ``max_ids`` bound the search for inactive services (both are numbers of IDs)."""

    def __init__(self, portal, lookahead=50, max_ids=1000):
        self._portal = portal
        self._lookahead = lookahead
        self._max_ids = max_ids

    def present(self, wanted, purge='none'):
        """Read as much as it takes to plan for ``wanted``. Returns Present; raises PortalError, PlanRefused."""
        present = Present(self.active())
        if needs_inactive(wanted, present, purge):
            return self.everything(present, also=unknown_ids(wanted, present))
        ids = unknown_ids(wanted, present)
        if ids:
            present = Present(present.active, self.ask(ids), ids)
            if needs_inactive(wanted, present, purge):
                return self.everything(present)
        return present

    def active(self):
        """The active services in the portal's order: one direct call, in which alone "none" can be told from a fault."""
        try:
            reply = self._portal.call(LIST)
        except PortalError as error:
            if error.error == NOTHING_OR_NO and error.status == 400:
                return []
            raise
        return read_list(reply.result)

    def everything(self, present, also=()):
        """Add every inactive service that can be found: the IDs the list does not show, up to the lookahead behind the highest of it."""
        highest = max((service.id for service in present.active), default=0)
        known = set(present.by_id) | present.asked
        ids = [number for number in range(1, highest + self._lookahead + 1) if number not in known]
        ids.extend(number for number in also if number > highest + self._lookahead)
        if len(ids) > self._max_ids:
            raise PlanRefused([
                'to find inactive services by name, %d IDs would have to be asked for one by one, more than inactive_max_ids: %d; '
                'name the service by id, or raise inactive_max_ids' % (len(ids), self._max_ids)])
        return Present(present.active, present.inactive + self.ask(ids), present.asked.union(ids))

    def ask(self, ids):
        """The services that have these IDs, 50 to a request; an ID that is not there is left out."""
        if not ids:
            return []
        self._portal.api['ids_searched'] += len(ids)
        found = []
        for number, outcome in zip(ids, self._portal.run([ask_for(number) for number in ids], halt=False)):
            if outcome.status == DONE:
                found.append(read_one(outcome.result, number))
            elif not is_absence(outcome.error):
                raise outcome.error
        return found

    def labels(self):
        """The portal's own labels of the fields, by the user's names."""
        return _read(FIELDS, self._portal.call(FIELDS).result, labels_to_user)

    def may_write(self):
        """Whether the credentials are an administrator's; None where the portal does not say."""
        answer = self._portal.call(PROFILE).result
        admin = answer.get('ADMIN') if isinstance(answer, dict) else None
        return admin if isinstance(admin, bool) else None


def ask_for(number):
    return Command(GET, {ID_PARAMETER: number}, repeatable=True)


def is_absence(error):
    """Whether the answer to ``mailservice.get`` says that there is no such service. A database fault has the same code, with HTTP 500."""
    return error is not None and error.method == GET and error.error == NOTHING_OR_NO and (error.status or 0) < 500


def read_list(rows):
    if not isinstance(rows, list):
        raise unexpected(LIST, 'a list was due')
    services = [_read(LIST, row) for row in rows]
    if len(set(service.id for service in services)) != len(services):
        raise unexpected(LIST, 'one ID came twice')
    if not all(service.active for service in services):
        raise unexpected(LIST, 'an inactive service came in the list of active ones')
    return services


def read_one(row, number):
    service = _read(GET, row)
    if service.id != number:
        raise unexpected(GET, 'the service with the ID %d was asked for, and the one with the ID %d came' % (number, service.id))
    return service


def unexpected(method, what):
    return PortalError('%s: the portal gave an unexpected answer: %s. Nothing is concluded from it.' % (method, what),
                       error='unexpected_answer', method=method, fate=NOT_DONE)


def _read(method, answer, convert=MailService.from_portal):
    try:
        return convert(answer)
    except UnreadableService as error:
        raise unexpected(method, str(error)) from error
