# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files that a task leaves behind: no wider than the umask allows, and never where somebody else's link leads."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import stat
import time
import uuid

FILE_MODE, FOLDER_MODE = 0o644, 0o755
"""The widest; the umask takes away from them."""

_MOST_LINKS = 40
_LEFT_BEHIND_SECONDS = 3600
"""A temporary file this old belongs to a run that was killed."""
_LOCK_PAUSE = 0.01


class FileProblem(Exception):
    """A file cannot be written as it has to be: one line, in which the file is named."""

    def __init__(self, what: str, path: str, why: object) -> None:
        told = why.strerror if isinstance(why, OSError) and why.strerror else why
        super().__init__(f"the {what} {path} cannot be written: {told}")


def real_path(path: str) -> str:
    """Where the path leads, whether there is anything or not.

    Raises OSError where a link on the way lies in a folder in which others could have put it.
    """
    names = os.path.join(os.getcwd(), path).split(os.sep)[::-1]
    reached, links = os.sep, 0
    while names:
        name = names.pop()
        here = os.path.dirname(reached) if name == os.pardir else os.path.normpath(os.path.join(reached, name))
        if not os.path.islink(here):
            reached = here
            continue
        links += 1
        if links > _MOST_LINKS:
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), path)
        if os.stat(reached).st_mode & (stat.S_IWGRP | stat.S_IWOTH):
            raise OSError(errno.ELOOP, f"{here} is a symbolic link in a folder that others can write to", path)
        target = os.readlink(here)
        reached = os.sep if os.path.isabs(target) else reached
        names += target.split(os.sep)[::-1]
    return reached


def make_folder(path: str) -> str:
    """Make the folder if it is missing, and those above it; one that is there keeps its mode. Returns its real path.

    Raises OSError.
    """
    path = real_path(path)
    missing = []
    folder = path
    while not os.path.lexists(folder):
        missing.append(folder)
        folder = os.path.dirname(folder)
    for folder in reversed(missing):
        # Another run may just have made it.
        with contextlib.suppress(FileExistsError):
            os.mkdir(folder, FOLDER_MODE)
    if not os.path.isdir(path):
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), path)
    return path


def open_file(path: str, flags: int, mode: int = FILE_MODE) -> int:
    """A descriptor of the regular file, made if flags say so and it is missing. Raises OSError."""
    # Without O_NONBLOCK a pipe would wait for its other end.
    flags |= os.O_CLOEXEC | os.O_NOCTTY | os.O_NONBLOCK | os.O_NOFOLLOW
    descriptor = os.open(real_path(path), flags, mode)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, "not a regular file", path)
    return descriptor


def lock(descriptor: int, seconds: float) -> None:
    """Have the file to oneself until the descriptor is unlocked or closed, here and in all forks.

    Raises OSError where somebody else does not give it up within so many seconds.
    """
    end = time.monotonic() + seconds
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() > end:
                raise OSError(f"somebody else has locked it for {seconds} seconds") from None
        time.sleep(_LOCK_PAUSE)


def write_beside(path: str, content: bytes, mode: int = FILE_MODE) -> str:
    """Write the content to the disk beside the file whose place it is to take; returns under which name.

    ``path``: a real one. Ansible, collectors of metrics and shells skip the name. Raises OSError; nothing is left then.
    """
    folder, name = os.path.split(path)
    start = f".{name[:50]}."
    _remove_left_behind(folder, start)
    temporary = os.path.join(folder, f"{start}{uuid.uuid4().hex}.tmp")
    try:
        # Not tempfile: only the mode of a file that is opened with one obeys the umask.
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, mode)
        try:
            write_all(descriptor, content)
        finally:
            os.close(descriptor)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise
    return temporary


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


def _remove_left_behind(folder: str, start: str) -> None:
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith(start) and entry.name.endswith(".tmp"):
                with contextlib.suppress(OSError):
                    if time.time() - entry.stat(follow_symlinks=False).st_mtime > _LEFT_BEHIND_SECONDS:
                        os.unlink(entry.path)
