# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  verify:
    description:
      - Whether to look at the IMAP servers that employees get by this task, before anything is written. These are those
        of services that are created or activated, or whose server, port or encryption changes. See
        M(bitrix24.portal.mailservice_probe) for how it looks, which is from where the task runs.
      - V(warn) warns of what is not as it should be. V(fail) warns as well, and refuses the task where a server cannot
        be used. V(none) does not look.
      - It looks in check mode too. Authorities in O(ca_path) are trusted beside those of the system.
    type: str
    choices: [none, warn, fail]
    default: none
  verify_timeout:
    description: Seconds for each server and port, 1 to 300.
    type: int
    default: 10
"""
