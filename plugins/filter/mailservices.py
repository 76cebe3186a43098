# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filters of the role mailservices; each is documented in the YAML file of its name."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, Dict

from ansible.utils.unsafe_proxy import wrap_var

from ansible_collections.bitrix24.portal.plugins.plugin_utils._fleet import journal as _role_journal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    Hostvars = Mapping[str, Mapping[str, Any]]

Result = Dict[str, Any]
"""What a module returned."""


def plan_restore(result: Result, portal: str, expected_host: str, time: str) -> str:
    return _role_journal.restore_file(result, portal, expected_host, time)


def journal_lines(hosts: Iterable[str], hostvars: Hostvars, **context: Any) -> str:
    lines: list[str] = []
    for host in hosts:
        planned, applied, owner = (
            _to_builtin(hostvars[host].get("mailservices_" + name)) or {} for name in ("planned", "applied", "owner")
        )
        lines.extend(_role_journal.journal_lines(host, planned, applied, owner, context))
    return "\n".join(lines)


def _to_builtin(value: Any) -> Any:
    """The value without the lazy containers of ansible-core 2.19."""
    if isinstance(value, dict):
        return {key: _to_builtin(item) for key, item in value.items()}
    return [_to_builtin(item) for item in value] if isinstance(value, (list, tuple)) else value


def _filter(function: Callable[..., Any]) -> Callable[..., Any]:
    """What comes out, maybe written by people on the portal, is never a template."""

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        given = {name: _to_builtin(value) for name, value in kwargs.items()}
        return wrap_var(_to_builtin(function(*map(_to_builtin, args), **given)))

    return call


class FilterModule:
    def filters(self) -> dict[str, Callable[..., Any]]:
        return {
            function.__name__: _filter(function)
            for function in (
                plan_restore,
                journal_lines,
            )
        }
