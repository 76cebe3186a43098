# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A simulated portal for one test: its rows, what it received, and tasks that are run against it in this process."""

from __future__ import annotations

import importlib
from urllib.parse import parse_qsl

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.bitrix24.portal.plugins.module_utils._runner import Task, execute

WRITES = ("mailservice.add", "mailservice.update", "mailservice.delete")
OFTEN = "neither server nor link"
"""A warning of most tests that create a service: it says nothing about what they are after."""
MODULES = "ansible_collections.bitrix24.portal.plugins.modules."


def service(service_id, name, active=True, server=None, port=None, encryption=True, link=None, sort=100, **columns):
    """A row of an ordinary service; columns by the portal's names."""
    flag = None if encryption is None else "NY"[encryption]
    row = dict(
        ID=service_id,
        SITE_ID="s1",
        ACTIVE="NY"[active],
        NAME=name,
        SERVER=server,
        PORT=port,
        ENCRYPTION=flag,
        LINK=link,
        SORT=sort,
    )
    return dict(row, **columns)


def catch_all(service_id=90, name="Other", **columns):
    """A row of the service that takes homeless mailboxes."""
    return service(service_id, name, encryption=None, **columns)


def mailbox(mailbox_id, of, **columns):
    """A row of the mailbox that an employee has connected with the service of that ID."""
    row = dict(
        ID=mailbox_id,
        LID="s1",
        ACTIVE="Y",
        SERVICE_ID=of,
        NAME="box",
        SERVER="old.example",
        PORT=1,
        LINK="old",
        USE_TLS="N",
        SERVER_TYPE="imap",
    )
    return dict(row, **columns)


class Interrupted:
    """Stands before the portal's own methods and lets something else happen first."""

    def __init__(self, rest):
        self.inner = getattr(rest.mail_services, "inner", rest.mail_services)
        self.act = None
        self.observer = lambda: None
        self.answers = {}
        rest.mail_services = self
        # Of the class: the portal may have been under test before.
        self.others = type(rest)._global.__get__(rest)
        rest._global = self.call_other

    def interrupt(self, method, act, place):
        self._verb, self.act, self._left = method.rpartition(".")[2], act, place

    def call(self, verb, *arguments):
        self.observer()
        if self.act and verb == self._verb:
            self._left -= 1
            if not self._left:
                self.act()
        answer = self.inner.call(verb, *arguments)
        return self.answers[verb](answer) if verb in self.answers else answer

    def call_other(self, method, *arguments):
        answer = self.others(method, *arguments)
        return self.answers[method](answer) if method in self.answers else answer


