# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Server options, in the two forms that the control address takes: ``["name", "name=value"]`` or a map.

==========================  ================================================================================================
https_required              a webhook over plain http is refused
site_stopped=Y              the portal is closed
security_on                 the proactive filter alters suspicious text
strict_sql                  MySQL is in strict mode: too long a text is an error
hold_access_entity={…}      blocked by hand: ``{"W": [webhook secrets], "A": [client ids]}``
save_original_file_name=Y   the address of an icon holds the name that it was sent with, unencoded
reencode_icons=Y            icons are not stored as they were sent; of this simulator, no portal was seen to do so
icon_host=https://…         stands before the path of every stored icon, as on portals with a CDN; it serves nothing
load_limiter_active=Y       operating time is counted and limited
load_limiter_second_limit   operating seconds allowed in ten minutes, 420 unless told
operation_seconds           operating seconds that every call is charged with; of this simulator, not of the portal
==========================  ================================================================================================

Any other option is kept and has no effect.
"""

from __future__ import annotations

import json
from typing import Any

from .store import IconRules

_BARE = ("https_required", "security_on", "strict_sql")


class Switches(dict):
    """The options that are on, by name; a bare name has the value ``Y``."""

    @classmethod
    def parse(cls, given: Any) -> Switches:
        """Read either form."""
        if isinstance(given, dict):
            pairs = [
                (name, value if isinstance(value, str) else _text(value))
                for name, value in given.items()
                if value not in (None, False)
            ]
        else:
            pairs = [
                (name, value if equals else "Y")
                for name, equals, value in (str(item).partition("=") for item in given or ())
            ]
        return cls(pairs)

    @property
    def as_list(self) -> list[str]:
        """The form of the recordings."""
        return [name if name in _BARE else f"{name}={value}" for name, value in self.items()]

    def on(self, name: str) -> bool:
        """Whether an option is switched on."""
        return self.get(name, "N") == "Y"

    def number(self, name: str, default: float) -> float:
        """An option that is a number."""
        return float(self.get(name, default))

    @property
    def icon_rules(self) -> IconRules:
        """How icons are stored and shown."""
        return IconRules(self.on("save_original_file_name"), self.on("reencode_icons"), self.get("icon_host", ""))

    @property
    def held(self) -> dict[str, Any]:
        """What is blocked by hand: secrets of webhooks under W, applications under A."""
        return json.loads(self.get("hold_access_entity", "{}"))


def _text(value: Any) -> str:
    return "Y" if value is True else json.dumps(value)
