# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The state before a plan that takes something away."""

from __future__ import annotations

import errno
import os
import re
import stat

import pytest
import yaml

from ansible_collections.bitrix24.portal.plugins.module_utils._mailservice import backup as _backup
from ansible_collections.bitrix24.portal.plugins.module_utils import _files
from tests.behaviour.portal import catch_all, service

TAKES_AWAY = [{"name": "Two", "active": False, "port": 2}, {"name": "Old", "state": "absent"}]


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "states" / "before"


@pytest.fixture
def filled(portal):
    portal.has(catch_all(90), *[service(at, name, port=1) for at, name in enumerate(("One", "Two", "Old"), 1)])
    return portal


def read(path):
    with open(path, encoding="utf-8") as file:
        return yaml.safe_load(file)


def test_it_holds_the_variables_that_bring_the_state_back(filled, folder):
    path = filled.set(*TAKES_AWAY, backup_dir=str(folder))["backup_file"]
    before = read(path)
    assert {entry.get("id"): (entry["name"], entry["active"]) for entry in before["mailservices_wanted"]} == {
        1: ("One", True),
        2: ("Two", True),
        90: ("Other", True),
        None: ("Old", True),
    }
    assert (before["mailservices_baseline"], before["mailservices_purge"]) == ([], "none")
    filled.set(*before["mailservices_wanted"], expected_host=before["bitrix24_expected_host"])
    assert {row["NAME"]: (row["ACTIVE"], row["PORT"]) for row in filled.rows.values()} == {
        "Other": ("Y", None),
        "One": ("Y", "1"),
        "Two": ("Y", "1"),
        "Old": ("Y", "1"),
    }


def test_its_header_says_that_the_commit_must_be_reverted(filled, folder):
    path = filled.set(*TAKES_AWAY, backup_dir=str(folder))["backup_file"]
    with open(path, encoding="utf-8") as file:
        header = file.read().partition("---\n")[0]
    assert "revert the commit" in header and all(line.startswith("# ") for line in header.splitlines())


def test_it_lies_there_before_the_first_write_arrives(filled, folder):
    seen = []
    filled.before("mailservice.update", lambda: seen.extend(read(path) for path in folder.iterdir()))
    filled.set(*TAKES_AWAY, backup_dir=str(folder))
    assert len(seen) == 1 and len(seen[0]["mailservices_wanted"]) == 4


def test_the_name_tells_the_portal_the_time_and_the_plan(filled, folder):
    result = filled.set(*TAKES_AWAY, backup_dir=str(folder))
    (path,) = folder.iterdir()
    assert result["backup_file"] == str(path)
    host = result["host"].replace(":", "_")
    assert re.fullmatch(
        rf"{host}-[0-9a-f]{{8}}-\d{{8}}T\d{{6}}Z-{result['plan_digest'][:6]}-[0-9a-f]{{8}}\.yml", path.name
    )


@pytest.mark.parametrize(
    "name, told",
    [
        ("emea/north", r"emea_north-[0-9a-f]{8}-2.*"),
        ("../../x", r"x-[0-9a-f]{8}-2.*"),
        ("-rf", r"rf-[0-9a-f]{8}-2.*"),
        ("Büro \n", r"Büro-[0-9a-f]{8}-2.*"),
        ("x" * 500, r"x{120}-[0-9a-f]{8}-2.*"),
        ("", r"127\.0\.0\.1_\d+-[0-9a-f]{8}-2.*"),
    ],
)
def test_whatever_the_inventory_calls_the_host_the_file_lies_in_its_folder(filled, folder, name, told):
    filled.set(*TAKES_AWAY, backup_dir=str(folder), journal_context={"inventory_hostname": name})
    (path,) = folder.iterdir()
    assert re.fullmatch(told, path.name)


def test_two_within_a_second_are_two_files(filled, folder):
    state = filled._running.state
    for _dummy in range(8):
        filled._running.state = state
        filled.set(*TAKES_AWAY, backup_dir=str(folder))
    assert len(list(folder.iterdir())) == 8