class PortalUnderTest:
    """What a test sees of a portal of the simulator."""

    def __init__(self, running):
        self._running = running
        self._store = running._portal.store
        self._methods = Interrupted(running._portal.rest)
        self.url = running.url
        self.has()

    def has(self, *services, mailboxes=(), next_id=None, switches=()):
        """Let the portal have these rows and nothing else, and forget what it received."""
        self._methods.act = None
        self._methods.observer = lambda: None
        self._methods.answers = {}
        self._running.faults = []
        self._running.state = dict(
            services=list(services),
            mailboxes=list(mailboxes),
            files=[],
            next_service_id=next_id or 1,
            switches=list(switches),
        )
        self._running.clear_requests()

    def webhook(self, kind="admin"):
        return self._running.webhook(kind)

    def before(self, method, act, place=1):
        """Call act() on the portal just before the place-th command of that method from now on; it may raise an error for the command."""
        self._methods.interrupt(method, act, place)

    def each_time(self, observer):
        """Call observer() on the portal before every command."""
        self._methods.observer = observer

    def answers(self, method, change):
        """Give change(answer) in the place of each answer to the method, as if it were another's."""
        self._methods.answers[method.rpartition(".")[2]] = change

    def misbehaves(self, *faults):
        """Set faults of the simulator, see tests/simulator/faults.py."""
        self._running.faults = list(faults)

    def insert(self, **columns):
        """What an administrator, or another run, adds in the meantime; only for act() of before()."""
        return self._store.add_service(dict(dict(SITE_ID="s1", ACTIVE="Y", ENCRYPTION="Y"), **columns))

    def drop(self, service_id):
        """What an administrator deletes in the meantime; only for act() of before()."""
        self._store.delete_service(service_id)

    def change(self, service_id, **columns):
        """What an administrator changes in the meantime; only for act() of before()."""
        self._store.update("services", service_id, columns)

    @property
    def rows(self):
        """The services by ID: what REST can set, as the database holds it."""
        fields = ("NAME", "ACTIVE", "SERVER", "PORT", "ENCRYPTION", "LINK", "SORT")
        return {int(row["ID"]): {field: row[field] for field in fields} for row in self._running.state["services"]}

    @property
    def names(self):
        """The names of the services in the order of their IDs."""
        return [row["NAME"] for dummy, row in sorted(self.rows.items())]

    @property
    def icons(self):
        """The bytes of the uploaded icons by the names of the services."""
        found = {row["NAME"]: row["ICON"] for row in self._store.rows("services")}
        return {name: self._store.file_content(file) for name, file in found.items() if file}

    @property
    def mailboxes(self):
        return {int(row["ID"]): row for row in self._running.state["mailboxes"]}

    @property
    def requests(self):
        """The methods of the calls received, in order."""
        return [request["path"].rpartition("/")[2] for request in self._calls]

    @property
    def bodies(self):
        return [request["body"] for request in self._calls]

    @property
    def _calls(self):
        return [request for request in self._running.requests if request["method"] == "POST"]

    @property
    def fetched(self):
        """What was received that is no call: requests for icons."""
        return [request for request in self._running.requests if request["method"] == "GET"]

    @property
    def commands(self):
        """(method, parameters as text) of every command received, those of batches among them."""
        found = []
        for method, body in zip(self.requests, self.bodies):
            if method != "batch":
                found.append((method, {name: str(value) for name, value in body.items()}))
                continue
            for line in body["cmd"].values() if body else ():
                inner, dummy, query = line.partition("?")
                found.append((inner, dict(parse_qsl(query, keep_blank_values=True))))
        return found

    @property
    def writes(self):
        """The commands received that write, as (verb, parameters)."""
        return [(method.rpartition(".")[2], params) for method, params in self.commands if method in WRITES]

    def run(self, module, check_mode=False, warns=False, by="admin", **params):
        """Run a task as its action plugin does. A write in check mode and a warning that is not expected fail the test.

        Expected is one for each effect that has no way back, where the task did what it had to.
        """
        before = len(self.writes)
        result = self.run_unchecked(module, check_mode, by, **params)
        assert not check_mode or len(self.writes) == before, "a write was sent in check mode"
        of_effects = [text for text in result.get("warnings", []) if ": no way back: " in text]
        irreversible = sum(not effect["reversible"] for effect in result.get("effects", []))
        assert "failed" in result or len(of_effects) == irreversible, (of_effects, result["effects"])
        others = [text for text in result.get("warnings", []) if text not in of_effects and OFTEN not in text]
        assert bool(others) == warns, others
        return result

    def run_unchecked(self, module, check_mode=False, by="admin", **params):
        module = importlib.import_module(MODULES + module)
        rules = {rule: value for rule, value in module.SPEC.items() if rule != "supports_check_mode"}
        validation = ArgumentSpecValidator(**rules).validate(dict(dict(webhook_url=self.webhook(by)), **params))
        assert not validation.error_messages
        return execute(module.run, Task(validation.validated_parameters, check_mode, validation._no_log_values))

    def succeeds(self, module, **params):
        result = self.run(module, **params)
        assert "failed" not in result, result["msg"]
        return result

    def fails(self, module, **params):
        result = self.run(module, **params)
        assert result.get("failed"), "it should have failed"
        assert "\n" not in result["msg"] and "fault of the collection" not in result["msg"], result["msg"]
        return result

    def refuses(self, module, **params):
        """The task fails and has written nothing; returns what it said."""
        rows = self.rows
        result = self.fails(module, **params)
        assert self.writes == [] and self.rows == rows and not result.get("changed")
        return result["msg"]

    def info(self, **params):
        return self.succeeds("mailservice_info", **params)["mailservices"]

    def mailservice(self, **params):
        return self.succeeds("mailservice", **params)

    def set(self, *entries, **params):
        return self.succeeds("mailservice_set", mailservices=list(entries), **params)
