# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The shape of a plan and of the file of all plans, down to the kind of each value. Pure.

A shape is a kind, a tuple of shapes of which one must fit, a list of one shape for each member, or a dictionary of the
keys that must be there, no more and no fewer; ``{str: shape}`` is a map with any keys.
"""

from __future__ import annotations

from typing import Any

_NULL = type(None)
_VALUE = (str, int, bool, _NULL)
_SERVICES = [{"name": str, "id": (int, _NULL), "changes": {str: {"before": _VALUE, "after": _VALUE}}}]

PLAN = {
    "creations": _SERVICES,
    "updates": _SERVICES,
    "deactivations": _SERVICES,
    "deletions": _SERVICES,
    "unchanged": _SERVICES,
}
EFFECTS = [
    {"service": str, "id": int, "action": str, "to": (str, _NULL), "reversible": bool, "text": str},
]
CAUTIONS = [{"kind": str, "service": str, "text": str}]
RESULT = {"host": str, "plan": PLAN, "plan_digest": str, "effects": EFFECTS, "cautions": CAUTIONS}
PORTAL = {
    "error": (str, _NULL),
    "host": (str, _NULL),
    "plan": (PLAN, _NULL),
    "plan_digest": (str, _NULL),
    "effects": (EFFECTS, _NULL),
    "cautions": (CAUTIONS, _NULL),
    "text": [str],
}
ARTIFACT = {
    "schema_version": int,
    "collection_version": str,
    "time": str,
    "commit": str,
    "job": str,
    "digest": str,
    "removals": int,
    "portals": {str: PORTAL},
}


def fits(value: Any, shape: Any) -> bool:
    """Whether a value as JSON has it is of that shape. True and 1 are of different kinds."""
    if isinstance(shape, tuple):
        return any(fits(value, part) for part in shape)
    if isinstance(shape, list):
        return isinstance(value, list) and all(fits(part, shape[0]) for part in value)
    if not isinstance(shape, dict):
        return isinstance(value, shape) and (shape is bool or not isinstance(value, bool))
    if not isinstance(value, dict):
        return False
    if str in shape:
        return all(isinstance(key, str) and fits(part, shape[str]) for key, part in value.items())
    return value.keys() == shape.keys() and all(fits(part, shape[key]) for key, part in value.items())
