# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whose the credentials are, as far as a run comes to know, and whether a write failed for want of rights."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._rest.errors import PortalError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .operation import Operation
    from .reader import Reader, User

NOT_ADMINISTRATOR = "the portal refuses to write: the credentials' owner is not an administrator of the portal"


class Rights:
    """``user``: whose the credentials are, where that became known."""

    def __init__(self, reader: Reader) -> None:
        self.user: User | None = None
        self._reader = reader
        self._may_ask = True

    @property
    def owner(self) -> int | None:
        """The ID of the user."""
        return None if self.user is None else self.user["id"]

    def explain(self, refused: Iterable[Operation]) -> bool | None:
        """Say of each whether rights were missing; returns whether they are an administrator's, None if unknown."""
        admin = self._is_administrator()
        if admin is not None:
            for operation in refused:
                _explain(operation, admin)
        return admin

    def _is_administrator(self) -> bool | None:
        """It is asked once."""
        if self.user is None and self._may_ask:
            self._may_ask = False
            try:
                self.user = self._reader.user()
            except PortalError:
                # The refusal itself is what the user must see; that nobody can say why does not replace it.
                pass
        return None if self.user is None else self.user["admin"]


def _explain(operation: Operation, admin: bool) -> None:
    error = operation.portal_error
    if error is None:
        return
    if admin:
        error.rule_out_rights()
        operation.error = str(error)
    else:
        error.blame_rights()
        operation.error = NOT_ADMINISTRATOR
