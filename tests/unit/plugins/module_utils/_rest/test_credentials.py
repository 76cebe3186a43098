# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Addresses as people paste them."""

from __future__ import annotations

import pytest

from ansible_collections.bitrix24.portal.plugins.module_utils._rest.choose import choose
from ansible_collections.bitrix24.portal.plugins.module_utils._rest.errors import OptionError
from ansible_collections.bitrix24.portal.plugins.module_utils._rest.webhook import parse_webhook

SECRET = "s3cr3t0000000001"
HOOK = "https://portal.example/rest/1/%s/" % SECRET
TOKEN = dict(portal_url="https://portal.example", access_token="tok-ok")


# as pasted → host, address of the method profile
@pytest.mark.parametrize(
    "pasted, host, address",
    [
        ("https://portal.example/rest/1/S/", "portal.example", "https://portal.example/rest/1/S/profile"),
        ("https://portal.example/rest/1/S", "portal.example", "https://portal.example/rest/1/S/profile"),
        ("  https://portal.example/rest/1/S/\n", "portal.example", "https://portal.example/rest/1/S/profile"),
        ("https://portal.example/rest/1/S/profile.json", "portal.example", "https://portal.example/rest/1/S/profile"),
        (
            "https://portal.example/rest/1/S/mailservice.list",
            "portal.example",
            "https://portal.example/rest/1/S/profile",
        ),
        (
            "https://portal.example/rest/1/S/crm.contact.get.json?ID=42#x",
            "portal.example",
            "https://portal.example/rest/1/S/profile",
        ),
        ("https://portal.example/rest/1/S/profile.json/", "portal.example", "https://portal.example/rest/1/S/profile"),
        ("HTTPS://Portal.Example./rest/1/S/", "portal.example", "https://portal.example/rest/1/S/profile"),
        ("https://portal.example:443/rest/1/S/", "portal.example", "https://portal.example/rest/1/S/profile"),
        (
            "https://portal.example:8443/rest/1/S/",
            "portal.example:8443",
            "https://portal.example:8443/rest/1/S/profile",
        ),
        ("https://portal.example/a/b/rest/1/S/", "portal.example/a/b", "https://portal.example/a/b/rest/1/S/profile"),
        ("https://portal.example//a//rest//1//S//", "portal.example/a", "https://portal.example/a/rest/1/S/profile"),
        ("https://портал.рф/rest/1/S/", "xn--80awhdgm.xn--p1ai", "https://xn--80awhdgm.xn--p1ai/rest/1/S/profile"),
        ("https://straße.example/rest/1/S/", "xn--strae-oqa.example", "https://xn--strae-oqa.example/rest/1/S/profile"),
        ("http://127.0.0.1:8024/rest/1/S/", "127.0.0.1:8024", "http://127.0.0.1:8024/rest/1/S/profile"),
        ("http://127.9.9.9/rest/1/S/", "127.9.9.9", "http://127.9.9.9/rest/1/S/profile"),
        ("http://LOCALHOST:80/rest/1/S/", "localhost", "http://localhost/rest/1/S/profile"),
        ("http://[::1]:8024/base/rest/1/S/", "[::1]:8024/base", "http://[::1]:8024/base/rest/1/S/profile"),
        ("https://[2001:DB8:0::1]/rest/1/S/", "[2001:db8::1]", "https://[2001:db8::1]/rest/1/S/profile"),
    ],
)
def test_a_webhook_is_understood_as_pasted(pasted, host, address):
    credentials = parse_webhook(pasted.replace("/S", "/" + SECRET))
    assert credentials.host == host
    assert credentials.url("profile") == address.replace("/S/", "/%s/" % SECRET)
    assert credentials.kind == "webhook" and credentials.token is None and credentials.secrets == {SECRET}


