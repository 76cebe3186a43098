# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What people call an option: in a role of this collection by the variable that it comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ansible_collections.bitrix24.portal.plugins.module_utils._argspec import CONNECTION_SPEC
from ansible_collections.bitrix24.portal.plugins.module_utils._planning.given import entry_label

if TYPE_CHECKING:
    from collections.abc import Mapping

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


def place(name: str, index: int, entry: Any) -> str:
    """Where an entry stands, and its name."""
    label = entry_label(entry)
    return f"{name}[{index}] ({label})" if label else f"{name}[{index}]"
