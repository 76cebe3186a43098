# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The jobs of docs/examples/awx as AWX starts them: with its inventory, variables, credentials and hand-over."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import urllib.parse

import pytest
import yaml
from ansible.parsing.vault import VaultLib, VaultSecret
from jinja2.sandbox import ImmutableSandboxedEnvironment

from tests.behaviour.authorized import write_tokens
from tests.conftest import ROOT
from tests.engines.awx import EXAMPLES, answers, extra_vars, template, variables
from tests.engines.runner import Job
from tests.faults.leaks import leaks, leaks_in, traces_of
from tests.playbooks import clean_environment
from tests.roles.fleet import Fleet, catch_all, service, services_of, state
from tests.simulator.oauth import CLIENT_ID, CLIENT_SECRET
from tests.simulator.server import Simulator

PASSWORD = "the-vault-s-password"
PORTALS = ["branch", "portal-a.example.com", "portal-b.example.com"]


class Awx:
    """AWX with a repository that holds what docs/examples/fleet and docs/examples/awx/project hold."""

    def __init__(self, folder, portals):
        self.folder, self.volume, self.project = folder, folder / "volume", folder / "repository"
        shutil.copytree(EXAMPLES.parent / "fleet", self.project)
        shutil.copytree(EXAMPLES / "project", self.project, dirs_exist_ok=True)
        self.fleet = Fleet(folder / "fleet", portals, PORTALS)
        vault = VaultLib([("default", VaultSecret(PASSWORD.encode()))])
        for name, portal in self.fleet.portals.items():
            lines = vault.encrypt(portal.webhook()).decode().splitlines()
            own = self.project / "inventory" / "host_vars" / name
            (own / "connection.yml").write_text(
                f"---\nbitrix24_expected_host: {urllib.parse.urlsplit(portal.url).netloc}\n"
                "bitrix24_connection:\n  retry_max_wait: 0\n  webhook_url: !vault |\n"
                + "".join(f"    {line}\n" for line in lines)
            )
        # No mail server of the examples is looked for.
        (self.project / "inventory" / "group_vars" / "portals" / "here.yml").write_text(
            "---\nmailservices_verify: none\nmailservice_audit_verify: none\n"
        )
        (source,) = variables()["controller_inventory_sources"]
        self.inventory = subprocess.run(
            ["ansible-inventory", "-i", source["source_path"], "--list", "--export"],
            cwd=self.project,
            env=clean_environment(),
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        self.count = 0

    def job(self, name, **launched):
        """Starts the job of a template, with what came with the launch."""
        self.count += 1
        job = Job(self.folder / f"job-{self.count}", template(name)["playbook"], {})
        shutil.copytree(self.project, job.given / "project", dirs_exist_ok=True)
        hosts = job.given / "inventory" / "hosts"
        hosts.write_text(f"#!/bin/sh\ncat <<'END'\n{self.inventory}\nEND\n")
        hosts.chmod(0o700)
        (job.given / "inventory" / "hosts.yml").unlink()
        (job.given / "env" / "extravars").write_text(extra_vars(template(name)["extra_vars"], launched, self.volume))
        (job.given / "env" / "cmdline").write_text(f"-vvv --ask-vault-pass --forks {template(name)['forks']}")
        (job.given / "env" / "passwords").write_text(json.dumps({r"Vault password:\s*?$": PASSWORD}))
        done = job.send()
        assert leaks_in(done.artifacts) == {} and leaks(done.output) == [] and len(done.events) > 5, done.output
        shutil.rmtree(done.worker)
        return done

    def services(self):
        return [sorted(services_of(portal)) for portal in self.fleet.portals.values()]


@pytest.fixture
def awx(tmp_path):
    with Simulator(portals=len(PORTALS)) as simulator:
        for portal in simulator.portals:
            portal.state = state(catch_all(), service(2, "Old mail"))
        yield Awx(tmp_path, simulator.portals)


BEFORE = [["Old mail", "Other"]] * 3
AFTER = [["Branch mail", "Company mail", "Old mail", "Other"]] + [["Company mail", "Old mail", "Other"]] * 2


def test_the_inventory_that_awx_stores_holds_the_webhooks_as_they_are_vaulted(awx):
    assert awx.inventory.count("__ansible_vault") == 3 and leaks(awx.inventory) == []


def test_the_workflow_plans_hands_the_plan_over_reconciles_and_audits_and_all_that_is_to_last_is_on_the_volume(awx):
    (flow,) = variables()["controller_workflows"]
    asked = answers(flow["survey_spec"])
    planned = awx.job("plan", **asked)
    assert planned.returncode == 0 and awx.services() == BEFORE, planned.stdout
    digest = json.loads((awx.volume / "plan.json").read_text())["digest"]
    assert f"Approve: {digest}" in planned.stdout
    done = awx.job("reconcile", **dict(planned.stats, **asked))
    assert done.returncode == 0 and awx.services() == AFTER, done.stdout
    audited = awx.job("audit", **asked)
    assert audited.returncode == 0, audited.stdout
    kept = {path.relative_to(awx.volume).as_posix() for path in awx.volume.rglob("*") if path.is_file()}
    assert kept >= {"plan.json", "plan.md", "plan.html", "journal.jsonl", "audit/audit.json", "audit/audit.html"}
    assert leaks_in(awx.volume) == {}


def test_a_workflow_that_lost_the_plan_and_a_template_that_is_started_by_itself_write_nothing(awx):
    done = awx.job("reconcile")
    assert done.returncode == 2 and "mailservices_packed_plan" in done.stdout and awx.services() == BEFORE
    done = awx.job("reconcile", mailservices_packed_plan="data:application/zlib;base64,AAAA")
    assert done.returncode == 2 and "not handed over as a whole" in done.stdout and awx.services() == BEFORE


def test_by_digest_the_plan_on_the_volume_is_carried_out_if_it_is_the_one_that_was_read(awx):
    assert awx.job("plan", **answers(template("plan")["survey_spec"])).returncode == 0
    digest = json.loads((awx.volume / "plan.json").read_text())["digest"]
    asked = answers(template("reconcile by digest")["survey_spec"])
    done = awx.job("reconcile by digest", mailservices_approved_digest="0" * 64, **asked)
    assert done.returncode == 2 and "approved_digest is" in done.stdout and awx.services() == BEFORE
    done = awx.job("reconcile by digest", mailservices_approved_digest=digest, **asked)
    assert done.returncode == 0 and awx.services() == AFTER, done.stdout


@pytest.mark.long
def test_a_survey_that_allows_no_removal_keeps_a_plan_with_one_from_being_carried_out(awx):
    own = awx.project / "inventory" / "group_vars" / "portals" / "mailservices.yml"
    assert "Old mail" not in own.read_text()
    awx.inventory = awx.inventory.replace(
        '"mailservices_baseline": [', '"mailservices_baseline": [{"name": "Old mail", "state": "absent"}, '
    )
    asked = dict(answers(template("plan")["survey_spec"]), mailservices_fleet_max_removals=0)
    planned = awx.job("plan", **asked)
    done = awx.job("reconcile", **dict(planned.stats, **asked))
    assert done.returncode == 2 and "mailservices_fleet_max_removals: 0" in done.stdout and awx.services() == BEFORE


def injected(name, **fields):
    """The variables that AWX makes of a credential of this type."""
    (kind,) = [one for one in variables()["controller_credential_types"] if one["name"] == name]
    assert set(fields) == {field["id"] for field in kind["inputs"]["fields"]}

    def rendered(node):
        if isinstance(node, dict):
            return {key: rendered(value) for key, value in node.items()}
        return ImmutableSandboxedEnvironment().from_string(node).render(**fields)

    return rendered(kind["injectors"]["extra_vars"])


@pytest.mark.parametrize("given, where", [("credential", []), ("environment", ["command"])])
def test_the_webhook_of_a_credential_is_in_no_artifact_where_one_in_the_environment_would_be(tmp_path, given, where):
    with Simulator() as simulator:
        simulator.portals[0].state = state(catch_all(), service(2, "Company"))
        webhook = simulator.portals[0].webhook()
        fleet = Fleet(tmp_path, simulator.portals).wants({"name": "Company"})
        del fleet.hosts["portal-1"]["bitrix24_connection"]
        job = Job(
            tmp_path / "job",
            "bitrix24.portal.audit",
            {"portals": {"hosts": fleet.hosts, "vars": fleet.group}},
            extra_vars=injected("Bitrix24 webhook", webhook_url=webhook) if given == "credential" else {},
            envvars={} if given == "credential" else {"B24_WEBHOOK_URL": webhook},
        )
        done = job.run()
        assert done.returncode == 0 and simulator.portals[0].requests, done.stdout
        assert [path.rpartition("/")[2] for path in leaks_in(done.artifacts)] == where


def test_the_credential_of_an_application_renews_the_tokens_on_the_volume_and_none_of_it_is_in_an_artifact(tmp_path):
    (connection,) = re.findall(
        r"^# group_vars/portals/connection\.yml\n(.*?)^```",
        (ROOT / "docs" / "guide_awx.md").read_text(),
        re.DOTALL | re.MULTILINE,
    )
    with Simulator(oauth=True) as simulator:
        simulator.portals[0].state = state(catch_all(), service(2, "Company"))
        before = simulator.oauth.issue(f"{simulator.url}/rest/", lifetime=0)
        (tmp_path / "volume" / "tokens").mkdir(parents=True)
        path = write_tokens(tmp_path / "volume" / "tokens" / "portal-1.json", before)
        fleet = Fleet(tmp_path, simulator.portals).wants({"name": "Company"})
        del fleet.hosts["portal-1"]["bitrix24_connection"]
        fleet.group.update(yaml.safe_load(connection.replace("/var/lib/mailservices", str(tmp_path / "volume"))))
        job = Job(
            tmp_path / "job",
            "bitrix24.portal.audit",
            {"portals": {"hosts": fleet.hosts, "vars": fleet.group}},
            extra_vars=injected("Bitrix24 application", client_id=CLIENT_ID, client_secret=CLIENT_SECRET),
        )
        done = job.send()
        assert done.returncode == 0, done.stdout
        after = json.loads(path.read_text())
        secrets = [CLIENT_SECRET, *(pair[key] for pair in (before, after) for key in ("access_token", "refresh_token"))]
        assert after["refresh_token"] != before["refresh_token"]
        traces = set().union(*map(traces_of, secrets))
        texts = [file.read_text() for file in done.artifacts.rglob("*") if file.is_file()] + [done.output]
        assert len(texts) > 10 and not [trace for trace in traces for text in texts if trace in text]
