# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was found, in few words: of which service, and what about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ansible_collections.bitrix24.portal.plugins.module_utils._audit.findings import CHANGED, KINDS
from ansible_collections.bitrix24.portal.plugins.module_utils._text import visible

if TYPE_CHECKING:
    from ansible_collections.bitrix24.portal.plugins.module_utils._audit.findings import Finding

_NAME = 60
"""Characters of a name."""


def in_brief(finding: Finding) -> str:
    """``Company mail: server, port`` of a changed one, else ``Company mail: missing`` or ``No catch-all``."""
    label = KINDS[finding["kind"]].label
    if finding["service"] is None:
        return label
    what = ", ".join(field["field"] for field in finding["fields"]) if finding["kind"] == CHANGED else label.lower()
    return f"{visible(finding['service'], _NAME)}: {what}"