@pytest.mark.parametrize(
    "options, entries",
    [
        (dict(check_mode=True), TAKES_AWAY),
        (dict(), [{"name": "One", "port": 2}, {"name": "New"}]),
        (dict(backup_dir=""), TAKES_AWAY),
    ],
)
def test_where_nothing_is_taken_away_or_written_there_is_none(filled, tmp_path, folder, options, entries):
    result = filled.set(*entries, **dict(dict(backup_dir=str(folder)), **options))
    assert "backup_file" not in result and list(tmp_path.iterdir()) == []


def test_a_plan_that_is_refused_leaves_none(filled, tmp_path, folder):
    filled.refuses("mailservice_set", mailservices=TAKES_AWAY, max_removals=0, backup_dir=str(folder))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("mask, modes", [(0o022, (0o755, 0o644)), (0o000, (0o755, 0o644)), (0o077, (0o700, 0o600))])
def test_its_mode_is_the_umasks_and_never_wider_than_0644(filled, folder, mask, modes):
    before = os.umask(mask)
    try:
        path = filled.set(*TAKES_AWAY, backup_dir=str(folder))["backup_file"]
    finally:
        os.umask(before)
    assert tuple(stat.S_IMODE(os.stat(name).st_mode) for name in (folder, path)) == modes


@pytest.mark.parametrize("mode", [0o1777, 0o2775, 0o700])
def test_a_folder_that_is_there_keeps_its_mode(filled, tmp_path, mode):
    tmp_path.chmod(mode)
    filled.set(*TAKES_AWAY, backup_dir=str(tmp_path))
    assert stat.S_IMODE(tmp_path.stat().st_mode) == mode


def test_a_link_of_its_name_is_not_followed(filled, tmp_path, folder, monkeypatch):
    monkeypatch.setattr(_backup, "file_name", lambda name: "known")
    monkeypatch.setattr(_backup.time, "strftime", lambda form, when: "then")
    monkeypatch.setattr(_backup.uuid, "uuid4", lambda: type("Fixed", (), {"hex": "0" * 32}))
    digest = filled.set(*TAKES_AWAY, check_mode=True)["plan_digest"]
    folder.mkdir(parents=True)
    (folder / f"known-then-{digest[:6]}-00000000.yml").symlink_to(tmp_path / "elsewhere")
    message = filled.refuses("mailservice_set", mailservices=TAKES_AWAY, backup_dir=str(folder))
    assert "File exists" in message and not (tmp_path / "elsewhere").exists()


def test_a_folder_behind_a_link_that_others_may_have_put_there_is_refused(filled, tmp_path, folder):
    (tmp_path / "target").mkdir()
    tmp_path.chmod(0o777)
    (tmp_path / "states").symlink_to("target")
    message = filled.refuses("mailservice_set", mailservices=TAKES_AWAY, backup_dir=str(folder))
    assert "is a symbolic link in a folder that others can write to" in message
    assert list((tmp_path / "target").iterdir()) == []


def test_where_it_cannot_be_written_nothing_is_written(filled, tmp_path, folder):
    folder.parent.touch()
    journal = tmp_path / "journal.jsonl"
    message = filled.refuses("mailservice_set", mailservices=TAKES_AWAY, backup_dir=str(folder), journal=str(journal))
    assert re.fullmatch(r"the backup /\S+\.yml cannot be written: .+; nothing was done", message)
    assert journal.read_text() == ""


def test_a_full_disk_leaves_no_part_of_a_file(filled, folder, monkeypatch):
    def fail(descriptor):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(_files.os, "fsync", fail)
    message = filled.refuses("mailservice_set", mailservices=TAKES_AWAY, backup_dir=str(folder))
    assert "No space left on device; nothing was done" in message and list(folder.iterdir()) == []


def test_a_run_that_is_killed_leaves_no_part_of_it_that_looks_like_one(filled, folder, monkeypatch):
    seen = []
    fsync = os.fsync
    monkeypatch.setattr(_files.os, "fsync", lambda number: (seen.append(sorted(os.listdir(folder))), fsync(number)))
    filled.set(*TAKES_AWAY, backup_dir=str(folder))
    assert all(name.startswith(".") and name.endswith(".tmp") for name in seen[0]) and len(seen[0]) == 1
    assert [path.suffix for path in folder.iterdir()] == [".yml"]


