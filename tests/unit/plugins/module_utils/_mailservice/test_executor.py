# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest

from ansible_collections.bitrix24.portal.plugins.module_utils._mailservice.executor import Executor
from ansible_collections.bitrix24.portal.plugins.module_utils._mailservice.operation import Operation
from ansible_collections.bitrix24.portal.plugins.module_utils._planning.desired import DesiredService
from ansible_collections.bitrix24.portal.plugins.module_utils._planning.limits import Limits
from ansible_collections.bitrix24.portal.plugins.module_utils._planning.plan import make_plan
from ansible_collections.bitrix24.portal.plugins.module_utils._rest.commands import (
    DONE,
    FAILED,
    NOT_TRIED,
    UNKNOWN,
    Outcome,
)
from ansible_collections.bitrix24.portal.plugins.module_utils._rest.errors import PortalError
from tests.unit.plugins.module_utils.model import current_state, row, service

ONE = service(1, "One", server="s", port=1)
OFF = service(3, "Off", active=False)


def works_of(*entries):
    plan = make_plan(
        [DesiredService(entry, index) for index, entry in enumerate(entries)], current_state(ONE, OFF), Limits()
    )
    return [Operation(change) for change in plan.changes]


@pytest.mark.parametrize(
    "entry, method, params",
    [
        (
            {"name": "New", "server": "IMAP"},
            "mailservice.add",
            {"NAME": "New", "SERVER": "imap", "ACTIVE": "Y", "ENCRYPTION": "Y", "SORT": 100},
        ),
        (
            {"name": "New", "active": False, "encryption": False, "sort": 5, "port": 6, "link": "l"},
            "mailservice.add",
            {"NAME": "New", "ACTIVE": "N", "ENCRYPTION": "N", "SORT": 5, "PORT": 6, "LINK": "l"},
        ),
        ({"name": "One", "port": 2, "sort": 100}, "mailservice.update", {"ID": 1, "PORT": 2}),
        (
            {"name": "One", "active": False, "encryption": False},
            "mailservice.update",
            {"ID": 1, "ACTIVE": "N", "ENCRYPTION": "N"},
        ),
        ({"id": 3, "active": True}, "mailservice.update", {"ID": 3, "ACTIVE": "Y"}),
        ({"id": 3, "name": "x"}, "mailservice.update", {"ID": 3, "NAME": "x"}),
        ({"id": 1, "state": "absent"}, "mailservice.delete", {"ID": 1}),
    ],
)
def test_a_change_is_one_command(entry, method, params):
    command = works_of(entry)[0].command()
    assert (command.method, command.params) == (method, params)


@pytest.mark.parametrize(
    "entry, expected",
    [
        ({"name": "New"}, False),
        ({"name": "New", "active": False}, True),
        ({"name": "One", "port": 2}, False),
        ({"name": "One", "active": False}, False),
        ({"name": "One", "active": False, "port": 2}, True),
        ({"id": 3, "port": 2}, True),
        ({"id": 3, "active": True}, False),
        ({"id": 3, "state": "absent"}, False),
    ],
)
def test_only_what_ends_inactive_and_is_no_plain_deactivation_needs_a_get(entry, expected):
    assert works_of(entry)[0].needs_get is expected


class Answers:
    """Answers one run with these outcomes, and every later reading with these rows; notes what was asked."""

    def __init__(self, outcomes, rows):
        self.outcomes, self.rows = list(outcomes), rows
        self.runs, self.api = [], {"ids_searched": 0}

    def run_commands(self, commands, halt=True, observer=None):
        self.runs.append(commands)
        found = [self.outcomes.pop(0) if self.outcomes else Outcome() for dummy in commands]
        return found

    def active(self):
        return [service for service in self.rows if service.active]

    def get_by_ids(self, ids):
        return [service for service in self.rows if service.id in ids]

    def may_write(self):
        return True


