# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
attributes:
  action:
    description: Has an action plugin, which runs the task without a process of its own when it runs on the controller.
    support: full
  async:
    description: Can be used with the keyword C(async).
    support: full
  platform:
    description: The kinds of systems that it can run on.
    support: full
    platforms: posix
"""

    # For modules that take the options of a connection.
    CONNECTED = r"""
attributes:
  action_group:
    description: Belongs to groups of actions, so that C(module_defaults) can set the connection for all of them at
      once.
    support: full
    membership:
      - bitrix24.portal.all
"""

    # For modules that only read.
    INFO = r"""
attributes:
  check_mode:
    description: Says in check mode what it would change, without changing it.
    support: full
    details:
      - It only reads, in check mode as well.
  diff_mode:
    description: Says in diff mode what has changed, or in check mode would.
    support: N/A
    details:
      - It changes nothing.
  idempotent:
    description: Changes nothing more when it is run again with the same options.
    support: full
    details:
      - It changes nothing.
"""

    # For modules that bring something into a state.
    ASSERT = r"""
attributes:
  check_mode:
    description: Says in check mode what it would change, without changing it.
    support: full
  diff_mode:
    description: Says in diff mode what has changed, or in check mode would.
    support: full
  idempotent:
    description: Changes nothing more when it is run again with the same options.
    support: full
"""

    # For actions of the controller alone, which work once for all hosts.
    CONTROLLER = r"""
attributes:
  action:
    description: Has an action plugin, which does all the work on the controller.
    support: full
  async:
    description: Can be used with the keyword C(async).
    support: none
  bypass_host_loop:
    description: Runs once for all hosts by itself.
    support: full
    details:
      - Strategies that cannot run a task once, such as C(free), refuse it before anything is sent.
  platform:
    description: The kinds of systems that it can run on.
    support: full
    platforms: posix
"""
