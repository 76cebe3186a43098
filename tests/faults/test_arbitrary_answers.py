# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Arbitrary JSON and arbitrary bytes for answers: every task ends with a result or a documented error, never with a fault of the collection."""

from __future__ import annotations

import json
import resource
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.bitrix24.portal.plugins.module_utils._mailservice import session as _session
from ansible_collections.bitrix24.portal.plugins.module_utils._rest.advice import ADVICE, OWN_ADVICE
from ansible_collections.bitrix24.portal.plugins.module_utils._rest.client import Client
from ansible_collections.bitrix24.portal.plugins.module_utils._runner import execute
from tests.faults.cases import cases
from tests.faults.disturbed import prepare
from tests.unit.plugins.module_utils.scripted import KEY

SHORT, LONG = 2000, 20000
SECONDS, KIBIBYTES = 20, 1024 * 1024
"""The most that an answer may cost."""
WEBHOOK = "https://portal.example/rest/1/%s/" % "s3cr3tOfThisTest"
ROW = {
    "ID": "1",
    "SITE_ID": "s1",
    "ACTIVE": "Y",
    "SORT": "100",
    "NAME": "One",
    "SERVER": "imap.one",
    "PORT": "993",
    "ENCRYPTION": "Y",
    "LINK": None,
    "SMTP_LOGIN_AS_IMAP": "N",
    "SMTP_PASSWORD_AS_IMAP": "N",
}
TIME = {"start": 1.0, "finish": 2.0, "operating": 0.1, "operating_reset_at": 600}
TASKS = {
    "mailservice": dict(name="One", port=143),
    "mailservice_info": dict(include_inactive=True, labels=True, inactive_lookahead=3),
    "portal_info": {},
    "mailservice_set": dict(
        mailservices=[dict(name="New"), dict(name="One", port=143), dict(id=3, active=False)],
        purge="delete",
        inactive_lookahead=3,
    ),
}
DOCUMENTED = set(code for dummy, code in ADVICE) | set(OWN_ADVICE)

text = st.text(max_size=20) | st.sampled_from(
    [
        "Y",
        "N",
        "",
        "0",
        "1",
        "993",
        "1e400",
        "\ud800",
        "٣",
        "9" * 25,
        "100000000",
        "9" * 20,
        "²",
        "1_0",
        "-1",
        " 1",
        "{{ x }}",
        "ERROR_CORE",
        "QUERY_LIMIT_EXCEEDED",
    ]
)
numbers = (
    st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from([0, 1, 3, 4, -1, 10**8, 10**17, 1e308, -1e18, 1e300, 253402300800])
)
scalars = st.none() | st.booleans() | numbers | text
names = text | st.sampled_from(
    list(ROW)
    + [
        "result",
        "error",
        "error_description",
        "time",
        "result_error",
        "result_time",
        "result_total",
        "result_next",
        "next",
        "finish",
        "operating_reset_at",
        "c0",
        "c1",
        "c2",
        "c3",
        "ADMIN",
    ]
)
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3), max_leaves=5
)


def altered(value):
    """The value with one or more of its parts put in another's place."""
    if isinstance(value, dict):
        parts = st.fixed_dictionaries(
            {}, optional={name: st.just(part) | altered(part) for name, part in value.items()}
        )
        return st.just(value) | parts | values
    if isinstance(value, list):
        return (
            st.just(value)
            | st.lists(st.sampled_from(value) if value else values, max_size=3)
            | st.lists(altered(value[0]) if value else values, max_size=3)
        )
    return st.just(value) | scalars | values


ERROR = {"error": "ERROR_CORE", "error_description": "No."}
BATCH = {
    "result": {"c0": 2, "c1": True, "c2": True, "c3": [ROW], "c4": ROW},
    "result_error": {"c1": ERROR},
    "result_time": {"c0": TIME},
    "result_total": [],
}
answers = st.one_of(
    altered({"result": [ROW], "time": TIME}),
    altered({"result": ROW, "time": TIME}),
    altered({"result": BATCH, "time": TIME}),
    altered(ERROR),
    altered({"result": {"ID": "1", "ADMIN": True}, "time": TIME}),
    values,
)
dumped = answers.map(lambda value: json.dumps(value).encode("ascii"))
cut = st.tuples(dumped, st.integers(0, 200)).map(lambda pair: pair[0][: pair[1]])
bodies = (
    dumped
    | cut
    | st.binary(max_size=60)
    | st.sampled_from(
        [
            b"[" * 100000,
            b'{"a":' * 5000,
            b"\xef\xbb\xbf{}",
            b"\xff\xfe{\x00",
            b'{"result": 1' + b"0" * 5000 + b"}",
            b"NaN",
            b'{"result": Infinity}',
            b'"\\ud800"',
            b"null",
        ]
    )
)
statuses = st.sampled_from([200, 200, 200, 400, 401, 403, 404, 429, 500, 502, 503])
headers = st.dictionaries(
    st.sampled_from(["Retry-After", "Date", "Content-Type"]),
    st.text(max_size=15) | st.sampled_from(["1", "0", "99999999999", "-1"]),
    max_size=2,
)
exchanges = st.lists(st.tuples(statuses, headers, bodies), min_size=1, max_size=3)


class Unplugged:
    """Stands where the transport is; gives the answers in order, the last one for ever, with the keys of the request."""

    def __init__(self, answers):
        self._answers = list(answers)

    def post(self, method, url, payload):
        status, headers, body = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        for found in KEY.finditer(payload.decode()):
            body = body.replace(b'"%s"' % found.group(1).encode(), b'"%s"' % found.group(0).encode())
        return status, headers, body

    def renew(self):
        pass

    def close(self):
        pass


def connect(answers):
    def make(params, **more):
        client = Client(params, sleep=lambda seconds: None, jitter=lambda: 0.0, **more)
        client._transport.close()
        client._transport = Unplugged(answers)
        return client

    return make


def ends_well(module, answers):
    run, task = prepare(module, dict(TASKS[module], webhook_url=WEBHOOK, retries=1, retry_max_wait=20))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_session, "Client", connect(answers))
        result = execute(run, task)
    shown = json.dumps(result, ensure_ascii=False, allow_nan=False)
    shown.encode("utf-8")
    for said in [result.get("msg", "")] + result.get("warnings", []):
        assert said.isprintable() and "fault of the collection" not in said, said
    if result.get("failed"):
        # A code that nobody knows is the portal's own, and is handed on as such.
        assert result["msg"] and (
            result.get("error") in DOCUMENTED | {None, "not_administrator"} or "the portal answered" in result["msg"]
        ), result


@pytest.mark.parametrize("count", [SHORT, pytest.param(LONG, marks=pytest.mark.long)])
def test_whatever_the_portal_answers_only_documented_errors_come_out(count):
    @cases(count)
    @given(st.sampled_from(list(TASKS)), exchanges)
    def check(module, answers):
        started = time.monotonic()
        ends_well(module, answers)
        assert time.monotonic() - started < SECONDS

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    check()
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < KIBIBYTES
