# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tokens of an application that expire: when they are renewed, what is sent for that, and what stands in the file."""

from __future__ import annotations

import fcntl
import json
import os
import resource
import stat

import pytest

from ansible_collections.bitrix24.portal.plugins.module_utils._rest.client import Client
from tests.behaviour.authorized import Authorized, write_tokens
from tests.behaviour.portal import service
from tests.simulator.clock import ManualClock
from tests.simulator.oauth import CLIENT_ID, CLIENT_SECRET
from tests.simulator.server import Simulator

HOUR = 3600


@pytest.fixture(scope="module")
def two_portals():
    with Simulator(oauth=True, portals=2, clock=ManualClock()) as simulator:
        yield simulator


@pytest.fixture
def authorized(two_portals, portal, tmp_path):
    """Tokens that live for an hour from now; no environment variable reaches the task (by ``portal``)."""
    return Authorized(two_portals, tmp_path)


@pytest.fixture
def expired(authorized):
    authorized.oauth.expire()
    return authorized


def without_file(authorized, **tokens):
    """The options where there is no file."""
    given = dict(access_token=authorized.first["access_token"], refresh_token=authorized.first["refresh_token"])
    return dict(given, token_file=None, portal_url=authorized.url, oauth_url=authorized.oauth.url, **tokens)


def test_a_token_file_alone_suffices_and_nothing_is_renewed_ahead_of_time(authorized, two_portals):
    two_portals.clock.advance(HOUR - 1)
    before = authorized.path.read_bytes()
    result = authorized.run(client_id=None, client_secret=None)
    assert (result["kind"], result["can_write"], authorized.oauth.requests) == ("access_token", True, [])
    assert authorized.path.read_bytes() == before


def test_an_expired_token_is_renewed_once_and_the_call_repeated(authorized, two_portals):
    two_portals.clock.advance(HOUR)
    assert authorized.run()["can_write"] is True
    assert authorized.portal.requests == ["batch", "batch"] and authorized.oauth.renewals == 1
    assert [body["auth"] for body in authorized.portal.bodies] == [
        authorized.first["access_token"],
        authorized.stored["access_token"],
    ]


def test_the_secrets_of_a_renewal_are_in_the_body_and_nowhere_else(expired):
    expired.run()
    (request,) = expired.oauth.requests
    assert (request["method"], request["path"]) == ("POST", "/oauth/token/")
    assert request["headers"]["Content-Type"] == "application/x-www-form-urlencoded"
    assert request["parameters"] == {
        "grant_type": "refresh_token",
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
        "refresh_token": expired.first["refresh_token"],
    }
    assert not any(secret in str(request["headers"]) for secret in expired.secrets)


def test_the_new_pair_is_stored_whole_and_readable_by_nobody_else(expired):
    write_tokens(expired.path, dict(expired.first, note="of the administrator"))
    expired.run()
    assert stat.S_IMODE(expired.path.stat().st_mode) == 0o600
    assert expired.oauth.knows(expired.stored["refresh_token"])
    assert (
        expired.stored["note"] == "of the administrator" and expired.stored["member_id"] == expired.first["member_id"]
    )
    assert sorted(path.name for path in expired.path.parent.iterdir()) == ["tokens.json", "tokens.json.lock"]


def test_the_next_task_begins_with_what_was_stored(expired):
    expired.run()
    expired.run()
    assert expired.oauth.renewals == 1 and len(expired.portal.requests) == 3


def test_a_write_is_repeated_after_a_renewal_and_carried_out_once(expired):
    expired.run("mailservice", name="New", server="imap.example.com", port=993)
    assert expired.portal.names == ["New"] and expired.oauth.renewals == 1


def test_a_write_whose_token_expires_between_reading_and_writing_is_carried_out_once(authorized):
    authorized.portal.has(service(1, "A", port=1), service(2, "B", port=1))
    authorized.portal.misbehaves(dict(kind="expired_token", method="batch"))
    entries = [{"name": name, "port": 2} for name in "AB"]
    authorized.run("mailservice_set", mailservices=entries)
    assert [str(row["PORT"]) for row in authorized.portal.rows.values()] == ["2", "2"]
    assert authorized.oauth.renewals == 1


