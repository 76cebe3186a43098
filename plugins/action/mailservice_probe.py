# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.bitrix24.portal.plugins.modules import mailservice_probe
from ansible_collections.bitrix24.portal.plugins.plugin_utils._action import InProcessAction
from ansible_collections.bitrix24.portal.plugins.plugin_utils._lint import options_check


class ActionModule(InProcessAction):
    MODULE = mailservice_probe
    LIBRARY = "ssl"


main = options_check(mailservice_probe.SPEC)
