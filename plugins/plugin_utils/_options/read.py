# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What people gave in variables → what the options mean, or one line for each thing that cannot be: the one place.

Ansible converts options as their types say, and variables of a role not at all. What its conversion would get wrong is
caught here, before: text where a list is due, entries that are none, names that YAML made numbers, ``omit``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ansible.module_utils.parsing.convert_bool import boolean

from ansible_collections.bitrix24.portal.plugins.module_utils._planning.given import (
    problems_of_entry,
    problems_of_names,
)
from ansible_collections.bitrix24.portal.plugins.module_utils._text import quoted
from ansible_collections.bitrix24.portal.plugins.plugin_utils._catalogue.catalogue import UnknownPreset, filled_in
from ansible_collections.bitrix24.portal.plugins.plugin_utils._options.icons import refuse_contents
from ansible_collections.bitrix24.portal.plugins.plugin_utils._options.merge import merged
from ansible_collections.bitrix24.portal.plugins.plugin_utils._options.names import place

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from ansible_collections.bitrix24.portal.plugins.plugin_utils._options.icons import IconFiles
    from ansible_collections.bitrix24.portal.plugins.plugin_utils._options.names import Names

    Spec = Mapping[str, Mapping[str, Any]]

ENTRIES = ("mailservices", "baseline")
"""The options that hold entries, where they are lists."""


class Misread(ValueError):
    """What was given cannot be what is meant; ``problems``: one line each."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = list(problems)
        super().__init__("; ".join(self.problems))


def read_options(spec: Spec, given: Mapping[str, Any], called: Names, icons: IconFiles | None = None) -> dict[str, Any]:
    """The options, ready to be validated, with the entries laid over the baseline. Raises Misread.

    ``given``: plain values, and so are the options. ``icons``: reads the files that entries name, for a module that
    takes them.
    """
    options: dict[str, Any] = drop_omitted(given, called.omit)
    if called.prefix is not None:
        # A variable without a value is one that was not given.
        options = {option: value for option, value in options.items() if value is not None}
        if set(ENTRIES) <= set(spec):
            options.setdefault("baseline", [])
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
        if isinstance(options.get(option), list):
            options[option], found = read_entries(options[option], called(option))
            problems += [] if raw else found
            problems += [] if icons is None else problems_of_icons(options[option], called(option), icons)
    for text in problems_of_names(options):
        option, dummy, rest = text.partition(" ")
        problems.append(f"{called(option)} {rest}")
    if icons is not None:
        problems += filter(None, (refuse_contents(options), icons.read(options)))
    if "preset" in spec and not problems:
        try:
            options = filled_in(options)
        except UnknownPreset as unknown:
            problems.append(str(unknown))
    if problems:
        raise Misread(problems)
    if isinstance(options.get("baseline"), list):
        options["mailservices"] = lay_over(
            options.pop("baseline"), options.get("mailservices") or [], _is_true(options.get("allow_empty")), called
        )
    if icons is not None and icons.contents:
        options["icon_contents"] = icons.contents
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


def read_entries(entries: Iterable[Any], name: str) -> tuple[list[Any], list[str]]:
    """``(entries, problems)``: with their presets filled in; one line for each that cannot be, which stays as it is.

    ``name``: of the list, before its place in it.
    """
    read: list[Any] = []
    problems: list[str] = []
    for index, entry in enumerate(entries):
        texts = list(problems_of_entry(entry))
        try:
            read.append(entry if texts else filled_in(entry))
        except UnknownPreset as unknown:
            read.append(entry)
            texts = [str(unknown)]
        problems += [f"{place(name, index, entry)}: {text}" for text in texts]
    return read, problems


def problems_of_icons(entries: Iterable[Any], name: str, icons: IconFiles) -> Iterator[str]:
    """The same for each entry whose icon's file is of no use."""
    for index, entry in enumerate(entries):
        text = icons.read(entry)
        if text is not None:
            yield f"{place(name, index, entry)}: {text}"


def _is_true(value: Any) -> bool:
    try:
        return bool(boolean(value, strict=False))
    except TypeError:
        return False
