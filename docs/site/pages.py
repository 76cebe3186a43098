# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The Markdown of the repository as pages of the site."""

from __future__ import annotations

import os
import pathlib
import re
import shutil
import sys

INDEX = pathlib.PurePosixPath("docs/docsite/rst/guides.rst")
SECTION = re.compile(r"^(?P<title>\S.*)\n-+$", re.MULTILINE)
ENTRY = re.compile(r"^- `(?P<title>[^<`]+) <(?P<address>https://[^>]+)>`__$", re.MULTILINE)
REPOSITORY = re.compile(
    r"(?P<repository>https://github\.com/[^/]+/[^/]+)/(?:blob|tree|raw)/(?P<branch>[^/]+)/(?P<path>.+)"
)
FENCE = re.compile(r"^(?P<mark>```+|~~~+).*?^(?P=mark)\s*$", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"(?P<open>\]\()(?P<target>[^)\s#]*)(?P<anchor>#[^)\s]+)?\)")
PLUGIN = re.compile(r"plugins/(?P<kind>modules|filter)/(?P<name>\w+)\.(?:py|yml)")
KINDS = {"modules": "module", "filter": "filter"}
IMAGES = (".png", ".svg")


class Pages:
    """What ``guides.rst`` lists, in its sections.

    ``sections`` maps a section's title to names of documents (``docsite/guide_set``), ``names`` the path of a Markdown
    file in the repository to the name of its document.
    """

    def __init__(self, root: pathlib.Path) -> None:
        self.root = root
        self.sections: dict[str, list[str]] = {}
        self.names: dict[str, str] = {}
        self.repository = self.branch = ""
        _before, *parts = SECTION.split((root / INDEX).read_text())
        for title, entries in zip(parts[::2], parts[1::2]):
            self.sections[title] = [self._add(entry["address"]) for entry in ENTRY.finditer(entries)]

    def _add(self, address: str) -> str:
        found = REPOSITORY.fullmatch(address)
        if not found or not (self.root / found["path"]).is_file():
            sys.exit(f"{INDEX}: {address} is no file of this repository.")
        self.repository, self.branch = found["repository"], found["branch"]
        path = pathlib.PurePosixPath(found["path"])
        stem = "_".join(path.parent.parts[1:]) if path.stem == "README" else path.stem
        self.names[found["path"]] = "docsite/" + stem.lower()
        return self.names[found["path"]]

    def write(self, source: pathlib.Path) -> None:
        """Put all pages, and the images in them, where Sphinx reads."""
        for path, name in self.names.items():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            (source / f"{name}.md").write_text(self.page(path, source))

    def page(self, path: str, source: pathlib.Path) -> str:
        """A file's text with its links as the site has them."""
        text = (self.root / path).read_text()
        start, parts = 0, []
        for fence in FENCE.finditer(text):
            parts += [self._linked(text[start : fence.start()], path, source), fence[0]]
            start = fence.end()
        return "".join([*parts, self._linked(text[start:], path, source)])

    def _linked(self, text: str, path: str, source: pathlib.Path) -> str:
        def replaced(link: re.Match[str]) -> str:
            inside = self._inside(link["target"], path)
            if not inside:
                return link[0]
            target = self.target(inside, path, source)
            # The first page of the site is not README.md, and has other headings.
            anchor = "" if target.endswith("index.rst") else link["anchor"] or ""
            return f"{link['open']}{target}{anchor})"

        return LINK.sub(replaced, text)

    def _inside(self, target: str, path: str) -> str | None:
        """The path in the repository of what a link of the file ``path`` leads to; None where it leads elsewhere."""
        shown = REPOSITORY.fullmatch(target)
        if shown and shown["repository"] == self.repository:
            found = shown["path"]
        elif not target or re.match(r"\w+:", target):
            return None
        else:
            found = os.path.normpath(os.path.join(os.path.dirname(path), target))
        if not (self.root / found).exists():
            sys.exit(f"{path}: the link {target} leads nowhere.")
        return found

    def target(self, found: str, path: str, source: pathlib.Path) -> str:
        """What the site has for a path in the repository: a page, an image that is copied, or the address there."""
        folder = os.path.dirname(self.names[path])
        plugin = PLUGIN.fullmatch(found)
        if found in self.names:
            return os.path.relpath(self.names[found], folder) + ".md"
        if plugin:
            return os.path.relpath(f"{plugin['name']}_{KINDS[plugin['kind']]}", folder) + ".rst"
        if found == "README.md":
            return os.path.relpath("index", folder) + ".rst"
        if found.endswith(IMAGES):
            shutil.copy(self.root / found, source / folder)
            return os.path.basename(found)
        kind = "tree" if (self.root / found).is_dir() else "blob"
        return f"{self.repository}/{kind}/{self.branch}/{found}"
