# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module in real playbooks, by both runners, and once for a fleet."""

from __future__ import annotations

import functools
import json
import socket

import pytest
import yaml

from tests.playbooks import RUNNERS, ansible_playbook, run_tasks
from tests.probe.scripted import ScriptedMailServer, imap
from tests.probe.test_misbehaving import PLAIN_CAPABILITIES

good = functools.partial(imap, capabilities=PLAIN_CAPABILITIES)


def task(services, **options):
    return {"bitrix24.portal.mailservice_probe": dict(options, mailservices=services)}


def plain(server, name="Company mail"):
    return {"name": name, "server": server.address, "port": server.port, "encryption": False}


@pytest.mark.parametrize("runner", RUNNERS)
def test_both_runners_tell_the_same_and_where_they_looked_from(tmp_path, runner):
    with ScriptedMailServer(good) as server:
        tasks = {
            "probe": task(
                [dict(plain(server), id=7, link="https://mail.example.com/"), {"name": "Other", "server": None}]
            ),
            "in check mode": dict(task([plain(server)]), check_mode=True),
            "a preset": task([{"preset": "gmail"}], timeout=1),
        }
        run = run_tasks(tmp_path, tasks, environment=RUNNERS[runner])
    result = run.results["probe"]
    assert run.warnings == [] and result["changed"] is False and result["seen_from"] == socket.gethostname()
    assert result["verdicts"] == {"ok": 0, "warning": 1, "failed": 0} and result["without_server"] == ["Other"]
    (endpoint,) = result["endpoints"]
    assert (endpoint["services"], endpoint["code"]) == (["Company mail"], "cleartext")
    assert run.results["in check mode"]["endpoints"][0]["code"] == "cleartext"
    assert run.results["a preset"]["endpoints"][0]["endpoint"] == "imap.gmail.com:993"
    # In one process the run remembers; a module has nobody to ask.
    assert server.connections == (1 if runner == "in process" else 2)


WRONG = {
    "a port that is none": (
        [{"name": "A", "server": "a", "port": "ninety"}],
        {},
        "mailservices: entry 1 ('A'): argument 'port'",
    ),
    "a time-out that is none": ([{"server": "a"}], {"timeout": 0}, "timeout: 0 is no time-out; give 1 to 300 seconds"),
    "an authority that is not there": (
        [{"server": "a"}],
        {"ca_path": "nowhere.pem"},
        "nowhere.pem cannot be used: no such file",
    ),
    "a name that YAML made a boolean": ([{"name": True, "server": "a"}], {}, "quote"),
}


def test_what_cannot_be_is_refused_in_one_line_before_anything_is_probed(tmp_path):
    tasks = {wrong: task(services, **options) for wrong, (services, options, _says) in WRONG.items()}
    results = run_tasks(tmp_path, tasks).results
    for wrong, (_services, _options, says) in WRONG.items():
        msg = results[wrong]["msg"]
        assert results[wrong]["failed"] and says in msg and "\n" not in msg, msg


def test_a_fleet_looks_once_at_what_all_its_portals_name(tmp_path):
    with ScriptedMailServer(good) as server:
        play = {
            "hosts": "all",
            "gather_facts": False,
            "connection": "local",
            "module_defaults": {"group/bitrix24.portal.all": {"webhook_url": "https://portal.example.com/rest/1/abc/"}},
            "tasks": [
                dict(task([plain(server)]), name="Probe", register="probed"),
                {"name": "Say", "ansible.builtin.debug": {"msg": "{{ probed.endpoints[0].code }}"}},
            ],
        }
        (tmp_path / "play.yml").write_text(yaml.safe_dump([play]))
        hosts = ",".join(f"portal-{number}" for number in range(16)) + ","
        done = ansible_playbook(tmp_path / "play.yml", "-i", hosts, "--forks", "8", cwd=tmp_path)
    assert done.returncode == 0 and done.stdout.count('"msg": "cleartext"') == 16, done.stdout + done.stderr
    assert server.connections == 1


def test_hostile_words_of_a_server_stay_words(tmp_path):
    def hostile(sock):
        sock.sendall(b"* OK {{ 7 * 7 }} <script> \x1b[31m ##[error] \xf0\x9f\x93\xae\r\n")

    with ScriptedMailServer(hostile) as server:
        run = run_tasks(
            tmp_path,
            {
                "probe": task([plain(server)]),
                "say": {
                    "ansible.builtin.debug": {
                        "msg": "{{ result_0.endpoints[0].reason }} {{ result_0.endpoints[0].greeting }}"
                    }
                },
            },
        )
    told = json.dumps(run.results["say"]["msg"])
    assert "{{ 7 * 7 }}" in told and "49" not in told and "\x1b" not in run.output and "##[error]" not in run.output
