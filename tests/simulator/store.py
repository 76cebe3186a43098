# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The portal's rows in SQLite, written the way MySQL writes them: text cut, numbers clamped, strict mode on request."""

from __future__ import annotations

import sqlite3
from typing import Any, NamedTuple

from .collation import sort_key

TEXT_LENGTH = 255
SERVICE_COLUMNS = (
    "ID",
    "SITE_ID",
    "ACTIVE",
    "SERVICE_TYPE",
    "NAME",
    "SERVER",
    "PORT",
    "ENCRYPTION",
    "LINK",
    "ICON",
    "TOKEN",
    "FLAGS",
    "SORT",
    "SMTP_SERVER",
    "SMTP_PORT",
    "SMTP_ENCRYPTION",
    "SMTP_LOGIN_AS_IMAP",
    "SMTP_PASSWORD_AS_IMAP",
    "UPLOAD_OUTGOING",
)
MAILBOX_COLUMNS = ("ID", "LID", "ACTIVE", "SERVICE_ID", "NAME", "SERVER", "PORT", "LINK", "USE_TLS", "SERVER_TYPE")
MAILBOX_REQUIRED = ("PORT",)
"""The portal's table forbids null there."""

FILE_COLUMNS = (
    "ID",
    "MODULE_ID",
    "SUBDIR",
    "FILE_NAME",
    "ORIGINAL_NAME",
    "CONTENT_TYPE",
    "FILE_SIZE",
    "WIDTH",
    "HEIGHT",
)
TABLES = {"services": SERVICE_COLUMNS, "mailboxes": MAILBOX_COLUMNS, "files": FILE_COLUMNS}
INTEGERS = {"ID", "PORT", "ICON", "FLAGS", "SORT", "SMTP_PORT", "SERVICE_ID", "FILE_SIZE", "WIDTH", "HEIGHT"}
SERVICE_DEFAULTS = {
    "SERVICE_TYPE": "imap",
    "FLAGS": 0,
    "SORT": 100,
    "SMTP_LOGIN_AS_IMAP": "N",
    "SMTP_PASSWORD_AS_IMAP": "N",
}


class SqlError(Exception):
    """What strict MySQL refuses to store."""


class IconRules(NamedTuple):
    """How icons are stored and shown; ``host``: before the path of every stored icon, as of a cloud portal's CDN."""

    keep_names: bool = False
    reencode: bool = False
    host: str = ""


