# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From what was read of many portals to the files that an export is made of: which, where, and their texts."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, NamedTuple

from ansible_collections.bitrix24.portal.plugins.module_utils._text import file_name, visible

from .files import Export, baseline_file, fleet_file, host_file, shared
from .places import is_plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from .places import Places

    Services = list[dict[str, Any]]


_LONGEST = 4096
"""Characters of a path."""
_NAMED = 40
"""So many files are named on the terminal; the result has them all."""


class ExportError(ValueError):
    """Something that concerns all portals, so that nothing can be written."""


class Draft(NamedTuple):
    """A file to be: of one portal (``host``), or of all (None)."""

    host: str | None
    path: str
    text: str


def read_portals(results: Mapping[str, Any]) -> tuple[dict[str, Services], dict[str, str]]:
    """``({host: its services}, {host: why there are none})``.

    ``results``: {host: a list of services, or what mailservice_info returned, or None}.
    """
    services: dict[str, Services] = {}
    unread: dict[str, str] = {}
    for host, result in results.items():
        found = result.get("mailservices") if isinstance(result, dict) else result
        if isinstance(found, list) and all(map(_is_service, found)):
            services[host] = found
        else:
            told = result.get("msg") if isinstance(result, dict) else None
            unread[host] = str(told or "no mail services of this portal were given")
    return services, unread


def make_drafts(
    services: Mapping[str, Services], unread: Iterable[str], options: Mapping[str, Any], date: str, places: Places
) -> list[Draft]:
    """The files, those of all portals first. Raises ExportError.

    ``options``: the action's; ``places``: where the files go that it gives no path.
    """
    missing = ", ".join(sorted(unread))
    if options["baseline"] and missing:
        raise ExportError(
            f"what all portals share cannot be told, since {missing} could not be read; nothing was written"
        )
    if not services:
        return []
    common = shared([Export(portal) for portal in services.values()]) if options["baseline"] else None
    if options["single_dest"] is not None:
        return [Draft(None, options["single_dest"], fleet_file(services, date, options["group"], common))]
    drafts = [
        Draft(host, _path(options["dest"], host, places), host_file(services[host], host, date, common or ()))
        for host in sorted(services)
    ]
    if common is not None:
        path = options["baseline_dest"] or places.of_group(options["group"])
        drafts.insert(0, Draft(None, path, baseline_file(common, services, date)))
    twice = "; ".join(_of_one_path(drafts))
    if twice:
        raise ExportError(twice)
    return drafts


def problems_of(hosts: Iterable[str], refused: Mapping[Draft, str], together: bool) -> dict[str, str]:
    """{host: why it has no new file}. ``refused``: why a file was not written; ``together``: no other was then."""
    own = {draft.host: line for draft, line in refused.items()}
    problems = {host: own[host] for host in hosts if host in own}
    if together and refused:
        first, more = next(iter(refused.values())), len(refused) - 1
        line = f"nothing was written: {first}" + (f" (and {more} more)" if more else "")
        problems = {host: problems.get(host, line) for host in hosts}
    return problems


def told(changed: Sequence[str], check_mode: bool) -> list[str]:
    """What to print of the files that change: each by its path, of many the first."""
    word = "to write" if check_mode else "written"
    lines = [f"{word}: {visible(path, _LONGEST)}" for path in changed[:_NAMED]]
    return lines + [f"… and {len(changed) - _NAMED} more"] * (len(changed) > _NAMED)


def result_line(portals: tuple[int, int], files: tuple[int, int, int], check_mode: bool) -> str:
    """The export in a line. ``portals``: (exported, all); ``files``: (that change, as they were, refused)."""
    (exported, total), (changed, unchanged, refused) = portals, files
    done, word = ("Would export", "to write") if check_mode else ("Exported", "written")
    return (
        f"{done} {exported} of {total} portal{'' if total == 1 else 's'}: "
        f"files: {changed} {word}, {unchanged} unchanged, {refused} refused."
    )


def _is_service(value: object) -> bool:
    return isinstance(value, dict) and isinstance(value.get("name"), str) and isinstance(value.get("id"), int)


def _path(dest: str | Mapping[str, str] | None, host: str, places: Places) -> str:
    """Where a portal's file goes: ``dest`` with the host's name in it, or what it says of the host."""
    if dest is None:
        return places.of_host(host)
    path = (
        dest.replace("{host}", host if is_plain(host) else file_name(host)) if isinstance(dest, str) else dest.get(host)
    )
    if not path or not isinstance(path, str):
        raise ExportError(f"dest names no file for {host}")
    return path


def _of_one_path(drafts: Iterable[Draft]) -> Iterator[str]:
    owners: dict[str, str] = {}
    for draft in drafts:
        name = draft.host or "what all portals share"
        other = owners.setdefault(os.path.realpath(draft.path), name)
        if other != name:
            yield f"{other} and {name} would go to one file, {draft.path}; give each a path of its own"
