#!/usr/bin/python
# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: mailservice
short_description: Manage one mail service of a Bitrix24 portal
version_added: 1.0.0
description:
  - Creates, changes, renames, activates, deactivates or deletes one mail service, and tells what that does to the
    mailboxes that employees connected with it.
  - An option that is left out, or null, leaves the portal's value as it is. Templates can turn null into an empty text;
    use the variable C(omit) instead.
  - A value that the portal has already is right, whatever it is; only what would have to be written must keep to the
    limits below.
  - To manage many services of a portal, use M(bitrix24.portal.mailservice_set), which takes two requests for all of
    them.
author:
  - The bitrix24.portal contributors (@bitrix24)
extends_documentation_fragment:
  - bitrix24.portal.connection
  - bitrix24.portal.attributes
  - bitrix24.portal.attributes.connected
  - bitrix24.portal.attributes.assert
  - bitrix24.portal.lookahead
  - bitrix24.portal.guards
  - bitrix24.portal.icons
  - bitrix24.portal.verify
options:
  state:
    description:
      - Whether the service shall be there.
      - V(absent) deletes it. Deactivating it with O(active=false) is gentler; see RV(effects).
    type: str
    choices: [present, absent]
    default: present
  id:
    description:
      - The ID of the service. Needed where several services have one name, and the cheapest way to name an inactive
        one.
      - With O(state=present), O(name) is then the name that the service shall have. With O(state=absent), a O(name)
        beside it must match.
    type: int
  name:
    description:
      - The name that employees see; case and blanks count. Without O(id) it tells which service is meant.
      - Some names are keys to the portal. V(gmail), V(yandex), V(mail.ru), V(office365), V(outlook.com) and
        V(exchangeOnline) switch on the portal's own sign-in for that provider.
    type: str
  preset:
    description:
      - A provider of the collection's catalogue (C(docs/catalogue.md)), such as V(gmail). It fills in O(name),
        O(server), O(port), O(encryption) and O(link), each unless it is given here. With O(state=absent) it fills in
        O(name) alone.
      - It sets no SMTP server, since REST cannot. Where the portal came with the provider, its own service has one;
        a service that is made here has not.
    type: str
  previous_names:
    description:
      - Names that the service had before. Where no service is called O(name) and exactly one has one of these, that one
        is renamed, so that its mailboxes stay with it. Heeded with O(state=present) only.
    type: list
    elements: str
  allow_similar_name:
    description:
      - Create the service although one is there whose name differs from O(name) only in case, in blanks or in
        Unicode form (NFC).
      - Without it such a creation is refused, unless O(previous_names) says what the service was called, since most
        likely the one that is there is meant. A service that is there is always found by its exact name or its ID.
    type: bool
  active:
    description:
      - Whether employees can choose the service. A new service is active unless this says otherwise.
      - Left out, an inactive service stays inactive, with a warning.
    type: bool
  server:
    description:
      - The IMAP server. Compared and sent in lower case, as the portal stores it.
      - An empty text means unset. The portal cannot unset a server that it has, so that is an error then.
    type: str
  port:
    description: The IMAP port, 1 to 65535.
    type: int
  encryption:
    description: Whether the connection is encrypted. A new service is, unless this says otherwise.
    type: bool
  link:
    description:
      - The address of the web interface.
      - An empty text means unset. The portal cannot unset a link that it has, so that is an error then.
    type: str
  sort:
    description: The place in the list, 1 to 2147483647; lower comes first. The portal gives a new service 100.
    type: int
  site_id: &asserted
    description:
      - Read only. What M(bitrix24.portal.mailservice_info) returned may be given back as it is. A value that differs
        from the portal's is an error, since REST has no way to set it.
    type: str
  icon: *asserted
  icon_file:
    description:
      - A new image for the service leaves the former one on the portal's disk for good, where whoever knows its address
        can fetch it. REST has no way to delete it.
      - An image that employees see when they connect a mailbox. It is PNG, JPEG, GIF, WebP or BMP, of 1 MiB at most, in
        a file whose name ends as that type's do. One that is cut off is refused, since the portal would store it so.
      - The file is looked for on the controller as C(src) of M(ansible.builtin.copy) is, in C(files) of the role and
        beside the playbook.
      - The image that the service has is fetched and compared byte by byte, and nothing is sent where it is the same.
        The request carries no credentials. Where the image cannot be fetched, it is left alone with a warning; see
        O(icon_force).
      - An empty text removes an icon that was uploaded. A service with one of the portal's own names, such as V(gmail),
        has its built-in icon again then.
      - It cannot stand beside O(icon).
    type: str
  icon_force:
    description:
      - Send O(icon_file) also where the icon that the service has cannot be fetched, and so cannot be compared.
      - As long as that is so, every run sends it.
    type: bool
  smtp_server: *asserted
  smtp_port:
    description: Read only, as O(site_id).
    type: int
  smtp_login_as_imap: &asserted_flag
    description: Read only, as O(site_id).
    type: bool
  smtp_password_as_imap: *asserted_flag
  smtp_encryption: *asserted_flag
  upload_outgoing: *asserted_flag
