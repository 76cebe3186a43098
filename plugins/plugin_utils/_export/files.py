# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From the services of a portal to the variables of the role mailservices. Pure."""

from __future__ import annotations

import hashlib
import json
import re
from typing import TYPE_CHECKING, Any

from ansible_collections.bitrix24.portal.plugins.module_utils._planning.checks import unwritable
from ansible_collections.bitrix24.portal.plugins.module_utils._planning.entries import entry_of
from ansible_collections.bitrix24.portal.plugins.module_utils._planning.model import FIELDS, MailService
from ansible_collections.bitrix24.portal.plugins.module_utils._text import quoted, visible
from ansible_collections.bitrix24.portal.plugins.module_utils._yaml import comment, text, variable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ansible_collections.bitrix24.portal.plugins.module_utils._yaml import Entry

ROLE = "bitrix24.portal.mailservice_export"
_STAMP = re.compile(
    rf"^# Exported on (?P<date>.*) by the role {re.escape(ROLE)}, .*\n(?:# Checksum: (?P<checksum>\w+)$.*\n)?",
    re.MULTILINE,
)
"""The lines of a file that say of the others when they were written, and what they were like then."""


class InTheWay(ValueError):
    """A file holds what must not be lost: one line, without the path."""


class Foreign(InTheWay):
    """No export wrote that file."""


class Export:
    """What is to be written of one portal: ``entries``, and ``left_out``, one line for each other service."""

    def __init__(self, services: Iterable[Mapping[str, Any]]) -> None:
        read = [_service(service) for service in services]
        names = [service.name for service in read]
        self.entries: list[Entry] = []
        self.left_out: list[str] = []
        for service in sorted(read, key=lambda service: (service.name.casefold(), service.name, service.id)):
            why = _why_not(service)
            if why:
                self.left_out.append(f"{quoted(service.name)} (id {service.id}): {why}")
            else:
                self.entries.append(entry_of(service, with_id=names.count(service.name) > 1))


def shared(exports: Sequence[Export]) -> list[Entry]:
    """The entries that all of these portals have in common. One with an ID is a portal's own, whatever others have."""
    common = set.intersection(*(set(map(_key, export.entries)) for export in exports))
    return [entry for entry in exports[0].entries if _key(entry) in common and "id" not in entry[0]]


def host_file(services: Iterable[Mapping[str, Any]], portal: str, date: str, baseline: Iterable[Entry] = ()) -> str:
    """The text of one portal's file. ``baseline``: the entries that stand elsewhere."""
    export = Export(services)
    lines = variable("mailservices_wanted", _without(export.entries, baseline))
    return _file(f"Mail services of the portal {portal}.", date, lines + _left_out(export.left_out))


def baseline_file(entries: Sequence[Entry], portals: Iterable[str], date: str) -> str:
    """The text of the file with what all portals share."""
    what = "Mail services that the portals {} have in common.".format(", ".join(sorted(portals)))
    return _file(what, date, variable("mailservices_baseline", entries))


def fleet_file(
    services_by_portal: Mapping[str, Iterable[Mapping[str, Any]]],
    date: str,
    group: str,
    baseline: Sequence[Entry] | None = None,
) -> str:
    """The text of one inventory file for all portals; ``baseline``: entries, or None for a file without."""
    lines = [f"{text(group)}:"]
    if baseline is not None:
        lines += ["  vars:"] + variable("mailservices_baseline", baseline, "    ")
    lines.append("  hosts:")
    for portal in sorted(services_by_portal):
        export = Export(services_by_portal[portal])
        lines.append(f"    {text(portal)}:")
        lines += variable("mailservices_wanted", _without(export.entries, baseline or ()), "      ")
        lines += _left_out(export.left_out, "      ")
    return _file(f"Mail services of {len(services_by_portal)} portals.", date, lines)


def over(new: str, old: str, overwrite: bool = False, prefix: str = "") -> str:
    """What to write where ``old`` is: the same, if nothing but the date would change.

    ``overwrite``: also where somebody has edited an export; ``prefix``: before the option's name in messages.
    Raises InTheWay.
    """
    if not old.strip():
        return new
    present, stamp = _unstamped(old)
    if stamp is None:
        raise Foreign(f"a file is in the way that the role {ROLE} did not write")
    edited = stamp["checksum"] != _checksum(present)
    if present == _unstamped(new)[0]:
        return new if edited else old
    if edited and not overwrite:
        raise InTheWay(
            f"somebody edited it after the export of {visible(stamp['date'], 30)}; it is kept, "
            f"unless {prefix}overwrite is true"
        )
    return new


def _service(values: Mapping[str, Any]) -> MailService:
    known: dict[str, Any] = {field: values.get(field) for field in FIELDS}
    return MailService(**known)


def _why_not(service: MailService) -> str:
    if service.is_catch_all:
        what = "the catch-all of services that are deleted" if service.is_hosted else "the catch-all"
        return f"{what}; it is built in, and REST cannot make one"
    return "; ".join(unwritable("name", service.name))


def _key(entry: Entry) -> str:
    return json.dumps(entry, sort_keys=True)


def _without(entries: Iterable[Entry], others: Iterable[Entry]) -> list[Entry]:
    keys = set(map(_key, others))
    return [entry for entry in entries if _key(entry) not in keys]


def _unstamped(file: str) -> tuple[str, re.Match[str] | None]:
    """A file without its stamp and without what git may do to ends of lines, and the stamp, if it begins with one."""
    rest = file.replace("\r\n", "\n").strip() + "\n"
    stamp = _STAMP.search(rest)
    if stamp is None or rest.count("\n", 0, stamp.start()) > 5:
        return rest, None
    return rest[: stamp.start()] + rest[stamp.end() :], stamp


def _checksum(rest: str) -> str:
    return hashlib.sha256(rest.strip().encode("utf-8", "surrogateescape")).hexdigest()[:16]


def _left_out(lines: Sequence[str], indent: str = "") -> list[str]:
    if not lines:
        return []
    return [comment("Not listed, since this collection could not create them:", indent)] + [
        comment("- " + line, indent) for line in lines
    ]


def _file(what: str, date: str, lines: Iterable[str]) -> str:
    rest = [comment(what), "---", *lines]
    stamp = [
        comment(f"Exported on {date} by the role {ROLE}, whose next run replaces it unless somebody has edited it."),
        comment("Checksum: " + _checksum("\n".join(rest))),
    ]
    return "\n".join([rest[0], *stamp, *rest[1:]]) + "\n"
