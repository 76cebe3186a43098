# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The journal: no write without a line that was there before it, and what became of it wherever that can be told."""

from __future__ import annotations

import collections
import errno
import json
import multiprocessing
import os
import signal

import pytest

from ansible_collections.bitrix24.portal.plugins.module_utils._mailservice import journal as _journal
from ansible_collections.bitrix24.portal.plugins.module_utils._mailservice import carry_out as _carry_out
from ansible_collections.bitrix24.portal.plugins.module_utils._mailservice import result as _result
from ansible_collections.bitrix24.portal.plugins.module_utils._rest import transport as _transport
from ansible_collections.bitrix24.portal.plugins.module_utils._rest.client import Client
from ansible_collections.bitrix24.portal.plugins.module_utils._runner import execute
from ansible_collections.bitrix24.portal.plugins.module_utils._version import VERSION
from tests.behaviour.portal import catch_all, service
from tests.simulator.errors import core_error

ENTRIES = [
    {"name": "New", "port": 993},
    {"name": "One", "port": 2},
    {"name": "Two", "active": False},
    {"name": "Old", "state": "absent"},
    {"name": "Same"},
]
SIXTY = [{"id": service_id, "port": 2} for service_id in range(1, 61)]


def refuse():
    raise core_error("no")


@pytest.fixture
def journal(tmp_path):
    return tmp_path / "log" / "journal.jsonl"


@pytest.fixture
def filled(portal):
    portal.has(catch_all(90), *[service(at, name, port=1) for at, name in enumerate(("One", "Two", "Old", "Same"), 1)])
    return portal


@pytest.fixture
def sixty(portal):
    portal.has(*[service(service_id, "S%02d" % service_id, port=1) for service_id in range(1, 61)])
    return portal


def lines(path, event=None):
    found = [json.loads(line) for line in path.read_text().splitlines()]
    return [line for line in found if event in (None, line["event"])]


def statuses(path):
    return collections.Counter(line["status"] for line in lines(path, "outcome"))


def test_each_change_has_its_intent_and_its_outcome(filled, journal):
    result = filled.set(*ENTRIES, journal=str(journal), journal_context={"commit": "c0ffee"})
    told = [
        (line["event"], line["change"], line["action"], line["status"], (line["after"] or line["before"])["id"])
        for line in lines(journal)
    ]
    actions = ["create", "update", "deactivate", "delete"]
    assert told == [
        *[("intent", at, action, None, of) for at, action, of in zip((1, 2, 3, 4), actions, (None, 1, 2, 3))],
        *[("outcome", at, action, "done", of) for at, action, of in zip((1, 2, 3, 4), actions, (91, 1, 2, 3))],
    ]
    assert {
        (line["portal"], line["commit"], line["plan_digest"], line["collection_version"], line["run"], line["error"])
        for line in lines(journal)
    } == {(result["host"], "c0ffee", result["plan_digest"], VERSION, lines(journal)[0]["run"], None)}
    assert {line["owner"] for line in lines(journal, "outcome")} == {result["user"]["id"]}


def test_a_line_says_what_was_there_before_and_after(filled, journal):
    filled.set(*ENTRIES, journal=str(journal))
    update, deletion = lines(journal, "outcome")[1::2]
    assert (update["before"], update["after"]) == (
        {"name": "One", "id": 1, "port": 1},
        {"name": "One", "id": 1, "port": 2},
    )
    assert (deletion["before"]["name"], deletion["before"]["port"], deletion["after"]) == ("Old", 1, None)


def test_the_intents_are_on_the_disk_before_the_first_write_arrives(filled, journal):
    seen = []
    filled.before("mailservice.add", lambda: seen.append([line["event"] for line in lines(journal)]))
    filled.set(*ENTRIES, journal=str(journal))
    assert seen == [["intent"] * 4]


