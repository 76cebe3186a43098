# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The example of a fleet and the pipelines for it: the commands that stand in those files, run in their order."""

from __future__ import annotations

import http.server
import json
import re
import shutil
import subprocess
import threading
import urllib.parse

import pytest
import yaml
from ansible.parsing.vault import VaultLib, VaultSecret

from tests.conftest import ROOT
from tests.playbooks import shell
from tests.roles.fleet import NO_SERVERS, Fleet, PlayRun, catch_all, service, services_of, state
from tests.simulator.server import Simulator

EXAMPLES = ROOT / "docs" / "examples"
PASSWORD = "only-an-example"
PORTALS = ["branch", "portal-a.example.com", "portal-b.example.com"]

# What cannot be run here: it needs a registry, or a forge that is not there.
ELSEWHERE = re.compile(r"(python -m pip|python3 -m venv|ansible-galaxy collection install|gh) ")


def gitlab():
    jobs = yaml.safe_load((EXAMPLES / "gitlab-ci.yml").read_text())
    return {name: jobs[name]["script"] for name in ("lint", "plan", "comment", "apply", "audit")}


def github():
    jobs = yaml.safe_load((EXAMPLES / "github-actions.yml").read_text())["jobs"]
    return {name: [step["run"] for step in job["steps"] if "run" in step] for name, job in jobs.items()}


def jenkins():
    stages = re.split(r"stage\('(\w+)'\)", (EXAMPLES / "Jenkinsfile").read_text())
    shell = re.compile(r"sh(?: |\(returnStdout: true, script: )'((?:[^'\\]|\\.)*)'")
    return {
        name.lower(): [command.replace("\\'", "'") for command in shell.findall(body)]
        for name, body in zip(stages[1::2], stages[2::2])
    }


PIPELINES = {"gitlab": gitlab, "github": github, "jenkins": jenkins}


@pytest.fixture
def project(tmp_path):
    """The example's folder, with the addresses of simulated portals in place of the example's."""
    with Simulator(portals=len(PORTALS)) as simulator:
        for portal in simulator.portals:
            portal.state = state(catch_all(), service(2, "Old mail"))
        shutil.copytree(EXAMPLES / "fleet", tmp_path / "project")
        fleet = Fleet(tmp_path / "project", simulator.portals, PORTALS)
        (tmp_path / "password").write_text(PASSWORD + "\n")
        for name, portal in fleet.portals.items():
            variables = fleet.folder / "inventory" / "host_vars" / name
            (variables / "connection.yml").write_text(
                "---\nbitrix24_connection:\n  retry_max_wait: 0\n  webhook_url: !vault |\n" + vaulted(portal.webhook())
            )
            (variables / "here.yml").write_text(
                yaml.safe_dump({"bitrix24_expected_host": urllib.parse.urlsplit(portal.url).netloc, **NO_SERVERS})
            )
        yield fleet


def vaulted(text):
    vault = VaultLib([("default", VaultSecret(PASSWORD.encode()))])
    return "".join("    %s\n" % line for line in vault.encrypt(text).decode().splitlines())


def command(fleet, folder, text, **env):
    return shell(text, fleet.folder, ANSIBLE_VAULT_PASSWORD_FILE=str(folder / "password"), **env)


def run_job(project, folder, commands, **env):
    """Run a job's commands; the last output comes back. Those that cannot be run here are left out line by line."""
    done = None
    for text in commands:
        lines = [line for line in text.splitlines() if not ELSEWHERE.match(line)]
        if lines:
            done = command(project, folder, "\n".join(lines), **env)
            assert done.returncode == 0, "%s\n%s%s" % (text, done.stdout, done.stderr)
            assert "WARNING" not in done.stderr and "adminsecret00001" not in done.stdout + done.stderr, done.stderr
    return done


def lines_of(job, own):
    """The lines of a job that can be run here and are Ansible's, or that are the forge's own."""
    lines = [line for text in job for line in text.splitlines() if not ELSEWHERE.match(line)]
    return [line for line in lines if line.startswith("ansible-") == own]


@pytest.mark.parametrize("name", ["github", "jenkins"])
def test_the_pipelines_run_the_same_commands_of_ansible(name):
    jobs, gitlabs = PIPELINES[name](), gitlab()
    own = {job: lines_of(gitlabs[job], True) for job in ("lint", "plan", "apply", "audit")}
    assert {job: lines_of(jobs[job], True) for job in own} == own and [len(lines) for lines in own.values()] == [
        2,
        1,
        1,
        1,
    ]


