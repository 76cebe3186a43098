# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Faults that a test sets with ``PUT /_control/faults``: what goes wrong, with which request or command.

``[{"method": "mailservice.add", "nth": 1, "times": 1, "kind": …, …}]``: from the ``nth`` match on (1), ``times`` matches
in a row (1; 0: for ever). ``method`` is a method's name or ``*`` for all. An empty list clears, and ends a ``refuse``.

A fault of a *request* matches HTTP requests below /rest/ by the method in their address, so a batch is ``batch`` whatever its
commands are. A fault of a *command* matches a direct call, and every command inside a batch by its own method; ``batch`` itself
is a command only for a fault that names it. Of several faults of one request the first in the list is played; all of them count.

=================  =======  ==========================================================================================
kind               of       what happens (options, and what they are when left out)
=================  =======  ==========================================================================================
refuse             request  the listener is closed for ``seconds`` (1), so that the nth request finds nobody; open
                            connections end. Method ``*`` and once only. By PUT at once when ``nth`` is 1
reset              request  the connection is reset before the body is read; nothing is carried out
cut_after_commit   request  carried out, and the connection cut before the reply
delay              request  ``seconds`` (1) pass by the portal's clock, and the call is carried out ``commit``: ``before``
                            (as it is when left out) or ``after`` them, even if the client has gone by then
half_body          request  carried out; the second half of the reply's body is missing
html               request  an HTML page with ``status`` (500); carried out unless ``commit`` is false (true)
query_limit        request  503 QUERY_LIMIT_EXCEEDED, with a Retry-After of ``retry_after`` where given; not carried out
expired_token      request  401 expired_token; not carried out
overload           request  ``status`` (401) OVERLOAD_LIMIT; not carried out
redirect           request  ``status`` (302) to the address ``to``, in which {path} stands for the path asked for; not carried out
twice              request  carried out twice, as by a proxy that repeats it; the reply is that to the ``first`` or to the
                            ``second`` (as it is when left out), which ``answer`` says
stale              request  carried out; the reply is that to the request before it
doubled            request  carried out; the reply comes twice on the connection
huge_body          request  carried out; the reply is ``bytes`` (300 MiB) long, with a Content-Length where ``length`` (false)
wrong_shape        request  carried out; the reply has another ``shape``, see the module ``shapes``
wrong_shape        command  ``shape`` ``entry_missing``: carried out, but the batch's reply has no entry for it. With method
                            ``batch`` it is of the request, and the entry named ``key`` (the last) is missing
operation_limit    command  429 OPERATION_TIME_LIMIT; not carried out
filtered           command  its texts are altered as by the proactive filter
strict_sql         command  MySQL is in strict mode
=================  =======  ==========================================================================================

A request that a fault of the connection hit is recorded like all others, with an empty body where it was not read.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from .shapes import SHAPES

REQUIRED = ...
OPTIONS: dict[str, dict[str, Any]] = {
    "refuse": {"seconds": 1.0},
    "reset": {},
    "cut_after_commit": {},
    "delay": {"seconds": 1.0, "commit": "before"},
    "half_body": {},
    "html": {"status": 500, "commit": True},
    "query_limit": {"retry_after": None},
    "expired_token": {},
    "overload": {"status": 401},
    "redirect": {"status": 302, "to": REQUIRED},
    "twice": {"answer": "second"},
    "stale": {},
    "doubled": {},
    "huge_body": {"bytes": 300 * 2**20, "length": False},
    "wrong_shape": {"shape": REQUIRED, "key": None},
    "operation_limit": {},
    "filtered": {},
    "strict_sql": {},
}
_OF_COMMANDS = ("operation_limit", "filtered", "strict_sql")


@dataclass
class Fault:
    """One fault, and how many matches it has seen."""

    kind: str
    method: str = "*"
    nth: int = 1
    times: int = 1
    options: dict[str, Any] = field(default_factory=dict)
    seen: int = 0
    played: int = 0

    @classmethod
    def parse(cls, given: dict[str, Any]) -> Fault:
        """Read one; raises ValueError telling what is wrong."""
        kind = given.get("kind")
        if kind not in OPTIONS:
            raise ValueError(f"kind {kind!r} is none of {', '.join(OPTIONS)}")
        options = {name: given.get(name, default) for name, default in OPTIONS[kind].items()}
        unknown = given.keys() - OPTIONS[kind].keys() - {"kind", "method", "nth", "times"}
        missing = [name for name, value in options.items() if value is REQUIRED]
        if unknown or missing:
            raise ValueError(
                f"{kind} takes {', '.join(OPTIONS[kind]) or 'no options'}; unknown: {sorted(unknown)}, missing: {missing}"
            )
        fault = cls(
            kind, given.get("method", "*").lower(), int(given.get("nth", 1)), int(given.get("times", 1)), options
        )
        fault._check()
        return fault

    def _check(self) -> None:
        if self.nth < 1 or self.times < 0:
            raise ValueError("nth counts from 1, times from 0")
        if self.kind == "refuse" and (self.method, self.times) != ("*", 1):
            raise ValueError("refuse takes the method * and happens once")
        if self.kind == "wrong_shape" and self.options["shape"] not in SHAPES:
            raise ValueError(f"shape is one of {', '.join(SHAPES)}")
        if self.kind == "delay" and self.options["commit"] not in ("before", "after"):
            raise ValueError("commit is before or after")
        if self.kind == "twice" and self.options["answer"] not in ("first", "second"):
            raise ValueError("answer is first or second")

    @property
    def of_command(self) -> bool:
        """Whether it matches commands, not requests."""
        entry = self.kind == "wrong_shape" and self.options["shape"] == "entry_missing" and self.method != "batch"
        return self.kind in _OF_COMMANDS or entry

    @property
    def shown(self) -> dict[str, Any]:
        """The form it was given in, with its counts."""
        counts = {"seen": self.seen, "played": self.played}
        return {
            "method": self.method,
            "nth": self.nth,
            "times": self.times,
            "kind": self.kind,
            **self.options,
            **counts,
        }

    def hits(self, method: str, in_batch: bool = False) -> bool:
        """Count a match; whether it is one of those that go wrong."""
        if self.method not in ("*", method) or (self.of_command and method == "batch" != self.method):
            return False
        if self.of_command and self.kind == "wrong_shape" and not in_batch:
            return False
        self.seen += 1
        due = self.nth <= self.seen and (not self.times or self.seen < self.nth + self.times)
        self.played += due and self.kind != "refuse"
        return due


class Faults:
    """The faults that are set on one portal."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []

    @property
    def shown(self) -> list[dict[str, Any]]:
        """All faults with their counts."""
        return [fault.shown for fault in self._faults]

    def replace(self, given: list[dict[str, Any]]) -> None:
        """Set these and no others."""
        self._faults = [Fault.parse(fault) for fault in given]

    def of_request(self, method: str) -> Fault | None:
        """The fault that a request runs into."""
        hit = [fault for fault in self._faults if not fault.of_command and fault.hits(method)]
        return next((fault for fault in hit if fault.kind != "refuse"), None)

    def of_command(self, method: str, in_batch: bool = False) -> set[str]:
        """The kinds of fault that a command runs into."""
        return {fault.kind for fault in self._faults if fault.of_command and fault.hits(method, in_batch)}

    def refusal(self) -> float | None:
        """For how many seconds the listener has to close now; tells it once."""
        for fault in self._faults:
            if fault.kind == "refuse" and not fault.played and fault.seen >= fault.nth - 1:
                fault.played = 1
                return fault.options["seconds"]
        return None
