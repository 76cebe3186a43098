# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The catalogue of mail providers, presets.yml: what ``preset`` fills in."""

from __future__ import annotations

import difflib
import functools
import pathlib
import re
from typing import TYPE_CHECKING, Any

from ansible.module_utils.common.yaml import yaml_load

from ansible_collections.bitrix24.portal.plugins.module_utils._text import quoted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

FILE = pathlib.Path(__file__).with_name("presets.yml")
FIELDS = ("name", "server", "port", "encryption", "link")
"""What of a preset goes into an entry; the rest is for people."""

_BEGINS = re.compile(r"^(?=[^\s#-])", re.MULTILINE)


class UnknownPreset(ValueError):
    """There is none of this name; one sentence, with those that are like it."""


def filled_in(entry: Mapping[str, Any]) -> dict[str, Any]:
    """The entry with what its preset says wherever it says nothing itself. Raises UnknownPreset.

    One that is absent gets the name alone, by which it is found.
    """
    own = {option: value for option, value in entry.items() if option != "preset"}
    name = entry.get("preset")
    if name is None:
        return own
    found = find_preset(name)
    fields = ("name",) if own.get("state") == "absent" else FIELDS
    return {**{field: found[field] for field in fields}, **own}


def find_preset(name: str) -> Mapping[str, Any]:
    """Raises UnknownPreset."""
    if name not in _texts():
        near = [quoted(other) for other in _nearest(name)]
        advice = f"did you mean {' or '.join(near)}?" if near else "docs/catalogue.md lists them"
        raise UnknownPreset(f"there is no preset {quoted(name)}; {advice}")
    return _read(name)


@functools.lru_cache(maxsize=None)
def _texts() -> dict[str, str]:
    """{name: its part of the file}. To read all of the file takes longer than all else that a task costs."""
    parts = _BEGINS.split(FILE.read_text(encoding="utf-8"))
    return {part.partition("\n")[0].rstrip(":").strip('"'): part for part in parts[1:]}


@functools.lru_cache(maxsize=None)
def _read(name: str) -> Mapping[str, Any]:
    (found,) = yaml_load(_texts()[name]).values()
    return found


def _nearest(name: str, most: int = 3) -> list[str]:
    """The presets that people may have meant: by their names, the providers' names, or the domains of addresses."""
    called: dict[str, str] = {}
    for preset in _texts():
        for word in _words(preset):
            called.setdefault(word.casefold(), preset)
    given = name.strip().casefold()
    words = [given] if given in called else difflib.get_close_matches(given, called, n=2 * most)
    return list(dict.fromkeys(called[word] for word in words))[:most]


def _words(preset: str) -> Iterator[str]:
    found = _read(preset)
    yield from (preset, found["name"], *found.get("domains", ()))
