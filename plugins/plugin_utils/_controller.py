# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An action of the controller alone: it works once, on what other tasks registered on all hosts of the play.

A module file of its name holds the documentation and nothing else. What hosts registered is read by the name of a
variable, untemplated, and never becomes an option: an option is templated, and copied into every callback.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from ansible.errors import AnsibleError
from ansible.plugins.action import ActionBase
from ansible.release import __version__
from ansible.utils.unsafe_proxy import AnsibleUnsafe

from ansible_collections.bitrix24.portal.plugins.module_utils._runner import (
    Task,
    TaskFailed,
    execute,
    sanitize_result,
    to_builtin,
)
from ansible_collections.bitrix24.portal.plugins.module_utils._text import visible
from ansible_collections.bitrix24.portal.plugins.plugin_utils._action import (
    refusal,
    validate_options,
    working_directory,
)
from ansible_collections.bitrix24.portal.plugins.plugin_utils._options.names import Names
from ansible_collections.bitrix24.portal.plugins.plugin_utils._options.read import (
    Misread,
    drop_omitted,
    is_omitted,
    read_options,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


LEAVES_TEMPLATES = tuple(map(int, __version__.split(".")[:2])) < (2, 19)
"""Whether Ansible hands over a variable of another host as its template where that has no value."""


class PlayHosts:
    """The hosts of the play.

    all: every one; remaining: those that have not failed; batch: those of them that are in this batch (serial).
    inventory_sources: the files, folders and lists of hosts that the inventory is made of; inventory_hosts,
    inventory_groups: all names in it.
    """

    def __init__(self, task_vars: dict[str, Any]) -> None:
        self.all = [str(host) for host in task_vars["ansible_play_hosts_all"]]
        self.batch = [str(host) for host in task_vars["ansible_play_batch"]]
        self.remaining = [str(host) for host in task_vars["ansible_play_hosts"]]
        self.inventory_sources = task_vars.get("ansible_inventory_sources")
        groups = task_vars.get("groups") or {}
        self.inventory_hosts = [str(host) for host in groups.get("all", ())]
        self.inventory_groups = [str(group) for group in groups]
        self._variables = task_vars["hostvars"]
        self._omit = task_vars.get("omit") if isinstance(task_vars.get("omit"), str) else None

    def registered(self, name: str) -> dict[str, Any]:
        """{host: what it registered under that name, or None}; nothing in it is taken for a template."""
        return {host: self._variables.raw_get(host).get(name) for host in self.all}

    def variables(self, host: str, names: Iterable[str]) -> tuple[dict[str, Any], list[str]]:
        """``({name: value}, problems)``: those that the host has, as variable() gives them, without what is omitted."""
        found, values, problems = self._variables[host], {}, []
        for name in names:
            try:
                value = drop_omitted(found[name], self._omit) if name in found else None
                left = next(_untemplated(value), None) if LEAVES_TEMPLATES else None
                if left is not None:
                    problems.append(f"{name}: this has no value: {visible(left)}")
                elif value is not None and not is_omitted(value, self._omit):
                    values[name] = to_builtin(value)
            except AnsibleError as error:
                problems.append(f"{name}: {visible(str(error))}")
        return values, problems

    def variable(self, host: str, name: str) -> Any:
        """A variable of the inventory in plain values, templated as Ansible does; None where the host has none."""
        try:
            return to_builtin(self._variables[host].get(name))
        except AnsibleError as error:
            raise TaskFailed(f"{host}: {name}: {visible(str(error))}") from error


def _untemplated(value: Any) -> Iterator[str]:
    """The templates in a value that have no value themselves."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for part in value:
            yield from _untemplated(part)
    elif isinstance(value, str) and "{{" in value and not isinstance(value, AnsibleUnsafe):
        yield value


class ControllerAction(ActionBase):
    """A subclass has SPEC, the keyword arguments of AnsibleModule, and work().

    started_in: the folder in which Ansible was started; work() itself begins in that of the playbook.
    """

    SPEC: dict[str, Any]
    started_in: str

    BYPASS_HOST_LOOP = True
    """Once for all hosts, and a strategy that cannot do so is refused by Ansible, in one line."""

    _requires_connection = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        super().run(tmp, task_vars)
        hosts = PlayHosts(task_vars or {})
        called = Names.of_task(task_vars)
        given = to_builtin(self._task.args)
        try:
            given = read_options(self.SPEC["argument_spec"], given, called)
        except Misread as misread:
            return sanitize_result({"failed": True, "msg": str(misread)}, ())
        validation = validate_options(self.SPEC, given)
        if validation.error_messages:
            refused = {"failed": True, "msg": refusal(validation, self._task.action, self.SPEC, given, called)}
            return sanitize_result(refused, validation._no_log_values)
        task = Task(validation.validated_parameters, self._task.check_mode)
        self.started_in = os.getcwd()
        with working_directory(self._loader.get_basedir()):
            result = execute(lambda task: self.work(task, hosts), task)
        result.pop("invocation")
        return result

    def work(self, task: Task, hosts: PlayHosts) -> dict[str, Any]:
        """The result of the task, with ``changed`` and what it returns. Raises TaskFailed."""
        raise NotImplementedError
