# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""make release, in a repository of its own that holds the checkout as one commit."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys

import pytest
import yaml
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from tests.conftest import ROOT
from tests.playbooks import clean_environment
from tests.quality.checkout import run, tracked_files
from tests.release.addresses import repository

WHO = {f"GIT_{role}_{what}": "somebody@example.com" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
TARBALL = "bitrix24-portal-{}.tar.gz"
NEXT = "1.0.0"


def git(folder, *arguments):
    command = ["git", *arguments]
    done = subprocess.run(
        command, cwd=folder, env=clean_environment(**WHO), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def release(folder, version):
    command = [sys.executable, "-m", "tests.release", version]
    return subprocess.run(
        command, cwd=folder, env=clean_environment(**WHO), capture_output=True, text=True, timeout=600, check=False
    )


def committed(folder):
    """The checkout as a repository with one commit."""
    for name in tracked_files():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, folder / name)
    git(folder, "init", "--quiet")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "As it stands")
    return folder


@pytest.fixture(scope="module")
def before(tmp_path_factory):
    return committed(tmp_path_factory.mktemp("before"))


@pytest.mark.parametrize("version", ["", "1", "v1.0.0", "1.0.0 ", "1.02.0", "../1.0.0"])
def test_what_is_no_version_is_refused_in_a_line(before, version):
    done = release(before, version)
    assert done.returncode == 1 and done.stderr.startswith("VERSION must be like 1.4.0"), done.stderr
    assert done.stderr.count("\n") == 1 and git(before, "status", "--porcelain") == ""


def test_a_version_that_has_a_tag_is_refused(before):
    git(before, "tag", "9.9.9")
    done = release(before, "9.9.9")
    git(before, "tag", "--delete", "9.9.9")
    assert (done.returncode, "9.9.9 has been released" in done.stderr) == (1, True), done.stderr


def test_changes_that_are_not_committed_are_not_carried_into_a_release(before):
    page = before / "SECURITY.md"
    text = page.read_text()
    page.write_text(text + "\nMore.\n")
    done = release(before, NEXT)
    page.write_text(text)
    assert (done.returncode, "not committed" in done.stderr) == (1, True), done.stderr


def test_a_release_that_fails_on_its_way_leaves_everything_as_it_was(before):
    fragment = before / "changelogs" / "fragments" / "broken.yml"
    fragment.write_text("no_such_section:\n  - Text.\n")
    done = release(before, NEXT)
    fragment.unlink()
    assert done.returncode == 1 and "all files are as they were" in done.stderr and "Traceback" not in done.stderr
    assert git(before, "status", "--porcelain") == "" and len(git(before, "log", "--oneline").splitlines()) == 1


@pytest.fixture(scope="module")
def released(before, tmp_path_factory):
    """(the repository in which a release was made, what was printed)"""
    folder = tmp_path_factory.mktemp("released") / "clone"
    git(before, "clone", "--quiet", str(before), str(folder))
    done = release(folder, NEXT)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder, done.stdout


@pytest.mark.long
def test_the_changelog_holds_every_fragment_and_none_is_left(before, released):
    folder, _printed = released
    made = yaml.safe_load((folder / "changelogs" / "changelog.yaml").read_text())["releases"][NEXT]
    told = json.dumps(made["changes"], ensure_ascii=False)
    for fragment in (before / "changelogs" / "fragments").glob("*.yml"):
        for texts in yaml.safe_load(fragment.read_text()).values():
            for text in [texts] if isinstance(texts, str) else texts:
                assert json.dumps(text, ensure_ascii=False)[1:-1] in told, fragment.name
    assert list((folder / "changelogs" / "fragments").glob("*.yml")) == []
    assert f"## v{NEXT}".replace(".", "\\.") in (folder / "CHANGELOG.md").read_text()


@pytest.mark.long
def test_the_version_stands_everywhere_and_all_of_it_is_committed(released):
    folder, _printed = released
    assert yaml.safe_load((folder / "galaxy.yml").read_text())["version"] == NEXT
    assert f'VERSION = "{NEXT}"' in (folder / "plugins" / "module_utils" / "_version.py").read_text()
    assert git(folder, "status", "--porcelain") == ""
    assert git(folder, "log", "-1", "--format=%s").strip() == f"Release {NEXT}"


@pytest.mark.long
def test_it_says_what_is_left_to_a_person(released):
    folder, printed = released
    home = repository((folder / "galaxy.yml").read_text())
    for words in (f"Open {home}", "git tag --sign", "gpg ", f"publish dist/{NEXT}/{TARBALL.format(NEXT)}"):
        assert words in printed
    assert git(folder, "tag") == ""


@pytest.mark.long
def test_the_same_commit_gives_the_same_bytes_elsewhere(released, tmp_path):
    folder, _printed = released
    other = tmp_path / "another folder"
    umask = os.umask(0o077)
    try:
        git(folder, "clone", "--quiet", str(folder), str(other))
        done = release(other, NEXT)
    finally:
        os.umask(umask)
    assert done.returncode == 0, done.stderr
    files = sorted(path.name for path in (folder / "dist" / NEXT).iterdir())
    assert files == ["SHA256SUMS", f"bitrix24-portal-{NEXT}.cdx.json", TARBALL.format(NEXT)]
    for name in files:
        assert (folder / "dist" / NEXT / name).read_bytes() == (other / "dist" / NEXT / name).read_bytes(), name


@pytest.mark.long
def test_the_checksums_are_those_of_the_files(released):
    folder, _printed = released
    lines = (folder / "dist" / NEXT / "SHA256SUMS").read_text().splitlines()
    assert len(lines) == 2
    for digest, name in (line.split("  ") for line in lines):
        assert hashlib.sha256((folder / "dist" / NEXT / name).read_bytes()).hexdigest() == digest


@pytest.mark.long
def test_the_bill_of_materials_is_valid_and_names_the_tarball_and_what_it_needs(released):
    folder, _printed = released
    text = (folder / "dist" / NEXT / f"bitrix24-portal-{NEXT}.cdx.json").read_text()
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    bill = json.loads(text)
    tarball = (folder / "dist" / NEXT / TARBALL.format(NEXT)).read_bytes()
    assert bill["metadata"]["component"]["hashes"][0]["content"] == hashlib.sha256(tarball).hexdigest()
    assert sorted(component["purl"] for component in bill["components"]) == [
        "pkg:pypi/ansible-core",
        "pkg:pypi/requests",
    ]


@pytest.mark.long
def test_the_tarball_installs_and_its_manifest_agrees_with_what_is_in_it(released, checkout, tmp_path):
    folder, _printed = released
    tarball = folder / "dist" / NEXT / TARBALL.format(NEXT)
    there = {"ANSIBLE_COLLECTIONS_PATH": str(tmp_path)}
    galaxy = ("ansible-galaxy", "collection")
    run(*galaxy, "install", "--offline", "-p", tmp_path, tarball, cwd=checkout, **there)
    verified = run(*galaxy, "verify", "--offline", "-p", tmp_path, "bitrix24.portal", cwd=checkout, **there)
    assert "Successfully verified" in verified
