# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What guides tell an administrator to type, typed; and that no guide shows anything which no test runs."""

from __future__ import annotations

import json
import re
import stat
import subprocess

import jq
import pytest
import yaml

from tests.conftest import ROOT
from tests.playbooks import clean_environment, run_tasks, shell
from tests.quality.documented import ADOPTED
from tests.simulator.oauth import CLIENT_ID, CLIENT_SECRET
from tests.simulator.server import Simulator

BLOCK = re.compile(r"^```(\w*)\n(.*?)^```", re.DOTALL | re.MULTILINE)
PAGES = [ROOT / "README.md", ROOT / "docs" / "examples" / "fleet" / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
SHOWN = ("text", "")
"""Languages of blocks that show something and are not to be typed."""
RUN_BY = {
    "guide_adopt.md": ["tests/roles/test_adoption.py"],
    "guide_audit.md": ["tests/audit/test_guide.py", "tests/quality/test_guide_steps.py"],
    "guide_awx.md": ["tests/engines/test_awx.py"],
    "guide_connect.md": ["tests/quality/test_guide_steps.py"],
    "guide_faults.md": ["tests/quality/test_guide_steps.py"],
    "guide_fleet.md": ["tests/roles/test_pipelines.py", "tests/policy/test_examples.py"],
    "guide_portal.md": ["tests/quality/test_guide_commands.py"],
    "guide_set.md": ["tests/quality/test_guides.py", "tests/quality/test_guide_steps.py"],
    "guide_simulator.md": ["tests/quality/test_guide_commands.py"],
    "guide_start.md": ["tests/quality/test_guide_steps.py"],
    "examples/fleet/README.md": ["tests/quality/test_guide_steps.py"],
}
"""Pages with more than playbooks for localhost, all of which run, and the tests that run the rest."""
NOT_RUN = {
    "$ ansible-galaxy collection install bitrix24.portal": "There is no Galaxy here; test_package installs what is built.",
    "$ ansible-galaxy collection install -r requirements.yml": "The same.",
    "$ git clone https://github.com/bitrix24/ansible-collection-portal bitrix24.portal": "This is the clone.",
    "$ make simulator": "It ends with Ctrl+C; test_demo starts it.",
}


def blocks(name):
    return BLOCK.findall((ROOT / "docs" / name).read_text())


def commands(name, program=""):
    """The commands of the console blocks, each with the lines that belong to it."""
    typed = [
        part.rstrip("\n")
        for language, text in blocks(name)
        if language == "console"
        for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]
    ]
    return [command for command in typed if command.startswith(program)]


class Administrator:
    """Somebody who types into bash in a folder of his own, with the vault's password in a file."""

    def __init__(self, folder, **environment):
        self.folder = folder
        (folder / "password").write_text("vault\n")
        self.environment = dict(environment, ANSIBLE_VAULT_PASSWORD_FILE=str(folder / "password"), HOME=str(folder))

    def types(self, command, stdin=""):
        done = shell(command.replace(" --ask-vault-pass", ""), self.folder, stdin, **self.environment)
        assert done.returncode == 0 and "[WARNING]" not in done.stderr, command + done.stdout + done.stderr
        assert "adminsecret00001" not in done.stdout + done.stderr
        return done.stdout


@pytest.fixture
def simulator():
    with Simulator() as simulator:
        simulator.state = ADOPTED
        yield simulator


@pytest.fixture
def administrator(tmp_path, simulator):
    """With connection.yml, made as the guide says."""
    person = Administrator(tmp_path)
    (connection,) = commands("guide_connect.md", "read -rsp 'Webhook (not shown): ' webhook;")
    person.types(connection, stdin=simulator.webhook() + "\n")
    assert "$ANSIBLE_VAULT" in (tmp_path / "connection.yml").read_text()
    return person


def test_who_begins_reads_then_sees_a_change_without_making_it_then_makes_it(administrator, simulator):
    for language, text in blocks("guide_start.md"):
        name = re.match(r"# (\w+\.yml)\n", text)
        if language == "yaml" and name:
            (administrator.folder / name[1]).write_text("---\n" + text)
    read, check, change = commands("guide_start.md", "ansible-playbook")
    assert "Company mail" in administrator.types(read)
    before = simulator.state
    told = administrator.types(check)
    assert "sort: 10" in told and "changed=1" in told and simulator.state == before
    assert "changed=1" in administrator.types(change)
    assert [row["SORT"] for row in simulator.state["services"] if row["NAME"] == "Company mail"] == ["10"]
    assert simulator.state["mailboxes"] == before["mailboxes"]
    assert "changed=0" in administrator.types(change)


def test_the_first_playbook_of_the_guide_to_connections_runs_as_its_command_says(administrator, simulator):
    (command,) = commands("guide_connect.md", "ansible-playbook who_are_we.yml")
    playbook = next(
        text for language, text in blocks("guide_connect.md") if language == "yaml" and "portal_host" in text
    )
    (administrator.folder / "who_are_we.yml").write_text(playbook)
    told = administrator.types(command.replace("portal.example.com", simulator.url.partition("//")[2]))
    assert "administrator" in told


