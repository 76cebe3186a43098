# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A command to a portal, and what becomes of it.

Nothing here knows what a command does, but for its being repeatable.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .errors import PortalError

DONE = "done"
FAILED = "failed"
NOT_TRIED = "not_tried"
UNKNOWN = "unknown"
MOST_COMMANDS = 50
_REFERENCE = re.compile(r"\$.*\[", re.DOTALL)


class ResultOf:
    """Stands in a command's params for the result of the command at that index of the same Client.run_commands()."""

    def __init__(self, index: int) -> None:
        self.index = index


class Command:
    """method, params ({name: text, number or ResultOf, or what goes in no batch: a list or a map}).

    repeatable: whether it does no harm to carry it out twice.
    """

    def __init__(self, method: str, params: Mapping[str, Any] | None = None, repeatable: bool = False) -> None:
        self.method = method
        self.params: Mapping[str, Any] = params or {}
        self.repeatable = repeatable

    @property
    def refers(self) -> bool:
        return any(isinstance(value, ResultOf) for value in self.params.values())

    @property
    def batchable(self) -> bool:
        """Whether it may stand in a batch, which replaces $…[ in a value by other commands' answers, come what may."""
        return not any(
            isinstance(value, (list, dict)) or isinstance(value, str) and _REFERENCE.search(value)
            for value in self.params.values()
        )


class Outcome:
    """What became of a command.

    status: DONE (result, time), FAILED (error), UNKNOWN (error; it may have been carried out) or NOT_TRIED.
    sent: whether it was in a request that may have arrived, and so may have been carried out by an earlier copy of it.
    time: the numbers of the portal's time object, of which start and finish are its clock in seconds since 1970.
    """

    def __init__(self, status: str = NOT_TRIED, result: Any = None, error: PortalError | None = None) -> None:
        self.status = status
        self.result = result
        self.error = error
        self.time: dict[str, float] = {}
        self.sent = False

    def settle(
        self,
        status: str,
        result: Any = None,
        error: PortalError | None = None,
        time: dict[str, float] | None = None,
    ) -> None:
        self.status, self.result, self.error, self.time = status, result, error, time or {}
