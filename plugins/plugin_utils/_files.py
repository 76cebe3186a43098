# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Text files on the controller that are there as a whole, or as they were."""

from __future__ import annotations

import contextlib
import errno
import os
import stat

from ansible.module_utils.common.text.converters import to_bytes, to_text

from ansible_collections.bitrix24.portal.plugins.module_utils._files import (
    FILE_MODE,
    make_folder,
    open_file,
    real_path,
    write_beside,
)


def read_text(path: str) -> str | None:
    """The text of a file, or None where there is none. Bytes that are not UTF-8 survive being written again.

    Raises OSError, also for what is no regular file, and for a link that others could have put there.
    """
    try:
        return to_text(_read(path), errors="surrogateescape")
    except FileNotFoundError:
        return None


def write_atomically(path: str, text: str) -> bool:
    """Have the file hold the text; whether it did not before.

    Who reads meanwhile, or after a crash, finds the old text or the new one. A link is followed and stays, but for one
    in a folder that others can write to. The mode is what the umask leaves of 0644, and no wider than the file's was.
    Missing folders are made. Raises OSError.
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
    target, content = real_path(path), to_bytes(text, errors="surrogateescape")
    mode = FILE_MODE
    try:
        if _read(target) == content:
            return None
        mode &= stat.S_IMODE(os.stat(target).st_mode)
    except FileNotFoundError:
        make_folder(os.path.dirname(target))
    return Staged(target, write_beside(target, content, mode))


def check_writable(path: str) -> None:
    """Raise OSError where it can be told beforehand that write_atomically() would, for check mode."""
    folder = os.path.dirname(real_path(path))
    while not os.path.lexists(folder):
        folder = os.path.dirname(folder)
    for wrong, number in ((not os.path.isdir(folder), errno.ENOTDIR), (not os.access(folder, os.W_OK), errno.EACCES)):
        if wrong:
            raise OSError(number, os.strerror(number), folder)


def _read(path: str) -> bytes:
    with os.fdopen(open_file(path, os.O_RDONLY), "rb") as file:
        return file.read()
