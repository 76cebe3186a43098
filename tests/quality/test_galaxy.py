# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What Galaxy says when the tarball is uploaded: its own importer, in a virtual environment of its own, since it pins old packages."""

from __future__ import annotations

import json
import pathlib
import re
import subprocess

import pytest

from tests.playbooks import clean_environment
from tests.quality.checkout import run
from tests.quality.environments import environment

IMPORTER = ["galaxy-importer ~= 0.4.44", "requests"]

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def imported(checkout, tmp_path_factory):
    """What the importer printed, and what it would hand to Galaxy."""
    python = environment("galaxy", IMPORTER, ["3.12", "3.11"])
    if python is None:
        pytest.skip("galaxy-importer wants Python 3.11 or 3.12: put one of them on the PATH.")
    folder = tmp_path_factory.mktemp("imported")
    run("ansible-galaxy", "collection", "build", "--output-path", folder, cwd=checkout)
    (tarball,) = folder.glob("bitrix24-portal-*.tar.gz")
    bin_folder = str(pathlib.Path(python).parent)
    variables = clean_environment(HOME=str(folder))
    variables["PATH"] = bin_folder + ":" + variables["PATH"]
    done = subprocess.run(
        [python, "-m", "galaxy_importer.main", tarball],
        cwd=folder,
        env=variables,
        capture_output=True,
        text=True,
        timeout=1200,
        check=False,
    )
    printed = done.stdout + done.stderr
    assert done.returncode == 0, printed
    return printed, json.loads((folder / "importer_result.json").read_text())


def test_the_importer_is_silent(imported):
    printed, _result = imported
    assert re.findall(r"^(?:ERROR|WARNING|CRITICAL).*", printed, re.MULTILINE) == [], printed
    assert "Linting collection via ansible-lint" in printed and "completed successfully" in printed


def test_galaxy_shows_the_readme_with_links_that_lead_somewhere(imported):
    _printed, result = imported
    page = result["docs_blob"]["collection_readme"]["html"]
    targets = re.findall(r'(?:href|src)="([^"]+)"', page)
    assert len(targets) > 10 and [target for target in targets if not re.match("https://|#", target)] == []


def test_galaxy_finds_every_module_role_and_playbook(imported):
    _printed, result = imported
    found = {(content["content_type"], content["name"]) for content in result["contents"]}
    for expected in (("module", "mailservice_set"), ("role", "mailservices"), ("playbook", "audit.yml")):
        assert expected in found, found
