# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A connection to a mail server: lines in and out, TLS in between, never longer than a deadline or more than a bound.

imaplib and smtplib hide what has to be seen here: bytes behind the answer to STARTTLS, and what came in place of TLS.
"""

from __future__ import annotations

import socket
import ssl
from typing import TYPE_CHECKING

from .._text import visible
from .facts import CLOSED, NOT_TLS, TIMED_OUT, TLS_FAILED, TOO_MUCH, Trouble

if TYPE_CHECKING:
    from .facts import Deadline

LONGEST_LINE = 16 * 1024
MOST_BYTES = 256 * 1024
_CHUNK = 16 * 1024
_RECORDS = (0x14, 0x15, 0x16, 0x17)
"""The first byte of whatever speaks TLS."""


class Untrusted(Exception):
    """The certificate is not trusted. ``code``, ``text``: OpenSSL's."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(text)
        self.code = code
        self.text = text


class Channel:
    def __init__(self, sock: socket.socket, deadline: Deadline) -> None:
        self._sock = sock
        self._deadline = deadline
        self._unread = b""
        self._received = 0
        self._tls: ssl.SSLObject | None = None
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()

    def close(self) -> None:
        self._sock.close()

    def local_address(self) -> str:
        """This end's address."""
        address: str = self._sock.getsockname()[0]
        return address

    def read_line(self) -> str:
        """The next line without its end, as it came. Raises Trouble."""
        while b"\n" not in self._unread:
            if len(self._unread) > LONGEST_LINE:
                raise Trouble(TOO_MUCH)
            data = self._receive()
            if not data:
                raise Trouble(CLOSED)
            self._unread += data
        line, _newline, self._unread = self._unread.partition(b"\n")
        if len(line) > LONGEST_LINE:
            raise Trouble(TOO_MUCH)
        return line.rstrip(b"\r").decode("utf-8", "replace")

    def send_line(self, line: str) -> None:
        """Raises Trouble."""
        data = line.encode("ascii") + b"\r\n"
        if self._tls is None:
            self._write(data)
        else:
            self._tls.write(data)
            self._flush()

    def peek(self, seconds: float) -> bytes | None:
        """Some of what is to be read now or comes within ``seconds``; empty at the end, None where nothing happens."""
        if self._unread:
            return self._unread
        self._sock.settimeout(min(seconds, self._deadline.left()))
        try:
            return self._sock.recv(_CHUNK, socket.MSG_PEEK)
        except socket.timeout:
            return None
        except OSError:
            return b""

    def start_tls(self, context: ssl.SSLContext, name: str) -> ssl.SSLObject:
        """Raises Untrusted, and Trouble: NOT_TLS with the text that came where TLS was due."""
        tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname=name)
        came = False
        while True:
            try:
                tls.do_handshake()
                break
            except ssl.SSLWantReadError:
                self._flush()
                data = self._read_socket()
                if not data:
                    raise Trouble(CLOSED) from None
                if not came and data[0] not in _RECORDS:
                    first = data.splitlines()[0].decode("utf-8", "replace")
                    raise Trouble(NOT_TLS, visible(first, 200)) from None
                came = True
                self._incoming.write(data)
            except ssl.SSLCertVerificationError as error:
                self._say_goodbye()
                raise Untrusted(error.verify_code, str(error.verify_message)) from None
            except ssl.SSLError as error:
                self._say_goodbye()
                raise Trouble(TLS_FAILED, visible((error.reason or "").replace("_", " ").lower(), 100)) from None
        self._flush()
        self._tls = tls
        return tls

    def _say_goodbye(self) -> None:
        """Send the alert that OpenSSL has ready."""
        try:
            self._flush()
        except Trouble:
            pass

    def _receive(self) -> bytes:
        """What came, decrypted; nothing at the end."""
        if self._tls is None:
            return self._read_socket()
        while True:
            try:
                return self._tls.read(_CHUNK)
            except ssl.SSLWantReadError:
                self._flush()
                data = self._read_socket()
                if not data:
                    return b""
                self._incoming.write(data)
            except ssl.SSLZeroReturnError:
                return b""
            except ssl.SSLError as error:
                raise Trouble(TLS_FAILED, visible((error.reason or "").replace("_", " ").lower(), 100)) from None

    def _flush(self) -> None:
        data = self._outgoing.read()
        if data:
            self._write(data)

    def _write(self, data: bytes) -> None:
        self._sock.settimeout(self._deadline.left())
        try:
            self._sock.sendall(data)
        except socket.timeout:
            raise Trouble(TIMED_OUT) from None
        except OSError:
            # What the server said before it closed is there to be read still.
            pass

    def _read_socket(self) -> bytes:
        self._sock.settimeout(self._deadline.left())
        try:
            data = self._sock.recv(_CHUNK)
        except socket.timeout:
            raise Trouble(TIMED_OUT) from None
        except OSError:
            return b""
        self._received += len(data)
        if self._received > MOST_BYTES:
            raise Trouble(TOO_MUCH)
        return data