@pytest.mark.parametrize("options", [dict(check_mode=True), dict(journal="")])
def test_without_writes_or_without_the_option_there_is_no_journal(filled, journal, tmp_path, options):
    filled.set(*ENTRIES, **dict(dict(journal=str(journal)), **options))
    assert list(tmp_path.iterdir()) == []


def test_a_task_without_drift_leaves_no_line(filled, journal):
    filled.set({"name": "Same"}, journal=str(journal))
    assert not journal.exists()


@pytest.mark.parametrize("entries", [ENTRIES, SIXTY[:1], [{"name": "New", "active": False}]])
def test_it_costs_no_request(filled, journal, entries):
    filled.has(*[service(service_id, "S%d" % service_id, port=1) for service_id in range(1, 5)], service(9, "Old"))
    state = filled._running.state
    without = filled.set(*entries)["api"]["requests"]
    filled._running.state = state
    assert filled.set(*entries, journal=str(journal))["api"]["requests"] == without


def test_where_it_cannot_be_written_nothing_is_written(filled, tmp_path):
    result = filled.fails("mailservice_set", mailservices=ENTRIES, journal=str(tmp_path))
    assert filled.writes == [] and not result["changed"] and result["plan"]["creations"]
    assert result["msg"] == "the journal %s cannot be written: Is a directory; nothing was done" % tmp_path


def test_a_full_disk_stops_the_task_before_the_portal_is_written_to(filled, journal, monkeypatch):
    def fail(descriptor, content):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(_journal.os, "write", fail)
    message = filled.refuses("mailservice_set", mailservices=ENTRIES, journal=str(journal))
    assert "No space left on device" in message


@pytest.fixture
def full_disk_for_outcomes(monkeypatch):
    """Intents find room, what became of them does not."""
    write = os.write

    def fail(descriptor, content):
        if b'"outcome"' in content:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return write(descriptor, content)

    monkeypatch.setattr(_journal.os, "write", fail)


def test_a_journal_that_fails_afterwards_fails_the_task_with_all_that_is_known(filled, journal, full_disk_for_outcomes):
    result = filled.fails("mailservice_set", mailservices=ENTRIES, journal=str(journal))
    assert result["changed"] and [entry["changed"] for entry in result["results"]] == [True] * 4 + [False]
    assert result["msg"] == "the journal %s cannot be written: No space left on device" % journal
    assert len(lines(journal, "intent")) == 4 and not lines(journal, "outcome")


def test_refused_and_untried_changes_have_outcomes_that_say_so(filled, journal):
    filled.before("mailservice.update", refuse)
    filled.fails("mailservice_set", mailservices=ENTRIES, journal=str(journal))
    told = [(line["action"], line["status"], line["error"] is None) for line in lines(journal, "outcome")]
    assert told == [
        ("create", "done", True),
        ("update", "failed", False),
        ("deactivate", "not_tried", True),
        ("delete", "not_tried", True),
    ]


def test_a_change_whose_fate_is_unknown_is_said_to_be_so(filled, journal):
    filled.misbehaves(
        {"kind": "cut_after_commit", "method": "batch"}, {"kind": "html", "method": "mailservice.list", "nth": 2}
    )
    filled.fails("mailservice_set", mailservices=ENTRIES[1:], journal=str(journal), retries=0)
    assert statuses(journal) == {"unknown": 3}


def test_no_secret_stands_in_it(filled, journal):
    webhook = filled.webhook()
    filled.set({"name": "One", "link": webhook}, journal=str(journal), journal_context={"job": webhook})
    assert len(lines(journal)) == 2 and webhook.rstrip("/").rpartition("/")[2] not in journal.read_text()


def test_a_service_deleted_again_because_its_name_was_altered_has_lines_too(filled, journal):
    filled.misbehaves({"kind": "filtered", "method": "mailservice.add"})
    filled.fails("mailservice_set", mailservices=[{"name": "<script>x"}], journal=str(journal))
    told = [(line["event"], line["change"], line["action"], line["status"]) for line in lines(journal)]
    assert told == [
        ("intent", 1, "create", None),
        ("outcome", 1, "create", "done"),
        ("intent", 2, "delete", None),
        ("outcome", 2, "delete", "done"),
        ("outcome", 1, "create", "failed"),
    ]
    assert lines(journal)[2]["before"] == {"id": 91}


