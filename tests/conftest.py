# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Makes the checkout importable as ansible_collections.bitrix24.portal, whatever its folder is called."""

from __future__ import annotations

import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
COLLECTIONS = ROOT / ".cache" / "collections"


def link_checkout():
    link = COLLECTIONS / "ansible_collections" / "bitrix24" / "portal"
    link.parent.mkdir(parents=True, exist_ok=True)
    try:
        link.symlink_to("../../../..", target_is_directory=True)
    except FileExistsError:
        pass


link_checkout()
sys.path.insert(0, str(COLLECTIONS))
