# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Many endpoints at once: bounds, pauses, and what a run remembers."""

from __future__ import annotations

import contextlib
import errno
import functools
import multiprocessing
import os
import threading
import time

import pytest

from ansible_collections.bitrix24.portal.plugins.module_utils._probe import cache, runner
from ansible_collections.bitrix24.portal.plugins.module_utils._probe.endpoint import endpoints_of
from ansible_collections.bitrix24.portal.plugins.module_utils._probe.probe import Settings, probe
from tests.probe.scripted import ScriptedMailServer, imap
from tests.probe.test_misbehaving import PLAIN_CAPABILITIES, silent

good = functools.partial(imap, capabilities=PLAIN_CAPABILITIES)


def service(server):
    return {
        "name": f"at {server.address}:{server.port}",
        "server": server.address,
        "port": server.port,
        "encryption": False,
    }


@contextlib.contextmanager
def servers(*talks):
    """A server for each function, each at an address of its own, so that no pause comes between them."""
    with contextlib.ExitStack() as stack:
        yield [
            stack.enter_context(ScriptedMailServer(talk, f"127.1.{at // 200}.{at % 200 + 1}"))
            for at, talk in enumerate(talks)
        ]


def test_fifty_endpoints_of_which_ten_hang_take_the_time_out_and_two_seconds_at_most():
    # Those that hang come first, which is the worst that can be.
    with servers(*[silent] * 10, *[good] * 40) as some:
        began = time.monotonic()
        results = probe(endpoints_of(map(service, some)), Settings(timeout=3))
        took = time.monotonic() - began
    assert [result["code"] for result in results] == ["timed_out"] * 10 + ["cleartext"] * 40
    assert 3 <= took < 5, took


def test_no_more_than_the_bound_are_looked_at_together(monkeypatch):
    # A machine that is busy is not to be taken for servers that hang.
    monkeypatch.setattr(runner, "PATIENCE", 60)
    lock, now, most = threading.Lock(), [0], [0]

    def counting(sock):
        with lock:
            now[0] += 1
            most[0] = max(most[0], now[0])
        time.sleep(0.2)
        with lock:
            now[0] -= 1
        good(sock)

    with servers(*[counting] * 30) as some:
        results = probe(endpoints_of(map(service, some)), Settings(timeout=20))
    assert {result["code"] for result in results} == {"cleartext"}
    assert 2 <= most[0] <= runner.BOUND


def test_an_endpoint_is_looked_at_once_whatever_services_name_it():
    with servers(good) as (server,):
        services = [dict(service(server), name=name) for name in ("A", "B", "A")]
        services[1]["server"] = services[1]["server"].upper()
        (result,) = probe(endpoints_of(services), Settings())
        assert result["services"] == ["A", "B"] and server.connections == 1


def test_connections_to_one_server_begin_a_pause_apart():
    began = []

    def noting(sock):
        began.append(time.monotonic())
        good(sock)

    with ScriptedMailServer(noting) as one, ScriptedMailServer(noting) as two, ScriptedMailServer(noting) as three:
        start = time.monotonic()
        probe(endpoints_of(map(service, (one, two, three))), Settings())
    assert [place for place, moment in enumerate(sorted(began)) if moment - start < place * cache.PAUSE] == []
    assert len(began) == 3


def test_the_second_look_at_a_certificate_that_is_not_trusted_waits_as_well(authority, certificates):
    from tests.probe.conftest import EXPIRED
    from tests.probe.test_misbehaving import tls_then

    began = []

    def noting(sock):
        began.append(time.monotonic())
        tls_then(good, certificates[EXPIRED], sock)

    start = time.monotonic()
    with ScriptedMailServer(noting, EXPIRED) as server:
        (result,) = probe(endpoints_of([dict(service(server), encryption=True)]), Settings(ca_path=str(authority.path)))
    assert result["code"] == "certificate_expired" and result["mechanisms"] == ["PLAIN"]
    assert len(began) == 2 and began[1] - start >= cache.PAUSE


def in_a_fork(services, folder, results):
    results.put([result["code"] for result in probe(endpoints_of(services), Settings(timeout=5, run_dir=folder))])


def test_forks_of_a_run_look_once_between_them_and_all_know(tmp_path):
    fork = multiprocessing.get_context("fork")
    with servers(good, good, silent) as some:
        services = list(map(service, some))
        results = fork.Queue()
        began = time.monotonic()
        forks = [fork.Process(target=in_a_fork, args=(services, str(tmp_path), results)) for _time in range(8)]
        for process in forks:
            process.start()
        told = [results.get(timeout=30) for _process in forks]
        for process in forks:
            process.join()
        assert told == [["cleartext", "cleartext", "timed_out"]] * 8
        assert [server.connections for server in some] == [1, 1, 1]
        assert time.monotonic() - began < 20


def test_what_a_killed_fork_left_half_written_is_looked_at_anew(tmp_path):
    with servers(good) as (server,):
        settings = Settings(run_dir=str(tmp_path))
        probe(endpoints_of([service(server)]), settings)
        (seen,) = (tmp_path / "bitrix24_probe").glob("seen-*")
        seen.write_text(seen.read_text()[:50])
        (result,) = probe(endpoints_of([service(server)]), settings)
        assert result["code"] == "cleartext" and server.connections == 2


def full(*_arguments):
    raise OSError(errno.ENOSPC, "no space left on device")


def test_a_full_disk_or_a_folder_that_cannot_be_used_costs_no_verdict(tmp_path, monkeypatch):
    with servers(good) as (server,):
        monkeypatch.setattr(os, "pwrite", full)
        for folder in (tmp_path, tmp_path / "a-file" / "below"):
            (tmp_path / "a-file").touch()
            (result,) = probe(endpoints_of([service(server)]), Settings(run_dir=str(folder)))
            assert result["code"] == "cleartext"


def test_another_time_out_or_authority_is_another_look(tmp_path, authority):
    with servers(good) as (server,):
        for settings in (Settings(timeout=3), Settings(timeout=4), Settings(timeout=3, ca_path=str(authority.path))):
            probe(endpoints_of([service(server)]), settings._replace(run_dir=str(tmp_path)))
        assert server.connections == 3


def test_nothing_to_look_at_costs_nothing():
    assert probe({}, Settings()) == []


@pytest.mark.parametrize("timeout", [0, -1, 301])
def test_a_time_out_that_makes_no_sense_is_refused(timeout):
    with pytest.raises(ValueError, match=f"timeout: {timeout} is no time-out; give 1 to 300 seconds"):
        probe(endpoints_of([{"name": "A", "server": "127.0.0.1"}]), Settings(timeout=timeout))
