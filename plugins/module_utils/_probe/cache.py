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
from typing import IO, TYPE_CHECKING, Any, Callable

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
            try:
                os.makedirs(self._folder, mode=0o700, exist_ok=True)
            except OSError:
                self._folder = None

    def turn(self, server: str) -> None:
        """Come back when this server may be connected to again."""
        with self._lock:
            begin = self._next[server] = max(time.monotonic(), self._next.get(server, 0.0))
            self._next[server] += PAUSE
        with self._locked("server", server) as file:
            # The clock is the same for all processes of a machine.
            begin = max(begin, _read(file) or 0.0)
            _replace(file, begin + PAUSE)
        time.sleep(max(0.0, begin - time.monotonic()))

    def once(self, key: tuple[Any, ...], see: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """What ``see`` returned for this key, now or before in this run."""
        with self._locked("seen", json.dumps(key)) as file:
            known = _read(file)
            if known is None:
                known = see()
                _replace(file, known)
            seen: dict[str, Any] = known
            return seen

    @contextlib.contextmanager
    def _locked(self, kind: str, key: str) -> Iterator[IO[str] | None]:
        """The file for this key, made if it is missing, for this thread alone; None where there cannot be one.

        A process that ends lets go of it.
        """
        name = f"{kind}-{hashlib.sha256(key.encode()).hexdigest()[:32]}"
        file = None if self._folder is None else _open(os.path.join(self._folder, name))
        if file is None:
            yield None
            return
        with file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield file


def _open(path: str) -> IO[str] | None:
    try:
        return os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r", encoding="utf-8")
    except OSError:
        return None


def _read(file: IO[str] | None) -> Any:
    """What the file holds; None where that is nothing, or half of what a process wrote that was killed."""
    try:
        return None if file is None else json.load(file)
    except ValueError:
        return None


def _replace(file: IO[str] | None, value: Any) -> None:
    if file is not None:
        # On a full disk the run remembers less.
        with contextlib.suppress(OSError):
            os.ftruncate(file.fileno(), 0)
            os.pwrite(file.fileno(), json.dumps(value).encode("ascii"), 0)
