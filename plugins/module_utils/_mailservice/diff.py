# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What ``--diff`` prints, for people: the services before and after, and what that does to mailboxes. Pure.

A list of what Ansible's callbacks know: a map with ``before`` and ``after`` becomes a unified diff, ``prepared`` is
printed as it is. Nothing that a service is called can begin a line of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .._text import quoted, visible
from .._yaml import double_quoted, scalar

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from .._planning.changes import Change
    from .._planning.model import MailService

_MOST = 2000
_NAMED = 5
"""So many services that are left alone are named."""


def make_diff(
    host: str,
    changes: Sequence[tuple[Change, int | None]],
    effects: Sequence[Mapping[str, Any]],
    left_alone: Sequence[MailService] = (),
) -> list[dict[str, str]]:
    """``changes``: each with the ID that its service has afterwards, None for one that is yet to be created.

    ``left_alone``: what a purge would take; told beside what differs, and never by itself.
    """
    diff = []
    if changes:
        header = f"mail services of {visible(host)}"
        before, after = _services(changes)
        diff.append({"before_header": header, "after_header": header, "before": before, "after": after})
    if effects:
        lines = [f"What that does to mailboxes on {visible(host)}:", *map(_effect, effects)]
        diff.append({"prepared": "\n".join(lines) + "\n"})
    if changes and left_alone:
        diff.append({"prepared": _left_alone(left_alone) + "\n"})
    return diff


def _left_alone(services: Sequence[MailService]) -> str:
    named = [f"{quoted(service.name)} (id {service.id})" for service in services[:_NAMED]]
    more = f" and {len(services) - _NAMED} more" if len(services) > _NAMED else ""
    return f"Left alone, since purge is none, though no entry names them: {', '.join(named)}{more}"


def _services(changes: Iterable[tuple[Change, int | None]]) -> tuple[str, str]:
    """YAML: a map of the services by the name and the ID that they have in the plan, each with what differs."""
    before: list[str] = []
    after: list[str] = []
    for change, service_id in changes:
        title = f"{change.name} ({'new' if service_id is None else f'id {service_id}'})"
        for lines, part in zip((before, after), change.parts(service_id)):
            if part is not None:
                lines.extend(_service(title, part, renamed="name" in change.fields and change.before is not None))
    return "".join(before), "".join(after)


def _service(title: str, part: Mapping[str, Any], renamed: bool) -> Iterator[str]:
    """The lines of one service; what is unset has none."""
    yield f"{double_quoted(title)}:\n"
    for field, value in part.items():
        if value is not None and (renamed if field == "name" else field != "id"):
            yield f"  {field}: {double_quoted(value) if isinstance(value, str) else scalar(value)}\n"


def _effect(effect: Mapping[str, Any]) -> str:
    mark = "" if effect["reversible"] else "NO WAY BACK. "
    return f"  {quoted(effect['service'])} (id {effect['id']}): {mark}{visible(effect['text'], _MOST)}"
