# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A throw-away certificate authority, so that a portal can be served over https."""

from __future__ import annotations

import ssl
from pathlib import Path

import trustme


def server_context(host: str, ca_file: Path) -> ssl.SSLContext:
    """A context for ``host`` and the loopback names; the authority's certificate is written to ``ca_file``."""
    authority = trustme.CA()
    certificate = authority.issue_cert(*dict.fromkeys((host, "localhost", "127.0.0.1", "::1")))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    authority.cert_pem.write_to_path(str(ca_file))
    return context
