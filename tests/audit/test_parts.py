# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a host registered, or Ansible in its place → the portal's part of the report."""

from __future__ import annotations

import pytest

from ansible_collections.bitrix24.portal.plugins.module_utils._audit.audit import part_of, stopped
from tests.audit.fleet import catch_all, entry, portal, service

MAIL = service(2, "Mail")

NOT_RUN = {
    "a task that Ansible did not run": ({"failed": True, "msg": "The task failed."}, "The task failed."),
    "a host that is unreachable to Ansible": ({"unreachable": True, "msg": "ssh failed"}, "ssh failed"),
    "a result without a word": ({"failed": True}, "Ansible could not run the task."),
    "a message that is no text": ({"failed": True, "msg": ["one"]}, "['one']"),
    "a webhook in a text of Ansible's": (
        {"failed": True, "msg": "no template 'https://portal.example.com/rest/1/adminsecret00001/' here"},
        "no template 'https://portal.example.com/rest/1/***/' here",
    ),
}


@pytest.mark.parametrize("case", NOT_RUN)
def test_what_was_not_run_is_a_portal_that_could_not_be_read(case):
    result, text = NOT_RUN[case]
    assert part_of(result)["reason"] == {
        "kind": "unreachable",
        "code": "task_failed",
        "throttled": False,
        "text": text,
        "advice": None,
    }


def test_a_portal_whose_host_ansible_had_stopped_is_one_that_could_not_be_read():
    assert stopped()["reason"]["code"] == "task_failed"


def test_what_the_module_returned_is_the_part_without_what_only_the_task_needs():
    part = portal([entry(MAIL)], [catch_all(), MAIL])
    del part["name"]
    assert part_of(dict(part, changed=False, failed=False, api={}, invocation={}, msg="x")) == part
