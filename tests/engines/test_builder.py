# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What ansible-builder makes of the collection and of the example of an execution environment. No image is built."""

from __future__ import annotations

import pathlib
import re
import subprocess
import sys

import yaml
from packaging.requirements import Requirement
from packaging.version import Version

from tests.conftest import COLLECTIONS, ROOT
from tests.playbooks import clean_environment

BUILDER = pathlib.Path(sys.executable).with_name("ansible-builder")
EXAMPLE = ROOT / "docs" / "examples" / "execution-environment" / "execution-environment.yml"


def build(*arguments):
    done = subprocess.run(
        [str(BUILDER), *arguments], env=clean_environment(), capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0 and "WARNING" not in done.stdout + done.stderr, done.stdout + done.stderr
    return done.stdout


def test_introspection_finds_what_the_collection_needs(tmp_path):
    written = tmp_path / "requirements.txt"
    build("introspect", "--write-pip", str(written), str(COLLECTIONS))
    needed = [line.partition("#")[0].strip() for line in written.read_text().splitlines() if "bitrix24.portal" in line]
    assert needed == [line for line in (ROOT / "requirements.txt").read_text().splitlines() if not line.startswith("#")]


def test_the_example_becomes_the_recipe_of_an_image_with_the_collection_in_it(tmp_path):
    build("create", "--file", str(EXAMPLE), "--context", str(tmp_path), "--output-filename", "Containerfile")
    recipe = (tmp_path / "Containerfile").read_text()
    installed = yaml.safe_load((tmp_path / "_build" / "requirements.yml").read_text())["collections"]
    assert [one["name"] for one in installed] == ["bitrix24.portal"] and "introspect" in recipe
    # The recipe hands them to the shell without quotes.
    (words,) = re.findall(r'^ARG ANSIBLE_INSTALL_REFS="(.+)"$', recipe, re.MULTILINE)
    core, runner = map(Requirement, words.split())
    assert core.name == "ansible-core" and runner.name == "ansible-runner"
    supported = yaml.safe_load((ROOT / "meta" / "runtime.yml").read_text())["requires_ansible"]
    assert (
        Version("2.19.3") in core.specifier and Version("2.19.3") in Requirement(f"ansible-core{supported}").specifier
    )
