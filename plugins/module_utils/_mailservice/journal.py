# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A file to which every write to a portal is added: what is meant to be done before it is sent, and what became of it.

One line of JSON for each change and event. A change whose intent has no outcome belongs to a run that was killed.
"""

from __future__ import annotations

import fcntl
import json
import os
import time
import uuid
from typing import TYPE_CHECKING, Any

from .._files import FileProblem, lock, make_folder, open_file, sync_folder
from .._runner import sanitize_result

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

INTENT, OUTCOME = "intent", "outcome"
LOCK_SECONDS = 60
"""How long one waits for others that write; each of them takes some milliseconds."""


class Journal:
    """The journal of one run. ``facts``: what each line says besides the event's own; ``secrets``: never written.

    ``clock``: seconds since 1970. Every method raises FileProblem where the file cannot be written.
    """

    def __init__(
        self,
        path: str,
        facts: Mapping[str, Any],
        secrets: Iterable[str] = (),
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.path = os.path.abspath(path)
        self.facts = dict(facts, run=uuid.uuid4().hex)
        self._secrets = secrets
        self._clock = clock
        try:
            json.dumps(facts, allow_nan=False)
        except ValueError:
            raise FileProblem("journal", self.path, "its context holds a number that JSON does not have") from None
        try:
            folder = make_folder(os.path.dirname(self.path))
            self._descriptor = open_file(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT)
            sync_folder(folder)
        except OSError as error:
            raise FileProblem("journal", self.path, error) from error

    def close(self) -> None:
        os.close(self._descriptor)

    def add(self, event: str, lines: Iterable[Mapping[str, Any]]) -> None:
        """Add the lines, all or none, and see them safe on the disk."""
        common = dict(self.facts, event=event, time=utc(self._clock()))
        # The keys of each line are this collection's and stand over those of the user's context.
        texts = [json.dumps(sanitize_result(dict(common, **line), self._secrets), sort_keys=True) for line in lines]
        try:
            self._append("".join(text + "\n" for text in texts).encode("ascii"))
        except OSError as error:
            raise FileProblem("journal", self.path, error) from error

    def _append(self, content: bytes) -> None:
        lock(self._descriptor, LOCK_SECONDS)
        try:
            size = os.fstat(self._descriptor).st_size
            # What somebody cut off in the middle of a line stays a line of its own.
            if size and os.pread(self._descriptor, 1, size - 1) != b"\n":
                content = b"\n" + content
            try:
                if os.write(self._descriptor, content) != len(content):
                    raise OSError("the disk took a part only")
                os.fsync(self._descriptor)
            except OSError:
                self._cut(size)
                raise
        finally:
            fcntl.flock(self._descriptor, fcntl.LOCK_UN)

    def _cut(self, size: int) -> None:
        try:
            os.ftruncate(self._descriptor, size)
        except OSError:
            pass


def remembered_icons(path: str, portal: str) -> dict[str, set[str]]:
    """By the digest of an icon that the portal (its host) shows those that were sent when it came about.

    Nothing where there is no journal yet, or none that can be read: it is going to be written, and refused then.
    """
    found: dict[str, set[str]] = {}
    try:
        with os.fdopen(open_file(os.path.abspath(path), os.O_RDONLY), "rb") as lines:
            for line in lines:
                # A journal of years is long, and hardly a line of it is about such an icon.
                pair = _pair(line, portal) if b'"stored": ' in line else None
                if pair is not None:
                    found.setdefault(pair["stored"], set()).add(pair["sent"])
    except OSError:
        pass
    return found


def _pair(line: bytes, portal: str) -> dict[str, str] | None:
    try:
        read = json.loads(line)
        if read["portal"] != portal or read["event"] != OUTCOME:
            return None
        pair: dict[str, str] = read["icon"]
        return pair if isinstance(pair["sent"], str) and isinstance(pair["stored"], str) else None
    except (ValueError, LookupError, TypeError, RecursionError):
        return None


def utc(seconds: float) -> str:
    """Seconds since 1970 as ``YYYY-MM-DDTHH:MM:SSZ``."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))
