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
    target, content = os.path.realpath(path), to_bytes(text)
    mode = WIDEST
    try:
        if _read(target) == content:
            return False
        mode &= stat.S_IMODE(os.stat(target).st_mode)
    except FileNotFoundError:
        os.makedirs(os.path.dirname(target), exist_ok=True)
    temporary = os.path.join(os.path.dirname(target), f".{secrets.token_hex(8)}.tmp")
    try:
        # Not tempfile: only the mode of a file that is opened with one obeys the umask.
        with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, target)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(temporary)
        raise
    return True


def _read(path: str) -> bytes:
    """The content of a regular file: a pipe would not end, and a device must not be replaced."""
    if not stat.S_ISREG(os.stat(path).st_mode):
        raise OSError(0, "not a regular file", path)
    with open(path, "rb") as file:
        return file.read()
