# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The six methods ``mailservice.*`` and what they do to services and to the mailboxes of employees."""

from __future__ import annotations

from typing import Any

from . import fields, icons
from .errors import argument_error, core_error
from .php import is_empty, is_scalar, lower
from .store import Store

SITE = "s1"
SHOWN = (
    "ID",
    "SITE_ID",
    "ACTIVE",
    "SORT",
    "NAME",
    "SERVER",
    "PORT",
    "ENCRYPTION",
    "LINK",
    "ICON",
    "SMTP_SERVER",
    "SMTP_PORT",
    "SMTP_LOGIN_AS_IMAP",
    "SMTP_PASSWORD_AS_IMAP",
    "SMTP_ENCRYPTION",
    "UPLOAD_OUTGOING",
)
_WRITTEN = ("ACTIVE", "NAME", "SERVER", "PORT", "ENCRYPTION", "LINK", "ICON", "SORT")


class MailServices:
    """The methods on one portal's rows; each takes the parameters as a PHP array."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.read_methods = {"fields": self.fields, "list": self.list, "get": self.get}
        self.write_methods = {"add": self.add, "update": self.update, "delete": self.delete}

    def call(self, verb: str, params: dict, admin: bool) -> Any:
        """Run one method; writing is for administrators."""
        if verb in self.write_methods and not admin:
            raise core_error("Access denied.")
        return {**self.read_methods, **self.write_methods}[verb](params)

    def fields(self, _params: dict) -> dict:
        """The names of ten fields in the portal's language."""
        return dict(fields.LABELS)

    def list(self, _params: dict) -> dict:
        """All active services of the site; none at all is an error."""
        rows = self.store.active_services(SITE)
        if not rows:
            raise core_error("E-mail services were not found.")
        return dict(enumerate(self._shown(row) for row in rows))

    def get(self, params: dict) -> dict:
        """One service, an inactive one too."""
        return self._shown(self._existing(params))

    def add(self, params: dict) -> int:
        """Make a service; returns its ID."""
        values = {name: params.get(name) for name in _WRITTEN}
        values["ACTIVE"] = "Y" if is_empty(values["ACTIVE"]) else values["ACTIVE"]
        values["SORT"] = 100 if is_empty(values["SORT"]) else values["SORT"]
        self._save_icon(values)
        fields.check(values, new=True)
        return self.store.add_service({"SITE_ID": SITE, "SERVICE_TYPE": "imap", **fields.column_values(values)})

    def update(self, params: dict) -> bool:
        """Write the fields that are not empty, and copy some of them to the service's mailboxes."""
        self._existing(params)
        values = {name: params.get(name) for name in _WRITTEN if not is_empty(params.get(name))}
        if not values:
            return True
        service = self._by_primary(params["ID"])
        self._save_icon(values)
        fields.check(values, new=False)
        row, mailbox_row = fields.column_values(values), fields.mailbox_values(values)
        self.store.update("services", service["ID"], row)
        if _switches_off(values.get("ACTIVE")) and service["ACTIVE"] == "Y" and service["SERVICE_TYPE"] == "imap":
            home = self.store.catch_all(service["SITE_ID"], "imap")
            if home:
                mailbox_row = {"SERVICE_ID": home["ID"]}
        self._update_mailboxes(service["ID"], mailbox_row)
        return True

    def delete(self, params: dict) -> bool:
        """Remove a service; its mailboxes go to the catch-all or are cut loose."""
        self._existing(params)
        service = self._by_primary(params["ID"])
        self.store.delete_service(service["ID"])
        hosted = service["SERVICE_TYPE"] in ("controller", "domain", "crdomain")
        home = None if hosted else self.store.catch_all(service["SITE_ID"])
        row = {"SERVICE_ID": home["ID"], "NAME": home["NAME"]} if home else {"ACTIVE": "N", "SERVICE_ID": 0}
        self._update_mailboxes(service["ID"], row)
        return True

    def _existing(self, params: dict) -> dict[str, Any]:
        """The service that the parameter ID finds; an array stands for any of its values."""
        identity = params.get("ID")
        if is_empty(identity):
            raise core_error("E-mail service ID is not specified.")
        expected = {
            fields.clamped(value) for value in (identity.values() if isinstance(identity, dict) else (identity,))
        }
        found = self.store.rows("services", SITE_ID=SITE, ID=expected)
        if not found:
            raise core_error("E-mail service was not found.")
        return found[0]

    def _by_primary(self, identity: Any) -> dict[str, Any]:
        """The row of a primary key, where an array has to be ``{"ID": …}`` exactly."""
        if isinstance(identity, dict):
            unknown = next((key for key in identity if key != "ID"), None)
            if unknown is not None:
                raise argument_error(f"Unknown primary `{unknown}` found when trying to query MailServices row.")
            identity = identity["ID"]
            if not is_scalar(identity):
                kind = "NULL" if identity is None else "array"
                raise argument_error(
                    f'Unknown value type "{kind}" for primary "ID" found when trying to query MailServices row.'
                )
        found = self.store.rows("services", ID=fields.clamped(identity))
        if not found:
            raise core_error("E-mail service was not found.")
        return found[0]

    def _save_icon(self, values: dict[str, Any]) -> None:
        icon = icons.save(self.store, icons.sent_icon(values.get("ICON")))
        if icon is ...:
            values.pop("ICON", None)
        elif "ICON" in values:
            values["ICON"] = icon

    def _update_mailboxes(self, service: int, row: dict[str, Any]) -> None:
        for mailbox in self.store.rows("mailboxes", SERVICE_ID=service):
            self.store.update("mailboxes", mailbox["ID"], row)

    def _shown(self, service: dict[str, Any]) -> dict[str, Any]:
        row = {name: None if service[name] is None else str(service[name]) for name in SHOWN}
        row["SERVER"] = lower(row["SERVER"] or "")
        row["ICON"] = icons.address(self.store, service)
        return row


def _switches_off(active: Any) -> bool:
    # PHP finds true equal to "N" too, so a boolean true moves the mailboxes to a catch-all.
    return active is True or active == "N"
