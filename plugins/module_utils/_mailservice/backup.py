# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes the state before a plan that takes something away to a file of its own."""

from __future__ import annotations

import errno
import os
import time
import uuid
from typing import TYPE_CHECKING

from .._files import FileProblem, make_folder, sync_folder, write_beside
from .._planning.restore import restore_text, state_before
from .._text import file_name
from .journal import utc

if TYPE_CHECKING:
    from collections.abc import Callable

    from .._planning.matching import CurrentState
    from .._planning.plan import Plan


def write_backup(
    folder: str,
    current: CurrentState,
    plan: Plan,
    portal: str,
    expected_host: str,
    digest: str,
    clock: Callable[[], float] = time.time,
) -> str:
    """Write the state before the plan to a new file in the folder, which is made if it is missing; returns its path.

    ``portal``: what people call it; ``clock``: seconds since 1970. Raises FileProblem.
    """
    now = clock()
    content = restore_text(state_before(current, plan), portal, expected_host, digest, utc(now))
    stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(now))
    name = f"{file_name(portal)}-{stamp}-{digest[:6]}-{uuid.uuid4().hex[:8]}.yml"
    path = os.path.join(os.path.abspath(folder), name)
    try:
        _write_new(os.path.join(make_folder(folder), name), content.encode("utf-8"))
    except OSError as error:
        raise FileProblem("backup", path, error) from error
    return path


def _write_new(path: str, content: bytes) -> None:
    """Write a file that was not there, as a whole or not at all. Raises OSError."""
    temporary = write_beside(path, content)
    try:
        # Not os.link, which some file systems lack; nobody else makes a name with such a random part.
        if os.path.lexists(path):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), path)
        os.rename(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise
    sync_folder(os.path.dirname(path))
