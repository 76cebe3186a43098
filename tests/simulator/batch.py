# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The method ``batch``: commands in order, each of which may refer to the answers of earlier ones."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from . import php
from .query import parse_str, parse_url

MAX_COMMANDS = 50
NOT_ALLOWED = {"error": "ERROR_BATCH_METHOD_NOT_ALLOWED", "error_description": "Method is not allowed for batch usage"}
TOO_LONG = {"error": "ERROR_BATCH_LENGTH_EXCEEDED", "error_description": "Max batch length exceeded"}
_NO_BATCH = ("batch", "download", "upload")
_PATH = re.compile(r"\[([^\]]+)\]")

Call = Callable[[str, dict], dict]
Clean = Callable[[dict], dict]


def run(params: dict, call: Call, clean: Clean) -> dict:
    """Carry out the commands; ``call`` runs one method and returns its whole answer, ``clean`` looks through parameters."""
    upper = {key.upper() if isinstance(key, str) else key: value for key, value in params.items()}
    commands = upper.get("CMD")
    sections: dict[str, dict] = {name: {} for name in ("result", "next", "total", "time", "error")}
    for count, (key, command) in enumerate(commands.items() if isinstance(commands, dict) else ()):
        if count >= MAX_COMMANDS:
            answer = dict(TOO_LONG)
        elif isinstance(command, str):
            answer = _run_command(command, sections, call, clean)
        else:
            continue
        if "error" in answer:
            answer["error"] = dict(answer)
        for section, value in answer.items():
            sections.setdefault(section, {})[key] = value
        if "error" in answer and not php.is_empty(upper.get("HALT")):
            break
    shown = {
        "result": "result",
        "result_error": "error",
        "result_total": "total",
        "result_next": "next",
        "result_time": "time",
    }
    return {name: sections[section] for name, section in shown.items()}


def _run_command(command: str, sections: dict[str, dict], call: Call, clean: Clean) -> dict:
    url = parse_url(command)
    method = (url and url.path) or ""
    params = substitute(clean(parse_str(url.query)), sections) if url and not php.is_empty(url.query) else {}
    if method in _NO_BATCH:
        return dict(NOT_ALLOWED)
    return call(method, params)


def substitute(params: dict, sections: dict[str, dict]) -> dict:
    """Replace the references in all texts, at any depth."""
    names = "|".join(sections)
    return {_substituted(key, "", sections): _value(value, names, sections) for key, value in params.items()}


def _value(value: Any, names: str, sections: dict[str, dict]) -> Any:
    if isinstance(value, dict):
        return {_substituted(key, "", sections): _value(item, names, sections) for key, item in value.items()}
    return _substituted(value, names, sections)


def _substituted(text: Any, names: str, sections: dict[str, dict]) -> Any:
    """``$section[key][key]…`` up to the next blank becomes what it refers to, or the nearest thing that exists."""
    if not isinstance(text, str):
        return text
    for found in re.finditer(rf"\$({names})([^ \t\n\v\f\r]*)", text, re.IGNORECASE | re.ASCII):
        keys = _PATH.findall(found[2])
        if not keys:
            continue
        target: Any = sections.get(found[1])
        for key in keys:
            inner = php.array_get(target, key)
            if inner is None:
                break
            target = inner
        if found[0] == text:
            text = "" if target is None and not names else target
        elif isinstance(text, str) and (php.is_numeric(target) or isinstance(target, str)):
            text = text.replace(found[0], php.to_text(target))
    return text
