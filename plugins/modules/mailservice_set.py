#!/usr/bin/python
# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: mailservice_set
short_description: Reconcile all mail services of a Bitrix24 portal
version_added: 1.0.0
description:
  - Asserts a whole set of mail services in one task - what is wanted, what is allowed to stay, and what must go.
  - Without drift it sends one request. All changes travel together, 50 to a request, and are read back in the same one;
    but an icon takes a request of its own, and one to look at it before and after.
  - Creations come first, then renamings, updates and activations, then deactivations, then deletions, the catch-all
    last. There is no moment with fewer providers than before and after.
  - Every entry and every guard is checked before anything is written, and all that is wrong is told at once. What no
    portal can have, such as a port of V(0), is refused before anything is sent.
  - A value that the portal has already is right, whatever it is; only what would have to be written must keep to the
    limits below.
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
  mailservices:
    description:
      - The entries, each with the options of M(bitrix24.portal.mailservice). Their order does not matter.
      - What M(bitrix24.portal.mailservice_info) returned can be given back as it is, whatever it holds, and changes
        nothing.
    type: list
    elements: dict
    required: true
    suboptions:
      state:
        description: Whether the service shall be there. V(absent) deletes it.
        type: str
        choices: [present, absent]
        default: present
      id:
        description:
          - The ID of the service. With O(mailservices[].state=present), O(mailservices[].name) is then the name that
            the service shall have. With O(mailservices[].state=absent), a O(mailservices[].name) beside it must match.
        type: int
      name:
        description: The name that employees see. Without O(mailservices[].id) it tells which service is meant.
        type: str
      preset:
        description:
          - A provider of the collection's catalogue (C(docs/catalogue.md)), such as V(gmail). It fills in
            O(mailservices[].name), O(mailservices[].server), O(mailservices[].port), O(mailservices[].encryption) and
            O(mailservices[].link), each unless it is given beside it, before the entry is laid over O(baseline).
          - See M(bitrix24.portal.mailservice) for what it cannot do.
        type: str
      previous_names:
        description:
          - Names that the service had before. Where no service is called O(mailservices[].name) and exactly one has one
            of these, that one is renamed.
        type: list
        elements: str
      allow_similar_name:
        description:
          - Create the service although one is there whose name differs from O(mailservices[].name) only in case, in
            blanks or in Unicode form (NFC).
          - Without it such a creation is refused, unless O(mailservices[].previous_names) says what the service was
            called, since most likely the one that is there is meant. A service that is there is always found by its
            exact name or its ID.
          - The same goes for two entries whose services would both be created.
        type: bool
      active:
        description: Whether employees can choose the service. A new service is active unless this says otherwise.
        type: bool
      server:
        description: The IMAP server, in lower case. An empty text means unset, which is an error where the portal has
          one.
        type: str
      port:
        description: The IMAP port, 1 to 65535.
        type: int
      encryption:
        description: Whether the connection is encrypted. A new service is, unless this says otherwise.
        type: bool
      link:
        description: The address of the web interface. An empty text means unset, which is an error where the portal has
          one.
        type: str
      sort:
        description: The place in the list, 1 to 2147483647; lower comes first.
        type: int
      site_id: &asserted
        description: Read only. A value that differs from the portal's is an error.
        type: str
      icon: *asserted
      icon_file:
        description:
          - An image for the service. The former one stays on the portal's disk for good. See
            O(bitrix24.portal.mailservice#module:icon_file).
          - A file on the controller that is found as C(src) of M(ansible.builtin.copy) is. An empty text removes an
            uploaded icon.
        type: str
      icon_force:
        description: Send O(mailservices[].icon_file) also where the icon that the service has cannot be fetched.
        type: bool
      smtp_server: *asserted
      smtp_port:
        description: Read only. A value that differs from the portal's is an error.
        type: int
      smtp_login_as_imap: &asserted_flag
        description: Read only. A value that differs from the portal's is an error.
        type: bool
      smtp_password_as_imap: *asserted_flag
      smtp_encryption: *asserted_flag
      upload_outgoing: *asserted_flag
  baseline:
    description:
      - Entries that O(mailservices) go over, such as those that all portals share. An entry of O(mailservices) goes
        over the one here that has its C(id), or else its C(name), and takes from there what it leaves out.
      - An option that is null in O(mailservices) is not asserted, whatever this one says. The state is never taken from
        here, so that an entry of O(mailservices) is wanted present unless it says V(absent) itself; and one that says
        V(absent) takes nothing over.
      - With it, both may be empty only where O(allow_empty=true), since most likely a file of variables was not found.
    type: list
    elements: dict
  purge:
    description:
      - What happens to services that no entry names.
      - V(none) leaves them alone. V(deactivate) takes the active ones off the list. V(delete) deletes active and
        inactive ones.
      - The catch-all, the service V(bitrix24), and what O(protect) or O(protect_ids) names are never touched.
    type: str
    choices: [none, deactivate, delete]
    default: none
  protect:
    description: Names of services that a purge leaves alone; V(*) stands for any text.
    type: list
    elements: str
    default: []
  protect_ids:
    description: IDs of services that a purge leaves alone.
    type: list
    elements: int
    default: []
  max_removals:
    description:
      - How many services may be deleted or deactivated, explicitly or by purge. If the plan has more, nothing at all is
        done.
      - V(0) forbids removals, V(-1) sets no limit.
    type: int
    default: 5
  allow_empty:
    description: Allow a purge although no service is wanted present, which takes every service away; and, where
      O(baseline) is given, that neither it nor O(mailservices) has an entry.
    type: bool
    default: false
  expect_plan:
    description:
      - The RV(plan_digest) of a run in check mode. That very plan is carried out, or nothing.
      - Where nothing is left to do the task succeeds, so that an approved plan can be run again; see
        RV(already_as_approved).
    type: str
  warn_of_effects:
    description:
      - Warn of each of the RV(effects) that has no way back. V(false) is for those who show the effects themselves
        before anything is written, as the role P(bitrix24.portal.mailservices#role) does.
    type: bool
    default: true
  on_error:
    description:
      - What happens when the portal refuses a change. V(stop) leaves the rest untried, V(continue) tries it.
      - The task fails either way, RV(results) says what was done, and the next run finishes the work.
    type: str
    choices: [stop, continue]
    default: stop
  journal:
    description:
      - A file to which every write is added, as lines of JSON. Many tasks may add to it at the same time. Its folder is
        made if it is missing.
      - Before the first request that writes, each change gets a line with the C(event) V(intent); once its request
        is answered, one with the C(event) V(outcome) and a C(status) of V(done), V(failed), V(unknown) or
        V(not_tried). Both have the same C(run) and C(change). Where reading back shows something else, a second
        outcome follows, which counts. An intent without an outcome belongs to a run that was killed.
      - Where a portal stores another image than O(mailservices[].icon_file) was sent as, the outcome has C(icon), the
        digests of both (C(sent), C(stored)). Later tasks with this journal read them there, and take one for the other.
      - Where it cannot be written, the portal is not written to.
      - The file lies where the task runs, which is the controller where the connection is local. It is not touched in
        check mode.
    type: path
  journal_context:
    description: What each line of O(journal) says besides, such as the commit and the job that a change comes from.
    type: dict
  backup_dir:
    description:
      - A folder for the state before a plan that deletes or deactivates something. It is made if it is missing.
      - Each such task writes a new file there before it writes to the portal, or fails. The file holds variables; to
        bring back what it names, run the playbook C(bitrix24.portal.reconcile) with C(-e @FILE).
      - The folder lies where the task runs, which is the controller where the connection is local. It is not touched in
        check mode.
    type: path
seealso:
  - module: bitrix24.portal.mailservice
  - module: bitrix24.portal.mailservice_info
"""

EXAMPLES = r"""
- name: Assert the company's providers and leave all others alone
  bitrix24.portal.mailservice_set:
    mailservices:
      - name: Company mail
        server: imap.example.com
        port: 993
        link: https://mail.example.com/
      - name: Branch mail
        server: imap.branch.example.com
        port: 993
        sort: 200
      - preset: gmail
        sort: 300
      - name: Old mail
        state: absent

- name: Give providers their logos, from files/ beside the playbook
  bitrix24.portal.mailservice_set:
    mailservices:
      - name: Company mail
        icon_file: company.png
      - name: Branch mail
        icon_file: branch.png

- name: See what an allow-list would do to the portal
  bitrix24.portal.mailservice_set:
    mailservices:
      - name: Company mail
      - name: Branch mail
    purge: deactivate
    protect: ["Partner *"]
    max_removals: 20
  check_mode: true
  register: planned

- name: Carry out exactly that plan, or nothing
  bitrix24.portal.mailservice_set:
    mailservices:
      - name: Company mail
      - name: Branch mail
    purge: deactivate
    protect: ["Partner *"]
    max_removals: 20
    expect_plan: "{{ planned.plan_digest }}"

- name: Write nothing unless the servers answer
  bitrix24.portal.mailservice_set:
    mailservices:
      - name: Company mail
        server: imap.example.com
        port: 993
    verify: fail

- name: Take something off the list, and keep a journal and the state before
  bitrix24.portal.mailservice_set:
    mailservices:
      - name: Company mail
        sort: 50
      - name: Branch mail
        active: false
    journal: mailservices/journal.jsonl
    journal_context:
      inventory_hostname: "{{ inventory_hostname }}"
      commit: "{{ lookup('ansible.builtin.env', 'CI_COMMIT_SHA') }}"
    backup_dir: mailservices/before
"""

RETURN = r"""
plan:
  description:
    - What differs, fixed before anything is written. In each list one entry per service with RV(ignore:name),
      RV(ignore:id) (null for a service to be created) and RV(ignore:changes), a map of the options that differ with
      their values before and after. An icon is told by type, length and the beginning of its SHA-256, one that came
      with the portal as V(built-in), and one that cannot be fetched as V(not known).
  returned: always, once the portal was read
  type: dict
  contains:
    creations: &changes
      description: Services to be handled so.
      type: list
      elements: dict
    updates: *changes
    deactivations: *changes
    deletions: *changes
    unchanged:
      description: Services that entries name and that are as they shall be.
      type: list
      elements: dict
  sample:
    creations: []
    updates: [{name: Company mail, id: 7, changes: {port: {before: 143, after: 993}}}]
    deactivations: []
    deletions: []
    unchanged: [{name: Branch mail, id: 8, changes: {}}]
plan_digest:
  description: SHA-256 of the plan, its effects and the portal's host, for O(expect_plan).
  returned: always, once the portal was read
  type: str
  sample: 3f0c7a4d0b5e6d2f8a91c3b7e4d5f60718293a4b5c6d7e8f901a2b3c4d5e6f70
left_alone:
  description:
    - The active services that no entry names and that a purge would take, where O(purge=none); empty otherwise. They
      are no part of RV(plan), nor of RV(plan_digest).
  returned: always, once the portal was read
  type: list
  elements: dict
  contains:
    name:
      description: The name of the service.
      type: str
    id:
      description: The ID of the service.
      type: int
  sample: [{name: Old mail, id: 9}]
cautions:
  description:
    - What of the plan may not be meant so, each a warning as well. Here the texts name no IDs and no place in the list,
      so that those of many portals can be put together.
  returned: always, once the portal was read
  type: list
  elements: dict
  contains:
    kind:
      description: V(near_match), V(no_server), V(becomes_catch_all), V(stays_inactive), V(icon_not_known), or with
        O(verify) V(server_trouble).
      type: str
    service:
      description: The name of the service.
      type: str
    text:
      description: One sentence.
      type: str
  sample:
    - kind: near_match
      service: Branch
      text: >-
        'Branch' is to be created, and 'Branch post' has the same server and port: renamed? then previous_names, or else
        both will be there
already_as_approved:
  description: That nothing was left to do, and another plan was approved, which has been carried out before.
  returned: with O(expect_plan), where the plan is empty and that is another's digest
  type: bool
  sample: true
results:
  description: What became of each entry in the order given, then of each purged service.
  returned: always, once the portal was read
  type: list
  elements: dict
  contains:
    name:
      description: The name of the service.
      type: str
    id:
      description: Its ID, also of one just created; null in check mode for one to be created.
      type: int
    action:
      description: V(create), V(update), V(deactivate), V(delete) or V(unchanged).
      type: str
    changed:
      description: Whether something was written, or in check mode would be.
      type: bool
    failed:
      description: Whether it failed.
      type: bool
    error:
      description: Why it failed.
      type: str
    skipped:
      description: Whether it was not tried, since an earlier change had failed.
      type: bool
  sample:
    - {name: Company mail, id: 7, action: update, changed: true, failed: false, error: null, skipped: false}
mailservices:
  description:
    - The active services and those that were touched, as they are afterwards or in check mode would be, with the keys
      that M(bitrix24.portal.mailservice_info) returns. Null where they could not be read back.
  returned: always, once the portal was read
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
effects:
  description:
    - What the plan does to the mailboxes that employees connected, in the order of the plan, as
      M(bitrix24.portal.mailservice) returns it. How many there are is unknown to REST.
    - Each that has no way back is a warning as well, unless O(warn_of_effects=false).
  returned: always, once the portal was read
  type: list
  elements: dict
  sample:
    - service: Old mail
      id: 9
      action: moved
      to: Other
      reversible: false
      text: Mailboxes connected with 'Old mail' move to the catch-all 'Other' and take its name.
diff:
  description:
    - What C(--diff) prints, for people. First what differs before and after, by service, then what that does to the
      mailboxes that employees connected. Empty where nothing differs.
    - Only what was written, or in check mode would be. Playbooks find it as values in RV(plan) and RV(effects).
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
      description: The effects, a line each; or, in an element of its own, RV(left_alone) in one line.
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
host:
  description: The portal that the connection leads to, with the port and the base path where it has them.
  returned: always, once the portal was asked
  type: str
  sample: portal.example.com
probes:
  description:
    - What was seen of the servers that the plan creates or changes, as
      RV(bitrix24.portal.mailservice_probe#module:endpoints).
    - What is not V(ok) stands in RV(cautions) as well.
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
backup_file:
  description: The file with the state before.
  returned: when O(backup_dir) is given and something was to be deleted or deactivated, and not in check mode
  type: str
  sample: /srv/portals/mailservices/before/portal.example.com-20260301T093000Z-3f0c7a-5b1e9d02.yml
user:
  description:
    - Whose credentials these are. It is asked for where that costs no request, and in check mode where something
      differs.
  returned: when it became known
  type: dict
  contains:
    id:
      description: The user's ID; null where the portal's answer has none.
      type: int
    admin:
      description: Whether the user is an administrator of the portal; null where the portal does not say.
      type: bool
  sample: {id: 1, admin: true}
api:
  description: What the task cost the portal, as M(bitrix24.portal.mailservice) returns it.
  returned: always, once a portal was asked
  type: dict
  sample: {requests: 2, retries: 0, throttled: 0, waited: 0.0, operating: null, ids_searched: 0, icons_fetched: 0}
error:
  description: The portal's code of what went wrong first, or one of this collection's in lower case.
  returned: when the portal refused or did not answer
  type: str
  sample: ERROR_CORE
method:
  description: The REST method that failed first.
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
problems:
  description: Everything that is wrong with the options, or that forbids the plan, one text each.
  returned: when the task was refused
  type: list
  elements: str
  sample:
    - "mailservices[0] ('Company mail'): port must be a whole number from 1 to 65535; to leave it as it is, omit it"
causes:
  description: The same as values, for whoever words them himself, as roles do.
  returned: when the task was refused
  type: list
  elements: dict
  contains:
    kind:
      description: What kind of thing is wrong, such as V(invalid), V(ambiguous), V(max_removals) or V(wrong_host).
      type: str
    entry:
      description: The entry that it is about, null where it is about none.
      type: str
    message:
      description: What is wrong, without the entry.
      type: str
    parts:
      description: What the message is made of, where it names options.
      type: dict
  sample:
    - kind: max_removals
      entry: null
      message: "2 services would be deleted or deactivated ('A', 'B'), more than max_removals: 1; nothing was done"
      parts: {number: 2, names: "'A', 'B'", most: 1}
"""

from typing import Any

from ansible_collections.bitrix24.portal.plugins.module_utils._argspec import (
    CONNECTION_SPEC,
    ENTRY_SPEC,
    ICONS_SPEC,
    LIMITS_SPEC,
    LOOKAHEAD_SPEC,
    VERIFY_SPEC,
)
from ansible_collections.bitrix24.portal.plugins.module_utils._mailservice.reconcile import reconcile
from ansible_collections.bitrix24.portal.plugins.module_utils._mailservice.session import refuse_baseline
from ansible_collections.bitrix24.portal.plugins.module_utils._planning.limits import Limits
from ansible_collections.bitrix24.portal.plugins.module_utils._runner import Task, run_module

SPEC: dict[str, Any] = dict(
    argument_spec=dict(
        CONNECTION_SPEC,
        mailservices=dict(type="list", elements="dict", required=True, options=ENTRY_SPEC),
        baseline=dict(type="list", elements="dict"),
        expect_plan=dict(type="str"),
        warn_of_effects=dict(type="bool", default=True),
        on_error=dict(type="str", choices=["stop", "continue"], default="stop"),
        journal=dict(type="path"),
        journal_context=dict(type="dict"),
        backup_dir=dict(type="path"),
        **dict(LIMITS_SPEC, **dict(LOOKAHEAD_SPEC, **dict(ICONS_SPEC, **VERIFY_SPEC))),
    ),
    supports_check_mode=True,
)


def run(task: Task) -> dict[str, Any]:
    refuse_baseline(task)
    limits = Limits(**{option: task.params[option] for option in LIMITS_SPEC})
    return reconcile(task, task.params["mailservices"], limits)


def main() -> None:
    run_module(SPEC, run)


if __name__ == "__main__":
    main()
