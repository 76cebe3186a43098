# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every group of options that modules share; what they mean is documented in plugins/doc_fragments/ and the modules."""

from __future__ import annotations

import os
from typing import Any

from ansible.module_utils.errors import AnsibleFallbackNotFound


def environment(*names: str) -> str:
    """A fallback like Ansible's env_fallback, but an empty variable counts as one that is not set."""
    for name in names:
        if os.environ.get(name, "").strip():
            return os.environ[name].strip()
    raise AnsibleFallbackNotFound


def _option(kind: str, *names: str, **more: Any) -> dict[str, Any]:
    return dict(more, type=kind, **({"fallback": (environment, list(names))} if names else {}))


# The first eight take their environment variables in credentials.choose(), which has to know where a value came from.
CONNECTION_SPEC: dict[str, dict[str, Any]] = dict(
    webhook_url=_option("str", no_log=True),
    portal_url=_option("str"),
    access_token=_option("str", no_log=True),
    refresh_token=_option("str", no_log=True),
    client_id=_option("str"),
    client_secret=_option("str", no_log=True),
    token_file=_option("path", no_log=False),
    oauth_url=_option("str"),
    expected_host=_option("str", "B24_EXPECTED_HOST"),
    validate_certs=_option("bool", "B24_VALIDATE_CERTS", default=True),
    ca_path=_option("path", "B24_CA_PATH", "REQUESTS_CA_BUNDLE"),
    client_cert=_option("path", "B24_CLIENT_CERT"),
    client_key=_option("path", "B24_CLIENT_KEY", no_log=False),
    timeout=_option("int", "B24_TIMEOUT", default=60),
    retries=_option("int", "B24_RETRIES", default=4),
    retry_max_wait=_option("int", "B24_RETRY_MAX_WAIT", default=120),
)
"""What excludes or needs what, choose() and Settings check: Ansible's own rules know no environment variables."""

ENTRY_SPEC: dict[str, dict[str, Any]] = {
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "id": {"type": "int"},
    "preset": {"type": "str"},
    "name": {"type": "str"},
    "previous_names": {"type": "list", "elements": "str"},
    "allow_similar_name": {"type": "bool"},
    "active": {"type": "bool"},
    "server": {"type": "str"},
    "port": {"type": "int"},
    "encryption": {"type": "bool"},
    "link": {"type": "str"},
    "sort": {"type": "int"},
    "site_id": {"type": "str"},
    "icon": {"type": "str"},
    "icon_file": {"type": "str"},
    "icon_force": {"type": "bool"},
    "smtp_server": {"type": "str"},
    "smtp_port": {"type": "int"},
    "smtp_login_as_imap": {"type": "bool"},
    "smtp_password_as_imap": {"type": "bool", "no_log": False},
    "smtp_encryption": {"type": "bool"},
    "upload_outgoing": {"type": "bool"},
}
"""The options of one mail service, alike in a task of its own and in an entry of a set."""

ICONS_SPEC: dict[str, dict[str, Any]] = {"icon_contents": {"type": "dict", "no_log": True}}
"""What the action plugin hands on: the files that entries name as icon_file, in base64, by the names given."""

LOOKAHEAD_SPEC: dict[str, dict[str, Any]] = {
    "inactive_lookahead": {"type": "int", "default": 50},
    "inactive_max_ids": {"type": "int", "default": 1000},
}
"""The search for inactive services."""

VERIFY_SPEC: dict[str, dict[str, Any]] = {
    "verify": {"type": "str", "choices": ["none", "warn", "fail"], "default": "none"},
    "verify_timeout": {"type": "int", "default": 10},
}
"""The look at servers before they are written."""

LONGEST_TIMEOUT = 300
"""Seconds, of such a look."""

GUARDS_SPEC: dict[str, dict[str, Any]] = {
    "allow_catch_all_change": {"type": "bool", "default": False},
    "allow_builtin_delete": {"type": "bool", "default": False},
}
"""What needs a word of permission, alike for one service and a set."""

PROTECT_SPEC: dict[str, dict[str, Any]] = {
    "protect": {"type": "list", "elements": "str", "default": []},
    "protect_ids": {"type": "list", "elements": "int", "default": []},
}
"""What a purge leaves alone, and an audit does not call extra."""

LIMITS_SPEC: dict[str, dict[str, Any]] = {
    **GUARDS_SPEC,
    **PROTECT_SPEC,
    "purge": {"type": "str", "choices": ["none", "deactivate", "delete"], "default": "none"},
    "max_removals": {"type": "int", "default": 5},
    "allow_empty": {"type": "bool", "default": False},
}
"""What a plan of a set may do: the keyword arguments of Limits."""
