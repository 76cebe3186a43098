# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One POST over HTTP: a body out, a status and a body back, within a time and a size.

Or a PortalError that says whether anything was sent. requests does the work. Around it: nothing of ~/.netrc, no
cookies, no redirect but those that keep the POST and the host, no time-out that starts anew with every byte, and no
text of an exception, since those hold the webhook's path.
"""

from __future__ import annotations

import email.utils
import logging
import os
import platform
import sys
import warnings
import zlib
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from .._version import VERSION
from .connection import ConnectionTracker
from .credentials import is_loopback
from .errors import OptionError, PortalError
from .response import MAX_BODY
from .transport_errors import explain

try:
    import requests
    import requests.adapters
    import requests.utils
except ImportError:
    requests = None  # type: ignore[assignment]  # a module or nothing: mypy has no way to say so

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .errors import ErrorFactory
    from .options import Settings
    from .retry import Counters

    Answer = tuple[int, Mapping[str, str], bytes]

CHUNK = 64 * 1024
MAX_REDIRECTS = 5
HEADERS = {
    "User-Agent": f"bitrix24.portal/{VERSION}",
    "Accept": "application/json",
    "Accept-Encoding": "gzip",
    "Content-Type": "application/json",
}
_LOGGERS = ("urllib3.connection", "urllib3.connectionpool", "urllib3.util.retry")


def require_requests() -> None:
    if requests is None:
        raise OptionError(
            f"the Python library requests is missing for {sys.executable}"
            f" (Python {platform.python_version()} on {platform.node()}):"
            f" install it with '{sys.executable} -m pip install requests',"
            " or set ansible_python_interpreter to an interpreter that has it"
        )


class HTTPTransport:
    """The connection of one task. api: the counter requests is kept in it; clock: seconds, monotonic."""

    def __init__(
        self, settings: Settings, api: Counters, error_factory: ErrorFactory, clock: Callable[[], float]
    ) -> None:
        require_requests()
        self._settings = settings
        self._api = api
        self._error_factory = error_factory
        self._tracker = ConnectionTracker(settings.timeout, clock)
        self._adapter = _adapter(self._tracker)

    def close(self) -> None:
        self._adapter.close()

    def post(self, method: str, url: str, payload: bytes) -> Answer:
        """(status, headers, body) of the answer to payload (bytes). method: for messages. Raises PortalError."""
        self._tracker.start()
        for _dummy in range(MAX_REDIRECTS + 1):
            status, headers, body = self._exchange(method, url, payload)
            if not 300 <= status < 400:
                return status, headers, body
            url = self._redirected(method, status, url, headers.get("Location"))
        raise self._error_factory.transport_error(
            method, "redirected", f"the portal redirected more than {MAX_REDIRECTS} times", status=status
        )

    def _exchange(self, method: str, url: str, payload: bytes) -> Answer:
        self._tracker.sent = False
        self._api["requests"] += 1
        proxies: dict[str, str] = {}
        try:
            with _Silence():
                request = requests.Request("POST", url, data=payload, headers=HEADERS).prepare()
                proxies = _proxies(url)
                response = self._adapter.send(
                    request,
                    stream=True,
                    timeout=self._tracker.left(),
                    verify=self._settings.verify,
                    cert=self._settings.cert,
                    proxies=proxies,
                )
                try:
                    return response.status_code, response.headers, self._body(method, response)
                except BaseException:
                    response.close()
                    raise
        except PortalError:
            raise
        except Exception as error:
            sent = self._tracker.sent
            if not sent:
                self._api["requests"] -= 1
            code, what = explain(error, sent, self._settings.timeout, bool(proxies))
            raise self._error_factory.transport_error(method, code, what, outcome_known=not sent) from None

    def _body(self, method: str, response: requests.Response) -> bytes:
        """The whole body, unpacked, up to MAX_BODY of it. requests would unpack a chunk of any size in one go."""
        raw, status = response.raw, response.status_code
        encoding = (response.headers.get("Content-Encoding") or "identity").strip().lower()
        if encoding not in ("identity", "gzip", "x-gzip"):
            raise self._error_factory.transport_error(
                method,
                "unexpected_answer",
                f"the response (HTTP {status}) has an unsupported Content-Encoding",
                status=status,
            )
        unpack: Callable[[bytes, int], bytes] = _Gunzip() if encoding != "identity" else _as_it_is
        body, received = bytearray(), 0
        while len(body) <= MAX_BODY:
            chunk = raw.read(CHUNK, decode_content=False)
            received += len(chunk)
            body += unpack(chunk, MAX_BODY + 1 - len(body))
            if not chunk:
                break
        else:
            raise self._error_factory.transport_error(
                method,
                "too_large",
                f"the response (HTTP {status}) is larger than {MAX_BODY // 1024 // 1024} MiB",
                status=status,
            )
        announced = response.headers.get("Content-Length") or ""
        if (
            announced.isdigit()
            and received < int(announced[:18])
            and status not in (204, 304)
            or not getattr(unpack, "whole", True)
        ):
            raise self._error_factory.transport_error(
                method, "cut_off", f"the response (HTTP {status}) is cut off after {received} bytes", status=status
            )
        return bytes(body)

    def _redirected(self, method: str, status: int, url: str, location: str | None) -> str:
        """Where to POST next. Only 307 and 308 keep the method and the body."""
        here = urlsplit(url)
        try:
            target = urljoin(url, location or "")
            there = urlsplit(target)
            same = (there.scheme, there.hostname, there.port, there.username) == (
                here.scheme,
                here.hostname,
                here.port,
                None,
            )
        except ValueError:
            target, same = location or "", False
        if location and same and status in (307, 308):
            return target
        where = self._error_factory.clean(target) if location else "no address"
        what = f"the portal redirected the request (HTTP {status}), to {where}"
        raise self._error_factory.transport_error(method, "redirected", what, status=status)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds that an answer asks to wait, or None. A date counts from the answer's own Date, never the local clock."""
    value = (headers.get("Retry-After") or "").strip()
    if value.isdigit() and value.isascii():
        return float(value[:9])
    try:
        until, now = (email.utils.parsedate_to_datetime(text) for text in (value, headers.get("Date") or ""))
        return max(0.0, (until - now).total_seconds())
    except (TypeError, ValueError, IndexError, OverflowError):
        return None


