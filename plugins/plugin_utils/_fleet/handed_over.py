# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The artifact in letters and digits, as one job hands it over to the next. Pure."""

from __future__ import annotations

import base64
import zlib

from ansible_collections.bitrix24.portal.plugins.plugin_utils._fleet.plan_file import NotApproved

_PACKED = "data:application/zlib;base64,"
_MOST = 1 << 28


def pack(text: str) -> str:
    """The text of an artifact in letters and digits, which no job on the way takes for anything but text."""
    return _PACKED + base64.b64encode(zlib.compress(text.encode("ascii"), 9)).decode("ascii")


def is_packed(text: str) -> bool:
    return text.startswith("data:")


def unpack(packed: str) -> str:
    """The text again. Raises NotApproved."""
    try:
        if not packed.startswith(_PACKED):
            raise ValueError("of another kind")
        unpacking = zlib.decompressobj()
        text = unpacking.decompress(base64.b64decode(packed[len(_PACKED) :], validate=True), _MOST)
        if not unpacking.eof:
            raise ValueError("cut off, or longer than any plan")
        return text.decode("ascii")
    except (ValueError, zlib.error):
        raise NotApproved("the approved plan was not handed over as a whole; nothing was done") from None
