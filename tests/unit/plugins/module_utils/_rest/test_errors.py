# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every code of the contract's error table, with what it means for the call and what to do about it."""

from __future__ import annotations

import inspect

import pytest

from ansible_collections.bitrix24.portal.plugins.module_utils._redact import Redactor
from ansible_collections.bitrix24.portal.plugins.module_utils._rest import body as _body
from ansible_collections.bitrix24.portal.plugins.module_utils._rest import client as _client
from ansible_collections.bitrix24.portal.plugins.module_utils._rest import response as _response
from ansible_collections.bitrix24.portal.plugins.module_utils._rest import transport as _transport
from ansible_collections.bitrix24.portal.plugins.module_utils._rest import transport_errors as _transport_errors
from ansible_collections.bitrix24.portal.plugins.module_utils._rest.advice import (
    ACCESS_TOKEN,
    ADVICE,
    OWN_ADVICE,
    WEBHOOK,
    advice_for,
)
from ansible_collections.bitrix24.portal.plugins.module_utils._rest.errors import ErrorFactory, OptionError, PortalError

# method, status, code → words that the advice holds, whether the outcome is known
TABLE = [
    ("mailservice.list", 400, "ERROR_CORE", "no active mail service", True),
    ("mailservice.get", 400, "ERROR_CORE", "no mail service has that ID", True),
    ("mailservice.add", 400, "ERROR_CORE", "the owner of the webhook is not an administrator", True),
    ("mailservice.update", 400, "ERROR_CORE", "the service is gone", True),
    ("mailservice.delete", 400, "ERROR_CORE", "gone already", True),
    ("mailservice.delete", None, "ERROR_CORE", "not an administrator", True),
    ("profile", 400, "ERROR_CORE", "its own text", True),
    ("mailservice.add", 500, "ERROR_CORE", "database", False),
    ("mailservice.list", 500, "ERROR_CORE", "database", False),
    ("mailservice.add", 400, "no_code", "without a code", True),
    ("mailservice.update", 400, "ERROR_ARGUMENT", "report it", True),
    ("profile", 401, "NO_AUTH_FOUND", "no credentials", True),
    ("profile", 401, "INVALID_CREDENTIALS", "webhook_url anew", True),
    ("batch", 401, "insufficient_scope", "the scope mailservice", True),
    ("mailservice.list", None, "insufficient_scope", "the scope mailservice", True),
    ("profile", 401, "expired_token", "new access token", True),
    ("profile", 401, "invalid_token", "another portal's", True),
    ("profile", 401, "CONNECTION_ERROR", "authorization server", True),
    ("profile", 401, "APPLICATION_NOT_FOUND", "not installed", True),
    ("profile", 401, "INVALID_REQUEST", "https://", True),
    ("profile", 401, "OVERLOAD_LIMIT", "blocked by hand", True),
    ("profile", 401, "authorization_error", "dismissed", True),
    ("profile", 403, "ACCESS_DENIED", "commercial plan", True),
    ("profile", 403, "PORTAL_DELETED", "closed", True),
    ("profile", 403, "WRONG_AUTH_TYPE", "use the other kind", True),
    ("profile", 403, "WRONG_LICENSE", "licence", True),
    ("profile", 403, "user_access_error", "closed to the owner of the webhook", True),
    ("batch", 405, "ERROR_BATCH_METHOD_NOT_ALLOWED", "report it", True),
    ("mailservice.get", None, "ERROR_BATCH_LENGTH_EXCEEDED", "report it", True),
    ("profile", 404, "ERROR_METHOD_NOT_FOUND", "does not know this method", True),
    ("profile", 404, "ERROR_MANIFEST_IS_NOT_AVAILABLE", "Run again later", True),
    ("mailservice.add", 429, "OPERATION_TIME_LIMIT", "operating time", True),
    ("mailservice.add", 503, "QUERY_LIMIT_EXCEEDED", "Too many requests", True),
    ("mailservice.add", 500, "INTERNAL_SERVER_ERROR", "unknown", False),
    ("mailservice.add", None, "INTERNAL_SERVER_ERROR", "unknown", False),
    ("mailservice.add", 500, "ERROR_UNEXPECTED_ANSWER", "unknown", False),
    ("oauth/token", 400, "invalid_grant", "authorize the application again", True),
    ("oauth/token", 401, "invalid_client", "client_id and client_secret", True),
    ("oauth/token", 400, "invalid_request", "check client_id, client_secret and oauth_url", True),
    ("oauth/token", 400, "invalid_scope", "scopes have changed", True),
    ("oauth/token", 400, "insufficient_scope", "scopes have changed", True),
    ("oauth/token", 402, "PAYMENT_REQUIRED", "subscription", True),
    ("mailservice.add", 400, "SOMETHING_NEW", "does not know the code", True),
    ("mailservice.add", 500, "SOMETHING_NEW", "does not know the code", False),
]


