#!/usr/bin/python
# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: mailservice_probe
short_description: Tell whether the servers of mail services answer as they should
version_added: 1.0.0
description:
  - A portal stores any server name and any port. This connects to them as a mail client would, looks at what answers,
    and says of each whether employees could use it. It changes nothing, and asks no portal.
  - It never logs in and sends no credentials. It resolves the name, connects, makes TLS, checks the certificate, reads
    what the server offers, and takes its leave.
  - It looks from where the task runs. What the portal itself can reach may be something else, since a cloud portal sees
    no server that only the company's network knows.
  - Each server and port is looked at once, whatever services name it. In a run of many hosts whose tasks run in
    Ansible's own process, as they do with O(ignore:connection=local), it is looked at once for all of them. Connections
    to one server begin a second apart, since mail servers ban who comes too often.
author:
  - The bitrix24.portal contributors (@bitrix24)
extends_documentation_fragment:
  - bitrix24.portal.attributes
  - bitrix24.portal.attributes.info
options:
  mailservices:
    description:
      - The services whose servers to look at, such as C(mailservices) as M(bitrix24.portal.mailservice_info) returns
        them, or a list of one's own. Of each the options C(name), C(server), C(port) and C(encryption) count; with
        O(smtp=true), C(smtp_server), C(smtp_port) and C(smtp_encryption) as well. Others are ignored.
      - A service without a server, such as the catch-all, is left out. One with a C(preset), as
        M(bitrix24.portal.mailservice) takes it, has that provider's.
      - With C(encryption) true, TLS begins with the first byte. Else the connection begins plain, and goes on with
        STARTTLS where the server offers it.
      - Where no port is given, it is the protocol's own. That is 993 or 143 for IMAP, 465 or 587 for SMTP.
    type: list
    elements: dict
    required: true
  smtp:
    description: Look at the SMTP servers as well, where services have one.
    type: bool
    default: false
  timeout:
    description: Seconds for each server and port, from looking up its name to the end; 1 to 300.
    type: int
    default: 10
  certificate_warn_days:
    description: A certificate that expires in fewer days than these is a warning.
    type: int
    default: 14
  ca_path:
    description: A file or a folder of certificate authorities that are trusted beside those of the system.
    type: path
seealso:
  - module: bitrix24.portal.mailservice_info
  - module: bitrix24.portal.mailservice_set
"""

EXAMPLES = r"""
- name: Read the active mail services
  bitrix24.portal.mailservice_info:
  register: present

- name: See whether their servers answer
  bitrix24.portal.mailservice_probe:
    mailservices: "{{ present.mailservices }}"
    timeout: 5
  register: probed

- name: Show what is not as it should be
  ansible.builtin.debug:
    msg: "{{ item.services | join(', ') }}, {{ item.endpoint }}: {{ item.reason }}"
  loop: "{{ probed.endpoints | rejectattr('verdict', 'equalto', 'ok') }}"
  loop_control:
    label: "{{ item.endpoint }}"

- name: Look at a server before it is given to anybody, its SMTP side as well
  bitrix24.portal.mailservice_probe:
    mailservices:
      - name: Company mail
        server: imap.example.com
        port: 993
        encryption: true
        smtp_server: smtp.example.com
        smtp_port: 465
        smtp_encryption: true
    smtp: true
    timeout: 5
