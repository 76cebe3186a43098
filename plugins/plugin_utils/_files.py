# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Text files on the controller that are there as a whole, or as they were."""

from __future__ import annotations

import contextlib
import os
import secrets
import stat

from ansible.module_utils.common.text.converters import to_bytes, to_text

WIDEST = 0o644


def read_text(path: str) -> str | None:
    """The text of a file, or None where there is none. Bytes that are not UTF-8 survive being written again."""
    try:
        return to_text(_read(os.path.realpath(path)), errors="surrogateescape")
    except FileNotFoundError:
        return None


def write_atomically(path: str, text: str) -> bool:
    """Have the file hold the text; whether it did not before.

    Who reads meanwhile, or after a crash, finds the old text or the new one. A link is followed and stays. The mode is
    what the umask leaves of 0644, and no wider than the file's was. Missing folders are made. Raises OSError.
    """
    staged = stage(path, text)
    if staged is None:
        return False
    staged.commit()
    return True


class Staged:
    """A text that is safe on the disk, beside the file whose place it takes or does not take."""

    def __init__(self, target: str, temporary: str) -> None:
        self._target = target
        self._temporary = temporary

    def commit(self) -> None:
        """Raises OSError; nothing is left then but the file as it was."""
        try:
            os.replace(self._temporary, self._target)
        except BaseException:
            self.discard()
            raise

    def discard(self) -> None:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self._temporary)


def stage(path: str, text: str) -> Staged | None:
    """Do all of write_atomically() that can fail for a reason; None where the file holds the text already."""
    target, content = os.path.realpath(path), to_bytes(text, errors="surrogateescape")
    mode = WIDEST
    try:
        if _read(target) == content:
            return None
        mode &= stat.S_IMODE(os.stat(target).st_mode)
    except FileNotFoundError:
        os.makedirs(os.path.dirname(target), exist_ok=True)
    staged = Staged(target, os.path.join(os.path.dirname(target), f".{secrets.token_hex(8)}.tmp"))
    try:
        # Not tempfile: only the mode of a file that is opened with one obeys the umask.
        with os.fdopen(
            os.open(staged._temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode), "wb"
        ) as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        staged.discard()
        raise
    return staged


def check_writable(path: str) -> None:
    """Raise OSError where it can be told beforehand that write_atomically() would, for check mode."""
    folder = os.path.dirname(os.path.realpath(path))
    while not os.path.lexists(folder):
        folder = os.path.dirname(folder)
    if not os.path.isdir(folder):
        raise NotADirectoryError(0, "not a folder", folder)
    if not os.access(folder, os.W_OK | os.X_OK):
        raise PermissionError(0, "Permission denied", folder)


def _read(path: str) -> bytes:
    """The content of a regular file: a pipe would not end, and a device must not be replaced."""
    if not stat.S_ISREG(os.stat(path).st_mode):
        raise OSError(0, "not a regular file", path)
    with open(path, "rb") as file:
        return file.read()
