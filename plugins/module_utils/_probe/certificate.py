# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whom to trust, and what stands in a certificate."""

from __future__ import annotations

import calendar
import contextlib
import os
import ssl
import threading
from typing import Any

from .._text import visible
from .facts import Certificate

try:
    from cryptography import x509
except ImportError:
    x509 = None  # type: ignore[assignment]

MOST_NAMES = 20
_LONGEST = 100


class Trust:
    """The contexts of a whole run. ``ca_path``: a file or folder of authorities beside those of the system.

    Both take any version and cipher that the system has, to tell what is old from what is down. No secret is ever sent.
    """

    def __init__(self, ca_path: str | None = None) -> None:
        self._strict = _context()
        self._lock = threading.Lock()
        self._is_complete = False
        if ca_path:
            if os.path.isdir(ca_path):
                self._strict.load_verify_locations(capath=ca_path)
            else:
                self._strict.load_verify_locations(cafile=ca_path)
        self.lax = _context()
        self.lax.check_hostname = False
        self.lax.verify_mode = ssl.CERT_NONE

    @property
    def strict(self) -> ssl.SSLContext:
        """The system's authorities are read when they are needed first, which takes longer than all else."""
        with self._lock:
            if not self._is_complete:
                self._strict.load_default_certs()
                self._is_complete = True
        return self._strict


def _context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    return context


def certificate_of(tls: ssl.SSLObject) -> Certificate | None:
    """The server's certificate. Without ``cryptography``: None of one that is not trusted, and no key of others."""
    told, data = tls.getpeercert(), tls.getpeercert(binary_form=True)
    found = _trusted(told) if told else None
    if not data or x509 is None:
        return found
    # Whatever a server calls a certificate: the parser's own errors are of many kinds.
    with contextlib.suppress(Exception):
        parsed = x509.load_der_x509_certificate(data)
        found = found or _untrusted(parsed)
        _add_strength(found, parsed)
    return found


def _trusted(told: dict[str, Any]) -> Certificate:
    names = [str(value) for kind, value in told.get("subjectAltName", ()) if kind in ("DNS", "IP Address")]
    return Certificate(
        subject=_common_name(told.get("subject", ())),
        issuer=_common_name(told.get("issuer", ())),
        names=_shown(names),
        not_before=int(ssl.cert_time_to_seconds(told["notBefore"])),
        not_after=int(ssl.cert_time_to_seconds(told["notAfter"])),
    )


def _common_name(parts: Any) -> str:
    named = [(key, value) for part in parts for key, value in part]
    found = [value for key, value in named if key == "commonName"] or [value for _key, value in named]
    return visible(str(found[-1]), _LONGEST) if found else ""


def _untrusted(certificate: Any) -> Certificate:
    names: list[str] = []
    try:
        extension = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
        names = [str(name.value) for name in extension.value if isinstance(name, (x509.DNSName, x509.IPAddress))]
    except x509.ExtensionNotFound:
        pass
    return Certificate(
        subject=_name_of(certificate.subject),
        issuer=_name_of(certificate.issuer),
        names=_shown(names),
        not_before=_moment(certificate, "not_valid_before"),
        not_after=_moment(certificate, "not_valid_after"),
    )


def _add_strength(found: Certificate, parsed: Any) -> None:
    key, signed = parsed.public_key(), parsed.signature_hash_algorithm
    # Such as RSAPublicKey and Ed25519PublicKey; keys of fixed length have no size.
    name = type(key).__name__.replace("PublicKey", "").strip("_")
    found.key_type = {"EllipticCurve": "EC"}.get(name, name)
    found.key_bits = getattr(key, "key_size", None)
    found.signature_hash = None if signed is None else str(signed.name)


def _name_of(name: Any) -> str:
    attributes = name.get_attributes_for_oid(x509.NameOID.COMMON_NAME) or list(name)
    return visible(str(attributes[-1].value), _LONGEST) if attributes else ""


def _moment(certificate: Any, which: str) -> int:
    aware = getattr(certificate, f"{which}_utc", None)
    if aware is not None:
        return int(aware.timestamp())
    return calendar.timegm(getattr(certificate, which).timetuple())


def _shown(names: list[str]) -> list[str]:
    return [visible(name, _LONGEST) for name in names[:MOST_NAMES]]
