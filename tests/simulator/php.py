# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PHP's values: what is empty, how text becomes a number, how an array is written as JSON.

A PHP array is a ``dict`` here, with ``int`` or ``str`` keys in their order; all other values are Python's own.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any

INT_MIN, INT_MAX = -(2**63), 2**63 - 1
JSON_DEPTH = 512
_NUMBER = re.compile(r"[ \t\n\r\v\f]*([+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)")
_INDEX = re.compile(r"(?:0|-?[1-9]\d{0,18})\Z")


class PhpError(Exception):
    """An error that ends a PHP script: the server answers with an HTML page instead of JSON."""


class JsonError(ValueError):
    """Text that PHP's ``json_decode`` refuses."""


def is_empty(value: Any) -> bool:
    """PHP's ``empty()``: the values that count as nothing."""
    return (
        value is None or value is False or value in ("", "0") or (isinstance(value, (int, float, dict)) and not value)
    )


def lower(value: str) -> str:
    """mb_strtolower of PHP 8.2, which looks at no letter's neighbours; that of 8.3 does for the Greek sigma."""
    return "".join(character.lower() for character in value)


def is_scalar(value: Any) -> bool:
    """PHP's ``is_scalar()``: neither null nor an array."""
    return isinstance(value, (bool, int, float, str))


def to_int(value: Any) -> int:
    """PHP's ``(int)``: the number at the head of a text, 1 for any array that holds something."""
    if isinstance(value, float):
        return _float_to_int(value)
    if isinstance(value, str):
        return _text_to_int(value)
    return int(bool(value)) if isinstance(value, dict) or value is None else int(value)


def _float_to_int(value: float) -> int:
    if not math.isfinite(value):
        return 0
    wrapped = int(value) & (2**64 - 1)
    return wrapped - 2**64 if wrapped > INT_MAX else wrapped


def _text_to_int(value: str) -> int:
    found = _NUMBER.match(value)
    if not found:
        return 0
    number = found[1]
    exact = float(number) if re.search(r"[.eE]", number) else int(number)
    if exact in (math.inf, -math.inf):
        return INT_MAX if exact > 0 else INT_MIN
    return max(INT_MIN, min(INT_MAX, int(exact)))


def is_numeric(value: Any) -> bool:
    """PHP's ``is_numeric()``: a number, or text that is one from end to end."""
    if isinstance(value, str):
        found = _NUMBER.match(value)
        return bool(found) and not value[found.end() :].strip(" \t\n\r\v\f")
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def to_text(value: Any) -> str:
    """PHP's ``(string)`` of a scalar or null; where text is required an array ends the script."""
    if isinstance(value, dict):
        raise PhpError("text expected, array given")
    if value is None or value is False:
        return ""
    if value is True:
        return "1"
    return _float_to_text(value) if isinstance(value, float) else str(value)


def _float_to_text(value: float) -> str:
    if value == int(value) and abs(value) < 1e15:
        return "-0" if value == 0 and math.copysign(1, value) < 0 else str(int(value))
    mantissa, _mark, exponent = f"{value:.14G}".partition("E")
    if not exponent:
        return mantissa
    return f"{mantissa if '.' in mantissa else mantissa + '.0'}E{exponent[0]}{exponent[1:].lstrip('0')}"


def array_key(key: Any) -> int | str:
    """The key that PHP really uses: text that is a plain integer becomes one."""
    return int(key) if isinstance(key, str) and _INDEX.match(key) and INT_MIN <= int(key) <= INT_MAX else key


def array_get(value: Any, key: str) -> Any:
    """``$value[$key] ?? null``: an element of an array, or one character of a text."""
    index = array_key(key)
    if isinstance(value, dict):
        return value.get(index)
    if isinstance(value, str) and isinstance(index, int) and -len(value) <= index < len(value):
        return value[index]
    return None


def append(array: dict, value: Any) -> None:
    """``$array[] = $value``."""
    array[max((key for key in array if isinstance(key, int)), default=-1) + 1] = value


def from_json(text: str) -> Any:
    """PHP's ``json_decode($text, true)``."""
    try:
        value = _to_arrays(json.loads(text, parse_constant=_refuse, object_pairs_hook=_array_of_pairs), JSON_DEPTH)
    except (ValueError, RecursionError) as error:
        raise JsonError(str(error)) from error
    return value


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")


def _array_of_pairs(pairs: list[tuple[str, Any]]) -> dict:
    return {array_key(key): value for key, value in pairs}


def _to_arrays(value: Any, depth: int) -> Any:
    if isinstance(value, str):
        value.encode()  # json_decode refuses a lone surrogate, Python lets it pass
    elif isinstance(value, int) and not INT_MIN <= value <= INT_MAX:
        return float(value)
    elif isinstance(value, (dict, list)):
        if not depth:
            raise ValueError("nested too deeply")
        items = value.items() if isinstance(value, dict) else enumerate(value)
        return {key: _to_arrays(item, depth - 1) for key, item in items}
    return value


def from_python(value: Any) -> Any:
    """Turn Python's lists into PHP arrays, whatever the depth."""
    if isinstance(value, (list, tuple)):
        return {index: from_python(item) for index, item in enumerate(value)}
    if isinstance(value, dict):
        return {key: from_python(item) for key, item in value.items()}
    return value


def to_python(value: Any) -> Any:
    """A PHP array as ``json_encode`` sees it: a list when its keys are 0, 1, 2, …, so an empty map is a list too."""
    if not isinstance(value, dict):
        return value
    if list(value) == list(range(len(value))):
        return [to_python(item) for item in value.values()]
    return {str(key): to_python(item) for key, item in value.items()}


def to_json(value: Any) -> str:
    """PHP's ``json_encode``."""
    return json.dumps(to_python(value), ensure_ascii=False, separators=(",", ":"))
