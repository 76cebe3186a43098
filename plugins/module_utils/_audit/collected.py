# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The findings of one portal as they come together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .findings import REFUSED, REMOVAL_HURTS, finding, with_effects
from .removal import removal_of
from .sentences import sentence

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .._planning.model import MailService
    from .findings import Difference, Finding


class Collected:
    """``list``: the findings."""

    def __init__(self) -> None:
        self.list: list[Finding] = []

    def add(
        self, kind: str, text: str, service: MailService | None = None, name: str | None = None, **more: Any
    ) -> None:
        service_id = None if service is None else service.id
        self.list.append(finding(kind, text, service.name if service is not None else name, service_id, **more))

    def refuse(
        self,
        text: str,
        service: MailService | None = None,
        name: str | None = None,
        fields: Sequence[Difference] = (),
    ) -> None:
        self.add(REFUSED, sentence(text), service, name, fields=fields)

    def removal(self, service: MailService, services: Sequence[MailService]) -> dict[str, Any]:
        """What taking the service away would do; adds a finding where nobody could bring back what that loses."""
        effects, hurts = removal_of(service, services)
        if hurts is not None:
            self.add(REMOVAL_HURTS, hurts, service)
        return with_effects(effects)
