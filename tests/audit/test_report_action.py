# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""mailservice_report: what it reads, writes and returns."""

from __future__ import annotations

import json
import re

import pytest

from ansible_collections.bitrix24.portal.plugins.action.mailservice_report import ActionModule
from ansible_collections.bitrix24.portal.plugins.action.mailservice_report import _sources as sources
from ansible_collections.bitrix24.portal.plugins.module_utils._runner import Task, execute
from ansible_collections.bitrix24.portal.plugins.plugin_utils._action import validate_options
from ansible_collections.bitrix24.portal.plugins.plugin_utils._controller import PlayHosts
from tests.audit import fleet

FILES = {"json": "audit.json", "junit": "audit.xml", "markdown": "audit.md", "prometheus": "audit.prom"}


class Play:
    """A play of which each host registered a result as ``audited``, or None; hosts may have been stopped."""

    def __init__(self, folder, registered, stopped=()):
        self.folder = folder
        self.hosts = PlayHosts(
            {
                "groups": {"all": [*registered, "elsewhere"]},
                "ansible_play_hosts_all": list(registered),
                "ansible_play_batch": [],
                "ansible_play_hosts": [host for host in registered if host not in stopped],
                "hostvars": self,
            }
        )
        self._registered = registered

    def raw_get(self, host):
        return {} if self._registered[host] is None else {"audited": self._registered[host]}

    def report(self, check_mode=False, **options):
        given = dict({"dir": str(self.folder), "time": fleet.NOON, "registered": "audited"}, **options)
        given = {name: value for name, value in given.items() if value is not None}
        validation = validate_options(ActionModule.SPEC, given)
        assert not validation.error_messages, validation.error_messages
        action = object.__new__(ActionModule)
        task = Task(validation.validated_parameters, check_mode)
        return execute(lambda task: action.work(task, self.hosts), task)

    def written(self):
        return json.loads((self.folder / "audit.json").read_text())

    def statuses(self):
        return {portal["name"]: portal["status"] for portal in self.written()["portals"]}


@pytest.fixture
def play(tmp_path):
    return Play(tmp_path, {"north": fleet.in_order("north", 3), "south": fleet.drifted("south", 9)})


def refused(result):
    assert result["failed"] and "\n" not in result["msg"] and "fault of the collection" not in result["msg"], result
    return result["msg"]


def test_the_report_is_written_in_five_forms_and_told_in_lines(play):
    result = play.report()
    assert result["changed"] is True
    assert result["files"] == {form: str(play.folder / name) for form, name in dict(FILES, html="audit.html").items()}
    assert {path.name for path in play.folder.iterdir()} == {*FILES.values(), "audit.html"}
    assert result["lines"][0] == "Of 2 portals, 1 has drifted, 1 is in order."
    assert list(result["failed_hosts"]) == ["south"] and "Mail 05: missing" in result["failed_hosts"]["south"]


def test_the_same_moment_writes_nothing_anew(play):
    play.report()
    assert play.report()["changed"] is False
    assert play.report(time="2026-11-23T12:00:00Z")["changed"] is True


def test_check_mode_says_the_same_and_writes_nothing(play):
    checked = play.report(check_mode=True)
    assert list(play.folder.iterdir()) == []
    done = play.report()
    assert {**checked, "invocation": None} == {**done, "invocation": None}
    assert play.report(check_mode=True)["changed"] is False


def test_a_host_that_was_stopped_is_reported_and_one_without_a_turn_so_far_as_not_audited(tmp_path):
    skipped = {"skipped": True, "msg": "Conditional result was False"}
    untold = {"failed": True, "msg": "no template"}
    results = {"a": fleet.in_order("a", 3), "stopped": None, "waiting": None, "skipped": skipped, "untold": untold}
    play = Play(tmp_path, results, stopped=["stopped"])
    play.report()
    assert play.statuses() == {
        "a": "in_order",
        "stopped": "unreachable",
        "untold": "unreachable",
        "waiting": "not_audited",
        "skipped": "not_audited",
    }


def test_results_can_be_given_by_the_names_of_portals(play):
    play.report(registered=None, audits={"elsewhere": fleet.in_order("elsewhere", 3)})
    assert play.statuses() == {"elsewhere": "in_order"}


@pytest.mark.parametrize("options", [{}, {"registered": "audited", "audits": {}}])
def test_exactly_one_source_of_results_is_needed(options):
    assert validate_options(ActionModule.SPEC, options).error_messages


def test_a_name_that_no_host_registered_is_refused(play):
    assert refused(play.report(registered="audit")) == "registered: no host of the play has a variable audit"


def test_what_is_no_result_is_refused_by_its_hosts_name(play):
    assert refused(play.report(registered=None, audits={"north": "all right"})).startswith("north: ")


def test_the_time_is_that_of_the_controller_unless_it_is_given(play):
    play.report(time=None)
    assert re.fullmatch(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ", play.written()["generated"])


def test_the_sources_of_the_inventory_are_told_as_they_would_be_given_where_ansible_was_started(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert sources([f"{tmp_path}/inventory.yml", f"{tmp_path}/hosts/prod", "/etc/hosts.yml", "a,b,"]) == (
        "inventory.yml",
        "hosts/prod",
        "/etc/hosts.yml",
        "a,b,",
    )
    assert sources(None) == ()


BAD = {
    "files: there is no form 'pdf'": dict(files={"pdf": "audit.pdf"}),
    "files: the form json needs the path of a file": dict(files={"json": 7}),
    "fail_on: there is no 'drfit'; it may hold drift, ": dict(fail_on=["drfit"]),
    "drift: there is no 'unreachable'; it may hold missing, ": dict(drift=["unreachable"]),
    "time is a moment": dict(time="now"),
    "exceptions[0] has no reason": dict(exceptions=[{"portal": "north"}]),
}


@pytest.mark.parametrize("problem", BAD)
def test_an_option_that_cannot_be_is_named_as_here_and_as_in_the_role_and_nothing_is_written(play, problem):
    msg = refused(play.report(**BAD[problem]))
    option = re.match(r"\w+", problem)[0]
    assert msg.startswith(problem) and msg.endswith(f"(in the role mailservice_audit: mailservice_audit_{option})")
    assert list(play.folder.iterdir()) == []


def test_a_file_that_cannot_be_written_is_named_with_the_reason(play):
    (play.folder / "audit.md").mkdir()
    assert refused(play.report()).endswith(f"cannot be written to {play.folder}/audit.md: not a regular file")


def test_a_folder_that_is_there_keeps_its_mode_and_one_that_is_missing_is_made(play):
    play.folder.chmod(0o750)
    play.report(files={"text": "sub/audit.txt"})
    assert play.folder.stat().st_mode & 0o777 == 0o750 and (play.folder / "sub" / "audit.txt").exists()


def test_the_last_report_tells_when_a_portal_was_read_even_where_no_json_is_asked_for(play, tmp_path):
    play.report(time="2026-11-20T03:00:00Z")
    later = Play(tmp_path, {"north": fleet.down("north")})
    later.report(files={"html": "audit.html", "json": "other.json"})
    assert json.loads((tmp_path / "other.json").read_text())["portals"][0]["last_success"] is None
    later.report(files={"markdown": "audit.md"})
    assert "2026-11-20" in (tmp_path / "audit.md").read_text()


def test_a_last_report_that_cannot_be_read_is_none(play):
    (play.folder / "audit.json").mkdir()
    assert not play.report(files={"markdown": "audit.md"}).get("failed")