class Store:
    """One portal's database: ``services``, ``mailboxes``, ``files`` and the next service's ID."""

    def __init__(self, path: str = ":memory:") -> None:
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._db.row_factory = sqlite3.Row
        self._db.execute("PRAGMA synchronous=OFF")
        for table, columns in TABLES.items():
            required = MAILBOX_REQUIRED if table == "mailboxes" else ()
            typed = (
                f"{name} {'INTEGER' if name in INTEGERS else 'TEXT'}{' PRIMARY KEY' * (name == 'ID')}"
                f"{' NOT NULL' * (name in required)}"
                for name in columns
            )
            self._db.execute(f"CREATE TABLE IF NOT EXISTS {table} ({', '.join(typed)})")
        self._db.execute("CREATE TABLE IF NOT EXISTS contents (ID INTEGER PRIMARY KEY, CONTENT BLOB)")
        self._db.execute("CREATE TABLE IF NOT EXISTS counter (NEXT INTEGER)")
        if not self._db.execute("SELECT 1 FROM counter").fetchone():
            self._db.execute("INSERT INTO counter VALUES (1)")
        self.strict = False
        self.icon_rules = IconRules()

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()

    def rows(self, table: str, **equal: Any) -> list[dict[str, Any]]:
        """Rows by ID, those whose columns have these values; a set stands for any of its values."""
        values = {name: value if isinstance(value, set) else {value} for name, value in equal.items()}
        where = " AND ".join(f"{name} IN ({', '.join('?' * len(some))})" for name, some in values.items()) or "1"
        found = self._db.execute(
            f"SELECT * FROM {table} WHERE {where} ORDER BY ID",
            tuple(value for some in values.values() for value in some),
        )
        return [dict(row) for row in found]

    def active_services(self, site: str) -> list[dict[str, Any]]:
        """What ``mailservice.list`` shows, in its order."""
        return sorted(
            self.rows("services", SITE_ID=site, ACTIVE="Y"),
            key=lambda row: (row["SORT"] or 0, sort_key(row["NAME"]), row["ID"]),
        )

    def catch_all(self, site: str, service_type: str | None = None) -> dict[str, Any] | None:
        """The active service without server, port, encryption and link that takes homeless mailboxes."""
        empty = [
            row
            for row in self.rows("services", SITE_ID=site, ACTIVE="Y")
            if not any(str(row[name] or "").strip(" ") for name in ("SERVER", "PORT", "ENCRYPTION", "LINK"))
        ]
        return next((row for row in empty if service_type in (None, row["SERVICE_TYPE"])), None)

    def add_service(self, values: dict[str, Any]) -> int:
        """Insert a service; returns its ID."""
        row = self._stored({**SERVICE_DEFAULTS, **values})
        identity = self.next_service_id
        self._insert("services", {"ID": identity, **row})
        self._db.execute("UPDATE counter SET NEXT = ?", (identity + 1,))
        return identity

    def update(self, table: str, identity: int, values: dict[str, Any]) -> None:
        """Write some columns of one row."""
        row = self._stored(values)
        if row:
            self._db.execute(
                f"UPDATE {table} SET {', '.join(f'{name} = ?' for name in row)} WHERE ID = ?", (*row.values(), identity)
            )

    def delete_service(self, identity: int) -> None:
        """Remove a service's row."""
        self._db.execute("DELETE FROM services WHERE ID = ?", (identity,))

    def add_file(self, values: dict[str, Any], content: bytes) -> int:
        """Insert a stored file; returns its ID."""
        identity = self._db.execute("SELECT COALESCE(MAX(ID), 0) + 1 FROM files").fetchone()[0]
        self._insert("files", {"ID": identity, **self._stored(values)})
        self._db.execute("INSERT OR REPLACE INTO contents VALUES (?, ?)", (identity, content))
        return identity

    def file_content(self, identity: int) -> bytes | None:
        """The bytes of a stored file, where they were uploaded and not merely declared."""
        found = self._db.execute("SELECT CONTENT FROM contents WHERE ID = ?", (identity,)).fetchone()
        return found and found[0]

    @property
    def next_service_id(self) -> int:
        """MySQL's AUTO_INCREMENT of the services."""
        return self._db.execute(
            "SELECT MAX(NEXT, (SELECT COALESCE(MAX(ID), 0) + 1 FROM services)) FROM counter"
        ).fetchone()[0]

    @property
    def state(self) -> dict[str, Any]:
        """All rows in the form of the recordings: every value a text or null."""
        shown = {
            table: [{name: _shown(row[name]) for name in columns} for row in self.rows(table)]
            for table, columns in TABLES.items()
        }
        return {"next_service_id": self.next_service_id, **shown}

    @state.setter
    def state(self, state: dict[str, Any]) -> None:
        self._db.execute("BEGIN")
        try:
            for table in (*TABLES, "contents"):
                self._db.execute(f"DELETE FROM {table}")
            for table, columns in TABLES.items():
                defaults = SERVICE_DEFAULTS if table == "services" else {}
                for row in state.get(table) or ():
                    self._insert(table, {name: row.get(name, defaults.get(name)) for name in columns})
            self._db.execute("UPDATE counter SET NEXT = ?", (int(state.get("next_service_id") or 1),))
        except BaseException as error:
            self._db.execute("ROLLBACK")
            raise ValueError(f"not a state: {error}") from error
        self._db.execute("COMMIT")

    def _insert(self, table: str, row: dict[str, Any]) -> None:
        self._db.execute(
            f"INSERT INTO {table} ({', '.join(row)}) VALUES ({', '.join('?' * len(row))})", tuple(row.values())
        )

    def _stored(self, values: dict[str, Any]) -> dict[str, Any]:
        return {name: self._stored_text(value) if isinstance(value, str) else value for name, value in values.items()}

    def _stored_text(self, text: str) -> str:
        # A byte that was not UTF-8 came this far as a lone surrogate.
        text = "".join("?" if 0xD800 <= ord(character) <= 0xDFFF else character for character in text)
        if self.strict and len(text) > TEXT_LENGTH:
            raise SqlError
        return text[:TEXT_LENGTH]


def _shown(value: Any) -> str | None:
    return None if value is None else str(value)
