# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""mailservice_plan in a playbook of anybody's own, on results that are given to it."""

from __future__ import annotations

import json

import pytest

from ansible_collections.bitrix24.portal.plugins.module_utils._causes import cause
from ansible_collections.bitrix24.portal.plugins.module_utils._planning.plan import digest_of
from tests.playbooks import run_tasks
from tests.roles.hostile_names import LOOKUP, PLUGIN

CODE = f"#jinja2:variable_start_string:'[%',variable_end_string:'%]'\n[% lookup('{PLUGIN}') %] {{{{ lookup('{PLUGIN}') }}}}"


def result(host, deletions=0, name=None, **more):
    deleted = [{"name": name or str(at), "id": at, "changes": {}} for at in range(1, deletions + 1)]
    plan = {"creations": [], "updates": [], "deactivations": [], "deletions": deleted, "unchanged": [], **more}
    return {"host": host, "plan": plan, "plan_digest": digest_of(host, plan, []), "effects": [], "cautions": []}


def plan(**options):
    return {"bitrix24.portal.mailservice_plan": options}


QUIET, REMOVING, DOWN = result("q.example.com"), result("r.example.com", 2), {"msg": "it is down", "failed": True}
MANY_CAUSE = cause("max_removals", number=2, names="x", most=1)
MANY = {"msg": MANY_CAUSE["message"], "causes": [MANY_CAUSE], "failed": True}
PLANS = {"q": QUIET, "r": REMOVING, "d": DOWN}
REGISTERED = {"ansible.builtin.set_fact": {"given": "{{ from_file }}", "skipped": {"skipped": True}, "wrong": ["x"]}}

TASKS = {
    "fact": REGISTERED,
    "plans": plan(plans=PLANS),
    "files": plan(
        plans=PLANS,
        plan_file="new/plan.json",
        comment_file="other/plan.md",
        page_file="other/plan.html",
        commit="c0ffee",
        job="7",
    ),
    "the same": plan(plans={"r": REMOVING, "d": DOWN, "q": QUIET}),
    "another": plan(plans=dict(PLANS, q=REMOVING)),
    "stopped": plan(plans=PLANS, stopped={"r": "not approved", "unknown": "x"}),
    "limit": plan(plans=PLANS, fleet_max_removals=1),
    "all": plan(plans=PLANS, stop_all=True),
    "named": plan(plans={"a": MANY}, prefix="mailservices_"),
    "all named": plan(plans=PLANS, stop_all=True, prefix="mailservices_"),
    "registered": plan(registered="given", plan_file="given.json"),
    "skipped": plan(registered="skipped"),
    "nobody": plan(registered="nothing"),
    "wrong": plan(registered="wrong"),
    "incomplete": plan(plans={"x": {"plan": {"creations": []}}}),
    "check": plan(),
    "no file": plan(approved_plan="missing.json"),
    "a folder": plan(approved_plan="."),
    "an empty file": plan(approved_plan="empty.json"),
    "no path": plan(approved_plan=""),
    "a blank path": plan(approved_plan=" "),
    "no name": plan(approved_plan="a\0b"),
    "an empty digest": plan(approved_plan="given.json", approved_digest=""),
    "approved": plan(approved_plan="given.json", approved_digest="{{ result_%d.digest }}"),
    "not approved": plan(approved_plan="given.json", approved_digest="0" * 64),
    "beyond the limit": plan(approved_plan="given.json", fleet_max_removals=0),
    "another's": plan(approved_plan="new/plan.json"),
    "no place": plan(plans=PLANS, plan_file="."),
    "both": plan(plans=PLANS, registered="given"),
    "address": {"ansible.builtin.set_fact": {"bitrix24_expected_host": "portal.example.com/rest/1/sesame/"}},
    "a webhook": plan(),
}
TASKS["approved"]["bitrix24.portal.mailservice_plan"]["approved_digest"] %= list(TASKS).index("registered")


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("plans")
    plugins = folder / "lookup_plugins"
    plugins.mkdir()
    (plugins / (PLUGIN + ".py")).write_text(LOOKUP)
    (folder / "empty.json").write_text("")
    given = result("c", 1, CODE, unchanged=[{"name": "not printed anywhere", "id": 9, "changes": {}}])
    variables = folder / "variables.json"
    variables.write_text("from_file: " + unsafe(given) + "\n")
    env = {"ANSIBLE_LOOKUP_PLUGINS": str(plugins), "COUNTED_CALLS": str(folder / "calls")}
    run = run_tasks(folder, TASKS, "-e", f"@{variables}", "--check", "--diff", "-vvv", env=env)
    run.folder = folder
    run.given = given
    return run


def unsafe(value):
    """The value in YAML, each text of which Ansible takes as it is."""
    if isinstance(value, dict):
        return "{%s}" % ", ".join(f"{key}: {unsafe(part)}" for key, part in value.items())
    if isinstance(value, list):
        return "[%s]" % ", ".join(map(unsafe, value))
    return ("!unsafe " if isinstance(value, str) else "") + json.dumps(value)


