# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What people gave in variables → what the options mean, or one line for each thing that cannot be: the one place.

Ansible converts options as their types say, and variables of a role not at all. What its conversion would get wrong is
caught here, before: text where a list is due, entries that are none, names that YAML made numbers, ``omit``.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ansible.module_utils.common.parameters import DEFAULT_TYPE_VALIDATORS
from ansible.module_utils.parsing.convert_bool import boolean

from ansible_collections.bitrix24.portal.plugins.module_utils._argspec import CONNECTION_SPEC, ENTRY_SPEC
from ansible_collections.bitrix24.portal.plugins.module_utils._planning.given import (
    entry_label,
    problems_of_entry,
    problems_of_names,
)
from ansible_collections.bitrix24.portal.plugins.module_utils._text import quoted, visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    Spec = Mapping[str, Mapping[str, Any]]

_WANTED = {"mailservices": "mailservices_wanted"}
ROLES: dict[str, tuple[str, dict[str, str]]] = {
    "bitrix24.portal.mailservices": ("mailservices_", _WANTED),
    "bitrix24.portal.mailservice_audit": (
        "mailservice_audit_",
        {
            **_WANTED,
            "baseline": "mailservices_baseline",
            "allow_empty": "mailservices_allow_empty",
            "protect": "mailservices_protect (or mailservice_audit_protect)",
            "protect_ids": "mailservices_protect_ids (or mailservice_audit_protect_ids)",
            "inactive_lookahead": "mailservices_inactive_lookahead (or mailservice_audit_inactive_lookahead)",
            "inactive_max_ids": "mailservices_inactive_max_ids (or mailservice_audit_inactive_max_ids)",
            "include_inactive": "mailservice_audit_inactive",
        },
    ),
    "bitrix24.portal.mailservice_export": (
        "mailservice_export_",
        {
            "dest": "mailservice_export_file",
            "single_dest": "mailservice_export_single_file",
            "baseline_dest": "mailservice_export_baseline_file",
        },
    ),
}
"""Of each role of this collection how its variables begin, and those whose names do not go on with the option's."""

ENTRIES = ("mailservices", "baseline")
"""The options that hold entries, where they are lists."""

KINDS = {
    "int": "a whole number",
    "bool": "true or false",
    "list": "a list",
    "dict": "a map",
    "str": "text",
    "path": "a path",
    "raw": "a value",
}