@pytest.fixture
def error_factory():
    return ErrorFactory("portal.example", WEBHOOK, Redactor({"thesecret0000001"}))


@pytest.mark.parametrize("method, status, code, words, outcome_known", TABLE)
def test_each_code_has_its_advice_and_says_what_became_of_the_call(
    error_factory, method, status, code, words, outcome_known
):
    error = error_factory.api_error(method, code, status, "Text of the portal.")
    assert words in error.advice and "{" not in error.advice
    assert error.outcome_known is outcome_known
    assert error.as_result() == dict(
        error=code, method=method, http_status=status, error_description="Text of the portal.", advice=error.advice
    )
    assert error.message.startswith("%s on portal.example: the portal answered %s" % (method, code))
    assert error.message.endswith(error.advice) and str(error) == error.message
    assert ("HTTP %s" % status in error.message) == (status is not None)


def test_the_table_above_holds_every_code_that_has_advice():
    assert {code for dummy, code in ADVICE} - {*OWN_ADVICE} <= {row[2] for row in TABLE}


def test_every_code_of_this_collections_own_has_advice_and_is_used():
    source = "".join(inspect.getsource(module) for module in (_transport_errors, _response, _transport, _body, _client))
    for code, advice in OWN_ADVICE.items():
        assert advice and '"%s"' % code in source, code


@pytest.mark.parametrize("reason", ["wrong", "expired", "issued anew", "dismissed"])
def test_invalid_credentials_names_all_that_looks_like_a_wrong_webhook(reason):
    assert reason in advice_for("profile", "INVALID_CREDENTIALS", WEBHOOK)


@pytest.mark.parametrize(
    "code",
    [
        "INVALID_CREDENTIALS",
        "insufficient_scope",
        "authorization_error",
        "user_access_error",
        "ERROR_CORE",
        "WRONG_AUTH_TYPE",
    ],
)
def test_advice_speaks_of_the_credentials_that_were_used(code):
    assert "webhook" not in advice_for("mailservice.add", code, ACCESS_TOKEN)
    assert "access token" in advice_for("mailservice.add", code, ACCESS_TOKEN)


def test_what_the_portal_says_is_made_safe_before_it_is_shown(error_factory):
    error = error_factory.api_error(
        "profile", "X\x1b[31mY\n" + "z" * 200, 400, "thesecret0000001 \u202e\r\n" + "long " * 200
    )
    for text in (error.message, error.error, error.description, repr(error)):
        assert (
            "thesecret" not in text
            and "\x1b" not in text
            and "\u202e" not in text
            and "\n" not in text
            and len(text) < 800
        )


def test_option_errors_are_one_line_of_all_problems():
    assert OptionError(["a is wrong", "b is missing"]).problems == ["a is wrong", "b is missing"]
    assert str(OptionError(["a is wrong", "b is missing"])) == "a is wrong; b is missing"
    assert OptionError("a is wrong").problems == ["a is wrong"]


def test_advice_that_comes_later_is_part_of_the_message():
    error = PortalError("m.", advice="Do this.")
    error.add_advice("Or that.")
    assert (error.advice, str(error), error.args) == ("Do this. Or that.", "m. Or that.", ("m. Or that.",))


def test_a_token_may_be_of_a_user_who_has_never_signed_in():
    assert "has never signed in" in advice_for("profile", "ACCESS_DENIED", ACCESS_TOKEN)
    assert "signed in" not in advice_for("profile", "ACCESS_DENIED", WEBHOOK)
    assert "dismissed or blocked" in advice_for("profile", "authorization_error", WEBHOOK)
