# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The command that comes next on a portal, to be copied into a shell."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

from ansible_collections.bitrix24.portal.plugins.module_utils._text import visible

if TYPE_CHECKING:
    from collections.abc import Iterable


def plan_command(portal: str, inventory: Iterable[str]) -> str | None:
    """The plan of this portal alone; None where its name cannot be given to ``--limit`` as it is.

    inventory: the sources of the inventory, as they are given on the command line.
    """
    if not portal or re.match(r"[-!&~@]", portal) or re.search(r"[,:*?\[\]]", portal) or visible(portal) != portal:
        return None
    sources = [part for source in inventory for part in ("-i", source)]
    return " ".join(map(shlex.quote, ["ansible-playbook", *sources, "bitrix24.portal.plan", "--limit", portal]))
