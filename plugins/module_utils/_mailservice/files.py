# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files that a task leaves behind: no wider than the umask allows, and never where somebody else's link leads."""

from __future__ import annotations

import os
import stat

FILE_MODE, FOLDER_MODE = 0o644, 0o755
"""The widest; the umask takes away from them."""


class FileProblem(Exception):
    """A file cannot be written as it has to be: one line, in which the file is named."""

    def __init__(self, what: str, path: str, why: object) -> None:
        told = why.strerror if isinstance(why, OSError) and why.strerror else why
        super().__init__(f"the {what} {path} cannot be written: {told}")


def make_folder(path: str) -> None:
    """Make the folder if it is missing; one that is there keeps its mode. Raises OSError."""
    refuse_planted_link(path)
    os.makedirs(path, FOLDER_MODE, exist_ok=True)


def refuse_planted_link(path: str) -> None:
    """Raise OSError where a link on the way to the file lies in a folder in which others could have put it."""
    path = os.path.abspath(path)
    while path != os.path.dirname(path):
        folder = os.path.dirname(path)
        if os.path.islink(path) and os.stat(folder).st_mode & (stat.S_IWGRP | stat.S_IWOTH):
            raise OSError(f"{path} is a symbolic link in a folder that others can write to")
        path = folder


def open_file(path: str, flags: int) -> int:
    """A descriptor of the regular file, made if it is missing. Raises OSError."""
    refuse_planted_link(path)
    # Without O_NONBLOCK a pipe would wait for its reader.
    descriptor = os.open(path, flags | os.O_CREAT | os.O_CLOEXEC | os.O_NOCTTY | os.O_NONBLOCK, FILE_MODE)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError("it is no regular file")
    return descriptor


def write_all(descriptor: int, content: bytes) -> None:
    """Write all of it and see it safe on the disk. Raises OSError."""
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(descriptor, rest) :]
    os.fsync(descriptor)


def sync_folder(path: str) -> None:
    """See the names in a folder safe on the disk, where the file system can."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    except OSError:
        pass
    finally:
        os.close(descriptor)
