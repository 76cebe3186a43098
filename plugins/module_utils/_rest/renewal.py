# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Another pair of tokens in the place of one that has expired: out of the token_file, or from the authorization server.

Which of both is decided while the token_file is locked, after it was read again. A refresh token is good for one use,
so the answer must reach the disk whatever becomes of this process: a fork asks for it and stores it.
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from .advice import ACCESS_TOKEN, ADVICE, OAUTH, OWN_ADVICE
from .detached import outlive
from .errors import ErrorFactory, OptionError, PortalError
from .oauth import AuthorizationServer
from .retry import LATER, AttemptState
from .tokens import Tokens
from .transport import HTTPTransport

if TYPE_CHECKING:
    from collections.abc import Callable

    from .address import Address
    from .credentials import Application
    from .errors import Cleaner
    from .options import Settings
    from .retry import Counters, RetryPolicy
    from .token_file import TokenFile

TO_STORE = 10
"""Seconds that a fork may take beyond those of its request."""
RENEWAL_FAILED = "renewal_failed"
"""Stands for whatever went wrong, but for what the authorization server itself said."""
_PERHAPS_SPENT = (
    "Whether the refresh token is spent is unknown: where the next run says invalid_grant, authorize the application"
    " again."
)


class Renewer:
    """renewals: how often a pair was asked for with success.

    clock: seconds, monotonic; require_controller(method) raises PortalError where nothing may be sent any more;
    warnings: takes texts.
    """

    def __init__(
        self,
        application: Application,
        settings: Settings,
        retry_policy: RetryPolicy,
        clean: Cleaner,
        clock: Callable[[], float],
        require_controller: Callable[[str], None],
        warnings: list[str],
    ) -> None:
        self._application = application
        self._settings = copy.copy(settings)
        # That one is for the portal.
        self._settings.cert = None
        self._retry_policy = retry_policy
        self._clean = clean
        self._clock = clock
        self._require_controller = require_controller
        self._warnings = warnings
        self.renewals = 0
        if application.token_file is None:
            self._warnings.append(
                "refresh_token is given without token_file: once the access token has expired and was renewed, the new"
                " tokens are lost with the task and the refresh_token is spent. Set token_file."
            )

    def replace(self, expired: Tokens, refused: PortalError) -> Tokens:
        """Tokens in the place of these, which the portal has refused as expired.

        Raises PortalError with outcome_known, since the portal did nothing; ``refused`` itself where there is no way.
        """
        file = self._application.token_file
        try:
            if file is None:
                return self._renew(expired, refused, None)
            with file.locked(self._settings.timeout):
                stored = file.read() or expired
                if None not in (stored.member_id, expired.member_id) and stored.member_id != expired.member_id:
                    raise OptionError(f"{file.name} was replaced by another portal's (member_id)")
                return stored if stored.access != expired.access else self._renew(stored, refused, file)
        except OptionError as error:
            raise _failed(str(error), "Nothing was renewed. Put it right, and run again.") from None

    def _renew(self, tokens: Tokens, refused: PortalError, file: TokenFile | None) -> Tokens:
        application, address = self._application, tokens.server or self._application.oauth_url
        if not (address and application.client_id and application.client_secret and tokens.refresh):
            refused.say_instead("To have it renewed, give client_id and client_secret of the application.")
            raise refused
        asks = _Request(application.client_id, application.client_secret, address, tokens, self._clean)
        attempt_state = AttemptState()
        while True:
            self._require_controller(OAUTH)
            try:
                answer = self._ask(asks, file)
                break
            except PortalError as error:
                if error.outcome_known and self._retry_policy.wait_if_retryable(error, attempt_state, False):
                    continue
                stored = file.read() if file and error.error == "invalid_grant" else None
                if stored and stored.access != tokens.access:
                    # Somebody renewed it who does not know of the lock.
                    return stored
                raise _explained(error) from None
        self.renewals += 1
        if answer["problem"]:
            self._warnings.append(f"the authorization server named an address that is left out: {answer['problem']}")
        if file is None:
            self._warnings.append(
                "the access token was renewed, and without token_file the new tokens are lost with this task: the"
                " refresh_token that was given is spent. Authorize the application again, and set token_file."
            )
        return Tokens(answer["tokens"], "the response")

    def _ask(self, request: _Request, file: TokenFile | None) -> dict[str, Any]:
        """What _Request.send() returns. Raises PortalError."""
        if file is None:
            return request.send(self._settings, self._clock)
        try:
            answer = outlive(lambda: self._ask_and_store(request, file), self._settings.timeout + TO_STORE)
        except OSError as error:
            what = f"the process that renews the tokens of {file.name} has failed: {error.strerror or error}"
            raise _failed(what, _PERHAPS_SPENT) from None
        if "error" in answer:
            raise PortalError(**answer["error"])
        return dict(answer)

    def _ask_and_store(self, request: _Request, file: TokenFile) -> dict[str, Any]:
        """The same, or what the PortalError consists of; runs in a fork."""
        try:
            reserved = file.reserve()
        except OSError as error:
            what = f"{file.name} cannot be written: {error.strerror or error}"
            return {"error": vars(_failed(what, "Nothing was renewed. Put it right, and run again."))}
        try:
            answer = request.send(self._settings, self._clock)
            reserved.store(Tokens(answer["tokens"], "the response"))
            return answer
        except PortalError as error:
            reserved.discard()
            return {"error": vars(error)}
        except OSError as error:
            what = f"{file.name} cannot be written: {error.strerror or error}, and the refresh token is spent"
            return {"error": vars(_failed(what, "Authorize the application again."))}


class _Request:
    """One renewal that is to be asked for."""

    def __init__(self, client_id: str, client_secret: str, address: Address, tokens: Tokens, clean: Cleaner) -> None:
        self._application = (client_id, client_secret)
        self._address = address
        self._tokens = tokens
        self._clean = clean

    def send(self, settings: Settings, clock: Callable[[], float]) -> dict[str, Any]:
        """{"tokens": the values of the new pair, "problem": text}. Raises PortalError.

        The counters of the task are for the portal's requests.
        """
        counters: Counters = dict(
            requests=0, retries=0, throttled=0, waited=0.0, operating=None, ids_searched=0, icons_fetched=0
        )
        error_factory = ErrorFactory(self._address.host, ACCESS_TOKEN, self._clean, "the authorization server")
        transport = HTTPTransport(settings, counters, error_factory, clock)
        try:
            server = AuthorizationServer(self._address, *self._application, transport, error_factory)
            tokens, problem = server.renew(self._tokens)
        finally:
            transport.close()
        return {"tokens": tokens.values, "problem": problem}


def _failed(what: str, advice: str) -> PortalError:
    return PortalError(f"{what}. {advice}", RENEWAL_FAILED, OAUTH, advice=advice, outcome_known=True)


def _explained(error: PortalError) -> PortalError:
    """The error of a renewal as that of the call that needed it: the portal did nothing, and is not asked again."""
    if not error.outcome_known:
        error.add_advice(_PERHAPS_SPENT)
    if error.error in OWN_ADVICE or (OAUTH, error.error) not in ADVICE:
        error.error = RENEWAL_FAILED
    if error.status in LATER:
        error.status = None
    error.outcome_known = True
    return error
