# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The fields of a mail service: their labels, and what the portal's ORM makes of the values sent for them."""

from __future__ import annotations

from typing import Any

from .errors import core_error
from .icons import is_valid
from .php import is_empty, lower, to_int, to_text

LABELS = {
    "ID": "ID",
    "SITE_ID": "Website",
    "ACTIVE": "Active",
    "NAME": "Name",
    "SERVER": "Server address",
    "PORT": "Port",
    "ENCRYPTION": "Secure connection",
    "LINK": "Web interface URL",
    "ICON": "Logo",
    "SORT": "Sort",
}
_BOOLEANS = ("ACTIVE", "ENCRYPTION")
_INTEGERS = ("PORT", "ICON", "SORT")
_TEXTS = ("NAME", "SERVER", "LINK")


def normalized_flag(value: Any) -> Any:
    """``BooleanField``: 1, 0, true, false and their texts are Y and N; everything else stays as it is."""
    if isinstance(value, float) or not isinstance(value, (bool, int, str)):
        return value
    return {"1": "Y", "0": "N", "true": "Y", "false": "N"}.get(
        str(value).lower() if isinstance(value, bool) else str(value), value
    )


def clamped(value: Any) -> int:
    """A number as its column of four bytes holds it."""
    return max(-(2**31), min(2**31 - 1, to_int(value)))


def check(values: dict[str, Any], new: bool) -> None:
    """Refuse values that the fields do not accept, all of them in one error."""
    problems = []
    name = values.get("NAME")
    if (new or "NAME" in values) and not isinstance(name, dict) and to_text(name) == "":
        problems.append(f"The field {LABELS['NAME']} is required.")
    problems += [
        _invalid(field) for field in _BOOLEANS if field in values and normalized_flag(values[field]) not in ("Y", "N")
    ]
    if not is_valid(values.get("ICON")):
        problems.append(_invalid("ICON"))
    if problems:
        raise core_error("; ".join(problems))


def _invalid(field: str) -> str:
    return f'The value of "{LABELS[field]}" is invalid.'


def column_values(values: dict[str, Any]) -> dict[str, Any]:
    """Checked values as they go into the service's row."""
    row: dict[str, Any] = {}
    for field, value in values.items():
        if field in _BOOLEANS:
            row[field] = normalized_flag(value)
        elif field in _INTEGERS:
            row[field] = None if value is None else clamped(value)
        elif field in _TEXTS:
            row[field] = None if value is None and field != "SERVER" else to_text(value)
    if "SERVER" in row:
        row["SERVER"] = lower(row["SERVER"])
    return row


def mailbox_values(values: dict[str, Any]) -> dict[str, Any]:
    """What an update of a service copies to its mailboxes: the values as they were sent, not as they were stored."""
    row: dict[str, Any] = {}
    for field, value in values.items():
        if is_empty(value):
            continue
        if field in ("NAME", "SERVER", "LINK"):
            row[field] = to_text(value)
        elif field == "PORT":
            row["PORT"] = clamped(value)
        elif field == "ACTIVE":
            row["ACTIVE"] = _mailbox_flag(value)
        elif field == "ENCRYPTION":
            row["USE_TLS"] = _mailbox_flag(value)
    return row


def _mailbox_flag(value: Any) -> str:
    # PHP finds true equal to "Y", but 1, "1" and "true" different from it.
    return "Y" if value is True or value == "Y" else "N"
