# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A file that a portal shows the address of, by one GET without credentials.

An address without a host belongs to the portal's root, whatever path its REST is below, and is not encoded. Another
host, such as a CDN, gets no client certificate either. A GET of a REST address would carry out what it says, so there
is none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote, unquote, urljoin, urlsplit, urlunsplit

from .._version import VERSION
from .adapter import Silence, make_adapter, proxies_for
from .address import is_loopback
from .body import read_body
from .connection import ConnectionTracker
from .errors import ErrorFactory, PortalError
from .transport import MAX_REDIRECTS
from .transport_errors import explain

try:
    import requests
except ImportError:
    requests = None  # type: ignore[assignment]  # a module or nothing: mypy has no way to say so

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from .address import Address
    from .errors import Cleaner
    from .options import Settings
    from .retry import Counters

MOST_BYTES = 5 * 1024 * 1024
LONGEST_ADDRESS = 2000
HEADERS = {"User-Agent": f"bitrix24.portal/{VERSION}", "Accept": "image/*,*/*", "Accept-Encoding": "identity"}
_ENCODED = "/%!$&'()*+,;=:@~"
"""What an address with a host may hold as it is: it is encoded already."""


class NotFetched(PortalError):
    """message: why, as the end of a sentence."""


class _Reasons(ErrorFactory):
    """Makes errors that are reasons: no method was called, and there is nothing to advise."""

    def transport_error(
        self,
        method: str,
        error: str,
        what: str,
        outcome_known: bool = True,
        status: int | None = None,
        retry_after: float | None = None,
    ) -> NotFetched:
        return NotFetched(self.clean.own_text(what, 300), error=error, status=status, outcome_known=outcome_known)


class Fetcher:
    """Fetches for one task. api: the counter icons_fetched is kept in it; clean: makes a text safe to show.

    host, kind: as the errors of the task's client have them.
    """

    def __init__(
        self,
        settings: Settings,
        host: str,
        kind: str,
        api: Counters,
        clean: Cleaner,
        clock: Callable[[], float],
    ) -> None:
        self._settings = settings
        self._origin = ""
        self._api = api
        self._reasons = _Reasons(host, kind, clean)
        self._clock = clock

    def fetch(self, address: str, portal: Address) -> bytes:
        """The file. Raises NotFetched."""
        self._origin = f"{portal.scheme}://{portal.authority}"
        url = self._url(address)
        tracker = ConnectionTracker(self._settings.timeout, self._clock)
        adapter = make_adapter(tracker)
        tracker.start()
        try:
            for _dummy in range(MAX_REDIRECTS + 1):
                found = self._get(url, tracker, adapter)
                if isinstance(found, bytes):
                    return found
                url = self._redirected(url, found)
        finally:
            adapter.close()
        raise self._reason("redirected", f"it was redirected more than {MAX_REDIRECTS} times")

    def _get(self, url: str, tracker: ConnectionTracker, adapter: Any) -> bytes | requests.Response:
        """The file, or the answer that leads elsewhere."""
        tracker.begin()
        self._api["icons_fetched"] += 1
        proxies: dict[str, str] = {}
        try:
            with Silence():
                request = requests.Request("GET", url, headers=HEADERS).prepare()
                proxies = proxies_for(url)
                response = adapter.send(
                    request,
                    stream=True,
                    timeout=tracker.left(),
                    verify=self._settings.verify,
                    cert=self._settings.cert if _origin(url) == self._origin else None,
                    proxies=proxies,
                )
                try:
                    status = response.status_code
                    if status in (307, 308):
                        return response
                    if status != 200:
                        raise self._reason("unexpected_answer", f"the server answered HTTP {status}", status)
                    return read_body("GET", response, self._reasons, MOST_BYTES)
                finally:
                    response.close()
        except PortalError:
            raise
        except Exception as error:
            if not tracker.sent:
                self._api["icons_fetched"] -= 1
            code, what = explain(error, tracker.sent, self._settings.timeout, bool(proxies))
            raise self._reason(code, what) from None

    def _redirected(self, url: str, response: requests.Response) -> str:
        """Where to next: only on the same host."""
        try:
            target = urljoin(url, response.headers.get("Location") or "")
            same = _origin(target) == _origin(url) and not _is_rest(target)
        except ValueError:
            same = False
        if not same:
            raise self._reason("redirected", f"it was redirected elsewhere (HTTP {response.status_code})")
        return target

    def _url(self, address: str) -> str:
        if len(address) > LONGEST_ADDRESS or any(ord(character) < 32 for character in address):
            raise self._reason("unknown_host", "its address is not valid")
        try:
            url = self._encoded(address)
            parts = urlsplit(url)
            valid = bool(parts.hostname) and "@" not in parts.netloc and not _is_rest(url)
            secure = parts.scheme == "https" or parts.scheme == "http" and is_loopback(parts.hostname or "")
        except ValueError:
            valid = secure = False
        if not valid:
            raise self._reason("unknown_host", "its address is not valid")
        if not secure:
            raise self._reason("unknown_host", "its address does not begin with https://")
        return url

    def _encoded(self, address: str) -> str:
        if address.startswith("/") and not address.startswith("//"):
            return self._origin + quote(address, safe="/")
        parts = urlsplit(urljoin(self._origin, address))
        return urlunsplit(
            (
                parts.scheme,
                parts.netloc,
                quote(parts.path, safe=_ENCODED),
                quote(parts.query, safe=_ENCODED + "?"),
                "",
            )
        )

    def _reason(self, code: str, what: str, status: int | None = None) -> NotFetched:
        return self._reasons.transport_error("GET", code, what, status=status)


def _origin(url: str) -> str:
    """Raises ValueError."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.lower()}"


def _is_rest(url: str) -> bool:
    return "/rest/" in unquote(urlsplit(url).path).lower()
