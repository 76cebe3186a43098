# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever else the roles are given (a file, a plan, an earlier report, an error's text): it is handed on, and never evaluated."""

from __future__ import annotations

import json

import pytest

from tests.roles.fleet import Fleet, service, state
from tests.roles.hostile_names import LOOKUP, PLUGIN
from tests.simulator import misbehaviour
from tests.simulator.server import Simulator

CODE = f"#jinja2:variable_start_string:'[%',variable_end_string:'%]'\n[% lookup('{PLUGIN}') %] {{{{ lookup('{PLUGIN}') }}}}"
"""Evaluated with the delimiters that it brings along, or with Ansible's own."""


@pytest.fixture
def play(tmp_path):
    """Runs a playbook of the collection on one portal; fails if anything in it was evaluated."""
    plugins = tmp_path / "lookup_plugins"
    plugins.mkdir()
    (plugins / (PLUGIN + ".py")).write_text(LOOKUP)
    calls = tmp_path / "calls"
    environment = {"ANSIBLE_LOOKUP_PLUGINS": str(plugins), "COUNTED_CALLS": str(calls)}
    with Simulator() as simulator:
        portal = simulator.portals[0]
        portal.state = state(service(1, "Company mail"))
        fleet = Fleet(tmp_path, [portal]).wants({"name": "Company mail"})
        fleet.portal = portal

        def run(playbook, *arguments):
            done = fleet.play(playbook, *arguments, env=environment)
            assert not calls.exists(), done.output
            return done

        run.fleet, run.folder = fleet, tmp_path
        yield run


def unsafe(**variables):
    """A file of variables whose text Ansible takes as it is."""
    lines = "\n".join(f"{name}: !unsafe {json.dumps(value)}" for name, value in variables.items())
    return lines + "\n"


def test_an_earlier_report(play):
    report = play.folder / "mailservice_audit" / "audit.json"
    report.parent.mkdir()
    play.fleet.hosts["portal-1"]["bitrix24_connection"]["webhook_url"] = "http://127.0.0.1:9/rest/1/adminsecret00001/"
    play.fleet.hosts["portal-1"]["bitrix24_expected_host"] = "127.0.0.1:9"
    portal = {"name": "portal-1", "last_success": "2026-01-02T03:04:05Z", "summary": CODE, "error": {"text": CODE}}
    report.write_text(json.dumps({"schema_version": CODE, "title": CODE, "portals": [portal, dict(portal, name=CODE)]}))
    assert play("audit").hosts("failed") == ["portal-1"]


@pytest.mark.parametrize("altered", ["schema_version", "digest", "portals"])
def test_an_approved_plan(play, altered):
    play("plan")
    path = play.fleet.output / "plan.json"
    plan = json.loads(path.read_text())
    path.write_text(
        json.dumps(dict(plan, **{altered: {"portal-1": CODE, CODE: CODE} if altered == "portals" else CODE}))
    )
    run = play("reconcile", "-e", f"mailservices_approved_plan={path}")
    assert run.returncode != 0


@pytest.mark.parametrize("playbook", ["plan", "reconcile", "audit", "export"])
def test_the_portals_own_words(play, playbook, monkeypatch):
    monkeypatch.setattr(misbehaviour, "refuse", lambda error, words: misbehaviour.RestError(error, CODE, 401))
    play.fleet.portal.faults = [
        dict(kind="expired_token", method=method, times=0) for method in ("mailservice.list", "profile", "batch")
    ]
    assert play(playbook).hosts("failed") == ["portal-1"]


@pytest.mark.parametrize(
    "playbook, variable",
    [
        ("reconcile", "mailservices_wanted"),
        ("reconcile", "mailservices_max_removals"),
        ("reconcile", "bitrix24_expected_host"),
        ("audit", "mailservices_wanted"),
        ("audit", "mailservices_protect"),
        ("export", "mailservice_export_date"),
    ],
)
def test_a_text_in_an_error_about_a_variable(play, playbook, variable):
    variables = play.folder / "wrong.yml"
    variables.write_text(unsafe(**{variable: CODE}))
    play(playbook, "-e", f"@{variables}")


@pytest.mark.parametrize("playbook", ["reconcile", "audit"])
def test_the_name_of_an_entry_that_cannot_be_meant(play, playbook):
    variables = play.folder / "wrong.yml"
    entry = f"{{name: !unsafe {json.dumps(CODE)}, port: 99999}}"
    variables.write_text(f"mailservices_wanted: [{entry}, {entry}]\n")
    assert play(playbook, "-e", f"@{variables}").hosts("failed") == ["portal-1"]
