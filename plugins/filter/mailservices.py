# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filters of the roles mailservices and mailservice_export; each is documented in the YAML file of its name beside this one."""

from __future__ import annotations

import functools

from ansible.errors import AnsibleFilterError
from ansible.utils.unsafe_proxy import wrap_var

from ansible_collections.bitrix24.portal.plugins.plugin_utils import (
    _export,
    _role_artifact,
    _role_inventory,
    _role_journal,
    _role_plan,
)

PROBLEMS = (_export.NotOurs, _export.Unshared, _role_artifact.NotApproved, _role_inventory.Misconfigured)


def portals_check(hosts, hostvars, approved_plan="", approved_digest="", fleet_max_removals=-1):
    expected = _role_inventory.expected_hosts(hosts, hostvars)
    checked = _role_artifact.approved(approved_plan, approved_digest, hosts, int(fleet_max_removals))
    return {host: dict(checked[host], expected_host=expected[host]) for host in hosts}


def wanted_merge(baseline, own, allow_empty=False):
    return _role_inventory.merged(baseline or (), own or (), allow_empty)


def plan_lines(result, portal, fault=None):
    return _role_plan.lines({"msg": fault} if fault else result, portal)


def plan_stops(batch, hostvars, all_hosts, remaining_hosts, stop_all=False, fleet_max_removals=-1):
    results = {host: result for host, result in _planned(all_hosts, hostvars) if result is not None}
    removed = [host for host in all_hosts if host not in results and host not in remaining_hosts]
    return _role_artifact.stops(batch, results, removed, stop_all, int(fleet_max_removals))


def plan_artifact(hosts, hostvars, **context):
    return _role_artifact.make(dict(_planned(hosts, hostvars)), context)


def plan_comment(artifact):
    return _role_plan.comment(artifact)


def plan_restore(result, portal, expected_host, time):
    return _role_journal.restore_file(result, portal, expected_host, time)


def journal_lines(hosts, hostvars, **context):
    lines = []
    for host in hosts:
        planned, applied, owner = (
            _to_builtin(hostvars[host].get("mailservices_" + name)) or {} for name in ("planned", "applied", "owner")
        )
        lines.extend(_role_journal.journal_lines(host, planned, applied, owner, context))
    return "\n".join(lines)


def export_shared(hosts, hostvars):
    results = dict(_registered(hosts, hostvars, "mailservice_export_read"))
    unread = sorted(host for host, result in results.items() if "mailservices" not in (result or {}))
    if unread:
        raise _export.Unshared(
            "what all portals share cannot be told, since {} could not be read; nothing was written".format(
                ", ".join(unread)
            )
        )
    return _export.shared([_export.Export(results[host]["mailservices"]) for host in hosts])


def export_host(services, portal, date, baseline=()):
    return _export.host_file(services, portal, date, baseline)


def export_baseline(entries, portals, date):
    return _export.baseline_file(entries, portals, date)


def export_fleet(hosts, hostvars, date, group="portals", baseline=None):
    read = {
        host: result["mailservices"]
        for host, result in _registered(hosts, hostvars, "mailservice_export_read")
        if "mailservices" in (result or {})
    }
    return _export.fleet_file(read, date, group, baseline)


def export_over(text, old):
    return _export.over(text, old)


def _planned(hosts, hostvars):
    for host, result in _registered(hosts, hostvars, "mailservices_planned"):
        problem = (hostvars[host].get("mailservices_checked") or {}).get(host, {}).get("fault")
        yield host, {"msg": problem} if problem else result


def _registered(hosts, hostvars, name):
    return [(host, _to_builtin(hostvars[host].get(name))) for host in hosts]


def _to_builtin(value):
    """The value without the lazy containers of ansible-core 2.19."""
    if isinstance(value, dict):
        return {key: _to_builtin(item) for key, item in value.items()}
    return [_to_builtin(item) for item in value] if isinstance(value, (list, tuple)) else value


def _filter(function):
    """Problems become Ansible's; and what comes out, which people on the portal may have written, is never taken for a template."""

    @functools.wraps(function)
    def call(*args, **kwargs):
        try:
            given = {name: _to_builtin(value) for name, value in kwargs.items()}
            return wrap_var(_to_builtin(function(*map(_to_builtin, args), **given)))
        except PROBLEMS as problem:
            raise AnsibleFilterError(str(problem)) from problem

    return call


class FilterModule:
    def filters(self):
        return {
            function.__name__: _filter(function)
            for function in (
                portals_check,
                wanted_merge,
                plan_lines,
                plan_stops,
                plan_artifact,
                plan_comment,
                plan_restore,
                journal_lines,
                export_shared,
                export_host,
                export_baseline,
                export_fleet,
                export_over,
            )
        }
