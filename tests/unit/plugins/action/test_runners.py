# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One table of tasks with the collection's own modules, run by both runners in real ansible-playbook processes."""

from __future__ import annotations

import json

import pytest

from tests.demo.state import STATE
from tests.playbooks import RUNNERS, run_tasks
from tests.simulator.server import Simulator
from tests.unit.plugins.module_utils.scripted import KEY

SECRET = "adminsecret00001"


def info(**options):
    return {"bitrix24.portal.mailservice_info": options}


def service(**options):
    return {"bitrix24.portal.mailservice": options}


def service_set(*entries, **options):
    return {"bitrix24.portal.mailservice_set": dict(options, mailservices=list(entries))}


def audit(*entries, **options):
    return {"bitrix24.portal.mailservice_audit": dict(options, mailservices=list(entries))}


# In order: each task finds what those before it left.
TABLE = {
    "read all": info(),
    "read everything": info(include_inactive=True, labels=True),
    "read what is not there": info(id=99),
    "foresee a create": dict(service(name="New mail", server="imap.example.com", port=993), check_mode=True, diff=True),
    "create": dict(service(name="New mail", server="imap.example.com", port=993), diff=True),
    "create again": service(name="New mail", server="imap.example.com", port=993),
    "change": dict(service(name="New mail", port=143, link="https://mail.example.com/"), diff=True),
    "rename": service(name="Newer mail", previous_names=["New mail"]),
    "deactivate": service(name="yahoo", active=False),
    "a warning": service(name="yahoo", port=143),
    "delete": dict(service(name="Newer mail", state="absent"), diff=True),
    "delete again": service(id=8, state="absent"),
    "entries over a baseline": dict(
        service_set(
            {"name": "gmail", "sort": "{{ nowhere | default(omit) }}"}, baseline=[{"name": "gmail", "sort": 7}]
        ),
        check_mode=True,
    ),
    "a preset": dict(service(preset="web.de", sort=7), check_mode=True),
    "presets over a baseline": dict(
        service_set({"name": "gmail", "port": 143}, {"preset": "gmx.net"}, baseline=[{"preset": "gmail"}]),
        check_mode=True,
    ),
    "the guard of the catch-all": service(name="other", state="absent"),
    "several problems at once": service(name=" ", port=0, sort=0),
    "an unknown ID": service(id=99, name="x"),
    "not an administrator": service(name="x", webhook_url="{{ user_webhook }}"),
    "without the scope": info(webhook_url="{{ noscope_webhook }}"),
    "a wrong webhook": info(webhook_url="{{ wrong_webhook }}"),
    "another host": info(expected_host="portal.example.com"),
    "nobody there": info(webhook_url="http://127.0.0.1:1/rest/1/nobodysecret01/", retries=0),
    "a malformed address": info(webhook_url="nonsense"),
    "plain http": info(webhook_url="http://portal.example.com/rest/1/plainsecret01/"),
    "a name that is none": service_set({"name": 163}, protect="[a"),
    "a preset that is none": service(preset="gmial"),
    "an audit of presets": audit({"preset": "gmail"}, {"preset": "gmial"}),
    "too many removals": service_set({"name": "gmail"}, purge="deactivate", max_removals=0),
    "an audit of what cannot be": audit({"name": "Set mail", "port": "many"}, "Set mail"),
    "an audit of a portal that does not answer": audit(
        webhook_url="http://127.0.0.1:1/rest/1/nobodysecret01/", retries=0
    ),
    "an audit without the scope": audit(webhook_url="{{ noscope_webhook }}"),
    "an access token": info(webhook_url=None, portal_url="{{ portal_url }}", access_token="tok-ok"),
    "a set": dict(
        service_set({"name": "Set mail", "server": "imap.set.example.com"}, {"name": "office365", "sort": 5}), diff=True
    ),
    "the same set": service_set(
        {"name": "Set mail", "server": "imap.set.example.com"}, {"name": "office365", "sort": 5}
    ),
    "a set with a journal": service_set(
        {"name": "Set mail", "active": False}, journal="log/journal.jsonl", backup_dir="states"
    ),
    "who we are": {"bitrix24.portal.portal_info": {}},
    "who is no administrator": {"bitrix24.portal.portal_info": {"webhook_url": "{{ user_webhook }}"}},
    "an audit": audit({"name": "Set mail", "port": 143}, {"name": "gone"}, webhook_expires="2027-03-31"),
    "a loop": dict(info(name="{{ item }}"), loop=["gmail", "no such"]),
}

