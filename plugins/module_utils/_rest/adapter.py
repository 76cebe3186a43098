# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is used of requests, and kept in check: what sends, the proxies of the environment, and silence."""

from __future__ import annotations

import logging
import os
import warnings
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from .address import is_loopback

try:
    import requests
    import requests.adapters
    import requests.utils
except ImportError:
    requests = None  # type: ignore[assignment]  # a module or nothing: mypy has no way to say so

if TYPE_CHECKING:
    from .connection import ConnectionTracker

_LOGGERS = ("urllib3.connection", "urllib3.connectionpool", "urllib3.util.retry")


def make_adapter(tracker: ConnectionTracker) -> requests.adapters.HTTPAdapter:
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


def proxies_for(url: str) -> dict[str, str]:
    """The environment's proxies for the address.

    Plain http goes to none that is not on this machine: the secret could be read on the way.
    """
    if not any(name.lower().endswith("_proxy") for name in os.environ):
        # requests would ask macOS for its settings, which a fork must not do there.
        return {}
    proxies = {key: proxy for key, proxy in requests.utils.get_environ_proxies(url).items() if proxy.strip()}
    if url.startswith("https:"):
        return proxies
    chosen = requests.utils.select_proxy(url, proxies) or ""
    try:
        host = urlsplit(chosen if "//" in chosen else f"//{chosen}").hostname
    except ValueError:
        host = None
    return proxies if chosen and host and is_loopback(host) else {}


class Silence(logging.Filter):
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
