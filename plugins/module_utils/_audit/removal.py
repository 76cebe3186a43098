# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What taking a service away would do, whether somebody wants that or not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .._planning.changes import DEACTIVATE, DELETE, Change
from .._planning.effects import CUT_LOOSE, effects_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .._planning.model import MailService


def removal_of(
    service: MailService, current: Sequence[MailService]
) -> tuple[list[tuple[str, dict[str, Any]]], str | None]:
    """``(effects, hurts)``: each effect with the step that has it, and what nobody could bring back, or None."""
    steps = [("Deleted: ", Change(DELETE, service, None))]
    if service.active:
        steps.insert(0, ("Deactivated: ", Change(DEACTIVATE, service, service._replace(active=False))))
    effects = [(how, effect) for how, change in steps for effect in effects_of([change], current)]
    hurts = None
    if service.cannot_be_made_again:
        hurts = "It came with the portal: once deleted, nobody can make it again. Deactivate it instead."
    elif any(effect["action"] == CUT_LOOSE for dummy, effect in effects):
        hurts = "Deleting it switches its mailboxes off and cuts them loose for good."
    return effects, hurts
