# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
requirements:
  - Python 3.8 or newer where the task runs.
  - The Python library requests, 2.25 or newer, for that same interpreter. A task on the controller
    (C(connection=local)) runs in Ansible's own.
options:
  webhook_url:
    description:
      - The address of an inbound webhook, as the portal shows it when the webhook is made. A base path, a port, a
        trailing slash and a method at the end (V(…/profile.json)) may be there.
      - It holds a secret that gives all the rights of its owner. Keep it in a vault.
      - Either this, or O(portal_url) and O(access_token), or O(token_file). Null or an empty text counts as not given.
      - Plain V(http://) is refused, except for an address of this machine itself (V(127.0.0.0/8), V(::1),
        V(localhost)).
      - If neither this option nor O(portal_url), O(access_token), O(refresh_token) or O(token_file) is set, the value
        of the environment variable E(B24_WEBHOOK_URL) is used. What a task gives goes before the environment,
        whichever kind of credentials it is.
    type: str
  portal_url:
    description:
      - The portal's address, for use with O(access_token). A port, a base path and V(/rest/) at the end may be there.
      - Not needed where O(token_file) holds C(client_endpoint), which goes before it. Where both are there, lead to
        different portals, and O(expected_host) does not say which is meant, the task is refused.
      - If not set, and O(webhook_url) is not set either, the value of the environment variable E(B24_PORTAL_URL) is
        used.
    type: str
  access_token:
    description:
      - An OAuth access token of an application that is installed on the portal O(portal_url).
      - It lives one hour. With O(refresh_token), O(client_id), O(client_secret), O(oauth_url) and O(token_file) it is
        renewed when the portal says that it has expired, and the call is repeated. Never ahead of time, and in check
        mode too, which a warning then says.
      - If not set, and O(webhook_url) is not set either, the value of the environment variable E(B24_ACCESS_TOKEN) is
        used.
    type: str
  refresh_token:
    description:
      - The refresh token that belongs to O(access_token). It is good for one use and for 180 days; the answer to that
        use holds the next. So give it together with O(token_file), or the next one is lost with the task, of which a
        warning tells.
      - If not set, and O(webhook_url) is not set either, the value of the environment variable E(B24_REFRESH_TOKEN) is
        used.
    type: str
  client_id:
    description:
      - The ID of the application that the tokens were given to, for renewing them.
      - If not set, and O(webhook_url) is not set either, the value of the environment variable E(B24_CLIENT_ID) is
        used.
    type: str
  client_secret:
    description:
      - The secret key of that application.
      - If not set, and O(webhook_url) is not set either, the value of the environment variable E(B24_CLIENT_SECRET) is
        used.
    type: str
  token_file:
    description:
      - A file that holds the tokens of one portal, on the machine that runs the task. JSON with the keys of the
        authorization server's answer, of which C(access_token) and C(refresh_token) are needed, C(client_endpoint) and
        C(server_endpoint) spare O(portal_url) and O(oauth_url), and C(member_id) says which portal it is. To begin,
        put the answer to the first authorization into it, or give O(access_token) and O(refresh_token), with which it
        is made at the first renewal.
      - Once it is there it goes before O(access_token), O(refresh_token), O(portal_url) and O(oauth_url). Each portal
        needs a file of its own, for instance V(~/.portal-tokens/{{ inventory_hostname }}.json). A relative
        path begins at the folder of the playbook.
      - Renewed tokens are written to it before they are used, as a whole or not at all. Whoever renews holds a lock on
        the file with V(.lock) behind its name, so that of many tasks one renews and the others use what it got. On a
        network file system such a lock may hold for the tasks of one machine only. In a container that does not last,
        the folder has to be a volume.
      - A file that others can read or write is refused (C(chmod 600)). One that cannot be parsed is refused and left as
        it is.
      - If not set, and O(webhook_url) is not set either, the value of the environment variable E(B24_TOKEN_FILE) is
        used.
    type: path
  oauth_url:
    description:
      - The address of the authorization server, where O(token_file) holds no C(server_endpoint). It differs by region,
        so there is no default. It is the C(server_endpoint) of the answer that held the first tokens, for instance
        V(https://oauth.bitrix24.tech) or V(https://oauth.bitrix.info).
      - It is called with O(validate_certs), O(ca_path) and O(timeout) like the portal, without O(client_cert).
      - If not set, and O(webhook_url) is not set either, the value of the environment variable E(B24_OAUTH_URL) is
        used.
    type: str
  expected_host:
    description:
      - The host that the connection is supposed to lead to. If it leads elsewhere, the task fails before it sends
        anything. The same where renewed tokens say that the portal is elsewhere now.
      - V(portal.example.com), V(portal.example.com:8443) or V(portal.example.com/base). A port or a base path that is
        left out is not compared; nor is the case.
      - If not set, the value of the environment variable E(B24_EXPECTED_HOST) is used.
    type: str
  validate_certs:
    description:
      - Whether the portal's certificate must be a valid one. V(false) lets anybody on the way read the credentials, and
        the task warns of it.
      - If not set, the value of the environment variable E(B24_VALIDATE_CERTS) is used.
    type: bool
    default: true
  ca_path:
    description:
      - The certificates of the authorities to trust, as a file in PEM form, or a folder of such files. A folder has to
        be made ready with C(openssl rehash), or OpenSSL finds nothing in it.
      - If not set, the value of the environment variable E(B24_CA_PATH) is used, then that of E(REQUESTS_CA_BUNDLE),
        and then the authorities that come with requests.
    type: path
  client_cert:
    description:
      - A client certificate in PEM form, for a portal that wants one. The file may hold the private key too.
      - If not set, the value of the environment variable E(B24_CLIENT_CERT) is used.
    type: path
  client_key:
    description:
      - The private key of O(client_cert) in PEM form, without a pass phrase, where it is in a file of its own.
      - If not set, the value of the environment variable E(B24_CLIENT_KEY) is used.
    type: path
  timeout:
    description:
      - The seconds that one request may take in all, from connecting to the last byte of the answer.
      - If not set, the value of the environment variable E(B24_TIMEOUT) is used.
    type: int
    default: 60
  retries:
    description:
      - How often a request is sent again that the portal has certainly not carried out, for instance because no
        connection was made, or that only reads. The pauses double, from half a second on.
      - A write whose answer was lost is never just sent again.
      - If not set, the value of the environment variable E(B24_RETRIES) is used.
    type: int
    default: 4
  retry_max_wait:
    description:
      - The seconds that all such pauses of a task may take together.
      - Refusals because of a limit (C(QUERY_LIMIT_EXCEEDED), C(OPERATION_TIME_LIMIT)) count towards this only, not
        towards O(retries).
      - If not set, the value of the environment variable E(B24_RETRY_MAX_WAIT) is used.
    type: int
    default: 120
notes:
  - Proxies are taken from the environment variables E(HTTPS_PROXY), E(HTTP_PROXY) and E(NO_PROXY). The file C(~/.netrc)
    is not used.
"""