def test_where_the_tokens_cannot_be_renewed_in_the_middle_what_was_written_is_told_and_the_rest_was_not(authorized):
    authorized.portal.has(*[service(number, f"S{number}", port=1) for number in range(1, 61)])
    authorized.portal.misbehaves(dict(kind="expired_token", method="batch", nth=2, times=0))
    authorized.oauth.refuses = "invalid_grant"
    entries = [{"id": number, "port": 2} for number in range(1, 61)]
    result = authorized.run("mailservice_set", mailservices=entries)
    assert result["failed"] and result["changed"] is True and "invalid_grant" in result["msg"]
    changed = [number for number, row in authorized.portal.rows.items() if str(row["PORT"]) == "2"]
    assert changed == list(range(1, 51))
    assert [entry["id"] for entry in result["results"] if entry["changed"]] == changed


def test_a_second_refusal_is_an_error(expired):
    expired.oauth.lifetime = 0
    result = expired.run("mailservice_info")
    assert result["error"] == "expired_token" and expired.oauth.renewals == 1
    assert len(expired.portal.requests) == 2 and "The token was renewed just now" in result["msg"]


@pytest.mark.parametrize("token", ["tok-noscope", "tok-invalid", "tok-unknown-app"])
def test_no_other_refusal_leads_to_a_renewal(authorized, token):
    write_tokens(authorized.path, dict(authorized.first, access_token=token))
    assert authorized.run("mailservice_info")["failed"] and authorized.oauth.requests == []


@pytest.mark.parametrize(
    "code, says",
    [
        ("invalid_grant", "authorize the application again"),
        ("invalid_client", "check them in the application's settings"),
        ("invalid_request", "check client_id, client_secret and oauth_url"),
        ("invalid_scope", "scopes have changed"),
        ("insufficient_scope", "scopes have changed"),
        ("PAYMENT_REQUIRED", "subscription on the portal has ended"),
    ],
)
def test_what_the_authorization_server_refuses_is_told_with_what_to_do_and_the_file_stays(expired, code, says):
    expired.oauth.refuses = code
    before = expired.path.read_bytes()
    result = expired.run("mailservice_info")
    assert (result["error"], result["method"]) == (code, "oauth/token") and says in result["msg"]
    assert result["msg"].startswith(f"oauth/token on {expired.oauth.url[7:]}: the authorization server answered {code}")
    assert expired.path.read_bytes() == before and len(expired.oauth.requests) == 1


@pytest.mark.parametrize("code", ["invalid_grant", "invalid_client", "PAYMENT_REQUIRED"])
def test_portal_info_tells_such_a_refusal_as_a_verdict(expired, code):
    expired.oauth.refuses = code
    result = expired.run("portal_info")
    assert "failed" not in result and result["error"] == code and "does not take these credentials" in result["verdict"]


def whole(**changes):
    return lambda pair: {key: value for key, value in dict(pair, **changes).items() if value is not ...}


@pytest.mark.parametrize(
    "alter, says",
    [
        (whole(access_token=...), "holds no pair of tokens"),
        (whole(refresh_token=...), "holds no pair of tokens"),
        (whole(access_token=""), "holds no pair of tokens"),
        (whole(access_token="with a blank"), "holds no pair of tokens"),
        (whole(refresh_token=["x"]), "holds no pair of tokens"),
        (whole(refresh_token="x" * 5000), "holds no pair of tokens"),
        (whole(member_id="another"), "another portal's tokens"),
        (whole(scope="x" * 70000), "larger than 64 KiB"),
        (lambda pair: [pair], "no JSON object"),
    ],
)
def test_an_answer_that_holds_no_pair_of_this_portal_changes_nothing(expired, alter, says):
    expired.oauth.alter = alter
    before = expired.path.read_bytes()
    result = expired.run("mailservice_info")
    assert result["error"] == "renewal_failed" and says in result["msg"]
    assert expired.path.read_bytes() == before and len(expired.portal.requests) == 1


