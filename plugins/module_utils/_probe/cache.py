# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was seen in this run, for all tasks of it, and who may connect to a server when.

Mail servers ban who comes too often. So an endpoint is looked at once in a run, whatever portals name it, and two
connections to one server begin a pause apart. Ansible's forks share a folder that goes with the run: one fork looks,
the others wait for what it saw. Without such a folder, as in a module on another machine, that holds for one task.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import threading
import time
from typing import TYPE_CHECKING, Any, Callable

if TYPE_CHECKING:
    from collections.abc import Iterator

PAUSE = 1.0
"""Seconds between the beginnings of two connections to one server."""

_FOLDER = "bitrix24_probe"


class RunCache:
    """``folder``: one that the run's processes share and nobody else can write to; None: there is none."""

    def __init__(self, folder: str | None = None) -> None:
        self._folder = None if folder is None else os.path.join(folder, _FOLDER)
        self._lock = threading.Lock()
        self._next: dict[str, float] = {}
        if self._folder is not None:
            os.makedirs(self._folder, mode=0o700, exist_ok=True)

    def turn(self, server: str) -> None:
        """Come back when this server may be connected to again."""
        if self._folder is None:
            with self._lock:
                begin = max(time.monotonic(), self._next.get(server, 0.0))
                self._next[server] = begin + PAUSE
        else:
            with _locked(self._path("server", server)) as file:
                # The clock is the same for all processes of a machine.
                begin = max(time.monotonic(), float(file.read() or 0))
                _replace(file, str(begin + PAUSE))
        time.sleep(max(0.0, begin - time.monotonic()))

    def once(self, key: tuple[Any, ...], see: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """What ``see`` returned for this key, now or before in this run."""
        if self._folder is None:
            return see()
        with _locked(self._path("seen", json.dumps(key))) as file:
            with contextlib.suppress(ValueError):
                # Empty, or half of what a process wrote that was killed.
                known: dict[str, Any] = json.loads(file.read())
                return known
            seen = see()
            _replace(file, json.dumps(seen))
            return seen

    def _path(self, kind: str, key: str) -> str:
        return os.path.join(str(self._folder), f"{kind}-{hashlib.sha256(key.encode()).hexdigest()[:32]}")


@contextlib.contextmanager
def _locked(path: str) -> Iterator[Any]:
    """The file, made if it is missing, for this thread alone. A process that ends lets go of it."""
    with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield file


def _replace(file: Any, text: str) -> None:
    file.seek(0)
    file.truncate()
    file.write(text)
    file.flush()
