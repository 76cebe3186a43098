# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import errno
import fcntl
import json
import multiprocessing
import os
import stat

import pytest

from ansible_collections.bitrix24.portal.plugins.module_utils._files import FileProblem
from ansible_collections.bitrix24.portal.plugins.module_utils._mailservice import journal as _journal
from ansible_collections.bitrix24.portal.plugins.module_utils._mailservice.journal import INTENT, Journal

WRITERS, EVENTS, LINES = 8, 60, 20


@pytest.fixture
def path(tmp_path):
    return tmp_path / "journal.jsonl"


@pytest.fixture(autouse=True)
def umask():
    before = os.umask(0o022)
    yield
    os.umask(before)


def lines(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def permissions(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_a_line_holds_the_event_the_time_and_what_is_known_of_the_run(path):
    journal = Journal(str(path), {"commit": "c0ffee"}, clock=lambda: 1772357400)
    journal.add(INTENT, [{"change": 1}, {"change": 2}])
    first, second = lines(path)
    assert first == dict(commit="c0ffee", event="intent", time="2026-03-01T09:30:00Z", run=first["run"], change=1)
    assert (second["change"], second["run"]) == (2, first["run"])


def test_the_keys_of_a_line_are_sorted_and_its_text_is_ascii(path):
    Journal(str(path), {}).add(INTENT, [{"name": "\u202eПочта\n", "after": None}])
    (text,) = path.read_text(encoding="ascii").splitlines()
    assert text == json.dumps(json.loads(text), sort_keys=True)


def test_no_key_of_the_context_hides_one_of_the_lines(path):
    Journal(str(path), {"event": "x", "time": "x", "run": "x", "change": "x"}).add(INTENT, [{"change": 1}])
    (line,) = lines(path)
    assert (line["event"], line["change"], len(line["run"])) == ("intent", 1, 32) and line["time"].endswith("Z")


def test_two_runs_are_told_apart(path):
    for _dummy in range(2):
        Journal(str(path), {}).add(INTENT, [{}])
    assert len({line["run"] for line in lines(path)}) == 2


def test_no_secret_is_written(path):
    Journal(str(path), {"job": "see /rest/1/s3cr3t"}, {"s3cr3t"}).add(INTENT, [{"error": ["s3cr3t"]}])
    assert "s3cr3t" not in path.read_text()


@pytest.mark.parametrize("there, expected", [("a\n", "a\n{"), ("a", "a\n{"), ("", "{")])
def test_what_is_there_stays_and_a_torn_line_remains_one_of_its_own(path, there, expected):
    path.write_text(there)
    Journal(str(path), {}).add(INTENT, [{}])
    assert path.read_text().startswith(expected)


@pytest.mark.parametrize("mask, mode", [(0o022, 0o644), (0o000, 0o644), (0o077, 0o600)])
def test_its_mode_is_the_umasks_and_never_wider_than_0644(path, mask, mode):
    os.umask(mask)
    Journal(str(path), {})
    assert permissions(path) == mode


@pytest.mark.parametrize("mode", [0o755, 0o700, 0o775])
def test_a_file_and_a_folder_that_are_there_keep_their_modes(tmp_path, path, mode):
    path.touch()
    path.chmod(mode & 0o660)
    tmp_path.chmod(mode)
    Journal(str(path), {}).add(INTENT, [{}])
    assert (permissions(tmp_path), permissions(path)) == (mode, mode & 0o660)


def test_missing_folders_are_made(tmp_path):
    path = tmp_path / "a" / "b" / "journal.jsonl"
    Journal(str(path), {}).add(INTENT, [{}])
    assert len(lines(path)) == 1 and permissions(path.parent) == 0o755


def a_folder(path):
    path.mkdir()


def a_pipe(path):
    os.mkfifo(path)


def a_device(path):
    path.symlink_to("/dev/null")


def below_a_file(path):
    path.parent.joinpath("file").touch()
    return path.parent / "file" / "journal.jsonl"


def a_link_that_others_may_have_put_there(path):
    path.parent.chmod(0o777)
    path.symlink_to(path.parent / "elsewhere")


def below_a_link_that_others_may_have_put_there(path):
    path.parent.chmod(0o777)
    path.parent.joinpath("folder").mkdir()
    path.parent.joinpath("link").symlink_to("folder")
    return path.parent / "link" / "journal.jsonl"


@pytest.mark.parametrize(
    "prepare, why",
    [
        (a_folder, "Is a directory"),
        (a_pipe, "not a regular file"),
        (a_device, "not a regular file"),
        (below_a_file, "Not a directory"),
        (a_link_that_others_may_have_put_there, "symbolic link in a folder that others can write to"),
        (below_a_link_that_others_may_have_put_there, "symbolic link in a folder that others can write to"),
    ],
)
def test_what_cannot_be_a_journal_is_named_with_the_reason(path, prepare, why):
    path = prepare(path) or path
    with pytest.raises(FileProblem, match="^the journal .*journal.jsonl cannot be written: .*%s" % why) as problem:
        Journal(str(path), {}).add(INTENT, [{}])
    assert "\n" not in str(problem.value) and not path.parent.joinpath("elsewhere").exists()


def test_a_link_in_a_folder_of_ones_own_is_followed(path):
    path.symlink_to("real.jsonl")
    Journal(str(path), {}).add(INTENT, [{}])
    assert len(lines(path.with_name("real.jsonl"))) == 1


def test_a_number_that_json_does_not_have_is_refused_before_the_file_is_made(path):
    with pytest.raises(FileProblem, match="JSON"):
        Journal(str(path), {"load": float("nan")})
    assert not path.exists()


def test_a_closed_descriptor_is_a_problem_with_a_name(path):
    journal = Journal(str(path), {})
    journal.close()
    with pytest.raises(FileProblem, match="Bad file descriptor"):
        journal.add(INTENT, [{}])


def test_a_full_disk_leaves_no_part_of_a_line(path, monkeypatch):
    journal, write = Journal(str(path), {}), os.write
    journal.add(INTENT, [{"change": 1}])
    monkeypatch.setattr(_journal.os, "write", lambda descriptor, content: write(descriptor, content[:9]))
    with pytest.raises(FileProblem, match="a part only"):
        journal.add(INTENT, [{"change": 2}])
    monkeypatch.undo()
    journal.add(INTENT, [{"change": 3}])
    assert [line["change"] for line in lines(path)] == [1, 3]


def test_a_disk_that_does_not_keep_what_it_took_is_a_problem(path, monkeypatch):
    def fail(descriptor):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    journal = Journal(str(path), {})
    monkeypatch.setattr(_journal.os, "fsync", fail)
    with pytest.raises(FileProblem, match="No space left on device"):
        journal.add(INTENT, [{}])
    assert path.read_text() == ""


def test_a_lock_that_is_never_given_back_does_not_hold_a_task_up_for_ever(path, monkeypatch):
    monkeypatch.setattr(_journal, "LOCK_SECONDS", 0.05)
    journal = Journal(str(path), {})
    with path.open("a") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(FileProblem, match="somebody else has locked it"):
            journal.add(INTENT, [{}])
    journal.add(INTENT, [{}])
    assert len(lines(path)) == 1


def _write(path, start, writer):
    journal = Journal(path, {"writer": writer})
    start.wait(60)
    for event in range(EVENTS):
        journal.add(INTENT, [{"at": [event, line], "text": "x" * 3000} for line in range(LINES)])


def test_eight_processes_that_write_at_once_tear_no_line(path):
    context = multiprocessing.get_context("fork")
    start = context.Barrier(WRITERS)
    writers = [context.Process(target=_write, args=(str(path), start, number)) for number in range(WRITERS)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(120)
        assert writer.exitcode == 0
    written = lines(path)
    assert len(written) == WRITERS * EVENTS * LINES
    for number in range(WRITERS):
        own = [line["at"] for line in written if line["writer"] == number]
        assert own == [[event, line] for event in range(EVENTS) for line in range(LINES)]
