# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The simulator as a process of its own: ``python -m tests.simulator``."""

from __future__ import annotations

import contextlib
import json
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import requests

ROOT = Path(__file__).parents[2]
WEBHOOK = "/rest/1/adminsecret00001/"
SERVICE = {"ID": "1", "SITE_ID": "s1", "ACTIVE": "Y", "NAME": "one"}


@contextlib.contextmanager
def running(*options, lines=1, port=0):
    """A simulator with these options, and the lines that it printed first."""
    command = [sys.executable, "-m", "tests.simulator", "--port", str(port), *options]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process, [process.stdout.readline().strip() for _line in range(lines)]
        finally:
            process.terminate()
            process.communicate(timeout=10)


def address(line):
    """The address at the end of a line."""
    return re.fullmatch(r"portal \d+ listening on (https?://127\.0\.0\.1:\d+\S*)", line)[1]


def free_ports(count):
    """The first of some ports in a row that nobody uses."""
    for first in range(20000, 60000, 97):
        with contextlib.ExitStack() as stack:
            try:
                for port in range(first, first + count):
                    stack.enter_context(socket.socket()).bind(("127.0.0.1", port))
            except OSError:
                continue
            return first
    raise AssertionError("no ports in a row are free")


def test_each_portal_has_the_next_port_a_line_and_rows_of_its_own(tmp_path):
    first = free_ports(3)
    options = ("--portals", "3", "--control", "--database", str(tmp_path / "rows"))
    with running(*options, lines=3, port=first) as (_process, lines):
        assert [address(line) for line in lines] == [f"http://127.0.0.1:{first + number}" for number in range(3)]
        requests.put(f"{address(lines[1])}/_control/state", json={"services": [SERVICE]}).raise_for_status()
        counts = [len(requests.get(f"{address(line)}/_control/state").json()["services"]) for line in lines]
        assert counts == [0, 1, 0]


def test_the_rows_are_still_there_when_it_is_started_again(tmp_path):
    options = ("--database", str(tmp_path / "rows"))
    with running(*options) as (_process, (line,)):
        added = requests.post(f"{address(line)}{WEBHOOK}mailservice.add", json={"NAME": "kept", "ENCRYPTION": "Y"})
        assert added.json()["result"] == 1
    with running(*options) as (_process, (line,)):
        assert (
            requests.post(f"{address(line)}{WEBHOOK}mailservice.get", json={"ID": 1}).json()["result"]["NAME"] == "kept"
        )


def test_a_prefix_stands_before_the_calls_and_the_control_is_at_the_root_too():
    with running("--prefix", "/base", "--control") as (_process, (line,)):
        base = address(line)
        root = base.removesuffix("/base")
        assert base != root
        assert requests.post(f"{base}{WEBHOOK}scope").json()["result"] == ["mailservice"]
        assert requests.post(f"{root}{WEBHOOK}scope").status_code == 404
        assert [request["path"] for request in requests.get(f"{root}/_control/requests").json()] == [
            f"/base{WEBHOOK}scope",
            f"{WEBHOOK}scope",
        ]
        assert requests.delete(f"{base}/_control/requests").ok
        assert requests.get(f"{root}/_control/requests").json() == []


def test_with_tls_it_names_the_file_of_an_authority_that_vouches_for_it(tmp_path):
    with running("--tls", "--database", str(tmp_path / "rows"), lines=2) as (_process, lines):
        ca_file = lines[1].removeprefix("certificate authority in ")
        assert requests.post(f"{address(lines[0])}{WEBHOOK}scope", verify=ca_file).ok
        with pytest.raises(requests.exceptions.SSLError):
            requests.post(f"{address(lines[0])}{WEBHOOK}scope")


def test_without_control_there_are_no_control_addresses():
    with running() as (_process, (line,)):
        assert requests.get(f"{address(line)}/_control/state").status_code == 404


def test_with_a_rate_the_burst_goes_through_and_the_next_call_is_refused():
    with running("--rate", "0.001", "--burst", "3") as (_process, (line,)):
        answers = [requests.post(f"{address(line)}{WEBHOOK}scope") for _call in range(4)]
        assert [answer.status_code for answer in answers] == [200, 200, 200, 503]
        assert answers[3].json()["error"] == "QUERY_LIMIT_EXCEEDED"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_without_a_word(number):
    with running() as (process, _lines):
        process.send_signal(number)
        assert process.communicate(timeout=10) == ("", "")
        assert process.returncode == 0


def test_a_port_in_use_is_said_in_one_line():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with running(lines=0, port=taken.getsockname()[1]) as (process, _lines):
            output, errors = process.communicate(timeout=10)
            assert (output, process.returncode) == ("", 1)
            assert re.fullmatch(r"cannot start: .*\n", errors)


def test_it_plays_the_authorization_server_and_writes_a_token_file_for_each_portal(tmp_path):
    folder = tmp_path / "tokens"
    with running("--portals", "2", "--oauth", str(folder), lines=3) as (_process, lines):
        found = re.fullmatch(
            r"authorization server on (\S+): client_id (\S+), client_secret (\S+), tokens in (.*)", lines[2]
        )
        tokens = json.loads((folder / "portal-2.json").read_text())
        assert (folder / "portal-2.json").stat().st_mode & 0o777 == 0o600
        assert tokens["client_endpoint"] == f"{address(lines[1])}/rest/"
        form = dict(client_id=found[2], client_secret=found[3], grant_type="refresh_token")
        form["refresh_token"] = tokens["refresh_token"]
        assert requests.post(f"{found[1]}/oauth/token/", data=form).json()["member_id"] == tokens["member_id"]
