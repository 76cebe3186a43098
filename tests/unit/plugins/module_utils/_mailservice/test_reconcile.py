# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest

from ansible_collections.bitrix24.portal.plugins.module_utils._mailservice.reconcile import reconcile
from ansible_collections.bitrix24.portal.plugins.module_utils._planning.limits import Limits
from ansible_collections.bitrix24.portal.plugins.module_utils._rest.errors import OptionError
from ansible_collections.bitrix24.portal.plugins.module_utils._runner import Task, TaskFailed
from tests.behaviour import conftest as behaviour
from tests.behaviour.portal import service

portal, simulator = behaviour.portal, behaviour.simulator


@pytest.fixture
def task(portal):
    portal.has(service(1, "One"))
    return Task({"webhook_url": portal.webhook(), "inactive_lookahead": 50, "inactive_max_ids": 1000, "retries": 0})


def test_problems_of_entries_are_told_before_a_connection_is_even_opened():
    with pytest.raises(TaskFailed) as failure:
        reconcile(Task({}), [{"name": ""}, {"id": 0}], Limits())
    assert len(failure.value.result["problems"]) == 2


def test_problems_of_the_connection_are_told_without_sending_anything(portal, task):
    task.params["webhook_url"] = "nonsense"
    with pytest.raises(OptionError):
        reconcile(task, [{"name": "One"}], Limits())
    assert portal.requests == []


@pytest.mark.parametrize("check_mode, writes", [(True, 0), (False, 1)])
def test_only_check_mode_writes_nothing(portal, task, check_mode, writes):
    task.check_mode = check_mode
    assert reconcile(task, [{"name": "One", "port": 2}], Limits())["changed"]
    assert len(portal.writes) == writes


def test_one_service_is_told_in_the_singular(task):
    assert "mailservice" in reconcile(task, [{"name": "One"}], Limits(), single=True)
    assert "mailservices" in reconcile(task, [{"name": "One"}], Limits())
