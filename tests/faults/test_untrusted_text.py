# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names that somebody else wrote: handed on as they are, never templated, never executed, and spelt out where they are shown in a sentence."""

from __future__ import annotations

import pytest

from tests.behaviour.portal import service
from tests.playbooks import RUNNERS, run_tasks
from tests.simulator import misbehaviour
from tests.simulator.server import Simulator

NAMES = {
    "a template": "{{ 6 * 7 }}{{ lookup('ansible.builtin.pipe', 'touch executed') }}{% set x = 1 %}",
    "an unfinished template": "{{ oops {% for",
    "a reference of a batch": "$result[a][SERVER]",
    "control characters": "a\x00b\x07c\rd\x7fe\x85f\x9b31mg",
    "an escape": "\x1b]0;owned\x07\x1b[31mred\x1b[0m",
    "direction marks": "abc\u202efdp.exe\u2066x\u2069\u200f",
    "emoji": "\U0001f468\u200d\U0001f469\u200d\U0001f467 \u2709\ufe0f",
    "lines": "one\nTASK [Approve] ***\nok: [localhost]\u2028two",
    "shell": "$(touch executed); `touch executed` | touch executed",
    "a tag": "!unsafe !vault |",
}
TROUBLE = {name: text for name, text in NAMES.items() if not text.isprintable()}
EACH = pytest.mark.parametrize("text", NAMES.values(), ids=[name.replace(" ", "_") for name in NAMES])


def spelt_out(text):
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode() for character in text
    )


@pytest.fixture(scope="module")
def named():
    """A portal with a service of each name."""
    with Simulator() as simulator:
        rows = [service(service_id, name, port=143) for service_id, name in enumerate(NAMES.values(), 1)]
        simulator.state = dict(services=rows, mailboxes=[], files=[], next_service_id=90)
        yield simulator


@pytest.mark.parametrize("runner", RUNNERS)
def test_names_from_the_portal_come_back_as_they_are_and_nothing_in_them_is_templated_executed_or_obeyed(
    tmp_path, named, runner
):
    connection = {"webhook_url": named.webhook()}
    purge = dict(connection, mailservices=[dict(name="X")], purge="deactivate")
    run = run_tasks(
        tmp_path,
        {
            "info": {"bitrix24.portal.mailservice_info": connection},
            "print": {"ansible.builtin.debug": {"var": "result_0"}},
            "template": {
                "ansible.builtin.set_fact": {
                    "names": "{{ result_0.mailservices | map(attribute='name') | list }}",
                    "first": "{{ result_0.mailservices[0].name }}",
                }
            },
            "use": {"ansible.builtin.debug": {"msg": "{{ names }} {{ first }}"}},
            "give back": {
                "bitrix24.portal.mailservice_set": dict(connection, mailservices="{{ result_0.mailservices }}")
            },
            "plan": {"bitrix24.portal.mailservice_set": dict(purge, max_removals=-1), "check_mode": True, "diff": True},
            "refuse": {"bitrix24.portal.mailservice_set": dict(purge, max_removals=0)},
        },
        "-v",
        environment=RUNNERS[runner],
    )
    assert [name for name, result in run.results.items() if result.get("failed")] == ["refuse"], run.output
    for names in (
        [entry["name"] for entry in run.results["info"]["mailservices"]],
        run.results["template"]["ansible_facts"]["names"],
    ):
        assert sorted(names) == sorted(NAMES.values())
    assert not run.results["give back"]["changed"] and len(run.results["plan"]["plan"]["deactivations"]) == len(NAMES)
    assert "max_removals" in run.results["refuse"]["msg"] and run.results["refuse"]["msg"].isprintable()
    assert list(tmp_path.rglob("executed")) == [] and "6 * 7" in run.stdout
    assert not [character for character in "\x1b\x07\x00" if character in run.output]
    assert not [line for line in run.stdout.splitlines() if line.startswith("TASK [Approve]")]


@EACH
def test_a_name_in_a_sentence_is_one_line_without_anything_that_a_terminal_obeys(portal, text):
    portal.has(
        service(1, text), service(2, text), service(3, "Off", active=False), service(4, text + " 2", active=False)
    )
    sentences = [
        portal.refuses("mailservice", name=text),
        portal.refuses("mailservice", id=1, name="Other", state="absent"),
        portal.refuses("mailservice", id=3, name=text, active=True),
        portal.refuses("mailservice_set", mailservices=[dict(name=text), dict(name=text)]),
        portal.run("mailservice", name=text + " 2", warns=True)["warnings"][-1],
        portal.refuses("mailservice_set", mailservices=[dict(name="New")], purge="deactivate", max_removals=0),
    ]
    assert all(sentence.isprintable() for sentence in sentences)
    assert spelt_out(text) in sentences[0] and spelt_out(text) in sentences[4]


@EACH
def test_a_name_goes_to_the_portal_and_comes_back_unaltered(portal, text):
    if "\x00" in text:
        text = text.replace("\x00", "")
    assert portal.mailservice(name=text, link="https://x/?" + text)["mailservice"]["name"] == text
    assert portal.rows[1]["NAME"] == text and portal.rows[1]["LINK"] == "https://x/?" + text


@pytest.mark.parametrize("text", TROUBLE.values(), ids=[name.replace(" ", "_") for name in TROUBLE])
def test_the_portals_own_words_are_shown_on_one_line_too(portal, text, monkeypatch):
    monkeypatch.setattr(misbehaviour, "refuse", lambda code, words: misbehaviour.RestError(code, text, 401))
    portal.misbehaves(dict(kind="expired_token", method="mailservice.list"))
    failure = portal.fails("mailservice_info")
    assert (
        failure["msg"].isprintable()
        and failure["error_description"] == spelt_out(text)
        and spelt_out(text) in failure["msg"]
    )
