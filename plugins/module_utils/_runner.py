# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a module's run() is given, and what becomes of its result, in both ways of running.

A module file has SPEC (the keyword arguments of AnsibleModule) and run(task), which takes a Task and returns the result
as a dictionary, or raises TaskFailed, PortalError or OptionError. Two runners call it: run_module() below, in a process
of its own as Ansible modules have, and plugin_utils/_action.py in the controller's process. Both go through execute(),
so that they give the same result: plain JSON values, without any secret, a failure as one line in msg.
"""

from __future__ import annotations

import json
import os
import traceback
from typing import TYPE_CHECKING, Any

from ansible.module_utils import basic
from ansible.module_utils.common.parameters import remove_values

from ._redact import is_word, without_words
from ._rest.errors import OptionError, PortalError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

MASK = "********"
"""As Ansible has it."""

INTERNAL = ("icon_contents",)
"""Options that nobody gave: the action plugin did."""

OURS = os.path.join("ansible_collections", "bitrix24", "portal", "plugins", "")


class TaskFailed(Exception):
    """The task has failed: one line for people, and what else the result shall hold."""

    def __init__(self, msg: str, **result: Any) -> None:
        super().__init__(msg)
        self.msg = msg
        self.result = result


class Task:
    """One task: its validated options, its modes, and what is to be said or kept silent besides the result.

    ``run_dir``: a folder that all tasks of this run of Ansible share, and that is removed at its end; None where the
    task runs as a module, which shares nothing.
    """

    def __init__(
        self,
        params: dict[str, Any],
        check_mode: bool = False,
        secrets: Iterable[str] = (),
        run_dir: str | None = None,
    ) -> None:
        self.params = params
        self.check_mode = check_mode
        self.warnings: list[str] = []
        self.secrets = set(secrets)
        self.run_dir = run_dir

    def warn(self, text: str) -> None:
        """Have Ansible print a warning; the same one only once."""
        if text not in self.warnings:
            self.warnings.append(text)


def execute(run: Callable[[Task], Mapping[str, Any]], task: Task) -> dict[str, Any]:
    """Call run(task) and return the task's result, with failed, msg, warnings and invocation where they apply."""
    try:
        result = dict(run(task))
    except TaskFailed as failure:
        result = dict(failure.result, failed=True, msg=failure.msg)
    except PortalError as error:
        result = dict(error.as_result(), failed=True, msg=error.message)
    except OptionError as error:
        result = dict(failed=True, msg=str(error), **({"causes": error.causes} if error.causes else {}))
    except Exception as error:
        result = dict(failed=True, msg=internal_error(error))
    if task.warnings:
        result["warnings"] = list(task.warnings)
    given = {option: value for option, value in task.params.items() if option not in INTERNAL}
    result["invocation"] = dict(module_args=_drop_unset(given))
    return sanitize_result(result, task.secrets)


def run_module(spec: Mapping[str, Any], run: Callable[[Task], Mapping[str, Any]]) -> None:
    """Call run() as a module."""
    # Looked up when it is called, since linters put a class there that goes no further than the options.
    module = basic.AnsibleModule(**spec)
    task = Task(to_builtin(module.params), module.check_mode, module.no_log_values)
    result = execute(run, task)
    for text in result.pop("warnings", []):
        module.warn(text)
    if result.pop("failed", False):
        module.fail_json(**result)
    module.exit_json(**result)


def to_builtin(value: Any) -> Any:
    """The value as JSON would carry it: nothing of Ansible's own kinds of text (tagged, unsafe, vaulted), no tuples."""
    return json.loads(json.dumps(value, default=str))


def sanitize_result(result: Mapping[str, Any], secrets: Iterable[str]) -> dict[str, Any]:
    """The dictionary in plain values, with every occurrence of every secret redacted.

    Also of those whose quotes are escaped, as the diff has them. The longest goes first, so that no part of one stays.
    """
    secrets = set(filter(None, secrets))
    words = {secret for secret in secrets if is_word(secret)}
    if words:
        # An option's value is a secret as a whole; the value of any other key is a word of this collection.
        result = {key: _without_words(part, words, key == "invocation") for key, part in result.items()}
    forms = {form for secret in secrets - words for form in (secret, json.dumps(secret, ensure_ascii=False)[1:-1])}
    ordered = sorted(forms, key=lambda form: (-len(form), form))
    written = [json.dumps(secret)[1:-1] for secret in ordered]
    known: dict[str, str] = {}
    return {key: _share(_sanitize(part, ordered, written), known) for key, part in result.items()}


def _without_words(value: Any, words: Collection[str], options: bool) -> Any:
    if isinstance(value, dict):
        return {key: _without_words(part, words, options) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_without_words(part, words, options) for part in value]
    if not isinstance(value, str):
        return value
    return MASK if options and value in words else without_words(value, words, MASK)


def _share(value: Any, known: dict[str, str]) -> Any:
    """Equal texts become one object. Ansible holds the results of all hosts, and each name stands four times in one."""
    if isinstance(value, dict):
        return {known.setdefault(key, key): _share(part, known) for key, part in value.items()}
    if isinstance(value, list):
        return [_share(part, known) for part in value]
    return known.setdefault(value, value) if isinstance(value, str) else value


def _sanitize(value: Any, secrets: Sequence[str], written: Sequence[str]) -> Any:
    if isinstance(value, dict):
        return {key: _sanitize(part, secrets, written) for key, part in value.items()}
    text = json.dumps(value, default=str)
    value = json.loads(text)
    # Ansible's walk takes as long as all else that a task without drift does here,
    # so it is kept to the parts that hold a secret.
    return remove_values(value, secrets) if any(secret in text for secret in written) else value


def _drop_unset(options: Any) -> Any:
    """The options without those that were left out, which are most of each entry of a long list."""
    if isinstance(options, dict):
        return {name: _drop_unset(value) for name, value in options.items() if value is not None}
    return [_drop_unset(value) for value in options] if isinstance(options, list) else options


def internal_error(error: Exception) -> str:
    """A fault of this collection as one line: what and where. Its text is left out, since it may quote anything."""
    places = [
        f"{frame.filename.rpartition(OURS)[2]}:{frame.lineno}"
        for frame in traceback.extract_tb(error.__traceback__)
        if OURS in frame.filename
    ]
    kind, where = type(error).__name__, " < ".join(reversed(places)) or "an unknown place"
    return f"{kind} at {where}: this is a fault of the collection bitrix24.portal, please report it with its version."
