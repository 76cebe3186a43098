# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Replays a recorded exchange against a portal and tells what differs."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import requests

RECORDINGS = Path(__file__).with_name("recordings.jsonl")
OUTSIDE = ("security_filter", "strict_sql")
ROWS = ("next_service_id", "services", "mailboxes", "files")


def recordings() -> list[dict[str, Any]]:
    """All recorded exchanges, in their order."""
    with RECORDINGS.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def differences(session: requests.Session, portal: str, recording: dict[str, Any]) -> list[str]:
    """What is not as recorded when the exchange is repeated; empty when all is equal."""
    state = {**recording["before"], "switches": recording.get("switches", [])}
    session.put(f"{portal}/_control/state", json=state).raise_for_status()
    answer = session.send(_prepared(portal, recording["request"]))
    rows = session.get(f"{portal}/_control/state").json()
    expected = recording["response"]
    if "text/xml" in recording["content_type"]:
        expected = _without_xml_time(expected)
    checks = [
        ("status", recording["status"], answer.status_code),
        ("content type", recording["content_type"].lower(), answer.headers["Content-Type"].lower()),
        ("body", expected, _body(answer)),
        *((name, recording.get("after", recording["before"])[name], rows[name]) for name in ROWS),
    ]
    return [line for name, expected, got in checks for line in _compared(name, expected, got)]


def _prepared(portal: str, request: dict[str, Any]) -> requests.PreparedRequest:
    body, headers = request.get("body"), dict(request.get("headers") or {})
    if request.get("content_type"):
        headers["Content-Type"] = request["content_type"]
    if isinstance(body, dict):
        body = urlencode(body) if "form" in (request["content_type"] or "") else json.dumps(body)
    prepared = requests.Request(request["method"], portal, headers=headers, data=body and body.encode()).prepare()
    prepared.url = portal + request["path"]  # as it stands: brackets and %2E would be rewritten
    return prepared


def _body(answer: requests.Response) -> Any:
    if answer.headers["Content-Type"].startswith("application/json"):
        return _without_time(answer.json()) if answer.content else ""
    if answer.headers["Content-Type"].startswith("text/html"):
        return "<html error page>"
    return _without_xml_time(answer.text)


def _without_xml_time(text: str) -> str:
    return re.sub(r"<(start|finish|duration|processing|date_start|date_finish)>[^<]*", r"<\1>", text)


def _without_time(value: Any) -> Any:
    if isinstance(value, dict):
        if {"start", "finish", "duration"} <= value.keys():
            return "<time>"
        return {name: _without_time(item) for name, item in value.items()}
    return [_without_time(item) for item in value] if isinstance(value, list) else value


def _compared(where: str, expected: Any, got: Any) -> Iterator[str]:
    if isinstance(expected, dict) and isinstance(got, dict) and list(expected) == list(got):
        for name in expected:
            yield from _compared(f"{where}.{name}", expected[name], got[name])
    elif isinstance(expected, list) and isinstance(got, list) and len(expected) == len(got):
        for index, pair in enumerate(zip(expected, got, strict=True)):
            yield from _compared(f"{where}[{index}]", *pair)
    elif isinstance(expected, str) and "<random>" in expected and isinstance(got, str):
        if not re.fullmatch(re.escape(expected).replace("<random>", "[A-Za-z0-9]+"), got):
            yield f"{where}: recorded {expected!r}, replayed {got!r}"
    elif type(expected) is not type(got) or expected != got:
        yield f"{where}: recorded {json.dumps(expected)}, replayed {json.dumps(got)}"