@pytest.mark.parametrize(
    "fault",
    [
        dict(kind="cut_after_commit"),
        dict(kind="half_body"),
        dict(kind="html", status=502),
        dict(kind="redirect", to="http://127.0.0.1:9{path}"),
        dict(kind="reset"),
    ],
)
def test_an_answer_that_is_lost_is_told_and_the_refresh_token_not_sent_again(expired, fault):
    expired.oauth.faults = [fault]
    result = expired.run("mailservice_info")
    assert result["error"] == "renewal_failed" and len(expired.oauth.requests) == 1
    assert "Whether the refresh token is spent is unknown" in result["msg"]


def test_an_authorization_server_that_cannot_be_reached_is_tried_again_as_the_portal_is(expired):
    write_tokens(expired.path, dict(expired.first, server_endpoint="http://127.0.0.1:9/rest/"))
    result = expired.run("mailservice_info", retries=1, retry_max_wait=5)
    assert result["error"] == "renewal_failed" and "connection failed" in result["msg"]
    assert result["api"]["retries"] == 1 and len(expired.portal.requests) == 1


@pytest.mark.parametrize(
    "make, says",
    [
        (lambda path: path.chmod(0o640), "is open to others (mode 0640): run 'chmod 600' on it"),
        (lambda path: path.chmod(0o602), "is open to others (mode 0602)"),
        (lambda path: path.write_text("{"), "holds no JSON object, and it is left as it is"),
        (lambda path: path.write_text(""), "holds no JSON object, and it is left as it is"),
        (lambda path: path.write_text("[1]"), "holds no JSON object, and it is left as it is"),
        (lambda path: path.write_text('{"access_token": "x"}'), "holds no refresh_token"),
        (lambda path: path.write_text('{"refresh_token": "x"}'), "holds no access_token"),
        (
            lambda path: path.write_text('{"refresh_token": "x", "access_token": "y z"}'),
            ": access_token holds a character that no token has",
        ),
        (
            lambda path: path.write_text(
                '{"refresh_token": "x", "access_token": "y", "client_endpoint": "http://portal.example/rest/"}'
            ),
            "client_endpoint begins with http://",
        ),
        (
            lambda path: path.write_text(
                '{"refresh_token": "x", "access_token": "y", "client_endpoint": "https://portal.example/rest/",'
                ' "server_endpoint": 7}'
            ),
            "server_endpoint is no text",
        ),
        (lambda path: (path.unlink(), path.mkdir(mode=0o700)), "cannot be read"),
        (lambda path: (path.unlink(), os.mkfifo(path, 0o600)), "not a regular file"),
    ],
)
def test_a_token_file_that_cannot_be_used_is_refused_before_anything_is_sent_and_left_alone(authorized, make, says):
    make(authorized.path)
    before = authorized.path.read_bytes() if authorized.path.is_file() else None
    result = authorized.run("mailservice_info")
    assert says in result["msg"] and f"token_file {authorized.path}" in result["msg"]
    assert authorized.portal.requests == [] and authorized.oauth.requests == []
    assert before is None or authorized.path.read_bytes() == before


def test_a_link_that_others_could_have_put_there_is_not_followed(authorized, tmp_path):
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o777)
    (shared / "tokens.json").symlink_to(authorized.path)
    result = authorized.run(token_file=str(shared / "tokens.json"), module="mailservice_info")
    assert "symbolic link in a folder that others can write to" in result["msg"] and authorized.portal.requests == []


def test_the_file_goes_before_the_tokens_of_the_task(expired):
    expired.run(access_token="old", refresh_token="older", portal_url=expired.url, oauth_url="https://oauth.example")
    assert expired.oauth.renewals == 1 and expired.oauth.spent_ones_sent == 0


def test_a_file_that_is_not_there_yet_is_made_by_the_first_renewal(expired, tmp_path):
    path = tmp_path / "folder" / "new.json"
    options = dict(without_file(expired), token_file=str(path))
    expired.oauth.expire()
    expired.run(**options)
    stored = json.loads(path.read_text())
    assert expired.oauth.knows(stored["refresh_token"]) and stat.S_IMODE(path.stat().st_mode) == 0o600
    assert (
        stored["client_endpoint"] == f"{expired.url}/rest/"
        and stored["server_endpoint"] == f"{expired.oauth.url}/rest/"
    )
    expired.run(token_file=str(path))
    assert expired.oauth.renewals == 1


