# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From arbitrary bytes to a reply or a PortalError, and nothing else."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given, settings, strategies

from ansible_collections.bitrix24.portal.plugins.module_utils._redact import Redactor
from ansible_collections.bitrix24.portal.plugins.module_utils._rest import response as _response
from ansible_collections.bitrix24.portal.plugins.module_utils._rest.advice import WEBHOOK
from ansible_collections.bitrix24.portal.plugins.module_utils._rest.errors import ErrorFactory, PortalError
from ansible_collections.bitrix24.portal.plugins.module_utils._rest.response import (
    MISSING,
    Reply,
    read,
    read_batch,
    read_time,
)

ERROR_FACTORY = ErrorFactory("portal.example", WEBHOOK, Redactor({"thesecret0000001"}))

scalars = strategies.none() | strategies.booleans() | strategies.integers() | strategies.floats() | strategies.text()
values = strategies.recursive(
    scalars, lambda inner: strategies.lists(inner) | strategies.dictionaries(strategies.text(), inner), max_leaves=8
)
likely = strategies.sampled_from(
    ("result", "result_error", "result_time", "error", "error_description", "time", "c0", "c1", "operating", "finish")
)
shapes = strategies.recursive(
    scalars, lambda inner: strategies.lists(inner, max_size=3) | strategies.dictionaries(likely, inner), max_leaves=10
)
statuses = strategies.sampled_from((200, 204, 400, 401, 404, 429, 500, 503))


def parse(data, status=200):
    return read(data, status, "mailservice.list", ERROR_FACTORY)


def failed(data, status=200):
    with pytest.raises(PortalError) as caught:
        parse(data, status)
    return caught.value


def check(data, status):
    """There is a reply or a documented error, and either can be shown. data: a body, or the value that it is the JSON of."""
    data = data if isinstance(data, bytes) else json.dumps(data).encode()
    try:
        reply = parse(data, status)
        entries = read_batch(reply.result, {"c0": "mailservice.get", "c1": "mailservice.add"}, ERROR_FACTORY)
        errors = [entry.error for entry in entries.values() if entry.error]
        json.dumps(
            [reply.result, [entry.result for entry in entries.values()]], ensure_ascii=False, allow_nan=False
        ).encode("utf-8")
        assert all(isinstance(value, (int, float)) for value in reply.time.values())
    except PortalError as error:
        errors = [error]
    for error in errors:
        assert error.message.isprintable() and len(error.message) < 1500
        json.dumps(error.as_result()).encode("ascii")


def check_shapes(value, status):
    check(value, status)
    check({"result": value, "time": value}, status)
    check({"result": {"result": value, "result_error": value, "result_time": value}}, status)


# The parser alone; tests/faults/test_arbitrary_answers.py takes 2,000 of the same all the way to the reader.
@pytest.mark.parametrize("times", [1, pytest.param(100, marks=pytest.mark.long)])
@pytest.mark.parametrize(
    "cases, kind, look",
    [(100, strategies.binary(), check), (50, values, check), (50, shapes, check_shapes)],
    ids=["bytes", "json", "shapes"],
)
def test_whatever_comes_there_is_a_reply_or_a_documented_error(cases, kind, look, times):
    settings(max_examples=cases * times, deadline=None)(given(kind, statuses)(look))()


@pytest.mark.parametrize(
    "data, code, says",
    [
        (b"", "not_json", "empty"),
        (b" \r\n", "not_json", "empty"),
        (b"\n<!DOCTYPE html><html>", "not_json", "HTML page"),
        (b"\xef\xbb\xbf<br />", "not_json", "HTML page"),
        (b'{"result": tr', "cut_off", "cut off"),
        (b'[{"a": "b', "cut_off", "cut off"),
        (b"{'result': 1}", "not_json", "not JSON"),
        (b"Hello", "not_json", "not JSON"),
        (b'{"result": "\xff"}', "not_json", "not JSON"),
        (b'{"result": NaN}', "not_json", "not JSON"),
        (b'{"result": 1e999}', "not_json", "not JSON"),
        (b'{"result": -Infinity}', "not_json", "not JSON"),
        (b'{"result": %s}' % (b"9" * 19), "not_json", "not JSON"),
        (b'{"result": "\\ud800"}', "not_json", "not JSON"),
        (b'{"\\udfff": 1, "\\ud800": 1}', "not_json", "not JSON"),
        (b"{}{}", "not_json", "not JSON"),
        (b"null", "unexpected_answer", "not a portal's"),
        (b"[]", "unexpected_answer", "not a portal's"),
        (b"{}", "unexpected_answer", "not a portal's"),
        (b'{"error": ""}', "unexpected_answer", "not a portal's"),
        (b'{"error": [1]}', "unexpected_answer", "not a portal's"),
        (b'{"error": null, "Result": 1}', "unexpected_answer", "not a portal's"),
    ],
)
def test_what_is_no_answer_is_told_by_what_it_looks_like(data, code, says):
    error = failed(data)
    assert (error.error, error.outcome_known, error.status) == (code, False, 200)
    assert says in error.message and "HTTP 200" in error.message


