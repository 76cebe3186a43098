# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where Ansible looks for the variables of a host or a group, so that what is written there is found again.

Beside each source of the inventory, in ``host_vars`` and ``group_vars``: all files of a folder of that name; only where
there is none, the first of the files NAME, NAME.yml, NAME.yaml and NAME.json. Source: ansible-core's host_group_vars.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from ansible_collections.bitrix24.portal.plugins.module_utils._text import file_name, quoted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

HOSTS, GROUPS = "host_vars", "group_vars"
FILE = "mailservices.yml"
_OTHERS = ("", ".yaml", ".json")


def inventory_folders(sources: object) -> list[str]:
    """The folders in which Ansible looks, in its order; ``sources``: its variable ansible_inventory_sources."""
    given = [sources] if isinstance(sources, str) else list(sources) if isinstance(sources, (list, tuple)) else []
    # A list of hosts, such as "portal-1,", is none.
    found = [os.path.abspath(source) for source in map(str, given) if os.path.exists(source)]
    return list(dict.fromkeys(source if os.path.isdir(source) else os.path.dirname(source) for source in found))


NO_FILE = "The inventory is no file, so Ansible does not look beside it: load these files with -e @PATH"


class Places:
    """``folders``: where Ansible looks, in its order, at least one.

    ``owners``: {host: the file of the inventory that names it}; ``hosts``, ``groups``: all names in the inventory.
    cautions: what keeps Ansible from finding a file, to print.
    """

    def __init__(
        self,
        folders: Sequence[str],
        owners: Mapping[str, Any] | None = None,
        hosts: Iterable[str] = (),
        groups: Iterable[str] = (),
    ) -> None:
        self.cautions: list[str] = []
        self._folders = list(folders)
        self._owners = owners or {}
        self._names = {HOSTS: frozenset(hosts), GROUPS: frozenset(groups)}

    def of_host(self, host: str) -> str:
        return self._place(HOSTS, host)

    def of_group(self, group: str) -> str:
        return self._place(GROUPS, group)

    def _place(self, kind: str, name: str) -> str:
        """In the folder of that name where there is one, else the file of that name. Ansible's last folder counts."""
        stem = self._stem(kind, name)
        paths = [os.path.join(folder, kind, stem) for folder in reversed(self._folders)]
        for path in paths:
            if os.path.isdir(path):
                return os.path.join(path, FILE)
        for path in paths:
            if os.path.exists(path + ".yml"):
                return path + ".yml"
        return os.path.join(self._home(name), kind, stem) + ".yml"

    def _stem(self, kind: str, name: str) -> str:
        """The name as Ansible looks for it, a slash leading into a folder; another where that would lead astray."""
        parts = name.split("/")
        folders = {"/".join(parts[:end]) for end in range(1, len(parts))}
        # All that lies in the folder of another's name is read as that one's.
        if all(map(is_plain, parts)) and not folders & self._names[kind]:
            return name
        self.cautions.append(
            f"Ansible looks for no file of {quoted(name)}: load it with -e @PATH, or name it otherwise"
        )
        return file_name(name)

    def _home(self, name: str) -> str:
        """The folder of the source that names the host; the last where that is not known."""
        owner = str(self._owners.get(name) or "")
        holding = [folder for folder in self._folders if owner.startswith(os.path.join(folder, ""))]
        return max(holding, key=len) if holding else self._folders[-1]


def is_plain(name: str) -> bool:
    """Whether a file of that name lies in the folder where it is written."""
    return name not in ("", ".", "..") and "/" not in name and "\0" not in name


def rivals(path: str) -> Iterator[str]:
    """Files for which Ansible would not read this one, or which it would no longer read because of this one."""
    stem = folder_instead(path)
    for other in _OTHERS if stem else ():
        if os.path.isfile(stem + other):
            yield stem + other


def folder_instead(path: str) -> str:
    """The folder that could hold files of variables where ``path`` is the one such file, else nothing."""
    stem, extension = os.path.splitext(path)
    return stem if extension == ".yml" and os.path.basename(os.path.dirname(path)) in (HOSTS, GROUPS) else ""
