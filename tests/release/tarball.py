# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The collection's tarball, built of a commit: the same commit gives the same bytes."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import pathlib
import subprocess
import tarfile
import tempfile

from tests.quality.checkout import BIN


def commit_time(root):
    """When the commit was made, in seconds of Unix."""
    return int(subprocess.run(["git", "log", "-1", "--format=%ct"], cwd=root, capture_output=True, check=True).stdout)


def build(root, folder):
    """Build the commit that is checked out in root, without anything that is not in it. Returns the tarball's path."""
    with tempfile.TemporaryDirectory() as temporary:
        archive = subprocess.run(["git", "archive", "HEAD"], cwd=root, capture_output=True, check=True).stdout
        with tarfile.open(fileobj=io.BytesIO(archive)) as files:
            files.extractall(f"{temporary}/source", filter="data")
        command = [BIN / "ansible-galaxy", "collection", "build", f"{temporary}/source", "--output-path", temporary]
        subprocess.run(command, capture_output=True, check=True)
        return _settle(pathlib.Path(temporary), folder, commit_time(root))


def _settle(built, folder, time):
    """Copy the tarball of a folder; of what differs from one build to the next nothing stays: times, owners, orders."""
    (found,) = built.glob("*.tar.gz")
    with tarfile.open(found) as archive:
        members = {member.name: member for member in archive.getmembers()}
        contents = {name: archive.extractfile(member).read() for name, member in members.items() if member.isfile()}
    listed = json.loads(contents["FILES.json"])
    listed["files"].sort(key=lambda file: file["name"])
    contents["FILES.json"] = _json(listed)
    manifest = json.loads(contents["MANIFEST.json"])
    manifest["file_manifest_file"]["chksum_sha256"] = hashlib.sha256(contents["FILES.json"]).hexdigest()
    contents["MANIFEST.json"] = _json(manifest)
    path = folder / found.name
    with (
        open(path, "wb") as raw,
        gzip.GzipFile(filename="", fileobj=raw, mode="wb", mtime=time) as zipped,
        tarfile.open(fileobj=zipped, mode="w", format=tarfile.GNU_FORMAT) as archive,
    ):
        # Galaxy reads the manifests first.
        for name in sorted(members, key=lambda name: (name not in ("MANIFEST.json", "FILES.json"), name)):
            member, content = members[name], contents.get(name)
            member.mtime, member.uid, member.gid, member.uname, member.gname = time, 0, 0, "", ""
            member.size = len(content or b"")
            member.pax_headers = {}
            archive.addfile(member, None if content is None else io.BytesIO(content))
    return path


def _json(value):
    return (json.dumps(value, indent=1, sort_keys=True) + "\n").encode()