def test_the_commands_of_the_pipelines_plan_apply_by_digest_and_audit(project, tmp_path):
    jobs, githubs, jenkinses = gitlab(), github(), jenkins()
    run_job(project, tmp_path, jobs["plan"])
    plan = json.loads((project.folder / "mailservices" / "plan.json").read_text())
    assert {host: len(entry["plan"]["creations"]) for host, entry in plan["portals"].items()} == {
        "branch": 2,
        "portal-a.example.com": 1,
        "portal-b.example.com": 1,
    }
    digest = plan["digest"]
    files = {
        "GITHUB_OUTPUT": str(tmp_path / "outputs"),
        "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md"),
        "VAULT_PASSWORD": PASSWORD,
    }
    own = [line for line in lines_of(githubs["plan"], False) if "VAULT_PASSWORD" not in line]
    run_job(project, tmp_path, own, **files)
    assert (tmp_path / "outputs").read_text() == "digest=%s\n" % digest and digest in (
        tmp_path / "summary.md"
    ).read_text()
    assert run_job(project, tmp_path, jenkinses["approve"]).stdout.strip() == digest
    assert digest in run_job(project, tmp_path, lines_of(jenkinses["plan"], False)).stdout
    refused = command(project, tmp_path, jobs["apply"][-1], PLAN_DIGEST="0" * 64)
    assert refused.returncode != 0 and "approved_digest is" in refused.stdout + refused.stderr
    for script in (jobs["apply"], githubs["apply"], jenkinses["apply"]):
        (apply,) = [line for text in script for line in text.splitlines() if "portal.reconcile" in line]
        refused = command(project, tmp_path, apply)
        assert refused.returncode != 0 and "mailservices_approved_digest is empty" in refused.stdout
    assert [sorted(services_of(portal)) for portal in project.portals.values()] == [["Old mail", "Other"]] * 3
    run_job(project, tmp_path, jobs["apply"], PLAN_DIGEST=digest)
    assert [sorted(services_of(portal)) for portal in project.portals.values()] == [
        ["Branch mail", "Company mail", "Old mail", "Other"],
        ["Company mail", "Old mail", "Other"],
        ["Company mail", "Old mail", "Other"],
    ]
    assert len(project.journal()) == 4
    run_job(project, tmp_path, jobs["audit"])
    own = [line for line in lines_of(githubs["audit"], False) if "VAULT_PASSWORD" not in line]
    run_job(project, tmp_path, own, **files)
    assert (project.folder / "mailservice_audit" / "audit.xml").exists() and "portal-a.example.com" in (
        tmp_path / "summary.md"
    ).read_text()


def test_the_github_pipeline_puts_the_password_where_ansible_looks_for_it(tmp_path):
    (line,) = {line for job in github().values() for line in lines_of(job, False) if "VAULT_PASSWORD" in line}
    place = tmp_path / "password"
    subprocess.run(
        ["bash", "-euo", "pipefail", "-c", line],
        env={"ANSIBLE_VAULT_PASSWORD_FILE": str(place), "VAULT_PASSWORD": "a b%s"},
        check=True,
        timeout=60,
    )
    assert place.read_text() == "a b%s\n" and place.stat().st_mode & 0o077 == 0


@pytest.mark.skipif(
    not shutil.which("curl"),
    reason="The comment of the GitLab pipeline wants curl: make test-setup installs Debian's package curl.",
)
def test_the_comment_of_the_gitlab_pipeline_is_the_plan(project, tmp_path):
    received = []

    class Forge(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            received.append(
                (
                    self.path,
                    self.headers["PRIVATE-TOKEN"],
                    urllib.parse.parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode()),
                )
            )
            self.send_response(201)
            self.end_headers()

        def log_message(self, *arguments):
            pass

    (project.folder / "mailservices").mkdir()
    (project.folder / "mailservices" / "plan.md").write_text("### ж & `x`\n")
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Forge) as forge:
        threading.Thread(target=forge.serve_forever, daemon=True).start()
        run_job(
            project,
            tmp_path,
            gitlab()["comment"],
            COMMENT_TOKEN="t0ken",
            CI_PROJECT_ID="5",
            CI_MERGE_REQUEST_IID="9",
            CI_API_V4_URL="http://127.0.0.1:%d/api/v4" % forge.server_port,
            no_proxy="127.0.0.1",
        )
        forge.shutdown()
    assert received == [("/api/v4/projects/5/merge_requests/9/notes", "t0ken", {"body": ["### ж & `x`\n"]})]


@pytest.mark.long
def test_what_the_pipelines_lint_is_clean(project, tmp_path):
    run_job(project, tmp_path, gitlab()["lint"])


@pytest.mark.long
def test_the_fleets_own_playbook_reconciles_and_audits_in_batches(project, tmp_path):
    done = PlayRun(command(project, tmp_path, "ansible-playbook site.yml"))
    assert done.returncode == 0 and done.hosts("changed") == PORTALS and not done.warnings, done.output
    assert done.stdout.count("PLAY [") == 2 and done.stdout.index("mailservice_audit : ") < done.stdout.rindex(
        "mailservices : "
    )