# as pasted → what is wrong
@pytest.mark.parametrize(
    "pasted, says",
    [
        ("portal.example/rest/1/S/", "no scheme"),
        ("//portal.example/rest/1/S/", "no scheme"),
        ("S", "no scheme"),
        ("ftp://portal.example/rest/1/S/", "scheme that is of no use"),
        ("http://portal.example/rest/1/S/", "http://"),
        ("http://127.0.0.1.example/rest/1/S/", "http://"),
        ("http://10.0.0.1/rest/1/S/", "http://"),
        ("http://[::2]/rest/1/S/", "http://"),
        ("https://portal.example/", "no /rest/"),
        ("https://portal.example/S/", "no /rest/"),
        ("https://portal.example/resting/1/S/", "no /rest/"),
        ("https://portal.example/rest/", "ends after /rest/"),
        ("https://portal.example/rest", "ends after /rest/"),
        ("https://portal.example/rest/S/", "no number after /rest/"),
        ("https://portal.example/rest/one/S/", "no number after /rest/"),
        ("https://portal.example/rest/1/", "no secret"),
        ("https://portal.example/rest/1", "no secret"),
        ("https://portal.example/rest/1/profile.json", "no secret"),
        ("https://portal.example/rest/1/profile", "no secret"),
        ("https://portal.example/rest/1/S%2F/", "no webhook's secret has"),
        ("https://portal.example/rest/1/Sü/", "no webhook's secret has"),
        ("https://portal.example/rest/1/S/mail/list", "goes on after the method"),
        ("https://portal.example/rest/1/S /", "blank"),
        ("https://portal.example /rest/1/S/", "blank"),
        ("https://portal.example/rest/1/S/\x00", "control character"),
        ("https://portal.example/rest/1/S/\u200b", "control character"),
        ("https://{{ portal }}/rest/1/S/", "blank"),
        ("https:\\\\portal.example\\rest\\1\\S", "no address has"),
        ("https://me@portal.example/rest/1/S/", "user name"),
        ("https://me:S@portal.example/rest/1/S/", "user name"),
        ("https:///rest/1/S/", "no host"),
        ("https://:443/rest/1/S/", "no host"),
        ("https://portal.example:0/rest/1/S/", "port"),
        ("https://portal.example:/rest/1/S/", "port"),
        ("https://portal.example:99999/rest/1/S/", "port"),
        ("https://portal.example:https/rest/1/S/", "port"),
        ("https://[::1/rest/1/S/", "cannot be read"),
        ("https://[::g]/rest/1/S/", "host"),
        ("https://[fe80::1%eth0]/rest/1/S/", "IPv6"),
        ("https://1.2.3/rest/1/S/", "IPv4"),
        ("https://300.1.1.1/rest/1/S/", "IPv4"),
        ("https://portal..example/rest/1/S/", "host name that cannot be"),
        ("https://-portal.example/rest/1/S/", "host name that cannot be"),
        ("https://portal!.example/rest/1/S/", "host name that cannot be"),
        ("https://%s/rest/1/S/" % ".".join(["a" * 60] * 5), "host name that cannot be"),
        ("https://☃\u0301\u2024.example/rest/1/S/", "host name"),
        ("https://portal.example/a/../rest/1/S/", ". and .."),
    ],
)
def test_an_address_that_cannot_be_is_refused_with_what_is_wrong_and_without_the_secret(pasted, says):
    with pytest.raises(OptionError) as caught:
        parse_webhook(pasted.replace("S", SECRET), "B24_WEBHOOK_URL")
    (problem,) = caught.value.problems
    assert says in problem and problem.startswith("B24_WEBHOOK_URL ")
    assert SECRET not in problem and "\n" not in problem


@pytest.mark.parametrize(
    "pasted, host, address",
    [
        ("https://portal.example", "portal.example", "https://portal.example/rest/profile"),
        ("https://portal.example/rest/", "portal.example", "https://portal.example/rest/profile"),
        ("https://portal.example/base/", "portal.example/base", "https://portal.example/base/rest/profile"),
        (
            "https://portal.example/base/rest/profile.json",
            "portal.example/base",
            "https://portal.example/base/rest/profile",
        ),
    ],
)
def test_a_portals_address_is_understood_as_pasted(pasted, host, address):
    credentials = choose(dict(portal_url=pasted, access_token=" a/b \n"), {})
    assert (credentials.kind, credentials.host, credentials.url("profile"), credentials.token) == (
        "access_token",
        host,
        address,
        "a/b",
    )
    assert credentials.secrets == {"a/b", "a%2Fb"}


@pytest.mark.parametrize(
    "params, says",
    [
        ({}, "no connection is given"),
        (dict(webhook_url="", portal_url=None), "no connection is given"),
        (dict(portal_url="https://portal.example"), "access_token is missing"),
        (dict(access_token="tok-ok"), "portal_url is missing"),
        (dict(TOKEN, webhook_url=HOOK), "two ways"),
        (dict(portal_url=HOOK, access_token="tok-ok"), "webhook's address"),
        (dict(TOKEN, portal_url="portal.example"), "no scheme"),
        (dict(TOKEN, portal_url="https://portal.example/?auth=tok-ok"), "goes on after ?"),
        (dict(TOKEN, access_token="tok ok"), "no access token has"),
        (dict(TOKEN, access_token="tok\nok"), "no access token has"),
        (dict(TOKEN, access_token="tök"), "no access token has"),
    ],
)
def test_credentials_that_do_not_fit_together_are_refused(params, says):
    with pytest.raises(OptionError) as caught:
        choose(params, {})
    assert says in str(caught.value) and "tok-ok" not in str(caught.value) and SECRET not in str(caught.value)


