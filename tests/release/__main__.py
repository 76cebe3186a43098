# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""make release VERSION=…: the changelog of the fragments, the version everywhere, a commit, and of that commit all that is uploaded.

Called again on that commit, it makes the same files anew. Nothing leaves the machine.
"""

from __future__ import annotations

import hashlib
import os
import pathlib
import re
import shlex
import subprocess
import sys

import yaml
from semantic_version import Version

from tests.quality.checkout import BIN
from tests.release.addresses import changes, repository
from tests.release.sbom import sbom
from tests.release.tarball import build, commit_time

CHANGELOG = "changelogs/changelog.yaml"
VERSIONS = {
    "galaxy.yml": re.compile(r"(?<=^version: ).*$", re.MULTILINE),
    "plugins/module_utils/_version.py": re.compile(r'(?<=^VERSION = ").*(?="$)', re.MULTILINE),
}
"""Where the version stands."""

LEFT = """
The files are in {folder}. What is left to you:
  1. Open {repository}: is that still the address? If not, change it in galaxy.yml, then make addresses, and release again.
  2. Read CHANGELOG.md, and what the commit changes: git show
  3. git tag --sign {version} --message 'Release {version}' && git push origin HEAD {version}
  4. gpg --armor --detach-sign {folder}/SHA256SUMS
  5. ansible-galaxy collection publish {tarball}
  6. Put all files of {folder} beside the tag.
"""


def git(root, *arguments):
    return subprocess.run(["git", *arguments], cwd=root, capture_output=True, text=True, check=True).stdout


def releases(root):
    return yaml.safe_load((root / CHANGELOG).read_text())["releases"]


def fragments(root):
    return sorted(path.name for path in (root / "changelogs" / "fragments").glob("*.y*ml"))


def is_made(root, version):
    """Whether the commit has the version already, and no fragment waits."""
    stands = {name: pattern.search((root / name).read_text()) for name, pattern in VERSIONS.items()}
    return version in releases(root) and not fragments(root) and all(found[0] == version for found in stands.values())


def check(root, version):
    """Exit with a sentence unless this version can be made here now."""
    if not re.fullmatch(r"(?:0|[1-9]\d*)(?:\.(?:0|[1-9]\d*)){2}(?:-[0-9A-Za-z.-]+)?", version):
        sys.exit(f"VERSION must be like 1.4.0, not {version!r}: make release VERSION=1.4.0")
    if git(root, "status", "--porcelain", "--untracked-files=no"):
        sys.exit("There are changes that are not committed: git status shows them. Commit them or put them away first.")
    if git(root, "tag", "--list", version):
        sys.exit(f"{version} has been released: there is a tag of that name. Choose the next one.")
    newest = max(map(Version, releases(root)), default=Version("0.0.0"))
    if Version(version) < newest or (Version(version) == newest and not is_made(root, version)):
        sys.exit(f"The changelog has {newest} already, so {version} cannot be made any more. Choose a later one.")
    wrong = sorted(changes(root, repository((root / "galaxy.yml").read_text())))
    if wrong:
        sys.exit("Links have to be made absolute first, in %s: make addresses, then commit." % ", ".join(wrong))


def make(root, version):
    """The version and the changelog, committed; or everything as it was."""
    touched = ["CHANGELOG.md", "changelogs", *VERSIONS]
    try:
        for name, pattern in VERSIONS.items():
            (root / name).write_text(pattern.sub(version, (root / name).read_text()))
        # The program looks for ansible-doc on the PATH.
        environment = dict(os.environ, PATH=os.pathsep.join([str(BIN), os.environ["PATH"]]))
        for arguments in (["lint"], ["release", "--version", version, "--reload-plugins"]):
            subprocess.run([BIN / "antsibull-changelog", *arguments], cwd=root, env=environment, check=True)
        git(root, "add", *touched)
        git(root, "commit", "--message", f"Release {version}")
    except subprocess.CalledProcessError as failure:
        git(root, "restore", "--staged", "--worktree", "--", *touched)
        told = (failure.stderr or "").strip()
        sys.exit(f"{shlex.join(map(str, failure.cmd))} failed; all files are as they were. {told}")


def publishable(root, version):
    """Write what is uploaded to dist/VERSION and return that folder, and the tarball."""
    folder = root / "dist" / version
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.iterdir():
        old.unlink()
    tarball = build(root, folder)
    bill = folder / f"{tarball.name.removesuffix('.tar.gz')}.cdx.json"
    bill.write_text(sbom(root, tarball, commit_time(root)))
    sums = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in (bill, tarball)]
    (folder / "SHA256SUMS").write_text("".join(sums))
    return folder, tarball


def main(version):
    root = pathlib.Path.cwd()
    check(root, version)
    if not is_made(root, version):
        make(root, version)
    folder, tarball = publishable(root, version)
    home = repository((root / "galaxy.yml").read_text())
    shown, file = folder.relative_to(root), tarball.relative_to(root)
    print(LEFT.format(folder=shown, tarball=file, repository=home, version=version).lstrip("\n"), end="")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "")
