# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where the links of a folder of HTML lead."""

from __future__ import annotations

import html.parser
import os
import pathlib
import sys
import urllib.parse


class Page(html.parser.HTMLParser):
    """What one page links to, loads, and offers as anchors."""

    def __init__(self, path: pathlib.Path) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.anchors: set[str] = {""}
        self.feed(path.read_text())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.anchors |= {found.get("id") or "", (found.get("name") or "") if tag == "a" else ""}
        if tag == "a" and found.get("href"):
            self.links.append(str(found["href"]))
        elif tag in ("script", "img", "iframe") and found.get("src"):
            self.loaded.append(str(found["src"]))
        elif tag == "link" and found.get("rel") != "canonical" and found.get("href"):
            self.loaded.append(str(found["href"]))


def is_elsewhere(address: str) -> bool:
    """Whether it is not a file of the site."""
    parts = urllib.parse.urlsplit(address)
    return bool(parts.scheme or parts.netloc)


def check(folder: pathlib.Path) -> list[str]:
    """Returns the addresses elsewhere. Ends with a line for each link that leads nowhere, page that no link leads to,
    and thing that a page would load from elsewhere."""
    pages = {str(path.relative_to(folder)): Page(path) for path in sorted(folder.rglob("*.html"))}
    broken: list[str] = []
    leads: dict[str, set[str]] = {}
    for name, page in pages.items():
        leads[name] = set()
        for address in page.links + page.loaded:
            if is_elsewhere(address):
                broken += [f"{name}: loads {address}"] if address in page.loaded else []
                continue
            path, _mark, anchor = address.partition("#")
            path = urllib.parse.unquote(path.partition("?")[0])
            target = os.path.normpath(os.path.join(os.path.dirname(name), path)) if path else name
            leads[name].add(target)
            if not (folder / target).is_file():
                broken.append(f"{name}: {address} leads to no file")
            elif target in pages and urllib.parse.unquote(anchor) not in pages[target].anchors:
                broken.append(f"{name}: {address} leads to no anchor")
    reached: set[str] = set()
    pending = ["index.html"]
    while pending:
        name = pending.pop()
        if name in pages and name not in reached:
            reached.add(name)
            pending += leads[name]
    broken += [f"{name}: no link leads there from index.html" for name in sorted(set(pages) - reached)]
    if broken:
        sys.exit("\n".join(broken))
    return sorted({address for page in pages.values() for address in page.links if is_elsewhere(address)})
