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
from tests.quality.documented import ADOPTED, write_files
from tests.simulator.oauth import CLIENT_ID, CLIENT_SECRET
from tests.simulator.server import Simulator

BLOCK = re.compile(r"^```(\w*)\n(.*?)^```", re.DOTALL | re.MULTILINE)
PAGES = [ROOT / "README.md", ROOT / "docs" / "examples" / "fleet" / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
READ = "read -rsp 'Webhook (not shown): ' B24_WEBHOOK_URL && export B24_WEBHOOK_URL"
SHOWN = ("text", "")
"""Languages of blocks that show something and are not to be typed."""
RUN_BY = {
    "guide_adopt.md": {
        "tests/roles/test_adoption.py::test_the_guide_takes_a_portal_under_management_and_back": [
            "$ mkdir -p inventory/host_vars/portal.example.com",
            "$ ansible-playbook -i inventory --ask-vault-pass bitrix24.portal.export",
            "$ ansible-playbook -i inventory --ask-vault-pass bitrix24.portal.plan",
            "$ ansible-playbook -i inventory --ask-vault-pass bitrix24.portal.reconcile --limit portal.example.com \\",
        ],
    },
    "guide_audit.md": {
        "tests/audit/test_guide.py::test_the_guide_begins_with_an_export_after_which_the_audit_finds_no_drift": [
            "# inventory.yml",
            "$ ansible-playbook -i inventory.yml bitrix24.portal.export --ask-vault-pass",
        ],
        "tests/audit/test_guide.py::test_the_guides_command_audits_the_guides_inventory_with_the_guides_exceptions": [
            "# group_vars/portals.yml",
            "# group_vars/all.yml",
        ],
        "tests/audit/test_guide.py::test_systemd_takes_the_guides_units": [
            "# /etc/systemd/system/portal-audit.service",
            "# /etc/systemd/system/portal-audit.timer",
        ],
        "tests/audit/test_guide.py::test_the_job_of_the_guides_schedule_is_yaml_and_keeps_the_report": [
            "# .gitlab-ci.yml"
        ],
        "tests/audit/test_guide.py::test_the_guides_alerts_fire_for_the_portals_that_they_are_about": ["# alerts.yml"],
        "tests/audit/test_guide.py::test_the_guides_own_playbook_reports_what_the_exceptions_would_hide": ["# own.yml"],
        "tests/quality/test_guide_steps.py::test_the_vaults_password_lies_in_a_file_that_nobody_else_can_read": [
            "$ install -m 600 /dev/null ~/.vault-password",
        ],
    },
    "guide_awx.md": {
        "tests/engines/test_awx.py::test_the_credential_of_an_application_renews_the_tokens_on_the_volume_and_none_of_it"
        "_is_in_an_artifact": ["# group_vars/portals/connection.yml"],
    },
    "guide_connect.md": {
        "tests/quality/test_guide_steps.py::test_the_first_question_is_asked_with_a_webhook_that_is_not_shown": [
            "$ read -rsp 'Webhook (not shown): ' B24_WEBHOOK_URL && export B24_WEBHOOK_URL",
        ],
        "tests/quality/test_guide_steps.py::test_the_first_playbook_of_the_guide_to_connections_runs_as_its_command_says": [
            "$ read -rsp 'Webhook (not shown): ' webhook; echo; (echo '---'; echo 'bitrix24_connection:';",
            "$ ansible-playbook who_are_we.yml -e @connection.yml -e portal_host=portal.example.com --ask-vault-pass",
        ],
        "tests/quality/test_guide_steps.py::test_an_applications_tokens_lie_and_are_renewed_where_the_guide_puts_them": [
            "$ install -m 700 -d ~/.portal-tokens",
            "# group_vars/all/connection.yml",
        ],
    },
    "guide_faults.md": {
        "tests/quality/test_guide_steps.py::test_the_commands_on_a_journal_find_what_a_killed_run_left": [
            """jq -s 'group_by([.run, .change])[] | select(all(.event == "intent")) | .[0] | {time, portal, action, before, after}'"""
            " journal.jsonl",
        ],
    },
    "guide_fleet.md": {
        "tests/roles/test_pipelines.py::test_the_guide_brings_portals_in_use_into_files_after_which_nothing_is_to_be_done": [
            "$ ansible-playbook -i inventory bitrix24.portal.export -e mailservice_export_baseline=true",
            "$ ansible-playbook -i inventory bitrix24.portal.plan",
        ],
        "tests/roles/test_pipelines.py::test_the_guide_checks_the_examples_variables_without_asking_a_portal": [
            "$ ansible-playbook -i inventory bitrix24.portal.validate",
        ],
        "tests/policy/test_examples.py::test_the_question_that_the_guide_asks_is_defined_for_a_plan_that_is_denied_and_for"
        "_no_other": [
            "$ opa eval --fail-defined --format pretty --data policy --input mailservices/plan.json"
            " 'data.bitrix24.mailservices.deny[_]'",
        ],
    },
    "guide_portal.md": {
        "tests/quality/test_guide_commands.py::test_every_command_prints_what_the_guide_says_that_it_prints": [
            """$ python call.py mailservice.update '{"ID": 3, "ACTIVE": "N"}'""",
            """$ python call.py mailservice.delete '{"ID": "6abc"}'""",
            """$ python call.py mailservice.update '{"ID": 5, "LINK": "", "SORT": 0}'""",
            """$ python call.py batch '{"halt": 0, "cmd": {"c1": "mailservice.get?ID=99"}}'""",
            """$ python call.py mailservice.get '{"ID": 99}'""",
        ],
    },
    "guide_set.md": {
        "tests/quality/test_guides.py::test_the_allow_list_is_only_planned_until_a_second_playbook_is_given_its_digest": [
            "# providers.yml",
            "# plan.yml",
            "# apply.yml",
        ],
        "tests/quality/test_guide_steps.py::test_the_commands_of_the_allow_list_plan_and_apply_what_was_approved": [
            "$ ansible-playbook plan.yml -e @connection.yml --ask-vault-pass",
            "$ ansible-playbook apply.yml -e @connection.yml --ask-vault-pass -e approved=DIGEST",
        ],
    },
    "guide_simulator.md": {
        "tests/quality/test_guide_commands.py::test_every_command_prints_what_the_guide_says_that_it_prints": [
            "# call.py",
            "$ export B24_WEBHOOK_URL=http://127.0.0.1:8024/rest/1/adminsecret00001/",
        ],
        "tests/quality/test_guide_commands.py::test_after_the_fault_that_the_guide_sets_a_creation_is_there_and_its_answer"
        "_is_not": [
            "$ curl -s -X PUT http://127.0.0.1:8024/_control/faults --json"
            """ '[{"kind": "cut_after_commit", "method": "mailservice.add"}]'""",
        ],
        "tests/quality/test_guide_commands.py::test_the_test_that_the_guide_shows_passes": ["# test_my_script.py"],
    },
    "guide_start.md": {
        "tests/quality/test_guide_steps.py::test_the_first_question_is_asked_with_a_webhook_that_is_not_shown": [
            "$ read -rsp 'Webhook (not shown): ' B24_WEBHOOK_URL && export B24_WEBHOOK_URL",
        ],
        "tests/quality/test_guide_steps.py::test_who_begins_reads_then_sees_a_change_without_making_it_then_makes_it": [
            "# read.yml",
            "$ ansible-playbook read.yml -e @connection.yml --ask-vault-pass",
            "# first.yml",
            "$ ansible-playbook first.yml -e @connection.yml --ask-vault-pass --check --diff",
        ],
    },
    "examples/fleet/README.md": {
        "tests/roles/test_pipelines.py::test_the_examples_own_readme_plans_applies_and_audits": [
            "$ ansible-playbook bitrix24.portal.validate",
            "$ ansible-playbook bitrix24.portal.plan",
            "$ ansible-playbook bitrix24.portal.reconcile -e mailservices_approved_plan=mailservices/plan.json",
            "$ ansible-playbook bitrix24.portal.audit",
        ],
    },
}
"""Blocks that are no playbooks for localhost, all of which run, by their first line: {page: {test: blocks}}."""
NOT_RUN = {
    "$ ansible-galaxy collection install bitrix24.portal": "There is no Galaxy here; test_package installs what is built.",
    "$ ansible-galaxy collection install -r requirements.yml": "The same.",
    "$ ansible-galaxy collection install infra.aap_configuration awx.awx": "The same; test_awx_files tries the files.",
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

    def types(self, command, stdin="", warned=""):
        """What it prints; ``warned``: what each of its warnings says."""
        done = shell(command.replace(" --ask-vault-pass", ""), self.folder, stdin, **self.environment)
        unexpected = [
            line for line in done.stderr.splitlines() if "[WARNING]" in line and not (warned and warned in line)
        ]
        assert done.returncode == 0 and unexpected == [], command + done.stdout + done.stderr
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


@pytest.mark.parametrize("page", ["guide_start.md", "guide_connect.md"])
def test_the_first_question_is_asked_with_a_webhook_that_is_not_shown(page, tmp_path, simulator):
    read, ask = commands(page)[commands(page).index(READ) :][:2]
    told = Administrator(tmp_path).types("%s\n%s" % (read, ask), stdin=simulator.webhook() + "\n")
    assert "administrator" in told and len(simulator.requests) == 1


def test_the_commands_of_the_allow_list_plan_and_apply_what_was_approved(administrator, simulator):
    write_files(ROOT / "docs" / "guide_set.md", administrator.folder)
    plan, apply = commands("guide_set.md", "ansible-playbook")
    before = simulator.state
    digest = re.search(r'digest"?: "?(\w+)', administrator.types(plan, warned="no way back: "))
    assert digest and simulator.state == before
    administrator.types(apply.replace("DIGEST", digest[1]), warned="no way back: ")
    assert simulator.state["services"] != before["services"]


def test_who_begins_reads_then_sees_a_change_without_making_it_then_makes_it(administrator, simulator):
    write_files(ROOT / "docs" / "guide_start.md", administrator.folder)
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
    left = set()
    for language, text in BLOCK.findall(page.read_text()):
        playbook = language == "yaml" and "hosts: localhost\n" in text and not text.startswith("# ")
        first = text.partition("\n")[0]
        if language not in SHOWN and not playbook and first not in NOT_RUN:
            left.add(first)
    assert left == {first for blocks in RUN_BY.get(name, {}).values() for first in blocks}


@pytest.mark.parametrize("test", sorted({test for page in RUN_BY.values() for test in page}))
def test_what_runs_a_block_is_there(test):
    file, _colons, name = test.partition("::")
    assert "def %s(" % name in (ROOT / file).read_text()


def test_every_reason_for_not_running_something_is_still_needed():
    texts = "".join(page.read_text() for page in PAGES)
    assert [first for first in NOT_RUN if "\n%s\n" % first not in texts] == []
