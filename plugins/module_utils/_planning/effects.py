# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the changes of a plan do to the mailboxes that employees connected. Source: the contract, measured.

Services of the portal's own mail hosting behave otherwise, and REST does not show which these are: only the name
bitrix24 tells. Where an effect depends on that, its text says so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .._text import in_words, quoted
from .model import COPIED_TO_MAILBOXES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from .changes import Change, Difference
    from .model import MailService

UPDATED, MOVED, SWITCHED_OFF, CUT_LOOSE, SWITCHED_ON = "updated", "moved", "switched_off", "cut_loose", "switched_on"

HOW_MANY = "How many there are cannot be known over REST."
IF_HOSTED_OFF = (
    "If the portal's own mail hosting made one of these two services, which REST does not show, "
    "the mailboxes can be switched off instead of moved."
)
IF_HOSTED_LOOSE = (
    "If the portal's own mail hosting made the service, which REST does not show, "
    "the mailboxes are left without a service for good instead of moved."
)


def effects_of(changes: Sequence[Change], current: Sequence[MailService]) -> list[dict[str, Any]]:
    """Work out the effects of ``changes``, in the order in which they are carried out, on the services ``current``.

    Returns a list of dictionaries ``{service, id, action, to, reversible, text}``; a text stands alone, so it names its
    service. Each change is judged by the catch-all that exists at its moment, since a plan may end one.
    """
    catch_alls = {service.id: service for service in current if service.is_catch_all}
    hosted = {service.id for service in current if service.is_hosted}
    effects: list[dict[str, Any]] = []
    for change in changes:
        before, after = change.before, change.after
        if before is None:
            continue
        if after is None:
            effects.append(_deleted(before, _lowest(catch_alls, {before.id})))
        elif before.active and not after.active:
            # The two look for the catch-all differently: a deactivation takes none of the portal's own mail hosting.
            target = None if before.is_hosted else _lowest(catch_alls, {before.id, *hosted})
            if target is None:
                effects.extend(_copied(before, change.fields))
            effects.append(_deactivated(before, target, _copied_fields(change.fields)))
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
        CUT_LOOSE: "are switched off and left without a service for good",
        UPDATED: "get a setting that cannot be unset again",
    }[effect["action"]]
    return f"no way back: mailboxes of {quoted(effect['service'])} (id {effect['id']}) {become}"


def _lowest(catch_alls: Mapping[int, MailService], but: set[int]) -> MailService | None:
    """The catch-all that the portal takes, of several the one with the lowest ID."""
    return min((service for key, service in catch_alls.items() if key not in but), key=_by_id, default=None)


def _by_id(service: MailService) -> int:
    return service.id


def _copied(before: MailService, fields: Mapping[str, Difference]) -> Iterator[dict[str, Any]]:
    copied = _copied_fields(fields)
    if copied:
        # What was unset cannot be unset again over REST, neither here nor in the mailboxes.
        reversible = all(fields[field][0] is not None for field in copied)
        what = f"{in_words(copied)} {'is' if len(copied) == 1 else 'are'}"
        text = f"The new {what} copied to every mailbox connected with {quoted(before.name)}. {HOW_MANY}"
        yield _effect(before, UPDATED, None, reversible, text)


def _copied_fields(fields: Mapping[str, Difference]) -> list[str]:
    return [field for field in COPIED_TO_MAILBOXES if field in fields]


def _deactivated(before: MailService, target: MailService | None, copied: Sequence[str]) -> dict[str, Any]:
    if target is None:
        whose = f"connected with {quoted(before.name)}"
        whatever = ""
        if before.is_hosted:
            whose = f"of {quoted(before.name)}, by its name the portal's own mail hosting,"
            whatever = ", catch-all or not"
        return _effect(
            before,
            SWITCHED_OFF,
            None,
            True,
            f"Mailboxes {whose} are switched off until it is activated again{whatever}. {HOW_MANY}",
        )
    without = f", without the new {in_words(copied)}" if copied else ""
    return _effect(
        before,
        MOVED,
        target,
        False,
        f"Mailboxes connected with {quoted(before.name)} move to the catch-all {quoted(target.name)} "
        f"and stay on{without}; activating the service again does not bring them back. {IF_HOSTED_OFF} {HOW_MANY}",
    )


def _deleted(before: MailService, target: MailService | None) -> dict[str, Any]:
    if before.is_hosted:
        return _effect(
            before,
            CUT_LOOSE,
            None,
            False,
            f"Mailboxes of {quoted(before.name)}, by its name the portal's own mail hosting, "
            f"are switched off and left without a service for good, catch-all or not. {HOW_MANY}",
        )
    if target is None:
        return _effect(
            before,
            CUT_LOOSE,
            None,
            False,
            f"Mailboxes connected with {quoted(before.name)} are switched off and left without a service for good: "
            f"no catch-all takes them. {HOW_MANY}",
        )
    return _effect(
        before,
        MOVED,
        target,
        False,
        f"Mailboxes connected with {quoted(before.name)} move to the catch-all {quoted(target.name)} "
        f"and take its name. {IF_HOSTED_LOOSE} {HOW_MANY}",
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
