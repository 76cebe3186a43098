#!/usr/bin/python
# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: mailservice_info
short_description: Read the mail services of a Bitrix24 portal
version_added: 1.0.0
description:
  - Reads the mail services that a portal offers its employees to connect their mailboxes with.
  - The portal lists active services only. Inactive ones can be read by O(id), or are looked for with
    O(include_inactive=true).
  - A portal without active services gives an empty list, not an error.
author:
  - The bitrix24.portal contributors (@bitrix24)
extends_documentation_fragment:
  - bitrix24.portal.connection
  - bitrix24.portal.attributes
  - bitrix24.portal.attributes.connected
  - bitrix24.portal.attributes.info
  - bitrix24.portal.lookahead
options:
  id:
    description:
      - Read the service with this ID only, active or not.
      - Together with O(name), both must match.
    type: int
  name:
    description:
      - Read the services of exactly this name only; case and blanks count. A portal may have several of one name.
      - Without O(id), inactive ones are found with O(include_inactive=true) only.
    type: str
  include_inactive:
    description:
      - Look for inactive services too. The portal shows them one by one only, so this asks for every ID that the list
        did not show, 50 to a request; see O(inactive_lookahead).
    type: bool
    default: false
  labels:
    description:
      - Also return the portal's own labels of the fields, in the portal's language. Costs one request more.
    type: bool
    default: false
seealso:
  - module: bitrix24.portal.mailservice
  - module: bitrix24.portal.mailservice_set
"""

EXAMPLES = r"""
- name: Read the active mail services
  bitrix24.portal.mailservice_info:
  register: present

- name: Show which providers employees can choose
  ansible.builtin.debug:
    msg: "{{ present.mailservices | map(attribute='name') | list }}"

- name: Read one service by its ID, active or not
  bitrix24.portal.mailservice_info:
    id: 1

- name: Read everything there is, inactive services included
  bitrix24.portal.mailservice_info:
    include_inactive: true
    labels: true
"""

RETURN = r"""
mailservices:
  description:
    - The services that were asked for, the active ones in the portal's order, then the inactive ones by ID.
  returned: success
  type: list
  elements: dict
  sample:
    - id: 7
      site_id: s1
      active: true
      sort: 100
      name: Company mail
      server: imap.example.com
      port: 993
      encryption: true
      link: https://mail.example.com/
      icon: null
      smtp_server: null
      smtp_port: null
      smtp_login_as_imap: false
      smtp_password_as_imap: false
      smtp_encryption: null
      upload_outgoing: null
  contains:
    id:
      description: The ID of the service.
      type: int
      sample: 7
    site_id:
      description: The site of the portal that the service belongs to. Read only.
      type: str
      sample: s1
    active:
      description: Whether employees can choose the service.
      type: bool
      sample: true
    sort:
      description: The place in the list; lower comes first.
      type: int
      sample: 100
    name:
      description: The name that employees see.
      type: str
      sample: Company mail
    server:
      description: The IMAP server in lower case; null where unset.
      type: str
      sample: imap.example.com
    port:
      description: The IMAP port; null where unset.
      type: int
      sample: 993
    encryption:
      description: Whether the connection is encrypted; null where unset.
      type: bool
      sample: true
    link:
      description: The address of the web interface; null where unset.
      type: str
      sample: https://mail.example.com/
    icon:
      description: The path or address of the icon; null where there is none. Read only.
      type: str
      sample: /bitrix/images/mail/mailservice-icon/post-gmail-icon.svg
    smtp_server:
      description: The SMTP server of a service that came with the portal; null where unset. Read only.
      type: str
      sample: smtp.example.com
    smtp_port:
      description: The SMTP port; null where unset. Read only.
      type: int
      sample: 465
    smtp_login_as_imap:
      description: Whether SMTP takes the IMAP login. Read only.
      type: bool
      sample: false
    smtp_password_as_imap:
      description: Whether SMTP takes the IMAP password. Read only.
      type: bool
      sample: false
    smtp_encryption:
      description: Whether SMTP is encrypted; null where unset. Read only.
      type: bool
      sample: true
    upload_outgoing:
      description: Whether outgoing mail is stored on the server; null where unset. Read only.
      type: bool
      sample: false
labels:
  description: The portal's own labels of the fields, in the portal's language.
  returned: when O(labels=true)
  type: dict
  sample:
    name: Name
    server: Server address
host:
  description: The portal that was read.
  returned: always, once the portal was asked
  type: str
  sample: portal.example.com
api:
  description: What the task cost the portal. See the module M(bitrix24.portal.mailservice).
  returned: always, once a portal was asked
  type: dict
  sample: {requests: 1, retries: 0, throttled: 0, waited: 0.0, operating: null, ids_searched: 0, icons_fetched: 0}
"""

from typing import Any

from ansible_collections.bitrix24.portal.plugins.module_utils._argspec import CONNECTION_SPEC, LOOKAHEAD_SPEC
from ansible_collections.bitrix24.portal.plugins.module_utils._mailservice.session import make_reader, open_portal
from ansible_collections.bitrix24.portal.plugins.module_utils._planning.matching import CurrentState
from ansible_collections.bitrix24.portal.plugins.module_utils._runner import Task, TaskFailed, run_module

SPEC: dict[str, Any] = dict(
    argument_spec=dict(
        CONNECTION_SPEC,
        id=dict(type="int"),
        name=dict(type="str"),
        include_inactive=dict(type="bool", default=False),
        labels=dict(type="bool", default=False),
        **LOOKAHEAD_SPEC,
    ),
    supports_check_mode=True,
)


def run(task: Task) -> dict[str, Any]:
    params = task.params
    if params["id"] is not None and params["id"] < 1:
        raise TaskFailed("id must be a whole number of 1 or more")
    with open_portal(task) as client:
        reader = make_reader(task, client)
        if params["id"] is not None:
            services = reader.get_by_ids([params["id"]])
        else:
            services = reader.active()
            if params["include_inactive"]:
                services = reader.find_inactive(CurrentState(services)).services
        if params["name"] is not None:
            services = [service for service in services if service.name == params["name"]]
        result = dict(changed=False, mailservices=[service.to_user() for service in services], host=client.host)
        if params["labels"]:
            result["labels"] = reader.labels()
        result["api"] = client.api
        return result


def main() -> None:
    run_module(SPEC, run)


if __name__ == "__main__":
    main()