def test_a_journal_that_fails_before_such_a_deletion_keeps_it_from_being_sent(filled, journal, monkeypatch):
    write = os.write

    def fail(descriptor, content):
        if b'"change": 2' in content:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return write(descriptor, content)

    monkeypatch.setattr(_journal.os, "write", fail)
    filled.misbehaves({"kind": "filtered", "method": "mailservice.add"})
    result = filled.fails("mailservice_set", mailservices=[{"name": "<script>x"}], journal=str(journal))
    assert "No space left on device" in result["msg"] and result["changed"] and result["results"][0]["id"] == 91
    assert [verb for verb, dummy in filled.writes] == ["add"]


class TestAnExceptionAfterAWrite:
    """Whatever is raised, each entry is reported and the journal knows."""

    def test_in_verifying_loses_no_result(self, filled, journal, monkeypatch):
        def fail(*arguments):
            raise RuntimeError("a fault")

        monkeypatch.setattr(_carry_out, "verify", fail)
        result = filled.run_unchecked("mailservice_set", mailservices=ENTRIES, journal=str(journal))
        assert result["failed"] and result["changed"] and "fault of the collection" in result["msg"]
        assert [entry["changed"] for entry in result["results"]] == [True] * 4 + [False]
        assert result["mailservices"] is None and statuses(journal) == {"done": 4}

    def test_in_sending_leaves_the_changes_unknown(self, filled, journal, monkeypatch):
        self.breaks(monkeypatch, RuntimeError)
        result = filled.run_unchecked("mailservice_set", mailservices=ENTRIES, journal=str(journal))
        assert [(entry["changed"], entry["failed"]) for entry in result["results"]] == [(True, True)] * 4 + [
            (False, False)
        ]
        assert statuses(journal) == {"unknown": 4}

    @pytest.mark.parametrize("exception", [KeyboardInterrupt, SystemExit])
    def test_that_ends_the_process_goes_on_once_the_journal_is_written(self, filled, journal, monkeypatch, exception):
        self.breaks(monkeypatch, exception)
        with pytest.raises(exception):
            filled.run_unchecked("mailservice_set", mailservices=ENTRIES, journal=str(journal))
        assert statuses(journal) == {"unknown": 4}

    def test_after_the_answer_keeps_what_is_known(self, filled, journal, monkeypatch):
        run_commands = Client.run_commands

        def fail(self, commands, halt=True, observer=None):
            run_commands(self, commands, halt, observer)
            raise RuntimeError

        monkeypatch.setattr(Client, "run_commands", fail)
        result = filled.run_unchecked("mailservice_set", mailservices=ENTRIES[1:], journal=str(journal))
        assert [(entry["changed"], entry["failed"]) for entry in result["results"]] == [(True, False)] * 3 + [
            (False, False)
        ]
        assert "fault of the collection" in result["msg"] and statuses(journal) == {"done": 3}

    def test_in_making_the_result_still_tells_of_each_change(self, filled, journal, monkeypatch):
        def fail(*arguments):
            raise RecursionError

        monkeypatch.setattr(_result, "make_diff", fail)
        result = filled.run_unchecked("mailservice_set", mailservices=ENTRIES, journal=str(journal))
        assert result["failed"] and result["changed"] and "fault of the collection" in result["msg"]
        assert [entry["changed"] for entry in result["results"]] == [True] * 4 and statuses(journal) == {"done": 4}

    def test_in_the_journal_loses_no_result(self, filled, journal, monkeypatch):
        add = _journal.Journal.add

        def fail(self, event, lines):
            if event == "outcome":
                raise ValueError
            add(self, event, lines)

        monkeypatch.setattr(_journal.Journal, "add", fail)
        result = filled.run_unchecked("mailservice_set", mailservices=ENTRIES, journal=str(journal))
        assert [(entry["changed"], entry["failed"]) for entry in result["results"]][:4] == [(True, False)] * 4
        assert result["failed"] and "fault of the collection" in result["msg"]

    @staticmethod
    def breaks(monkeypatch, exception):
        """Once the portal has written, the client breaks before it has the answer."""
        ask = Client._ask

        def fail(self, method, params, convert):
            reply = ask(self, method, params, convert)
            if params.get("halt"):
                raise exception
            return reply

        monkeypatch.setattr(Client, "_ask", fail)


