# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ansible.errors import AnsibleFilterError
from ansible.utils.unsafe_proxy import wrap_var
from jinja2 import Undefined

from ansible_collections.bitrix24.portal.plugins.plugin_utils._fleet.hosts import Misconfigured, merged

if TYPE_CHECKING:
    from collections.abc import Callable


def merge_entries(baseline: Any, own: Any, allow_empty: bool = False) -> list[dict[str, Any]]:
    try:
        # What people wrote must never be taken for a template.
        return wrap_var(merged(_entries(baseline), _entries(own), allow_empty))
    except Misconfigured as problem:
        raise AnsibleFilterError(str(problem)) from problem


def _entries(given: Any) -> list[dict[str, Any]]:
    """The entries in plain containers, since those of ansible-core 2.19 template what is taken out of them."""
    if isinstance(given, Undefined):
        # In ansible-core 2.16 a filter is given this, which raises with the name of the variable.
        str(given)
    entries = _plain_containers([] if given is None else given)
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise AnsibleFilterError("merge_entries takes two lists of entries, each a dictionary")
    return entries


def _plain_containers(value: Any) -> Any:
    """The same in dictionaries and lists of Python's own. A text keeps its kind, by which Ansible knows a template."""
    if isinstance(value, dict):
        return {key: _plain_containers(part) for key, part in value.items()}
    return [_plain_containers(part) for part in value] if isinstance(value, (list, tuple)) else value


class FilterModule:
    def filters(self) -> dict[str, Callable[..., Any]]:
        return dict(merge_entries=merge_entries)
