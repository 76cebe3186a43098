# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""No secret comes out: not at -vvvvv, not in a log, a callback's file or a temporary folder, whatever the portal does."""

from __future__ import annotations

import json

import pytest
import yaml

from tests.behaviour.authorized import write_tokens
from tests.conftest import ROOT
from tests.faults.leaks import FAULTS, TELLING, TOKEN, TRACES, Shelf, leaks, leaks_in, traces_of
from tests.playbooks import RUNNERS, ansible_playbook
from tests.simulator.oauth import CLIENT_ID, CLIENT_SECRET
from tests.simulator.server import Simulator

VERSION = yaml.safe_load((ROOT / "galaxy.yml").read_text())["version"]
SOON = dict(timeout=1, retries=0, retry_max_wait=2, inactive_lookahead=2)
MODULES = {
    "mailservice": dict(name="One", port=993, **SOON),
    "mailservice_set": dict(
        mailservices=[dict(name="New", server="imap.new", active=False), dict(name="Two", state="absent")],
        on_error="continue",
        **SOON,
    ),
    "mailservice_info": dict(include_inactive=True, labels=True, **dict(SOON, timeout=2)),
    "portal_info": {name: SOON[name] for name in ("timeout", "retries", "retry_max_wait")},
}
WITH = {
    "webhook": dict(webhook_url="{{ portals[item].webhook }}"),
    "token": dict(portal_url="{{ portals[item].url }}", access_token="{{ token }}"),
}
ROLES = sorted(path.name for path in (ROOT / "roles").iterdir())
ROLE_VARIABLES = dict(
    mailservices_wanted=[dict(name="One", port=993), dict(name="New", server="imap.new")],
    mailservices_verify="none",
    mailservice_audit_verify="none",
    mailservices_output_dir="{{ playbook_dir }}/mailservices",
    mailservice_audit_dir="{{ playbook_dir }}/audit",
    mailservice_export_dir="{{ playbook_dir }}/export",
)
GIVEN = ("secrets.yml",)
ALL = tuple(FAULTS) + ("no_host", "no_tls")


@pytest.fixture
def shelf(monkeypatch):
    with Shelf(monkeypatch) as shelf:
        yield shelf


class Scene:
    """A folder with the secrets in a vars file, and a run of ansible-playbook that says and keeps as much as it can."""

    def __init__(self, folder, shelf):
        self.folder = folder
        portals = {name: dict(url=shelf.urls[name], webhook=shelf.webhook(name), host=shelf.host(name)) for name in ALL}
        (folder / "secrets.yml").write_text(yaml.safe_dump(dict(portals=portals, token=TOKEN)))
        for name in ("tmp", "home"):
            (folder / name).mkdir()

    def play(self, plays, *arguments, says="PLAY RECAP", **environment):
        (self.folder / "play.yml").write_text(
            yaml.safe_dump([dict(dict(gather_facts=False, vars_files=["secrets.yml"]), **play) for play in plays])
        )
        tmp = str(self.folder / "tmp")
        keeps = dict(
            TMPDIR=tmp,
            HOME=str(self.folder / "home"),
            ANSIBLE_LOCAL_TEMP=tmp,
            ANSIBLE_REMOTE_TEMP=tmp,
            ANSIBLE_LOG_PATH=str(self.folder / "ansible.log"),
            ANSIBLE_CALLBACKS_ENABLED="ansible.builtin.junit,ansible.builtin.tree",
            JUNIT_OUTPUT_DIR=str(self.folder / "junit"),
            ANSIBLE_CALLBACK_TREE_DIR=str(self.folder / "tree"),
            ANSIBLE_CALLBACK_RESULT_FORMAT="json",
            ANSIBLE_DIFF_ALWAYS="true",
        )
        process = ansible_playbook(
            self.folder / "play.yml", "-vvvvv", *arguments, env=dict(keeps, **environment), cwd=self.folder
        )
        output = process.stdout + process.stderr
        assert says in output, output[-3000:]
        assert (self.folder / "ansible.log").stat().st_size > 1000 and list((self.folder / "junit").iterdir())
        assert leaks(output) == [] and leaks_in(self.folder, but=GIVEN) == {}
        return output


def play_of(module, faults, connection="webhook", runner="in process"):
    """Every fault in turn, what was registered printed, and printed again as a template makes it."""
    options = dict(MODULES[module], **WITH[connection])
    result = "%s_%s" % (module, connection)
    echo = "{{ %s.results | map(attribute='msg', default='') | list }} {{ %s | to_json }}" % (result, result)
    tasks = [
        {
            "name": "%s by %s" % (module, connection),
            "bitrix24.portal." + module: options,
            "loop": list(faults),
            "register": result,
            "ignore_errors": True,
        },
        {"name": "Print it", "ansible.builtin.debug": {"var": result}},
        {"name": "Print it again", "ansible.builtin.debug": {"msg": echo}},
    ]
    return dict(hosts="localhost", environment=RUNNERS[runner], tasks=tasks)


@pytest.mark.parametrize(
    "connection, faults",
    [
        pytest.param("webhook", ALL, id="webhook"),
        pytest.param("token", TELLING, id="token"),
        pytest.param("token", ALL, id="token_all", marks=pytest.mark.long),
    ],
)
def test_in_process_no_fault_of_the_portal_brings_a_secret_out_of_any_module(tmp_path, shelf, connection, faults):
    output = Scene(tmp_path, shelf).play([play_of(module, faults, connection) for module in MODULES])
    assert output.count("ansible_loop_var") >= len(faults) * len(MODULES)
    for said in ("connection refused", "elsewhere.example/rest/") + (
        ("/rest/1/***", "host name not found") if connection == "webhook" else ()
    ):
        assert said in output
    assert len(shelf.requests) > len(faults)
    for request in shelf.requests:
        assert (
            request["method"] == "POST" and "?" not in request["path"] and leaks(json.dumps(request["headers"])) == []
        )
        assert request["headers"]["User-Agent"] == "bitrix24.portal/%s" % VERSION


