# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the user wants of one mail service."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .._text import quoted
from .icon import read_icon
from .model import READ_ONLY, WRITABLE, normalise

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .icon import DesiredIcon
    from .model import Value


class DesiredService:
    """One entry: which service (``id``, ``name``, ``previous_names``) and what it shall be.

    ``fields`` holds the writable fields that were given, in the form in which they are compared (None: shall be unset);
    ``asserted`` the read-only ones; ``icon`` what shall become of the icon, or None where nothing shall, and
    ``icon_problem`` why its file is of no use; ``index`` the entry's place in the order given, or None for a single
    task; ``place`` what people call that place.
    """

    def __init__(
        self,
        entry: Mapping[str, Any],
        index: int | None = None,
        icon_contents: Mapping[str, Any] | None = None,
        place: str | None = None,
    ) -> None:
        self.index = index
        self.place = f"mailservices[{index}]" if place is None else place
        self.is_present: bool = entry.get("state", "present") == "present"
        self.id: int | None = entry.get("id")
        self.name: str | None = entry.get("name")
        self.previous_names: tuple[str, ...] = tuple(entry.get("previous_names") or ())
        self.allow_similar_name = bool(entry.get("allow_similar_name"))
        given = [field for field in WRITABLE if entry.get(field) is not None and field != "name"]
        self.fields: dict[str, Value] = {field: normalise(field, entry[field]) for field in given}
        self.asserted: dict[str, Value] = {
            field: normalise(field, entry[field]) for field in READ_ONLY if entry.get(field) is not None
        }
        self.icon: DesiredIcon | None = None
        self.icon_problem: str | None = None
        if self.is_present and entry.get("icon_file") is not None:
            try:
                self.icon = read_icon(entry["icon_file"], icon_contents or {}, bool(entry.get("icon_force")))
            except ValueError as problem:
                self.icon_problem = f"icon_file {quoted(entry['icon_file'])} {problem}"

    @property
    def called(self) -> str:
        """How people call the entry: by its name, else its ID."""
        return quoted(self.name) if self.name is not None else f"id {self.id}"

    @property
    def label(self) -> str:
        """How problems and results call the entry, with its place in the order given."""
        return self.called if self.index is None else f"{self.place} ({self.called})"
