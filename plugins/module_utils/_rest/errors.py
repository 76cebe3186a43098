# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What can go wrong with a call, told by (method, code), never by the portal's text, which is in the portal's language.

Source of the codes: the contract's error table. The portal's own codes are written as the portal writes them; those in
lower case are this collection's, for what happens where no portal has answered.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .advice import ADVICE, REFUSED_TO_ADMINISTRATORS, advice_for

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any, Protocol

    class Cleaner(Protocol):
        """Makes a text safe to show: one line, no secret, cut after ``most`` characters."""

        def __call__(self, text: str, most: int = ...) -> str: ...

        def own_text(self, text: str, most: int = ...) -> str: ...


THE_PORTAL = "the portal"

# These say that the portal may have got half-way. Every other code in JSON is a refusal before anything was done.
OUTCOME_UNKNOWN_CODES = frozenset(("INTERNAL_SERVER_ERROR", "ERROR_UNEXPECTED_ANSWER"))


class PortalError(Exception):
    """One failed call.

    message: one line for people, without secrets, that ends in the advice. error: the code. method, description (the
    portal's own text, made safe to show), advice: texts; status: HTTP's, None where there is none of this command's own
    (no answer; inside a batch). outcome_known: whether it is certain that the portal did not carry it out.
    retry_after: seconds, where the portal named them.
    """

    def __init__(
        self,
        message: str,
        error: str = "unexpected_answer",
        method: str | None = None,
        status: int | None = None,
        description: str = "",
        advice: str = "",
        outcome_known: bool = False,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.error = error
        self.method = method
        self.status = status
        self.description = description
        self.advice = advice
        self.outcome_known = outcome_known
        self.retry_after = retry_after

    def __str__(self) -> str:
        return self.message

    def add_advice(self, text: str) -> None:
        self.advice = (f"{self.advice} {text}").strip()
        self.message = f"{self.message} {text}"
        self.args = (self.message,)

    def rule_out_rights(self) -> None:
        """Say no more that the owner of the credentials may be no administrator, since it is known that they are."""
        why = REFUSED_TO_ADMINISTRATORS.get(self.method or "")
        if why and self.error == "ERROR_CORE" and self.message.endswith(self.advice):
            self.say_instead(why[:1].upper() + why[1:])

    def blame_rights(self) -> None:
        """Say that it is the rights, since it is known that the owner of the credentials is no administrator."""
        self.say_instead("Use the credentials of an administrator of the portal.")

    def say_instead(self, advice: str) -> None:
        """Let the message end in this advice in the place of the one before."""
        self.message = self.message[: len(self.message) - len(self.advice)] + advice
        self.advice = advice
        self.args = (self.message,)

    def as_result(self) -> dict[str, Any]:
        """What a failed task returns of it."""
        return dict(
            error=self.error,
            method=self.method,
            http_status=self.status,
            error_description=self.description,
            advice=self.advice,
        )


class OptionError(Exception):
    """Options that cannot be, found before anything was sent.

    problems: a list of texts, one line each; causes: the same as values, where the texts name options.
    """

    def __init__(self, problems: str | Iterable[str], causes: Iterable[dict[str, Any]] = ()) -> None:
        self.problems = [problems] if isinstance(problems, str) else list(problems)
        self.causes = list(causes)
        super().__init__("; ".join(self.problems))


def is_outcome_known(code: str, status: int | None = None) -> bool:
    """Whether a code that the portal answered makes it certain that the call was not carried out."""
    doubtful = code == "ERROR_CORE" or ("*", code) not in ADVICE
    return code not in OUTCOME_UNKNOWN_CODES and not (doubtful and (status or 0) >= 500)


class ErrorFactory:
    """Makes the errors of one connection: what is said is cleaned, and ends in the advice that fits the credentials.

    server: what to call whoever answers.
    """

    def __init__(self, host: str, kind: str, clean: Cleaner, server: str = THE_PORTAL) -> None:
        self.host = host
        self.kind = kind
        self.server = server
        self.clean = clean

    def api_error(
        self, method: str, code: str, status: int | None, description: str, retry_after: float | None = None
    ) -> PortalError:
        """The portal answered with an error code. status: None inside a batch."""
        code = self.clean(code, 60)
        description = self.clean(description)
        advice = advice_for(method, code, self.kind, status)
        where = "" if status is None else f" (HTTP {status})"
        said = f': "{description}"' if description else ""
        what = f"{self.server} answered {code}{where}{said}"
        return self._error(
            method,
            what,
            advice,
            error=code,
            status=status,
            description=description,
            outcome_known=is_outcome_known(code, status),
            retry_after=retry_after,
        )

    def transport_error(
        self,
        method: str,
        error: str,
        what: str,
        outcome_known: bool = False,
        status: int | None = None,
        retry_after: float | None = None,
    ) -> PortalError:
        """There was no answer to go by. what: half a sentence, for after the method's name."""
        return self._error(
            method,
            self.clean.own_text(what, 500),
            advice_for(method, error, self.kind),
            error=error,
            status=status,
            outcome_known=outcome_known,
            retry_after=retry_after,
        )

    def _error(self, method: str, what: str, advice: str, **rest: Any) -> PortalError:
        what = what.rstrip(".")
        message = f"{method} on {self.host}: {what}. {advice}"
        return PortalError(message, method=method, advice=advice, **rest)
