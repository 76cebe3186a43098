# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from ansible_collections.bitrix24.portal.plugins.module_utils._runner import TaskFailed
from ansible_collections.bitrix24.portal.plugins.plugin_utils._controller import ControllerAction
from ansible_collections.bitrix24.portal.plugins.plugin_utils._export.drafts import (
    Draft,
    ExportError,
    make_drafts,
    read_portals,
)
from ansible_collections.bitrix24.portal.plugins.plugin_utils._export.files import NotOurs, over
from ansible_collections.bitrix24.portal.plugins.plugin_utils._files import read_text, write_atomically

if TYPE_CHECKING:
    from ansible_collections.bitrix24.portal.plugins.module_utils._runner import Task
    from ansible_collections.bitrix24.portal.plugins.plugin_utils._controller import PlayHosts


class Replacement(NamedTuple):
    """A file as it is (None: there is none) and as it shall be."""

    draft: Draft
    old: str | None
    new: str

    @property
    def changed(self) -> bool:
        return self.new != self.old

    def diff(self) -> dict[str, str]:
        headers = {"after_header": self.draft.path}
        if self.old is not None:
            headers["before_header"] = self.draft.path
        return dict(headers, before=self.old or "", after=self.new)


class ActionModule(ControllerAction):
    SPEC = dict(
        argument_spec=dict(
            registered=dict(type="str"),
            portals=dict(type="dict"),
            dest=dict(type="raw"),
            single_dest=dict(type="path"),
            baseline=dict(type="bool", default=False),
            baseline_dest=dict(type="path"),
            group=dict(type="str", default="portals"),
            date=dict(type="str"),
        ),
        mutually_exclusive=[("registered", "portals"), ("dest", "single_dest")],
        required_one_of=[("registered", "portals"), ("dest", "single_dest")],
        required_if=[("baseline", True, ("baseline_dest", "single_dest"), True)],
    )

    def work(self, task: Task, hosts: PlayHosts) -> dict[str, Any]:
        services, unread = read_portals(_results(task.params, hosts))
        date = task.params["date"] or datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d")
        try:
            drafts = make_drafts(services, unread, task.params, date)
        except ExportError as problem:
            raise TaskFailed(str(problem), unread=unread) from problem
        problems: dict[str, str] = {}
        found = [_replacement(draft, problems) for draft in drafts]
        ready = [replacement for replacement in found if replacement is not None]
        done = [each for each in ready if task.check_mode or _written(each, problems)]
        result = dict(
            changed=any(each.changed for each in done),
            files=[dict(host=each.draft.host, path=each.draft.path, changed=each.changed) for each in done],
            unread=unread,
            problems=problems,
        )
        if self._task.diff:
            result["diff"] = [each.diff() for each in done if each.changed]
        if problems:
            raise TaskFailed("; ".join(f"{host}: {problem}" for host, problem in sorted(problems.items())), **result)
        return result


def _results(options: dict[str, Any], hosts: PlayHosts) -> dict[str, Any]:
    if options["portals"] is not None:
        return {str(host): result for host, result in options["portals"].items()}
    name = options["registered"]
    results = hosts.registered(name)
    if all(result is None for result in results.values()):
        raise TaskFailed(f"registered: no host of the play has a variable {name}")
    # A file of all portals tells of those of earlier batches too; their own files were written then.
    every = options["baseline"] or options["single_dest"] is not None
    return {host: result for host, result in results.items() if every or host in hosts.batch}


def _replacement(draft: Draft, problems: dict[str, str]) -> Replacement | None:
    try:
        old = read_text(draft.path)
        return Replacement(draft, old, over(draft.text, old or ""))
    except (NotOurs, OSError) as error:
        _tell(draft, error, problems)
        return None


def _written(replacement: Replacement, problems: dict[str, str]) -> bool:
    try:
        if replacement.changed:
            write_atomically(replacement.draft.path, replacement.new)
        return True
    except OSError as error:
        _tell(replacement.draft, error, problems)
        return False


def _tell(draft: Draft, error: Exception, problems: dict[str, str]) -> None:
    """A file of one portal is that portal's problem; one of all stops everything, and is the first to be written."""
    why = error.strerror if isinstance(error, OSError) else error
    told = f"{draft.path} cannot be written: {why}"
    if draft.host is None:
        raise TaskFailed(f"{told}; nothing was written")
    problems[draft.host] = told
