# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates for the mail servers of the tests, in files as Dovecot and Postfix read them."""

from __future__ import annotations

import datetime
import subprocess

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

    def issue_weak(self, name, address):
        """The same with an RSA key of 1024 bits, signed with SHA-1."""
        certificate, key, request = (self._folder / f"{name}.{kind}" for kind in ("pem", "key", "csr"))
        own_key, extensions = self._folder / f"{name}-ca.key", self._folder / f"{name}.cnf"
        self._authority.private_key_pem.write_to_path(str(own_key))
        extensions.write_text(f"subjectAltName = IP:{address}\n")
        for command in (
            f"openssl req -new -newkey rsa:1024 -nodes -subj /CN={address} -keyout {key} -out {request}",
            f"openssl x509 -req -in {request} -CA {self.path} -CAkey {own_key} -CAcreateserial -days 90 -sha1"
            f" -extfile {extensions} -out {certificate}",
        ):
            subprocess.run(command.split(), check=True, capture_output=True)
        return certificate, key
