# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What ansible-lint says of somebody's playbook that uses this collection."""

from __future__ import annotations

import re
import subprocess

import pytest
import yaml
from ansible.module_utils import basic

from tests.playbooks import clean_environment
from tests.quality.checkout import BIN
from tests.quality.test_agreement import CONTROLLERS, MODULES
from tests.simulator.server import Simulator


def lint(folder, tasks, **environment):
    """What ansible-lint prints of a playbook with these tasks, each named after its module."""
    steps = [{"name": f"Task {at}", f"bitrix24.portal.{name}": options} for at, (name, options) in enumerate(tasks)]
    play = {"name": "A play", "hosts": "localhost", "gather_facts": False, "tasks": steps}
    (folder / "site.yml").write_text("---\n" + yaml.safe_dump([play], sort_keys=False))
    done = subprocess.run(
        [BIN / "ansible-lint", "--offline", "--nocolor", "site.yml"],
        cwd=folder,
        env=clean_environment(**environment),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    printed = done.stdout + done.stderr
    assert "Ignored exception" not in printed and "Traceback" not in printed, printed
    return printed


WRONG = [
    ("mailservice", {"name": "Mail", "nam": "x"}, r"Unsupported parameters .*: nam\."),
    ("mailservice", {"name": "Mail", "port": "ninety"}, "argument port is of type .* int"),
    ("mailservice", {"server": "imap.example.com"}, "one of the following is required: id, name"),
    ("mailservice_set", {"mailservices": [], "purge": "maybe"}, "^purge must be one of: .*, got: maybe"),
    ("mailservice_set", {"mailservices": [{"name": "A", "port": "ninety"}]}, "argument port is of type .* found in"),
    ("mailservice_set", {"mailservices": [{"name": "A", "state": "gone"}]}, "^state must be one of: .* gone"),
    ("mailservice_set", {"mailservices": [], "purge": ["none"]}, "^purge must be one of: "),
    ("mailservice_set", {"mailservices": [{"nam": "{{ a }}"}]}, r"Unsupported parameters .*mailservices\.nam"),
    ("mailservice_set", {}, "missing required arguments: mailservices"),
    ("mailservice_info", {"include_inactive": "perhaps"}, "argument include_inactive is of type"),
    ("mailservice_audit", {"protect_ids": ["first"]}, "Elements value for option protect_ids is of type"),
    ("mailservice_report", {"registred": "found"}, "one of the following is required: registered, audits"),
    ("mailservice_plan", {"fleet_max_removals": "some"}, "argument fleet_max_removals is of type"),
    ("mailservice_export", {"registered": "found", "overwrite": "perhaps"}, "argument overwrite is of type"),
    ("mailservice_probe", {"mailservices": [], "timeout": "a minute"}, "argument timeout is of type"),
    ("mailservice_validate", {"hosts": "portals"}, r"Unsupported parameters .*: hosts\."),
    ("portal_info", {"timeout": "a minute"}, "argument timeout is of type"),
]


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """{number of the task: what was said of its options}"""
    printed = lint(tmp_path_factory.mktemp("wrong"), [(name, options) for name, options, _text in WRONG])
    return {int(at): text for text, at in re.findall(r"^args\[module\]: (.*)\n.* Task (\d+)$", printed, re.MULTILINE)}


@pytest.mark.parametrize("at", range(len(WRONG)), ids=lambda at: f"{WRONG[at][0]}-{at}")
def test_a_wrong_option_is_reported_where_it_stands(at, told):
    assert re.search(WRONG[at][2], told.get(at, "")), told


def test_every_module_has_a_wrong_task_above():
    assert sorted({name for name, *_rest in WRONG}) == MODULES


RIGHT = [
    ("mailservice_set", {"mailservices": "{{ wanted }}", "purge": "{{ how }}", "journal_context": "{{ run }}"}),
    (
        "mailservice_set",
        {
            "mailservices": [
                "{{ first }}",
                {"name": "{{ a }}", "port": "{{ b }}", "encryption": "{{ c }}", "state": "{{ d }}"},
                {"name": "B", "previous_names": "{{ e }}", "port": "993", "encryption": "yes"},
            ]
        },
    ),
    ("mailservice", {"id": "{{ a }}", "port": "{{ 143 if plain else 993 }}", "active": "{{ on }}"}),
    ("mailservice_audit", {"protect_ids": ["{{ a }}", 3], "baseline": "{{ baseline }}"}),
    ("mailservice_report", {"registered": "found", "exceptions": [{"portal": "*", "reason": "x", "until": "{{ a }}"}]}),
    ("mailservice_report", {"registered": "found", "files": {"json": "{{ a }}"}, "webhook_warn_days": "{{ b }}"}),
    ("mailservice_plan", {"registered": "planned", "fleet_max_removals": "{{ a }}"}),
]


def test_templates_are_taken_for_what_their_option_takes(tmp_path):
    assert "args[module]" not in lint(tmp_path, RIGHT)


def test_linting_sends_nothing(tmp_path):
    writes = {"name": "New mail", "server": "imap.example.com"}
    with Simulator() as simulator:
        webhook = {"webhook_url": simulator.webhook()}
        tasks = [
            ("portal_info", webhook),
            ("mailservice_info", webhook),
            ("mailservice_audit", {}),
            ("mailservice", dict(writes, **webhook)),
            ("mailservice_set", {"mailservices": [writes]}),
        ]
        lint(tmp_path, tasks, B24_WEBHOOK_URL=simulator.webhook())
        assert simulator.requests == []


@pytest.mark.parametrize("name", sorted({name for name, *_rest in WRONG} - set(CONTROLLERS)))
def test_a_linter_that_loads_the_module_file_itself_gets_no_further_than_its_options(name, monkeypatch):
    class Stopped(Exception):
        pass

    def stop(**spec):
        assert "argument_spec" in spec
        raise Stopped

    module = __import__(f"ansible_collections.bitrix24.portal.plugins.modules.{name}", fromlist=["main"])
    monkeypatch.setattr(basic, "AnsibleModule", stop)
    with pytest.raises(Stopped):
        module.main()
