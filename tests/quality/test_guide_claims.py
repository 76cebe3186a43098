# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What docs/guide_portal.md says of a portal, on the simulator that is held to recordings of one."""

from __future__ import annotations

import copy
import re

import pytest
import requests

from tests.conftest import ROOT
from tests.demo.state import STATE
from tests.simulator.server import Simulator

GUIDE = (ROOT / "docs" / "guide_portal.md").read_text()


class Portal:
    """The portal of make simulator; services and mailboxes by their IDs, as they are now."""

    def __init__(self, simulator):
        self.simulator = simulator

    def call(self, method, **parameters):
        """The result; None where the portal refused."""
        reply = requests.post(self.simulator.webhook() + "mailservice." + method, json=parameters, timeout=10)
        return reply.json().get("result")

    def add(self, **fields):
        return self.call("add", **{"NAME": "New", "ENCRYPTION": "Y", **fields})

    def service(self, service_id):
        return next(row for row in self.simulator.state["services"] if row["ID"] == str(service_id))

    def mailbox(self, mailbox_id):
        return next(row for row in self.simulator.state["mailboxes"] if row["ID"] == str(mailbox_id))


@pytest.fixture
def portal():
    with Simulator() as simulator:
        simulator.state = STATE
        yield Portal(simulator)


def twice(portal):
    assert portal.service(portal.add())["NAME"] == portal.service(portal.add())["NAME"] == "New"


def without_encryption(portal):
    assert portal.call("add", NAME="New") is None
    assert [portal.add(ENCRYPTION=value) for value in (None, "", "S", "y")] == [None] * 4


def added_inactive(portal):
    assert [portal.service(portal.add(ACTIVE=value))["ACTIVE"] for value in (0, "", False, None)] == ["Y"] * 4


def emptied(portal):
    before = portal.service(4)
    for value in ("", 0, "0", False, None, []):
        fields = {name: value for name in ("NAME", "SERVER", "PORT", "LINK", "SORT", "ENCRYPTION", "ACTIVE")}
        assert portal.call("update", ID=4, **fields) is True and portal.service(4) == before, value


def not_encrypted(portal):
    assert portal.call("update", ID=4, ENCRYPTION=False) is True
    assert (portal.service(4)["ENCRYPTION"], portal.mailbox(1)["USE_TLS"]) == ("Y", "Y")


def switched_on_by_a_number(portal):
    for value in (1, "1", "true"):
        portal.simulator.state = STATE
        assert portal.call("update", ID=4, ACTIVE=value, ENCRYPTION=value) is True
        assert (portal.service(4)["ACTIVE"], portal.service(4)["ENCRYPTION"]) == ("Y", "Y")
        assert (portal.mailbox(1)["ACTIVE"], portal.mailbox(1)["USE_TLS"]) == ("N", "N")


def switched_off_again(portal):
    state = copy.deepcopy(STATE)
    state["services"][3]["ACTIVE"] = "N"
    portal.simulator.state = state
    assert (portal.mailbox(1)["SERVICE_ID"], portal.mailbox(1)["ACTIVE"]) == ("4", "Y")
    assert portal.call("update", ID=4, ACTIVE="N") is True
    assert (portal.mailbox(1)["SERVICE_ID"], portal.mailbox(1)["ACTIVE"]) == ("4", "N")


def too_long(portal):
    assert len(portal.service(portal.add(NAME="x" * 300))["NAME"]) == 255
    portal.simulator.state = dict(STATE, switches=["strict_sql"])
    assert portal.call("update", ID=4, NAME="x" * 300) is None


def no_port(portal):
    assert [portal.service(portal.add(PORT=value))["PORT"] for value in ("abc", 70000)] == ["0", "70000"]


def in_capitals(portal):
    assert portal.call("update", ID=4, SERVER="IMAP.Example.com") is True
    assert (portal.service(4)["SERVER"], portal.mailbox(1)["SERVER"]) == ("imap.example.com", "IMAP.Example.com")


def read_only(portal):
    before = portal.service(4)
    assert portal.call("update", ID=4, SITE_ID="s2", SMTP_SERVER="a", SMTP_PORT=1, UPLOAD_OUTGOING="Y") is True
    assert portal.service(4) == before


def given_back(portal):
    found = portal.call("get", ID=1)
    assert found["ICON"] and portal.call("update", **found) is None
    del found["ICON"]
    assert portal.call("update", **found) is True


def like_a_script(portal):
    portal.simulator.state = dict(STATE, switches=["security_on"])
    assert portal.call("update", ID=4, NAME="<script>x") is True and portal.service(4)["NAME"] != "<script>x"


PROOFS = [
    ("`mailservice.add`, twice", twice),
    ("an add without `ENCRYPTION`", without_encryption),
    ("an add with `ACTIVE` of 0", added_inactive),
    ('an update with `""`', emptied),
    ("an update with `ENCRYPTION: false`", not_encrypted),
    ("an update with `ACTIVE` or `ENCRYPTION`", switched_on_by_a_number),
    ('`ACTIVE: "N"` to a service that is off already', switched_off_again),
    ("text of more than 255 characters", too_long),
    ('a port of `"abc"` or 70000', no_port),
    ("a server in capitals", in_capitals),
    ("`SITE_ID`, `SMTP_…`, `UPLOAD_OUTGOING`", read_only),
    ("what `get` answered, as it is", given_back),
    ("text that looks like a script", like_a_script),
]