def applied(entry, outcomes, rows):
    plan = make_plan([DesiredService(entry)], current_state(ONE, OFF), Limits())
    answers = Answers(outcomes, rows)
    executor = Executor(answers, answers, plan, current_state(ONE, OFF))
    executor.execute_plan()
    return executor, answers


@pytest.mark.parametrize("result", [None, True, "5", 0, -1, [], {"ID": 5}])
def test_a_creation_that_is_not_answered_with_an_id_is_looked_up(result):
    executor = applied({"name": "New"}, [Outcome(DONE, result)], [ONE, service(7, "New")])[0]
    assert [(operation.status, operation.id, operation.changed) for operation in executor.operations] == [
        (DONE, 7, True)
    ]


@pytest.mark.parametrize("result", [None, False, 1, "true", []])
def test_an_update_that_is_not_answered_with_true_is_looked_up(result):
    executor = applied({"name": "One", "port": 2}, [Outcome(DONE, result)], [ONE._replace(port=2)])[0]
    assert [(operation.status, operation.attempts) for operation in executor.operations] == [(DONE, 1)]


@pytest.mark.parametrize(
    "entry",
    [
        {"name": "One", "port": 2},
        {"name": "One", "state": "absent"},
        {"name": "One", "active": False},
        {"id": 3, "port": 2},
    ],
)
def test_a_change_that_reading_finds_undone_is_sent_again_and_given_up_in_the_end(entry):
    executor, answers = applied(entry, [Outcome(UNKNOWN, error=PortalError("lost"))] * 99, [ONE, OFF])
    operation = executor.operations[0]
    assert (
        (operation.status, len(answers.runs)) == (FAILED, operation.attempts)
        and 2 <= operation.attempts <= 10
        and "lost" in operation.error
    )


def test_a_creation_that_reading_does_not_find_is_not_sent_again():
    executor, answers = applied({"name": "New"}, [Outcome(UNKNOWN, error=PortalError("lost"))], [ONE])
    assert (executor.operations[0].status, len(answers.runs), executor.operations[0].changed) == (
        FAILED,
        1,
        True,
    )


def test_a_service_of_that_name_that_was_there_before_is_not_taken_for_the_new_one():
    executor = applied({"name": "New"}, [Outcome(UNKNOWN, error=PortalError("lost"))], [ONE._replace(name="New")])[0]
    assert executor.operations[0].status == FAILED


def test_a_lost_inactive_creation_is_looked_for_behind_the_highest_id():
    executor = applied(
        {"name": "New", "active": False},
        [Outcome(UNKNOWN, error=PortalError("lost"))],
        [ONE, service(4, "New", active=False)],
    )[0]
    assert [(operation.status, operation.id) for operation in executor.operations] == [(DONE, 4)]


def test_an_odd_list_behind_the_writes_is_read_again_directly():
    executor = applied({"name": "One", "port": 2}, [Outcome(DONE, True), Outcome(DONE, "odd")], [ONE._replace(port=2)])[
        0
    ]
    assert (executor.operations[0].status, executor.seen[1].port, executor.unread) == (DONE, 2, None)


def test_what_was_written_is_read_back_in_the_same_run():
    executor, answers = applied(
        {"name": "One", "port": 2}, [Outcome(DONE, True), Outcome(DONE, [row(1, "One", server="s", port=2)])], []
    )
    assert [command.method for command in answers.runs[0]] == [
        "mailservice.update",
        "mailservice.list",
    ] and executor.seen[1].port == 2


def test_nothing_was_tried_before_the_run():
    assert [
        (operation.status, operation.changed, operation.id)
        for operation in works_of({"name": "New"}, {"id": 3, "port": 2})
    ] == [(NOT_TRIED, False, None), (NOT_TRIED, False, 3)]


def test_no_changes_are_no_commands():
    executor, answers = applied({"name": "One"}, [], [ONE])
    assert (executor.operations, answers.runs) == ([], [])
