# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbooks and the links in README.md and the guides."""

from __future__ import annotations

import re

import pytest
import yaml

from tests.conftest import ROOT
from tests.quality.documented import run_as_documented

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def playbooks():
    for page in PAGES:
        for number, block in enumerate(
            re.findall(r"^```yaml\n(.*?)^```", page.read_text(), re.DOTALL | re.MULTILINE), 1
        ):
            plays = yaml.safe_load(block)
            if isinstance(plays, list) and plays[0].get("hosts") == "localhost":
                yield pytest.param(plays, id="%s-%d" % (page.stem, number))


@pytest.mark.parametrize("plays", list(playbooks()))
def test_a_playbook_of_the_documentation_runs_as_it_stands(plays, tmp_path):
    assert run_as_documented(plays, tmp_path)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_link_to_a_file_leads_somewhere(page):
    targets = re.findall(r"\]\((?!https?:)([^)#]+)[^)]*\)", page.read_text())
    assert [target for target in targets if not (page.parent / target).exists()] == []
