# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest

from ansible_collections.bitrix24.portal.plugins.module_utils._mailservice.operation import Operation
from ansible_collections.bitrix24.portal.plugins.module_utils._mailservice.record import Record
from ansible_collections.bitrix24.portal.plugins.module_utils._mailservice.rights import Rights
from ansible_collections.bitrix24.portal.plugins.module_utils._mailservice.verify import verify
from ansible_collections.bitrix24.portal.plugins.module_utils._planning.desired import DesiredService
from ansible_collections.bitrix24.portal.plugins.module_utils._planning.limits import Limits
from ansible_collections.bitrix24.portal.plugins.module_utils._planning.plan import make_plan
from ansible_collections.bitrix24.portal.plugins.module_utils._rest.commands import (
    DONE,
    FAILED,
    UNKNOWN,
    Outcome,
)
from ansible_collections.bitrix24.portal.plugins.module_utils._rest.errors import PortalError
from tests.unit.plugins.module_utils.model import current_state, service

ONE = service(1, "One", server="s", port=1)
OFF = service(3, "Off", active=False)


class Stage:
    """One change that the portal said it did, what was read back, and a portal that holds ``hidden`` besides; deletions end as told."""

    def __init__(self, entry, *seen, new_id=None, hidden=(), deletions=(Outcome(DONE, True),)):
        plan = make_plan([DesiredService(entry)], current_state(ONE, OFF), Limits())
        self.operations = [Operation(change) for change in plan.changes]
        for operation in self.operations:
            operation.done()
            operation.id = operation.id or new_id
        self.seen = {item.id: item for item in seen}
        self.rows = {item.id: item for item in (*seen, *hidden)}
        self.record, self.rights = Record(), Rights(self)
        self.deletions, self.deleted, self.probed_ids = list(deletions), [], []
        self.waited, self.later, self.read_apart = [], lambda: None, False

    def run_commands(self, commands):
        self.deleted.extend(command.params["ID"] for command in commands)
        outcome = self.deletions.pop(0)
        if outcome.status == DONE:
            for command in commands:
                self.rows.pop(command.params["ID"], None)
        return [outcome] * len(commands)

    def wait(self, seconds):
        self.waited.append(seconds)
        self.later()

    def read_once_more(self, ids):
        hidden = [item for item in self.seen.values() if not item.active and item.id not in ids]
        found = [item for item in self.rows.values() if item.active] + self.get_by_ids(ids)
        self.seen = {item.id: item for item in hidden + found}

    def look_at(self, ids):
        self.seen.update((item.id, item) for item in self.get_by_ids([at for at in ids if at not in self.seen]))

    def get_by_ids(self, ids):
        self.probed_ids.extend(ids)
        return [self.rows[service_id] for service_id in ids if service_id in self.rows]

    def judge(self, most_ids=1000):
        creation = self.operations[0].change.before is None
        before = current_state(OFF) if creation else current_state(ONE, OFF)
        warnings = verify(self, self, self, before, most_ids)
        return self.operations[0], warnings


def new(service_id, name="New", **fields):
    return service(service_id, name, **fields)


@pytest.mark.parametrize(
    "stage",
    [
        Stage({"name": "One", "port": 2}, ONE._replace(port=2)),
        Stage({"name": "One", "port": 2}, ONE._replace(port=2, link="of somebody else")),
        Stage({"name": "One", "active": False}),
        Stage({"name": "One", "active": False}, ONE._replace(active=False)),
        Stage({"name": "One", "active": False, "port": 2}, ONE._replace(active=False, port=2)),
        Stage({"name": "One", "state": "absent"}),
        Stage({"name": "New"}, new(7), new_id=7),
        Stage({"name": "New", "active": False}, new(4, active=False), new_id=4),
    ],
)
def test_what_is_stored_as_wanted_is_done(stage):
    operation, warnings = stage.judge()
    assert (operation.status, warnings, stage.deleted) == (DONE, [], [])


@pytest.mark.parametrize(
    "stage, said",
    [
        (Stage({"name": "One", "port": 2}, ONE), "port: wanted 2, stored 1"),
        (
            Stage({"name": "One", "link": "<script>"}, ONE._replace(link="<sc ript>")),
            "link: wanted '<script>', stored '<sc ript>'",
        ),
        (Stage({"id": 1, "name": "x", "port": 5}, ONE), "name: wanted 'x', stored 'One', port: wanted 5, stored 1"),
        (Stage({"name": "One", "port": 2}), "is not there any more"),
        (Stage({"name": "One", "active": False}, ONE), "is active still"),
        (Stage({"name": "One", "active": False, "port": 2}, ONE._replace(port=2)), "active: wanted false, stored true"),
        (Stage({"name": "One", "state": "absent"}, ONE), "is there still"),
        (Stage({"name": "New", "port": 5}, new(7, port=6), new_id=7), "port: wanted 5, stored 6"),
        (Stage({"name": "New"}, new(7, link="odd"), new_id=7), "link: wanted unset, stored 'odd'"),
        (Stage({"name": "New"}, new_id=7), "is not there any more"),
    ],
)
def test_what_is_stored_otherwise_fails_naming_field_wanted_and_stored(stage, said):
    operation = stage.judge()[0]
    assert operation.status == FAILED and said in operation.error and stage.deleted == []


