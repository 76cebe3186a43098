# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest

from ansible_collections.bitrix24.portal.plugins.module_utils._mailservice.session import open_portal
from ansible_collections.bitrix24.portal.plugins.module_utils._planning.problems import PlanRefused, Problem
from ansible_collections.bitrix24.portal.plugins.module_utils._rest.errors import PortalError
from ansible_collections.bitrix24.portal.plugins.module_utils._runner import Task, TaskFailed


@pytest.fixture
def task():
    return Task({"webhook_url": "https://portal.example.com/rest/1/adminsecret00001/", "retries": 0})


def test_the_secrets_of_the_connection_become_the_tasks(task):
    with open_portal(task):
        pass
    assert "adminsecret00001" in task.secrets


def test_warnings_of_the_connection_become_the_tasks(task):
    task.params["validate_certs"] = False
    with open_portal(task):
        pass
    assert "validate_certs" in task.warnings[0]


@pytest.mark.parametrize(
    "error, keys",
    [
        (PlanRefused([Problem(None, "x", "a"), Problem(None, "x", "b")]), {"problems": ["a", "b"]}),
        (PortalError("a; b", error="E", method="m"), {"error": "E", "method": "m"}),
    ],
)
def test_what_goes_wrong_fails_the_task_with_what_it_cost(task, error, keys):
    with pytest.raises(TaskFailed) as failure:
        with open_portal(task):
            raise error
    assert (
        failure.value.msg == "a; b"
        and keys.items() <= failure.value.result.items()
        and failure.value.result["api"]["requests"] == 0
    )