def test_plans_are_told_and_those_who_may_go_on_are_named(run):
    told = run.results["plans"]
    assert told["lines"] == [
        "nothing to do on 1 portal: q",
        "r: 2 to DELETE",
        "  ! DELETE '1' (id 1)",
        "  ! DELETE '2' (id 2)",
        "d: stopped: it is down",
        "signs: + create, ~ change, - switch off, ! DELETE, ⛔ no way back, ⚠ check that it is meant",
    ]
    assert told["stops"] == {"d": "it is down"} and told["pending"] == ["r"] and told["removals"] == 2
    assert told["digests"] == {"q": QUIET["plan_digest"], "r": REMOVING["plan_digest"], "d": None}
    assert told["portals"] == {"total": 3, "pending": 1, "unchanged": 1, "stopped": 1}
    assert told["summary"].endswith("2 to DELETE on 1 of 3 portals; 1 could not be planned.")
    assert told["changed"] is False and not (run.folder / "plan.json").exists()


def test_the_digest_stands_for_all_plans(run):
    digests = [run.results[name]["digest"] for name in ("plans", "files", "the same", "another")]
    assert len(set(digests[:3])) == 1 and digests[3] != digests[0]


def test_the_files_are_written_in_check_mode_too(run):
    artifact = json.loads((run.folder / "new" / "plan.json").read_text())
    assert (artifact["commit"], artifact["job"], artifact["removals"]) == ("c0ffee", "7", 2)
    assert artifact["digest"] == run.results["files"]["digest"]
    assert run.results["files"]["context"] == {"commit": "c0ffee", "job": "7"}
    for form in ("plan.md", "plan.html"):
        assert artifact["digest"] in (run.folder / "other" / form).read_text()
    assert run.results["files"]["summary"].endswith(". Read other/plan.md. Approve: " + artifact["digest"])


@pytest.mark.parametrize(
    "name, stops, pending",
    [
        ("stopped", {"r": "not approved", "d": "it is down"}, []),
        ("limit", {"r": "2 services would be switched off", "d": "it is down"}, []),
        ("named", {"a": "2 services would be deleted or deactivated (x), more than mailservices_max_removals: 1"}, []),
        ("all named", {"q": "mailservices_stop_all: nothing", "r": "mailservices_stop_all", "d": "it is down"}, []),
        ("all", {"q": "stop_all: nothing", "r": "stop_all: nothing", "d": "it is down"}, []),
        ("skipped", {"localhost": "a condition of the play left it out"}, []),
        ("registered", {}, ["localhost"]),
    ],
)
def test_who_stops_is_told_with_the_reason(run, name, stops, pending):
    told = run.results[name]
    assert {host: why[: len(stops.get(host, why))] for host, why in told["stops"].items()} == stops
    assert told["pending"] == pending


def test_what_hosts_registered_is_handed_on_as_it_is_and_never_evaluated(run):
    assert not (run.folder / "calls").exists()
    artifact = json.loads((run.folder / "given.json").read_text())
    assert artifact["portals"]["localhost"]["plan"]["deletions"][0]["name"] == CODE


def test_what_hosts_registered_is_not_printed_even_with_vvv(run):
    start = run.stdout.index("TASK [registered]")
    printed = run.stdout[start : run.stdout.index("TASK [skipped]")]
    assert "DELETE" in printed and "not printed anywhere" not in printed
    assert "invocation" not in run.results["registered"]


def test_the_check_says_where_each_host_must_lead(run):
    assert run.results["check"]["expected_hosts"] == {"localhost": "localhost"}


def test_the_check_gives_each_host_the_digest_of_its_approved_plan(run):
    assert run.results["check"]["digests"] == {"localhost": None} and run.results["check"]["stops"] == {}
    assert (
        run.results["approved"]["digests"] == {"localhost": run.given["plan_digest"]}
        and run.results["approved"]["stops"] == {}
    )
    assert run.results["another's"]["digests"] == {"localhost": None}
    assert "does not name this portal" in run.results["another's"]["stops"]["localhost"]


@pytest.mark.parametrize(
    "name, why",
    [
        ("nobody", "registered: no host of the play has a variable nothing"),
        ("wrong", "localhost: this is not what mailservice_set returned in check mode"),
        ("incomplete", "x: this is not what mailservice_set returned in check mode"),
        ("no file", "approved_plan: there is no file missing.json"),
        ("a folder", "approved_plan: . cannot be read: not a regular file"),
        ("an empty file", "the approved plan is an empty file; nothing was done"),
        ("no path", "approved_plan is empty, so it names no file; nothing was done"),
        ("a blank path", "approved_plan is empty, so it names no file; nothing was done"),
        ("no name", "approved_plan: a\\x00b cannot be read: no file can have this name; nothing was done"),
        ("an empty digest", "approved_digest is empty; nothing was done"),
        ("not approved", "the plan in the file has the digest"),
        ("beyond the limit", "1 services would be switched off or deleted in all portals"),
        ("no place", "plan_file: . cannot be written: not a regular file"),
        ("both", "parameters are mutually exclusive: registered|plans"),
        ("a webhook", "localhost: bitrix24_expected_host holds a webhook's address"),
    ],
)
def test_what_is_wrong_is_told_in_one_line(run, name, why):
    told = run.results[name]
    assert told["failed"] and told["msg"].startswith(why) and "\n" not in told["msg"], told
