# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files on the controller are there as a whole, or as they were."""

from __future__ import annotations

import os
import re
import signal
import stat

import pytest

from ansible_collections.bitrix24.portal.plugins.module_utils import _files as _shared
from ansible_collections.bitrix24.portal.plugins.module_utils._files import real_path
from ansible_collections.bitrix24.portal.plugins.plugin_utils import _files
from ansible_collections.bitrix24.portal.plugins.plugin_utils._files import check_writable, read_text, write_atomically


@pytest.fixture
def umask():
    before = os.umask(0o022)
    yield os.umask
    os.umask(before)


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_a_file_is_made_and_told_to_be_new(tmp_path):
    path = tmp_path / "a.yml"
    assert write_atomically(str(path), "почта\n") is True
    assert path.read_bytes() == "почта\n".encode()


def test_the_same_text_is_not_written_again(tmp_path):
    path = tmp_path / "a.yml"
    path.write_text("same\n")
    before = path.stat()
    assert write_atomically(str(path), "same\n") is False
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_another_text_replaces_the_old_one(tmp_path):
    path = tmp_path / "a.yml"
    path.write_text("a longer text than the new one\n")
    assert write_atomically(str(path), "new\n") is True
    assert path.read_text() == "new\n"


def test_nothing_else_stays_in_the_folder(tmp_path):
    write_atomically(str(tmp_path / "a.yml"), "new\n")
    assert os.listdir(tmp_path) == ["a.yml"]