class Misread(ValueError):
    """What was given cannot be what is meant; ``problems``: one line each."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = list(problems)
        super().__init__("; ".join(self.problems))


class Names:
    """How people call an option: by its name, or in a role of this collection by the variable that it comes from.

    ``omit``: the text that ansible-core before 2.19 puts where a template says omit, another one in each run. It takes
    it out of maps and leaves it in lists.
    """

    def __init__(self, role: str | None = None, omit: object = None) -> None:
        self.omit = omit if isinstance(omit, str) else None
        self.prefix: str | None = None
        self._others: dict[str, str] = {}
        if role in ROLES:
            self.prefix, self._others = ROLES[role]

    @classmethod
    def of_task(cls, task_vars: Mapping[str, Any] | None) -> Names:
        variables = task_vars or {}
        return cls(variables.get("ansible_role_name"), variables.get("omit"))

    def __call__(self, option: str) -> str:
        if self.prefix is None or option in CONNECTION_SPEC:
            return option
        return self._others.get(option, self.prefix + option)


def read_options(spec: Spec, given: Mapping[str, Any], called: Names) -> dict[str, Any]:
    """The options, ready to be validated, with the entries laid over the baseline. Raises Misread.

    ``given``: plain values, and so are the options.
    """
    options: dict[str, Any] = drop_omitted(given, called.omit)
    if called.prefix is not None:
        # A variable without a value is one that was not given.
        options = {option: value for option, value in options.items() if value is not None}
    problems: list[str] = []
    for option, about in spec.items():
        if about.get("type") == "list" and option in options:
            of_entries = option in ENTRIES or about.get("elements") == "dict"
            try:
                options[option] = read_list(options[option], called(option), of_entries)
            except Misread as misread:
                problems += misread.problems
    for option in ENTRIES:
        # Where entries are of any kind, whoever takes them tells of each by itself.
        raw = spec.get(option, {}).get("elements") == "raw" and options.get("baseline") is None
        if isinstance(options.get(option), list) and not raw:
            problems += problems_of_entries(options[option], called(option))
    for text in problems_of_names(options):
        option, _, rest = text.partition(" ")
        problems.append(f"{called(option)} {rest}")
    if problems:
        raise Misread(problems)
    if isinstance(options.get("baseline"), list):
        options["mailservices"] = lay_over(
            options.pop("baseline"), options.get("mailservices") or [], _is_true(options.get("allow_empty")), called
        )
    return options


def lay_over(baseline: list[Any], own: list[Any], allow_empty: bool, called: Names) -> list[dict[str, Any]]:
    """The entries of both. Raises Misread where there are none and nobody said that this is meant."""
    if not baseline and not own and not allow_empty:
        raise Misread(
            [
                f"neither {called('mailservices')} nor {called('baseline')} has an entry for this portal: "
                "is the file with its variables where Ansible looks for it? "
                f"If nothing is wanted there, set {called('allow_empty')}: true"
            ]
        )
    return merged(baseline, own)


def drop_omitted(value: Any, omit: str | None) -> Any:
    """The same without what a template omitted, at any depth, in dictionaries and lists of Python's own.

    A text keeps its kind, by which Ansible knows a template.
    """
    if isinstance(value, dict):
        return {key: drop_omitted(part, omit) for key, part in value.items() if not is_omitted(part, omit)}
    if isinstance(value, (list, tuple)):
        return [drop_omitted(part, omit) for part in value if not is_omitted(part, omit)]
    return value


def is_omitted(value: Any, omit: str | None) -> bool:
    if isinstance(value, str):
        return value == omit
    # From ansible-core 2.19 on it is an object, whose class is none of Ansible's public ones.
    return type(value).__name__ == "_OmitType"


def read_list(value: Any, name: str, of_entries: bool = False) -> Any:
    """A list, where text stands for one as it does to a module: parts between commas. Raises Misread."""
    if isinstance(value, dict) and of_entries:
        raise Misread([f"{name} is a map where a list of entries is due: put a dash before each entry"])
    if not isinstance(value, str):
        return value
    text = value.strip()
    if text.startswith(("[", "{")):
        raise Misread(
            [
                f"{name} is text that looks like a list and is none; write it as a list in YAML, "
                "leave the quotes around it out in an inventory in INI form, "
                f"and on the command line give JSON: -e '{{\"{name.split()[0]}\": […]}}'"
            ]
        )
    if of_entries and text:
        raise Misread([f"{name} is the text {quoted(text)} where a list of entries is due, each a map of options"])
    return [part.strip() for part in text.split(",")] if text else []


def problems_of_entries(entries: Iterable[Any], name: str) -> Iterator[str]:
    """One line for each entry that cannot be, with its place and its name."""
    for index, entry in enumerate(entries):
        for text in problems_of_entry(entry):
            yield f"{_place(name, index, entry)}: {text}"


def explain(spec: Spec, given: Mapping[str, Any], called: Names) -> list[str]:
    """What Ansible refuses of the options, each by the variable that it comes from, entries by their place and name."""
    problems: list[str] = []
    for option, value in given.items():
        if option in ENTRIES and isinstance(value, list):
            for index, entry in enumerate(value):
                problems += [f"{_place(called(option), index, entry)}: {text}" for text in _refused(ENTRY_SPEC, entry)]
        elif option in spec and value is not None:
            problems += [f"{called(option)} {text}" for text in _not_of_its_kind(spec[option], value)]
    return problems


def _refused(spec: Spec, options: Mapping[str, Any]) -> Iterator[str]:
    for option, value in options.items():
        about = spec.get(option)
        if about is None:
            yield f"there is no option {visible(str(option), 80)}"
        elif value is not None:
            yield from (f"{option} {text}" for text in _not_of_its_kind(about, value))


def _not_of_its_kind(about: Mapping[str, Any], value: Any) -> Iterator[str]:
    """What is wrong with the value of an option, as the end of a sentence; ``about``: of its argument spec."""
    kind = about.get("type", "str")
    try:
        converted = DEFAULT_TYPE_VALIDATORS[kind](value)
    except (TypeError, ValueError):
        yield f"must be {KINDS[kind]}, not {_told(value)}"
        return
    parts = converted if kind == "list" else [converted]
    if about.get("choices") and not set(map(str, parts)) <= set(about["choices"]):
        yield f"must be one of {', '.join(about['choices'])}, not {_told(value)}"
    for part in parts if "elements" in about else ():
        yield from (f"holds what {text}" for text in _not_of_its_kind({"type": about["elements"]}, part))


def _told(value: Any) -> str:
    return quoted(value) if isinstance(value, str) else visible(json.dumps(value), 80)


def _is_true(value: Any) -> bool:
    try:
        return bool(boolean(value, strict=False))
    except TypeError:
        return False


def _place(name: str, index: int, entry: Any) -> str:
    label = entry_label(entry)
    return f"{name}[{index}] ({label})" if label else f"{name}[{index}]"


def merged(baseline: Iterable[Mapping[str, Any]], own: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The entries of a baseline with a portal's own over them.

    An own entry goes over the baseline's of the same id, or else the same name; what it leaves out comes from there,
    but for the state: one that does not say absent is wanted present, whatever the baseline says.
    """
    entries, taken = list(baseline), set()
    over: list[dict[str, Any]] = []
    for own_entry in own:
        entry = dict(own_entry)
        for at, base in enumerate(entries):
            if _same(base, entry):
                taken.add(at)
                entry = {**{key: value for key, value in base.items() if key != "state"}, **entry}
                break
        if entry.get("state") == "absent":
            entry = {key: entry[key] for key in ("id", "name", "state") if key in entry}
        over.append(entry)
    return [dict(entry) for at, entry in enumerate(entries) if at not in taken] + over


def _same(base: Mapping[str, Any], own: Mapping[str, Any]) -> bool:
    ids = base.get("id"), own.get("id")
    if None not in ids:
        return str(ids[0]) == str(ids[1])
    return base.get("name") is not None and base.get("name") == own.get("name")
