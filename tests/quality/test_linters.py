# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The linters, on a copy of the checkout."""

from __future__ import annotations

import subprocess

import pytest

from tests.conftest import ROOT
from tests.quality.checkout import run, tracked_files


def test_the_code_is_formatted_and_the_linter_finds_nothing():
    run("ruff", "format", "--check", "plugins", "tests", "docs", cwd=ROOT)
    run("ruff", "check", "plugins", "docs", cwd=ROOT)


def test_every_function_of_the_plugins_is_annotated_and_the_types_agree():
    run("mypy", "-p", "ansible_collections.bitrix24.portal.plugins", cwd=ROOT)


def test_ansible_lint_passes_in_the_production_profile(checkout):
    output = run("ansible-lint", "--profile", "production", "--offline", "--nocolor", cwd=checkout)
    assert "Profile 'production' was required, and it passed" in output


def test_the_documentation_of_every_plugin_is_in_order(checkout):
    run("antsibull-docs", "lint-collection-docs", "--plugin-docs", "--check-extra-docs-refs", ".", cwd=checkout)


def test_the_changelog_fragments_are_in_order(checkout):
    run("antsibull-changelog", "lint", cwd=checkout)


def test_the_changelog_itself_is_in_order(checkout):
    run("antsibull-changelog", "lint-changelog-yaml", "changelogs/changelog.yaml", cwd=checkout)


@pytest.mark.parametrize(
    "name", [name for name in tracked_files() if (ROOT / name).read_bytes().startswith(b"#!/usr/bin/env bash")]
)
def test_bash_can_read(name):
    subprocess.run(["bash", "-n", ROOT / name], check=True)
