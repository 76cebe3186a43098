# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From a webhook's address as it was pasted to credentials.

It may come with or without a trailing slash, with a base path, a port, and a method with its query at the end, as the
portal's own page shows it. No text in here quotes what was given, which holds the secret.
"""

from __future__ import annotations

import re

from .address import parse_address
from .advice import WEBHOOK
from .credentials import Credentials
from .errors import OptionError

_METHODS = frozenset(("batch", "scope", "methods", "profile"))
_REST = re.compile(r"(.*)/rest(?:/(.*))?\Z")
_USER_ID = re.compile(r"[0-9]{1,18}\Z")
_SECRET = re.compile(r"[A-Za-z0-9_~-]+\Z")
_LIKE = "https://HOST/rest/USER_ID/SECRET/"


def parse_webhook(text: str, name: str = "webhook_url") -> Credentials:
    """text: the webhook's address as pasted; name: what to call it in an error."""
    address = parse_address(text, name)
    found = _REST.match(address.path)
    if not found:
        raise OptionError(f"{name} holds no /rest/: it should look like {_LIKE}")
    base, parts = found.group(1), (found.group(2) or "").rstrip("/").split("/")
    if not parts[0]:
        raise OptionError(
            f"{name} ends after /rest/: the user's ID and the secret are missing; it should look like {_LIKE}"
        )
    if parts[0] == "api":
        raise OptionError(f"{name}: that is the REST 3.0 address, which has no mail services; leave out /api")
    if not _USER_ID.match(parts[0]):
        raise OptionError(
            f"{name} has no number after /rest/, where the user's ID belongs; it should look like {_LIKE}"
        )
    if len(parts) == 1 or "." in parts[1] or parts[1] in _METHODS:
        raise OptionError(f"{name} has no secret after the user's ID; it should look like {_LIKE}")
    if not _SECRET.match(parts[1]):
        raise OptionError(
            f"{name} has a secret with a character that no webhook's secret has; copy it again from the portal"
        )
    if len(parts) > 3:
        raise OptionError(f"{name} goes on after the method; it should look like {_LIKE}")
    return Credentials(WEBHOOK, address._replace(path=base), f"/rest/{parts[0]}/{parts[1]}/", [parts[1]])