"""

RETURN = r"""
endpoints:
  description: What was seen, one entry for each server and port, in the order of the services.
  returned: success
  type: list
  elements: dict
  contains:
    endpoint:
      description: Server and port, for people.
      type: str
      sample: imap.example.com:993
    protocol:
      description: V(imap) or V(smtp).
      type: str
      sample: imap
    server:
      description: The server, in lower case.
      type: str
      sample: imap.example.com
    port:
      description: The port.
      type: int
      sample: 993
    encryption:
      description: Whether TLS begins at once.
      type: bool
      sample: true
    services:
      description: The names of the services that name it.
      type: list
      elements: str
      sample: [Company mail]
    verdict:
      description:
        - V(ok), V(warning) or V(failed). Whoever V(failed) cannot be used as it is given.
      type: str
      sample: warning
    reason:
      description: Why, in words; the weightiest thing where there are several.
      type: str
      sample: certificate expires in 9 days (2026-12-08)
    code:
      description:
        - The same for playbooks. V(ok); of a warning V(old_tls), V(certificate_expires), V(certificate_weak),
          V(cleartext), V(plain_login), V(no_passwords), V(dead_address) or V(slow).
        - Of a failure, of the name and the network V(bad_name), V(bad_port), V(no_such_name), V(no_name_server),
          V(refused), V(no_connection), V(unreachable), V(timed_out), V(closed) or V(too_much); of the protocol
          V(wrong_protocol), V(turned_away) or V(login_disabled); of TLS V(not_tls), V(speaks_tls), V(tls_failed),
          V(starttls_refused), V(starttls_injected) or V(starttls_no_tls); of the certificate V(certificate_expired),
          V(certificate_not_yet_valid), V(certificate_wrong_name), V(certificate_self_signed),
          V(certificate_unknown_authority) or V(certificate_untrusted).
      type: str
      sample: certificate_expires
    more:
      description: What else there is to tell, less weighty than RV(endpoints[].reason).
      type: list
      elements: str
      sample: []
    addresses:
      description:
        - The addresses of the name, each with what became of connecting to it. That is V(connected), V(refused),
          V(no_answer), V(unreachable) where this machine has no way to its network, or V(not_tried) from the ninth on.
      type: list
      elements: dict
      sample: [{address: 192.0.2.10, state: connected}]
      contains:
        address:
          description: The address.
          type: str
        state:
          description: What became of it.
          type: str
    connected_to:
      description: The address that the look went to; null without a connection.
      type: str
      sample: 192.0.2.10
    greeting:
      description: The first line that the server sent, which is its own word.
      type: str
      sample: "* OK IMAP4rev1 ready."
    starttls:
      description: Whether the server offers STARTTLS; null where the connection is encrypted at once or was not made.
      type: bool
      sample: null
    tls:
      description: The version of TLS and the cipher; null without TLS.
      type: dict
      sample: {version: TLSv1.3, cipher: TLS_AES_256_GCM_SHA384}
    certificate:
      description:
        - The server's certificate; null without TLS, and, where it is not trusted, without the Python library
          C(cryptography).
      type: dict
      sample:
        subject: imap.example.com
        issuer: Example CA
        for_names: [imap.example.com]
        not_before: "2026-09-09T00:00:00Z"
        not_after: "2026-12-08T23:59:59Z"
        days_left: 9
        key_type: RSA
        key_bits: 2048
        signature_hash: sha256
        trusted: true
      contains:
        subject:
          description: The common name of its owner.
          type: str
        issuer:
          description: The common name of who signed it.
          type: str
        for_names:
          description: The names and addresses that it is for, 20 at most.
          type: list
          elements: str
        not_before:
          description: From when it is valid, in UTC.
          type: str
        not_after:
          description: Until when it is valid, in UTC.
          type: str
        days_left:
          description: The whole days that are left, less than 0 once it has expired.
          type: int
        key_type:
          description: Such as V(RSA) or V(EC); this and the next two are null without C(cryptography).
          type: str
        key_bits:
          description: The length of the key in bits; null of keys that have one length only, such as V(Ed25519).
          type: int
        signature_hash:
          description: The hash that it is signed with, such as V(sha256); null where the kind of key says it.
          type: str
        trusted:
          description: Whether it is for this server, in its time, and from an authority that is known here.
          type: bool
    capabilities:
      description: What the server says that it can do, in the end, with TLS where there is any.
      type: list
      elements: str
      sample: [IMAP4REV1, IDLE, AUTH=PLAIN]
    mechanisms:
      description: The mechanisms of login among them.
      type: list
      elements: str
      sample: [PLAIN]
    passwords:
      description: Whether it takes passwords, in the end; null where that was not seen.
      type: bool
      sample: true
    plain_login:
      description: Whether it takes passwords without TLS; null where that was not seen.
      type: bool
      sample: null
    seconds:
      description: How long it took.
      type: float
      sample: 0.2
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
      addresses: []
      connected_to: null
      greeting: null
      starttls: null
      tls: null
      certificate: null
      capabilities: []
      mechanisms: []
      passwords: null
      plain_login: null
      seconds: 0.0
verdicts:
  description: How many there are of each verdict.
  returned: success
  type: dict
  sample: {ok: 3, warning: 1, failed: 0}
without_server:
  description: The names of the services that have no server to look at.
  returned: success
  type: list
  elements: str
  sample: [Other]
seen_from:
  description: The name of the machine that looked, which is the one that the task runs on, not the portal.
  returned: success
  type: str
  sample: ansible.example.com
"""

from typing import Any

from ansible_collections.bitrix24.portal.plugins.module_utils._probe.endpoint import endpoints_of
from ansible_collections.bitrix24.portal.plugins.module_utils._probe.given import read_services
from ansible_collections.bitrix24.portal.plugins.module_utils._probe.probe import (
    BadProbeOption,
    Settings,
    counts,
    probe,
    seen_from,
)
from ansible_collections.bitrix24.portal.plugins.module_utils._runner import Task, TaskFailed, run_module

SPEC: dict[str, Any] = dict(
    argument_spec=dict(
        mailservices=dict(type="list", elements="dict", required=True),
        smtp=dict(type="bool", default=False),
        timeout=dict(type="int", default=10),
        certificate_warn_days=dict(type="int", default=14),
        ca_path=dict(type="path"),
    ),
    supports_check_mode=True,
)


def run(task: Task) -> dict[str, Any]:
    params = task.params
    try:
        services = read_services(params["mailservices"])
        settings = Settings(params["timeout"], params["certificate_warn_days"], params["ca_path"], task.run_dir)
        results = probe(endpoints_of(services, params["smtp"]), settings)
    except BadProbeOption as problem:
        raise TaskFailed(f"{problem}; nothing was probed") from problem
    return {
        "changed": False,
        "endpoints": results,
        "verdicts": counts(results),
        "without_server": [service["name"] or "" for service in services if not service["server"]],
        "seen_from": seen_from(),
    }


def main() -> None:
    run_module(SPEC, run)


if __name__ == "__main__":
    main()
