# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The action mailservice_export in real ansible-playbook processes. No portal is asked: the services are given."""

from __future__ import annotations

import json

import pytest
import yaml

from ansible_collections.bitrix24.portal.plugins.plugin_utils._export.files import host_file
from tests.playbooks import ansible_playbook, run_tasks

ONE = [{"id": 7, "name": "One", "active": True, "server": "imap.example.com"}]
TWO = [*ONE, {"id": 8, "name": "Two {{ 1 + 1 }}", "active": True, "server": "imap.two.example.com"}]
FOREIGN = "unrelated: 1\n"
RIVALS = {"yaml": "yaml.yaml", "json": "json.json", "bare": "bare"}


def export(**options):
    elsewhere = {"single_dest", "dir"} & set(options)
    defaults = dict({} if elsewhere else {"dest": "{host}.yml"}, date="2026-01-31")
    return {"bitrix24.portal.mailservice_export": dict(defaults, **options)}


# In order: each task finds what those before it left.
TABLE = {
    "foresee": dict(export(portals=dict(a=ONE, b=TWO)), check_mode=True, diff=True),
    "two": dict(export(portals=dict(a=ONE, b=TWO)), diff=True),
    "two again": dict(export(portals=dict(a=ONE, b=TWO)), diff=True),
    "another day": export(portals=dict(a=ONE, b=TWO), date="2027-02-28"),
    "one changes": dict(export(portals=dict(a=TWO, b=TWO)), diff=True),
    "a result": export(portals=dict(result={"mailservices": ONE, "changed": False}), dest="x/{host}.yml"),
    "unread": export(portals=dict(refused={"failed": True, "msg": "no answer"}, odd="x", late=ONE)),
    "nothing read": export(portals=dict(c={"msg": "no answer"}), single_dest="none.yml"),
    "foreign": export(portals=dict(foreign=ONE, next=ONE)),
    "a folder in the way": export(portals=dict(folder=ONE, next=ONE)),
    "no folder can be made": export(portals=dict(deep=ONE, next=ONE), dest="foreign.yml/{host}.yml"),
    "foreign for all": export(portals=dict(new=ONE), baseline=True, baseline_dest="foreign.yml"),
    "edited": dict(export(portals=dict(edited=TWO, next=TWO)), diff=True),
    "edited, foreseen": dict(export(portals=dict(edited=TWO, next=ONE)), check_mode=True, diff=True),
    "edited, with a baseline": export(portals=dict(edited=TWO, new=ONE), baseline=True, baseline_dest="new_all.yml"),
    "edited, foreseen with a baseline": dict(
        export(portals=dict(edited=TWO, new=ONE), baseline=True, baseline_dest="new_all.yml"), check_mode=True
    ),
    "edited, one file": export(portals=dict(a=ONE), single_dest="edited.yml"),
    "edited as it is there": export(portals=dict(same=ONE)),
    "edited, overwritten": export(portals=dict(foreign=ONE, over=TWO), overwrite=True),
    "a folder": export(portals=dict(a=ONE, b=ONE, c=ONE), dir="in", baseline=True, group="g"),
    "names with slashes": export(portals={"emea/north": ONE, "../../x": ONE, "emea_north": ONE}, dest="odd/{host}.yml"),
    "a large fleet": export(portals={f"p{number:03}": ONE for number in range(100)}, dest="many/{host}.yml"),
    "read from elsewhere": export(portals=dict(yaml=ONE, json=ONE, bare=ONE, other=ONE), dir="rivals"),
    "a path for each": export(portals=dict(p=ONE, q=ONE), dest={"p": "each/p.yml", "q": "each/q.yml"}),
    "no path": export(portals=dict(p=ONE, r=ONE), dest={"p": "lost/p.yml"}),
    "one path for two": export(portals=dict(p=ONE, q=ONE), dest="one.yml"),
    "one path for a portal and all": export(
        portals=dict(p=ONE), dest="one.yml", baseline=True, baseline_dest="./one.yml"
    ),
    "a baseline": export(portals=dict(a=ONE, b=TWO), dest="own/{host}.yml", baseline=True, baseline_dest="own/all.yml"),
    "a baseline with one unread": export(
        portals=dict(a=ONE, c={"msg": "no answer"}), dest="lost/{host}.yml", baseline=True, baseline_dest="lost.yml"
    ),
    "one file": export(portals=dict(b=TWO, a=ONE), single_dest="single.yml", baseline=True, group="g"),
    "no services": export(),
    "a name that nobody registered": export(registered="nothing"),
    "two places": dict(export(portals=dict(a=ONE), single_dest="x.yml", dest="y.yml")),
    "two places for one file": export(portals=dict(a=ONE), single_dest="x.yml", dir="y"),
}
EDITED = ("edited", "over")