def test_who_has_the_old_file_open_reads_it_to_its_end(tmp_path):
    path = tmp_path / "a.yml"
    path.write_text("old\n")
    with path.open() as reader:
        write_atomically(str(path), "new\n")
        assert reader.read() == "old\n"


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_write_that_fails_leaves_the_old_file_and_no_other(tmp_path, monkeypatch, step):
    path = tmp_path / "a.yml"
    path.write_text("old\n")

    def fail(*arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(_files.os, step, fail)
    with pytest.raises(OSError, match="No space left"):
        write_atomically(str(path), "new\n")
    assert (path.read_text(), os.listdir(tmp_path)) == ("old\n", ["a.yml"])


def test_the_text_is_on_the_disk_under_a_name_that_nobody_reads_before_it_takes_the_files_place(tmp_path, monkeypatch):
    steps = []
    replace, fsync = os.replace, os.fsync
    monkeypatch.setattr(_files.os, "fsync", lambda number: (steps.append("fsync"), fsync(number)))
    monkeypatch.setattr(_files.os, "replace", lambda *paths: (steps.append(paths), replace(*paths)))
    # The collector of the node exporter reads every file whose name ends like this, hidden or not.
    write_atomically(str(tmp_path / "audit.prom"), "new\n")
    (temporary, target) = steps[1]
    assert (steps[0], target) == ("fsync", str(tmp_path / "audit.prom"))
    assert os.path.dirname(temporary) == str(tmp_path)
    assert os.path.basename(temporary).startswith(".") and not temporary.endswith(".prom")


@pytest.mark.parametrize("mask, expected", [(0o022, 0o644), (0o077, 0o600), (0o027, 0o640), (0o000, 0o644)])
def test_a_new_file_has_what_the_umask_leaves_of_0644(tmp_path, umask, mask, expected):
    umask(mask)
    write_atomically(str(tmp_path / "a.yml"), "new\n")
    assert mode(tmp_path / "a.yml") == expected


@pytest.mark.parametrize("old, expected", [(0o600, 0o600), (0o640, 0o640), (0o666, 0o644), (0o755, 0o644)])
def test_a_replaced_file_is_no_wider_than_it_was(tmp_path, umask, old, expected):
    path = tmp_path / "a.yml"
    path.write_text("old\n")
    path.chmod(old)
    write_atomically(str(path), "new\n")
    assert mode(path) == expected


@pytest.mark.parametrize("there", [0o700, 0o775, 0o1777, 0o2775])
@pytest.mark.parametrize("mask, made", [(0o000, 0o755), (0o022, 0o755), (0o027, 0o750)])
def test_missing_folders_are_made_by_the_umask_and_others_keep_their_modes(tmp_path, umask, there, mask, made):
    tmp_path.chmod(there)
    umask(mask)
    write_atomically(str(tmp_path / "b" / "c" / "a.yml"), "new\n")
    assert mode(tmp_path) == there
    # A folder hands its group on to those in it.
    assert [mode(folder) & ~stat.S_ISGID for folder in (tmp_path / "b", tmp_path / "b" / "c")] == [made, made]


@pytest.mark.parametrize("there", [True, False])
def test_a_link_is_followed_and_stays(tmp_path, there):
    (tmp_path / "real").mkdir()
    if there:
        (tmp_path / "real" / "a.yml").write_text("old\n")
    link = tmp_path / "a.yml"
    link.symlink_to("real/a.yml")
    write_atomically(str(link), "new\n")
    assert link.is_symlink() and (tmp_path / "real" / "a.yml").read_text() == "new\n"


@pytest.mark.parametrize("make", [os.mkdir, os.mkfifo], ids=["folder", "pipe"])
def test_what_is_no_file_is_neither_read_nor_replaced(tmp_path, make):
    path = tmp_path / "a.yml"
    make(path)
    for attempt in (lambda: write_atomically(str(path), "new\n"), lambda: read_text(str(path))):
        with pytest.raises(OSError, match="not a regular file"):
            attempt()


def test_a_missing_file_has_no_text(tmp_path):
    assert read_text(str(tmp_path / "a.yml")) is None


def test_bytes_that_are_no_text_can_be_read(tmp_path):
    (tmp_path / "a.yml").write_bytes(b"\xff\n")
    assert read_text(str(tmp_path / "a.yml")) == "\udcff\n"


LINKED = {
    "file": lambda folder, target: (folder / "a.yml").symlink_to(target / "a.yml"),
    "folder": lambda folder, target: (folder / "sub").symlink_to(target),
    "behind another link": lambda folder, target: (
        (folder / "sub").symlink_to(target),
        (folder.parent / "a.yml").symlink_to(folder / "sub" / "a.yml"),
    ),
}
PATHS = {"file": "shared/a.yml", "folder": "shared/sub/a.yml", "behind another link": "a.yml"}


@pytest.mark.parametrize("linked", LINKED)
@pytest.mark.parametrize("wide", [0o777, 0o1777, 0o775, 0o2775])
def test_a_link_in_a_folder_that_others_can_write_to_is_not_followed(tmp_path, linked, wide):
    folder, target = tmp_path / "shared", tmp_path / "target"
    for made in (folder, target):
        made.mkdir()
    (target / "a.yml").write_text("old\n")
    LINKED[linked](folder, target)
    folder.chmod(wide)
    path = str(tmp_path / PATHS[linked])
    for attempt in (lambda: write_atomically(path, "new\n"), lambda: read_text(path), lambda: check_writable(path)):
        with pytest.raises(OSError) as refusal:
            attempt()
        assert refusal.value.strerror.endswith(" is a symbolic link in a folder that others can write to")
    assert (target / "a.yml").read_text() == "old\n" and os.listdir(target) == ["a.yml"]


def test_links_in_a_circle_are_told(tmp_path):
    (tmp_path / "a.yml").symlink_to("b.yml")
    (tmp_path / "b.yml").symlink_to("a.yml")
    with pytest.raises(OSError, match="Too many levels of symbolic links"):
        write_atomically(str(tmp_path / "a.yml"), "new\n")


@pytest.mark.parametrize("path", ["link/../a.yml", "./here/../a.yml", "here//a.yml", "/../a.yml"])
def test_a_path_leads_where_it_leads_for_the_system(tmp_path, monkeypatch, path):
    (tmp_path / "elsewhere" / "deep").mkdir(parents=True)
    (tmp_path / "here").mkdir()
    (tmp_path / "link").symlink_to("elsewhere/deep")
    monkeypatch.chdir(tmp_path)
    assert real_path(path) == os.path.realpath(path)


def killed_while_writing(path):
    """A run that ends by SIGKILL with its text half on the disk; returns what it leaves beside the file."""
    pid = os.fork()
    if not pid:
        _shared.os.fsync = lambda number: os.kill(os.getpid(), signal.SIGKILL)
        write_atomically(str(path), "new\n")
    os.waitpid(pid, 0)
    return sorted(set(path.parent.iterdir()) - {path})


def test_what_a_killed_run_leaves_is_read_by_nobody_and_goes_with_a_later_write(tmp_path):
    path = tmp_path / "audit.prom"
    path.write_text("old\n")
    (left,) = killed_while_writing(path)
    # Ansible and shells skip what begins with a dot, node_exporter all that does not end in .prom.
    assert re.fullmatch(r"\.audit\.prom\.[0-9a-f]{32}\.tmp", left.name) and path.read_text() == "old\n"
    write_atomically(str(path), "new\n")
    assert left.exists(), "it may be that of a run that is still at it"
    hour_ago = left.stat().st_mtime - 3601
    os.utime(left, (hour_ago, hour_ago))
    for other in (".audit.prom.swp", "audit.prom.tmp", ".other.prom.0.tmp"):
        (tmp_path / other).touch()
        os.utime(tmp_path / other, (hour_ago, hour_ago))
    write_atomically(str(path), "newer\n")
    assert sorted(os.listdir(tmp_path)) == [".audit.prom.swp", ".other.prom.0.tmp", "audit.prom", "audit.prom.tmp"]
