# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An application's tokens in a file, on a simulated portal with its authorization server."""

from __future__ import annotations

import json

from tests.behaviour.portal import PortalUnderTest
from tests.simulator.oauth import CLIENT_ID, CLIENT_SECRET


def write_tokens(path, values):
    path.touch(mode=0o600)
    path.write_text(json.dumps(values))
    return path


class Authorized:
    """``connection``: the options of a task that finds the tokens in the file ``path``."""

    def __init__(self, simulator, folder):
        self.oauth = simulator.oauth
        self.oauth.reset()
        self.url = simulator.url
        self.portal = PortalUnderTest(simulator.portals[0])
        self.path = folder / "tokens.json"
        self.connection = dict(
            webhook_url=None, token_file=str(self.path), client_id=CLIENT_ID, client_secret=CLIENT_SECRET
        )
        self.first = self.issue()
        write_tokens(self.path, self.first)

    def issue(self, **options):
        return self.oauth.issue(f"{self.url}/rest/", **options)

    @property
    def stored(self):
        return json.loads(self.path.read_text())

    def run(self, module="portal_info", warns=False, check_mode=False, **options):
        """The result of a task; a warning that is not expected fails the test, and so does a token in the result."""
        result = self.portal.run(module, warns=warns, check_mode=check_mode, **dict(self.connection, **options))
        shown = json.dumps(result)
        assert not any(token in shown for token in self.secrets), "a token is in the result"
        return result

    @property
    def secrets(self):
        return {*self.oauth.handed_out, CLIENT_SECRET}
