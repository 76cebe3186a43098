# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The proactive filter: suspicious text is broken up by a blank, and the call succeeds all the same.

It knows what the recordings show, not the hundreds of patterns of the real one.
"""

from __future__ import annotations

import re
from typing import Any

_FLAGS = re.IGNORECASE | re.DOTALL
_BLANK = r"(?:[\x00-\x20]|/\*.*?\*/)"
# (pattern, replacement): what is recognised, and where the blank goes.
_SQL = [
    (rf"(\bunion)({_BLANK}+)(select|all\b)", lambda m: f"{m[1][:3]} {m[1][3:]}{m[2]}{m[3]}"),
    (r"\b(sel)(ect)\b(?=.+\bfrom\b|\s+[\d*@'\"(])", r"\1 \2"),
    (r"(\bsel ect\b.*?\bfr)(om\b)", r"\1 \2"),
    (r"\b(ins)(ert)(\s+in)(to\b)", r"\1 \2\3 \4"),
    (r"\b(i)(nto)(\s+out)(file\b)", r"\1 \2\3 \4"),
    (r"\b(dr|cre|al)(op|ate|ter)(\s+)(table|database|index|view|trigger|function|procedure)\b", r"\1 \2\3  \4"),
    (r"\b(load_)(file\s*\()", r"\1 \2"),
]
_SCRIPT = [
    (r"(</?sc)(ript)", r"\1 \2"),
    (r"(jav)(ascript\s*:)", r"\1 * \2"),
    (r"(=\s*['\"]?\s*ex)(pression\s*\()", r"\1 * \2"),
]
_EVENT = re.compile(r"(?<![A-Za-z])(on[a-z]{3,20})(?=\s*=)", _FLAGS)
_PATH_AFTER = re.compile(r"(?<=\.\./)\.\./|(?<=\.\.\\)\.\.\\")
_RULES = [(re.compile(pattern, _FLAGS), replacement) for pattern, replacement in (*_SQL, *_SCRIPT)]


def filtered(value: Any) -> Any:
    """The value as the filter lets it through; arrays at any depth."""
    if isinstance(value, dict):
        return {key: filtered(item) for key, item in value.items()}
    return _text(value) if isinstance(value, str) else value


def _text(text: str) -> str:
    for pattern, replacement in _RULES:
        text = pattern.sub(replacement, text)
    text = _EVENT.sub(lambda found: f"{found[1][:4]} {found[1][4:]}", text)
    return _PATH_AFTER.sub(lambda found: ". ./" if "/" in found[0] else ". .\\", text)
