# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The file that holds a portal's pair of tokens, shared by all tasks that use them.

JSON with the keys of the authorization server's answer. Who renews holds the lock on the file beside it, which is never
deleted; the file itself is replaced as a whole, so that whoever reads it needs no lock.
"""

from __future__ import annotations

import contextlib
import json
import os
import stat
from typing import TYPE_CHECKING

from .._files import lock, make_folder, open_file, real_path, sync_folder, write_all, write_beside
from .._text import visible
from .errors import OptionError
from .response import decode
from .tokens import ACCESS, REFRESH, Tokens

if TYPE_CHECKING:
    from collections.abc import Iterator

OTHERS = stat.S_IRWXG | stat.S_IRWXO
PRIVATE = 0o600
MOST = 256 * 1024
"""In bytes: so much is read, and so much of the disk is made sure of before a pair is asked for."""
_LEFT = "it is left as it is"


class TokenFile:
    """path: as given. Every text of an error names the file and the option, and quotes nothing that is in it."""

    def __init__(self, path: str) -> None:
        self.path = os.path.abspath(path)
        self.name = f"token_file {visible(self.path)}"

    def read(self) -> Tokens | None:
        """The tokens, or None where there is no file. Raises OptionError."""
        try:
            descriptor = open_file(self.path, os.O_RDONLY)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise OptionError(f"{self.name} cannot be read: {error.strerror or error}") from None
        with os.fdopen(descriptor, "rb") as file:
            mode = stat.S_IMODE(os.fstat(descriptor).st_mode)
            if mode & OTHERS:
                raise OptionError(
                    f"{self.name} is open to others (mode {mode:04o}): run 'chmod 600' on it;"
                    " if somebody else may have read it, authorize the application again"
                )
            data = file.read(MOST + 1)
        try:
            values = decode(data) if len(data) <= MOST else None
        except (ValueError, RecursionError):
            values = None
        if not isinstance(values, dict):
            raise OptionError(
                f"{self.name} holds no JSON object, and {_LEFT}: put the authorization server's answer into it,"
                " or move it away to begin with access_token and refresh_token"
            )
        if not values.get(REFRESH) or not values.get(ACCESS):
            lacks = " and no ".join(key for key in (ACCESS, REFRESH) if not values.get(key))
            raise OptionError(
                f"{self.name} holds no {lacks}, and {_LEFT}: put the authorization server's answer into it"
            )
        return Tokens(values, self.name)

    @contextlib.contextmanager
    def locked(self, seconds: float) -> Iterator[None]:
        """Hold the lock for the block, and for as long as a fork made in it goes on. Raises OptionError."""
        descriptor = None
        try:
            path = real_path(self.path)
            make_folder(os.path.dirname(path))
            descriptor = open_file(path + ".lock", os.O_RDWR | os.O_CREAT, PRIVATE)
            lock(descriptor, seconds)
        except OSError as error:
            if descriptor is not None:
                os.close(descriptor)
            name, why = visible(self.path) + ".lock", error.strerror or error
            raise OptionError(f"{name} cannot be locked: {why} ('fuser {name}' shows by whom)") from None
        try:
            yield
        finally:
            # Not unlocked but closed: a fork may still need it.
            os.close(descriptor)

    def reserve(self) -> Reserved:
        """See that a pair can be written, whatever becomes of the disk meanwhile. Raises OSError."""
        path = real_path(self.path)
        temporary = write_beside(path, b" " * MOST, PRIVATE)
        with contextlib.suppress(OSError):
            # Where root writes what is somebody else's.
            before = os.stat(path)
            os.chown(temporary, before.st_uid, before.st_gid)
        return Reserved(path, temporary)


class Reserved:
    """A file that is there already, and takes the place of the token_file."""

    def __init__(self, path: str, temporary: str) -> None:
        self._path = path
        self._temporary = temporary

    def store(self, tokens: Tokens) -> None:
        """See the tokens safe on the disk, in the place of those before. Raises OSError."""
        content = json.dumps(tokens.values, indent=2, sort_keys=True).encode("ascii") + b"\n"
        descriptor = os.open(self._temporary, os.O_WRONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            write_all(descriptor, content)
            os.ftruncate(descriptor, len(content))
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        os.replace(self._temporary, self._path)
        sync_folder(os.path.dirname(self._path))

    def discard(self) -> None:
        with contextlib.suppress(OSError):
            os.unlink(self._temporary)
