# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A portal to call: one command, or many in as few requests as may be."""

from __future__ import annotations

import json
import random
import time
from typing import TYPE_CHECKING, Any

from .._redact import Redactor
from .advice import OWN_ADVICE
from .batch import BATCH, Batch
from .choose import choose
from .errors import ErrorFactory, OptionError, PortalError
from .options import Settings
from .response import read
from .retry import AttemptState, RetryPolicy
from .transport import HTTPTransport, retry_after

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from .batch import Convert, Observer
    from .commands import Command, Outcome
    from .credentials import Credentials
    from .response import Reply
    from .retry import Counters
    from .tokens import Tokens


MOST_TOKENS = 4
"""So many are tried for one request, of which others renewed all but the last."""


class Client:
    """The connection of one task.

    host: for results, digests and messages, without a secret; kind: "webhook" or "access_token"; api: counters (waited,
    operating in seconds); warnings: texts; secrets: texts that must not be shown, which may become more; redact(text):
    a text from elsewhere as it may be shown; renewed: whether the access token was.
    """

    def __init__(
        self,
        params: Mapping[str, Any],
        sleep: Callable[[float], object] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
        jitter: Callable[[], float] = random.random,
        environ: Mapping[str, str] | None = None,
        secrets: set[str] | None = None,
    ) -> None:
        """secrets: the set to keep them in, where somebody else keeps his there. Raises OptionError."""
        problems: list[str] = []
        # What not every task needs is imported where it is used: reading it takes longer than a task.
        parts: list[Any] = []
        for make in (lambda: choose(params, environ), lambda: Settings(params)):
            try:
                parts.append(make())
            except OptionError as error:
                problems.extend(error.problems)
        if problems:
            raise OptionError(problems)
        self._credentials: Credentials = parts[0]
        settings = self._settings = parts[1]
        self._expected_host = settings.expected_host
        wrong_host = self._expected_host and self._credentials.check_host(self._expected_host)
        if wrong_host:
            raise OptionError(wrong_host["message"], [wrong_host])
        self.host = self._credentials.host
        self.kind = self._credentials.kind
        self.secrets = set() if secrets is None else secrets
        self.secrets |= self._credentials.secrets
        self.redact = Redactor(self._credentials.secrets)
        self.warnings = list(settings.warnings)
        self.api: Counters = dict(
            requests=0, retries=0, throttled=0, waited=0.0, operating=None, ids_searched=0, icons_fetched=0
        )
        self._sleep, self._clock = sleep, clock
        self._error_factory = ErrorFactory(self.host, self.kind, self.redact)
        self._retry_policy = RetryPolicy(settings, self.api, self.wait, jitter)
        self._transport = HTTPTransport(settings, self.api, self._error_factory, clock)
        self._renewer: Renewer | None = None
        if self._credentials.application:
            from .renewal import Renewer

            self._renewer = Renewer(
                self._credentials.application,
                settings,
                self._retry_policy,
                self.redact,
                clock,
                self._transport.require_controller,
                self.warnings,
            )

    @property
    def renewed(self) -> bool:
        return bool(self._renewer and self._renewer.renewals)

    @property
    def token_expires(self) -> float | None:
        """Seconds since 1970 by the authorization server's clock, where it is known."""
        return self._credentials.tokens.expires if self._credentials.tokens else None

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def close(self) -> None:
        self._transport.close()

    def wait(self, seconds: float) -> None:
        self._sleep(seconds)
        self.api["waited"] = round(self.api["waited"] + seconds, 3)

    def call(self, method: str, params: Mapping[str, Any] | None = None, repeatable: bool = True) -> Reply:
        """The Reply(result, time) to one command in a request of its own. Raises PortalError."""
        attempt_state = AttemptState()
        while True:
            try:
                return self._exchange(method, params or {}, None)
            except PortalError as error:
                if not self._retry_policy.wait_if_retryable(error, attempt_state, repeatable):
                    raise

    def fetch(self, address: str) -> bytes:
        """A file at an address that the portal shows, by a GET without credentials. Raises NotFetched."""
        from .fetch import Fetcher

        fetcher = Fetcher(self._settings, self.host, self.kind, self.api, self.redact, self._clock)
        return fetcher.fetch(address, self._credentials.address)

    def run_commands(
        self, commands: Sequence[Command], halt: bool = True, observer: Observer | None = None
    ) -> list[Outcome]:
        """One Outcome for each command. Never raises PortalError.

        They are carried out in order, up to 50 in a request. halt: after the first that fails, none is tried (False is
        for commands that only read and do not refer to each other). What is refused because of a limit is sent again
        after a wait, with all that follows. observer: is told of each request; what it raises is passed on.
        """
        if not halt and any(not command.repeatable or command.refers for command in commands):
            raise ValueError("only reads that do not refer to each other may go on after a failure")
        return Batch(commands, halt, self._exchange, self._retry_policy, self._error_factory, observer).run()

    def _exchange(self, method: str, params: Mapping[str, Any], convert: Convert | None) -> Reply:
        """One request. ``convert`` turns the result into another, or raises PortalError. Raises PortalError.

        After anything but a portal's own answer the connection is closed: what else comes there is nobody's. And what
        has no key by which its answer could be told from another's goes where nothing was asked before.
        """
        left = MOST_TOKENS
        while True:
            if method != BATCH:
                self._transport.renew()
            try:
                return self._ask(method, params, convert)
            except PortalError as error:
                if error.error in OWN_ADVICE:
                    self._transport.close()
                tokens, renewer = self._credentials.tokens, self._renewer
                if (error.error, error.status) != ("expired_token", 401) or not tokens or not renewer:
                    raise
                left -= 1
                if not left:
                    error.say_instead(
                        "The token was renewed just now: the portal's clock, or the server's, may be wrong."
                    )
                    raise
                before = renewer.renewals
                self._use(renewer.replace(tokens, error), method)
                if renewer.renewals > before:
                    left = 1

    def _use(self, tokens: Tokens, method: str) -> None:
        """Call with these tokens from now on, where they say that the portal is. Raises PortalError."""
        self.secrets |= tokens.secrets
        self.redact.add(tokens.secrets)
        credentials = self._credentials.with_tokens(tokens)
        wrong = self._expected_host and credentials.check_host(self._expected_host)
        if wrong:
            what = (
                "the tokens say that the portal is at {host} now, expected_host is {expected}; nothing was sent there"
            )
            raise self._error_factory.transport_error(
                method, "wrong_host", what.format(**wrong["parts"]), outcome_known=True
            )
        if credentials.host != self.host:
            self.warnings.append(f"the portal is at {credentials.host} now, no longer at {self.host}: it was renamed")
            self.host = self._error_factory.host = credentials.host
        self._credentials = credentials

    def _ask(self, method: str, params: Mapping[str, Any], convert: Convert | None) -> Reply:
        body = dict(params)
        if self._credentials.token:
            body["auth"] = self._credentials.token
        status, headers, data = self._transport.post(
            method, self._credentials.url(method), json.dumps(body).encode("ascii")
        )
        reply = read(data, status, method, self._error_factory, retry_after(headers))
        self._retry_policy.note(method, reply.time)
        return reply if convert is None else reply._replace(result=convert(reply.result))
