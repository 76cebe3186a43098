# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Markdown for a merge request's comment or a job's summary: other people's words as text, and never more than fits.

Words: ``name()`` and ``code()`` for what somebody else called something, ``sentence()`` for a text of this collection's
that may quote such words, ``html_code()`` inside an HTML block such as the ``<summary>`` of ``folded()``.

Length: a document is a head, sections of items and a foot; ``fit()`` joins them. What is too long loses first the
details of items (``Item.short``), then items. Both times the section of the least weight loses first, and in a section
the last item. The section says how much it lost, so put what matters first, and give it the greatest weight.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Hashable, NamedTuple, TypeVar

from ansible_collections.bitrix24.portal.plugins.module_utils._text import visible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

MOST = 65000
"""Characters. GitHub takes 65,536 in a comment and 1 MiB in a summary; so few characters cannot be so many bytes."""

Key = TypeVar("Key", bound=Hashable)


class Item(NamedTuple):
    """Lines of a document. ``short``: what is left of them where there is no room; None: they are short already."""

    full: str
    short: str | None = None


class Section(NamedTuple):
    """Items of one kind, joined by ``between``, behind ``lead``; without an item there is nothing of it at all.

    shortened: what is said behind them of so many that lost their details; dropped: of so many that are left out.
    """

    items: Sequence[Item]
    dropped: Callable[[int], str]
    weight: int = 0
    shortened: Callable[[int], str] = "".format
    lead: str = ""
    between: str = "\n\n"


def size(text: str) -> int:
    """Characters as a browser counts them, an emoji as two: never fewer than GitHub counts."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def fit(head: str, sections: Sequence[Section], foot: str, most: int = MOST) -> str:
    """The document, of ``most`` characters at most unless head and foot alone are longer."""
    shown = [_Shown(section) for section in sections if section.items]
    room = most - size(head) - size(foot) - 6
    by_weight = sorted(shown, key=lambda part: part.section.weight)
    for lose in (_Shown.shorten, _Shown.drop):
        for part in by_weight:
            others = sum(other.size() + 2 for other in shown if other is not part)
            while others + part.size() > room and lose(part):
                continue
    texts = [head.strip("\n"), *(part.text() for part in shown), foot.strip("\n")]
    return "\n\n".join(text for text in texts if text) + "\n"


class _Shown:
    """What is left of a section: the first ``whole`` items in full, those up to ``kept`` in short."""

    def __init__(self, section: Section) -> None:
        self.section = section
        self.whole = self.kept = len(section.items)
        between = size(section.between)
        # Of the first so many items: what they take in full, what in short, and how many have details to lose.
        self._full, self._short, self._long = [0], [0], [0]
        for item in section.items:
            self._full.append(self._full[-1] + size(item.full) + between)
            self._short.append(self._short[-1] + size(item.full if item.short is None else item.short) + between)
            self._long.append(self._long[-1] + (item.short is not None))

    def shorten(self) -> bool:
        """Whether there was an item left to shorten."""
        while self.whole:
            self.whole -= 1
            if self.section.items[self.whole].short is not None:
                return True
        return False

    def drop(self) -> bool:
        self.kept -= bool(self.kept)
        self.whole = min(self.whole, self.kept)
        return bool(self.kept)

    def size(self) -> int:
        items = self._full[self.whole] + self._short[self.kept] - self._short[self.whole]
        return items + size(self.section.lead + self._notes())

    def text(self) -> str:
        items = self.section.items[: self.kept]
        texts = [item.full if at < self.whole or item.short is None else item.short for at, item in enumerate(items)]
        return self.section.lead + self.section.between.join(texts) + self._notes()

    def _notes(self) -> str:
        lost, left_out = self._long[self.kept] - self._long[self.whole], len(self.section.items) - self.kept
        notes = [self.section.shortened(lost)] if lost else []
        notes += [self.section.dropped(left_out)] if left_out else []
        return "".join(
            (self.section.between if self.kept or at else "") + text for at, text in enumerate(filter(None, notes))
        )


def alike(portals: Mapping[str, Key]) -> list[tuple[list[str], Key]]:
    """``[(portals, what they share)]``, those with the most portals first, otherwise in the order given."""
    groups: dict[Key, list[str]] = {}
    for portal, what in portals.items():
        groups.setdefault(what, []).append(portal)
    return sorted(((names, what) for what, names in groups.items()), key=lambda group: -len(group[0]))


def listed(names: Sequence[str], show: Callable[[str], str], most: int = 0) -> str:
    """``a, b and 3 more``, each as ``show`` has it; with ``most`` 0 all of them."""
    shown = ", ".join(map(show, names[:most] if most else names))
    return f"{shown} and {len(names) - most} more" if 0 < most < len(names) else shown


def folded(summary: str, body: Iterable[str]) -> str:
    """Lines of Markdown that open with a click on the summary, which is HTML."""
    return "\n".join([f"<details><summary>{summary}</summary>", "", *body, "", "</details>"])


def code(text: str, table: bool = False) -> str:
    """A code span that nothing in the text can end. ``table``: it stands in a cell of a table."""
    text = visible(text, 600)
    if not text.strip():
        text = f'"{text}"'
    if table and "|" in text:
        # A pipe ends a table's cell even inside a code span, and a backslash before it does not help where the text
        # brings its own.
        return html_code(text)
    fence = "`" * (1 + max(map(len, re.findall("`+", text)), default=0))
    pad = " " if text.startswith("`") or text.endswith("`") else ""
    return fence + pad + text + pad + fence


def html_code(text: str) -> str:
    """The same as HTML, for where Markdown means nothing; hosts look for mentions and links in any text but code."""
    text = visible(text, 600)
    allowed = "A-Za-z0-9 -" if "www" in text.lower() else "A-Za-z0-9 .-"
    return "<code>{}</code>".format(re.sub(f"[^{allowed}]", lambda found: f"&#{ord(found.group())};", text))


def name(text: str) -> str:
    """A name inside a sentence: between quotation marks where nothing in it can mean anything, else as code."""
    return f'"{text}"' if re.match(r"[^\W_](?:[^\W_]|[ .'()-])*\Z", text) and _harmless(text) else code(text)


def sentence(text: str) -> str:
    """This collection's own words as they are, or as code where words that they quote could mean something."""
    allowed = r"(?!\d+[.)])[^\W_](?:[^\W_]|[ ,.;()'-]|:(?= )|(?<=[^\W_])_(?=[^\W_]))*\Z"
    return text if re.match(allowed, text) and _harmless(text) else code(text)


def _harmless(text: str) -> bool:
    """Whether letters and a few marks are no address, issue or commit, are not cut, and keep their blanks."""
    meant = re.search(r"www\.|\bGH-\d|\b[0-9a-f]{7,}\b", text, re.IGNORECASE)
    return not meant and text == visible(text, 600) and text == " ".join(text.split())
