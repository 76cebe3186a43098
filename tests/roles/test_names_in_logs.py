# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names that a pipeline would take for commands in what a playbook prints, or that turn the direction of a line."""

from __future__ import annotations

import re

import pytest

from tests.roles.fleet import Fleet, catch_all, service, state
from tests.roles.in_process import loaded
from tests.simulator.server import Simulator

COMMANDS = ["##[error]x", "a ##vso[task.complete result=Succeeded]", "::set-output name=a::b", "##teamcity[x]"]
TURNING = "invoice\u202egpj.exe\u2066"
MARKS = re.compile("[\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]")
NAMES = [*COMMANDS, TURNING]
COMMAND = re.compile(r"##[\w.]*\[|::set-output")


@pytest.fixture
def fleet(tmp_path):
    with Simulator() as simulator:
        simulator.state = state(
            catch_all(), *(service(at, name, SERVER=name.lower()) for at, name in enumerate(NAMES, 2))
        )
        changes = ({"server": "b.example.com"}, {"state": "absent"}, {"active": False}, {"port": 143}, {"port": 144})
        yield Fleet(tmp_path, simulator.portals).wants(
            *(dict(change, name=name) for name, change in zip(NAMES, changes)),
            {"name": "::error::new", "server": "c"},
        )


@pytest.mark.parametrize(
    "playbook, arguments",
    [
        ("plan", ()),
        ("reconcile", ("--check", "--diff")),
        ("reconcile", ("--diff",)),
        ("audit", ()),
        ("export", ("--diff",)),
    ],
)
def test_no_line_that_is_printed_or_put_into_a_comment_holds_a_command_or_turns_its_direction(
    fleet, playbook, arguments
):
    run = fleet.play(playbook, *arguments)
    texts = [run.output, *(path.read_text() for path in fleet.folder.rglob("*.md"))]
    assert [line for text in texts for line in text.splitlines() if COMMAND.search(line) or MARKS.search(line)] == []
    assert any("invoice\\u202egpj.exe" in text for text in texts)
    assert any("set-output name=a" in text for text in texts)
    if playbook == "export":
        exported = loaded((fleet.folder / "host_vars" / "portal-1.yml").read_text())["mailservices_wanted"]
        assert sorted(entry["name"] for entry in exported) == sorted(NAMES)