seealso:
  - module: bitrix24.portal.mailservice_info
  - module: bitrix24.portal.mailservice_set
"""

EXAMPLES = r"""
- name: Offer the company's own mail server
  bitrix24.portal.mailservice:
    name: Company mail
    server: imap.example.com
    port: 993
    encryption: true
    link: https://mail.example.com/

- name: Offer a provider from the catalogue, under a name of our own
  bitrix24.portal.mailservice:
    preset: gmx.net
    name: GMX for the field staff

- name: Rename it; employees' mailboxes stay connected
  bitrix24.portal.mailservice:
    name: Example mail
    previous_names: [Company mail]

- name: Give it the logo in files/company.png beside the playbook
  bitrix24.portal.mailservice:
    name: Example mail
    icon_file: company.png

- name: Take it off the list without deleting it
  bitrix24.portal.mailservice:
    name: Example mail
    active: false

- name: Delete it, and show what that does to employees' mailboxes
  bitrix24.portal.mailservice:
    name: Example mail
    state: absent
  register: deleted

- name: Show the effects
  ansible.builtin.debug:
    var: deleted.effects
"""

RETURN = r"""
mailservice:
  description:
    - The service as it is afterwards, or in check mode would be, with the keys that M(bitrix24.portal.mailservice_info)
      returns.
    - Null where there is none. The id is null for a service that check mode would create.
  returned: always, once the portal was read
  type: dict
  sample: &service
    id: 7
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
changes:
  description: The names of the options that differed; for a deletion empty.
  returned: always, once the portal was read
  type: list
  elements: str
  sample: [port]
diff:
  description:
    - What C(--diff) prints, for people. First what differs before and after, by service, then what that does to the
      mailboxes that employees connected. Empty where nothing differs.
    - Only what was written, or in check mode would be. Playbooks find it as values in RV(mailservice) and RV(effects).
  returned: always, once the portal was read
  type: list
  elements: dict
  contains:
    before_header:
      description: What the text is about.
      type: str
    after_header:
      description: The same.
      type: str
    before:
      description: The services as YAML, each with what differs, as it was.
      type: str
    after:
      description: The same as it is afterwards.
      type: str
    prepared:
      description: The effects, a line each.
      type: str
  sample:
    - before_header: mail services of portal.example.com
      after_header: mail services of portal.example.com
      before: |
        "Company mail (id 7)":
          port: 143
      after: |
        "Company mail (id 7)":
          port: 993
    - prepared: |
        What that does to mailboxes on portal.example.com:
          'Company mail' (id 7): The new port is copied to every mailbox connected with this service.
effects:
  description:
    - What the task does to the mailboxes that employees connected with the service. How many there are is unknown to
      REST.
    - Each that has no way back is a warning as well.
  returned: always, once the portal was read
  type: list
  elements: dict
  contains: &effect
    service:
      description: The name of the service.
      type: str
    id:
      description: The ID of the service.
      type: int
    action:
      description: V(updated), V(moved), V(switched_off), V(cut_loose) or V(switched_on).
      type: str
    to:
      description: The catch-all that the mailboxes move to.
      type: str
    reversible:
      description: Whether there is a way back over REST.
      type: bool
    text:
      description: The same in a sentence that names the service.
      type: str
  sample:
    - service: Company mail
      id: 7
      action: moved
      to: Other
      reversible: false
      text: Mailboxes connected with 'Company mail' move to the catch-all 'Other' and stay on; activating the service
        again does not bring them back.
