# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Host names in other letters than ASCII, by IDNA 2008 as browsers have it. Python's own codec is IDNA 2003."""

from __future__ import annotations

try:
    import idna
except ImportError:
    idna = None  # type: ignore[assignment]  # a module or nothing: mypy has no way to say so


def ascii_name(name: str) -> str | None:
    """The host name in ASCII (``xn--…``); None where it has none, or requests, which brings idna, is missing."""
    if name.isascii():
        return name
    try:
        return idna.encode(name, uts46=True).decode("ascii") if idna else None
    except UnicodeError:
        return None
