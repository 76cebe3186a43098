# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What docs/guide_portal.md says of writing, row by row, on the simulator that is held to recordings of a portal."""

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