def escaped(tasks):
    """The tasks, with a template in place of what looks like one, that yields it."""
    return json.loads(json.dumps(tasks).replace("{{ 1 + 1 }}", "{{ '{{' }} 1 + 1 {{ '}}' }}"))


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    folder = tmp_path_factory.mktemp("export")
    (folder / "foreign.yml").write_text(FOREIGN)
    (folder / "folder.yml").mkdir()
    for name in EDITED:
        (folder / f"{name}.yml").write_text(host_file(ONE, name, "2026-01-01").replace("imap.", "mail."))
    # By hand it was made what the portal is now, in a checkout with Windows' ends of lines.
    stale = host_file(TWO, "same", "2026-01-01").splitlines()[2]
    same = host_file(ONE, "same", "2026-01-01").splitlines()
    (folder / "same.yml").write_bytes("\r\n".join([*same[:2], stale, *same[3:], ""]).encode())
    (folder / "in" / "host_vars" / "a").mkdir(parents=True)
    (folder / "in" / "group_vars" / "g").mkdir(parents=True)
    (folder / "in" / "host_vars" / "c.yml").write_text(host_file(TWO, "c", "2026-01-01"))
    (folder / "rivals" / "host_vars").mkdir(parents=True)
    for rival in RIVALS.values():
        (folder / "rivals" / "host_vars" / rival).write_text(FOREIGN)
    run = run_tasks(folder, escaped(TABLE))
    run.folder = folder
    return run


def files(result):
    return {file["host"]: (file["path"], file["changed"]) for file in result["files"]}


def test_check_mode_tells_what_would_be_written_and_writes_nothing(ran):
    result = ran.results["foresee"]
    assert files(result) == {"a": ("a.yml", True), "b": ("b.yml", True)} and result["changed"]
    assert [part["before"] for part in result["diff"]] == ["", ""]
    assert files(ran.results["two"]) == files(result) and ran.results["two"]["diff"] == result["diff"]


def test_a_second_run_changes_nothing(ran):
    result = ran.results["two again"]
    assert files(result) == {"a": ("a.yml", False), "b": ("b.yml", False)}
    assert result["changed"] is False and result["diff"] == []


def test_another_date_alone_changes_nothing(ran):
    assert ran.results["another day"]["changed"] is False


def test_a_file_that_changes_is_shown_as_it_was_and_as_it_is(ran):
    result = ran.results["one changes"]
    assert files(result) == {"a": ("a.yml", True), "b": ("b.yml", False)}
    (part,) = result["diff"]
    assert (part["before_header"], part["after_header"]) == ("a.yml", "a.yml")
    assert "Two" not in part["before"] and part["after"] == (ran.folder / "a.yml").read_text()


def test_a_name_is_written_as_it_is(ran):
    assert '!unsafe "Two {{ 1 + 1 }}"' in (ran.folder / "b.yml").read_text()


def test_what_mailservice_info_returned_can_be_given_as_it_is(ran):
    assert files(ran.results["a result"]) == {"result": ("x/result.yml", True)}


def test_a_portal_that_was_not_read_is_told_and_fails_nothing(ran):
    result = ran.results["unread"]
    assert result["unread"] == {"refused": "no answer", "odd": "no mail services of this portal were given"}
    assert result["summary"] == "Exported 1 of 3 portals: files: 1 written, 0 unchanged, 0 refused."
    assert list(files(result)) == ["late"] and not result["failed"] and not result.get("skipped")


def test_where_nothing_was_read_nothing_is_written(ran):
    assert ran.results["nothing read"]["files"] == [] and not (ran.folder / "none.yml").exists()


@pytest.mark.parametrize(
    "name, host, why",
    [
        ("foreign", "foreign", "a file is in the way that the role bitrix24.portal.mailservice_export did not write"),
        ("a folder in the way", "folder", "not a regular file"),
    ],
)
def test_a_file_that_cannot_be_written_fails_the_task_and_no_other_file(ran, name, host, why):
    result = ran.results[name]
    assert result["failed"] and result["msg"] == f"{host}.yml cannot be written: {why}"
    assert result["problems"] == {host: f"{host}.yml cannot be written: {why}"} and list(files(result)) == ["next"]
    assert (ran.folder / "foreign.yml").read_text() == FOREIGN and (ran.folder / "next.yml").exists()


