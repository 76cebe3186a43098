# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest

from ansible_collections.bitrix24.portal.plugins.module_utils._planning.changes import (
    CREATE,
    DEACTIVATE,
    DELETE,
    UPDATE,
    Change,
)
from ansible_collections.bitrix24.portal.plugins.module_utils._planning.effects import effects_of
from ansible_collections.bitrix24.portal.plugins.module_utils._planning.model import MailService
from tests.unit.plugins.module_utils.model import service

ONE = service(1, "One", server="s", port=1)
OFF = service(2, "Off", active=False)
HOME = service(9, "Other", encryption=None)
SECOND = service(8, "Second", encryption=None)
HOSTING = service(3, "bitrix24")
HOSTED_HOME = service(4, "bitrix24", encryption=None)


def update(before, **fields):
    after = before._replace(**fields)
    return Change(DEACTIVATE if before.active and not after.active else UPDATE, before, after)


def delete(before):
    return Change(DELETE, before, None)


def told(effects):
    return [
        (effect["service"], effect["id"], effect["action"], effect["to"], effect["reversible"]) for effect in effects
    ]


@pytest.mark.parametrize(
    "change, others, expected",
    [
        (update(ONE, port=2), [], [("One", 1, "updated", None, True)]),
        (update(ONE, name="New"), [HOME], [("One", 1, "updated", None, True)]),
        (update(ONE, link="l"), [], [("One", 1, "updated", None, False)]),
        (update(ONE, sort=2), [], []),
        (update(ONE, active=False), [], [("One", 1, "switched_off", None, True)]),
        (update(ONE, active=False), [OFF, HOSTING], [("One", 1, "switched_off", None, True)]),
        (update(ONE, active=False), [HOME], [("One", 1, "moved", "Other", False)]),
        (
            update(ONE, active=False, port=2),
            [],
            [("One", 1, "updated", None, True), ("One", 1, "switched_off", None, True)],
        ),
        (update(ONE, active=False, port=2), [HOME], [("One", 1, "moved", "Other", False)]),
        (update(ONE, active=False), [HOME, SECOND], [("One", 1, "moved", "Second", False)]),
        (delete(ONE), [], [("One", 1, "cut_loose", None, False)]),
        (delete(ONE), [HOME], [("One", 1, "moved", "Other", False)]),
        (delete(OFF), [HOME], [("Off", 2, "moved", "Other", False)]),
        (delete(HOSTING), [HOME], [("bitrix24", 3, "cut_loose", None, False)]),
        (update(HOSTING, active=False), [HOME], [("bitrix24", 3, "switched_off", None, True)]),
        (
            update(HOSTING, active=False, port=2),
            [HOME],
            [("bitrix24", 3, "updated", None, False), ("bitrix24", 3, "switched_off", None, True)],
        ),
        (update(ONE, active=False), [HOSTED_HOME, HOME], [("One", 1, "moved", "Other", False)]),
        (update(ONE, active=False), [HOSTED_HOME], [("One", 1, "switched_off", None, True)]),
        (delete(ONE), [HOSTED_HOME, HOME], [("One", 1, "moved", "bitrix24", False)]),
        (update(HOME, active=False), [HOSTED_HOME], [("Other", 9, "switched_off", None, True)]),
        (delete(HOME), [HOSTED_HOME], [("Other", 9, "moved", "bitrix24", False)]),
        (update(HOSTED_HOME, active=False), [HOME], [("bitrix24", 4, "switched_off", None, True)]),
        (
            update(ONE, active=False),
            [service(9, "Other", server="  ", encryption=None)],
            [("One", 1, "moved", "Other", False)],
        ),
        (delete(HOME), [], [("Other", 9, "cut_loose", None, False)]),
        (delete(HOME), [SECOND], [("Other", 9, "moved", "Second", False)]),
        (update(HOME, active=False), [], [("Other", 9, "switched_off", None, True)]),
        (update(HOME, port=5), [], [("Other", 9, "updated", None, False)]),
        (update(OFF, active=True), [], [("Off", 2, "switched_on", None, True)]),
        (
            update(OFF, active=True, port=2),
            [HOME],
            [("Off", 2, "updated", None, False), ("Off", 2, "switched_on", None, True)],
        ),
        (update(OFF, port=2), [], [("Off", 2, "updated", None, False)]),
        (Change(CREATE, None, MailService.to_be_created({"name": "New"})), [HOME], []),
    ],
)
def test_a_change_does_this_to_mailboxes(change, others, expected):
    assert told(effects_of([change], [item for item in (change.before, *others) if item is not None])) == expected


@pytest.mark.parametrize(
    "changes, actions",
    [
        ([update(HOME, name="Rest"), delete(ONE)], [("updated", None), ("moved", "Rest")]),
        ([delete(ONE), delete(HOME)], [("moved", "Other"), ("cut_loose", None)]),
        ([update(HOME, port=5), delete(ONE)], [("updated", None), ("cut_loose", None)]),
        ([update(HOME, active=False), update(ONE, active=False)], [("switched_off", None), ("switched_off", None)]),
        (
            [update(service(7, "Spare", active=False, encryption=None), active=True), delete(ONE), delete(HOME)],
            [("switched_on", None), ("moved", "Spare"), ("moved", "Spare")],
        ),
    ],
)
def test_each_change_is_judged_by_the_catch_all_of_its_moment(changes, actions):
    assert [(effect["action"], effect["to"]) for effect in effects_of(changes, [ONE, HOME])] == actions


@pytest.mark.parametrize(
    "change", [update(ONE, port=2), update(ONE, active=False), delete(ONE), delete(HOSTING), update(OFF, active=True)]
)
@pytest.mark.parametrize("others", [[], [HOME]])
def test_every_text_names_its_service_and_says_that_nobody_knows_how_many(change, others):
    effects = effects_of([change], [change.before, *others])
    assert effects
    for effect in effects:
        assert f"'{change.name}'" in effect["text"] and "How many there are cannot be known" in effect["text"]


@pytest.mark.parametrize(
    "change, others, doubtful",
    [
        (update(ONE, active=False), [HOME], True),
        (delete(ONE), [HOME], True),
        (update(ONE, active=False), [HOSTED_HOME], False),
        (delete(ONE), [], False),
        (update(ONE, port=2), [HOME], False),
        (update(HOSTED_HOME, active=False), [HOME], False),
        (delete(HOSTED_HOME), [HOME], False),
    ],
)
def test_a_text_says_so_where_it_depends_on_what_rest_does_not_show(change, others, doubtful):
    (effect,) = effects_of([change], [change.before, *others])
    assert ("If the portal's own mail hosting made" in effect["text"]) is doubtful


@pytest.mark.parametrize("after, to", [({"name": "Rest"}, "Rest"), ({"name": "bitrix24"}, "bitrix24")])
def test_what_belongs_to_the_hosting_is_told_by_the_name_before_the_plan(after, to):
    changes = [update(HOME, **after), update(HOSTED_HOME, name="Hidden"), update(ONE, active=False)]
    assert effects_of(changes, [ONE, HOME, HOSTED_HOME])[-1]["to"] == to


def test_a_text_names_what_is_copied_and_where_mailboxes_go_on_one_visible_line():
    assert "port and link" in effects_of([update(ONE, port=2, link="l")], [ONE])[0]["text"]
    assert r"'a\nb'" in effects_of([delete(ONE)], [ONE, service(9, "a\nb", encryption=None)])[0]["text"]
