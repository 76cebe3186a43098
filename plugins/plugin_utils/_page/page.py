# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A self-contained page for people. Jinja escapes everything; no other style or script may run."""

from __future__ import annotations

import base64
import hashlib
import os
from typing import TYPE_CHECKING, Any, List, Tuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from ansible_collections.bitrix24.portal.plugins.module_utils._text import visible
from ansible_collections.bitrix24.portal.plugins.plugin_utils._words import counted, differing, own_words, value

if TYPE_CHECKING:
    from collections.abc import Sequence

GUIDES = "https://github.com/bitrix24/ansible-collection-portal/blob/main/docs/"
PARTS = 1000
"""A bar is drawn in so many parts of its width."""

Segments = List[Tuple[str, int, int, int]]
"""``[(what, number, start, width)]`` of a bar, in its parts."""

_FOLDER = os.path.dirname(__file__)
_MONTHS = "January February March April May June July August September October November December".split()


def render(template: str, **context: Any) -> str:
    """A template of this folder as a page."""
    environment = Environment(
        loader=FileSystemLoader(_FOLDER, encoding="utf-8"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
        keep_trailing_newline=True,
    )
    environment.filters.update(
        seen=lambda text: visible(text, 600),
        brief=lambda text: visible(text, 80),
        briefly=lambda effect: visible(own_words(effect), 600),
        moment=_moment,
        number="{:,}".format,
        counted=counted,
    )
    style, script = _file("page.css") + _file("print.css"), _file("page.js")
    return environment.get_template(template).render(
        context,
        guides=GUIDES,
        style=Markup(style),
        script=Markup(script),
        policy=(
            f"default-src 'none'; img-src data:; style-src 'sha256-{_digest(style)}'; "
            f"script-src 'sha256-{_digest(script)}'; base-uri 'none'; form-action 'none'"
        ),
    )


def segments(numbers: Sequence[tuple[str, int]]) -> Segments:
    """A bar of these numbers; whatever there is gets a visible width."""
    total = sum(number for dummy, number in numbers) or 1
    widths = {what: max(number * PARTS // total, 12) for what, number in numbers if number}
    drawn: Segments = []
    start = 0
    for what, number in numbers:
        if number:
            width = widths[what] * PARTS // sum(widths.values())
            drawn.append((what, number, start, width))
            start += width
    if drawn:
        what, number, start, width = drawn.pop()
        drawn.append((what, number, start, PARTS - start))
    return drawn


def row(field: str, before: Any, after: Any) -> dict[str, Any]:
    """A field's two values for the table of what differs, each in three parts of which the middle one differs."""
    texts = value(before), value(after)
    if isinstance(before, str) and isinstance(after, str):
        parts = differing(*texts)
    elif None in (before, after):
        parts = ((texts[0], "", ""), (texts[1], "", ""))
    else:
        parts = (("", texts[0], ""), ("", texts[1], ""))
    return {
        "field": field,
        "before": parts[0],
        "after": parts[1],
        "unset": (before is None, after is None),
        "text": str in (type(before), type(after)),
    }


def _file(name: str) -> str:
    with open(os.path.join(_FOLDER, name), encoding="utf-8") as stream:
        return stream.read()


def _digest(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")


def _moment(text: str) -> str:
    """22 November 2026, 03:00 UTC"""
    year, month, day = text[:10].split("-")
    date = f"{int(day)} {_MONTHS[int(month) - 1]} {year}"
    return f"{date}, {text[11:16]} UTC" if len(text) > 10 else date
