# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""make docs: plugin pages by antsibull-docs, guides from their Markdown, HTML by Sphinx; without a network.

The list of guides is docs/docsite/rst/guides.rst, which any antsibull-docs takes as it is: a page of links to the
repository. Here its sections become sections of the collection's first page, and its links the pages themselves.
"""

from __future__ import annotations

import json
import os
import pathlib
import shutil
import subprocess
import sys

import yaml
from links import check
from pages import Pages

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
COLLECTION = "bitrix24.portal"


def main(built: pathlib.Path) -> None:
    """Build everything in the folder ``built``, of which nothing older is kept. A warning is an error."""
    shutil.rmtree(built, ignore_errors=True)
    source, html = built / "rst", built / "html"
    source.mkdir(parents=True)
    source.chmod(0o755)
    pages = Pages(ROOT)
    collections = collection_with(pages, built / "collections")
    run(
        *("antsibull-docs", "collection", "--use-current", "--squash-hierarchy", "--fail-on-error"),
        *("--no-add-antsibull-docs-version", "--dest-dir", source, COLLECTION),
        ANSIBLE_COLLECTIONS_PATH=str(collections),
    )
    (source / "docsite" / "guides.rst").unlink()
    pages.write(source)
    run("sphinx-build", "-q", "-W", "--keep-going", "-c", HERE, "-d", built / "doctrees", source, html)
    external = check(html)
    listed = built / "external-links.txt"
    listed.write_text("".join(f"{address}\n" for address in external))
    print(f"{html / 'index.html'}: every link and anchor inside leads somewhere.")
    print(f"{listed}: {len(external)} links to elsewhere, which nobody looked at.")


def collection_with(pages: Pages, folder: pathlib.Path) -> pathlib.Path:
    """The collection as it stands, but with a section of guides for each of ``pages``, below ``folder``."""
    copy = folder.joinpath("ansible_collections", *COLLECTION.split("."))
    copy.mkdir(parents=True)
    for name in ("changelogs", "galaxy.yml", "meta", "playbooks", "plugins", "roles"):
        (copy / name).symlink_to(ROOT / name)
    shutil.copytree(ROOT / "docs" / "docsite", copy / "docs" / "docsite")
    sections = [
        {"title": title, "toctree": [name.removeprefix("docsite/") for name in names]}
        for title, names in pages.sections.items()
    ]
    # antsibull-docs makes this page and links to it from no other.
    sections.append({"title": "Environment variables", "toctree": ["../environment_variables"]})
    # Before the first release antsibull-docs would make a page without a title.
    if not yaml.safe_load((ROOT / "changelogs" / "changelog.yaml").read_text())["releases"]:
        (copy / "docs" / "docsite" / "config.yml").unlink()
    # JSON is YAML.
    (copy / "docs" / "docsite" / "extra-docs.yml").write_text(json.dumps({"sections": sections}))
    return folder


def run(*command: object, **environment: str) -> None:
    """Run a program of the virtual environment; ends with what it ended with."""
    programs = str(pathlib.Path(sys.executable).parent)
    surroundings = dict(os.environ, PATH=os.pathsep.join([programs, os.environ["PATH"]]), **environment)
    done = subprocess.run([str(part) for part in command], cwd=ROOT, env=surroundings, check=False)
    if done.returncode:
        sys.exit(f"{command[0]} ended with {done.returncode}: see above.")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]).resolve())