def test_the_journal_names_it(filled, tmp_path, folder):
    journal = tmp_path / "journal.jsonl"
    path = filled.set(*TAKES_AWAY, backup_dir=str(folder), journal=str(journal))["backup_file"]
    assert {yaml.safe_load(line)["backup_file"] for line in journal.read_text().splitlines()} == {path}


def test_it_brings_a_service_back_beside_one_whose_name_differs_only_in_case(portal, folder):
    portal.has(catch_all(), service(1, "Company mail", server="a"), service(2, "company mail", server="b"))
    portal.set({"name": "company mail", "state": "absent"}, backup_dir=str(folder))
    (path,) = folder.iterdir()
    portal.set(*read(path)["mailservices_wanted"])
    assert sorted(portal.names) == ["Company mail", "Other", "company mail"]


@pytest.mark.parametrize(
    "entries, back, left_out",
    [
        ([{"id": 1, "state": "absent"}, {"id": 2, "state": "absent"}], ["Gone", "Other", "Twin"], 1),
        ([{"id": 1, "state": "absent"}], ["Gone", "Other", "Twin"], 1),
        ([{"id": 1, "state": "absent"}, {"id": 2, "active": False}], ["Gone", "Other", "Twin"], 1),
        ([{"id": 1, "state": "absent"}, {"id": 2, "name": "New"}], ["Gone", "Other", "Twin"], 1),
        ([{"id": 1, "name": "New"}, {"id": 2, "name": "Newer"}], ["Gone", "Newer", "Other", "Twin"], 0),
        ([{"id": 1, "active": False}, {"id": 2, "name": "Newer"}], ["Gone", "Newer", "Other", "Twin"], 0),
        ([{"id": 1, "active": False}, {"id": 2, "active": False}], ["Gone", "Other", "Twin", "Twin"], 0),
    ],
)
def test_two_of_one_name_do_not_hold_up_the_rest(portal, folder, entries, back, left_out):
    portal.has(
        catch_all(), service(1, "Twin", server="a"), service(2, "Twin", server="b"), service(3, "Gone", server="c")
    )
    portal.set(*entries, {"name": "Gone", "state": "absent"}, backup_dir=str(folder))
    (path,) = folder.iterdir()
    text = path.read_text()
    assert text.count("it had the id 1") == (1 if entries[0].get("state") else 0)
    assert text.count("Left out, since another service has the name") == left_out
    portal.set(*read(path)["mailservices_wanted"])
    assert sorted(portal.names) == back
    assert all(row["ACTIVE"] == "Y" for row in portal.rows.values())


def test_a_name_that_a_renamed_service_took_over_holds_up_nothing(portal, folder):
    portal.has(
        catch_all(), service(1, "Mail", server="a"), service(2, "Post", server="b"), service(3, "Gone", server="c")
    )
    going = [{"id": 1, "state": "absent"}, {"name": "Gone", "state": "absent"}]
    portal.set({"id": 2, "name": "Mail"}, *going, backup_dir=str(folder))
    (path,) = folder.iterdir()
    portal.set(*read(path)["mailservices_wanted"])
    assert sorted(portal.names) == ["Gone", "Other", "Post"] and '#   - name: "Mail"' in path.read_text()


def test_an_inactive_service_of_its_name_is_not_taken_for_the_one_that_was_deleted(portal, folder):
    portal.has(catch_all(), service(1, "Twin", server="a"), service(2, "Twin", server="b", active=False))
    portal.set({"id": 1, "state": "absent"}, {"name": "Nobody", "state": "absent"}, backup_dir=str(folder))
    (path,) = folder.iterdir()
    portal.set(*read(path)["mailservices_wanted"])
    assert portal.rows[2]["SERVER"] == "b" and portal.rows[2]["ACTIVE"] == "N"
