# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One request to the authorization server: a refresh token out, a new pair back.

Source: the contract. The server is regional, and answers in JSON: the new pair with the addresses of the portal and of
itself, or {"error": code, "error_description": text}.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from .advice import OAUTH
from .errors import OptionError, PortalError
from .response import decode, is_code, refusal
from .tokens import ACCESS, PORTAL, REFRESH, SERVER, Tokens, endpoint, is_token
from .transport import FORM, retry_after

if TYPE_CHECKING:
    from collections.abc import Callable

    from .address import Address
    from .errors import ErrorFactory
    from .transport import HTTPTransport

PATH = "/oauth/token/"
MOST = 64 * 1024
"""Bytes of an answer; real ones have some hundred."""
RENEWAL_FAILED = "renewal_failed"
"""Stands for all that went wrong on the way, which says nothing of the pair."""


class AuthorizationServer:
    """address: in front of /oauth/token/; error_factory: the server's own."""

    def __init__(
        self,
        address: Address,
        client_id: str,
        client_secret: str,
        transport: HTTPTransport,
        error_factory: ErrorFactory,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._url = address.url + PATH
        self._application = dict(client_id=client_id, client_secret=client_secret)
        self._transport = transport
        self._error_factory = error_factory
        self._clock = clock

    def renew(self, tokens: Tokens) -> tuple[Tokens, str]:
        """(the new pair with all that was known before, what is wrong with what else the answer holds).

        Raises PortalError, outcome_known where the refresh token was certainly not spent.
        """
        form = dict(self._application, grant_type=REFRESH, refresh_token=tokens.refresh)
        status, headers, data = self._transport.post(OAUTH, self._url, urlencode(form).encode("ascii"), FORM)
        answer = self._decoded(data, status)
        if is_code(answer.get("error")):
            raise refusal(answer, status, OAUTH, self._error_factory, retry_after(headers))
        if status != 200 or not is_token(answer.get(ACCESS)) or not is_token(answer.get(REFRESH)):
            raise self._unexpected(f"the response (HTTP {status}) holds no pair of tokens", status)
        problems = []
        for key in (PORTAL, SERVER):
            try:
                endpoint(answer.get(key), key)
            except OptionError as error:
                # The pair counts all the same: the one before is spent.
                problems.append(str(error))
                del answer[key]
        if not answer.get("expires") and isinstance(answer.get("expires_in"), int):
            answer["expires"] = int(self._clock()) + answer["expires_in"]
        known = {key: value for key, value in tokens.values.items() if key != "expires"}
        renewed = Tokens(dict(known, **answer), "the response")
        if tokens.member_id not in (None, renewed.member_id):
            raise self._unexpected(f"the response (HTTP {status}) holds another portal's tokens (member_id)", status)
        return renewed, "; ".join(problems)

    def _decoded(self, data: bytes, status: int) -> dict[str, Any]:
        if len(data) > MOST:
            raise self._unexpected(f"the response (HTTP {status}) is larger than {MOST // 1024} KiB", status)
        try:
            answer = decode(data)
        except (ValueError, RecursionError):
            answer = None
        if not isinstance(answer, dict):
            raise self._unexpected(f"the response (HTTP {status}) is no JSON object", status)
        return answer

    def _unexpected(self, what: str, status: int) -> PortalError:
        return self._error_factory.transport_error(OAUTH, "unexpected_answer", what, status=status)
