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

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

HOSTS, GROUPS = "host_vars", "group_vars"
FILE = "mailservices.yml"
_OTHERS = ("", ".yaml", ".json")


def inventory_folders(sources: object) -> list[str]:
    """The folders in which Ansible looks, in its order; ``sources``: its variable ansible_inventory_sources."""
    given = [sources] if isinstance(sources, str) else list(sources) if isinstance(sources, (list, tuple)) else []
    # A list of hosts, such as "portal-1,", is none.
    found = [os.path.abspath(source) for source in map(str, given) if os.path.exists(source)]
    return list(dict.fromkeys(source if os.path.isdir(source) else os.path.dirname(source) for source in found))


class Places:
    """``folders``: where Ansible looks, in its order, at least one; ``owners``: {host: the file that names it}.

    found_again: whether Ansible looks there by itself.
    """

    def __init__(self, folders: Sequence[str], owners: dict[str, Any] | None = None, found_again: bool = True) -> None:
        self.found_again = found_again
        self._folders = list(folders)
        self._owners = owners or {}

    def of_host(self, host: str) -> str:
        return self._place(HOSTS, host)

    def of_group(self, group: str) -> str:
        return self._place(GROUPS, group)

    def _place(self, kind: str, name: str) -> str:
        """In the folder of that name where there is one, else the file of that name. Ansible's last folder counts."""
        stems = [os.path.join(folder, kind, name) for folder in reversed(self._folders)]
        for stem in stems:
            if os.path.isdir(stem):
                return os.path.join(stem, FILE)
        for stem in stems:
            if os.path.exists(stem + ".yml"):
                return stem + ".yml"
        return os.path.join(self._home(name), kind, name) + ".yml"

    def _home(self, name: str) -> str:
        """The folder of the source that names the host; the last where that is not known."""
        owner = str(self._owners.get(name) or "")
        holding = [folder for folder in self._folders if owner.startswith(os.path.join(folder, ""))]
        return max(holding, key=len) if holding else self._folders[-1]


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
