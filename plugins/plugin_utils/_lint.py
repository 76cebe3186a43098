# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of a task that is read and not run: ansible-lint calls the ``main`` of an action plugin for that.

Nothing here can reach a portal. A template may become anything, so it stands for a value that its option takes.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from ansible.module_utils import basic

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

TEMPLATE = re.compile(r"\{[{%#]")
QUOTED = re.compile(r"'(\w+)'(?= is of type )")
STAND_INS: dict[str, Any] = {"int": 1, "bool": True, "list": [], "dict": {}}


def options_check(spec: Mapping[str, Any]) -> Callable[[], None]:
    """The ``main`` of an action plugin; ``spec``: the keyword arguments of AnsibleModule."""

    def main() -> None:
        # Looked up when it is called, since linters put a class of their own there.
        class Checked(basic.AnsibleModule):
            params: Any

            def _load_params(self) -> None:
                super()._load_params()
                self.params = settled(self.params, {"type": "dict", "options": spec["argument_spec"]})

            def fail_json(self, msg: str, **result: Any) -> None:
                # Not in Ansible's words: ansible-lint looks the option up among those of the task, to see whether it is
                # a template, and gives up on the whole file where it is a list, or one of an entry.
                super().fail_json(msg=QUOTED.sub(r"\1", msg).replace("value of ", "", 1), **result)

        Checked(**spec)

    return main


def settled(value: Any, about: Mapping[str, Any]) -> Any:
    """The value without templates; ``about``: its part of an argument spec."""
    options = about.get("options", {})
    if isinstance(value, dict):
        return {name: settled(part, options.get(name, {})) for name, part in value.items()}
    if isinstance(value, list):
        of_one = {"type": about.get("elements", "raw"), "options": options}
        return [
            settled(part, of_one) for part in value if not (options and isinstance(part, str) and _is_template(part))
        ]
    if not isinstance(value, str) or not _is_template(value):
        return value
    return about["choices"][0] if about.get("choices") else STAND_INS.get(about.get("type", "str"), value)


def _is_template(text: str) -> bool:
    return bool(TEMPLATE.search(text))
