# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  inactive_lookahead:
    description:
      - How many IDs behind the highest listed one are asked for when inactive services are looked for.
      - The portal's list hides inactive services; they are found by asking for every ID that the list did not show,
        50 to a request.
    type: int
    default: 50
  inactive_max_ids:
    description:
      - The most IDs to ask for in one search. More would be needed on a portal with many deleted services; the task
        then fails and asks for the ID.
    type: int
    default: 1000
"""