probes:
  description:
    - What was seen of the server, as RV(bitrix24.portal.mailservice_probe#module:endpoints); empty where the task does
      not change it.
  returned: with O(verify=warn) or O(verify=fail), once the portal was read
  type: list
  elements: dict
  sample:
    - endpoint: imap.example.com:993
      protocol: imap
      server: imap.example.com
      port: 993
      encryption: true
      services: [Company mail]
      verdict: failed
      reason: name does not resolve
      code: no_such_name
      more: []
host:
  description: The portal that the connection leads to, with the port and the base path where it has them.
  returned: always, once the portal was asked
  type: str
  sample: portal.example.com
api:
  description: What the task cost the portal.
  returned: always, once the portal was asked
  type: dict
  contains:
    requests:
      description: Requests that were sent.
      type: int
    retries:
      description: Requests that were sent again.
      type: int
    throttled:
      description: Answers that said to come back later.
      type: int
    waited:
      description: Seconds spent waiting.
      type: float
    operating:
      description: Seconds of the portal's own time, where it tells them.
      type: float
    ids_searched:
      description: IDs that were asked for one by one.
      type: int
    icons_fetched:
      description: Images that were fetched, of which RV(api.requests) does not tell.
      type: int
  sample: {requests: 2, retries: 0, throttled: 0, waited: 0.0, operating: null, ids_searched: 0, icons_fetched: 0}
error:
  description: The portal's code of what went wrong, or one of this collection's in lower case.
  returned: when the portal refused or did not answer
  type: str
  sample: ERROR_CORE
method:
  description: The REST method that failed.
  returned: when the portal refused or did not answer
  type: str
  sample: mailservice.update
error_description:
  description: The portal's own text, in the portal's language.
  returned: when the portal refused
  type: str
  sample: Access denied.
advice:
  description: What to do about it.
  returned: when the portal refused or did not answer
  type: str
  sample: Use the webhook of an administrator.
causes:
  description: Why the task was refused, as values; what M(bitrix24.portal.mailservice_set) returns.
  returned: when the task was refused
  type: list
  elements: dict
  sample:
    - kind: wrong_host
      entry: null
      message: the connection leads to a.example.com, expected_host is b.example.com; nothing was sent
      parts: {host: a.example.com, expected: b.example.com, credentials: webhook}
"""

from typing import Any

from ansible_collections.bitrix24.portal.plugins.module_utils._argspec import (
    CONNECTION_SPEC,
    ENTRY_SPEC,
    GUARDS_SPEC,
    ICONS_SPEC,
    LOOKAHEAD_SPEC,
    VERIFY_SPEC,
)
from ansible_collections.bitrix24.portal.plugins.module_utils._mailservice.reconcile import reconcile
from ansible_collections.bitrix24.portal.plugins.module_utils._planning.limits import Limits
from ansible_collections.bitrix24.portal.plugins.module_utils._runner import Task, run_module

SPEC: dict[str, Any] = dict(
    argument_spec=dict(
        CONNECTION_SPEC,
        **dict(ENTRY_SPEC, **dict(GUARDS_SPEC, **dict(LOOKAHEAD_SPEC, **dict(ICONS_SPEC, **VERIFY_SPEC)))),
    ),
    required_one_of=[("id", "name", "preset")],
    supports_check_mode=True,
)


def run(task: Task) -> dict[str, Any]:
    entry = {option: task.params[option] for option in ENTRY_SPEC}
    limits = Limits(**{option: task.params[option] for option in GUARDS_SPEC})
    return reconcile(task, [entry], limits, single=True)


def main() -> None:
    run_module(SPEC, run)


if __name__ == "__main__":
    main()
