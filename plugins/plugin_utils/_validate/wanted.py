# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be told of a host's variables without its portal: whatever plan, reconcile and audit would refuse."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.bitrix24.portal.plugins.module_utils._argspec import ENTRY_SPEC, LIMITS_SPEC, LONGEST_TIMEOUT
from ansible_collections.bitrix24.portal.plugins.module_utils._causes import sentence
from ansible_collections.bitrix24.portal.plugins.module_utils._planning.alone import problems_alone
from ansible_collections.bitrix24.portal.plugins.module_utils._planning.given import problems_of_entry
from ansible_collections.bitrix24.portal.plugins.module_utils._planning.limits import Limits
from ansible_collections.bitrix24.portal.plugins.plugin_utils._options.explain import explain, refused_of_entry
from ansible_collections.bitrix24.portal.plugins.plugin_utils._options.merge import placed
from ansible_collections.bitrix24.portal.plugins.plugin_utils._options.names import Names, place
from ansible_collections.bitrix24.portal.plugins.plugin_utils._options.read import (
    Misread,
    lay_over,
    read_entries,
    read_options,
)
from ansible_collections.bitrix24.portal.plugins.plugin_utils._report.exceptions import wrong_or_expired

if TYPE_CHECKING:
    import datetime
    from collections.abc import Iterable, Mapping

    from ansible_collections.bitrix24.portal.plugins.module_utils._planning.problems import Problem
    from ansible_collections.bitrix24.portal.plugins.plugin_utils._options.icons import IconFiles

    Spec = Mapping[str, Mapping[str, Any]]

ROLE = "bitrix24.portal.mailservices"
EXCEPTIONS = "mailservice_audit_exceptions"
_AS_IT_IS = Names()
_RANGES = {
    "_inactive_lookahead": (0, math.inf),
    "_inactive_max_ids": (0, math.inf),
    "_verify_timeout": (1, LONGEST_TIMEOUT),
}
"""Of numbers that no argument spec bounds, by the endings of variables: the least and the most."""

_ENTRY = ArgumentSpecValidator(ENTRY_SPEC)
_LIMITS = ArgumentSpecValidator(LIMITS_SPEC)


class Checked(NamedTuple):
    """What a host's variables came to: one line for each thing that is wrong, and how much there was."""

    problems: list[str]
    entries: int
    exceptions: int


def check_host(
    variables: Mapping[str, Any],
    roles: Mapping[str, Spec],
    today: datetime.date,
    icons: IconFiles,
    unread: Iterable[str] = (),
) -> Checked:
    """``variables``: plain values of those that are given; ``roles``: {role: the options of its argument spec}.

    ``icons``: reads the files that entries name; ``unread``: what is wrong with the variables that have no value.
    """
    problems = list(unread)
    for options in roles.values():
        for name in filter(variables.__contains__, options):
            spec, given = {name: options[name]}, {name: variables[name]}
            problems += (
                _misread(spec, given)
                or explain(_without_parts(spec), given, _AS_IT_IS)
                or _out_of_range(name, spec, given)
            )
    exceptions = _parts(variables.get(EXCEPTIONS))
    problems += [f"{EXCEPTIONS}[{at}]{text}" for at, text in wrong_or_expired(exceptions, today)]
    entries, of_entries = _check_entries(variables, icons, alone=not problems)
    return Checked(list(dict.fromkeys([*problems, *of_entries])), entries, len(exceptions))


def _check_entries(variables: Mapping[str, Any], icons: IconFiles, alone: bool) -> tuple[int, list[str]]:
    """``(number, problems)`` of the wanted entries. ``alone``: whether nothing else is wrong, so that limits count."""
    called = Names(ROLE)
    problems: list[str] = []
    lists: dict[str, list[tuple[int, dict[str, Any]]]] = {}
    for option in ("baseline", "mailservices"):
        name = called(option)
        entries, wrong = read_entries(_parts(variables.get(name)), name)
        problems += wrong
        lists[option] = []
        for at, entry in enumerate(entries):
            if isinstance(entry, dict) and not any(problems_of_entry(entry)) and entry.get("preset") is None:
                refused = dict(refused_of_entry(entry))
                unusable = icons.read(entry)
                refused.update({} if unusable is None else {"icon_file": unusable})
                problems += [f"{place(name, at, entry)}: {text}" for text in refused.values()]
                lists[option].append((at, {key: value for key, value in entry.items() if key not in refused}))
    alone = alone and not problems
    baseline, own = ([entry for dummy, entry in lists[option]] for option in ("baseline", "mailservices"))
    limits = _limits(variables, called) if alone else None
    if limits is not None:
        try:
            lay_over(baseline, own, limits.allow_empty, called)
        except Misread as misread:
            problems, limits = problems + misread.problems, None
    converted, places = [], []
    for entry, below, over in placed(baseline, own):
        converted.append(_ENTRY.validate(entry).validated_parameters)
        places.append(
            " over ".join(
                f"{called(option)}[{lists[option][found][0]}]"
                for option, found in (("mailservices", over), ("baseline", below))
                if found is not None
            )
        )
    problems += [_worded(problem, called) for problem in problems_alone(converted, places, limits, icons.contents)]
    return len(converted), problems


def _parts(given: Any) -> list[Any]:
    """The parts of a list; text and maps in its place are told with the other variables."""
    if isinstance(given, list):
        return given
    return [] if given is None or isinstance(given, (str, dict)) else [given]


def _worded(problem: Problem, called: Names) -> str:
    """The sentence of the problem, with options called by their variables."""
    return sentence(problem.kind, problem.values, called.prefix or "") if problem.values else str(problem)


def _limits(variables: Mapping[str, Any], called: Names) -> Limits:
    given = {option: variables[called(option)] for option in LIMITS_SPEC if called(option) in variables}
    return Limits(**_LIMITS.validate(read_options(LIMITS_SPEC, given, _AS_IT_IS)).validated_parameters)


def _misread(spec: Spec, given: Mapping[str, Any]) -> list[str]:
    try:
        read_options(spec, given, _AS_IT_IS)
    except Misread as misread:
        return misread.problems
    return []


def _out_of_range(name: str, spec: Spec, given: Mapping[str, Any]) -> list[str]:
    bounds = next((bounds for ending, bounds in _RANGES.items() if name.endswith(ending)), None)
    if bounds is None:
        return []
    least, most = bounds
    number = ArgumentSpecValidator(dict(spec)).validate(dict(given)).validated_parameters[name]
    if number is None or least <= number <= most:
        return []
    due = f"{least} or more" if most == math.inf else f"{least} to {most}"
    return [f"{name}: {number}; {due} is due"]


def _without_parts(spec: Spec) -> dict[str, dict[str, Any]]:
    """The spec without what maps in lists hold: each kind of them has a check of its own."""
    return {
        option: {key: value for key, value in about.items() if key not in ("elements", "options")}
        if about.get("elements") == "dict"
        else dict(about)
        for option, about in spec.items()
    }