DIFFERS = {"invocation", "backup_file", "waited", "operating", "server_time", "clock_difference"}


def comparable(value):
    if isinstance(value, dict):
        return {key: comparable(each) for key, each in value.items() if key not in DIFFERS}
    return [comparable(each) for each in value] if isinstance(value, list) else value


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    runs = {}
    with Simulator() as simulator:
        for runner, environment in RUNNERS.items():
            simulator.state = STATE
            simulator.clear_requests()
            variables = {"%s_webhook" % kind: simulator.webhook(kind) for kind in ("user", "noscope")}
            variables.update(
                wrong_webhook=simulator.webhook().replace(SECRET, "wrongsecret01"), portal_url=simulator.url
            )
            env = {"B24_WEBHOOK_URL": simulator.webhook(), "ANSIBLE_PIPELINING": "true"}
            folder = tmp_path_factory.mktemp("runner")
            runs[runner] = run_tasks(folder, TABLE, "-vvv", env=env, environment=environment, vars=variables)
            runs[runner].folder = folder
            runs[runner].requests = [
                (request["method"], request["path"], KEY.sub(r"\1", json.dumps(request["body"])))
                for request in simulator.requests
            ]
    return runs


@pytest.mark.parametrize("name", TABLE)
def test_both_runners_give_the_same_result(both, name):
    here, module = (comparable(both[runner].results[name]) for runner in RUNNERS)
    assert here == module


def test_both_runners_send_the_same_requests(both):
    assert both["in process"].requests == both["module"].requests


def test_both_runners_print_the_same_warnings(both):
    here, module = ([line for line in both[runner].warnings if "[ERROR]" not in line] for runner in RUNNERS)
    assert here == module


@pytest.mark.parametrize("runner", RUNNERS)
def test_journal_and_state_before_lie_beside_the_playbook(both, runner):
    lines = (both[runner].folder / "log" / "journal.jsonl").read_text().splitlines()
    (backup,) = (both[runner].folder / "states").iterdir()
    assert [json.loads(line)["event"] for line in lines] == ["intent", "outcome"]
    assert both[runner].results["a set with a journal"]["backup_file"] == str(backup)


@pytest.mark.parametrize("runner", RUNNERS)
@pytest.mark.parametrize(
    "secret", [SECRET, "usersecret000002", "noscope000000003", "wrongsecret01", "nobodysecret01", "plainsecret01"]
)
def test_no_result_holds_a_secret(both, runner, secret):
    assert secret not in str(both[runner].results)


@pytest.mark.parametrize("runner", RUNNERS)
def test_no_secret_of_the_environment_is_printed(both, runner):
    """Those that stand in the playbook are quoted by ansible-core itself."""
    assert SECRET not in both[runner].output


def test_the_table_does_what_it_says(both):
    results = both["in process"].results
    failed = {name for name, result in results.items() if result.get("failed")}
    assert failed == set(
        list(TABLE)[list(TABLE).index("the guard of the catch-all") : list(TABLE).index("an access token")]
    )
    assert {name for name, result in results.items() if result.get("changed")} == {
        "foresee a create",
        "create",
        "change",
        "rename",
        "deactivate",
        "a warning",
        "delete",
        "entries over a baseline",
        "a preset",
        "presets over a baseline",
        "a set",
        "a set with a journal",
    }
