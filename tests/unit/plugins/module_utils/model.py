# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A portal without HTTP, for property tests: it does with the commands of a plan what the contract says, and notes what that did to mailboxes."""

from __future__ import annotations

import copy

from ansible_collections.bitrix24.portal.plugins.module_utils._executor import Work
from ansible_collections.bitrix24.portal.plugins.module_utils._model import MailService
from ansible_collections.bitrix24.portal.plugins.module_utils._matching import Present

COPIED = {"NAME": "NAME", "SERVER": "SERVER", "PORT": "PORT", "LINK": "LINK", "ENCRYPTION": "USE_TLS", "ACTIVE": "ACTIVE"}
WRITTEN = {"NAME", "ACTIVE", "SERVER", "PORT", "ENCRYPTION", "LINK", "SORT"}


def row(number, name, active=True, server=None, port=None, encryption=True, link=None, sort=100, smtp=None):
    """A service as the portal shows it."""
    flag = None if encryption is None else "NY"[encryption]
    text = {"PORT": port, "SORT": sort, "ID": number}
    return dict({key: None if value is None else str(value) for key, value in text.items()}, SITE_ID="s1", NAME=name, ACTIVE="NY"[active],
                SERVER=server, ENCRYPTION=flag, LINK=link, SMTP_SERVER=smtp, SMTP_LOGIN_AS_IMAP="N", SMTP_PASSWORD_AS_IMAP="N")


def service(number, name, **fields):
    return MailService.from_portal(row(number, name, **fields))


def present(*services):
    """A portal that was read completely."""
    return Present([one for one in services if one.active], [one for one in services if not one.active])


class ModelPortal:
    """Rows by ID; every service has one mailbox, which is on if the service is. ``seen``: {(service, id, action, to)} of all commands, in order."""

    def __init__(self, rows):
        self.rows = {int(one["ID"]): dict(one) for one in rows}
        self.mailboxes = [{"of": number, "NAME": one["NAME"], "SERVER": one["SERVER"], "PORT": one["PORT"], "LINK": one["LINK"],
                           "USE_TLS": one["ENCRYPTION"], "ACTIVE": one["ACTIVE"]} for number, one in self.rows.items()]
        self.next_id = max(self.rows, default=0) + 1
        self.seen = []
        self.active_counts = [self.count()]

    def count(self):
        return sum(one["ACTIVE"] == "Y" for one in self.rows.values())

    def present(self):
        return present(*self.services.values())

    @property
    def services(self):
        return {number: MailService.from_portal(one) for number, one in self.rows.items()}

    def carry_out(self, plan):
        """Send the plan's commands; returns {change: the service's ID}."""
        ids = {}
        for change in plan.changes:
            command = Work(change).command()
            before, name = copy.deepcopy(self.mailboxes), change.name
            ids[change] = getattr(self, command.method.rpartition(".")[2])(dict(command.params))
            self.seen.append(self._observed(name, change.id, before))
            self.active_counts.append(self.count())
        return ids

    def add(self, params):
        assert params["NAME"] and params["ENCRYPTION"] in ("Y", "N") and params.get("ACTIVE", "Y") in ("Y", "N") and set(params) <= WRITTEN
        number, self.next_id = self.next_id, self.next_id + 1
        values = dict(row(number, None, encryption=None), **{name: str(value) for name, value in params.items() if value})
        self.rows[number] = dict(values, SERVER=(values["SERVER"] or "").lower())
        return number

    def update(self, params):
        number = params.pop("ID")
        assert set(params) <= WRITTEN and params.get("ACTIVE", "Y") in ("Y", "N") and params.get("ENCRYPTION", "Y") in ("Y", "N")
        sent = {name: str(value) for name, value in params.items() if value not in ("", 0, "0", None, False)}
        one = self.rows[number]
        was_active = one["ACTIVE"] == "Y"
        one.update(sent)
        one["SERVER"] = (one["SERVER"] or "").lower()
        copied = {COPIED[name]: value for name, value in sent.items() if name in COPIED}
        home = self._home()
        if sent.get("ACTIVE") == "N" and was_active and home:
            copied = {"of": home}
        self._mailboxes_of(number, copied)
        return number

    def delete(self, params):
        gone = self.rows.pop(params["ID"])
        home = self._home()
        if home and gone["NAME"] != "bitrix24":
            self._mailboxes_of(params["ID"], {"of": home, "NAME": self.rows[home]["NAME"]})
        else:
            self._mailboxes_of(params["ID"], {"of": 0, "ACTIVE": "N"})
        return params["ID"]

    def _home(self):
        return next((number for number, one in sorted(self.rows.items())
                     if one["ACTIVE"] == "Y" and not any(map(one.get, ("SERVER", "PORT", "ENCRYPTION", "LINK")))), None)

    def _mailboxes_of(self, number, values):
        for box in self.mailboxes:
            if box["of"] == number:
                box.update(values)

    def _observed(self, name, number, before):
        found = set()
        for old, new in zip(before, self.mailboxes):
            if old["of"] != new["of"]:
                found.add((name, number, "moved" if new["of"] else "cut_loose", self.rows[new["of"]]["NAME"] if new["of"] else None))
                continue
            if any(old[column] != new[column] for column in ("NAME", "SERVER", "PORT", "LINK", "USE_TLS")):
                found.add((name, number, "updated", None))
            if old["ACTIVE"] != new["ACTIVE"]:
                found.add((name, number, "switched_on" if new["ACTIVE"] == "Y" else "switched_off", None))
        return found
