# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a plan may do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._wildcard import Wildcard

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .model import MailService


class Limits:
    """What a plan may do. Every guard is closed unless the user opened it."""

    def __init__(
        self,
        purge: str = "none",
        protect: Iterable[str] | None = (),
        protect_ids: Iterable[int] | None = (),
        max_removals: int = -1,
        allow_empty: bool = False,
        allow_catch_all_change: bool = False,
        allow_builtin_delete: bool = False,
    ) -> None:
        self.purge = purge
        self.protect = [Wildcard(pattern) for pattern in protect or ()]
        self.protect_ids = frozenset(protect_ids or ())
        self.max_removals = max_removals
        self.allow_empty = allow_empty
        self.allow_catch_all_change = allow_catch_all_change
        self.allow_builtin_delete = allow_builtin_delete

    def protects(self, service: MailService) -> bool:
        """Whether a purge must leave this service alone."""
        return (
            service.is_catch_all
            or service.is_hosted
            or service.id in self.protect_ids
            or any(pattern.matches(service.name) for pattern in self.protect)
        )
