# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A simulated portal that misbehaves on a simulated clock: pauses take no time, and a client's minute lasts a third of a second."""

from __future__ import annotations

import importlib
import random

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.bitrix24.portal.plugins.module_utils._mailservice import session as _session
from ansible_collections.bitrix24.portal.plugins.module_utils._rest import transport as _transport
from ansible_collections.bitrix24.portal.plugins.module_utils._rest.client import Client
from ansible_collections.bitrix24.portal.plugins.module_utils._rest.connection import ConnectionTracker
from ansible_collections.bitrix24.portal.plugins.module_utils._runner import Task, execute
from tests.behaviour.portal import MODULES, PortalUnderTest

SECONDS_OF_A_SECOND = 0.005


def prepare(module, params, check_mode=False):
    """(run, task) of a module with these options, validated as Ansible validates them."""
    module = importlib.import_module(MODULES + module)
    validation = ArgumentSpecValidator(
        **{rule: value for rule, value in module.SPEC.items() if rule != "supports_check_mode"}
    ).validate(params)
    assert not validation.error_messages
    return module.run, Task(validation.validated_parameters, check_mode)


class Disturbed(PortalUnderTest):
    """``slept``: the pauses of the tasks run so far; ``jitter``: what stands in for chance between 0 and 1."""

    def __init__(self, simulator, monkeypatch):
        self._clock = simulator.clock
        self.slept = []
        self.jitter = lambda: 0.5
        monkeypatch.setattr(_session, "Client", self._client)
        self._monkeypatch = monkeypatch
        super().__init__(simulator.portals[0])

    def _client(self, params, **more):
        return Client(params, sleep=self.sleep, jitter=self.jitter, **more)

    def times_out_soon(self):
        """From now on a request's time-out takes hundredths of a second instead of seconds."""
        self._monkeypatch.setattr(
            _transport,
            "ConnectionTracker",
            lambda timeout, clock: ConnectionTracker(timeout * SECONDS_OF_A_SECOND, clock),
        )

    def sleep(self, seconds):
        self.slept.append(seconds)
        self.pass_time(seconds)

    def pass_time(self, seconds):
        """Let time pass on the portal, and all that was waiting for it happen."""
        self._clock.advance(seconds)
        for dummy in range(10):
            self._running._on_loop(lambda: None)

    def misbehaves(self, *faults):
        super().misbehaves(*faults)
        if any(fault["kind"] == "delay" for fault in faults):
            self.times_out_soon()

    @property
    def bodies(self):
        """The bodies received; a request that was cut off before it was read has no commands."""
        return [body or {"cmd": {}} for body in super().bodies]

    def run_anyhow(self, module, check_mode=False, **params):
        """Run a task that may fail and may warn."""
        return execute(*prepare(module, dict(dict(webhook_url=self.webhook()), **params), check_mode))

    def seeded(self, seed):
        """Chance that is the same in every run of a test."""
        self.jitter = random.Random(seed).random
        return self
