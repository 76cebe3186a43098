# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where an export goes, and that Ansible's own inventory finds it there."""

from __future__ import annotations

import json
import re

import pytest
from ansible.inventory.manager import InventoryManager
from ansible.parsing.dataloader import DataLoader
from ansible.plugins.vars import host_group_vars
from ansible.vars.manager import VariableManager

from ansible_collections.bitrix24.portal.plugins.plugin_utils._export.places import Places, inventory_folders

HOSTS = "portals:\n  hosts:\n    north:\n"
SCRIPT = '#!/bin/sh\necho \'{"portals": {"hosts": ["north"]}, "_meta": {"hostvars": {}}}\'\n'
PLUGIN = "plugin: ansible.builtin.constructed\nstrict: false\n"


def variables(sources, host):
    """What Ansible knows of a host."""
    for cache in (host_group_vars.FOUND, host_group_vars.NAK):
        cache.clear()
    loader = DataLoader()
    inventory = InventoryManager(loader=loader, sources=sources)
    return VariableManager(loader=loader, inventory=inventory).get_vars(host=inventory.get_host(host))


def place(sources, host="north"):
    """Where the export goes, of whom Ansible knows only the inventory's sources and what it knows of the host."""
    return Places(inventory_folders(sources), {host: variables(sources, host).get("inventory_file")}).of_host(host)


@pytest.mark.parametrize(
    "sources, made, expected",
    [
        ("one.yml", ["one.yml"], "host_vars/north.yml"),
        ("one.yml", ["one.yml", "host_vars/north/"], "host_vars/north/mailservices.yml"),
        ("one.yml", ["one.yml", "host_vars/north.yml"], "host_vars/north.yml"),
        ("in", ["in/one.yml"], "in/host_vars/north.yml"),
        ("in", ["in/deep/one.yml", "in/host_vars/north/"], "in/host_vars/north/mailservices.yml"),
        ("in", ["in/deep/one.yml"], "in/host_vars/north.yml"),
        ("in/list.sh", ["in/list.sh"], "in/host_vars/north.yml"),
        ("in", ["in/list.sh", "in/made.yml"], "in/host_vars/north.yml"),
        ("a b", ["a/one.yml", "b/two.yml"], "a/host_vars/north.yml"),
        ("a/one.yml b/two.yml", ["a/one.yml", "b/two.yml"], "a/host_vars/north.yml"),
        ("b a", ["a/one.yml", "b/two.yml"], "a/host_vars/north.yml"),
        ("a b", ["a/one.yml", "b/two.yml", "b/host_vars/north/"], "b/host_vars/north/mailservices.yml"),
        ("a b", ["a/one.yml", "b/two.yml", "b/host_vars/north.yml"], "b/host_vars/north.yml"),
        (
            "a b",
            ["a/one.yml", "b/two.yml", "a/host_vars/north/", "b/host_vars/north/"],
            "b/host_vars/north/mailservices.yml",
        ),
        ("a x,y,", ["a/one.yml"], "a/host_vars/north.yml"),
        ("x,y, a", ["a/one.yml"], "a/host_vars/north.yml"),
        ("one.yml one.yml", ["one.yml"], "host_vars/north.yml"),
    ],
)
def test_what_is_exported_is_found_again_by_the_inventory(tmp_path, sources, made, expected):
    texts = {"one.yml": HOSTS, "two.yml": HOSTS.replace("north", "south"), "list.sh": SCRIPT, "made.yml": PLUGIN}
    for name in made:
        path = tmp_path / name
        (path if name.endswith("/") else path.parent).mkdir(parents=True, exist_ok=True)
        if not name.endswith("/"):
            path.write_text(texts.get(path.name, ""))
            path.chmod(0o755 if path.suffix == ".sh" else 0o644)
    sources = [source if "," in source else str(tmp_path / source) for source in sources.split()]
    path = place(sources)
    assert path == str(tmp_path / expected)
    (tmp_path / expected).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / expected).write_text("found_again: true\n")
    assert variables(sources, "north")["found_again"] is True


@pytest.mark.parametrize("sources", ["portal-1,", ["portal-1,"], [], None, ["/nowhere/hosts"]])
def test_an_inventory_that_is_no_file_has_no_folder(sources):
    assert inventory_folders(sources) == []


def named(folder, *hosts, **groups):
    """Where the files of the hosts go, and what is said of it."""
    places = Places([str(folder)], hosts=hosts, **groups)
    return {host: places.of_host(host).removeprefix(f"{folder}/") for host in hosts}, places.cautions


@pytest.mark.parametrize("name", ["emea/north", "emea/north/1", "a b", "::1", "Büro", "..."])
def test_where_the_name_can_be_a_path_ansible_finds_the_file(tmp_path, name):
    (tmp_path / "hosts.json").write_text(json.dumps({"portals": {"hosts": {name: None}}}))
    paths, cautions = named(tmp_path, name)
    assert paths == {name: f"host_vars/{name}.yml"} and cautions == []
    (tmp_path / paths[name]).parent.mkdir(parents=True)
    (tmp_path / paths[name]).write_text("found_again: true\n")
    assert variables([str(tmp_path / "hosts.json")], name)["found_again"] is True


def test_where_the_name_would_lead_elsewhere_the_file_stays_in_the_folder_and_it_is_said(tmp_path):
    paths, cautions = named(tmp_path, "../../x", "/etc/x", "a//b", "a/./b", "emea/north", "emea")
    assert paths.pop("emea") == "host_vars/emea.yml"
    assert all(re.fullmatch(r"host_vars/[\w.]+-[0-9a-f]{8}\.yml", path) for path in paths.values()), paths
    assert len(set(paths.values())) == len(paths) == len(cautions)
    assert cautions[0] == "Ansible looks for no file of '../../x': load it with -e @PATH, or name it otherwise"


def test_a_group_of_the_name_is_in_nobodys_way(tmp_path):
    assert named(tmp_path, "emea/north", groups=["emea"]) == ({"emea/north": "host_vars/emea/north.yml"}, [])