def test_an_applications_tokens_lie_and_are_renewed_where_the_guide_puts_them(tmp_path):
    person = Administrator(tmp_path)
    files = {
        re.match(r"# (\S+)\n", text)[1]: text for language, text in blocks("guide_connect.md") if text.startswith("# ")
    }
    install = commands("guide_connect.md", "install -m")
    playbook = [{"hosts": "all", "connection": "local", "gather_facts": False, "tasks": []}]
    playbook[0]["module_defaults"] = {"group/bitrix24.portal.all": "{{ bitrix24_connection }}"}
    playbook[0]["tasks"] = [{"bitrix24.portal.mailservice_info": {}}]
    (tmp_path / "inventory" / "group_vars" / "all").mkdir(parents=True)
    (tmp_path / "inventory" / "portals.yml").write_text(
        yaml.safe_dump({"all": {"hosts": {"portal.example.com": None}}})
    )
    (tmp_path / "inventory" / "group_vars/all/connection.yml").write_text(files["group_vars/all/connection.yml"])
    (tmp_path / "play.yml").write_text(yaml.safe_dump(playbook))
    with Simulator(oauth=True) as simulator:
        simulator.state = ADOPTED
        answer = simulator.oauth.issue(f"{simulator.url}/rest/", lifetime=0)
        (tmp_path / "answer.json").write_text(json.dumps(answer))
        person.types("\n".join(install))
        tokens = tmp_path / ".portal-tokens" / "portal.example.com.json"
        variables = "-e application_id=%s -e application_secret=%s" % (CLIENT_ID, CLIENT_SECRET)
        person.types("ansible-playbook -i inventory play.yml %s" % variables)
        renewed = json.loads(tokens.read_text())
    assert renewed["access_token"] != answer["access_token"] and stat.S_IMODE(tokens.stat().st_mode) == 0o600


@pytest.mark.parametrize("name", ["guide_audit.md", "examples/fleet/README.md"])
def test_the_vaults_password_lies_in_a_file_that_nobody_else_can_read(name, tmp_path):
    person = Administrator(tmp_path)
    install, read = commands(name, "install -m 600") + commands(name, "read -rsp 'Password")
    person.types(install)
    person.types(read, stdin="the vault's\n")
    assert (tmp_path / ".vault-password").read_text() == "the vault's\n"
    assert stat.S_IMODE((tmp_path / ".vault-password").stat().st_mode) == 0o600


def test_the_words_of_a_plan_are_those_that_the_guide_shows(administrator, simulator):
    playbook = [{"hosts": "localhost", "gather_facts": False, "tasks": [{"bitrix24.portal.mailservice_set": {}}]}]
    playbook[0]["module_defaults"] = {"group/bitrix24.portal.all": "{{ bitrix24_connection }}"}
    playbook[0]["tasks"][0]["bitrix24.portal.mailservice_set"] = {"mailservices": [{"name": "yahoo", "active": False}]}
    (administrator.folder / "off.yml").write_text(yaml.safe_dump(playbook))
    done = subprocess.run(
        ["ansible-playbook", "off.yml", "-e", "@connection.yml", "--check", "--diff"],
        cwd=administrator.folder,
        env=clean_environment(**administrator.environment),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    told = done.stdout.replace(simulator.url.partition("//")[2], "portal.example.com")
    shown = next(text for language, text in blocks("guide_set.md") if language == "text" and "--- before" in text)
    for line in shown.splitlines():
        assert line.removesuffix("…") in told, done.stdout + done.stderr


def test_the_commands_on_a_journal_find_what_a_killed_run_left(simulator, tmp_path):
    text = (ROOT / "docs" / "guide_faults.md").read_text()
    (program,) = re.findall(r"^jq -s '([^']+)' journal\.jsonl$", text, re.MULTILINE)
    (skipping,) = re.findall(r"`jq -R '([^']+)' journal\.jsonl`", text)
    journal = tmp_path / "journal.jsonl"
    entries = [{"name": "Branch mail", "port": 993}, {"name": "gmail", "sort": 7}]
    task = {"webhook_url": simulator.webhook(), "mailservices": entries, "journal": str(journal)}
    run = run_tasks(tmp_path, {"Set": {"bitrix24.portal.mailservice_set": task}})
    assert run.results["Set"]["changed"], run.output
    whole = [json.loads(line) for line in journal.read_text().splitlines()]
    # As after a kill: nobody wrote what became of the first change.
    left = [line for line in whole if not (line["event"] == "outcome" and line["change"] == whole[0]["change"])]
    (found,) = jq.compile(program).input_value(left).all()
    assert found == {key: whole[0][key] for key in ("time", "portal", "action", "before", "after")}
    assert jq.compile(program).input_value(whole).all() == []
    cut = journal.read_text() + '{"event": "int'
    assert [read for line in cut.splitlines() for read in jq.compile(skipping).input_value(line).all()] == whole


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_no_example_is_shown_that_no_test_runs(page):
    name = str(page.relative_to(ROOT)).removeprefix("docs/")
    left = []
    for language, text in BLOCK.findall(page.read_text()):
        playbook = language == "yaml" and "hosts: localhost\n" in text and not text.startswith("# ")
        first = text.partition("\n")[0]
        if language not in SHOWN and not playbook and first not in NOT_RUN:
            left.append(first)
    if name in RUN_BY:
        assert left, "take %s off the list" % name
        for test in RUN_BY[name]:
            assert name in (ROOT / test).read_text(), test
    else:
        assert left == []


def test_every_reason_for_not_running_something_is_still_needed():
    texts = "".join(page.read_text() for page in PAGES)
    assert [first for first in NOT_RUN if "\n%s\n" % first not in texts] == []
