# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""verify: the servers that employees get are looked at before anything is written."""

from __future__ import annotations

import functools
import socket

import pytest

from tests.behaviour.portal import service
from tests.probe.scripted import ScriptedMailServer, imap

HERE = f" (seen from {socket.gethostname()})"
good = functools.partial(imap, capabilities=b"* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n")


@pytest.fixture
def nobody():
    """A port on which nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        yield free.getsockname()[1]


@pytest.fixture
def clear():
    """A server in the clear, which is a warning."""
    with ScriptedMailServer(good) as server:
        yield server


def entry(port, name="Mail", **more):
    return dict(
        dict(name=name, server="127.0.0.1", port=port, encryption=False, link="https://mail.example.com/"), **more
    )


def trouble(port, name="'Mail'"):
    return f"the server of {name} (127.0.0.1:{port}) cannot be used: port {port} refuses connections{HERE}"


@pytest.mark.parametrize("check_mode", [True, False])
def test_fail_refuses_the_task_and_names_each_server_before_anything_is_written(portal, nobody, clear, check_mode):
    portal.has()
    entries = [entry(nobody, "A"), entry(nobody, "B"), entry(clear.port, "C"), entry(None, "D", server="a b")]
    result = portal.run("mailservice_set", check_mode=check_mode, verify="fail", mailservices=entries)
    assert result["failed"] and not result["changed"]
    assert result["msg"] == (
        f"{trouble(nobody, repr('A') + ' and ' + repr('B'))}; "
        "the server of 'D' (a b:143) cannot be used: 'a b' is no host name: "
        f"a host name or an address is due, without scheme, port or path{HERE}; nothing was done, since verify is fail"
    )
    assert [probe["verdict"] for probe in result["probes"]] == ["failed", "warning", "failed"]
    assert result["causes"][0]["kind"] == "unusable_servers"
    assert portal.writes == []


def test_warn_writes_and_says_so(portal, nobody):
    portal.has()
    result = portal.run("mailservice_set", warns=True, verify="warn", mailservices=[entry(nobody)])
    assert result["changed"] and result["warnings"] == [trouble(nobody)]
    assert result["cautions"] == [{"kind": "server_trouble", "service": "Mail", "text": trouble(nobody)}]


def test_what_works_with_a_warning_is_never_refused(portal, clear):
    portal.has()
    result = portal.run("mailservice_set", warns=True, verify="fail", mailservices=[entry(clear.port)])
    assert result["changed"] and [text.partition(":")[0] for text in result["warnings"]] == [
        "the server of 'Mail' (127.0.0.1"
    ]
    assert "is not as it should be: no encryption" in result["warnings"][0]


def test_by_default_nobody_is_asked(portal, clear):
    portal.has()
    result = portal.run("mailservice_set", mailservices=[entry(clear.port)])
    assert result["changed"] and "probes" not in result and clear.connections == 0


def row(port, **more):
    return service(
        1,
        "Mail",
        **dict(dict(server="127.0.0.1", port=port, encryption=False, link="https://mail.example.com/"), **more),
    )


LOOKED_AT = {
    "another port": (dict(port=1), {}),
    "another server": (dict(server="old.example.com"), {}),
    "encryption": (dict(encryption=True), {}),
    "activated": (dict(active=False), dict(active=True)),
}


@pytest.mark.parametrize("what", LOOKED_AT)
def test_what_gives_employees_another_server_is_looked_at(portal, clear, what):
    before, wanted = LOOKED_AT[what]
    portal.has(row(**dict(dict(port=clear.port), **before)))
    result = portal.run("mailservice", check_mode=True, warns=True, verify="warn", **entry(clear.port, **wanted))
    assert [probe["code"] for probe in result["probes"]] == ["cleartext"] and clear.connections == 1


LEFT_ALONE = {
    "nothing to do": {},
    "another link": dict(link="https://other.example.com/"),
    "another place": dict(sort=7),
    "deactivated": dict(active=False),
}


@pytest.mark.parametrize("what", LEFT_ALONE)
def test_what_leaves_the_server_as_it_is_is_not_looked_at(portal, clear, what):
    portal.has(row(clear.port))
    result = portal.run("mailservice", check_mode=True, verify="fail", **entry(clear.port, **LEFT_ALONE[what]))
    assert result["probes"] == [] and clear.connections == 0


def test_deletions_and_services_without_a_server_are_not_looked_at(portal):
    portal.has(row(1))
    entries = [{"name": "Mail", "state": "absent"}, {"name": "New", "link": "https://new.example.com/"}]
    assert portal.run("mailservice_set", check_mode=True, verify="fail", mailservices=entries)["probes"] == []


def test_a_time_out_that_is_none_is_refused_before_anything_is_written(portal):
    portal.has()
    result = portal.run("mailservice_set", verify="warn", verify_timeout=0, mailservices=[entry(1)])
    assert result["msg"] == "verify_timeout: 0 is no time-out; give 1 to 300 seconds; nothing was done"
    assert portal.writes == []


def test_who_may_not_write_is_told_that_first_in_check_mode(portal, clear):
    portal.has()
    result = portal.run("mailservice_set", by="user", check_mode=True, verify="fail", mailservices=[entry(clear.port)])
    assert result["error"] == "not_administrator" and clear.connections == 0
