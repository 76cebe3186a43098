# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What ansible-galaxy makes of the checkout, and what is in it."""

from __future__ import annotations

import json
import posixpath
import re
import tarfile

import pytest

from tests.demo.state import STATE
from tests.playbooks import ansible_playbook
from tests.quality.checkout import run
from tests.simulator.server import Simulator

# .ansible-lint is for Galaxy, which lints what it is given.
EXPECTED = [
    "README.md",
    "LICENSE",
    "requirements.txt",
    "meta/runtime.yml",
    "meta/execution-environment.yml",
    "changelogs/changelog.yaml",
    "docs/schema/plan.schema.json",
    "docs/schema/variables.schema.json",
    "playbooks/validate.yml",
    "plugins/plugin_utils/_catalogue/presets.yml",
    "docs/examples/policy/plan.rego",
    ".ansible-lint",
]
UNEXPECTED = ("tests/", ".", "Makefile", "ansible.cfg", "pytest.ini")

PLAYBOOK = """
- hosts: localhost
  gather_facts: false
  tasks:
    - bitrix24.portal.mailservice_info:
      register: here
    - bitrix24.portal.mailservice_info:
      register: module
      environment: {X: "1"}
    - ansible.builtin.assert:
        that: [here.mailservices | length == 7, here.mailservices == module.mailservices]
"""


@pytest.fixture(scope="module")
def tarball(checkout, tmp_path_factory):
    folder = tmp_path_factory.mktemp("built")
    run("ansible-galaxy", "collection", "build", "--output-path", folder, cwd=checkout)
    (found,) = folder.glob("bitrix24-portal-*.tar.gz")
    return found


def test_the_tarball_holds_what_users_need_and_nothing_else(tarball):
    with tarfile.open(tarball) as archive:
        names = archive.getnames()
    assert [name for name in EXPECTED if name not in names] == []
    assert [name for name in names if name.startswith(UNEXPECTED) and name not in EXPECTED] == []


def test_no_link_in_the_tarballs_documents_leads_outside_it(tarball):
    with tarfile.open(tarball) as archive:
        members = {posixpath.normpath(member.name): member for member in archive.getmembers()}
        pages = {name: archive.extractfile(members[name]).read().decode() for name in members if name.endswith(".md")}
    assert {"README.md", "SECURITY.md", "CONTRIBUTING.md", "docs/guide_set.md"} <= set(pages)
    for name, text in pages.items():
        for target in re.findall(r"\]\((?!https?:|#)([^)#\s]+)", text):
            assert posixpath.normpath(posixpath.join(posixpath.dirname(name), target)) in members, (name, target)


def test_the_tarball_says_where_the_collection_is_at_home(tarball):
    with tarfile.open(tarball) as archive:
        manifest = json.load(archive.extractfile("MANIFEST.json"))["collection_info"]
    assert all(manifest[key].startswith("https://") for key in ("repository", "documentation", "homepage", "issues"))


def test_the_tarball_names_no_people_and_no_registry(tarball):
    with tarfile.open(tarball) as archive:
        manifest = json.load(archive.extractfile("MANIFEST.json"))["collection_info"]
    assert manifest["authors"] == ["The bitrix24.portal contributors"]
    assert manifest["license"] == ["GPL-3.0-or-later"]


def test_the_installed_tarball_works_and_is_documented(tarball, checkout, tmp_path):
    environment = {"ANSIBLE_COLLECTIONS_PATH": str(tmp_path)}
    run("ansible-galaxy", "collection", "install", "--offline", "-p", tmp_path, tarball, cwd=checkout, **environment)
    assert "Manage one mail service" in run(
        "ansible-doc", "--metadata-dump", "--type", "module", "bitrix24.portal", cwd=checkout, **environment
    )
    playbook = tmp_path / "playbook.yml"
    playbook.write_text(PLAYBOOK)
    with Simulator() as simulator:
        simulator.state = STATE
        done = ansible_playbook(playbook, env=dict(environment, B24_WEBHOOK_URL=simulator.webhook()), cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