RENEWED = dict(
    TOKEN,
    refresh_token="ref-ok",
    client_id="app",
    client_secret="cli-ok",
    oauth_url="https://oauth.example/oauth/token/",
)


@pytest.mark.parametrize(
    "params, says",
    [
        (dict(RENEWED, client_id=None), "client_id is missing: client_id and client_secret go together"),
        (dict(RENEWED, client_secret=""), "client_secret is missing: client_id and client_secret go together"),
        (
            dict(RENEWED, client_id=None, client_secret=None),
            "refresh_token is renewed with client_id and client_secret",
        ),
        (dict(RENEWED, oauth_url=None), "oauth_url is missing: it is the server_endpoint of the answer"),
        (dict(RENEWED, oauth_url="oauth.example"), "oauth_url has no scheme"),
        (dict(RENEWED, oauth_url="http://oauth.example"), "oauth_url begins with http://"),
        (dict(RENEWED, oauth_url="https://oauth.example?client_secret=cli-ok"), "oauth_url goes on after ?"),
        (dict(RENEWED, access_token=None), "access_token is missing"),
        (dict(RENEWED, refresh_token="ref ok"), "refresh_token holds a blank or a character that no refresh token has"),
        (
            dict(RENEWED, client_secret="cli\tok"),
            "client_secret holds a blank or a character that no client secret has",
        ),
        (dict(RENEWED, client_id="a b"), "client_id holds a blank or a character that no client ID has"),
        (dict(RENEWED, webhook_url=HOOK), "two ways"),
        (dict(webhook_url=HOOK, token_file="tokens.json"), "webhook_url and token_file are two ways"),
    ],
)
def test_options_of_an_application_that_do_not_fit_together_are_refused(params, says):
    with pytest.raises(OptionError) as caught:
        choose(params, {})
    assert says in str(caught.value)
    assert not any(secret in str(caught.value) for secret in ("tok-ok", "ref-ok", "cli-ok", SECRET))


@pytest.mark.parametrize(
    "pasted",
    [
        "https://oauth.example",
        "https://oauth.example/",
        "https://oauth.example/rest/",
        "https://oauth.example/oauth/token/",
        "https://oauth.example/oauth/token",
    ],
)
def test_the_authorization_servers_address_is_understood_as_pasted(pasted):
    credentials = choose(dict(RENEWED, oauth_url=pasted), {})
    assert credentials.application.oauth_url.url == "https://oauth.example"
    assert credentials.secrets == {"tok-ok", "ref-ok", "cli-ok"}


def test_what_renews_tokens_may_come_from_the_environment():
    environ = dict(B24_CLIENT_ID="app", B24_CLIENT_SECRET="cli-env", B24_OAUTH_URL="https://oauth.example")
    credentials = choose(dict(TOKEN, refresh_token="ref-ok"), environ)
    assert credentials.application.client_secret == "cli-env" and "cli-env" in credentials.secrets


