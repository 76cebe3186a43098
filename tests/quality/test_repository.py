# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What surrounds the code: licences, workflows, hooks, editors' settings."""

from __future__ import annotations

import re
import shlex
import subprocess

import pytest
import yaml

from tests.conftest import ROOT
from tests.playbooks import clean_environment
from tests.quality.checkout import BIN, run, tracked_files

OWN = ".github/workflows/tests.yml"
EXAMPLE = "docs/examples/github-actions.yml"
WORKFLOWS = [OWN, EXAMPLE]
TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
HOOKS = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"][0]["hooks"]


def test_every_file_says_who_holds_its_copyright_and_under_which_licence(checkout):
    assert "compliant with version" in run("reuse", "lint", cwd=checkout)


@pytest.mark.parametrize("name", WORKFLOWS)
def test_zizmor_finds_nothing_in_a_workflow(name):
    assert "No findings to report" in run("zizmor", "--offline", "--no-progress", "--format", "plain", name, cwd=ROOT)


def test_an_action_is_a_commit_the_same_everywhere_and_the_release_stands_beside_it():
    used = [line for name in WORKFLOWS for line in (ROOT / name).read_text().splitlines() if "uses:" in line]
    pins = [re.fullmatch(r" +(?:- )?uses: ([\w/-]+)@([0-9a-f]{40})  # v(\d+\.\d+\.\d+)", line) for line in used]
    assert len(used) >= 5 and None not in pins, used
    commits = {}
    for action, commit, version in (pin.groups() for pin in pins):
        commits.setdefault(action, set()).add((commit, version))
    assert [action for action, found in commits.items() if len(found) > 1] == []


def test_the_workflow_runs_what_people_run():
    jobs = yaml.safe_load((ROOT / OWN).read_text())["jobs"]
    commands = [shlex.split(step["run"]) for job in jobs.values() for step in job["steps"] if "run" in step]
    assert [".ci/run"] in commands
    for program, *arguments in commands:
        assert (ROOT / program).exists() or (program == "make" and arguments[0] in TARGETS), (program, arguments)


@pytest.mark.parametrize("hook", HOOKS, ids=lambda hook: hook["id"])
def test_a_hook_runs_a_program_that_make_venv_has_installed(hook):
    program = shlex.split(hook["entry"])[0]
    assert hook["language"] == "system" and program.startswith(".venv/bin/")
    assert (BIN / program.rpartition("/")[2]).exists()


def test_the_hooks_pass_on_every_file(checkout):
    link = checkout / ".venv"
    link.symlink_to(BIN.parent)
    environment = {"PRE_COMMIT_HOME": str(checkout.parent / "pre-commit")}
    try:
        for command in (["git", "init", "--quiet"], ["git", "add", "--all"]):
            subprocess.run(command, cwd=checkout, env=clean_environment(), check=True)
        run("pre-commit", "run", "--all-files", cwd=checkout, **environment)
    finally:
        link.unlink()


def text_files():
    for name in tracked_files():
        try:
            text = (ROOT / name).read_bytes().decode()
        except UnicodeDecodeError:
            continue
        if text and name not in ("LICENSE", "LICENSES/GPL-3.0-or-later.txt"):
            yield name, text


def test_every_text_ends_its_last_line_and_has_no_blanks_that_nobody_sees():
    wrong = [
        name
        for name, text in text_files()
        if "\r" in text
        or not text.endswith("\n")
        or (not name.endswith((".md", ".jsonl")) and re.search(r"[ \t]$", text, re.MULTILINE))
    ]
    assert wrong == []


def test_only_what_its_own_tools_indent_by_tabs_is_indented_so():
    tabs = {name for name, text in text_files() if re.search(r"^\t", text, re.MULTILINE)}
    assert {name for name in tabs if not name.endswith(".rego")} == {"Makefile"}
