# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The services whose servers shall be probed, from whatever a user or a portal gave."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from .._text import quoted
from .probe import BadProbeOption

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_OPTIONS: dict[str, dict[str, Any]] = {
    "name": {"type": "str"},
    "server": {"type": "str"},
    "port": {"type": "int"},
    "encryption": {"type": "bool"},
    "smtp_server": {"type": "str"},
    "smtp_port": {"type": "int"},
    "smtp_encryption": {"type": "bool"},
}


def read_services(given: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """What counts of each, converted. Raises BadProbeOption with all that is wrong."""
    validator = ArgumentSpecValidator(_OPTIONS)
    services, problems = [], []
    for at, entry in enumerate(given, 1):
        checked = validator.validate({option: entry[option] for option in _OPTIONS if option in entry})
        name = f" ({quoted(str(entry['name']))})" if entry.get("name") else ""
        problems += [f"mailservices: entry {at}{name}: {text}" for text in checked.error_messages]
        services.append(checked.validated_parameters)
    if problems:
        raise BadProbeOption("; ".join(problems))
    return services
