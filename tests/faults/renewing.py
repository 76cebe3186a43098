# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A process that calls a portal again and again: ``python -m tests.faults.renewing OPTIONS SECONDS``.

OPTIONS is JSON. It prints how many calls were answered and the codes of those that were not.
"""

from __future__ import annotations

import collections
import json
import sys
import time

from ansible_collections.bitrix24.portal.plugins.module_utils._rest.client import Client
from ansible_collections.bitrix24.portal.plugins.module_utils._rest.errors import PortalError

CALLS_OF_A_TASK = 20


def main():
    options, end = json.loads(sys.argv[1]), time.monotonic() + float(sys.argv[2])
    codes = collections.Counter()
    while time.monotonic() < end:
        with Client(options) as client:
            for _call in range(CALLS_OF_A_TASK):
                try:
                    client.call("profile")
                    codes["answered"] += 1
                except PortalError as error:
                    codes[error.error] += 1
    print(json.dumps(codes))


if __name__ == "__main__":
    main()