def test_the_examples_own_readme_plans_applies_and_audits(project, tmp_path):
    readme = (EXAMPLES / "fleet" / "README.md").read_text()
    commands = re.findall(r"^\$ (ansible-playbook .*)$", readme, re.MULTILINE)
    assert [re.search(r"portal\.(\w+)", text)[1] for text in commands] == ["validate", "plan", "reconcile", "audit"]
    run_job(project, tmp_path, commands)
    assert all("Company mail" in services_of(portal) for portal in project.portals.values())
    named = re.findall(r"^\| `(\S+)`", readme, re.MULTILINE)
    assert all(list(project.folder.glob(name.replace("PORTAL", "*"))) for name in named) and len(named) >= 5


def test_the_guide_checks_the_examples_variables_without_asking_a_portal(project, tmp_path):
    guide = (ROOT / "docs" / "guide_fleet.md").read_text().partition("## Before any portal is asked")[2]
    (validate,) = re.findall(r"^\$ (ansible-playbook .*validate)$", guide, re.MULTILINE)
    printed = run_job(project, tmp_path, [validate]).stdout
    assert "Nothing is wrong with what is wanted of 3 portals" in printed
    assert [portal.requests for portal in project.portals.values()] == [[], [], []]


def test_the_guide_names_the_schema_as_the_examples_do(project):
    guide = (ROOT / "docs" / "guide_fleet.md").read_text()
    (modeline,) = re.findall(r"^# yaml-language-server: .*$", guide, re.MULTILINE)
    files = sorted((project.folder / "inventory").rglob("mailservices.yml"))
    assert files and all(modeline in path.read_text() for path in files)


def test_the_guide_brings_portals_in_use_into_files_after_which_nothing_is_to_be_done(project, tmp_path):
    """In the layout of the example, before anybody has written down what is wanted."""
    by_hand = sorted((project.folder / "inventory").rglob("mailservices.yml"))
    for path in by_hand:
        path.unlink()
    guide = (ROOT / "docs" / "guide_fleet.md").read_text().partition("## From portals in use")[2]
    export, plan, told = re.search(r"```console\n\$ (.*)\n\$ (.*)\n(.*)\n```", guide).groups()
    run_job(project, tmp_path, [export])
    assert set((project.folder / "inventory").rglob("mailservices.yml")) >= set(by_hand)
    printed = run_job(project, tmp_path, [plan]).stdout
    assert told in printed, printed


def test_in_the_examples_layout_an_export_replaces_nothing_that_was_written_by_hand(project, tmp_path):
    paths = sorted((project.folder / "inventory").rglob("mailservices.yml"))
    texts = [path.read_text() for path in paths]
    done = command(project, tmp_path, "ansible-playbook bitrix24.portal.export")
    own = project.folder / "inventory" / "host_vars" / "branch" / "mailservices.yml"
    assert done.returncode != 0 and f"{own} cannot be written: a file is in the way that" in done.stdout
    assert [path.read_text() for path in paths] == texts


def test_a_canary_in_trouble_keeps_the_fleet_as_it_was(project, tmp_path):
    canary = "portal-a.example.com"
    project.portals[canary].faults = [{"method": "*", "kind": "query_limit", "times": 0}]
    done = PlayRun(command(project, tmp_path, "ansible-playbook site.yml"))
    assert done.returncode != 0 and done.hosts("failed") == [canary]
    assert [sorted(services_of(portal)) for portal in project.portals.values()] == [["Old mail", "Other"]] * 3


@pytest.mark.parametrize(
    "portal, host",
    [
        ("branch", "intranet.example.com:8443/portal"),
        ("portal-a.example.com", "portal-a.example.com"),
        ("portal-b.example.com", "portal-b.example.com"),
    ],
)
def test_the_vaulted_webhooks_of_the_example_open_with_the_password_that_it_names(portal, host):
    text = (EXAMPLES / "fleet" / "inventory" / "host_vars" / portal / "connection.yml").read_text()
    (envelope,) = re.findall(r"webhook_url: !vault \|\n((?:\s+[$0-9].*\n)+)", text)
    webhook = (
        VaultLib([("default", VaultSecret(PASSWORD.encode()))]).decrypt("\n".join(envelope.split()) + "\n").decode()
    )
    assert re.fullmatch(r"https://%s/rest/1/not-a-secret-\d/" % re.escape(host), webhook)
    assert PASSWORD in text and PASSWORD in (ROOT / "docs" / "guide_fleet.md").read_text()
