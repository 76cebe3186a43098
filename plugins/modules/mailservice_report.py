#!/usr/bin/python
# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: mailservice_report
short_description: Report the audits of many Bitrix24 portals
version_added: 1.0.0
description:
  - Puts together what M(bitrix24.portal.mailservice_audit) returned on the hosts of the play, applies exceptions, says
    what makes the audit fail, and writes the report for people and for machines. Runs once for all hosts, on the
    controller, and asks no portal.
  - Whatever people on a portal wrote stays text in each form. Given the same results and the same O(time), the files
    are the same, byte for byte.
  - A file is replaced as a whole or stays as it is. Folders that are missing are made.
  - It does not fail because of what was found, so that the report comes first; RV(failed_hosts) says which hosts shall.
  - The role P(bitrix24.portal.mailservice_audit#role) uses it.
author:
  - The bitrix24.portal contributors (@bitrix24)
extends_documentation_fragment:
  - bitrix24.portal.attributes.controller
attributes:
  check_mode:
    description: Says in check mode what it would change, without changing it.
    support: full
    details:
      - It judges and returns all the same, and writes no file.
  diff_mode:
    description: Says in diff mode what has changed, or in check mode would.
    support: none
  idempotent:
    description: Changes nothing more when it is run again with the same options.
    support: full
    details:
      - With O(time) set; without it the time in the files is another one.
options:
  registered:
    description:
      - The name of the variable that each host registered with a task M(bitrix24.portal.mailservice_audit). The name
        alone, not between braces. It is read for all hosts of the play, those of earlier batches (C(serial)) included.
      - A host that could not run its task is reported as one that could not be read, and so is one on which Ansible had
        stopped. A host that skipped it, or has not come to it yet, stands there as not audited, and so does each portal
        of the last report whose host is in the inventory and not in the play. Such a portal keeps the moment when it
        was last read, and makes nothing fail unless O(fail_on) says V(not_audited).
    type: str
  audits:
    description:
      - The same results by the portals' names, instead of O(registered).
      - Exactly one of the two is needed.
    type: dict
  dir:
    description: The folder for the report. A relative path begins at the folder of the playbook.
    type: path
    default: mailservice_audit
  files:
    description:
      - Which forms of the report to write, and where; a relative path is one in O(dir).
      - The forms are V(json) for programs, V(junit) for a pipeline's list of tests, V(markdown) for a merge request or
        a job's summary, V(prometheus) for the textfile collector of the node exporter, V(html) for people, and V(text),
        a few lines for the terminal.
      - Every series for Prometheus has a label C(audit), the name of its file without C(.prom), so that one node
        exporter can read the files of several audits.
      - The JSON file of the last audit, where it still lies there, tells what is new since, and when a portal was last
        read that cannot be read now.
    type: dict
    default:
      json: audit.json
      junit: audit.xml
      markdown: audit.md
      prometheus: audit.prom
      html: audit.html
  fail_on:
    description:
      - What makes a portal fail. V(drift) is any drift, V(unreachable) a portal that could not be read,
        V(unauthorised) one that does not take the credentials.
      - Or a kind of finding - V(missing), V(changed), V(inactive), V(extra), V(near_match), V(duplicated), V(refused),
        V(server_failed), V(server_warning), V(no_catch_all), V(removal_hurts), V(webhook_expiry) or V(surplus_rights).
      - Or V(not_audited), a portal that this audit left out.
    type: list
    elements: str
    default: [drift, unreachable, unauthorised]
  drift:
    description: The kinds of findings that count as drift. The others of these kinds are shown as notes.
    type: list
    elements: str
    default: [missing, changed, inactive, extra, near_match, duplicated, refused]
  exceptions:
    description:
      - Findings that are known. Until their date they make nothing fail, and are shown apart.
    type: list
    elements: dict
    default: []
    suboptions:
      portal:
        description: The portal's name; V(*) stands for any text.
        type: str
        required: true
      service:
        description: The name of the service on the portal; V(*) stands for any text. Left out, O(exceptions[].kind)
          must be there.
        type: str
      field:
        description: The field of a changed service, for example V(port). Left out, all of the service's findings are
          meant.
        type: str
      kind:
        description: The kind of finding. Left out, all kinds are meant.
        type: str
      reason:
        description: Why this is all right.
        type: str
        required: true
      until:
        description: The last day on which it is, for example V(2027-03-31).
        type: str
        required: true
  webhook_warn_days:
    description: How many days before it runs out a webhook is worth a warning.
    type: int
    default: 14
  time:
    description: The moment of the audit in UTC, for example V(2026-11-22T03:00:00Z). By default now.
    type: str
  title:
    description: What stands above the report.
    type: str
    default: Mail services audit
  prefix:
    description:
      - What stands before the names of options where messages name them, for roles, whose variables hold the options;
        V(mailservice_audit_) makes C(inactive_max_ids) C(mailservice_audit_inactive_max_ids).
    type: str
    default: ''
seealso:
  - module: bitrix24.portal.mailservice_audit
"""

EXAMPLES = r"""
- name: Compare each portal with what is wanted
  bitrix24.portal.mailservice_audit:
    mailservices: "{{ mailservices_wanted | default([]) }}"
  register: audited
  failed_when: false

- name: Report all portals
  bitrix24.portal.mailservice_report:
    registered: audited
    fail_on: [unreachable, unauthorised]
    exceptions:
      - portal: "*"
        kind: no_catch_all
        reason: Closed on purpose, by decision of the mail team
        until: "2027-12-31"
  register: report
  run_once: true

- name: Let a portal fail after the report is written
  ansible.builtin.fail:
    msg: "{{ report.failed_hosts[inventory_hostname] }}"
  when: inventory_hostname in report.failed_hosts
"""

RETURN = r"""
lines:
  description: The verdict, and a line for each portal that has something to tell, for the terminal.
  returned: success
  type: list
  elements: str
  sample:
    - Of 3 portals, 1 has drifted, 2 are in order.
    - "north.example.com: drifted: Company mail: port 143, wanted 993"
summary:
  description: How many portals need attention, and the file to read, in a line.
  returned: success
  type: str
  sample: "1 of 3 portals needs attention. Page: /var/lib/audit/audit.html"
failed_hosts:
  description: What was found on the portals that fail, by their names.
  returned: success
  type: dict
  sample:
    north.example.com: "Company mail: port 143, wanted 993"
files:
  description: The paths of the files, by form; in check mode of those that would be written.
  returned: success
  type: dict
  sample:
    json: /var/lib/audit/audit.json
    html: /var/lib/audit/audit.html
"""
