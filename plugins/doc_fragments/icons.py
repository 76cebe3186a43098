# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  icon_contents:
    description:
      - Internal. What this collection's action plugins hand on to the module, the files that C(icon_file) names. A task
        that gives it is refused.
    type: dict
"""
