# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import os
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from ansible_collections.bitrix24.portal.plugins.module_utils._runner import Task, TaskFailed, to_builtin
from ansible_collections.bitrix24.portal.plugins.module_utils._text import visible
from ansible_collections.bitrix24.portal.plugins.plugin_utils._controller import ControllerAction, PlayHosts
from ansible_collections.bitrix24.portal.plugins.plugin_utils._files import read_text, write_atomically
from ansible_collections.bitrix24.portal.plugins.plugin_utils._fleet import (
    approval,
    handed_over,
    plan_file,
    plan_page,
    plan_text,
    terminal,
)
from ansible_collections.bitrix24.portal.plugins.plugin_utils._fleet import hosts as fleet_hosts
from ansible_collections.bitrix24.portal.plugins.plugin_utils._fleet.causes import message_of
from ansible_collections.bitrix24.portal.plugins.plugin_utils._fleet.comment import comment
from ansible_collections.bitrix24.portal.plugins.plugin_utils._fleet.left_alone import left_alone
from ansible_collections.bitrix24.portal.plugins.plugin_utils._lint import options_check

if TYPE_CHECKING:
    from collections.abc import Mapping

USED = (
    "skipped",
    "msg",
    "causes",
    "host",
    "plan",
    "plan_digest",
    "effects",
    "cautions",
    "already_as_approved",
    "left_alone",
)
"""What of a result in check mode is looked at."""

ONCE = ("approved_plan", "approved_digest", "fleet_max_removals", "stop_all")
"""Options that hold for all hosts of the play."""

DONE = ("failed", "results")
"""What of the result of a plan that was carried out is looked at."""


class ActionModule(ControllerAction):
    SPEC = dict(
        argument_spec=dict(
            registered=dict(type="str"),
            carried_out=dict(type="str"),
            journal=dict(type="path"),
            plans=dict(type="dict"),
            stopped=dict(type="dict", default={}),
            approved_plan=dict(type="path"),
            approved_digest=dict(type="str", no_log=False),
            fleet_max_removals=dict(type="int", default=-1),
            stop_all=dict(type="bool", default=False),
            plan_file=dict(type="path"),
            comment_file=dict(type="path"),
            page_file=dict(type="path"),
            commit=dict(type="str", default=""),
            job=dict(type="str", default=""),
            prefix=dict(type="str", default=""),
        ),
        mutually_exclusive=[("registered", "plans", "approved_plan"), ("registered", "plans", "approved_digest")],
        required_by={"carried_out": ("registered",)},
    )

    def work(self, task: Task, hosts: PlayHosts) -> dict[str, Any]:
        options = task.params
        try:
            if options["plans"] is not None:
                return _put_together(options, _results(options["plans"], options["prefix"]), list(options["plans"]), [])
            if options["carried_out"]:
                return _done(options, hosts)
            if options["registered"]:
                results = _results(_registered(hosts, options["registered"]), options["prefix"])
                failed = [host for host in hosts.all if results[host] is None and host not in hosts.remaining]
                return _put_together(options, results, hosts.batch, failed)
            return _check(options, hosts)
        except (fleet_hosts.Misconfigured, plan_file.NotApproved) as problem:
            raise TaskFailed(str(problem)) from problem


def _check(options: Mapping[str, Any], hosts: PlayHosts) -> dict[str, Any]:
    """Which hosts may be planned, and which plan was approved for each."""
    _refuse_differing(options["prefix"], hosts)
    name = "bitrix24_expected_host"
    expected = fleet_hosts.expected_hosts(hosts.all, {host: {name: hosts.variable(host, name)} for host in hosts.all})
    approved = approval.approved(
        _read(options["approved_plan"], options["prefix"]),
        options["approved_digest"],
        hosts.all,
        options["fleet_max_removals"],
        options["prefix"],
    )
    return {
        "changed": False,
        "expected_hosts": expected,
        "digests": {host: found["digest"] for host, found in approved.items()},
        "stops": {host: found["fault"] for host, found in approved.items() if found["fault"] is not None},
    }


def _refuse_differing(prefix: str, hosts: PlayHosts) -> None:
    """What is read once, on whichever host comes first, must be the same on all. Raises Misconfigured."""
    for name in (prefix + option for option in ONCE if prefix):
        given = hosts.registered(name)
        first = next(iter(given))
        other = next((host for host, value in given.items() if value != given[first]), None)
        if other is not None:
            raise fleet_hosts.Misconfigured(
                f"{name} is read once for all hosts, and {first} and {other} differ in it; set it for all of them"
            )


