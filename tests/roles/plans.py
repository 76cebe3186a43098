# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Results of planning tasks, made up or made by a simulated portal, and the artifact of them."""

from __future__ import annotations

from ansible_collections.bitrix24.portal.plugins.module_utils._planning.plan import digest_of
from ansible_collections.bitrix24.portal.plugins.modules import mailservice_set
from ansible_collections.bitrix24.portal.plugins.plugin_utils._fleet import plan_file
from tests.roles.in_process import call

CONTEXT = {"time": "2026-01-31T00:00:00Z", "commit": "c0ffee", "job": "7"}
EMPTY = {"creations": [], "updates": [], "deactivations": [], "deletions": [], "unchanged": []}
DOWN = {"msg": "down"}


def planned(portal, *entries, **options):
    return call(mailservice_set, portal, check_mode=True, mailservices=list(entries), **options)


def deciding(plan=None, effects=(), cautions=(), host="portal.example.com"):
    """A result of mailservice_set in check mode; without a plan there is nothing to do."""
    plan, effects = EMPTY if plan is None else plan, list(effects)
    return {
        "host": host,
        "plan": plan,
        "plan_digest": digest_of(host, plan, effects),
        "effects": effects,
        "cautions": [{"kind": "near_match", "service": "x", "text": text} for text in cautions],
    }


def removing(number, effects=()):
    return deciding(
        dict(EMPTY, deletions=[{"name": str(at), "id": at, "changes": {}} for at in range(number)]), effects
    )


def artifact(**results):
    return plan_file.make(results, CONTEXT)


def moving(service, target, action="moved"):
    """An effect on mailboxes without a way back."""
    return {"service": service, "id": 1, "action": action, "to": target, "reversible": False, "text": "…"}
