# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Ansible refuses of options, told by the variables that they come from."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ansible.module_utils.common.parameters import DEFAULT_TYPE_VALIDATORS

from ansible_collections.bitrix24.portal.plugins.module_utils._argspec import ENTRY_SPEC
from ansible_collections.bitrix24.portal.plugins.module_utils._text import quoted, visible
from ansible_collections.bitrix24.portal.plugins.plugin_utils._options.names import place
from ansible_collections.bitrix24.portal.plugins.plugin_utils._options.read import ENTRIES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ansible_collections.bitrix24.portal.plugins.plugin_utils._options.names import Names

    Spec = Mapping[str, Mapping[str, Any]]

KINDS = {
    "int": "a whole number",
    "bool": "true or false",
    "list": "a list",
    "dict": "a map",
    "str": "text",
    "path": "a path",
    "raw": "a value",
}


def explain(spec: Spec, given: Mapping[str, Any], called: Names) -> list[str]:
    """What Ansible refuses of the options, each by the variable that it comes from, entries by their place and name."""
    problems: list[str] = []
    for option, value in given.items():
        if option in ENTRIES and isinstance(value, list):
            for index, entry in enumerate(value):
                where = place(called(option), index, entry)
                problems += [f"{where}: {text}" for dummy, text in refused_of_entry(entry)]
        elif option in spec and value is not None:
            problems += [f"{called(option)} {text}" for text in _not_of_its_kind(spec[option], value)]
    return problems


def refused_of_entry(entry: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """``(option, sentence)`` for what Ansible refuses of the options of an entry."""
    for option, value in entry.items():
        about = ENTRY_SPEC.get(option)
        if about is None:
            yield option, f"there is no option {visible(str(option), 80)}"
        elif value is not None:
            yield from ((option, f"{option} {text}") for text in _not_of_its_kind(about, value))


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
