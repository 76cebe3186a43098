# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Work in a fork of its own that goes on where whoever wanted it is gone."""

from __future__ import annotations

import os
import signal
import time

import pytest

from ansible_collections.bitrix24.portal.plugins.module_utils._rest.detached import outlive


def test_what_the_work_returns_comes_back():
    assert outlive(lambda: {"pid": os.getpid(), "text": "x" * 200_000}, 20) != {"pid": os.getpid()}
    assert outlive(lambda: [1, None, "ü"], 20) == [1, None, "ü"]


def test_it_is_in_a_session_of_its_own_and_says_nothing(capfd):
    assert outlive(lambda: [os.write(1, b"said"), os.getsid(0) == os.getpid()][1], 20) is True
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("work", [lambda: 1 / 0, lambda: os.kill(os.getpid(), signal.SIGKILL), object])
def test_work_that_ends_without_a_word_is_an_error(work):
    with pytest.raises(OSError, match="it ended without a word"):
        outlive(work, 20)


def test_work_that_takes_too_long_is_not_waited_for_and_ends_by_itself(tmp_path):
    pid = tmp_path / "pid"
    with pytest.raises(OSError, match="it takes longer than 0 seconds"):
        outlive(lambda: [pid.write_text(str(os.getpid())), time.sleep(60)], 0.5)
    assert os.waitpid(int(pid.read_text()), 0)[1] == signal.SIGALRM


def test_it_is_finished_where_the_process_that_wanted_it_is_killed(tmp_path):
    begun, done = tmp_path / "begun", tmp_path / "done"
    parent = os.fork()
    if not parent:
        outlive(lambda: [begun.touch(), time.sleep(0.5), done.touch()], 20)
        os._exit(0)
    while not begun.exists():
        time.sleep(0.01)
    os.kill(parent, signal.SIGKILL)
    os.waitpid(parent, 0)
    assert not done.exists()
    end = time.monotonic() + 20
    while not done.exists() and time.monotonic() < end:
        time.sleep(0.01)
    assert done.exists()
