# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stories made from a seed: a portal, a wanted set, what the portal shall hold in the end, and what goes wrong on the way."""

from __future__ import annotations

import random

from tests.behaviour.portal import catch_all, service

LETTERS = ("Alpha", "Beta & Söhne", "Gamma+#%", "Delta $result[x]", "Epsilon", "zeta", "Eta", "Theta", "Iota", "Kappa")
REQUESTS = ("batch",) * 7 + ("mailservice.list", "mailservice.list", "mailservice.get", "*")
COMMANDS = ("mailservice.add", "mailservice.update", "mailservice.delete", "mailservice.list", "mailservice.get")
OF_COMMANDS = ("filtered", "strict_sql", "operation_limit", "wrong_shape")
KINDS = (
    dict(kind="cut_after_commit"),
    dict(kind="cut_after_commit"),
    dict(kind="reset"),
    dict(kind="half_body"),
    dict(kind="html", status=500),
    dict(kind="html", status=200),
    dict(kind="html", status=502, commit=False),
    dict(kind="html", status=504, commit=False),
    dict(kind="query_limit"),
    dict(kind="query_limit", retry_after=3),
    dict(kind="operation_limit"),
    dict(kind="expired_token"),
    dict(kind="overload"),
    dict(kind="redirect", to="https://elsewhere.example{path}"),
    dict(kind="redirect", status=307, to="{path}"),
    dict(kind="delay", seconds=1000, commit="before"),
    dict(kind="delay", seconds=1000, commit="after"),
    dict(kind="twice", answer="first"),
    dict(kind="twice", answer="second"),
    dict(kind="twice", answer="second"),
    dict(kind="stale"),
    dict(kind="doubled"),
    dict(kind="filtered"),
    dict(kind="strict_sql"),
) + tuple(
    dict(kind="wrong_shape", shape=shape)
    for shape in (
        "list_for_map",
        "result_missing",
        "numbers",
        "unknown_keys",
        "duplicate_rows",
        "null_rows",
        "entry_missing",
        "entry_missing",
    )
)


class Story:
    """``rows``: the portal's services at first; ``task``: options of mailservice_set; ``desired``: {name: {column: value}} of the services that
    shall be there in the end and of their columns that matter; ``kept``: {name: ID} of those that must keep their ID."""

    def __init__(self, seed):
        self._random = random.Random(seed)
        names = self._random.sample(LETTERS, len(LETTERS))
        size = self._random.choice((0, 2, 3, 4, 5, 6))
        self.rows = [
            self._row(service_id * 2 + self._random.randint(1, 2), name) for service_id, name in enumerate(names[:size])
        ]
        if self._random.random() < 0.5:
            self.rows.append(catch_all(20))
        self._faults = [self._fault() for dummy in range(self._random.randint(1, 4))]
        self._want(names[size:])

    def _row(self, service_id, name):
        return service(
            service_id,
            name,
            active=self._random.random() < 0.7,
            server="imap%d.example" % service_id,
            port="143",
            link="https://%d/" % service_id,
        )

    def _want(self, new_names):
        chance = self._random
        purge = chance.choice(("none", "none", "deactivate", "delete"))
        entries, self.kept = [], {}
        self.desired = {row["NAME"]: self._columns(row) for row in self.rows}
        for row in self.rows:
            roll, name = chance.random(), row["NAME"]
            catch = row["SERVER"] is None
            if catch or roll < 0.25:
                if purge == "delete" and not catch:
                    del self.desired[name]
                elif purge == "deactivate" and not catch:
                    self.desired[name]["ACTIVE"] = "N"
            elif roll < 0.4:
                entries.append(dict(chance.choice((dict(name=name), dict(id=row["ID"]))), state="absent"))
                del self.desired[name]
            else:
                entries.append(self._changed(row, new_names))
        for name in new_names[: chance.choice((0, 1, 1, 2, 3))]:
            entry = dict(name=name, server="new.%s.example" % len(entries), port=993, active=chance.random() < 0.6)
            if chance.random() < 0.4:
                entry["link"] = "https://new/?<script>&$result[c0]"
            entries.append(entry)
            self.desired[name] = dict(
                ACTIVE="NY"[entry["active"]],
                SERVER=entry["server"],
                PORT="993",
                LINK=entry.get("link"),
                ENCRYPTION="Y",
                SORT="100",
            )
        self.kept = {name: columns.pop("ID") for name, columns in self.desired.items() if "ID" in columns}
        chance.shuffle(entries)
        self.task = dict(
            mailservices=entries,
            purge=purge,
            max_removals=-1,
            allow_empty=True,
            on_error=chance.choice(("stop", "continue")),
        )

    def _changed(self, row, new_names):
        """An entry that keeps the service and changes some of it."""
        chance, old = self._random, row["NAME"]
        columns = self.desired.pop(old)
        entry = dict(active=chance.random() < 0.6)
        columns["ACTIVE"] = "NY"[entry["active"]]
        name = old
        if chance.random() < 0.3 and new_names:
            name = new_names.pop()
            entry.update(chance.choice((dict(id=row["ID"], name=name), dict(name=name, previous_names=[old]))))
        else:
            entry.update(chance.choice((dict(name=name), dict(id=row["ID"]))))
        changes = (
            ("port", "PORT", 993),
            ("sort", "SORT", 7),
            ("server", "SERVER", "other%s.example" % row["ID"]),
            ("encryption", "ENCRYPTION", False),
        )
        for option, column, value in changes:
            if chance.random() < 0.3:
                entry[option] = value
                columns[column] = "NY"[value] if isinstance(value, bool) else str(value)
        self.desired[name] = columns
        return entry

    @staticmethod
    def _columns(row):
        columns = {
            column: None if row[column] is None else str(row[column])
            for column in ("ACTIVE", "SERVER", "PORT", "ENCRYPTION", "LINK", "SORT")
        }
        return dict(columns, ID=row["ID"])

    def faults(self, batches):
        """Most of them hit what is sent after so many batches, which only read."""
        return [
            dict(fault, nth=fault["nth"] + batches) if late and fault["method"] == "batch" else fault
            for fault, late in self._faults
        ]

    def _fault(self):
        chance = self._random
        kind = chance.choice(KINDS)
        method = chance.choice(COMMANDS if kind["kind"] in OF_COMMANDS and chance.random() < 0.7 else REQUESTS)
        times = 1 if kind["kind"] == "delay" else chance.choice((1, 1, 1, 2, 3, 10))
        return dict(kind, method=method, nth=chance.choice((1, 1, 1, 2, 2, 3)), times=times), chance.random() < 0.8


def undone(story, rows):
    """The names for which the portal does not hold what the story wants, those that it holds twice, and those that nobody wanted."""
    found = {}
    for service_id, row in rows.items():
        found.setdefault(row["NAME"], []).append(
            (service_id, {column: value for column, value in row.items() if column != "NAME"})
        )
    names = set(
        name for name, columns in story.desired.items() if [row for dummy, row in found.get(name, ())] != [columns]
    )
    names.update(
        name
        for name, service_id in story.kept.items()
        if [other for other, dummy in found.get(name, ())] != [service_id]
    )
    return names | (set(found) - set(story.desired))
