# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ansible.errors import AnsibleFilterError
from ansible.utils.unsafe_proxy import wrap_var
from jinja2 import Undefined, pass_context

from ansible_collections.bitrix24.portal.plugins.plugin_utils._options.names import Names
from ansible_collections.bitrix24.portal.plugins.plugin_utils._options.read import (
    Misread,
    drop_omitted,
    is_omitted,
    lay_over,
    read_entries,
    read_list,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from jinja2.runtime import Context


class _Names(Names):
    """The arguments, by the options of mailservice_set that they become."""

    def __call__(self, option: str) -> str:
        return "own" if option == "mailservices" else option


@pass_context
def merge_entries(context: Context, baseline: Any, own: Any, allow_empty: bool = False) -> list[dict[str, Any]]:
    called = _Names(omit=context.get("omit"))
    try:
        entries = _entries(baseline, "baseline", called), _entries(own, "own", called)
        # What people wrote must never be taken for a template.
        return wrap_var(lay_over(*entries, allow_empty, called))
    except Misread as problem:
        raise AnsibleFilterError(f"merge_entries: {problem}") from problem


def _entries(given: Any, name: str, called: Names) -> list[dict[str, Any]]:
    """The entries in plain containers, since those of ansible-core 2.19 template what is taken out of them."""
    if isinstance(given, Undefined):
        # In ansible-core 2.16 a filter is given this, which raises with the name of the variable.
        str(given)
    nothing = given is None or is_omitted(given, called.omit)
    entries = read_list([] if nothing else drop_omitted(given, called.omit), name, of_entries=True)
    if not isinstance(entries, list):
        raise Misread([f"{name} must be a list of entries, each a map of options"])
    entries, problems = read_entries(entries, name)
    if problems:
        raise Misread(problems)
    return entries


class FilterModule:
    def filters(self) -> dict[str, Callable[..., Any]]:
        return dict(merge_entries=merge_entries)