def test_every_file_that_cannot_be_written_is_told(ran):
    result = ran.results["no folder can be made"]
    assert sorted(result["problems"]) == ["deep", "next"] and "Not a directory" in result["msg"]


def test_a_foreign_file_in_the_way_of_all_stops_everything(ran):
    result = ran.results["foreign for all"]
    assert result["failed"] and result["msg"].endswith("did not write; nothing was written")
    assert not (ran.folder / "new.yml").exists() and result["files"] == []
    assert result["problems"]["new"].startswith("nothing was written: foreign.yml cannot be written: ")


WHY_EDITED = (
    "edited.yml cannot be written: somebody edited it after the export of 2026-01-01; it is kept, unless "
    "overwrite is true"
)


def test_a_file_that_somebody_edited_is_kept_and_told_in_one_line(ran):
    result = ran.results["edited"]
    assert result["msg"] == WHY_EDITED and result["problems"] == {"edited": WHY_EDITED}
    assert files(result) == {"next": ("next.yml", True)} and [part["after_header"] for part in result["diff"]] == [
        "next.yml"
    ]
    assert result["lines"] == ["written: next.yml"]
    assert result["summary"] == "Exported 1 of 2 portals: files: 1 written, 0 unchanged, 1 refused."
    assert "mail.example.com" in (ran.folder / "edited.yml").read_text()


def test_check_mode_refuses_it_too(ran):
    result = ran.results["edited, foreseen"]
    assert (
        result["problems"] == {"edited": WHY_EDITED}
        and result["summary"] == "Would export 1 of 2 portals: files: 1 to write, 0 unchanged, 1 refused."
    )


@pytest.mark.parametrize("name", ["edited, with a baseline", "edited, foreseen with a baseline"])
def test_files_that_belong_together_are_all_written_or_none(ran, name):
    result = ran.results[name]
    assert result["problems"] == {"edited": WHY_EDITED, "new": f"nothing was written: {WHY_EDITED}"}
    assert result["files"] == [] and result["changed"] is False
    assert not (ran.folder / "new_all.yml").exists() and not (ran.folder / "new.yml").exists()


def test_one_file_for_all_that_somebody_edited_is_kept(ran):
    assert ran.results["edited, one file"]["msg"] == f"{WHY_EDITED}; nothing was written"


def test_a_file_that_was_edited_to_what_the_portal_is_counts_as_exported_again(ran):
    assert not ran.results["edited as it is there"]["failed"]
    assert (ran.folder / "same.yml").read_text() == host_file(ONE, "same", "2026-01-31")


def test_an_edited_file_is_replaced_where_that_is_asked_for_and_a_foreign_one_never(ran):
    result = ran.results["edited, overwritten"]
    assert files(result) == {"over": ("over.yml", True)} and list(result["problems"]) == ["foreign"]
    assert (ran.folder / "over.yml").read_text() == host_file(TWO, "over", "2026-01-31")


def test_in_a_folder_each_file_goes_where_ansible_looks(ran):
    folder = ran.folder / "in"
    places = {None: "group_vars/g/mailservices.yml", "a": "host_vars/a/mailservices.yml", "b": "host_vars/b.yml"}
    written = {host: (str(folder / path), True) for host, path in dict(places, c="host_vars/c.yml").items()}
    assert files(ran.results["a folder"]) == written


def test_a_file_that_would_hide_another_from_ansible_or_be_hidden_is_refused(ran):
    folder = ran.folder / "rivals" / "host_vars"
    assert ran.results["read from elsewhere"]["problems"] == {
        host: f"{folder / host}.yml cannot be written: there is {folder / rival}, and Ansible reads only one of the two"
        for host, rival in RIVALS.items()
    }
    assert sorted(path.name for path in folder.iterdir()) == sorted([*RIVALS.values(), "other.yml"])


def test_a_slash_in_a_name_leads_nowhere_else(ran):
    assert files(ran.results["names with slashes"]) == {
        host: (f"odd/{name}.yml", True)
        for host, name in {
            "emea/north": "emea_north-69c7f57d",
            "../../x": "x-9cdf6a50",
            "emea_north": "emea_north",
        }.items()
    }
    assert len(list((ran.folder / "odd").iterdir())) == 3


