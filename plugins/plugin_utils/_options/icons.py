# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files that entries name as icon_file: found and read on the controller, as ansible.builtin.copy does its src.

What is in them nobody looks at here.
"""

from __future__ import annotations

import base64
import os
from typing import TYPE_CHECKING, Any

from ansible.errors import AnsibleError, AnsibleFileNotFound

from ansible_collections.bitrix24.portal.plugins.module_utils._planning.icon import MOST_BYTES
from ansible_collections.bitrix24.portal.plugins.module_utils._text import quoted, visible

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ansible.parsing.dataloader import DataLoader

_SHOWN_PLACES = 4


class IconFiles:
    """``contents``: in base64 by the names given. ``find(name)``: the path, raises AnsibleFileNotFound."""

    def __init__(self, find: Callable[[str], str], loader: DataLoader) -> None:
        self.contents: dict[str, str] = {}
        self._find = find
        self._loader = loader
        self._problems: dict[str, str] = {}

    def read(self, options: Any) -> str | None:
        """Read the file that an entry names, if it does. Returns None, or why it is of no use."""
        if not isinstance(options, dict) or options.get("state") == "absent":
            return None
        name = options.get("icon_file")
        if name is None or name == "":
            return None
        if not isinstance(name, str):
            return "icon_file must be the name of a file"
        if name not in self.contents and name not in self._problems:
            try:
                self.contents[name] = base64.b64encode(self._content(name)).decode("ascii")
            except _Unusable as problem:
                self._problems[name] = f"icon_file {quoted(name)} {problem}"
        return self._problems.get(name)

    def _content(self, name: str) -> bytes:
        try:
            path = self._find(name)
        except AnsibleFileNotFound as error:
            raise _Unusable(_not_found(getattr(error, "paths", None))) from None
        except (AnsibleError, UnicodeError):
            raise _Unusable("is not the name of a file") from None
        if not os.path.isfile(path):
            raise _Unusable(f"is no file: {visible(path)}")
        try:
            real_path = self._loader.get_real_file(path)
        except AnsibleError as error:
            raise _Unusable(f"cannot be read: {visible(str(error))}") from None
        try:
            with open(real_path, "rb") as file:
                content = file.read(MOST_BYTES + 1)
        except OSError as error:
            raise _Unusable(f"cannot be read: {error.strerror}") from None
        finally:
            self._loader.cleanup_tmp_file(real_path)
        if len(content) > MOST_BYTES:
            raise _Unusable(f"is larger than {MOST_BYTES // 1024 // 1024} MiB, which is too much for an icon")
        return content


class _Unusable(Exception):
    """The end of a sentence about a file."""


def _not_found(paths: Any) -> str:
    if not paths:
        return "is not there"
    places = list(dict.fromkeys(visible(str(path)) for path in paths))
    shown = places[:_SHOWN_PLACES]
    more = f" and {len(places) - _SHOWN_PLACES} more" if len(places) > _SHOWN_PLACES else ""
    return f"is not there; looked for at {', '.join(shown)}{more}"


def refuse_contents(options: Mapping[str, Any]) -> str | None:
    """Why the option that the files travel in cannot be given by people; None where it is not."""
    if options.get("icon_contents") is None:
        return None
    return "icon_contents is not for you to give: name the file with icon_file"
