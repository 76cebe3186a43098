# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filters of the roles mailservices and mailservice_export; each is documented in the YAML file of its name."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, Dict

from ansible.errors import AnsibleFilterError
from ansible.utils.unsafe_proxy import wrap_var

from ansible_collections.bitrix24.portal.plugins.plugin_utils._export import files as _export
from ansible_collections.bitrix24.portal.plugins.plugin_utils._fleet import hosts as _role_inventory
from ansible_collections.bitrix24.portal.plugins.plugin_utils._fleet import journal as _role_journal
from ansible_collections.bitrix24.portal.plugins.plugin_utils._fleet import plan_file as _role_artifact

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from ansible_collections.bitrix24.portal.plugins.module_utils._yaml import Entry

    Hostvars = Mapping[str, Mapping[str, Any]]

Result = Dict[str, Any]
"""What a module returned."""

PROBLEMS = (_export.NotOurs, _export.Unshared, _role_artifact.NotApproved, _role_inventory.Misconfigured)


def portals_check(
    hosts: Collection[str],
    hostvars: Hostvars,
    approved_plan: str = "",
    approved_digest: str = "",
    fleet_max_removals: int = -1,
) -> dict[str, dict[str, str | None]]:
    expected = _role_inventory.expected_hosts(hosts, hostvars)
    checked = _role_artifact.approved(approved_plan, approved_digest, hosts, int(fleet_max_removals))
    return {host: dict(checked[host], expected_host=expected[host]) for host in hosts}


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


def export_shared(hosts: Collection[str], hostvars: Hostvars) -> list[Entry]:
    read = _services_read(hosts, hostvars)
    unread = sorted(host for host in hosts if host not in read)
    if unread:
        raise _export.Unshared(
            "what all portals share cannot be told, since {} could not be read; nothing was written".format(
                ", ".join(unread)
            )
        )
    return _export.shared([_export.Export(read[host]) for host in hosts])


def export_host(services: Iterable[dict[str, Any]], portal: str, date: str, baseline: Iterable[Entry] = ()) -> str:
    return _export.host_file(services, portal, date, baseline)


def export_baseline(entries: Sequence[Entry], portals: Iterable[str], date: str) -> str:
    return _export.baseline_file(entries, portals, date)


def export_fleet(
    hosts: Iterable[str],
    hostvars: Hostvars,
    date: str,
    group: str = "portals",
    baseline: Sequence[Entry] | None = None,
) -> str:
    return _export.fleet_file(_services_read(hosts, hostvars), date, group, baseline)


def export_over(text: str, old: str) -> str:
    return _export.over(text, old)


def _services_read(hosts: Iterable[str], hostvars: Hostvars) -> dict[str, list[dict[str, Any]]]:
    """{host: its services}, without the hosts that could not be read."""
    return {
        host: result["mailservices"]
        for host, result in _registered(hosts, hostvars, "mailservice_export_read")
        if result is not None and "mailservices" in result
    }


def _registered(hosts: Iterable[str], hostvars: Hostvars, name: str) -> list[tuple[str, Result | None]]:
    return [(host, _to_builtin(hostvars[host].get(name))) for host in hosts]


def _to_builtin(value: Any) -> Any:
    """The value without the lazy containers of ansible-core 2.19."""
    if isinstance(value, dict):
        return {key: _to_builtin(item) for key, item in value.items()}
    return [_to_builtin(item) for item in value] if isinstance(value, (list, tuple)) else value


def _filter(function: Callable[..., Any]) -> Callable[..., Any]:
    """Problems become Ansible's; and what comes out, maybe written by people on the portal, is never a template."""

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        try:
            given = {name: _to_builtin(value) for name, value in kwargs.items()}
            return wrap_var(_to_builtin(function(*map(_to_builtin, args), **given)))
        except PROBLEMS as problem:
            raise AnsibleFilterError(str(problem)) from problem

    return call


class FilterModule:
    def filters(self) -> dict[str, Callable[..., Any]]:
        return {
            function.__name__: _filter(function)
            for function in (
                portals_check,
                plan_restore,
                journal_lines,
                export_shared,
                export_host,
                export_baseline,
                export_fleet,
                export_over,
            )
        }