def _run(params):
    from tests.faults.disturbed import prepare

    execute(*prepare("mailservice_set", params))


@pytest.mark.parametrize("method, place", [("update", 1), ("update", 7), ("update", 50), ("update", 51), ("list", 2)])
def test_a_killed_task_leaves_an_intent_for_each_write_and_the_outcomes_of_what_was_answered(
    sixty, journal, method, place
):
    params = dict(webhook_url=sixty.webhook(), mailservices=SIXTY, journal=str(journal))
    process = multiprocessing.get_context("spawn").Process(target=_run, args=(params,))
    sixty.before("mailservice." + method, lambda: os.kill(process.pid, signal.SIGKILL), place=place)
    process.start()
    process.join(120)
    assert process.exitcode == -signal.SIGKILL
    written = [service_id for service_id, row in sixty.rows.items() if row["PORT"] == "2"]
    intended = [line["before"]["id"] for line in lines(journal, "intent")]
    assert set(written) <= set(intended) and len(intended) == 60
    ended = [line["before"]["id"] for line in lines(journal, "outcome")]
    assert ended == (list(range(1, 51)) if (method, place) in (("update", 51), ("list", 2)) else [])


def test_the_outcomes_of_a_request_are_on_the_disk_before_the_next_one_arrives(sixty, journal):
    seen = []
    sixty.before("mailservice.update", lambda: seen.append(statuses(journal)), place=51)
    sixty.set(*SIXTY, journal=str(journal))
    assert seen == [{"done": 50}] and statuses(journal) == {"done": 60}


def test_a_journal_that_fails_half_way_stops_before_the_next_request(sixty, journal, full_disk_for_outcomes):
    result = sixty.fails("mailservice_set", mailservices=SIXTY, journal=str(journal))
    told = [(entry["changed"], entry["failed"], entry["skipped"]) for entry in result["results"]]
    assert told == [(True, False, False)] * 50 + [(False, False, True)] * 10
    assert len(sixty.writes) == 50 and "No space left on device" in result["msg"]


def test_a_fork_whose_parent_is_gone_sends_nothing_more(sixty, journal, monkeypatch):
    parent = os.getppid()
    monkeypatch.setattr(_transport.os, "getppid", lambda: parent)
    sixty.before("mailservice.update", lambda: monkeypatch.setattr(_transport.os, "getppid", lambda: 1), place=50)
    result = sixty.fails("mailservice_set", mailservices=SIXTY, journal=str(journal))
    assert len(sixty.writes) == 50 and sixty.requests == ["mailservice.list", "batch"]
    assert statuses(journal) == {"done": 50, "failed": 1, "not_tried": 9} and result["error"] == "controller_gone"
    assert "nothing more is sent" in result["msg"]


def test_the_run_after_a_killed_one_adds_its_own_lines(sixty, journal):
    journal.parent.mkdir()
    journal.write_text('{"event": "intent", "run": "killed", "status": null}\n{"torn')
    sixty.set(*SIXTY, journal=str(journal))
    first, torn, *rest = journal.read_text().splitlines()
    assert torn == '{"torn' and len({json.loads(line)["run"] for line in rest}) == 1 and len(rest) == 120