def _put_together(
    options: Mapping[str, Any], results: dict[str, dict[str, Any] | None], batch: list[str], failed: list[str]
) -> dict[str, Any]:
    """The plans of all portals. ``batch``: those that are told of; ``failed``: those that stopped without a plan."""
    for host, why in options["stopped"].items():
        if host in results:
            results[host] = {"msg": str(why)}
    time = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    artifact = plan_file.make(results, dict(time=time, commit=options["commit"], job=options["job"]))
    text = json.dumps(artifact, indent=4, sort_keys=True) + "\n"
    _write(options, artifact, text, left_alone(results, markdown=True))
    planned = {host: result for host, result in results.items() if result is not None}
    here = {host: planned.setdefault(host, {}) for host in batch}
    stops = approval.stops(
        batch, planned, failed, options["stop_all"], options["fleet_max_removals"], options["prefix"]
    )
    pending = [host for host in batch if host not in stops and plan_text.changes(here[host])]
    return {
        "changed": False,
        "lines": terminal.overview(here) + left_alone(here),
        "summary": terminal.summary(results, options["comment_file"], options["plan_file"], artifact["digest"]),
        "context": {"commit": options["commit"], "job": options["job"]},
        "stops": stops,
        "pending": pending,
        "digests": {host: result.get("plan_digest") for host, result in here.items()},
        "portals": {
            "total": len(batch),
            "pending": len(pending),
            "stopped": len(stops),
            "unchanged": len(batch) - len(pending) - len(stops),
        },
        "removals": artifact["removals"],
        "digest": artifact["digest"],
        **({"packed_plan": handed_over.pack(text)} if options["plan_file"] else {}),
    }


def _done(options: Mapping[str, Any], hosts: PlayHosts) -> dict[str, Any]:
    """What became of the plans, as far as the play has come."""
    planned = _results(hosts.registered(options["registered"]), options["prefix"])
    written = {
        host: to_builtin({key: result[key] for key in DONE if key in result})
        for host, result in hosts.registered(options["carried_out"]).items()
        if isinstance(result, dict) and not result.get("skipped")
    }
    for host in options["stopped"]:
        planned[host] = {"msg": str(options["stopped"][host])}
    return {"changed": False, "summary": terminal.done(planned, written, options["journal"])}


def _registered(hosts: PlayHosts, name: str) -> dict[str, Any]:
    results = hosts.registered(name)
    if all(result is None for result in results.values()):
        raise TaskFailed(f"registered: no host of the play has a variable {name}")
    return results


def _results(given: Mapping[str, Any], prefix: str) -> dict[str, dict[str, Any] | None]:
    """What the hosts' results say of their plans, in plain values. ``prefix``: before options in messages."""
    results: dict[str, dict[str, Any] | None] = {}
    for host, result in given.items():
        if isinstance(result, dict):
            result = to_builtin({key: result[key] for key in USED if key in result})
        if result is not None and not plan_file.is_result(result):
            raise TaskFailed(f"{host}: this is not what mailservice_set returned in check mode")
        if result is not None and "msg" in result:
            result["msg"] = message_of(result, prefix)
        results[host] = result
    return results


def _read(path: str | None, prefix: str) -> str | None:
    """The text of the approved plan; None where none is given."""
    if path is None:
        return None
    if handed_over.is_packed(path):
        return handed_over.unpack(path)
    if not path.strip():
        raise TaskFailed(f"{prefix}approved_plan is empty, so it names no file; nothing was done")
    try:
        text = read_text(path)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "no file can have this name"
        raise TaskFailed(f"{prefix}approved_plan: {visible(path)} cannot be read: {why}; nothing was done") from error
    if text is None:
        raise TaskFailed(f"{prefix}approved_plan: there is no file {visible(path)}; nothing was done")
    return text


def _write(options: Mapping[str, Any], artifact: Mapping[str, Any], text: str, remarks: list[str]) -> None:
    """The files that are wanted, in check mode as well: a plan is what a dry run is for."""
    forms = {
        "plan_file": lambda: text,
        "comment_file": lambda: comment(artifact, remarks=remarks),
        "page_file": lambda: plan_page.render(artifact),
    }
    for option, form in forms.items():
        path = options[option]
        try:
            if path:
                write_atomically(os.path.abspath(path), form())
        except OSError as error:
            raise TaskFailed(f"{option}: {path} cannot be written: {error.strerror}") from error


main = options_check(ActionModule.SPEC)
