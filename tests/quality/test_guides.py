# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbooks and the links in README.md and the guides."""

from __future__ import annotations

import re
import shlex
import subprocess

import pytest
import yaml

from tests.conftest import ROOT
from tests.demo.state import STATE
from tests.playbooks import clean_environment
from tests.quality.documented import run_as_documented, run_on, write_files, yaml_blocks
from tests.release.addresses import address_of, changes, path_of, repository
from tests.simulator.server import Simulator

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), ROOT / "docs" / "examples" / "fleet" / "README.md"]
LINKED = [*PAGES, ROOT / "SECURITY.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "roles").glob("*/README.md"))]
GUIDES = sorted((ROOT / "docs").glob("guide_*.md"))
README = (ROOT / "README.md").read_text()


def playbooks():
    """Those that run by themselves; what wants an approval has a test of its own."""
    for page in PAGES:
        for number, block in enumerate(yaml_blocks(page), 1):
            plays = yaml.safe_load(block)
            if isinstance(plays, list) and plays[0].get("hosts") == "localhost" and "{{ approved }}" not in block:
                yield pytest.param(page, plays, id="%s-%d" % (page.stem, number))


@pytest.mark.parametrize("page, plays", list(playbooks()))
def test_a_playbook_of_the_documentation_runs_as_it_stands(page, plays, tmp_path):
    write_files(page, tmp_path)
    assert run_as_documented(plays, tmp_path)


def test_the_allow_list_is_only_planned_until_a_second_playbook_is_given_its_digest(tmp_path):
    page = ROOT / "docs" / "guide_set.md"
    write_files(page, tmp_path)
    first, second = [
        plays
        for plays in map(yaml.safe_load, yaml_blocks(page))
        if isinstance(plays, list) and plays[0].get("vars_files") == ["providers.yml"]
    ]
    with Simulator() as simulator:
        simulator.state = STATE
        before = simulator.state
        told = run_on(simulator, first, tmp_path)
        assert simulator.state["services"] == before["services"]
        digest = re.search(r"digest: (\w+)", told.replace('"', ""))[1]
        run_on(simulator, second, tmp_path, approved=digest)
        assert {row["NAME"] for row in simulator.state["services"] if row["ACTIVE"] == "Y"} >= {"Company mail"}
        assert simulator.state["services"] != before["services"]


@pytest.mark.parametrize("name", sorted(path.stem for path in (ROOT / "plugins" / "modules").glob("*.py")))
def test_the_readme_leads_to_the_documentation_of_each_module(name):
    assert "/plugins/modules/%s.py)" % name in README


def test_the_first_command_on_a_portal_of_ones_own_only_asks_who_one_is(tmp_path):
    text = (ROOT / "docs" / "guide_start.md").read_text()
    commands = re.findall(r"^\$ (ansible[^\n]* bitrix24\.portal\.portal_info)$", text, re.MULTILINE)
    assert commands == ["ansible localhost -m bitrix24.portal.portal_info"]
    with Simulator() as simulator:
        environment = clean_environment(B24_WEBHOOK_URL=simulator.webhook())
        done = subprocess.run(
            shlex.split(commands[0]), cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0 and "verdict" in done.stdout, done.stdout + done.stderr
        assert len(simulator.requests) == 1


def test_the_readme_has_the_headings_of_the_communitys_template_and_stays_short():
    assert re.findall(r"^## (.+)$", README, re.MULTILINE) == [
        "Description",
        "Requirements",
        "Installation",
        "Use Cases",
        "Testing",
        "Contributing",
        "Support",
        "Release Notes",
        "Related Information",
        "License Information",
    ]
    assert len(README.splitlines()) <= 130


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_webhook_reaches_every_playbook_as_the_one_vaulted_variable(page):
    # That of the simulator is no secret.
    text = page.read_text().replace("export B24_WEBHOOK_URL=http://127.0.0.1:8024/rest/1/adminsecret00001/", "")
    assert "portal_webhook" not in text and "export B24_WEBHOOK_URL=" not in text
    for block in yaml_blocks(page):
        for play in yaml.safe_load(block) if block.lstrip().startswith("- name:") or "\n- name:" in block else []:
            if "hosts" in play:
                assert play["module_defaults"] == {"group/bitrix24.portal.all": "{{ bitrix24_connection }}"}


def test_no_guide_has_the_webhook_typed_in_where_it_shows():
    for page in PAGES:
        for command in re.findall(r"^```console\n(.*?)^```", page.read_text(), re.DOTALL | re.MULTILINE):
            assert "--stdin-name" not in command or "read -rs" in command, page


def links(page):
    """(file or folder, heading) of each link of a page; None for what is not of this checkout."""
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text()):
        path, _hash, anchor = target.partition("#")
        if re.match("https?:", target):
            yield path_of(target, ROOT), anchor
        else:
            yield (page.parent / path if path else page), anchor


@pytest.mark.parametrize("page", LINKED, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_to_a_file_leads_somewhere(page):
    targets = [target for target, _anchor in links(page) if target is not None]
    assert [target for target in targets if not target.exists()] == []


def test_every_address_of_the_repository_follows_from_galaxy_yml_and_galaxy_shows_no_relative_link():
    there = repository((ROOT / "galaxy.yml").read_text())
    assert changes(ROOT, there) == {}
    about = yaml.safe_load((ROOT / "galaxy.yml").read_text())
    assert [about[key].startswith(there) for key in ("homepage", "documentation", "issues")] == [True] * 3
    # Whatever else is named like it would be the old address.
    name = there.rpartition("/")[2]
    for page in LINKED:
        assert [link for link in re.findall(rf"https?://[^\s)]*/{name}", page.read_text()) if link != there] == []


def anchors(page):
    """What a forge makes of the headings."""
    headings = re.findall(r"^#+ (.*)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", LINKED, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_to_a_heading_leads_to_one(page):
    for target, anchor in links(page):
        assert not anchor or target is None or anchor in anchors(target), (target, anchor)


@pytest.mark.parametrize("page", GUIDES, ids=lambda page: page.stem)
def test_the_title_of_a_guide_is_its_readers_question_and_the_readme_asks_it(page):
    title = page.read_text().partition("\n")[0].partition("# ")[2]
    assert title.endswith("?") and "[%s](%s)" % (title, address_of(page, ROOT)) in README


def test_what_is_reversible_stands_once():
    heads = [page.name for page in PAGES if re.search(r"^#+ What is reversible", page.read_text(), re.MULTILINE)]
    assert heads == ["guide_set.md"]
    assert "guide_set.md#what-is-reversible" in (ROOT / "docs" / "guide_adopt.md").read_text()
