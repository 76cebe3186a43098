#!/usr/bin/python
# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: portal_info
short_description: Tell what credentials may do on a Bitrix24 portal
version_added: 1.0.0
description:
  - The first task to run against a portal. Sends one request, changes nothing, and says in a sentence whether the
    credentials can read and write mail services.
  - Credentials that the portal refuses do not fail the task, since telling that is what it is for. A portal that does
    not answer does.
  - What cannot be known is null.
author:
  - The bitrix24.portal contributors (@bitrix24)
extends_documentation_fragment:
  - bitrix24.portal.connection
  - bitrix24.portal.attributes
  - bitrix24.portal.attributes.connected
  - bitrix24.portal.attributes.info
seealso:
  - module: bitrix24.portal.mailservice_info
"""

EXAMPLES = r"""
- name: Ask the portal who we are there
  bitrix24.portal.portal_info:
  register: me

- name: Stop here unless mail services can be managed
  ansible.builtin.assert:
    that: me.can_write is true
    fail_msg: "{{ me.verdict }}"
    success_msg: "{{ me.verdict }}"
"""

RETURN = r"""
verdict:
  description: What the credentials are good for, in one sentence.
  returned: success
  type: str
  sample: User 1 of portal.example.com is an administrator, and can read and write mail services.
host:
  description: The portal that was asked.
  returned: success
  type: str
  sample: portal.example.com
kind:
  description: The kind of credentials, V(webhook) or V(access_token).
  returned: success
  type: str
  sample: webhook
user:
  description: Whom the credentials belong to.
  returned: success
  type: dict
  contains:
    id:
      description: The user's ID on the portal.
      type: int
    admin:
      description: Whether they are an administrator of the portal.
      type: bool
  sample: {id: 1, admin: true}
scopes:
  description: What the credentials may use.
  returned: success
  type: list
  elements: str
  sample: [mailservice]
missing_scopes:
  description: What they would need beyond that.
  returned: success
  type: list
  elements: str
  sample: []
surplus_scopes:
  description: What they have and this collection does not need; the fewer, the better.
  returned: success
  type: list
  elements: str
  sample: [crm]
can_read:
  description: Whether mail services can be read.
  returned: success
  type: bool
  sample: true
can_write:
  description: Whether mail services can be written.
  returned: success
  type: bool
  sample: true
server_time:
  description: The portal's clock, in UTC.
  returned: success
  type: str
  sample: "2026-11-22T16:20:00Z"
clock_difference:
  description: Seconds by which the portal's clock is ahead of this machine's.
  returned: success
  type: float
  sample: 0.2
token_expires:
  description: When the access token expires, in UTC. Null where that is not known, and for webhooks.
  returned: success
  type: str
  sample: "2026-11-22T17:20:00Z"
error:
  description: The portal's code, or its authorization server's, where it refused the credentials, else null.
  returned: success
  type: str
  sample: INVALID_CREDENTIALS
advice:
  description: What to do about it, else null.
  returned: success
  type: str
  sample: Look the webhook up in the portal and set webhook_url anew.
api:
  description: What the task cost the portal. See the module M(bitrix24.portal.mailservice).
  returned: always, once a portal was asked
  type: dict
  sample: {requests: 1, retries: 0, throttled: 0, waited: 0.0, operating: 0.0, ids_searched: 0, icons_fetched: 0}
"""

from typing import Any

from ansible_collections.bitrix24.portal.plugins.module_utils._argspec import CONNECTION_SPEC
from ansible_collections.bitrix24.portal.plugins.module_utils._mailservice.access import examine
from ansible_collections.bitrix24.portal.plugins.module_utils._mailservice.session import open_portal
from ansible_collections.bitrix24.portal.plugins.module_utils._runner import Task, run_module

SPEC: dict[str, Any] = dict(argument_spec=CONNECTION_SPEC, supports_check_mode=True)


def run(task: Task) -> dict[str, Any]:
    with open_portal(task) as client:
        return dict(examine(client), changed=False, api=client.api)


def main() -> None:
    run_module(SPEC, run)


if __name__ == "__main__":
    main()