def _proxies(url: str) -> dict[str, str]:
    """The environment's proxies for the address.

    Plain http goes to none that is not on this machine: the secret could be read on the way.
    """
    if not any(name.lower().endswith("_proxy") for name in os.environ):
        # requests would ask macOS for its settings, which a fork must not do there.
        return {}
    proxies = requests.utils.get_environ_proxies(url)
    if url.startswith("https:"):
        return proxies
    chosen = requests.utils.select_proxy(url, proxies) or ""
    try:
        host = urlsplit(chosen if "//" in chosen else f"//{chosen}").hostname
    except ValueError:
        host = None
    return proxies if chosen and host and is_loopback(host) else {}


def _adapter(tracker: ConnectionTracker) -> requests.adapters.HTTPAdapter:
    """What sends and keeps the connection open.

    It is all that is of use of a session of requests, which would add ~/.netrc, cookies and redirects.
    """

    class Adapter(requests.adapters.HTTPAdapter):
        def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
            super().init_poolmanager(*args, **kwargs)
            tracker.instrument(self.poolmanager)

        def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:
            manager = super().proxy_manager_for(*args, **kwargs)
            tracker.instrument(manager)
            return manager

    return Adapter(max_retries=0)


class _Gunzip:
    """Unpacks gzip, never more than asked for at a time."""

    def __init__(self) -> None:
        self._unpacker = zlib.decompressobj(16 + zlib.MAX_WBITS)

    def __call__(self, chunk: bytes, most: int) -> bytes:
        unpacked = self._unpacker.decompress(self._unpacker.unconsumed_tail + chunk, most)
        return unpacked

    @property
    def whole(self) -> bool:
        return self._unpacker.eof


def _as_it_is(chunk: bytes, most: int) -> bytes:
    return chunk


class _Silence(logging.Filter):
    """Keeps urllib3 silent as long as an exchange lasts.

    It would log the address, which holds the secret, and warn of what the task warns of.
    """

    def __init__(self) -> None:
        super().__init__()
        self._warnings = warnings.catch_warnings()

    def filter(self, record: logging.LogRecord) -> bool:
        return False

    def __enter__(self) -> None:
        for name in _LOGGERS:
            logging.getLogger(name).addFilter(self)
        self._warnings.__enter__()
        warnings.simplefilter("ignore")

    def __exit__(self, *exc_info: Any) -> None:
        self._warnings.__exit__(*exc_info)
        for name in _LOGGERS:
            logging.getLogger(name).removeFilter(self)
