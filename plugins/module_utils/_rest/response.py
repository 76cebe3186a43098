# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From bytes that anybody may have sent to an answer of the portal's, or to a PortalError, and nothing else.

A direct answer is {"result": any, "time": {...}}, a refusal {"error": text, "error_description": text}. A batch's
result is {"result": {key: any}, "result_error": {key: refusal}, "result_time": {key: time}, ...}, where PHP writes an
empty map as []. Source: the contract.
"""

from __future__ import annotations

import codecs
import json
import math
import re
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import NoReturn

    from .errors import ErrorFactory, PortalError

MAX_BODY = 32 * 1024 * 1024
# A value takes up to 200 bytes of memory where it took 2 bytes to send. No portal's answer has a tenth of these.
MAX_VALUES = 2 * 1000 * 1000
MAX_DIGITS = 18
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


class Reply(NamedTuple):
    """A portal's answer to one command. time: as read_time() gives it."""

    result: Any
    time: dict[str, float]


class Entry(NamedTuple):
    """What a batch's answer says of one command: done (result, time), or not (error; None where it says nothing)."""

    done: bool
    result: Any
    error: PortalError | None
    time: dict[str, float]


_SECTIONS = ("result", "result_error", "result_time", "result_next")
NO_CODE = "no_code"
"""Stands for the empty code of a refusal."""

MISSING = Entry(False, None, None, {})


def read(data: bytes, status: int, method: str, error_factory: ErrorFactory, retry_after: float | None = None) -> Reply:
    """The Reply in a whole body. status: HTTP's. Raises PortalError."""
    said = f"HTTP {status}"
    if data.count(b",") + data.count(b"[") + data.count(b"{") > MAX_VALUES:
        raise error_factory.transport_error(
            method, "too_large", f"the response ({said}) holds more than {MAX_VALUES} values", status=status
        )
    try:
        answer = decode(data)
    except ValueError as error:
        code, what = _what_else(data, error)
        raise error_factory.transport_error(
            method, code, f"{what} ({said})", status=status, retry_after=retry_after
        ) from None
    except (RecursionError, MemoryError):
        raise error_factory.transport_error(
            method, "unexpected_answer", f"the response ({said}) is nested too deeply", status=status
        ) from None
    if isinstance(answer, dict):
        if is_code(answer.get("error")):
            raise refusal(answer, status, method, error_factory, retry_after)
        if isinstance(answer.get("error"), str) and 400 <= status < 500:
            raise refusal(dict(answer, error=NO_CODE), status, method, error_factory, retry_after)
        if answer.get("next") is not None:
            raise error_factory.transport_error(
                method, "unexpected_answer", f"the response ({said}) is a part of the list only (it has next)"
            )
        if "result" in answer and 200 <= status < 300:
            return Reply(answer["result"], read_time(answer.get("time")))
    raise error_factory.transport_error(
        method,
        "unexpected_answer",
        f"the response ({said}) is JSON, but not a portal's",
        status=status,
        retry_after=retry_after,
    )


def decode(data: bytes) -> Any:
    """The JSON value in a body. Raises ValueError, RecursionError, MemoryError."""
    text = data[len(codecs.BOM_UTF8) if data.startswith(codecs.BOM_UTF8) else 0 :].decode("utf-8")
    value = json.loads(text, parse_int=_integer, parse_float=_fraction, parse_constant=_no_constant)
    if _SURROGATE.search(text):
        # Half a surrogate pair cannot be written anywhere, so it must not get further than this.
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    return value


def is_code(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def refusal(
    answer: Mapping[str, Any],
    status: int | None,
    method: str,
    error_factory: ErrorFactory,
    retry_after: float | None = None,
) -> PortalError:
    """The PortalError for {"error": …}."""
    description = answer.get("error_description")
    return error_factory.api_error(
        method, answer["error"].strip(), status, description if isinstance(description, str) else "", retry_after
    )


def read_time(value: object) -> dict[str, float]:
    """The finite numbers of a time object, by name.

    start, finish, duration, processing, operating, operating_reset_at.
    """
    if not isinstance(value, dict):
        return {}
    return {
        name: number for name, number in ((name, _number(entry)) for name, entry in value.items()) if number is not None
    }


def read_batch(result: Any, methods: Mapping[str, str], error_factory: ErrorFactory) -> dict[str, Entry]:
    """{key: Entry} for the result of a batch. methods: {key: method} of what was sent.

    A key without an answer has MISSING. Raises PortalError where the answer as a whole is none that a batch has, or
    is another batch's.
    """
    if not isinstance(result, dict) or "result" not in result and "result_error" not in result:
        raise error_factory.transport_error("batch", "unexpected_answer", "the batch response has an unexpected form")
    done, errors, times, further = (_map(result, name, error_factory) for name in _SECTIONS)
    if not methods.keys() >= {*done, *errors}:
        raise error_factory.transport_error("batch", "foreign_answer", "the batch response is another request's")
    entries = {key: _entry(key, method, done, errors, times, error_factory) for key, method in methods.items()}
    for key in methods:
        if further.get(key) is not None:
            what = "the batch response holds a part of the list only (it has next)"
            error = error_factory.transport_error(methods[key], "unexpected_answer", what)
            entries[key] = Entry(False, None, error, {})
    return entries


def _entry(
    key: str,
    method: str,
    done: Mapping[str, Any],
    errors: Mapping[str, Any],
    times: Mapping[str, Any],
    error_factory: ErrorFactory,
) -> Entry:
    if key in errors:
        answer = errors[key]
        if isinstance(answer, dict) and is_code(answer.get("error")):
            return Entry(False, None, refusal(answer, None, method, error_factory), {})
        return Entry(
            False,
            None,
            error_factory.transport_error(
                method, "unexpected_answer", "the batch response holds an error without a code"
            ),
            {},
        )
    return Entry(True, done[key], None, read_time(times.get(key))) if key in done else MISSING


def _map(result: Mapping[str, Any], name: str, error_factory: ErrorFactory) -> Mapping[str, Any]:
    value = result.get(name)
    if value is None or value == []:
        return {}
    if not isinstance(value, dict):
        raise error_factory.transport_error("batch", "unexpected_answer", f"the batch response has no map in {name}")
    return value


def _what_else(data: bytes, error: ValueError) -> tuple[str, str]:
    """(code, half a sentence) for a body that is not JSON."""
    start = data[:1000].lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    if not data.strip():
        return "not_json", "the response is empty"
    if start == b"<":
        return "not_json", "the response is an HTML page, not JSON"
    if start in (b"{", b"[") and isinstance(error, json.JSONDecodeError) and not data.rstrip().endswith((b"}", b"]")):
        return "cut_off", "the response is cut off in the middle"
    return "not_json", "the response is not JSON"


def _number(value: object) -> float | None:
    if isinstance(value, str) and len(value) <= 30:
        try:
            value = float(value)
        except ValueError:
            return None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        return None
    return value


def _integer(text: str) -> int:
    # int() takes time with the square of the digits, and newer Pythons refuse at 4,300.
    if len(text) > MAX_DIGITS:
        raise ValueError("a number with too many digits")
    return int(text)


def _fraction(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError("a number that is too large")
    return value


def _no_constant(text: str) -> NoReturn:
    raise ValueError(f"{text} is not JSON")
