# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What to do about each code: one sentence, by (method, code).

The portal's own codes are written as the portal writes them; those in lower case are this collection's.
"""

from __future__ import annotations

WEBHOOK = "webhook"
ACCESS_TOKEN = "access_token"
OAUTH = "oauth/token"
"""In the place of a method: a request to the authorization server."""

_WORDS = {
    WEBHOOK: {"credentials": "webhook", "owner": "the owner of the webhook"},
    ACCESS_TOKEN: {"credentials": "access token", "owner": "the user whom the access token stands for"},
}
_RENEW = (
    "Get a new access token and run again; or, since it lives one hour, have it renewed: give refresh_token, client_id,"
    " client_secret, oauth_url and token_file."
)
_AUTHORIZE = "authorize the application again, and put the authorization server's answer into token_file."
_CHECK_OAUTH_URL = "Check that oauth_url is the authorization server of the portal's region, and nothing else."
_SCOPE = "Give the {credentials} the scope mailservice in the portal's settings."
_REPORT = "This should not happen: please report it to the collection bitrix24.portal with its version."
_COME_BACK = "Run again later"
_FAILED_HALF_WAY = f"The portal failed; whether it did what was asked is unknown. {_COME_BACK}."
_WRITE_REFUSED = "Either {owner} is not an administrator of the portal, or "
REFUSED_TO_ADMINISTRATORS = {
    "mailservice.add": "the portal refused a value.",
    "mailservice.update": "the service is gone, or the portal refused a value.",
    "mailservice.delete": "the service is gone already.",
}

ADVICE = {
    # what the portal says of a call
    ("*", "ERROR_CORE"): "The portal refused the call; only its own text says why.",
    ("mailservice.list", "ERROR_CORE"): "The portal says this when the site has no active mail service.",
    ("mailservice.get", "ERROR_CORE"): "The portal says this when no mail service has that ID.",
    **{(method, "ERROR_CORE"): _WRITE_REFUSED + why for method, why in REFUSED_TO_ADMINISTRATORS.items()},
    ("*", "no_code"): "The portal refused the call without a code; only its own text says why.",
    ("*", "ERROR_ARGUMENT"): _REPORT,
    # rights, scope, plan, token, owner
    ("*", "NO_AUTH_FOUND"): (
        "The portal saw no credentials:"
        " check that the address is the portal's own and nothing before it cuts off the path."
    ),
    ("*", "INVALID_CREDENTIALS"): (
        "The webhook is wrong, has expired, was issued anew when an administrator edited it,"
        " or its owner was dismissed: look it up in the portal (Developer resources) and set webhook_url anew."
    ),
    ("*", "insufficient_scope"): _SCOPE,
    ("*", "expired_token"): "The access token has expired. " + _RENEW,
    ("*", "invalid_token"): "The portal does not know the access token, or it is another portal's. " + _RENEW,
    ("*", "CONNECTION_ERROR"): (
        f"The portal could not ask the authorization server about the access token. {_COME_BACK}."
    ),
    ("*", "APPLICATION_NOT_FOUND"): (
        "The access token's application is not installed on this portal: install it there, or use another portal_url."
    ),
    ("*", "INVALID_REQUEST"): "The portal takes webhooks over https only: write https:// in webhook_url.",
    ("*", "authorization_error"): (
        "The portal cannot sign {owner} in, for instance because they were dismissed or blocked:"
        " make a new one for an active administrator."
    ),
    ("*", "ACCESS_DENIED"): (
        "The portal's plan does not include REST: an administrator has to choose a commercial plan."
    ),
    ("*", "PORTAL_DELETED"): "The portal is closed or was deleted: check the address.",
    ("*", "WRONG_AUTH_TYPE"): "The portal does not allow this call with {credentials} credentials: use the other kind.",
    ("*", "WRONG_LICENSE"): "The portal's licence does not allow REST: an administrator has to renew it.",
    ("*", "user_access_error"): "The application is closed to {owner}: an administrator has to open it to them.",
    # what the authorization server says of a renewal
    (OAUTH, "invalid_grant"): (
        "The refresh token is of no use any more: it was used already, is older than 180 days, or the application was"
        f" removed. An administrator has to {_AUTHORIZE}"
    ),
    (OAUTH, "invalid_client"): (
        "The authorization server does not take client_id and client_secret: check them in the application's settings,"
        " and that oauth_url is the server of the portal's region."
    ),
    (
        OAUTH,
        "invalid_request",
    ): "The authorization server misses something: check client_id, client_secret and oauth_url.",
    **{
        (OAUTH, code): f"The application's scopes have changed: {_AUTHORIZE}"
        for code in ("invalid_scope", "insufficient_scope")
    },
    (OAUTH, "PAYMENT_REQUIRED"): (
        "The application's subscription on the portal has ended: an administrator has to renew it there."
    ),
    **{
        (OAUTH, code): _CHECK_OAUTH_URL
        for code in ("not_json", "unexpected_answer", "too_large", "redirected", "ERROR_METHOD_NOT_FOUND")
    },
    # methods
    ("*", "ERROR_METHOD_NOT_FOUND"): (
        "The portal does not know this method: the address is not the portal's REST address,"
        " or the portal is too old for mail services."
    ),
    ("*", "ERROR_BATCH_METHOD_NOT_ALLOWED"): _REPORT,
    ("*", "ERROR_BATCH_LENGTH_EXCEEDED"): _REPORT,
    ("*", "ERROR_MANIFEST_IS_NOT_AVAILABLE"): f"The portal cannot offer this method at present. {_COME_BACK}.",
    # limits
    ("*", "QUERY_LIMIT_EXCEEDED"): (
        f"Too many requests from this address: {_COME_BACK.lower()}, with fewer tasks at once, or raise retry_max_wait."
    ),
    ("*", "OPERATION_TIME_LIMIT"): "The method has used up its operating time of the last ten minutes.",
    ("*", "OVERLOAD_LIMIT"): (
        "REST was blocked by hand because of overload: an administrator has to ask Bitrix24's support to lift it."
    ),
    # the portal's own faults
    ("*", "INTERNAL_SERVER_ERROR"): _FAILED_HALF_WAY,
    ("*", "ERROR_UNEXPECTED_ANSWER"): _FAILED_HALF_WAY,
}
OWN_ADVICE = {
    "connection_failed": "Check the address and port, the network, and the proxy variables of the environment.",
    "unknown_host": "Check the host name in the address, and the name servers of the machine that runs the task.",
    "proxy_refused": "Check HTTPS_PROXY, HTTP_PROXY and ALL_PROXY, or except the portal with NO_PROXY.",
    "certificate_refused": (
        "Set ca_path to the certificate of the authority that signed it, or have the portal's certificate put right."
    ),
    "tls_failed": "Check the port, ca_path, client_cert and client_key, and that the server speaks https there.",
    "timed_out": "Raise timeout, or run again when the portal is less busy.",
    "cut_off": "Run again; if it comes back, look at what stands between this machine and the portal.",
    "not_json": (
        "Check that the address is the portal's REST address;"
        " a fault or a maintenance page of the portal looks like this too."
    ),
    "unexpected_answer": (
        "Check that the address is the portal's REST address, and nothing on the way changes its answers."
    ),
    "foreign_answer": (
        "Something on the way doubles or delays requests or responses: look at the proxies between, and run again."
    ),
    "controller_gone": "Run again: what is done stays done.",
    "wrong_host": "Was the portal renamed? Then set expected_host to where it is now.",
    "too_large": "No portal answers that much: check that the address is the portal's REST address.",
    "redirected": (
        "Set the address to where the portal is now;"
        " an address that needs a login or a redirect to another host is not followed."
    ),
    "request_failed": _REPORT,
}
_DATABASE_FAULT = "The portal's database failed; an administrator finds the reason in the portal's log."
_UNKNOWN_CODE = "This collection does not know the code; the answer's own text says what it means."


def advice_for(method: str, code: str, credentials_kind: str = WEBHOOK, status: int | None = None) -> str:
    """One sentence that says what to do; the method's own where it has one."""
    if code == "ERROR_CORE" and (status or 0) >= 500:
        return _DATABASE_FAULT
    text = ADVICE.get((method, code)) or ADVICE.get(("*", code)) or OWN_ADVICE.get(code) or _UNKNOWN_CODE
    if code == "INVALID_CREDENTIALS" and credentials_kind == ACCESS_TOKEN:
        text = "The portal does not take the access token. " + _RENEW
    if code == "ACCESS_DENIED" and credentials_kind == ACCESS_TOKEN:
        text = f"Either {{owner}} has never signed in to the portal: let them do so once. Or: {text}"
    words = _WORDS[credentials_kind]
    text = text.replace("{credentials}", words["credentials"]).replace("{owner}", words["owner"])
    return text[:1].upper() + text[1:]
