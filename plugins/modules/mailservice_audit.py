#!/usr/bin/python
# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: mailservice_audit
short_description: Compare the mail services of a Bitrix24 portal with what is wanted
version_added: 1.0.0
description:
  - Tells how a portal differs from what is wanted of it, and what else is worth a look. Writes nothing to the portal.
  - Without inactive services it sends one request, with them one more for each 50 IDs that the list did not show.
  - A portal that cannot be read, and a wanted set that asks for what cannot be done, fail the task; it returns what it
    found all the same. Drift does not fail it.
  - M(bitrix24.portal.mailservice_report) makes a report of the results of many portals. The role
    P(bitrix24.portal.mailservice_audit#role) does both.
author:
  - The bitrix24.portal contributors (@bitrix24)
extends_documentation_fragment:
  - bitrix24.portal.connection
  - bitrix24.portal.attributes
  - bitrix24.portal.attributes.connected
  - bitrix24.portal.attributes.info
  - bitrix24.portal.lookahead
  - bitrix24.portal.icons
options:
  mailservices:
    description:
      - What is wanted, the entries that M(bitrix24.portal.mailservice_set) takes.
      - An entry that cannot be becomes a finding of its own, and hides nothing else. But an C(icon_file) that is not
        there fails the task.
      - Where entries have an C(icon_file), the icons of their services are fetched, one request each, and compared.
    type: list
    elements: raw
    default: []
  baseline:
    description:
      - Entries that O(mailservices) go over, as in M(bitrix24.portal.mailservice_set). With it, an entry of either that
        is none fails the task.
    type: list
    elements: dict
  allow_empty:
    description: Whether neither O(mailservices) nor O(baseline) need have an entry, where O(baseline) is given.
    type: bool
    default: false
  protect:
    description:
      - Names of services that may be there without being wanted; V(*) stands for any text.
      - The catch-all and the service V(bitrix24) always may.
    type: list
    elements: str
    default: []
  protect_ids:
    description: IDs of services that may be there without being wanted.
    type: list
    elements: int
    default: []
  include_inactive:
    description: Look for inactive services too; see O(inactive_lookahead).
    type: bool
    default: true
  webhook_expires:
    description: The day on which the webhook runs out, for example V(2027-03-31), for the report.
    type: str
  verify:
    description:
      - Whether to look at the IMAP servers of the portal's active services, from where the task runs, as
        M(bitrix24.portal.mailservice_probe) does. V(warn) makes what is not as it should be a finding, whether the
        services are wanted or not.
      - Authorities in O(ca_path) are trusted beside those of the system.
    type: str
    choices: [none, warn]
    default: none
  verify_timeout:
    description: Seconds for each server and port, 1 to 300.
    type: int
    default: 10
  certificate_warn_days:
    description: A server's certificate that expires in fewer days than these is a finding.
    type: int
    default: 14
seealso:
  - module: bitrix24.portal.mailservice_probe
  - module: bitrix24.portal.mailservice_report
  - module: bitrix24.portal.mailservice_set
"""

EXAMPLES = r"""
- name: Compare the portal with what is wanted
  bitrix24.portal.mailservice_audit:
    mailservices:
      - name: Company mail
        server: imap.example.com
        port: 993
    protect: ["Partner *"]
  register: audited

- name: Say what has drifted
  ansible.builtin.debug:
    msg: "{{ audited.findings | selectattr('severity', 'equalto', 'drift') | map(attribute='text') | list }}"
  when: audited.drifted
"""

RETURN = r"""
host:
  description: The portal that was asked; null where it is not known.
  returned: always
  type: str
  sample: portal.example.com
drifted:
  description: Whether a reconciliation would write something, or could not.
  returned: always
  type: bool
  sample: true
findings:
  description: What was found. Empty where the portal could not be read.
  returned: always
  type: list
  elements: dict
  contains:
    kind:
      description:
        - V(missing), V(changed), V(inactive), V(extra), V(near_match), V(duplicated), V(refused), V(no_catch_all),
          V(removal_hurts), V(surplus_rights), or with O(verify=warn) V(server_failed) or V(server_warning).
      type: str
      sample: changed
    severity:
      description: V(drift), V(warning), V(note), or of a server that cannot be used V(error).
      type: str
      sample: drift
    service:
      description: The name of the service on the portal, of a missing one the wanted name; null for the portal itself.
      type: str
      sample: Company mail
    id:
      description: The ID of the service, null where there is none.
      type: int
      sample: 7
    text:
      description: What it is, in a sentence.
      type: str
      sample: Its port is not as wanted.
    fields:
      description: The options that differ, each with what the portal has and what is wanted.
      type: list
      elements: dict
      sample: [{field: port, before: 143, after: 993}]
      contains:
        field:
          description: The name of the option.
          type: str
        before:
          description: What the portal has.
          type: raw
        after:
          description: What is wanted.
          type: raw
    effects:
      description: What putting it right would do to mailboxes that are connected.
      type: list
      elements: str
      sample: []
    no_way_back:
      description: Those of RV(findings[].effects) that REST cannot undo.
      type: list
      elements: str
      sample: []
    wanted:
      description: The wanted name of the service.
      returned: where RV(findings[].kind) is V(near_match)
      type: str
      sample: Company mail
    code:
      description: What is the matter with the server, as RV(bitrix24.portal.mailservice_probe#module:endpoints[].code).
      returned: where RV(findings[].kind) is V(server_failed) or V(server_warning)
      type: str
      sample: certificate_expires
    ids:
      description: The IDs of all services of the name.
      returned: where RV(findings[].kind) is V(duplicated)
      type: list
      elements: int
      sample: [7, 12]
  sample:
    - kind: changed
      severity: drift
      service: Company mail
      id: 7
      text: Its port is not as wanted.
      fields: [{field: port, before: 143, after: 993}]
      effects: []
      no_way_back: []
services:
  description: The services of the portal and the wanted ones that are missing, by name.
  returned: always
  type: list
  elements: dict
  contains:
    name:
      description: The name, of a missing one the wanted name.
      type: str
      sample: Company mail
    id:
      description: The ID, null for a missing one.
      type: int
      sample: 7
    managed:
      description: Whether an entry means it.
      type: bool
      sample: true
    active:
      description: Whether employees can choose it.
      type: bool
      sample: true
    server:
      description: The IMAP server; null where unset.
      type: str
      sample: imap.example.com
    port:
      description: The IMAP port; null where unset.
      type: int
      sample: 143
    encryption:
      description: Whether the connection is encrypted; null where unset.
      type: bool
      sample: true
    link:
      description: The address of the web interface; null where unset.
      type: str
      sample: https://mail.example.com/
    sort:
      description: The place in the list.
      type: int
      sample: 100
  sample:
    - name: Company mail
      id: 7
      managed: true
      active: true
      server: imap.example.com
      port: 143
      encryption: true
      link: https://mail.example.com/
      sort: 100
servers:
  description:
    - What was seen of the servers of active services, each server and port once. Null where nobody looked.
  returned: always
  type: list
  elements: dict
  contains:
    endpoint: &of_probe
      description: See RV(bitrix24.portal.mailservice_probe#module:endpoints).
      type: str
    protocol: *of_probe
    server: *of_probe
    port:
      description: The port.
      type: int
    encryption:
      description: Whether TLS begins at once.
      type: bool
    verdict: *of_probe
    reason: *of_probe
    code: *of_probe
    more:
      description: What else there is to tell.
      type: list
      elements: str
    certificate_expires:
      description: When the server's certificate expires, in UTC; null where there is none.
      type: str
    seen_from:
      description: The name of the machine that looked.
      type: str
    services:
      description: The names of the services that name it.
      type: list
      elements: str
    ids:
      description: Their IDs, in the same order.
      type: list
      elements: int
  sample:
    - endpoint: imap.example.com:993
      protocol: imap
      server: imap.example.com
      port: 993
      encryption: true
      verdict: warning
      reason: certificate expires in 9 days (2026-12-08)
      code: certificate_expires
      more: []
      certificate_expires: "2026-12-08T23:59:59Z"
      seen_from: ansible.example.com
      services: [Company mail]
      ids: [7]
credentials:
  description: What is known of the credentials; null stands for what is not.
  returned: always
  type: dict
  contains:
    kind:
      description: V(webhook) or V(access_token).
      type: str
      sample: webhook
    user_id:
      description: The ID of the user whose they are.
      type: int
      sample: 1
    admin:
      description: Whether that is an administrator.
      type: bool
      sample: false
    can_write:
      description: Whether mail services can be written with them.
      type: bool
      sample: false
    surplus_scopes:
      description: The scopes that they have and that mail services do not need.
      type: list
      elements: str
      sample: []
    webhook_expires:
      description: What O(webhook_expires) says.
      type: str
      sample: "2027-03-31"
  sample: {kind: webhook, user_id: 1, admin: false, can_write: false, surplus_scopes: [], webhook_expires: "2027-03-31"}
catch_all:
  description: The names of the active services that take over the mailboxes of those that are taken away; V(bitrix24)
    takes those of deleted ones only.
  returned: always
  type: list
  elements: str
  sample: [Other]
reason:
  description: Why the portal could not be read; null where it was.
  returned: always
  type: dict
  contains:
    kind:
      description: V(unauthorised) where the portal does not take the credentials, else V(unreachable).
      type: str
      sample: unreachable
    code:
      description: The portal's code, or one of this collection's in lower case.
      type: str
      sample: timed_out
    throttled:
      description: Whether a limit of the portal is the reason.
      type: bool
      sample: false
    text:
      description: What happened, in one line.
      type: str
      sample: "batch on portal.example.com: no answer within 30 seconds."
    advice:
      description: What to do about it; null where nothing is known.
      type: str
      sample: Raise timeout, or run again when the portal is less busy.
  sample:
    kind: unreachable
    code: timed_out
    throttled: false
    text: "batch on portal.example.com: no answer within 30 seconds."
    advice: Raise timeout, or run again when the portal is less busy.
api:
  description: What the task cost the portal. See the module M(bitrix24.portal.mailservice).
  returned: always, once a portal was asked
  type: dict
  sample: {requests: 2, retries: 0, throttled: 0, waited: 0.0, operating: 0.0, ids_searched: 50, icons_fetched: 0}
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
    ICONS_SPEC,
    LOOKAHEAD_SPEC,
    PROTECT_SPEC,
    VERIFY_SPEC,
)
from ansible_collections.bitrix24.portal.plugins.module_utils._audit.audit import (
    audited,
    refusals,
    unauthorised,
    unreachable,
    unread,
)
from ansible_collections.bitrix24.portal.plugins.module_utils._audit.entries import read_wanted
from ansible_collections.bitrix24.portal.plugins.module_utils._mailservice.access import examine_and_list
from ansible_collections.bitrix24.portal.plugins.module_utils._mailservice.icons import read_icons
from ansible_collections.bitrix24.portal.plugins.module_utils._mailservice.servers import servers_of, settings_of
from ansible_collections.bitrix24.portal.plugins.module_utils._mailservice.session import (
    make_reader,
    open_portal,
    refuse_baseline,
)
from ansible_collections.bitrix24.portal.plugins.module_utils._planning.icon import PresentIcon
from ansible_collections.bitrix24.portal.plugins.module_utils._planning.matching import CurrentState
from ansible_collections.bitrix24.portal.plugins.module_utils._planning.model import MailService
from ansible_collections.bitrix24.portal.plugins.module_utils._probe.probe import BadProbeOption
from ansible_collections.bitrix24.portal.plugins.module_utils._rest.client import Client
from ansible_collections.bitrix24.portal.plugins.module_utils._rest.errors import OptionError
from ansible_collections.bitrix24.portal.plugins.module_utils._runner import Task, TaskFailed, run_module

SPEC: dict[str, Any] = dict(
    argument_spec=dict(
        CONNECTION_SPEC,
        # Of any kind: one that cannot be is a finding, where Ansible would refuse them all.
        mailservices=dict(type="list", elements="raw", default=[]),
        baseline=dict(type="list", elements="dict"),
        allow_empty=dict(type="bool", default=False),
        include_inactive=dict(type="bool", default=True),
        webhook_expires=dict(type="str"),
        verify=dict(type="str", choices=["none", "warn"], default="none"),
        verify_timeout=VERIFY_SPEC["verify_timeout"],
        certificate_warn_days=dict(type="int", default=14),
        **dict(PROTECT_SPEC, **dict(LOOKAHEAD_SPEC, **ICONS_SPEC)),
    ),
    supports_check_mode=True,
)


def run(task: Task) -> dict[str, Any]:
    refuse_baseline(task)
    params = task.params
    identity: dict[str, Any] = {}
    try:
        with open_portal(task) as client:
            identity = {"host": client.host}
            reader = make_reader(task, client)
            identity, services = examine_and_list(client, reader)
            if services is not None and params["include_inactive"]:
                services = reader.find_inactive(CurrentState(services)).services
            icons = _icons(client, params, services or [])
    except (TaskFailed, OptionError) as failure:
        told = failure.result if isinstance(failure, TaskFailed) else {"causes": failure.causes}
        known = dict(told, msg=str(failure))
        part = unread(unreachable(known), identity, params["webhook_expires"])
        more = {key: known[key] for key in ("api", "causes") if known.get(key)}
        raise TaskFailed(known["msg"], changed=False, **more, **part) from failure
    if services is None:
        part = unread(unauthorised(identity), identity, params["webhook_expires"])
        raise TaskFailed(identity["verdict"], changed=False, api=client.api, **part)
    servers = None
    if params["verify"] != "none":
        try:
            servers = servers_of(services, settings_of(task, warn_days=params["certificate_warn_days"]))
        except BadProbeOption as problem:
            raise TaskFailed(str(problem), changed=False, api=client.api) from problem
    part = audited(
        identity,
        params["mailservices"],
        [service.to_user() for service in services],
        params["protect"],
        params["protect_ids"],
        params["webhook_expires"],
        servers,
        params["icon_contents"],
        icons,
    )
    refused = refusals(part)
    if refused:
        raise TaskFailed(refused, changed=False, api=client.api, **part)
    return dict(part, changed=False, api=client.api)


def _icons(client: Client, params: dict[str, Any], services: list[MailService]) -> dict[int, PresentIcon]:
    """By ID the icons that the wanted set speaks of."""
    if not any(isinstance(entry, dict) and entry.get("icon_file") is not None for entry in params["mailservices"]):
        return {}
    current = CurrentState(services)
    return read_icons(client, read_wanted(params["mailservices"], current, params["icon_contents"])[0], current)


def main() -> None:
    run_module(SPEC, run)


if __name__ == "__main__":
    main()