def test_a_new_service_of_another_name_is_deleted_by_its_id():
    stage = Stage({"name": "New"}, new(7, "N ew"), new_id=7)
    operation = stage.judge()[0]
    assert (operation.status, stage.deleted, stage.seen) == (FAILED, [7], {}) and "was deleted again" in operation.error


def test_a_new_service_of_another_name_that_stays_is_named_by_its_id():
    stage = Stage({"name": "New"}, new(7, "N ew"), new_id=7, deletions=[Outcome(FAILED, error=PortalError("no"))])
    operation = stage.judge()[0]
    assert operation.status == FAILED and "ID 7" in operation.error and "could not be deleted" in operation.error


@pytest.mark.parametrize("twin, own, waited", [(6, 7, []), (7, 6, [2])])
@pytest.mark.parametrize("active", [True, False])
def test_of_twins_the_lowest_id_stays(twin, own, waited, active):
    """One that is higher may be of a run that clears it in a moment; one of a request that came twice is nobody's."""
    stage = Stage({"name": "New", "active": active}, new(own, active=active), new(twin, active=active), new_id=own)
    operation, warnings = stage.judge()
    assert (operation.status, operation.id, stage.deleted, len(warnings)) == (DONE, 6, [7], 1)
    assert stage.waited == waited


@pytest.mark.parametrize("active", [True, False])
def test_a_higher_twin_that_its_run_clears_is_left_to_it(active):
    stage = Stage({"name": "New", "active": active}, new(7, active=active), new(8, active=active), new_id=7)
    stage.later = lambda: stage.rows.pop(8)
    operation, warnings = stage.judge()
    assert (operation.status, operation.id, stage.deleted, stage.waited) == (DONE, 7, [], [2])
    assert "cleared its own; the one with the ID 7 stays" in warnings[0]


@pytest.mark.parametrize("active", [True, False])
def test_a_higher_twin_that_is_not_as_this_run_wrote_it_is_never_deleted(active):
    stage = Stage({"name": "New", "active": active}, new(7, active=active), new(8, active=active, port=9), new_id=7)
    operation, warnings = stage.judge()
    assert (operation.status, stage.deleted, warnings) == (FAILED, [], [])
    assert "the one with the ID 8 is not this run's to delete" in operation.error


def test_an_own_service_that_another_run_cleared_is_the_others():
    stage = Stage({"name": "New"}, new(6), new_id=7)
    operation, warnings = stage.judge()
    assert (operation.status, operation.id, stage.deleted) == (DONE, 6, [])


def test_the_copies_of_one_request_go_together():
    stage = Stage({"name": "New"}, *map(new, range(7, 11)), new_id=7)
    assert (stage.judge()[0].status, stage.deleted) == (DONE, [8, 9, 10])


def test_an_inactive_twin_is_looked_for_between_the_highest_id_before_and_the_new_one():
    stage = Stage({"name": "New", "active": False}, new(8, active=False), new_id=8, hidden=[new(5, active=False)])
    operation, warnings = stage.judge()
    assert (stage.probed_ids[:5], operation.id, stage.deleted, len(warnings)) == ([4, 5, 6, 7, 9], 5, [8], 1)


def test_an_inactive_twin_of_a_request_that_came_twice_is_looked_for_above_the_new_one():
    stage = Stage({"name": "New", "active": False}, new(4, active=False), new_id=4, hidden=[new(5, active=False)])
    operation, warnings = stage.judge()
    assert (operation.id, stage.deleted, len(warnings)) == (4, [5], 1)


def test_an_inactive_twin_is_not_looked_for_where_the_new_service_is_active():
    stage = Stage({"name": "New"}, new(8), new_id=8)
    stage.judge()
    assert stage.probed_ids == []


def test_the_search_for_an_inactive_twin_is_bounded():
    stage = Stage({"name": "New", "active": False}, new(5000, active=False), new_id=5000)
    stage.judge(most_ids=10)
    assert stage.probed_ids == [*range(4992, 5000), 5001]


@pytest.mark.parametrize(
    "deletions, status, attempts",
    [
        ([Outcome(UNKNOWN, error=PortalError("lost")), Outcome(DONE, True)], DONE, 2),
        ([Outcome(FAILED, error=PortalError("no"))], FAILED, 1),
        ([Outcome(UNKNOWN, error=PortalError("lost"))] * 9, FAILED, 5),
    ],
)
def test_the_own_twin_is_deleted_or_the_task_fails(deletions, status, attempts):
    stage = Stage({"name": "New"}, new(7), new(6), new_id=7, deletions=deletions)
    assert (stage.judge()[0].status, stage.deleted) == (status, [7] * attempts)


def test_an_own_twin_that_is_gone_after_all_is_no_failure():
    stage = Stage({"name": "New"}, new(7), new(6), new_id=7, deletions=[Outcome(UNKNOWN, error=PortalError("lost"))])
    del stage.rows[7]
    assert stage.judge()[0].status == DONE


def test_what_failed_or_is_unknown_is_not_judged():
    stage = Stage({"name": "One", "port": 2})
    stage.operations[0].fail("before", status=UNKNOWN)
    assert stage.judge()[0].error == "before"
