# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Replies of another shape than the portal's: what ``wrong_shape`` makes of an answer's body.

list_for_map     maps become lists of their values: a service, or the sections of a batch
result_missing   there is no ``result``
numbers          numbers are texts, in ``time`` as well
unknown_keys     every map of the result has keys that nobody knows
duplicate_rows   every row of a list stands there twice
null_rows        null stands in the place of every row, or of a single result
entry_missing    a batch's reply lacks the entry of one command
"""

from __future__ import annotations

from typing import Any

from .php import append

UNKNOWN = {"TOKEN": "not to be shown", "X_UNKNOWN": {"DEEP": 1}}
_SECTIONS = ("result", "result_error", "result_total", "result_next", "result_time")


def reshape(body: dict, shape: str, key: str | None = None) -> dict:
    """A body in this shape; one that holds no result, an error, stays as it is."""
    return SHAPES[shape](body, key) if "result" in body else body


def _is_batch(result: Any) -> bool:
    return isinstance(result, dict) and all(section in result for section in _SECTIONS)


def _is_list(value: Any) -> bool:
    return isinstance(value, dict) and list(value) == list(range(len(value)))


def _with_result(body: dict, change: Any) -> dict:
    """Change the result, or in a batch the result of each command."""
    result = body["result"]
    if _is_batch(result):
        result = {**result, "result": {name: change(value) for name, value in result["result"].items()}}
    else:
        result = change(result)
    return {**body, "result": result}


def _as_list(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    if _is_list(value):
        return {index: _as_list(item) for index, item in value.items()}
    return dict(enumerate(value.values()))


def _list_for_map(body: dict, _key: str | None) -> dict:
    result = body["result"]
    sections = {name: _as_list(section) for name, section in result.items()} if _is_batch(result) else _as_list(result)
    return {**body, "result": sections}


def _result_missing(body: dict, _key: str | None) -> dict:
    return {name: value for name, value in body.items() if name != "result"}


def _numbers(body: Any, _key: str | None = None) -> Any:
    if isinstance(body, dict):
        return {name: _numbers(value) for name, value in body.items()}
    return str(body) if isinstance(body, (int, float)) and not isinstance(body, bool) else body


def _unknown_keys(body: dict, _key: str | None) -> dict:
    def change(value: Any) -> Any:
        if _is_list(value):
            return {index: change(item) for index, item in value.items()}
        return {**value, **UNKNOWN} if isinstance(value, dict) else value

    return {**_with_result(body, change), **UNKNOWN}


def _duplicate_rows(body: dict, _key: str | None) -> dict:
    def change(value: Any) -> Any:
        if not _is_list(value):
            return value
        twice: dict = {}
        for row in value.values():
            append(twice, row)
            append(twice, row)
        return twice

    return _with_result(body, change)


def _null_rows(body: dict, _key: str | None) -> dict:
    return _with_result(body, lambda value: dict.fromkeys(value) if _is_list(value) and value else None)


def _entry_missing(body: dict, key: str | None) -> dict:
    result = body["result"]
    if not _is_batch(result):
        return body
    names = [*result["result"], *result["result_error"]]
    gone = key if key is not None else next(reversed(names), None)
    return {
        **body,
        "result": {name: {k: v for k, v in section.items() if str(k) != str(gone)} for name, section in result.items()},
    }


SHAPES = {
    "list_for_map": _list_for_map,
    "result_missing": _result_missing,
    "numbers": _numbers,
    "unknown_keys": _unknown_keys,
    "duplicate_rows": _duplicate_rows,
    "null_rows": _null_rows,
    "entry_missing": _entry_missing,
}
