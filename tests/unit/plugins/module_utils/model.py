# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A portal without HTTP, for property tests: it does with the commands of a plan what the contract says, and notes what that did to mailboxes."""

from __future__ import annotations

import copy

from ansible_collections.bitrix24.portal.plugins.module_utils._mailservice.operation import Operation
from ansible_collections.bitrix24.portal.plugins.module_utils._planning.matching import CurrentState
from ansible_collections.bitrix24.portal.plugins.module_utils._planning.model import MailService

COPIED = {
    "NAME": "NAME",
    "SERVER": "SERVER",
    "PORT": "PORT",
    "LINK": "LINK",
    "ENCRYPTION": "USE_TLS",
    "ACTIVE": "ACTIVE",
}
WRITTEN = {"NAME", "ACTIVE", "SERVER", "PORT", "ENCRYPTION", "LINK", "SORT"}


def row(service_id, name, active=True, server=None, port=None, encryption=True, link=None, sort=100, smtp=None):
    """A service as the portal shows it."""
    flag = None if encryption is None else "NY"[encryption]
    text = {"PORT": port, "SORT": sort, "ID": service_id}
    return dict(
        {key: None if value is None else str(value) for key, value in text.items()},
        SITE_ID="s1",
        NAME=name,
        ACTIVE="NY"[active],
        SERVER=server,
        ENCRYPTION=flag,
        LINK=link,
        SMTP_SERVER=smtp,
        SMTP_LOGIN_AS_IMAP="N",
        SMTP_PASSWORD_AS_IMAP="N",
    )


def service(service_id, name, **fields):
    return MailService.from_portal(row(service_id, name, **fields))


def current_state(*services):
    """A portal that was read completely."""
    return CurrentState([item for item in services if item.active], [item for item in services if not item.active])


class ModelPortal:
    """Rows by ID; every service has one mailbox, which is on if the service is. ``seen``: {(service, id, action, to)} of all commands, in order.

    A service that is called bitrix24 at first belongs to the portal's own mail hosting, whatever becomes of its name.
    """

    def __init__(self, rows):
        self.rows = {int(item["ID"]): dict(item) for item in rows}
        self.hosted = {service_id for service_id, item in self.rows.items() if item["NAME"] == "bitrix24"}
        self.mailboxes = [
            {
                "of": service_id,
                "NAME": item["NAME"],
                "SERVER": item["SERVER"],
                "PORT": item["PORT"],
                "LINK": item["LINK"],
                "USE_TLS": item["ENCRYPTION"],
                "ACTIVE": item["ACTIVE"],
            }
            for service_id, item in self.rows.items()
        ]
        self.next_id = max(self.rows, default=0) + 1
        self.seen = []
        self.active_counts = [self.count()]

    def count(self):
        return sum(item["ACTIVE"] == "Y" for item in self.rows.values())

    def current_state(self):
        return current_state(*self.services.values())

    @property
    def services(self):
        return {service_id: MailService.from_portal(item) for service_id, item in self.rows.items()}

    def carry_out(self, plan):
        """Send the plan's commands; returns {change: the service's ID}."""
        ids = {}
        for change in plan.changes:
            command = Operation(change).command()
            before, name = copy.deepcopy(self.mailboxes), change.name
            ids[change] = getattr(self, command.method.rpartition(".")[2])(dict(command.params))
            self.seen.append(self._observed(name, change.id, before))
            self.active_counts.append(self.count())
        return ids

    def add(self, params):
        assert (
            params["NAME"]
            and params["ENCRYPTION"] in ("Y", "N")
            and params.get("ACTIVE", "Y") in ("Y", "N")
            and set(params) <= WRITTEN
        )
        service_id, self.next_id = self.next_id, self.next_id + 1
        values = dict(
            row(service_id, None, encryption=None), **{name: str(value) for name, value in params.items() if value}
        )
        self.rows[service_id] = dict(values, SERVER=(values["SERVER"] or "").lower())
        return service_id

    def update(self, params):
        service_id = params.pop("ID")
        assert (
            set(params) <= WRITTEN
            and params.get("ACTIVE", "Y") in ("Y", "N")
            and params.get("ENCRYPTION", "Y") in ("Y", "N")
        )
        sent = {name: str(value) for name, value in params.items() if value not in ("", 0, "0", None, False)}
        item = self.rows[service_id]
        was_active = item["ACTIVE"] == "Y"
        item.update(sent)
        item["SERVER"] = (item["SERVER"] or "").lower()
        copied = {COPIED[name]: value for name, value in sent.items() if name in COPIED}
        home = None if service_id in self.hosted else self._home(but=self.hosted)
        if sent.get("ACTIVE") == "N" and was_active and home:
            copied = {"of": home}
        self._mailboxes_of(service_id, copied)
        return service_id

    def delete(self, params):
        del self.rows[params["ID"]]
        home = None if params["ID"] in self.hosted else self._home()
        if home:
            self._mailboxes_of(params["ID"], {"of": home, "NAME": self.rows[home]["NAME"]})
        else:
            self._mailboxes_of(params["ID"], {"of": 0, "ACTIVE": "N"})
        return params["ID"]

    def _home(self, but=()):
        return next(
            (
                service_id
                for service_id, item in sorted(self.rows.items())
                if service_id not in but
                and item["ACTIVE"] == "Y"
                and not any(map(item.get, ("SERVER", "PORT", "ENCRYPTION", "LINK")))
            ),
            None,
        )

    def _mailboxes_of(self, service_id, values):
        for box in self.mailboxes:
            if box["of"] == service_id:
                box.update(values)

    def _observed(self, name, service_id, before):
        found = set()
        for old, new in zip(before, self.mailboxes):
            if old["of"] != new["of"]:
                found.add(
                    (
                        name,
                        service_id,
                        "moved" if new["of"] else "cut_loose",
                        self.rows[new["of"]]["NAME"] if new["of"] else None,
                    )
                )
                continue
            if any(old[column] != new[column] for column in ("NAME", "SERVER", "PORT", "LINK", "USE_TLS")):
                found.add((name, service_id, "updated", None))
            if old["ACTIVE"] != new["ACTIVE"]:
                found.add((name, service_id, "switched_on" if new["ACTIVE"] == "Y" else "switched_off", None))
        return found
