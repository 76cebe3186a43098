# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import datetime
import os
from typing import TYPE_CHECKING, Any, NamedTuple

from ansible_collections.bitrix24.portal.plugins.module_utils._runner import TaskFailed, to_builtin
from ansible_collections.bitrix24.portal.plugins.module_utils._text import visible
from ansible_collections.bitrix24.portal.plugins.plugin_utils._controller import ControllerAction
from ansible_collections.bitrix24.portal.plugins.plugin_utils._export.drafts import (
    Draft,
    ExportError,
    make_drafts,
    problems_of,
    read_portals,
    result_line,
    told,
)
from ansible_collections.bitrix24.portal.plugins.plugin_utils._export.files import Foreign, InTheWay, over
from ansible_collections.bitrix24.portal.plugins.plugin_utils._export.places import (
    NO_FILE,
    Places,
    folder_instead,
    inventory_folders,
    rivals,
)
from ansible_collections.bitrix24.portal.plugins.plugin_utils._files import Staged, check_writable, read_text, stage
from ansible_collections.bitrix24.portal.plugins.plugin_utils._fleet.causes import message_of
from ansible_collections.bitrix24.portal.plugins.plugin_utils._lint import options_check

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
            dir=dict(type="path"),
            dest=dict(type="raw"),
            single_dest=dict(type="path"),
            baseline=dict(type="bool", default=False),
            baseline_dest=dict(type="path"),
            group=dict(type="str", default="portals"),
            overwrite=dict(type="bool", default=False),
            date=dict(type="str"),
            prefix=dict(type="str", default=""),
        ),
        mutually_exclusive=[("registered", "portals"), ("dest", "single_dest"), ("dir", "single_dest")],
        required_one_of=[("registered", "portals")],
    )

    def work(self, task: Task, hosts: PlayHosts) -> dict[str, Any]:
        options = task.params
        services, unread = read_portals(_worded(_results(options, hosts), options["prefix"]))
        date = options["date"] or datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d")
        try:
            places = self._places(options, hosts)
            drafts = make_drafts(services, unread, options, date, places)
        except ExportError as problem:
            raise TaskFailed(str(problem), unread=unread) from problem
        refused: dict[Draft, str] = {}
        found = [_replacement(draft, options, refused) for draft in drafts]
        ready = [replacement for replacement in found if replacement is not None]
        together = options["baseline"] or options["single_dest"] is not None
        done = _carry_out(ready, together, task.check_mode, refused)
        problems = problems_of(services, refused, together)
        changed = [each.draft.path for each in done if each.changed]
        portals = (len(services) - len(problems), len(services) + len(unread))
        files = (len(changed), len(done) - len(changed), len(refused))
        result = dict(
            changed=bool(changed),
            files=[dict(host=each.draft.host, path=each.draft.path, changed=each.changed) for each in done],
            lines=[*places.cautions, *told(changed, task.check_mode)],
            summary=result_line(portals, files, task.check_mode),
            unread=unread,
            problems=problems,
        )
        if self._task.diff:
            result["diff"] = [each.diff() for each in done if each.changed]
        if refused:
            raise TaskFailed("; ".join(refused.values()) + ("; nothing was written" if together else ""), **result)
        return result

    def _places(self, options: dict[str, Any], hosts: PlayHosts) -> Places:
        folders = [os.path.abspath(options["dir"])] if options["dir"] else inventory_folders(hosts.inventory_sources)
        owners = hosts.registered("inventory_file") if len(folders) > 1 else None
        places = Places(folders or [self.started_in], owners, hosts.inventory_hosts, hosts.inventory_groups)
        if not (folders or options["dest"] or options["single_dest"]):
            places.cautions.append(NO_FILE)
        return places


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


def _worded(results: dict[str, Any], prefix: str) -> dict[str, Any]:
    """The results, in whose messages options are called by the names of the variables that hold them."""
    worded = dict(results)
    for host, result in results.items():
        if isinstance(result, dict) and result.get("causes"):
            told = to_builtin({key: result.get(key) for key in ("msg", "causes")})
            worded[host] = dict(result, msg=message_of(told, prefix))
    return worded


def _replacement(draft: Draft, options: dict[str, Any], refused: dict[Draft, str]) -> Replacement | None:
    try:
        for rival in rivals(draft.path):
            raise InTheWay(f"there is {rival}, and Ansible reads only one of the two")
        old = read_text(draft.path)
        return Replacement(draft, old, over(draft.text, old or "", options["overwrite"], options["prefix"]))
    except (InTheWay, OSError) as error:
        folder = folder_instead(draft.path)
        hint = f"; move it into a folder {folder}, and the export goes there too" if folder else ""
        _refuse(draft, error, refused, hint if isinstance(error, Foreign) else "")
        return None


def _carry_out(
    replacements: list[Replacement], together: bool, check_mode: bool, refused: dict[Draft, str]
) -> list[Replacement]:
    """Those that were written, or in check mode could be. ``together``: all of them or none."""
    ready: list[tuple[Replacement, Staged | None]] = []
    done: list[Replacement] = []
    for each in [] if together and refused else replacements:
        try:
            if check_mode:
                check_writable(each.draft.path)
            ready.append((each, stage(each.draft.path, each.new) if each.changed and not check_mode else None))
        except OSError as error:
            _refuse(each.draft, error, refused)
    for each, staged in ready:
        try:
            if staged is not None:
                staged.discard() if together and refused else staged.commit()
            done.append(each)
        except OSError as error:
            _refuse(each.draft, error, refused)
    return [] if together and refused else done


def _refuse(draft: Draft, error: Exception, refused: dict[Draft, str], hint: str = "") -> None:
    why = error.strerror if isinstance(error, OSError) else error
    refused[draft] = visible(f"{draft.path} cannot be written: {why}{hint}", 2000)


main = options_check(ActionModule.SPEC)
