# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A module for the tests of the runners: it does what its option how says."""

from __future__ import annotations

import os
import sys

from ansible.module_utils.basic import env_fallback

from ansible_collections.bitrix24.portal.plugins.module_utils._rest.errors import OptionError
from ansible_collections.bitrix24.portal.plugins.module_utils._runner import TaskFailed, run_module

SECRET = "s3cr3tpart"

SPEC = dict(
    argument_spec=dict(
        how=dict(
            type="str", default="echo", choices=["echo", "option", "task", "crash", "warn", "template", "odd", "where"]
        ),
        webhook_url=dict(type="str", no_log=True, fallback=(env_fallback, ["PROBE_WEBHOOK_URL"])),
        portal_url=dict(type="str"),
        access_token=dict(type="str", no_log=True),
        name=dict(type="str", aliases=["title"]),
        number=dict(type="int"),
        path=dict(type="path"),
        retired=dict(type="str", removed_in_version="9.0.0", removed_from_collection="bitrix24.portal"),
        entries=dict(
            type="list",
            elements="dict",
            options=dict(name=dict(type="str", required=True), token=dict(type="str", no_log=True)),
        ),
    ),
    mutually_exclusive=[("webhook_url", "portal_url")],
    required_together=[("portal_url", "access_token")],
    supports_check_mode=True,
)


def run(task):
    task.secrets.add(SECRET)
    how = task.params["how"]
    if how == "option":
        raise OptionError(["first problem", "second problem"])
    if how == "task":
        raise TaskFailed("It failed at /rest/1/%s/." % SECRET, changed=True, detail=[SECRET])
    if how == "crash":
        raise ValueError("a text that quotes %s and more" % SECRET)
    result = dict(
        changed=not task.check_mode,
        check_mode=task.check_mode,
        diff=dict(before=dict(port=None), after=dict(port=993)),
        got=task.params,
        quoted="see https://portal.example/rest/1/%s/ there" % SECRET,
    )
    if task.params["path"]:
        result["path"] = os.path.realpath(task.params["path"])
    if how == "warn":
        task.warn("Careful with %s." % SECRET)
        task.warn("Careful with %s." % SECRET)
    elif how == "template":
        result.update(name="{{ 1 + 1 }}", inside=[dict(name="{{ 1 + 1 }}")])
    elif how == "odd":
        result.update(pair=(1, None, True, 2.5), text="\U0001f4ee ж \u2028", names={7: "number"})
    elif how == "where":
        result["where"] = "in process" if "ansible.executor.task_executor" in sys.modules else "module"
    return result


def main():
    run_module(SPEC, run)


if __name__ == "__main__":
    main()
