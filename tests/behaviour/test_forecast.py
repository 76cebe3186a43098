# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a plan says of the mailboxes equals their rows afterwards, for random sets of every type of service."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, event, example, given, settings
from hypothesis import strategies as st

from ansible_collections.bitrix24.portal.plugins.module_utils._planning.effects import IF_HOSTED_LOOSE, IF_HOSTED_OFF
from tests.behaviour.portal import catch_all, mailbox, service

MANY = os.environ.get("HYPOTHESIS_EXAMPLES")
TYPES = ["imap", "imap", "imap", "controller", "domain", "crdomain"]
EMPTY = ("SERVER", "PORT", "ENCRYPTION", "LINK")
COLUMNS = {"name": "NAME", "server": "SERVER", "port": "PORT", "encryption": "USE_TLS", "link": "LINK"}

services = st.lists(
    st.tuples(st.sampled_from(TYPES), st.booleans(), st.sampled_from([True, True, True, False]), st.booleans()),
    min_size=1,
    max_size=7,
)
"""Of each its type, whether nothing is set, whether it is active, and whether a controller's name was changed."""

wishes = st.lists(
    st.one_of(
        st.none(),
        st.just({"state": "absent"}),
        st.fixed_dictionaries(
            {},
            optional={
                "active": st.booleans(),
                "name": st.just("Renamed"),
                "server": st.sampled_from(["imap.a", "imap.b"]),
                "port": st.sampled_from([1, 993]),
                "link": st.just("new"),
            },
        ),
    ),
    min_size=7,
    max_size=7,
)
"""What becomes of each; None: no entry names it, so that a purge may take it."""


def rows_of(drawn):
    rows = []
    for service_id, (kind, empty, active, renamed) in enumerate(drawn, 1):
        name = "bitrix24" if kind == "controller" and not renamed else f"S{service_id}"
        if empty:
            rows.append(catch_all(service_id, name, active=active, SERVICE_TYPE=kind))
        else:
            rows.append(service(service_id, name, active=active, server="s", link="l", SERVICE_TYPE=kind))
    return rows


def entries_of(drawn, rows):
    entries = []
    for row, wish in zip(rows, drawn):
        if wish is not None:
            name = {"name": f"R{row['ID']}"} if "name" in wish else {}
            entries.append({"id": row["ID"], **wish, **name})
    return entries


class Told:
    """Mailboxes to which happens what the effects say, with what their texts leave open decided by the type."""

    def __init__(self, rows, boxes):
        self.types = {row["ID"]: row["SERVICE_TYPE"] for row in rows}
        self.homes = {row["ID"]: row["NAME"] for row in rows if row["ACTIVE"] == "Y" and not any(map(row.get, EMPTY))}
        self.named = {row["ID"] for row in rows if row["NAME"] == "bitrix24"}
        self.boxes = boxes

    def apply(self, effect, change):
        mine = [box for box in self.boxes.values() if box["SERVICE_ID"] == effect["id"]]
        action, to = self._decided(effect)
        for box in mine:
            if action == "updated" or (action == "switched_off" and effect["action"] == "moved"):
                box.update({COLUMNS[field]: after for field, after in change.items() if field in COLUMNS})
            if action == "updated":
                continue
            if action == "moved":
                box["SERVICE_ID"] = to
                if IF_HOSTED_LOOSE in effect["text"]:
                    box["NAME"] = self.homes[to]
            elif action == "cut_loose":
                box.update(SERVICE_ID=0, ACTIVE="N")
            else:
                box["ACTIVE"] = "Y" if action == "switched_on" else "N"

    def _decided(self, effect):
        if effect["action"] != "moved":
            return effect["action"], None
        assert effect["id"] not in self.named, "the name tells"
        ordinary = self.types[effect["id"]] == "imap"
        homes = sorted(home for home in self.homes if home != effect["id"])
        if IF_HOSTED_LOOSE in effect["text"]:
            event("a deletion")
            told = next(home for home in homes if self.homes[home] == effect["to"])
            return ("moved", told) if ordinary else ("cut_loose", None)
        assert IF_HOSTED_OFF in effect["text"]
        event("a deactivation")
        left = [home for home in homes if self.types[home] == "imap"]
        told = next(home for home in homes if self.homes[home] == effect["to"])
        assert told not in self.named, "the name tells"
        if self.types[told] == "imap":
            assert left[0] == told, "the text leaves no doubt about a catch-all that is none of the hosting's"
        return ("moved", left[0]) if ordinary and left else ("switched_off", None)


def columns(boxes):
    names = ("SERVICE_ID", "ACTIVE", "NAME", "SERVER", "PORT", "LINK", "USE_TLS")
    return {key: {name: str(box[name]) for name in names} for key, box in boxes.items()}


ISSUE = [("controller", True, True, False), ("imap", False, True, False), ("imap", True, True, False)]
"""bitrix24, a, other."""


@settings(max_examples=int(MANY or 150), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(ISSUE, [None, {"active": False}] + [None] * 5, "none")
@example(ISSUE[:2], [None, {"active": False}] + [None] * 5, "none")
@example(ISSUE, [None, None, {"active": False}] + [None] * 4, "none")
@example(ISSUE, [{"active": False}] + [None] * 6, "none")
@example(ISSUE + ISSUE[1:2] * 4, [None] * 7, "deactivate")
@given(services, wishes, st.sampled_from(["none", "deactivate", "delete"]))
def test_what_was_said_is_what_the_rows_are(portal, drawn, wanted, purge):
    rows = rows_of(drawn)
    boxes = [mailbox(row["ID"], row["ID"], ACTIVE=row["ACTIVE"]) for row in rows]
    portal.has(*rows, mailboxes=boxes)
    told = Told(rows, {box["ID"]: box for box in boxes})
    result = portal.run_unchecked(
        "mailservice_set",
        mailservices=entries_of(wanted, rows),
        purge=purge,
        max_removals=-1,
        allow_empty=True,
        allow_catch_all_change=True,
        allow_builtin_delete=True,
    )
    if "plan" not in result:
        event("refused")
        return
    assert "failed" not in result, result["msg"]
    changed = {}
    for key in ("updates", "deactivations", "deletions"):
        changed.update({change["id"]: change["changes"] for change in result["plan"][key]})
    follow(result["effects"], changed, told)
    assert columns(portal.mailboxes) == columns(told.boxes)


def follow(effects, changed, told):
    """Let the mailboxes go where the effects say, one change after the other, and keep book of the catch-alls."""
    order = list(dict.fromkeys(effect["id"] for effect in effects))
    for service_id in order:
        for effect in effects:
            if effect["id"] == service_id:
                after = {field: value["after"] for field, value in changed[service_id].items()}
                told.apply(effect, {field: "Y" if value is True else value for field, value in after.items()})
        keep_book(service_id, changed[service_id], told)


def keep_book(service_id, changes, told):
    if service_id not in told.homes:
        return
    values = {field: value["after"] for field, value in changes.items()}
    deleted = "active" in values and values["active"] is None
    if deleted or values.get("active") is False or {"server", "port", "link"} & set(values):
        del told.homes[service_id]
    elif "name" in values:
        told.homes[service_id] = values["name"]
