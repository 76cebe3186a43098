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
import os
import platform
import sys
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from .._causes import NO_LIBRARY, cause
from .._version import VERSION
from .adapter import Silence, make_adapter, proxies_for
from .body import read_body
from .connection import ConnectionTracker
from .errors import THE_PORTAL, OptionError, PortalError

try:
    import requests
except ImportError:
    requests = None  # type: ignore[assignment]  # a module or nothing: mypy has no way to say so

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .errors import ErrorFactory
    from .options import Settings
    from .retry import Counters

    Answer = tuple[int, Mapping[str, str], bytes]

MAX_REDIRECTS = 5
HEADERS = {
    "User-Agent": f"bitrix24.portal/{VERSION}",
    "Accept": "application/json",
    "Accept-Encoding": "gzip",
}
JSON, FORM = "application/json", "application/x-www-form-urlencoded"


def require_requests() -> None:
    if requests is None:
        text = (
            f"the Python library requests is missing for {sys.executable}"
            f" (Python {platform.python_version()} on {platform.node()}):"
            f" install it with '{sys.executable} -m pip install requests',"
            " or set ansible_python_interpreter to an interpreter that has it"
        )
        raise OptionError(text, [cause(NO_LIBRARY, text)])


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
        self._adapter = make_adapter(self._tracker)
        self._used = False
        self._parent = os.getppid()

    def close(self) -> None:
        self._adapter.close()
        self._used = False

    def renew(self) -> None:
        """See that the next request goes on a connection on which nothing was asked before."""
        if self._used:
            self.close()

    def post(self, method: str, url: str, payload: bytes, content_type: str = JSON) -> Answer:
        """(status, headers, body) of the answer to payload (bytes). method: for messages. Raises PortalError."""
        self.require_controller(method)
        self._tracker.start()
        for _dummy in range(MAX_REDIRECTS + 1):
            status, headers, body = self._exchange(method, url, payload, content_type)
            if not 300 <= status < 400:
                return status, headers, body
            url = self._redirected(method, status, url, headers.get("Location"))
        raise self._error_factory.transport_error(
            method,
            "redirected",
            f"{self._error_factory.server} redirected more than {MAX_REDIRECTS} times",
            status=status,
        )

    def require_controller(self, method: str) -> None:
        """Raise PortalError in a fork of a playbook that was killed: nobody would know of what it does."""
        if os.getppid() != self._parent:
            what = "the process that started this task is gone, so nothing more is sent"
            raise self._error_factory.transport_error(method, "controller_gone", what, outcome_known=True)

    def _exchange(self, method: str, url: str, payload: bytes, content_type: str) -> Answer:
        self._tracker.begin()
        self._used = True
        self._api["requests"] += 1
        proxies: dict[str, str] = {}
        try:
            with Silence():
                request = requests.Request(
                    "POST", url, data=payload, headers={**HEADERS, "Content-Type": content_type}
                ).prepare()
                proxies = proxies_for(url)
                response = self._adapter.send(
                    request,
                    stream=True,
                    timeout=self._tracker.left(),
                    verify=self._settings.verify,
                    cert=self._settings.cert,
                    proxies=proxies,
                )
                try:
                    body = read_body(method, response, self._error_factory)
                    self._refuse_surplus(method, response.status_code)
                    return response.status_code, response.headers, body
                except BaseException:
                    response.close()
                    raise
        except PortalError:
            raise
        except Exception as error:
            sent = self._tracker.sent
            if not sent:
                self._api["requests"] -= 1
            # Ansible compiles what is imported anew each time, and most runs need none of it.
            from .transport_errors import explain

            code, what = explain(error, sent, self._settings.timeout, bool(proxies))
            raise self._error_factory.transport_error(method, code, what, outcome_known=not sent) from None

    def _refuse_surplus(self, method: str, status: int) -> None:
        """Of several answers nobody can tell which is this request's."""
        if self._tracker.surplus and status not in (204, 304):
            what = f"more than the response (HTTP {status}) came on the connection"
            raise self._error_factory.transport_error(method, "foreign_answer", what, status=status)

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
            elsewhere = there.hostname if there.hostname != here.hostname else None
        except ValueError:
            target, same, elsewhere = location or "", False, None
        elsewhere = self._error_factory.clean(elsewhere, 100) if elsewhere else None
        if location and same and status in (307, 308):
            return target
        where = self._error_factory.clean(target) if location else "no address"
        what = f"{self._error_factory.server} redirected the request (HTTP {status}), to {where}"
        if elsewhere and self._error_factory.server == THE_PORTAL:
            what += f"; was the portal renamed? Then set webhook_url (or portal_url) and expected_host to {elsewhere}"
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
