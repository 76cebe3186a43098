# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which service of the portal each entry means. Pure: knows neither HTTP nor what shall be done."""

from __future__ import annotations

from ansible_collections.bitrix24.portal.plugins.module_utils._text import quoted


class PlanRefused(Exception):
    """The wanted state must not, or cannot, be brought about; nothing was written. ``faults``: one-line texts, all of them."""

    def __init__(self, faults):
        super().__init__('; '.join(faults))
        self.faults = list(faults)


class SeveralOfOneName(PlanRefused):
    """Two services carry a wanted name. Worth reading once more: another run may be clearing its own twin."""


class Present:
    """The services of a portal as far as they were read.

    ``services``: the active ones in the portal's order, then the inactive ones that were found, by ID.
    ``asked``: the IDs that the portal was asked for one by one, found or not.
    """

    def __init__(self, active, inactive=(), asked=()):
        self.active = list(active)
        self.inactive = sorted(inactive, key=lambda service: service.id)
        self.services = self.active + self.inactive
        self.asked = frozenset(asked)
        self.by_id = {service.id: service for service in self.services}
        self.by_name = {}
        for service in self.services:
            self.by_name.setdefault(service.name, []).append(service)


def unknown_ids(wanted, present):
    """The IDs that entries name and that were not read yet: an inactive service, or none."""
    return sorted(set(one.id for one in wanted if one.id is not None and one.id not in present.by_id and one.id not in present.asked))


def needs_inactive(wanted, present, purge='none'):
    """Whether every inactive service must be looked for: a name, or a new name, is not among those read; or they shall be purged too."""
    if purge == 'delete':
        return True
    for one in wanted:
        if one.name is None or one.name in present.by_name:
            continue
        renamed = one.present and one.id in present.by_id
        if one.id is None or renamed:
            return True
    return False


def match(wanted, present):
    """Find the service that each entry means.

    Returns a list as long as ``wanted``: a MailService, or None where there is none (to be created, or already absent).
    Raises SeveralOfOneName, or PlanRefused.
    """
    faults, ambiguous, matched = [], [], []
    for one in wanted:
        service = None
        if one.id is not None:
            service = present.by_id.get(one.id)
            if service is None and one.present:
                faults.append('%s: no mail service of this site has the ID %d; to create one, leave id out' % (one.label, one.id))
            elif service is not None and not one.present and one.name is not None and service.name != one.name:
                faults.append(
                    '%s: the service with the ID %d is called %s; nothing is deleted unless id and name match' % (one.label, one.id, quoted(service.name)))
        else:
            candidates = present.by_name.get(one.name, [])
            if len(candidates) > 1:
                ambiguous.append(_ambiguous(one, 'are called %s' % quoted(one.name), candidates))
            elif candidates:
                service = candidates[0]
            elif one.present:
                earlier = [found for name in dict.fromkeys(one.previous_names) for found in present.by_name.get(name, [])]
                if len(earlier) > 1:
                    ambiguous.append(_ambiguous(one, 'have one of its previous names', earlier))
                elif earlier:
                    service = earlier[0]
        matched.append(service)
    faults.extend(_claimed_twice(wanted, matched))
    if faults:
        raise PlanRefused(ambiguous + faults)
    if ambiguous:
        raise SeveralOfOneName(ambiguous)
    return matched


def _ambiguous(one, what, services):
    ids = ', '.join(str(service.id) for service in sorted(services, key=lambda service: service.id))
    return '%s: %d services %s, with the IDs %s; say which one is meant with id' % (one.label, len(services), what, ids)


def _claimed_twice(wanted, matched):
    claims = {}
    for one, service in zip(wanted, matched):
        if service is None:
            continue
        other = claims.setdefault(service.id, one)
        if other is not one:
            yield '%s and %s both mean the service %s with the ID %d' % (other.label, one.label, quoted(service.name), service.id)
