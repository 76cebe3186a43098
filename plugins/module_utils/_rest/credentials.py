# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whom a task calls a portal as: an address, a host to show, and what must never be shown."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from .._causes import cause
from .._text import visible

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .address import Address
    from .token_file import TokenFile
    from .tokens import Tokens


class Application:
    """What an application renews its tokens with; what is not given is None. oauth_url: where no token says better."""

    def __init__(
        self, client_id: str | None, client_secret: str | None, oauth_url: Address | None, token_file: TokenFile | None
    ) -> None:
        self.client_id = client_id
        self.client_secret = client_secret
        self.oauth_url = oauth_url
        self.token_file = token_file


class Credentials:
    """kind: WEBHOOK or ACCESS_TOKEN; host: HOST[:PORT][/BASE] for people; secrets: a set of texts.

    address: the portal's; tokens: the pair, or the access token alone, or None; application: what renews it, or None.
    """

    def __init__(
        self,
        kind: str,
        address: Address,
        rest: str,
        secrets: Iterable[str],
        tokens: Tokens | None = None,
        application: Application | None = None,
    ) -> None:
        self.kind = kind
        self.address = address
        self.host = address.host
        self.tokens = tokens
        self.application = application
        self.secrets = {form for secret in secrets for form in (secret, quote(secret, safe=""))}
        self._rest = rest

    @property
    def token(self) -> str | None:
        return self.tokens.access if self.tokens else None

    def with_tokens(self, tokens: Tokens) -> Credentials:
        """The same with another pair, and where that says the portal is."""
        secrets = self.secrets | tokens.secrets
        return Credentials(self.kind, tokens.portal or self.address, self._rest, secrets, tokens, self.application)

    def url(self, method: str) -> str:
        return f"{self.address.url}{self._rest}{method}"

    def check_host(self, expected: str) -> dict[str, Any] | None:
        """What is wrong as a cause, or None.

        expected: HOST, HOST:PORT or either with the base path; case does not matter.
        """
        named = re.sub(r"^https?://", "", expected.strip().lower().rstrip("/"))
        if self.address.is_named(named):
            return None
        # Whoever pastes a webhook's address here by mistake must not find its secret in a log.
        told = visible(re.split(r"/rest\b|[?#]", named)[0].rpartition("@")[2], 100)
        return cause("wrong_host", host=self.host, expected=told, credentials=self.kind.replace("_", " "))
