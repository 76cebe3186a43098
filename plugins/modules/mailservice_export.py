#!/usr/bin/python
# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: mailservice_export
short_description: Write the mail services of Bitrix24 portals as variables
version_added: 1.0.0
description:
  - Writes what M(bitrix24.portal.mailservice_info) read, as the variables that the role
    P(bitrix24.portal.mailservices#role) takes. Runs once for all hosts, on the controller, and asks no portal.
  - Reconciling a portal with its own export changes nothing. What this collection could not make again, such as the
    catch-all, stands in comments.
  - Entries are sorted by name. IDs are left out, unless services share a name. No name on a portal is ever taken for a
    template.
  - A file that an export did not write is never replaced, and one that somebody has edited since only with
    O(overwrite). Where only the date would change, the old file stays.
  - A file is replaced as a whole or stays as it is. Folders that are missing are made, and links are followed.
  - The files go where Ansible looks for the variables of each host, beside the inventory, unless told otherwise.
  - Relative paths begin at the folder of the playbook.
author:
  - The bitrix24.portal contributors (@bitrix24)
extends_documentation_fragment:
  - bitrix24.portal.attributes.controller
  - bitrix24.portal.attributes.assert
options:
  registered:
    description:
      - The name of the variable under which the hosts of the play registered what M(bitrix24.portal.mailservice_info)
        returned. The name alone, not between braces.
      - Hosts without such a result, or with one that failed, are left out and returned in RV(unread). If no host has
        such a variable, the task fails.
      - In a play with C(serial) the files of one portal each are those of the batch.
      - Exactly one of O(registered) and O(portals) is required.
    type: str
  portals:
    description:
      - The same given as a value, for a play of another kind. Of each portal, by its name, what
        M(bitrix24.portal.mailservice_info) returned, or the list of its services.
    type: dict
  dir:
    description:
      - The folder that holds C(host_vars) and C(group_vars). By default that of the inventory that names the host; of
        several inventories, one in which there is something of the host already. Where the inventory is a mere list of
        hosts, it is the folder in which Ansible was started.
      - The file of a portal is C(host_vars/NAME/mailservices.yml) where there is a folder C(host_vars/NAME), else
        C(host_vars/NAME.yml).
      - Not with O(single_dest).
    type: path
  dest:
    description:
      - The path of the file for each portal, in which C({host}) stands for the host's name. By default see O(dir).
      - Or a dictionary with the path for each host.
      - Not with O(single_dest).
    type: raw
  single_dest:
    description:
      - The path of one file for all portals, an inventory with their variables, in place of a file for each.
    type: path
  baseline:
    description:
      - Whether to write what all portals have alike only once, as C(mailservices_baseline), to O(baseline_dest), or to
        the group's variables in O(single_dest).
      - All portals of the play must have been read then. If one was not, or a file cannot be replaced, nothing is
        written.
    type: bool
    default: false
  baseline_dest:
    description:
      - The path of the file with what all portals have alike. Not used without O(baseline), nor with O(single_dest).
      - By default C(group_vars/GROUP/mailservices.yml) where there is a folder C(group_vars/GROUP), else
        C(group_vars/GROUP.yml), in O(dir).
    type: path
  group:
    description:
      - The name of the portals' group.
    type: str
    default: portals
  overwrite:
    description:
      - Whether to replace an export that somebody has edited since. A checksum in its head tells.
      - Without it such a file stays and fails the task. A file that no export wrote is not replaced in either case.
    type: bool
    default: false
  date:
    description:
      - The date that the files name. By default today's, in UTC.
    type: str
  prefix:
    description:
      - What stands before the names of options where messages name them, for roles, whose variables hold the options;
        V(mailservice_export_) makes C(overwrite) C(mailservice_export_overwrite).
    type: str
    default: ''
seealso:
  - module: bitrix24.portal.mailservice_info
"""

EXAMPLES = r"""
- name: Read everything there is on each portal
  bitrix24.portal.mailservice_info:
    include_inactive: true
  register: present

- name: Write a file of variables for each portal, where Ansible looks for it
  bitrix24.portal.mailservice_export:
    registered: present
  run_once: true

- name: Write what all portals have alike once, and only the rest for each, into a folder of its own
  bitrix24.portal.mailservice_export:
    registered: present
    dir: exported
    baseline: true
  run_once: true

- name: Write one inventory with all portals
  bitrix24.portal.mailservice_export:
    registered: present
    single_dest: inventory/mailservices.yml
  run_once: true

- name: Write the services that a variable holds
  bitrix24.portal.mailservice_export:
    portals:
      portal.example.com: "{{ present.mailservices }}"
    dest:
      portal.example.com: services/portal.yml
"""

RETURN = r"""
files:
  description: The files that were written, or hold the same already.
  returned: unless something concerned all portals, and nothing was written
  type: list
  elements: dict
  sample:
    - {host: null, path: group_vars/portals/mailservices.yml, changed: true}
    - {host: portal.example.com, path: host_vars/portal.example.com/mailservices.yml, changed: false}
  contains:
    host:
      description: The portal, or null for a file of all portals.
      type: str
      sample: portal.example.com
    path:
      description: The path, as it was given.
      type: str
      sample: host_vars/portal.example.com/mailservices.yml
    changed:
      description: Whether the file was written, or in check mode would be.
      type: bool
      sample: true
lines:
  description: What to print. Each file that was written, of many the first 40, and what keeps Ansible from finding one.
  returned: with RV(files)
  type: list
  elements: str
  sample:
    - "written: /srv/portals/inventory/group_vars/portals.yml"
summary:
  description: The result in a line.
  returned: with RV(files)
  type: str
  sample: "Exported 1 of 1 portal: files: 1 written, 1 unchanged, 0 refused."
unread:
  description: Why the services of a portal were not there, for each such portal. It does not fail the task.
  returned: always, once the options are accepted
  type: dict
  sample:
    portal.example.com: "the portal portal.example.com did not answer within 10 seconds"
problems:
  description:
    - Why the file of a portal was not written, for each such portal. It fails the task, after all other files are
      written; with O(baseline) or O(single_dest) no file is.
  returned: with RV(files)
  type: dict
  sample:
    portal.example.com: >-
      host_vars/portal.example.com/mailservices.yml cannot be written: somebody edited it after the export of
      2026-01-31; it is kept, unless overwrite is true
diff:
  description: For each file that changes, its text before and after.
  returned: in diff mode, with RV(files)
  type: list
  elements: dict
  sample:
    - before: ""
      after: "---\nmailservices_wanted: []\n"
      after_header: host_vars/portal.example.com/mailservices.yml
"""
