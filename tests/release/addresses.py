# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""make addresses: every text has the repository's address that galaxy.yml has, and what Galaxy shows has no relative link."""

from __future__ import annotations

import pathlib
import re
import subprocess
import urllib.parse

import yaml

from tests.quality.checkout import tracked_files

SHOWN_BY_GALAXY = re.compile(r"(?:roles/\w+/)?README\.md")
LINK = re.compile(r"(!?)(\[[^\]]*\])\((?!https?://|#)([^)\s]+)\)")


def repository(galaxy):
    """The address in the text of a galaxy.yml."""
    return yaml.safe_load(galaxy)["repository"]


def address_of(path, root, image=False):
    """Where a file or folder of the checkout is to be seen."""
    how = "raw" if image else "tree" if path.is_dir() else "blob"
    return f"{repository((root / 'galaxy.yml').read_text())}/{how}/main/{path.relative_to(root).as_posix()}"


def path_of(address, root):
    """The file or folder of the checkout that an address shows; None for an address of somebody else."""
    start = re.escape(repository((root / "galaxy.yml").read_text()))
    shown = re.fullmatch(rf"{start}/(?:blob|tree|raw)/main/([^#]+)(?:#.*)?", address)
    return root / shown[1] if shown else None


def absolute_links(name, text, root):
    """The text of a page in which every relative link to a file is the address of that file."""

    def replaced(link):
        image, words, target = link.groups()
        path, hash_sign, anchor = target.partition("#")
        found = ((root / name).parent / path).resolve()
        return f"{image}{words}({address_of(found, root, bool(image))}{hash_sign}{anchor})"

    return LINK.sub(replaced, text)


def renamed(text, before, now):
    """The text with another address of the repository; docs/docsite/links.yml has its last two parts alone."""
    parts = [urllib.parse.urlsplit(address).path.strip("/") for address in (before, now)]
    return text.replace(before, now).replace("  repository: %s\n" % parts[0], "  repository: %s\n" % parts[1])


def changes(root, before):
    """{name: text} of the files that would be others; ``before``: the address that the last commit has."""
    now = repository((root / "galaxy.yml").read_text())
    changed = {}
    for name in tracked_files(root):
        try:
            text = (root / name).read_text()
        except UnicodeDecodeError:
            continue
        wanted = text if name == "galaxy.yml" else renamed(text, before, now)
        if SHOWN_BY_GALAXY.fullmatch(name):
            wanted = absolute_links(name, wanted, root)
        if wanted != text:
            changed[name] = wanted
    return changed


def main():
    root = pathlib.Path.cwd()
    last = subprocess.run(["git", "show", "HEAD:galaxy.yml"], capture_output=True, text=True, check=True).stdout
    for name, text in changes(root, repository(last)).items():
        (root / name).write_text(text)
        print("Changed:", name)


if __name__ == "__main__":
    main()
