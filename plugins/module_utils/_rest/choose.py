# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which options mean which credentials."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from .errors import OptionError
from .webhook import parse_webhook

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .credentials import Credentials

ENVIRONMENT = {
    name: f"B24_{name.upper()}"
    for name in (
        "webhook_url",
        "portal_url",
        "access_token",
        "refresh_token",
        "client_id",
        "client_secret",
        "token_file",
        "oauth_url",
    )
}
_OF_AN_APPLICATION = ("portal_url", "access_token", "refresh_token", "token_file")
"""Each of them says that it is not a webhook."""


def choose(params: Mapping[str, Any], environ: Mapping[str, str] | None = None) -> Credentials:
    """The Credentials that the options mean, raises OptionError.

    What the task gives goes before the environment, whichever kind it is of: a webhook in the environment does not get
    in the way of a task that names portal_url or access_token. Two kinds from the same place are refused. That is why
    the options of ENVIRONMENT have no fallback in the argument spec, where nobody could tell any more which value came
    from where.
    """
    environ = os.environ if environ is None else environ
    given = {name: (params.get(name) or "").strip() for name in ENVIRONMENT}
    around = {name: (environ.get(variable) or "").strip() for name, variable in ENVIRONMENT.items()}
    around["token_file"] = os.path.expanduser(os.path.expandvars(around["token_file"]))
    for values, names in ((given, {name: name for name in given}), (around, ENVIRONMENT)):
        webhook, application = values["webhook_url"], [name for name in _OF_AN_APPLICATION if values[name]]
        if webhook and application:
            webhook = names["webhook_url"]
            other = " and ".join(names[name] for name in application)
            raise OptionError(f"{webhook} and {other} are two ways to connect: give one of them")
        if webhook:
            return parse_webhook(webhook, names["webhook_url"])
        if application:
            # A webhook needs none of it.
            from .application import make_application

            merged = {name: (given[name], name) if given[name] else (around[name], ENVIRONMENT[name]) for name in given}
            return make_application(merged, params.get("expected_host") or environ.get("B24_EXPECTED_HOST"))
    raise OptionError(
        "no connection is given: set webhook_url (or B24_WEBHOOK_URL in the environment),"
        " or portal_url and access_token (B24_PORTAL_URL, B24_ACCESS_TOKEN), or token_file (B24_TOKEN_FILE)"
    )
