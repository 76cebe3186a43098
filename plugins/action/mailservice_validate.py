# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import datetime
import pathlib
from typing import TYPE_CHECKING, Any

from ansible.module_utils.common.yaml import yaml_load

from ansible_collections.bitrix24.portal.plugins.module_utils._runner import TaskFailed
from ansible_collections.bitrix24.portal.plugins.plugin_utils._controller import ControllerAction
from ansible_collections.bitrix24.portal.plugins.plugin_utils._fleet.hosts import Misconfigured, expected_hosts
from ansible_collections.bitrix24.portal.plugins.plugin_utils._lint import options_check
from ansible_collections.bitrix24.portal.plugins.plugin_utils._options.icons import IconFiles
from ansible_collections.bitrix24.portal.plugins.plugin_utils._options.names import ROLES
from ansible_collections.bitrix24.portal.plugins.plugin_utils._validate import told
from ansible_collections.bitrix24.portal.plugins.plugin_utils._validate.wanted import Checked, check_host

if TYPE_CHECKING:
    from ansible_collections.bitrix24.portal.plugins.module_utils._runner import Task
    from ansible_collections.bitrix24.portal.plugins.plugin_utils._controller import PlayHosts

EXPECTED_HOST = "bitrix24_expected_host"


class ActionModule(ControllerAction):
    SPEC: dict[str, Any] = dict(argument_spec={}, supports_check_mode=True)

    def work(self, task: Task, hosts: PlayHosts) -> dict[str, Any]:
        roles = {role: _options_of(role) for role in ROLES}
        names = sorted({name for options in roles.values() for name in options} | {EXPECTED_HOST})
        today = datetime.datetime.now(datetime.timezone.utc).date()
        icons = IconFiles(lambda name: str(self._find_needle("files", name)), self._loader)
        checked: dict[str, Checked] = {}
        expected: dict[str, dict[str, Any]] = {}
        for host in hosts.all:
            variables, unread = hosts.variables(host, names)
            checked[host] = check_host(variables, roles, today, icons, unread)
            expected[host] = {EXPECTED_HOST: variables.get(EXPECTED_HOST)}
        shared: tuple[str, ...] = ()
        try:
            expected_hosts(hosts.all, expected)
        except Misconfigured as misconfigured:
            shared = misconfigured.problems
        by_problem = told.by_problem(checked)
        lines = told.lines(shared, by_problem, len(checked))
        summary = told.summary(checked, len(lines), bool(shared))
        result = {
            "changed": False,
            "valid": not lines,
            "summary": summary,
            "lines": [*lines, summary],
            "problems": [
                *({"hosts": hosts.all, "text": text} for text in shared),
                *({"hosts": of, "text": text} for text, of in by_problem.items()),
            ],
        }
        if lines:
            raise TaskFailed("; ".join([*lines, summary]), **result)
        return result


def _options_of(role: str) -> dict[str, Any]:
    """The options of a role's argument spec."""
    name = role.rpartition(".")[2]
    path = pathlib.Path(__file__).resolve().parents[2] / "roles" / name / "meta" / "argument_specs.yml"
    options: dict[str, Any] = yaml_load(path.read_text(encoding="utf-8"))["argument_specs"]["main"]["options"]
    return options


main = options_check(ActionModule.SPEC)