@pytest.mark.parametrize(
    "data, reply",
    [
        (b'{"result": []}', Reply([], {})),
        (b'{"result": null, "time": []}', Reply(None, {})),
        (b'\xef\xbb\xbf{"result": "\\ud83d\\ude80"}\n', Reply("🚀", {})),
        (b'{"result": 123456789012345678, "error": ""}', Reply(123456789012345678, {})),
    ],
)
def test_what_a_portal_writes_is_read(data, reply):
    assert parse(data) == reply


@pytest.mark.parametrize(
    "error",
    [
        {"error": "ERROR_CORE"},
        {"error": "ERROR_CORE", "error_description": None},
        {"error": "ERROR_CORE", "error_description": ["x"], "result": 1},
    ],
)
@pytest.mark.parametrize("status", [200, 400])
def test_the_code_counts_and_not_the_status(error, status):
    refusal = failed(json.dumps(error).encode(), status)
    assert (refusal.error, refusal.status, refusal.description) == ("ERROR_CORE", status, "")


@pytest.mark.parametrize(
    "data, code",
    [
        (b"[" * 10**6, "unexpected_answer"),
        (b'{"a":' * 10**6, "unexpected_answer"),
        (b"[" * 3 * 10**6, "too_large"),
        (b"[" + b"1," * 2 * 10**6 + b"1]", "too_large"),
        (b"9" * 10**7, "not_json"),
        (b"-" + b"9" * 10**7, "not_json"),
        (b"1." + b"9" * 10**7, "unexpected_answer"),
        (b'"' + b"x" * 3 * 10**7, "not_json"),
        (b'"' + b"\\u0041" * 5 * 10**6 + b'"', "unexpected_answer"),
    ],
)
def test_deep_and_huge_json_fails_cleanly_and_soon(data, code):
    started = time.monotonic()
    assert failed(data).error == code
    assert time.monotonic() - started < 5


@pytest.mark.parametrize(
    "value, read",
    [
        (None, {}),
        ([], {}),
        ("<time>", {}),
        (7, {}),
        (
            {
                "finish": 1.5,
                "operating": "0.25",
                "operating_reset_at": 17,
                "date_start": "2026-11-22T14:34:36+00:00",
                "a": None,
                "b": True,
                "c": [],
                "d": "nan",
                "e": "inf",
                "f": "9" * 400,
            },
            {"finish": 1.5, "operating": 0.25, "operating_reset_at": 17},
        ),
    ],
)
def test_of_a_time_only_finite_numbers_are_kept(value, read):
    assert read_time(value) == read


def test_a_batch_is_read_by_its_keys():
    error = {"error": "ERROR_ARGUMENT", "error_description": "x", "argument": ""}
    entries = read_batch(
        {
            "result": {"a": [], "b": None},
            "result_error": {"c": error, "d": "?", "e": {"error": ""}},
            "result_time": {"a": {"finish": 5}},
            "result_total": [],
        },
        dict.fromkeys("abcdef", "mailservice.get"),
        ERROR_FACTORY,
    )
    assert [entries[key].done for key in "abcdef"] == [True, True, False, False, False, False]
    assert entries["a"].result == [] and entries["a"].time == {"finish": 5} and entries["b"].result is None
    assert [entries[key].error.error for key in "cde"] == ["ERROR_ARGUMENT", "unexpected_answer", "unexpected_answer"]
    assert entries["c"].error.status is None and entries["c"].error.method == "mailservice.get"
    assert not entries["d"].error.outcome_known and entries["f"] is MISSING


@pytest.mark.parametrize(
    "result",
    [
        [],
        None,
        "x",
        {},
        {"result_time": []},
        {"result": [1], "result_error": []},
        {"result": "x"},
        {"result": {}, "result_error": [{"error": "X"}]},
        {"result": {}, "result_time": 1},
        {"result": 0},
    ],
)
def test_a_batchs_answer_of_another_shape_is_no_answer(result):
    with pytest.raises(PortalError) as caught:
        read_batch(result, {"a": "mailservice.get"}, ERROR_FACTORY)
    assert (caught.value.error, caught.value.method, caught.value.outcome_known) == (
        "unexpected_answer",
        "batch",
        False,
    )


@pytest.mark.parametrize("result", [{"result": [], "result_error": []}, {"result": None}, {"result_error": {}}])
def test_an_empty_map_may_be_a_list_or_missing(result):
    assert read_batch(result, {"a": "mailservice.get"}, ERROR_FACTORY) == {"a": MISSING}


def test_the_limit_of_values_leaves_room_for_a_portal_with_ten_thousand_services():
    row = {
        name: "x, y"
        for name in (
            "ID",
            "SITE_ID",
            "ACTIVE",
            "SORT",
            "NAME",
            "SERVER",
            "PORT",
            "ENCRYPTION",
            "LINK",
            "ICON",
            "A",
            "B",
            "C",
            "D",
            "E",
            "F",
        )
    }
    data = json.dumps({"result": [row] * 10000}).encode()
    assert len(parse(data).result) == 10000 and data.count(b",") * 2 < _response.MAX_VALUES
