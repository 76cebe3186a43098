# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One mail service: what it looks like to the portal, and what to the user. Nothing between the two stands elsewhere.

The portal writes every scalar as text or null (``"Y"``, ``"993"``, ``""``); the user sees booleans, numbers and null.
The portal's own upper-case field names stand in this file only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable, NamedTuple, Union

if TYPE_CHECKING:
    from collections.abc import Mapping

Value = Union[str, int, bool, None]
"""What a field holds in the user's form; None: unset."""

TEXT, NUMBER, FLAG = "text", "number", "flag"

FIELDS = {
    "id": ("ID", NUMBER),
    "site_id": ("SITE_ID", TEXT),
    "active": ("ACTIVE", FLAG),
    "sort": ("SORT", NUMBER),
    "name": ("NAME", TEXT),
    "server": ("SERVER", TEXT),
    "port": ("PORT", NUMBER),
    "encryption": ("ENCRYPTION", FLAG),
    "link": ("LINK", TEXT),
    "icon": ("ICON", TEXT),
    "smtp_server": ("SMTP_SERVER", TEXT),
    "smtp_port": ("SMTP_PORT", NUMBER),
    "smtp_login_as_imap": ("SMTP_LOGIN_AS_IMAP", FLAG),
    "smtp_password_as_imap": ("SMTP_PASSWORD_AS_IMAP", FLAG),
    "smtp_encryption": ("SMTP_ENCRYPTION", FLAG),
    "upload_outgoing": ("UPLOAD_OUTGOING", FLAG),
}
"""The user's name of a field: the portal's name of it, and its type. The order is the order of the return value."""

WRITABLE = ("name", "active", "server", "port", "encryption", "link", "sort")
"""What REST can set; the order in which changes are listed."""

READ_ONLY = tuple(field for field in FIELDS if field not in WRITABLE and field != "id")

COPIED_TO_MAILBOXES = ("name", "server", "port", "encryption", "link")
"""What the portal copies into the mailboxes that employees connected with a service, when an update carries it."""

BUILT_IN_BY_NAME = "bitrix24"
"""The portal's own mail hosting. REST does not show a service's type: only this name tells it from an ordinary one."""

DEFAULTS = {"active": True, "encryption": True, "sort": 100}
"""What a service gets on creation where nothing is desired."""

ID_PARAMETER, ICON_PARAMETER = FIELDS["id"][0], FIELDS["icon"][0]


class UnreadableService(ValueError):
    """The portal described a service in a way that the contract does not know."""


class MailService(NamedTuple):
    """A mail service in the user's form: booleans, numbers, None for unset. Immutable. The order is that of FIELDS.

    ``id`` is None where the service is still to be created, and in no service that was read.
    """

    id: int
    site_id: str | None
    active: bool
    sort: int | None
    name: str
    server: str | None
    port: int | None
    encryption: bool | None
    link: str | None
    icon: str | None
    smtp_server: str | None
    smtp_port: int | None
    smtp_login_as_imap: bool | None
    smtp_password_as_imap: bool | None
    smtp_encryption: bool | None
    upload_outgoing: bool | None

    @classmethod
    def from_portal(cls, row: object) -> MailService:
        """Read a row of ``mailservice.list`` or ``.get``. Raises UnreadableService. Unknown keys are dropped."""
        if not isinstance(row, dict):
            raise UnreadableService(f"a mail service is described by {type(row).__name__} where a map was due")
        values: dict[str, Any] = {field: _READERS[kind](row.get(key), key) for field, (key, kind) in FIELDS.items()}
        if values["id"] is None or values["id"] < 1:
            raise UnreadableService("a mail service came without an ID")
        if values["name"] is None:
            raise UnreadableService(f"the mail service with the ID {values['id']} came without a NAME")
        if values["active"] is None:
            raise UnreadableService(f"the mail service with the ID {values['id']} came without ACTIVE")
        for field in ("port", "smtp_port"):
            values[field] = values[field] or None
        values["server"] = normalise("server", values["server"])
        return cls(**values)

    @classmethod
    def to_be_created(cls, fields: Mapping[str, Value]) -> MailService:
        """The service that a creation with these fields (user's form) is going to make; its id is None."""
        values: dict[str, Any] = dict.fromkeys(FIELDS)
        values.update(DEFAULTS)
        values.update(fields)
        return cls(**values)

    def to_user(self) -> dict[str, Value]:
        """The return value's dictionary, documented in the modules' RETURN."""
        return dict(zip(self._fields, self))

    @property
    def is_catch_all(self) -> bool:
        """Active, and SERVER, PORT, ENCRYPTION and LINK all empty: the place where homeless mailboxes go.

        One of the portal's own mail hosting takes those of a deleted service, not those of a deactivated one.
        """
        # The database pads texts with blanks before it compares them.
        empty = not (self.server or "").strip(" ") and not (self.link or "").strip(" ")
        return self.active and empty and self.port is None and self.encryption is None

    @property
    def is_hosted(self) -> bool:
        """Whether it is the portal's own mail hosting, as far as its name tells."""
        return self.name == BUILT_IN_BY_NAME

    @property
    def cannot_be_made_again(self) -> bool:
        """Whether REST could not give back what a deletion destroys: SMTP settings, or the portal's own hosting."""
        return self.is_hosted or any(
            value is not None and value is not False
            for field, value in zip(self._fields, self)
            if field.startswith("smtp_")
        )


def to_portal(fields: Mapping[str, Value]) -> dict[str, Value]:
    """Turn fields in the user's form into the parameters of ``mailservice.add`` or ``mailservice.update``.

    Flags become exactly ``"Y"`` or ``"N"``: every other spelling that the portal takes reaches the mailboxes wrongly.
    """
    return {
        FIELDS[field][0]: (("Y" if value else "N") if FIELDS[field][1] == FLAG else value)
        for field, value in fields.items()
    }


def normalise(field: str, value: Value) -> Value:
    """The form in which a desired value is compared and sent: a server is lower case, an empty text is None (unset)."""
    if value == "":
        return None
    if field == "server" and isinstance(value, str):
        # Each letter by itself, as the server does: Python would make another letter of a Greek sigma that ends a word.
        return "".join(map(str.lower, value))
    return value


def labels_to_user(answer: object) -> dict[str, str]:
    """Turn the map of ``mailservice.fields`` into one by the user's names. Raises UnreadableService."""
    if not isinstance(answer, dict):
        raise UnreadableService(f"the labels came as {type(answer).__name__} where a map was due")
    return {field: answer[key] for field, (key, dummy) in FIELDS.items() if isinstance(answer.get(key), str)}


def _read_text(value: object, key: str) -> str | None:
    if value is None or value == "":
        return None
    if isinstance(value, str):
        return value
    raise UnreadableService(f"{key} came as {type(value).__name__} where text was due")


def _read_number(value: object, key: str) -> int | None:
    if value is None or value == "":
        return None
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and len(value) <= 20:
        try:
            return int(value, 10)
        except ValueError:
            pass
    raise UnreadableService(f"{key} came as something else than a number")


def _read_flag(value: object, key: str) -> bool | None:
    if value is None or value == "":
        return None
    if value in ("Y", "N"):
        return value == "Y"
    raise UnreadableService(f"{key} came as something else than Y or N")


_READERS: dict[str, Callable[[object, str], Value]] = {TEXT: _read_text, NUMBER: _read_number, FLAG: _read_flag}
