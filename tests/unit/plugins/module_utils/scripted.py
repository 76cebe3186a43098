# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A real HTTP server on a loopback port that gives the answers of a list, one a request, and keeps what it was asked.

An answer is a function that gets the handler of the request; those below make the usual ones and the broken ones.
"""

from __future__ import annotations

import json
import re
import socket
import socketserver
import ssl
import struct
import threading
import time
from collections import namedtuple
from http.server import BaseHTTPRequestHandler

SECRET = "s3cr3tOfThisTest"
Request = namedtuple("Request", "method path headers body keys")
"""``body``: of a batch with its keys shortened to c0, c1 …; ``keys``: what they are in full, by the short ones."""
KEY = re.compile(r"(c[0-9]+)x[0-9a-f]{12}(?![0-9a-f])")


def answer(value, status=200, **headers):
    return page(json.dumps(value).encode(), status, Content_Type="application/json; charset=utf-8", **headers)


def result(value, time=None, **headers):
    return answer({"result": value, "time": time or {"start": 1.0, "finish": 2.0}}, **headers)


def refusal(code, status=400, description="Text of the portal.", **headers):
    return answer({"error": code, "error_description": description}, status, **headers)


def batch(done=(), errors=(), times=(), text="x", further=()):
    """A batch's answer, by the short keys; PHP writes an empty map as a list."""
    errors = {key: {"error": code, "error_description": text} for key, code in dict(errors).items()}

    def give(handler):
        keys = handler.server.requests[-1].keys
        maps = [
            {keys.get(key, key): value for key, value in dict(given).items()} or []
            for given in (done, errors, times, further)
        ]
        names = ("result", "result_error", "result_time", "result_next")
        result(dict(zip(names, maps), result_total=[]))(handler)

    return give


def page(body, status=200, **headers):
    def give(handler):
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return give


def raw(*pieces, pause=0.0):
    """These bytes as they are, with a pause between two pieces, and the end of the connection."""

    def give(handler):
        for piece in pieces:
            handler.wfile.write(piece)
            handler.wfile.flush()
            time.sleep(pause)
        handler.close_connection = True

    return give


def reset(handler):
    """No answer but the connection reset."""
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.close_connection = True


class ScriptedServer(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, tls=None, family=socket.AF_INET):
        self.address_family = family
        self.tls = tls
        self.answers = []
        self.requests = []
        self.connections = 0
        self.unexpected = []
        super().__init__(("::1" if family == socket.AF_INET6 else "127.0.0.1", 0), _Handler)
        self.thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self.thread.start()

    @property
    def port(self):
        return self.server_address[1]

    def url(self, host="127.0.0.1", path="/rest/1/%s/" % SECRET):
        return "%s://%s:%d%s" % ("https" if self.tls else "http", host, self.port, path)

    def will(self, *answers):
        self.answers.extend(answers)
        return self

    @property
    def calls(self):
        """(method, body) of each request."""
        return [(request.path.rpartition("/")[2], request.body) for request in self.requests]

    def handle_error(self, request, client_address):
        pass

    def stop(self):
        self.shutdown()
        self.thread.join()
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1

    def setup(self):
        self.server.connections += 1
        if self.server.tls:
            self.request.settimeout(10)
            self.request = self.server.tls.wrap_socket(self.request, server_side=True)
        super().setup()

    def finish(self):
        try:
            super().finish()
        except OSError:
            pass
        if self.server.tls:
            self.request.close()

    def do_POST(self):
        text = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        keys = {found.group(1): found.group(0) for found in KEY.finditer(text)}
        is_json = self.headers.get("Content-Type") == "application/json"
        body = json.loads(KEY.sub(r"\1", text)) if text and is_json else text or None
        self.server.requests.append(Request(self.command, self.path, self.headers, body, keys))
        if not self.server.answers:
            self.server.unexpected.append(self.path)
            self.send_error(599)
            return
        try:
            self.server.answers.pop(0)(self)
            self.wfile.flush()
        except (OSError, ssl.SSLError):
            self.close_connection = True

    do_GET = do_POST

    def do_CONNECT(self):
        self.server.requests.append(Request(self.command, self.path, self.headers, None, {}))
        self.server.answers.pop(0)(self)

    def log_message(self, format, *args):
        pass