def test_the_path_of_a_token_file_from_the_environment_begins_at_the_home(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(OptionError, match=f"token_file {tmp_path}/tokens.json is not there yet"):
        choose({}, dict(B24_TOKEN_FILE="~/tokens.json"))


def test_an_application_in_the_environment_does_not_get_in_the_way_of_a_webhook():
    assert choose(dict(webhook_url=HOOK), dict(B24_CLIENT_ID="app", B24_CLIENT_SECRET="x")).kind == "webhook"
    assert choose({}, dict(ENV_HOOK, B24_CLIENT_ID="app", B24_CLIENT_SECRET="x")).kind == "webhook"


ENV_HOOK = dict(B24_WEBHOOK_URL="https://env.example/rest/1/%s/" % SECRET)
ENV_TOKEN = dict(B24_PORTAL_URL="https://env.example", B24_ACCESS_TOKEN="tok-env")


@pytest.mark.parametrize(
    "params, environ, kind, host",
    [
        ({}, ENV_HOOK, "webhook", "env.example"),
        (dict(webhook_url=None, portal_url="", access_token=" "), ENV_HOOK, "webhook", "env.example"),
        ({}, ENV_TOKEN, "access_token", "env.example"),
        (dict(webhook_url=HOOK), ENV_HOOK, "webhook", "portal.example"),
        (dict(webhook_url=HOOK), ENV_TOKEN, "webhook", "portal.example"),
        (TOKEN, ENV_HOOK, "access_token", "portal.example"),
        (TOKEN, dict(ENV_HOOK, **ENV_TOKEN), "access_token", "portal.example"),
        (dict(webhook_url=ENV_HOOK["B24_WEBHOOK_URL"]), dict(ENV_HOOK, **ENV_TOKEN), "webhook", "env.example"),
        (dict(portal_url="https://portal.example"), dict(ENV_HOOK, **ENV_TOKEN), "access_token", "portal.example"),
        (dict(access_token="tok-ok"), dict(ENV_HOOK, **ENV_TOKEN), "access_token", "env.example"),
        ({}, dict(ENV_HOOK, B24_PORTAL_URL="", B24_ACCESS_TOKEN=" "), "webhook", "env.example"),
    ],
)
def test_what_the_task_gives_goes_before_the_environment_whatever_kind_it_is(params, environ, kind, host):
    credentials = choose(params, environ)
    assert (credentials.kind, credentials.host) == (kind, host)


def test_two_kinds_in_the_environment_are_refused_by_the_names_of_the_variables():
    with pytest.raises(OptionError, match="B24_WEBHOOK_URL and B24_PORTAL_URL and B24_ACCESS_TOKEN are two ways"):
        choose({}, dict(ENV_HOOK, **ENV_TOKEN))


@pytest.mark.parametrize(
    "pasted, expected, same",
    [
        (HOOK, "portal.example", True),
        (HOOK, " Portal.EXAMPLE. ", True),
        (HOOK, "https://portal.example/", True),
        (HOOK, "portal.example:443", True),
        (HOOK, "portal.example:8443", False),
        (HOOK, "example", False),
        (HOOK, "portal.example/base", False),
        (HOOK, "xportal.example", False),
        ("https://portal.example:8443/rest/1/x1/", "portal.example", True),
        ("https://portal.example:8443/rest/1/x1/", "portal.example:8443", True),
        ("https://portal.example:8443/rest/1/x1/", "portal.example:443", False),
        ("https://portal.example/Base/rest/1/x1/", "portal.example/base", True),
        ("https://portal.example/base/rest/1/x1/", "portal.example", True),
        ("https://портал.рф/rest/1/x1/", "портал.рф", True),
        ("https://портал.рф/rest/1/x1/", "xn--80awhdgm.xn--p1ai", True),
        ("http://[::1]:80/rest/1/x1/", "[::1]", True),
        ("http://[::1]:8024/rest/1/x1/", "[::1]:8024", True),
        ("http://[::1]:8024/rest/1/x1/", "[::1]:8025", False),
        ("http://[::1]/rest/1/x1/", "::1", True),
    ],
)
def test_the_expected_host_is_compared_by_name_and_by_what_else_it_names(pasted, expected, same):
    problem = parse_webhook(pasted).check_host(expected)
    assert (problem is None) == same
    assert same or "nothing was sent" in problem["message"]


@pytest.mark.parametrize(
    "expected, told",
    [
        ("Portal-B.example.com", "portal-b.example.com"),
        ("b.example:8443/Base", "b.example:8443/base"),
        ("https://b.example/base/rest/7/sesame1/", "b.example/base"),
        ("b.example/rest/7/sesame1/profile.json?auth=sesame1", "b.example"),
        ("https://me:sesame1@b.example?auth=sesame1", "b.example"),
        ("b\u202e.example\nx", "b\\u202e.example\\nx"),
    ],
)
def test_another_host_than_the_expected_one_is_told_with_both_and_without_a_secret(expected, told):
    assert parse_webhook("https://portal.example:8443/rest/1/x1/").check_host(expected)["message"] == (
        f"the connection leads to portal.example:8443, expected_host is {told}; nothing was sent"
    )


def test_the_address_of_rest_3_is_refused_saying_so():
    with pytest.raises(OptionError) as caught:
        choose({"webhook_url": "https://portal.example/rest/api/1/s3cr3tOfThisTest/profile"}, {})
    assert "that is the REST 3.0 address, which has no mail services; leave out /api" in str(caught.value)
