# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the changes of a plan do to the mailboxes that employees connected. Source: the contract, measured."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .._text import quoted
from .model import BUILT_IN_BY_NAME, COPIED_TO_MAILBOXES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from .changes import Change, Difference
    from .model import MailService

UPDATED, MOVED, SWITCHED_OFF, CUT_LOOSE, SWITCHED_ON = "updated", "moved", "switched_off", "cut_loose", "switched_on"

HOW_MANY = "How many there are cannot be known over REST."


def effects_of(changes: Sequence[Change], current: Sequence[MailService]) -> list[dict[str, Any]]:
    """Work out the effects of ``changes``, in the order in which they are carried out, on the services ``current``.

    Returns a list of dictionaries ``{service, id, action, to, reversible, text}``; a text stands alone, so it names its
    service. Each change is judged by the catch-all that exists at its moment, since a plan may end one.
    """
    catch_alls = {service.id: service for service in current if service.is_catch_all}
    effects: list[dict[str, Any]] = []
    for change in changes:
        before, after = change.before, change.after
        if before is None:
            continue
        others = [service for service_id, service in sorted(catch_alls.items()) if service_id != before.id]
        target = others[0] if others else None
        if after is None:
            effects.append(_deleted(before, target))
        elif before.active and not after.active:
            if target is None:
                effects.extend(_copied(before, change.fields))
            effects.append(_deactivated(before, target))
        else:
            effects.extend(_copied(before, change.fields))
            if after.active and not before.active:
                effects.append(
                    _effect(
                        before,
                        SWITCHED_ON,
                        None,
                        True,
                        f"Mailboxes that were switched off with {quoted(before.name)} are switched on again. "
                        f"{HOW_MANY}",
                    )
                )
        catch_alls.pop(before.id, None)
        if after is not None and after.is_catch_all:
            catch_alls[after.id] = after
    return effects


def no_way_back(effect: Mapping[str, Any]) -> str | None:
    """An effect that REST cannot undo as one short line for people; None where there is a way back."""
    if effect["reversible"]:
        return None
    become = {
        MOVED: f"move to {quoted(effect['to'] or '')}",
        CUT_LOOSE: "are switched off and cut loose for good",
        UPDATED: "get a setting that cannot be unset again",
    }[effect["action"]]
    return f"no way back: mailboxes of {quoted(effect['service'])} (id {effect['id']}) {become}"


def _copied(before: MailService, fields: Mapping[str, Difference]) -> Iterator[dict[str, Any]]:
    copied = [field for field in COPIED_TO_MAILBOXES if field in fields]
    if copied:
        # What was unset cannot be unset again over REST, neither here nor in the mailboxes.
        reversible = all(fields[field][0] is not None for field in copied)
        text = (
            f"The new {', '.join(copied)} is copied to every mailbox connected with {quoted(before.name)}. {HOW_MANY}"
        )
        yield _effect(before, UPDATED, None, reversible, text)


def _deactivated(before: MailService, target: MailService | None) -> dict[str, Any]:
    if target is None:
        return _effect(
            before,
            SWITCHED_OFF,
            None,
            True,
            f"Mailboxes connected with {quoted(before.name)} are switched off until it is activated again. {HOW_MANY}",
        )
    return _effect(
        before,
        MOVED,
        target,
        False,
        f"Mailboxes connected with {quoted(before.name)} move to the catch-all {quoted(target.name)} and stay on; "
        f"activating the service again does not bring them back. {HOW_MANY}",
    )


def _deleted(before: MailService, target: MailService | None) -> dict[str, Any]:
    if before.name == BUILT_IN_BY_NAME:
        return _effect(
            before,
            CUT_LOOSE,
            None,
            False,
            f"Mailboxes of {quoted(before.name)}, the portal's own mail hosting, are switched off and cut loose "
            f"for good, catch-all or not. {HOW_MANY}",
        )
    if target is None:
        return _effect(
            before,
            CUT_LOOSE,
            None,
            False,
            f"Mailboxes connected with {quoted(before.name)} are switched off and cut loose for good: "
            f"no catch-all takes them. {HOW_MANY}",
        )
    return _effect(
        before,
        MOVED,
        target,
        False,
        f"Mailboxes connected with {quoted(before.name)} move to the catch-all {quoted(target.name)} "
        f"and take its name. {HOW_MANY}",
    )


def _effect(
    before: MailService, action: str, target: MailService | None, reversible: bool, text: str
) -> dict[str, Any]:
    return {
        "service": before.name,
        "id": before.id,
        "action": action,
        "to": None if target is None else target.name,
        "reversible": reversible,
        "text": text,
    }
