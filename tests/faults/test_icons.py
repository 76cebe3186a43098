# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Icons where answers are lost and runs are killed: the next runs end in what is wanted, with one service each."""

from __future__ import annotations

import base64
import multiprocessing
import os
import random
import signal

import pytest

from ansible_collections.bitrix24.portal.plugins.module_utils._runner import execute
from tests.behaviour.portal import service
from tests.faults.disturbed import prepare
from tests.faults.test_lost_answers import LOST
from tests.images import image

ONE, OTHER = image("png", seed=1), image("gif", seed=2, mode="P")
CONTENTS = {"one.png": base64.b64encode(ONE).decode(), "other.gif": base64.b64encode(OTHER).decode()}
WANTED = [
    {"name": "New", "server": "new.example", "icon_file": "other.gif"},
    {"name": "One", "icon_file": "one.png"},
    {"name": "Two", "icon_file": "other.gif", "sort": 7},
    {"name": "Three", "icon_file": ""},
]
ICONS = {"New": OTHER, "One": ONE, "Two": OTHER}


def populate(portal):
    """Two and Three have an icon already."""
    portal.has(*[service(at, name, server=f"{at}.example") for at, name in enumerate(("One", "Two", "Three"), 1)])
    given = [{"name": name, "icon_file": "one.png"} for name in ("Two", "Three")]
    portal.set(*given, icon_contents=CONTENTS)
    portal._running.clear_requests()


def run(portal):
    return portal.run_anyhow("mailservice_set", mailservices=WANTED, icon_contents=CONTENTS)


def converges(portal, most=3):
    """Runs until one succeeds, and proves that another would do nothing."""
    for _attempt in range(most):
        portal.pass_time(3600)
        if not run(portal).get("failed"):
            break
    assert portal.icons == ICONS and portal.names == ["One", "Two", "Three", "New"]
    again = run(portal)
    assert not again.get("failed") and not again["changed"], again


@pytest.mark.parametrize("fault, carried_out", LOST.values(), ids=[name.replace(" ", "_") for name in LOST])
@pytest.mark.parametrize("method", ["mailservice.add", "mailservice.update"])
def test_where_the_answer_to_an_icon_is_lost_the_next_runs_finish(portal, method, fault, carried_out):
    populate(portal)
    portal.misbehaves(dict(fault, method=method))
    first = run(portal)
    creation_lost = method == "mailservice.add" and not carried_out
    assert bool(first.get("failed")) == creation_lost, first
    assert first["changed"]
    converges(portal)


def test_a_creation_with_an_icon_is_never_sent_twice_by_one_run(portal):
    populate(portal)
    portal.misbehaves(dict(kind="reset", method="mailservice.add"))
    failed = run(portal)
    assert [verb for verb, dummy in portal.writes].count("add") <= 1
    assert "not sent again" in failed["msg"]


def test_an_icon_whose_update_came_twice_on_the_way_is_the_wanted_one(portal):
    populate(portal)
    portal.misbehaves(dict(kind="twice", method="mailservice.update", answer="second", times=3))
    assert not run(portal).get("failed")
    converges(portal)


def test_a_creation_that_came_twice_on_the_way_leaves_one_service_with_its_icon(portal):
    populate(portal)
    portal.misbehaves(dict(kind="twice", method="mailservice.add", answer="second"))
    run(portal)
    converges(portal)


def test_a_refused_icon_fails_its_entry_alone_where_the_rest_goes_on(portal):
    populate(portal)
    portal.misbehaves(dict(kind="operation_limit", method="mailservice.update", times=1))
    result = portal.run_anyhow(
        "mailservice_set", mailservices=WANTED, icon_contents=CONTENTS, on_error="continue", retry_max_wait=0
    )
    assert result["failed"] and [entry["failed"] for entry in result["results"]].count(True) == 1
    converges(portal)


def _run_to_be_killed(params):
    execute(*prepare("mailservice_set", params))


def killed(portal, when):
    """Starts a run in a process of its own; ``when(kill)`` arranges for its end."""
    params = dict(webhook_url=portal.webhook(), mailservices=WANTED, icon_contents=CONTENTS)
    process = multiprocessing.get_context("spawn").Process(target=_run_to_be_killed, args=(params,))
    when(lambda: os.kill(process.pid, signal.SIGKILL))
    process.start()
    process.join(120)
    code = process.exitcode
    process.close()
    return code


@pytest.mark.parametrize("method, place", [("add", 1), ("update", 1), ("update", 2), ("update", 3), ("list", 2)])
def test_a_run_that_is_killed_in_mid_request_is_finished_by_the_next(portal, method, place):
    populate(portal)
    code = killed(portal, lambda kill: portal.before(f"mailservice.{method}", kill, place=place))
    assert code == -signal.SIGKILL
    converges(portal)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(40))
def test_a_run_that_is_killed_at_any_command_is_finished_by_the_next(portal, seed):
    populate(portal)
    left = random.Random(seed).randint(1, 9)

    def count_down(kill):
        def observe():
            nonlocal left
            left -= 1
            if not left:
                kill()

        portal.each_time(observe)

    killed(portal, count_down)
    portal.each_time(lambda: None)
    converges(portal)
