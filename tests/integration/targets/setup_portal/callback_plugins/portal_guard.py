# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import re
from urllib.request import urlopen

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: portal_guard
type: aggregate
short_description: Fails a run that writes to the portal in check mode, or that warns without having said so
description:
  - A task says which warnings it expects with a variable C(expected_warnings), a list of regular expressions.
  - Asks the simulator at the play's variable C(portal_control) what it received.
"""

WRITES = re.compile(r"mailservice\.(?:add|update|delete)")


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "portal_guard"
    # ansible-test has a list of its own of those that are enabled.
    CALLBACK_NEEDS_ENABLED = False

    def __init__(self):
        super().__init__()
        self.control = None
        self.seen = 0
        self.problems = []

    def v2_playbook_on_play_start(self, play):
        self.control = play.get_variable_manager().get_vars(play=play)["portal_control"]

    def v2_runner_on_ok(self, result):
        self._check(result)

    def v2_runner_on_failed(self, result, ignore_errors=False):
        self._check(result)

    v2_runner_item_on_ok = v2_runner_on_ok
    v2_runner_item_on_failed = v2_runner_on_ok

    def v2_playbook_on_stats(self, stats):
        for problem in self.problems:
            self._display.display("portal_guard: %s" % problem, color="red")
        if self.problems:
            raise SystemExit(1)

    def _check(self, result):
        fields = result._task_fields
        expected = (fields.get("vars") or {}).get("expected_warnings", [])
        for warning in result._result.get("warnings", []) + result._result.get("deprecations", []):
            if not any(re.search(pattern, str(warning)) for pattern in expected):
                self.problems.append("%s: unexpected warning: %s" % (fields["name"], warning))
        if not fields["action"].startswith("bitrix24.portal."):
            return
        with urlopen(self.control + "/requests", timeout=10) as answer:
            requests = json.load(answer)
        new = requests[self.seen :] if len(requests) >= self.seen else requests
        self.seen = len(requests)
        if fields["check_mode"] and any(WRITES.search("%s %s" % (request["path"], request["body"])) for request in new):
            self.problems.append("%s: wrote to the portal in check mode" % fields["name"])
