# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plans without a portal: what mailservice_set would have returned in check mode, and the artifacts of it."""

from __future__ import annotations

from ansible_collections.bitrix24.portal.plugins.module_utils._audit.entries import read_wanted
from ansible_collections.bitrix24.portal.plugins.module_utils._planning.limits import Limits
from ansible_collections.bitrix24.portal.plugins.module_utils._planning.matching import CurrentState
from ansible_collections.bitrix24.portal.plugins.module_utils._planning.model import MailService
from ansible_collections.bitrix24.portal.plugins.module_utils._planning.plan import make_plan
from ansible_collections.bitrix24.portal.plugins.plugin_utils._fleet import plan_file
from tests.audit import fleet, sixty

CONTEXT = {"time": "2026-11-22T03:00:00Z", "commit": "c0ffee11", "job": "42"}
DOWN = {"msg": "mailservice.list on fulda.example.com: connection failed: connection refused.", "failed": True}


def planned(host, desired, services, purge="none"):
    """What mailservice_set returns in check mode for these entries and services."""
    found = [MailService(**item) for item in services]
    current = CurrentState([item for item in found if item.active], [item for item in found if not item.active])
    entries, refused = read_wanted(desired, current)
    plan = make_plan(entries, current, Limits(purge=purge, allow_catch_all_change=True, allow_builtin_delete=True))
    assert not refused and not plan.problems, (refused, plan.problems)
    return {
        "host": host,
        "plan": plan.to_user(),
        "plan_digest": plan.digest(host),
        "effects": plan.effects,
        "cautions": [caution.to_user() for caution in plan.cautions],
    }


def artifact(results, **context):
    return plan_file.make(results, dict(CONTEXT, **context))


def one():
    """One portal with a change of each kind."""
    gone = fleet.service(6, "Old hosting")
    desired = [*sixty.DESIRED, fleet.entry(sixty.YAHOO, active=False), {"name": "Old hosting", "state": "absent"}]
    services = [fleet.catch_all(), dict(sixty.MAIL, port=143, encryption=False), sixty.ARCHIVE, sixty.YAHOO, gone]
    return artifact({"north.example.com": planned("north.example.com", desired, services)})


def sixty_plans():
    """Of 60 portals, eight change alike, three lose a service, one gets one, two are down."""
    names = [f"{city}.example.com" for city in sixty.CITIES]
    wanted, other = sixty.DESIRED, fleet.catch_all()
    mail, archive, branch = sixty.MAIL, sixty.ARCHIVE, sixty.BRANCH
    wrong = dict(mail, server="imap.old.example.com", port=143, encryption=False)
    found = [[other, wrong, archive, branch]] * 8 + [[other, mail, archive, branch, sixty.YAHOO]] * 3
    found += [[other, mail, branch]] + [[other, mail, archive, branch]] * 46
    results = {name: planned(name, wanted, services, "delete") for name, services in zip(names, found)}
    return artifact({**results, **dict.fromkeys(names[58:], DOWN)})


def hostile():
    """Every service, portal, commit, job and error is called something that may be nothing but text."""
    results = {}
    for text in fleet.HOSTILE.values():
        services = [fleet.catch_all(1, text), fleet.service(2, text + "2", link=text), fleet.service(3, "x" + text)]
        desired = [{"id": 2, "link": "https://mail.example.com/", "port": 143}, {"id": 3, "state": "absent"}]
        results[text] = planned(text, desired, services)
        results["down " + text] = {"msg": text}
    text = "".join(fleet.HOSTILE.values())
    return artifact(results, commit=text, job=text)
