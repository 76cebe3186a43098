# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes the state before a plan that takes something away to a file of its own."""

from __future__ import annotations

import os
import time
import uuid
from typing import TYPE_CHECKING

from .._planning.restore import restore_text, services_before
from .._text import file_name
from .files import FILE_MODE, FileProblem, make_folder, sync_folder, write_all
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
    content = restore_text(*services_before(current, plan), portal, expected_host, digest, utc(now))
    stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(now))
    name = f"{file_name(portal)}-{stamp}-{digest[:6]}-{uuid.uuid4().hex[:8]}.yml"
    path = os.path.join(os.path.abspath(folder), name)
    try:
        make_folder(os.path.dirname(path))
        _write_new(path, content.encode("utf-8"))
    except OSError as error:
        raise FileProblem("backup", path, error) from error
    return path


def _write_new(path: str, content: bytes) -> None:
    """Write a file that was not there; what was begun and cannot be finished is removed. Raises OSError."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, FILE_MODE)
    try:
        write_all(descriptor, content)
    except BaseException:
        os.unlink(path)
        raise
    finally:
        os.close(descriptor)
    sync_folder(os.path.dirname(path))