def test_in_the_modules_own_process_the_most_telling_faults_bring_no_secret_out(tmp_path, shelf):
    plays = [
        play_of(module, [fault], "webhook", "module")
        for module, fault in zip(MODULES, ("refused", "moved", "reset", "html_502"))
    ]
    assert "AnsiballZ_" in Scene(tmp_path, shelf).play(plays)


@pytest.mark.parametrize("runner", RUNNERS)
def test_no_renewal_brings_a_token_or_the_applications_secret_out(tmp_path_factory, shelf, monkeypatch, runner):
    """One task for each thing that the authorization server may say, its own description quoting all that it was sent."""
    folder, elsewhere = tmp_path_factory.mktemp("play"), tmp_path_factory.mktemp("tokens")
    found = set(TRACES) | traces_of(CLIENT_SECRET)
    monkeypatch.setattr("tests.faults.leaks.TRACES", found)
    with Simulator(oauth=True) as simulator:
        pairs, tasks = {}, []
        for number in range(4):
            pair = simulator.oauth.issue(f"{simulator.url}/rest/")
            pairs[pair["refresh_token"]] = pair
            path = write_tokens(elsewhere / f"{number}.json", pair)
            connection = dict(token_file=str(path), client_id=CLIENT_ID, client_secret="{{ token }}", retries=0)
            tasks.append({"bitrix24.portal.mailservice_info": connection, "register": "told", "ignore_errors": True})
            tasks.append({"ansible.builtin.debug": {"var": "told"}})

        def answers(new):
            number = len(simulator.oauth.requests) - 1
            old = pairs[simulator.oauth.requests[-1]["parameters"]["refresh_token"]]
            sent = " ".join([CLIENT_SECRET, old["refresh_token"], old["access_token"]])
            for pair in (old, new):
                found.update(*map(traces_of, [pair["access_token"], pair["refresh_token"]]))
            code = ("invalid_grant", "PAYMENT_REQUIRED", sent, None)[number]
            return {"error": code, "error_description": sent} if code else dict(new, scope=sent)

        simulator.oauth.alter = answers
        simulator.oauth.expire()
        scene = Scene(folder, shelf)
        (folder / "secrets.yml").write_text(yaml.safe_dump(dict(token=CLIENT_SECRET)))
        output = scene.play([dict(hosts="localhost", environment=RUNNERS[runner], tasks=tasks)])
        assert simulator.oauth.renewals == 4 and "invalid_grant" in output and "PAYMENT_REQUIRED" in output
        assert len(simulator.requests) == 5, "four refusals and the one call that was repeated"


@pytest.mark.long
@pytest.mark.parametrize("connection", WITH)
@pytest.mark.parametrize("module", MODULES)
def test_in_the_modules_own_process_no_fault_of_the_portal_brings_a_secret_out(tmp_path, shelf, module, connection):
    assert "AnsiballZ_" in Scene(tmp_path, shelf).play([play_of(module, ALL, connection, "module")])


@pytest.mark.long
@pytest.mark.parametrize("callback", ["minimal", "oneline"])
def test_no_other_callback_brings_a_secret_out(tmp_path, shelf, callback):
    Scene(tmp_path, shelf).play(
        [play_of(module, ALL) for module in MODULES], says="localhost | FAILED!", ANSIBLE_STDOUT_CALLBACK=callback
    )


def test_in_process_not_even_ansibles_own_debugging_brings_a_secret_out(tmp_path, shelf):
    plays = [
        play_of(module, ["html_502"], connection)
        for module, connection in zip(MODULES, ("webhook", "token", "token", "webhook"))
    ]
    assert "starting run" in Scene(tmp_path, shelf).play(plays, ANSIBLE_DEBUG="1")


@pytest.mark.parametrize(
    "faults", [("reset",), pytest.param(ALL, marks=pytest.mark.long)], ids=["one_fault", "every_fault"]
)
@pytest.mark.parametrize("role", ROLES)
def test_no_fault_of_the_portal_brings_a_secret_out_of_a_role(tmp_path, shelf, role, faults):
    hosts = {
        name: {
            "ansible_connection": "local",
            "bitrix24_expected_host": shelf.host(name),
            "ansible_python_interpreter": "{{ ansible_playbook_python }}",
        }
        for name in faults
        if name != "no_tls"
    }
    (tmp_path / "hosts.yml").write_text(json.dumps({"all": {"hosts": hosts}}))
    connection = dict(webhook_url="{{ portals[inventory_hostname].webhook }}", **MODULES["portal_info"])
    play = dict(
        hosts="all",
        module_defaults={"group/bitrix24.portal.all": connection},
        vars=ROLE_VARIABLES,
        roles=["bitrix24.portal." + role],
    )
    output = Scene(tmp_path, shelf).play([play], "-i", str(tmp_path / "hosts.yml"))
    assert shelf.requests, output[-3000:]


@pytest.mark.parametrize("told", [TOKEN, "x" + TOKEN[3:16], "/rest/1/adminsecret00001/profile"])
def test_the_search_finds_what_it_looks_for(tmp_path, told):
    (tmp_path / "log").write_text("before %s after" % told)
    assert leaks_in(tmp_path)
