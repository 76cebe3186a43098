# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates for the mail servers of the tests, in files as Dovecot and Postfix read them."""

from __future__ import annotations

import datetime

import trustme


def in_days(days):
    return datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=days)


class Authority:
    """An authority of its own in ``folder``; ``path`` is what a client has to trust."""

    def __init__(self, folder, name="ca"):
        self._folder = folder
        self._authority = trustme.CA()
        self.path = folder / f"{name}.pem"
        self._authority.cert_pem.write_to_path(str(self.path))

    def issue(self, name, *hosts, days=90):
        """``(certificate, key)``: the files of a chain and its key. It runs out in so many days from now."""
        until = in_days(days)
        made = self._authority.issue_cert(*hosts, not_before=min(in_days(-30), until), not_after=until)
        certificate, key = self._folder / f"{name}.pem", self._folder / f"{name}.key"
        for file in (certificate, key):
            file.unlink(missing_ok=True)
        for part in made.cert_chain_pems:
            part.write_to_path(str(certificate), append=True)
        made.private_key_pem.write_to_path(str(key))
        return certificate, key
