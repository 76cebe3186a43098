# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Mail servers that misbehave as no real one can be told to: each connection runs a function of the test's."""

from __future__ import annotations

import contextlib
import socket
import threading

CAPABILITIES = b"* CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED\r\n"


class ScriptedMailServer:
    """``talk``: a function of the connected socket. ``connections``: when each began is for the test to count."""

    def __init__(self, talk, address="127.0.0.1", port=0):
        self.address = address
        self.connections = 0
        self._talk = talk
        self._open = []
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        self._listener = socket.socket(family)
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._listener.bind((address, port))
        self._listener.listen(50)
        self.port = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_exception):
        for sock in [self._listener, *self._open]:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
            sock.close()
        self._thread.join(5)

    def _serve(self):
        while True:
            try:
                sock, _peer = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            self._open.append(sock)
            threading.Thread(target=self._one, args=(sock,), daemon=True).start()

    def _one(self, sock):
        sock.settimeout(30)
        with contextlib.suppress(OSError):
            self._talk(sock)
        with contextlib.suppress(OSError):
            sock.shutdown(socket.SHUT_RDWR)
        sock.close()


def read_line(sock):
    line = b""
    while not line.endswith(b"\n"):
        data = sock.recv(1)
        if not data:
            raise OSError("closed")
        line += data
    return line


def imap(sock, capabilities=CAPABILITIES, starttls=b"OK go ahead", behind=b""):
    """A dialogue of IMAP until the client has what it wants; ``behind``: what follows the answer to STARTTLS."""
    sock.sendall(b"* OK ready\r\n")
    while True:
        tag, command = read_line(sock).split()[:2]
        if command == b"CAPABILITY":
            sock.sendall(capabilities + tag + b" OK done\r\n")
        elif command == b"STARTTLS":
            sock.sendall(tag + b" " + starttls + b"\r\n" + behind)
            if starttls.startswith(b"OK"):
                return
        else:
            sock.sendall(b"* BYE\r\n" + tag + b" OK bye\r\n")
            return


def smtp(sock, lines=(b"mail.example.com", b"STARTTLS"), starttls=b"220 go ahead", behind=b"", greeting=b"220 ready"):
    sock.sendall(greeting + b"\r\n")
    while True:
        command = read_line(sock).split()[0].upper()
        if command == b"EHLO":
            texts = [b"250-" + line for line in lines[:-1]] + [b"250 " + lines[-1]]
            sock.sendall(b"\r\n".join(texts) + b"\r\n")
        elif command == b"STARTTLS":
            sock.sendall(starttls + b"\r\n" + behind)
            if starttls.startswith(b"220"):
                return
        else:
            sock.sendall(b"221 bye\r\n")
            return
