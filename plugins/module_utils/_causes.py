# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sentences that name options, for whoever calls the options otherwise, as roles do.

A cause is what a result says beside its message, as values: ``{kind, entry, message, parts}``. ``kind`` says what is
wrong, ``entry`` which entry it is about (or None), ``message`` says it in words, without the entry. Of the kinds below
``parts`` are what the sentence is made of.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

NO_LIBRARY = "no_library"

SENTENCES = {
    "allow_empty": (
        "no service is wanted present, and {option[purge]}: {purge} would take every service away; "
        "if that is meant, set {option[allow_empty]}: true"
    ),
    "max_removals": (
        "{number} services would be deleted or deactivated ({names}), "
        "more than {option[max_removals]}: {most}; nothing was done"
    ),
    "catch_all": (
        "{name} (id {id}) {what} and would stop being one{lasting}; "
        "if that is meant, set {option[allow_catch_all_change]}: true"
    ),
    "builtin": (
        "{name} (id {id}) came with the portal and cannot be made again once deleted; "
        "deactivate it, or set {option[allow_builtin_delete]}: true"
    ),
    "too_many_ids": (
        "to find inactive services by name, {number} IDs would have to be asked for one by one, "
        "more than {option[inactive_max_ids]}: {most}; name the service by id, or raise {option[inactive_max_ids]}"
    ),
    "negative_ids": (
        "{option[inactive_lookahead]} and {option[inactive_max_ids]} are numbers of IDs: 0 or more; nothing was sent"
    ),
    "wrong_host": "the connection leads to {host}, {option[expected_host]} is {expected}; nothing was sent",
    "unusable_servers": "{told}; nothing was done, since {option[verify]} is fail",
    "verify_timeout": "{option[verify_timeout]}: {given} is no time-out; give 1 to {most} seconds; nothing was done",
    "another_plan": (
        "something moved since the plan was approved, and it has another digest than {option[expect_plan]}; "
        "nothing was done"
    ),
}


class _Options:
    """What the options are called: by their names behind a prefix."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix

    def __getitem__(self, option: str) -> str:
        return self._prefix + option


def sentence(kind: str, values: Mapping[str, Any], prefix: str = "", form: str | None = None) -> str:
    """The sentence of a kind. prefix: before the options' names; form: another sentence of the same values."""
    return (form or SENTENCES[kind]).format(option=_Options(prefix), **values)


def cause(kind: str, message: str = "", entry: str | None = None, **values: Any) -> dict[str, Any]:
    """A cause in plain values; its message is the kind's sentence where it has one."""
    return {
        "kind": kind,
        "entry": entry,
        "message": message or sentence(kind, values),
        "parts": values,
    }
