# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Work that is finished even where the process that wants it is killed: in a fork of its own."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import time
import warnings
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

_CHUNK = 64 * 1024
_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


def outlive(work: Callable[[], Any], seconds: float) -> Any:
    """What ``work()`` returns, as JSON carries it, from a fork in a session of its own.

    The fork ends by itself after so many seconds. Raises OSError where it cannot be made, or ends without a word.
    """
    reading, writing = os.pipe()
    try:
        with warnings.catch_warnings():
            # Newer Pythons warn of forks where there are threads; this one touches nothing that they may hold.
            warnings.simplefilter("ignore")
            child = os.fork()
        if not child:
            _live(work, writing, seconds)
    except OSError:
        os.close(reading)
        raise
    finally:
        os.close(writing)
    wait = os.WNOHANG
    try:
        said = _read(reading, seconds)
        wait = 0
    finally:
        os.close(reading)
        with contextlib.suppress(ChildProcessError):
            os.waitpid(child, wait)
    try:
        return json.loads(said)
    except ValueError:
        raise OSError("it ended without a word") from None


def _read(descriptor: int, seconds: float) -> bytes:
    """All that is written to the pipe until its other end is closed. Raises OSError where that takes longer."""
    end, said = time.monotonic() + seconds, b""
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    while True:
        left = end - time.monotonic()
        if left <= 0 or not poll.poll(left * 1000):
            raise OSError(f"it takes longer than {int(seconds)} seconds")
        chunk = os.read(descriptor, _CHUNK)
        if not chunk:
            return said
        said += chunk


def _live(work: Callable[[], Any], writing: int, seconds: float) -> None:
    try:
        os.setsid()
        for number in _SIGNALS:
            signal.signal(number, signal.SIG_IGN)
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.alarm(int(seconds) + 1)
        nothing = os.open(os.devnull, os.O_RDWR)
        for descriptor in range(3):
            os.dup2(nothing, descriptor)
        rest = memoryview(json.dumps(work()).encode("ascii"))
        while rest:
            rest = rest[os.write(writing, rest) :]
    finally:
        os._exit(0)
