# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import contextlib
import datetime
import os
from typing import Any

from ansible_collections.bitrix24.portal.plugins.module_utils._audit.audit import PART, part_of
from ansible_collections.bitrix24.portal.plugins.module_utils._audit.findings import DRIFT_KINDS, FAIL_ON
from ansible_collections.bitrix24.portal.plugins.module_utils._runner import Task, TaskFailed, to_builtin
from ansible_collections.bitrix24.portal.plugins.plugin_utils._controller import ControllerAction, PlayHosts
from ansible_collections.bitrix24.portal.plugins.plugin_utils._files import read_text, write_atomically
from ansible_collections.bitrix24.portal.plugins.plugin_utils._fleet.causes import message_of
from ansible_collections.bitrix24.portal.plugins.plugin_utils._lint import options_check
from ansible_collections.bitrix24.portal.plugins.plugin_utils._report import attention, render_text
from ansible_collections.bitrix24.portal.plugins.plugin_utils._report.exceptions import BadSetting
from ansible_collections.bitrix24.portal.plugins.plugin_utils._report.formats import FORMS, render
from ansible_collections.bitrix24.portal.plugins.plugin_utils._report.judge import MOMENT
from ansible_collections.bitrix24.portal.plugins.plugin_utils._report.report import make_report

FILES = {
    "json": "audit.json",
    "junit": "audit.xml",
    "markdown": "audit.md",
    "prometheus": "audit.prom",
    "html": "audit.html",
}

USED = (*PART, "msg", "causes", "error", "advice")
"""What of a result is looked at, or of what Ansible returned in its place."""


class ActionModule(ControllerAction):
    SPEC = dict(
        argument_spec=dict(
            registered=dict(type="str"),
            audits=dict(type="dict"),
            dir=dict(type="path", default="mailservice_audit"),
            files=dict(type="dict", default=FILES),
            fail_on=dict(type="list", elements="str", default=list(FAIL_ON)),
            drift=dict(type="list", elements="str", default=list(DRIFT_KINDS)),
            exceptions=dict(type="list", elements="dict", default=[]),
            webhook_warn_days=dict(type="int", default=14),
            time=dict(type="str"),
            title=dict(type="str", default="Mail services audit"),
            prefix=dict(type="str", default=""),
        ),
        mutually_exclusive=[("registered", "audits")],
        required_one_of=[("registered", "audits")],
        supports_check_mode=True,
    )

    _inventory: tuple[str, ...] = ()

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        # Before the folder of the playbook becomes the current one: commands are for where Ansible was started.
        self._inventory = _sources((task_vars or {}).get("ansible_inventory_sources"))
        return super().run(tmp, task_vars)

    def work(self, task: Task, hosts: PlayHosts) -> dict[str, Any]:
        params = task.params
        paths = _paths(params["dir"], params["files"])
        results, stopped = _results(params, hosts)
        try:
            report = make_report(
                {name: part_of(result) for name, result in results.items()},
                time=params["time"] or datetime.datetime.now(datetime.timezone.utc).strftime(MOMENT),
                fail_on=params["fail_on"],
                drift=params["drift"],
                exceptions=params["exceptions"],
                warn_days=params["webhook_warn_days"],
                stopped=stopped,
                previous=_previous(paths.get("json") or os.path.join(params["dir"], FILES["json"])),
                title=params["title"],
                inventory=self._inventory,
                left_out=[] if params["registered"] is None else [host for host in hosts.all if host not in results],
                known=None if params["registered"] is None else hosts.inventory_hosts,
            )
        except BadSetting as problem:
            raise TaskFailed(str(problem)) from problem
        changed = [_write(path, render(form, report, path), task.check_mode) for form, path in paths.items()]
        return {
            "changed": any(changed),
            "lines": render_text.render(report).splitlines(),
            "summary": attention.result(report, paths.get("html") or paths.get("markdown")),
            "failed_hosts": {
                portal["name"]: attention.told(portal) or portal["summary"]
                for portal in report["portals"]
                if portal["failed_on"]
            },
            "files": paths,
        }


def _sources(given: Any) -> tuple[str, ...]:
    """The sources of the inventory as on the command line, those below the current folder relative to it."""
    sources = [str(source) for source in given] if isinstance(given, (list, tuple)) else []
    here = os.getcwd() + os.sep
    return tuple(source[len(here) :] if source.startswith(here) else source for source in sources)


def _paths(folder: str, files: dict[str, Any]) -> dict[str, str]:
    """{form: where it is to be written}. Raises TaskFailed."""
    for form, path in files.items():
        problem = None
        if form not in FORMS:
            problem = f"there is no form {form!r}; there are {', '.join(FORMS)}"
        elif not isinstance(path, str) or not path:
            problem = f"the form {form} needs the path of a file"
        if problem is not None:
            raise TaskFailed(str(BadSetting("files", f"files: {problem}")))
    return {form: os.path.abspath(os.path.join(folder, path)) for form, path in files.items()}


def _results(params: dict[str, Any], hosts: PlayHosts) -> tuple[dict[str, dict[str, Any]], list[str]]:
    """``(results, stopped)``: what the audit returned by host, and the hosts on which Ansible stopped before it."""
    given = params["audits"]
    stopped: list[str] = []
    if given is None:
        given = hosts.registered(params["registered"])
        if all(result is None for result in given.values()):
            raise TaskFailed("registered: no host of the play has a variable {}".format(params["registered"]))
        stopped = [host for host in hosts.all if host not in hosts.remaining]
    results = {}
    for host, result in given.items():
        if not isinstance(result, dict) and result is not None:
            raise TaskFailed(f"{host}: this is not what mailservice_audit returned")
        if result and not result.get("skipped"):
            results[host] = _worded(to_builtin({key: result[key] for key in USED if key in result}), params["prefix"])
    return results, stopped


def _worded(result: dict[str, Any], prefix: str) -> dict[str, Any]:
    """The result, in which options are called by the names of the variables that hold them."""
    message = message_of(result, prefix)
    if message != result.get("msg"):
        result["msg"] = message
        if isinstance(result.get("reason"), dict):
            result["reason"]["text"] = message
    return result


def _previous(path: str) -> str | None:
    """The last JSON report; whatever is wrong with it, it is only history."""
    with contextlib.suppress(OSError):
        return read_text(path)
    return None


def _write(path: str, text: str, check_mode: bool) -> bool:
    """Whether the file held, or would hold, something else. Raises TaskFailed."""
    try:
        return read_text(path) != text if check_mode else write_atomically(path, text)
    except OSError as error:
        raise TaskFailed(f"the report cannot be written to {path}: {error.strerror}") from error


main = options_check(ActionModule.SPEC)
