# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The runner that runs a module file in the controller's process.

An action plugin of the module's name is a subclass with MODULE set to the module file. A task that runs on the
controller as the controller itself is (connection local, nobody else by become, no async, no environment) costs about a
tenth of what a module costs. Any other is handed over to the module, and so is one whose library is missing from the
controller's Python, since the interpreter chosen for the host may have it.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import pwd
import re
from typing import TYPE_CHECKING, Any

from ansible import constants as C
from ansible.errors import AnsibleError
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.errors import UnsupportedError
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ansible_collections.bitrix24.portal.plugins.module_utils._causes import NO_LIBRARY
from ansible_collections.bitrix24.portal.plugins.module_utils._runner import Task, execute, sanitize_result, to_builtin
from ansible_collections.bitrix24.portal.plugins.plugin_utils._options.explain import explain
from ansible_collections.bitrix24.portal.plugins.plugin_utils._options.icons import IconFiles
from ansible_collections.bitrix24.portal.plugins.plugin_utils._options.names import Names
from ansible_collections.bitrix24.portal.plugins.plugin_utils._options.read import Misread, read_options

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Protocol

    from ansible.module_utils.common.arg_spec import ValidationResult

    class ModuleFile(Protocol):
        SPEC: dict[str, Any]

        def run(self, task: Task) -> Mapping[str, Any]: ...


WEBHOOK = re.compile(r"/rest/\d+/[^/\s'\"]+")
SHOWN = (
    "an item of this loop holds a webhook, and Ansible prints items: its secret stands in the output. "
    "Set label in loop_control, and have the webhook issued anew if others can read the output"
)

DID_NOT_BEGIN = (
    "the task did not run in Ansible's own process, because of {why}, and failed before it could ask the portal. "
    "Without that it needs neither ssh nor sudo, and no Python but Ansible's own"
)


class InProcessAction(ActionBase):
    MODULE: ModuleFile
    LIBRARY = "requests"

    _supports_async = True

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        super().run(tmp, task_vars)
        if self._shows_a_webhook(task_vars or {}):
            self._display.warning(SHOWN)
        # In plain values: Ansible keeps these for each host, with the place in a file that each text came from.
        given = self._task.args = to_builtin(self._task.args)
        called = Names.of_task(task_vars)
        try:
            spec = self.MODULE.SPEC["argument_spec"]
            icons = IconFiles(self._find_file, self._loader) if "icon_contents" in spec else None
            options = read_options(spec, given, called, icons)
        except Misread as misread:
            secrets = validate_options(self.MODULE.SPEC, given)._no_log_values
            return sanitize_result({"failed": True, "msg": str(misread), "problems": misread.problems}, secrets)
        why = self._why_handed_over()
        if why is not None:
            result = self._hand_over(None if options == given else options, task_vars, why)
        else:
            with working_directory(self._loader.get_basedir()):
                result = self._run_here(options, called)
        if not _wants_invocation(task_vars):
            result.pop("invocation", None)
        return result

    def _find_file(self, name: str) -> str:
        """Where ansible.builtin.copy would find it. Raises AnsibleFileNotFound."""
        path: str = self._find_needle("files", name)
        return path

    def _shows_a_webhook(self, task_vars: dict[str, Any]) -> bool:
        """Whether Ansible prints the secret of a webhook, since it prints each item of a loop unless told otherwise."""
        name = task_vars.get("ansible_loop_var")
        if not name or self._task.no_log or getattr(self._task.loop_control, "label", None):
            return False
        return bool(WEBHOOK.search(str(to_builtin(task_vars.get(name)))))

    def _hand_over(self, options: dict[str, Any] | None, task_vars: dict[str, Any] | None, why: str) -> dict[str, Any]:
        """Run the module. Where it could not even begin, a warning names what led there: nobody else knows."""
        began = False
        try:
            result: dict[str, Any] = self._execute_module(
                module_args=options, task_vars=task_vars, wrap_async=bool(self._task.async_val)
            )
            lacks_library = any(cause.get("kind") == NO_LIBRARY for cause in result.get("causes") or ())
            began = not result.get("failed") or not ("module_stderr" in result or lacks_library)
        finally:
            if not began:
                self._display.warning(DID_NOT_BEGIN.format(why=why))
        return result

    def _why_handed_over(self) -> str | None:
        """What keeps the task from running in the controller's process; None where nothing does."""
        environment: dict[str, Any] = {}
        self._compute_environment_string(environment)
        reasons = (
            (self._connection.transport != "local", f"its connection ({self._connection.transport})"),
            (self._becomes_somebody_else(), "become"),
            (self._task.async_val, "async"),
            (environment, "environment"),
            (importlib.util.find_spec(self.LIBRARY) is None, f"{self.LIBRARY}, which Ansible's own Python has not got"),
        )
        return next((reason for holds, reason in reasons if holds), None)

    def _becomes_somebody_else(self) -> bool:
        """Whether ``become`` changes anything: who is root already need not become root."""
        become = self._connection.become
        if not become:
            return False
        try:
            return become.get_option("become_user") != pwd.getpwuid(os.geteuid()).pw_name
        except (AnsibleError, KeyError):
            return True

    def _run_here(self, given: Mapping[str, Any], called: Names) -> dict[str, Any]:
        validation = validate_options(self.MODULE.SPEC, given)
        options = validation.validated_parameters
        secrets = validation._no_log_values
        if validation.error_messages:
            msg = refusal(validation, self._task.action, self.MODULE.SPEC, given, called)
            refused = dict(failed=True, msg=msg, invocation=dict(module_args=options))
            result = sanitize_result(refused, secrets)
        else:
            task = Task(options, self._task.check_mode, secrets, C.DEFAULT_LOCAL_TMP)
            result = execute(self.MODULE.run, task)
        doubled = [
            "Both option {option} and its alias {alias} are set.".format(**names) for names in validation._warnings
        ]
        if doubled:
            result["warnings"] = doubled + result.get("warnings", [])
        if validation._deprecations:
            result["deprecations"] = validation._deprecations
        return result


def validate_options(spec: Mapping[str, Any], options: Mapping[str, Any]) -> ValidationResult:
    """What ansible-core makes of a task's options by the keyword arguments of AnsibleModule."""
    rules = {rule: value for rule, value in spec.items() if rule != "supports_check_mode"}
    return ArgumentSpecValidator(**rules).validate(to_builtin(options))


def refusal(
    validation: ValidationResult, action: str, spec: Mapping[str, Any], given: Mapping[str, Any], called: Names
) -> str:
    """Why the options were refused, in the words of AnsibleModule; in a role of this collection by its variables."""
    told = "; ".join(explain(spec["argument_spec"], given, called)) if called.prefix is not None else ""
    if told:
        return told
    text: str = validation.errors.msg
    if isinstance(validation.errors[0], UnsupportedError):
        text = f"Unsupported parameters for ({action}) module: {text}"
    return text


def _wants_invocation(task_vars: dict[str, Any] | None) -> bool:
    """Whether the result tells the options used: from ansible-core 2.21 on where that is configured.

    Before, where it is printed (-vvv): a long list of services would lie in memory once more for each portal.
    """
    try:
        return C.config.get_config_value("INJECT_INVOCATION", variables=task_vars)
    except AnsibleError:
        return bool(Display().verbosity > 2)


@contextlib.contextmanager
def working_directory(path: str) -> Iterator[None]:
    """Relative paths in options mean what they mean to a module, which starts in the playbook's directory."""
    before = os.getcwd()
    os.chdir(path)
    try:
        yield
    finally:
        os.chdir(before)