@pytest.mark.parametrize("claim, proof", PROOFS, ids=lambda value: getattr(value, "__name__", None))
def test_what_the_guide_says_of_what_is_sent_is_so(claim, proof, portal):
    assert "\n| %s" % claim in GUIDE
    proof(portal)


def test_every_row_on_writing_has_a_proof():
    table = GUIDE.partition("| you send |")[2].partition("\n\n")[0]
    rows = re.findall(r"^\| (?!-|the portal)(.+?) \|", table, re.MULTILINE)
    assert len(rows) == len(PROOFS)
    assert all(row.startswith(claim) for row, (claim, _proof) in zip(rows, PROOFS))


@pytest.mark.parametrize("catch_all", [True, False], ids=["with a catch-all", "without"])
def test_what_the_guide_says_of_mailboxes_is_so(portal, catch_all):
    state = copy.deepcopy(STATE)
    if not catch_all:
        del state["services"][6]
    portal.simulator.state = state
    portal.call("update", ID=4, ACTIVE="N")
    portal.call("delete", ID=5)
    off, gone = portal.mailbox(1), portal.mailbox(4)
    portal.call("update", ID=4, ACTIVE="Y")
    on_again = portal.mailbox(1)
    if catch_all:
        assert (off["SERVICE_ID"], off["ACTIVE"], on_again["SERVICE_ID"]) == ("7", "Y", "7")
        assert (gone["SERVICE_ID"], gone["NAME"], gone["ACTIVE"]) == ("7", "other", "Y")
    else:
        assert (off["SERVICE_ID"], off["ACTIVE"], on_again["ACTIVE"]) == ("4", "N", "Y")
        assert (gone["SERVICE_ID"], gone["ACTIVE"]) == ("0", "N")


def test_what_the_guide_says_of_calling_is_so(portal):
    webhook = portal.simulator.webhook()
    assert requests.get(webhook + "mailservice.delete", params={"ID": 6}, timeout=10).json()["result"] is True
    assert requests.post(webhook + "mailservice.list", data="{broken", timeout=10).json()["result"]
    assert portal.call("get", id=4) is None and portal.call("get", ID=4, UNKNOWN=1)["ID"] == "4"
    assert portal.call("get", ID=4, start=1, state="x")["ID"] == "4"
    assert requests.post(webhook + "mailservice.list", json={"token": "x"}, timeout=10).status_code == 404
    for more in ({"json": {"auth": "tok-user"}}, {"headers": {"Authorization": "Bearer tok-user"}}):
        assert requests.post(webhook + "profile", timeout=10, **more).json()["result"]["ID"] == "2"
    unknown = requests.post(portal.simulator.url + "/rest/1/nobody/mailservice.nothing", json={}, timeout=10)
    assert (unknown.status_code, unknown.json()["error"]) == (404, "ERROR_METHOD_NOT_FOUND")
    assert {type(value) for value in portal.call("get", ID=4).values()} == {str, type(None)}
    assert isinstance(portal.add(), int)
    assert requests.post(portal.simulator.webhook("noscope") + "profile", json={}, timeout=10).json()["result"]["ADMIN"]


def batch(portal, commands, **more):
    sent = {"cmd": commands, **more}
    reply = requests.post(portal.simulator.webhook() + "batch", json=sent, timeout=10)
    assert reply.status_code == 200
    return reply.json()["result"]


def test_what_the_guide_says_of_batches_is_so(portal):
    get = "mailservice.get?ID=%d"
    assert isinstance(batch(portal, {"0": get % 1, "1": get % 2})["result"], list)
    assert batch(portal, {"a": get % 99})["result"] == []
    for halt in ("false", "N"):
        assert "b" not in str(batch(portal, {"a": get % 99, "b": get % 1}, halt=halt)["result"])
    nowhere = batch(portal, {"a": {"not": "text"}, "b": get % 1})
    assert "a" not in nowhere["result"] and "a" not in nowhere["result_error"]
    many = batch(portal, {"c%d" % at: get % 1 for at in range(51)})
    assert len(many["result"]) == 50 and many["result_error"]["c50"]["error"] == "ERROR_BATCH_LENGTH_EXCEEDED"
    added = "mailservice.add?ENCRYPTION=Y&NAME="
    made = batch(portal, {"a": get % 4, "b": added + "%24result%5Ba%5D%5BSERVER%5D", "c": added + "a+b"})["result"]
    assert portal.service(made["b"])["NAME"] == "imap.example.com" and portal.service(made["c"])["NAME"] == "a b"
    assert portal.service(portal.add(NAME="$result[a][SERVER]"))["NAME"] == "$result[a][SERVER]"


def test_the_names_that_the_guide_gives_an_icon_have_one_and_to_the_letter(portal):
    sentence = GUIDE.partition("A name is not only text.")[2].partition("compared to the")[0]
    names = re.findall(r"`([^`]+)`", sentence)
    assert len(names) == 13
    for name in names:
        shown = portal.call("get", ID=portal.add(NAME=name))["ICON"]
        assert shown and portal.call("get", ID=portal.add(NAME=name.upper()))["ICON"] is None, name


def test_an_empty_portal_answers_with_an_error(portal):
    portal.simulator.state = dict(STATE, services=[], mailboxes=[])
    reply = requests.post(portal.simulator.webhook() + "mailservice.list", json={}, timeout=10)
    assert (reply.status_code, reply.json()["error"]) == (400, "ERROR_CORE")
