# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The entries of the wanted set that make sense, and why the others do not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from .._argspec import ENTRY_SPEC
from .._planning.checks import read_entries
from .._planning.desired import DesiredService
from .._planning.given import problems_of_entry

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .._planning.matching import CurrentState
    from .._planning.model import MailService

_VALIDATOR = ArgumentSpecValidator(ENTRY_SPEC)


class RefusedEntry(NamedTuple):
    """An entry that cannot be, why, and the services that it names, which stay out of the rest of the audit.

    ``entry``: None where it is no map of options at all; ``name``: how a finding calls it.
    """

    entry: DesiredService | None
    name: str
    problems: list[str]
    meant: list[MailService]


def read_wanted(
    options: Iterable[Any], current: CurrentState, icon_contents: Mapping[str, Any] | None = None
) -> tuple[list[DesiredService], list[RefusedEntry]]:
    """``(desired, refused)``: each entry by itself, and beside those before it. ``icon_contents``: the option."""
    desired: list[DesiredService] = []
    refused: list[RefusedEntry] = []
    by_id: dict[int | None, DesiredService] = {}
    by_name: dict[str | None, DesiredService] = {}
    for at, given in enumerate(options):
        name = f"entry {at + 1}"
        wrong = list(problems_of_entry(given))
        if not isinstance(given, dict):
            refused.append(RefusedEntry(None, name, wrong, []))
            continue
        checked = _VALIDATOR.validate(given)
        problems = wrong + list(checked.error_messages) or [
            problem.message for problem in read_entries([checked.validated_parameters], True, icon_contents)[1]
        ]
        entry = DesiredService(checked.validated_parameters, at, icon_contents)
        twin = by_id.get(entry.id) if entry.id is not None else None
        if twin is None and entry.name in by_name and None in (entry.id, by_name[entry.name].id):
            twin = by_name[entry.name]
        if twin is not None:
            problems.append(f"{twin.label} and {entry.label} both mean this service")
        if problems:
            name = given["name"] if isinstance(given.get("name"), str) else name
            refused.append(RefusedEntry(entry, name, problems, _meant(entry, current)))
        else:
            by_name.setdefault(entry.name, entry)
            by_id[entry.id] = entry
            desired.append(entry)
    return desired, refused


def _meant(entry: DesiredService, current: CurrentState) -> list[MailService]:
    """Whatever the entry names, by its ID first."""
    by_id = [current.by_id[entry.id]] if entry.id in current.by_id else []
    return by_id + ([] if entry.name is None else current.by_name.get(entry.name, []))
