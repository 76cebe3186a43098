# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every exception that requests, urllib3 and what they stand on can raise becomes one documented error without a word of its text."""

from __future__ import annotations

import http.client
import inspect
import socket
import ssl

import pytest
import requests.exceptions
import urllib3.exceptions

from ansible_collections.bitrix24.portal.plugins.module_utils._rest.advice import OWN_ADVICE
from ansible_collections.bitrix24.portal.plugins.module_utils._rest.transport_errors import explain

SECRET = "/rest/1/s3cr3t0000000001/"


def classes(module, base):
    return sorted(
        {value for value in vars(module).values() if inspect.isclass(value) and issubclass(value, base)},
        key=lambda found: found.__name__,
    )


ALL = (
    classes(requests.exceptions, requests.exceptions.RequestException)
    + classes(urllib3.exceptions, urllib3.exceptions.HTTPError)
    + classes(http.client, http.client.HTTPException)
    + classes(ssl, ssl.SSLError)
    + [
        OSError,
        ConnectionResetError,
        TimeoutError,
        socket.timeout,
        socket.gaierror,
        ValueError,
        AttributeError,
        UnicodeError,
        MemoryError,
    ]
)


def made(kind):
    error = kind.__new__(kind)
    error.args = (SECRET,)
    return error


@pytest.mark.parametrize("proxied", [False, True])
@pytest.mark.parametrize("sent", [False, True])
@pytest.mark.parametrize("kind", ALL, ids=lambda kind: "%s.%s" % (kind.__module__, kind.__name__))
def test_any_exception_is_explained_without_its_text(kind, sent, proxied):
    wrapped = requests.exceptions.ConnectionError(made(kind))
    for error in (made(kind), wrapped):
        code, what = explain(error, sent, 60, proxied)
        assert code in OWN_ADVICE
        assert what.isprintable() and "s3cr3t" not in what


def certificate_error(number):
    error = ssl.SSLCertVerificationError(1, SECRET)
    error.verify_code = number
    return error


def tls_error(reason):
    error = ssl.SSLError(1, SECRET)
    error.reason = reason
    return error


# exception, sent → code, words
@pytest.mark.parametrize(
    "error, sent, code, words",
    [
        (certificate_error(9), False, "certificate_refused", "not valid yet"),
        (certificate_error(10), False, "certificate_refused", "expired"),
        (certificate_error(18), False, "certificate_refused", "self-signed"),
        (certificate_error(19), False, "certificate_refused", "not trusted here"),
        (certificate_error(20), False, "certificate_refused", "not trusted here"),
        (certificate_error(62), False, "certificate_refused", "another host"),
        (certificate_error(64), False, "certificate_refused", "another host"),
        (certificate_error(99), False, "certificate_refused", "reason 99"),
        (tls_error("WRONG_VERSION_NUMBER"), False, "tls_failed", "does not speak https"),
        (tls_error("TLSV13_ALERT_CERTIFICATE_REQUIRED"), True, "tls_failed", "wants a client certificate"),
        (tls_error("SSLV3_ALERT_HANDSHAKE_FAILURE"), False, "tls_failed", "SSLV3_ALERT_HANDSHAKE_FAILURE"),
        (tls_error("UNEXPECTED_EOF_WHILE_READING"), True, "cut_off", "cut off"),
        (tls_error(None), False, "tls_failed", "connection closed"),
        (socket.gaierror(socket.EAI_NONAME, SECRET), False, "unknown_host", "host name not found"),
        (socket.gaierror(socket.EAI_AGAIN, SECRET), False, "connection_failed", "temporary failure in name resolution"),
        (ConnectionRefusedError(111, SECRET), False, "connection_failed", "connection refused"),
        (OSError(113, SECRET), False, "connection_failed", "no route to host"),
        (ConnectionResetError(104, SECRET), True, "cut_off", "cut off"),
        (OSError(113, SECRET), True, "cut_off", "no route to host"),
        (socket.timeout(SECRET), True, "timed_out", "no response within 60 seconds"),
        (socket.timeout(SECRET), False, "timed_out", "no connection within 60 seconds"),
        (http.client.BadStatusLine(SECRET), True, "unexpected_answer", "not valid HTTP"),
        (http.client.RemoteDisconnected(SECRET), True, "cut_off", "cut off"),
    ],
)
def test_each_cause_is_told_apart_however_deep_it_is_wrapped(error, sent, code, words):
    chained = RuntimeError(SECRET)
    chained.__cause__ = error
    retried = requests.exceptions.SSLError(urllib3.exceptions.MaxRetryError(None, SECRET, error))
    for wrapped in (error, requests.exceptions.ConnectionError(error), retried, chained):
        found, what = explain(wrapped, sent, 60, False)
        assert found == code and words in what and "s3cr3t" not in what


@pytest.mark.parametrize("sent", [False, True])
def test_what_nobody_foresaw_is_named_by_its_kind(sent):
    code, what = explain(KeyError(SECRET), sent, 60, False)
    assert code == "request_failed" and "(KeyError)" in what


def test_a_chain_of_causes_that_bites_its_tail_ends():
    error, other = LookupError(SECRET), LookupError(SECRET)
    error.__cause__, other.__cause__ = other, error
    assert explain(error, True, 60, False)[0] == "request_failed"