def test_of_a_large_fleet_the_terminal_names_some_files_and_the_result_all(ran):
    result = ran.results["a large fleet"]
    assert len(result["files"]) == 100 and len(result["lines"]) == 41
    assert result["lines"][-1] == "… and 60 more"
    assert result["summary"] == "Exported 100 of 100 portals: files: 100 written, 0 unchanged, 0 refused."


def test_each_portal_can_have_a_path_of_its_own(ran):
    assert files(ran.results["a path for each"]) == {"p": ("each/p.yml", True), "q": ("each/q.yml", True)}


@pytest.mark.parametrize(
    "name, told",
    [
        ("no path", "dest names no file for r"),
        ("one path for two", "p and q would go to one file, one.yml; give each a path of its own"),
        (
            "one path for a portal and all",
            "what all portals share and p would go to one file, one.yml; give each a path of its own",
        ),
        (
            "a baseline with one unread",
            "what all portals share cannot be told, since c could not be read; nothing was written",
        ),
        ("no services", "one of the following is required: registered, portals"),
        ("a name that nobody registered", "registered: no host of the play has a variable nothing"),
        ("two places", "parameters are mutually exclusive: dest|single_dest"),
        ("two places for one file", "parameters are mutually exclusive: dir|single_dest"),
    ],
)
def test_what_cannot_be_meant_is_refused_before_anything_is_written(ran, name, told):
    assert ran.results[name]["failed"] and ran.results[name]["msg"] == told
    assert not (ran.folder / "one.yml").exists() and not (ran.folder / "lost").exists()


def test_what_all_have_alike_is_written_once(ran):
    assert files(ran.results["a baseline"])[None] == ("own/all.yml", True)
    texts = {name: (ran.folder / "own" / f"{name}.yml").read_text() for name in ("all", "a", "b")}
    assert {name: ("One" in text, "Two" in text) for name, text in texts.items()} == {
        "all": (True, False),
        "a": (False, False),
        "b": (False, True),
    }


def test_one_file_holds_all_portals(ran):
    assert files(ran.results["one file"]) == {None: ("single.yml", True)}
    group = yaml.safe_load((ran.folder / "single.yml").read_text().replace("!unsafe", ""))["g"]
    assert [entry["name"] for entry in group["vars"]["mailservices_baseline"]] == ["One"]
    assert {host: len(own["mailservices_wanted"]) for host, own in group["hosts"].items()} == {"a": 0, "b": 1}


def test_no_option_is_told_back(ran):
    assert [name for name, result in ran.results.items() if "invocation" in result] == []


PLAY = """
- hosts: all
  gather_facts: false
  serial: {serial}
  tasks:
    - ansible.builtin.set_fact:
        present: "{{{{ results[inventory_hostname] }}}}"
      when: inventory_hostname in results
    - bitrix24.portal.mailservice_export:
        registered: present
        {where}
      run_once: true
      register: written
    - ansible.builtin.debug:
        msg: "unread={{{{ written.unread | to_json }}}}"
      run_once: true
"""


def played(folder, serial, where, **results):
    path = folder / "play.yml"
    path.write_text(PLAY.format(serial=serial, where=where))
    (folder / "vars.json").write_text(
        json.dumps({"results": {host: {"mailservices": results[host]} for host in results}})
    )
    done = ansible_playbook(path, "-i", "a,b,c,", "-e", "@vars.json", "-e", "ansible_connection=local", cwd=folder)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_what_the_hosts_of_the_play_registered_is_found_by_its_name(tmp_path):
    output = played(tmp_path, 10, "dest: '{host}.yml'", a=ONE, c=ONE)
    assert sorted(path.name for path in tmp_path.glob("?.yml")) == ["a.yml", "c.yml"]
    assert '"unread={\\"b\\": \\"no mail services of this portal were given\\"}"' in output


def test_batch_after_batch_one_file_grows_to_all_portals(tmp_path):
    played(tmp_path, 1, "single_dest: all.yml", a=ONE, b=ONE, c=ONE)
    assert list(yaml.safe_load((tmp_path / "all.yml").read_text())["portals"]["hosts"]) == ["a", "b", "c"]


def test_in_batches_each_batch_has_its_own_files(tmp_path):
    output = played(tmp_path, 2, "dest: '{host}.yml'", a=ONE, b=ONE, c=ONE)
    assert len(list(tmp_path.glob("?.yml"))) == 3 and output.count("unread={}") == 2
