#!/usr/bin/python
# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: mailservice_plan
short_description: Put the plans of many Bitrix24 portals together
version_added: 1.0.0
description:
  - What is to be known of all portals together, before any of them is written to. Runs once for all hosts, on the
    controller, and asks no portal.
  - Without O(registered) and O(plans) it checks, before anything is planned, that no two hosts of the play lead to one
    address, and which plan was approved for each of them.
  - With O(registered) or O(plans) it tells all plans in words, writes them to files, and says which hosts must not go
    on.
  - With O(carried_out) it tells in one line what became of them.
  - The role P(bitrix24.portal.mailservices#role) uses it both ways.
author:
  - The bitrix24.portal contributors (@bitrix24)
extends_documentation_fragment:
  - bitrix24.portal.attributes.controller
attributes:
  check_mode:
    description: Says in check mode what it would change, without changing it.
    support: full
    details:
      - It changes nothing but O(plan_file), O(comment_file) and O(page_file), which are written in check mode too,
        since a plan is what a dry run is for.
  diff_mode:
    description: Says in diff mode what has changed, or in check mode would.
    support: N/A
  idempotent:
    description: Changes nothing more when it is run again with the same options.
    support: full
options:
  registered:
    description:
      - The name of the variable that each host registered with a task M(bitrix24.portal.mailservice_set) in check
        mode. It is read for all hosts of the play, those of earlier batches (C(serial)) included.
      - A host whose task was skipped, or that has no such variable, stops.
    type: str
  carried_out:
    description:
      - The name of the variable that each host registered with the task M(bitrix24.portal.mailservice_set) that carried
        its plan out. O(registered) is needed beside it.
      - A host that skipped the task had nothing to do or stopped, as its plan says.
    type: str
  journal:
    description: The journal, for RV(summary) with O(carried_out) to name it.
    type: path
  plans:
    description:
      - The same results by host, instead of O(registered). The names need not be hosts of the play.
    type: dict
  stopped:
    description:
      - Hosts that stop whatever their plan is, and why; RV(stops) of the check goes here.
    type: dict
    default: {}
  approved_plan:
    description:
      - The path of a file that was written to O(plan_file). Each host may carry out the very plan that stands there
        for it, or stops.
      - Or RV(packed_plan) itself, where no file can be handed over.
      - The digests are computed anew and the texts made anew from the plans and effects in the file. Where anything in
        it differs, the task fails, and so it does where the path is empty or there is no such file.
    type: path
  approved_digest:
    description:
      - The digest that O(approved_plan) must have as a whole. Left out, any will do; empty, the task fails.
    type: str
  fleet_max_removals:
    description:
      - How many services may be switched off or deleted in all portals together. With more, no host that has changes
        goes on, and an approved plan with more fails the task.
      - V(-1) sets no limit.
    type: int
    default: -1
  stop_all:
    description: Whether one host that stops keeps all hosts of its batch from going on.
    type: bool
    default: false
  plan_file:
    description:
      - Where to write the plans of all portals as JSON, for O(approved_plan). Missing folders are made.
      - C(docs/schema/plan.schema.json) in the collection's repository describes it.
    type: path
  comment_file:
    description: Where to write them as Markdown, for a comment on a merge request.
    type: path
  page_file:
    description:
      - Where to write them as one HTML page, on which whoever approves searches and filters them by portal and by
        service. It needs no network and no server.
    type: path
    version_added: 1.0.0
  commit:
    description: The commit that O(plan_file) and RV(context) name.
    type: str
    default: ''
  job:
    description: The job that O(plan_file) and RV(context) name.
    type: str
    default: ''
  prefix:
    description:
      - What stands before the names of options where messages name them, for roles, whose variables hold the options;
        V(mailservices_) makes O(fleet_max_removals) C(mailservices_fleet_max_removals).
    type: str
    default: ''
notes:
  - The variable C(bitrix24_expected_host) of a host says where it must lead, C(HOST), C(HOST:PORT) or C(HOST/BASE);
    without it, that is the host's own name.
seealso:
  - module: bitrix24.portal.mailservice_set
"""

EXAMPLES = r"""
- name: Refuse two hosts of one address, and learn which plans were approved
  bitrix24.portal.mailservice_plan:
  run_once: true
  register: checked

- name: Plan
  bitrix24.portal.mailservice_set:
    mailservices:
      - name: Company mail
        port: 993
    expect_plan: "{{ checked.digests[inventory_hostname] | default(omit, true) }}"
  check_mode: true
  register: planned
  failed_when: false
  when: inventory_hostname not in checked.stops

- name: Put the plans of all portals together
  bitrix24.portal.mailservice_plan:
    registered: planned
    stopped: "{{ checked.stops }}"
    fleet_max_removals: 20
    plan_file: mailservices/plan.json
    comment_file: mailservices/plan.md
    page_file: mailservices/plan.html
  run_once: true
  register: fleet

- name: Print them
  ansible.builtin.debug:
    msg: "{{ fleet.lines + [fleet.summary] }}"
  run_once: true

- name: Stop the portals that must not go on
  ansible.builtin.fail:
    msg: "{{ fleet.stops[inventory_hostname] }}"
  when: inventory_hostname in fleet.stops

- name: Carry out exactly these plans, or nothing
  bitrix24.portal.mailservice_set:
    mailservices:
      - name: Company mail
        port: 993
    expect_plan: "{{ fleet.digests[inventory_hostname] }}"
  register: written
  ignore_errors: true
  when: inventory_hostname in fleet.pending

- name: Put together what was done
  bitrix24.portal.mailservice_plan:
    registered: planned
    carried_out: written
  run_once: true
  register: done

- name: Tell it
  ansible.builtin.debug:
    msg: "{{ done.summary }}"
  run_once: true
"""

RETURN = r"""
expected_hosts:
  description:
    - Where each host must lead, its variable C(bitrix24_expected_host) or else its name; for the option
      O(bitrix24.portal.mailservice_set#module:expected_host).
  returned: without O(registered) and O(plans)
  type: dict
  sample:
    portal-a.example.com: portal-a.example.com
    portal-b.example.com: intranet.example.com:8443/portal
stops:
  description: For each host that must not go on, the reason.
  returned: success
  type: dict
  sample:
    portal-b.example.com: Portal portal-b.example.com does not answer.
digests:
  description:
    - By host - without O(registered) and O(plans) the digest of its approved plan, else that of the plan that was made,
      for the option O(bitrix24.portal.mailservice_set#module:expect_plan). Null where there is none.
  returned: success
  type: dict
  sample:
    portal-a.example.com: 3f0c7a4d0b5e6d2f8a91c3b7e4d5f60718293a4b5c6d7e8f901a2b3c4d5e6f70
    portal-b.example.com: null
lines:
  description:
    - The plans in words; the portals with nothing to do in one line, then each that changes, then each that stops. Of
      the hosts of this batch.
    - Where nothing is purged, a last line tells what a purge would take, if anything.
  returned: with O(registered) or O(plans)
  type: list
  elements: str
  sample:
    - "nothing to do on 2 portals: portal-c.example.com, portal-d.example.com"
    - "portal-a.example.com: 1 to change"
    - "  ~ change 'Company mail' (id 7): port 143 to 993"
summary:
  description:
    - All plans in one line, those of earlier batches included, with the path O(comment_file) and, with O(plan_file),
      the digest to approve. With O(carried_out), what became of them, and the path O(journal).
  returned: with O(registered) or O(plans)
  type: str
  sample: >-
    Plan: 5 to create, 10 to change, 0 to switch off, 0 to DELETE on 13 of 60 portals; 2 could not be planned.
    Read mailservices/plan.md. Approve: 5b1d0a4d0b5e6d2f8a91c3b7e4d5f60718293a4b5c6d7e8f901a2b3c4d5e6f71
pending:
  description: The hosts of this batch that have changes to be carried out, and do not stop.
  returned: with O(registered) or O(plans)
  type: list
  elements: str
  sample: [portal-a.example.com]
portals:
  description: How many portals there are of each kind in this batch.
  returned: with O(registered) or O(plans)
  type: dict
  contains:
    total:
      description: All of them.
      type: int
    pending:
      description: Those with changes to be carried out.
      type: int
    unchanged:
      description: Those with nothing to do.
      type: int
    stopped:
      description: Those that must not go on.
      type: int
  sample: {total: 4, pending: 1, unchanged: 2, stopped: 1}
context:
  description:
    - O(commit) and O(job), for the option O(bitrix24.portal.mailservice_set#module:journal_context).
  returned: with O(registered) or O(plans)
  type: dict
  contains:
    commit:
      description: O(commit).
      type: str
    job:
      description: O(job).
      type: str
  sample: {commit: 4f2a9c1, job: "7"}
removals:
  description: How many services would be switched off or deleted in all portals that have a plan.
  returned: with O(registered) or O(plans)
  type: int
  sample: 0
packed_plan:
  description: What stands in O(plan_file), packed into letters and digits, for O(approved_plan) of a job that follows.
  returned: with O(plan_file)
  type: str
  sample: "data:application/zlib;base64,eJyrrgUAAXUA+Q=="
digest:
  description: The digest of all that is read of the plans, for O(approved_digest).
  returned: with O(registered) or O(plans)
  type: str
  sample: 5b1d0a4d0b5e6d2f8a91c3b7e4d5f60718293a4b5c6d7e8f901a2b3c4d5e6f71
"""