def client(authorized, **options):
    return Client(dict(authorized.connection, **options))


def test_a_newer_token_of_the_file_is_used_and_nothing_renewed(authorized):
    with client(authorized) as task:
        authorized.oauth.expire()
        newer = authorized.issue()
        write_tokens(authorized.path, newer)
        task.call("profile")
        assert authorized.oauth.requests == [] and newer["access_token"] in task.secrets


def test_what_another_task_renewed_and_has_expired_again_is_renewed(authorized):
    with client(authorized) as task:
        newer = authorized.issue()
        write_tokens(authorized.path, newer)
        authorized.oauth.expire()
        task.call("profile")
        assert authorized.oauth.renewals == 1 and len(authorized.portal.requests) == 3
        assert authorized.oauth.requests[0]["parameters"]["refresh_token"] == newer["refresh_token"]


def test_a_pair_that_somebody_put_there_during_a_refusal_is_used(expired):
    newer = {}

    def replaced(pair):
        newer.update(expired.issue())
        write_tokens(expired.path, newer)
        return {"error": "invalid_grant"}

    expired.oauth.alter = replaced
    expired.run()
    assert expired.stored == newer and expired.portal.bodies[-1]["auth"] == newer["access_token"]


def test_a_lock_that_stays_taken_ends_in_an_error_after_the_timeout_and_never_in_a_renewal(expired):
    with open(f"{expired.path}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        os.utime(lock.name, (0, 0))
        result = expired.run("mailservice_info", timeout=1)
    assert result["error"] == "renewal_failed" and "somebody else has locked it for 1 seconds" in result["msg"]
    assert f"'fuser {expired.path}.lock' shows by whom" in result["msg"]
    assert expired.oauth.requests == [] and os.path.exists(f"{expired.path}.lock")


def test_without_a_token_file_the_pair_is_lost_and_warnings_say_so(expired):
    result = expired.run(warns=True, **without_file(expired))
    assert expired.oauth.renewals == 1 and result["can_write"] is True
    assert "the refresh_token is spent. Set token_file." in result["warnings"][0]
    assert "Authorize the application again, and set token_file." in result["warnings"][1]


def test_a_renewal_in_check_mode_is_told(expired):
    result = expired.run("mailservice", check_mode=True, warns=True, name="X", server="imap.example.com", port=1)
    assert result["warnings"][-1] == (
        "the access token had expired and was renewed, in check mode too: nothing changed on the portal"
    )
    assert expired.portal.names == [] and expired.oauth.renewals == 1


@pytest.mark.parametrize("missing", ["client_id", "client_secret"])
def test_half_of_the_application_is_refused(authorized, missing):
    result = authorized.run("mailservice_info", **{missing: None})
    assert result["msg"] == f"{missing} is missing: client_id and client_secret go together"


def test_an_expired_token_that_cannot_be_renewed_says_what_that_would_take(expired):
    result = expired.run("mailservice_info", client_id=None, client_secret=None)
    assert (
        result["error"] == "expired_token" and "To have it renewed, give client_id and client_secret" in result["msg"]
    )


@pytest.mark.parametrize(
    "left_out, says",
    [
        ("access_token", "is not there yet, and begins with both tokens"),
        ("refresh_token", "is not there yet, and begins with both tokens"),
        ("portal_url", "portal_url is missing"),
        ("oauth_url", "oauth_url is missing: it is the server_endpoint of the answer that held the first tokens"),
        ("client_id", "client_id is missing"),
    ],
)
def test_what_a_file_needs_to_begin_with_is_said(authorized, tmp_path, left_out, says):
    options = dict(without_file(authorized), token_file=str(tmp_path / "new.json"))
    assert says in authorized.run("mailservice_info", **dict(options, **{left_out: None}))["msg"]
    assert authorized.portal.requests == []


def test_a_file_of_another_portal_is_refused_before_anything_is_sent(authorized):
    result = authorized.run("mailservice_info", expected_host="portal.example.com")
    assert "expected_host is portal.example.com; nothing was sent" in result["msg"]
    result = authorized.run("mailservice_info", portal_url="https://portal.example.com")
    assert "portal_url is portal.example.com; nothing was sent. Was the portal renamed?" in result["msg"]
    assert authorized.portal.requests == []


@pytest.fixture
def renamed(expired, two_portals):
    """The portal is at the address of the second one from now on."""
    expired.new = two_portals.portals[1]
    expired.new.clear_requests()
    expired.portal.misbehaves(dict(kind="expired_token", times=0))
    expired.oauth.moved(f"{expired.url}/rest/", f"{expired.new.url}/rest/")
    return expired


def test_a_portal_that_was_renamed_is_followed_and_its_new_address_stored(renamed):
    result = renamed.run(warns=True)
    assert "is at %s now, no longer at" % renamed.new.url[7:] in result["warnings"][0]
    assert result["host"] == renamed.new.url[7:] and len(renamed.new.requests) == 1
    assert renamed.stored["client_endpoint"] == f"{renamed.new.url}/rest/"
    renamed.run()
    assert len(renamed.portal.requests) == 1


def test_nothing_is_sent_to_a_new_address_that_is_not_the_expected_one_and_the_pair_is_kept(renamed):
    result = renamed.run("mailservice_info", expected_host=renamed.url[7:])
    assert result["error"] == "wrong_host" and "nothing was sent there" in result["msg"]
    assert renamed.new.requests == [] and renamed.oauth.knows(renamed.stored["refresh_token"])
    assert "failed" not in renamed.run("mailservice_info", expected_host=renamed.new.url[7:])


def test_a_new_address_over_plain_http_is_left_out_and_told(expired):
    expired.oauth.alter = whole(client_endpoint="http://portal.example/rest/", server_endpoint="oauth.example")
    result = expired.run(warns=True)
    assert "client_endpoint begins with http://" in result["warnings"][0]
    assert "server_endpoint has no scheme" in result["warnings"][0]
    assert expired.stored["client_endpoint"] == f"{expired.url}/rest/"
    assert expired.oauth.knows(expired.stored["refresh_token"])


def test_the_authorization_server_that_an_answer_names_is_asked_the_next_time(expired):
    expired.oauth.alter = whole(server_endpoint="http://127.0.0.1:9/rest/")
    expired.run()
    expired.oauth.expire()
    assert "oauth/token on 127.0.0.1:9" in expired.run("mailservice_info", retries=0)["msg"]


def test_when_the_token_expires_is_told_where_it_is_known(authorized, two_portals):
    write_tokens(authorized.path, dict(authorized.first, expires=1_800_003_600))
    assert authorized.run()["token_expires"] == "2027-01-15T09:00:00Z"
    for unknown in (None, 3600, "soon", 10**17, True):
        write_tokens(authorized.path, dict(authorized.first, expires=unknown))
        assert authorized.run()["token_expires"] is None
    assert authorized.portal.succeeds("portal_info")["token_expires"] is None


def test_the_expiry_of_a_renewed_token_is_that_of_the_answer(expired):
    expired.oauth.alter = whole(expires=1_900_000_000)
    assert expired.run()["token_expires"] == "2030-03-17T17:46:40Z"


def test_a_description_that_quotes_the_secrets_is_redacted(expired):
    def quote(pair):
        return {"error": "invalid_grant", "error_description": f"{expired.first['refresh_token']} {CLIENT_SECRET}"}

    expired.oauth.alter = quote
    assert "***" in expired.run("mailservice_info")["error_description"]


def test_a_file_that_cannot_be_written_keeps_the_refresh_token_from_being_spent(expired):
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1024, before[1]))
    try:
        result = expired.run("mailservice_info")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert "cannot be written: " in result["msg"] and "Nothing was renewed" in result["msg"]
    assert expired.oauth.requests == [] and expired.stored == expired.first
