# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Why a task failed, in the words of a role, whose variables hold the options. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ansible_collections.bitrix24.portal.plugins.module_utils._causes import SENTENCES, sentence

if TYPE_CHECKING:
    from collections.abc import Mapping

FORMS = {
    "wrong_host": (
        "the {credentials} leads to {host}; this host is {expected} (its name, or bitrix24_expected_host); "
        "nothing was sent"
    ),
    "another_plan": "something moved since the plan was approved; nothing was done",
}
"""What a role says otherwise, since these options come from no variable of its own."""


def message_of(result: Mapping[str, Any], prefix: str) -> Any:
    """The message of a task that failed, None where it has none. prefix: of the variables that hold the options."""
    message, causes = result.get("msg"), result.get("causes")
    try:
        if not prefix or not causes or "; ".join(_told(cause, "", {}) for cause in causes) != message:
            return message
        return "; ".join(_told(cause, prefix, FORMS) for cause in causes)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError):
        return message


def _told(cause: Mapping[str, Any], prefix: str, forms: Mapping[str, str]) -> str:
    kind, text = cause["kind"], cause["message"]
    if kind in SENTENCES:
        text = sentence(kind, cause["parts"], prefix, forms.get(kind))
    return text if cause["entry"] is None else "{}: {}".format(cause["entry"], text)
