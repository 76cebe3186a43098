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
      - Either this, or O(portal_url) and O(access_token). Null or an empty text counts as not given.
      - Plain V(http://) is refused, except for an address of this machine itself (V(127.0.0.0/8), V(::1),
        V(localhost)).
      - If neither this option nor O(portal_url) nor O(access_token) is set, the value of the environment variable
        E(B24_WEBHOOK_URL) is used. What a task gives goes before the environment, whichever kind of credentials it is.
    type: str
  portal_url:
    description:
      - The portal's address, for use with O(access_token). A port, a base path and V(/rest/) at the end may be there.
      - If not set, and O(webhook_url) is not set either, the value of the environment variable E(B24_PORTAL_URL) is
        used.
    type: str
  access_token:
    description:
      - An OAuth access token of an application that is installed on the portal O(portal_url).
      - It lives one hour and is not renewed here.
      - If not set, and O(webhook_url) is not set either, the value of the environment variable E(B24_ACCESS_TOKEN) is
        used.
    type: str
  expected_host:
    description:
      - The host that the connection is supposed to lead to. If it leads elsewhere, the task fails before it sends
        anything.
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
