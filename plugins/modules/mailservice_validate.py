#!/usr/bin/python
# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: mailservice_validate
short_description: Check what is wanted of many Bitrix24 portals without asking them
version_added: 1.0.0
description:
  - Checks the variables of the roles P(bitrix24.portal.mailservices#role), P(bitrix24.portal.mailservice_audit#role)
    and P(bitrix24.portal.mailservice_export#role) on all hosts of the play, before any portal is asked. It needs no
    webhook, no network, and no password of a vault unless these variables are in it.
  - It decides by the same code as a plan. What it finds are options that are none or of the wrong kind, entries that
    cannot be, presets that the catalogue has not, two entries for one service, names that differ only in case, in
    blanks or in Unicode form, a portal for which nothing at all is wanted, a purge of everything, hosts that are one
    portal, and exceptions of the audit that cannot be or have expired.
  - A value that no portal takes over REST, such as a port of V(70000), is wrong here, although a portal that has it
    already would be left alone.
  - Everything that is wrong is told at once, by host, variable, place and entry, and fails the task. What hosts have in
    common is told once.
  - Runs once for all hosts, on the controller. The playbook C(bitrix24.portal.validate) is made of it.
author:
  - The bitrix24.portal contributors (@bitrix24)
extends_documentation_fragment:
  - bitrix24.portal.attributes.controller
attributes:
  check_mode:
    description: Says in check mode what it would change, without changing it.
    support: full
    details:
      - It changes nothing at all.
  diff_mode:
    description: Says in diff mode what has changed, or in check mode would.
    support: N/A
  idempotent:
    description: Changes nothing more when it is run again with the same options.
    support: full
options: {}
notes:
  - The variables are those of the inventory, and those given with C(-e). What a play or a task sets in its C(vars) is
    not seen.
  - An exception has expired when its day is over in UTC, as in M(bitrix24.portal.mailservice_report).
seealso:
  - module: bitrix24.portal.mailservice_plan
  - module: bitrix24.portal.mailservice_set
"""

EXAMPLES = r"""
- name: Say what is wanted, which usually stands in the inventory
  ansible.builtin.set_fact:
    mailservices_wanted:
      - preset: gmail
      - name: Company mail
        server: imap.example.com
        port: 993

- name: Check what is wanted of all portals of the play
  bitrix24.portal.mailservice_validate:
  run_once: true
"""

RETURN = r"""
valid:
  description: Whether nothing is wrong.
  returned: always, once the variables were read
  type: bool
  sample: false
lines:
  description: A line for each thing that is wrong, with the hosts that it is wrong on, and RV(summary) as the last.
  returned: always, once the variables were read
  type: list
  elements: str
  sample:
    - "portal-a.example.com: mailservices_wanted[3] (preset 'gmial'): there is no preset 'gmial'; did you mean 'gmail'?"
    - "1 problem, on 1 of 4 portals. No portal was asked."
summary:
  description: All of it in one line.
  returned: always, once the variables were read
  type: str
  sample: 1 problem, on 1 of 4 portals. No portal was asked.
problems:
  description: What is wrong, as values.
  returned: always, once the variables were read
  type: list
  elements: dict
  contains:
    hosts:
      description: The hosts that it is wrong on.
      type: list
      elements: str
    text:
      description: What is wrong, in one line that names the variable, the place in it, and the entry.
      type: str
  sample:
    - hosts: [portal-a.example.com]
      text: "mailservices_wanted[3] (preset 'gmial'): there is no preset 'gmial'; did you mean 'gmail'?"
"""
