# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wrong with the connection's options beyond their types, and what they say besides the credentials."""

from __future__ import annotations

import base64
import os
import re
import ssl
from typing import TYPE_CHECKING, Any

from ansible.module_utils.common.parameters import DEFAULT_TYPE_VALIDATORS
from ansible.module_utils.errors import AnsibleFallbackNotFound

from .._argspec import CONNECTION_SPEC, environment
from .errors import OptionError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import NoReturn


SMALL = 64 * 1024
MOST = 1000 * 1000
DER_SEQUENCE = b"\x30"
_CERTIFICATE = re.compile(rb"-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----\s+([A-Za-z0-9+/=\s]+?)-----END ")


class Settings:
    """What the options say besides the credentials.

    timeout, retry_max_wait: seconds; verify, cert: as requests takes them.
    """

    def __init__(self, params: Mapping[str, Any]) -> None:
        problems: list[str] = []
        values = _OptionValues(params, problems)
        self.timeout = values.number("timeout", 1)
        self.retries = values.number("retries", 0)
        self.retry_max_wait = values.number("retry_max_wait", 0)
        self.expected_host: str | None = values.value("expected_host")
        self.verify: bool | str = values.value("validate_certs")
        ca_path = values.value("ca_path")
        if self.verify and ca_path:
            self.verify = ca_path
            _check_ca(ca_path, problems)
        self.cert = _client_certificate(values.value("client_cert"), values.value("client_key"), problems)
        self.warnings: list[str] = []
        if not self.verify:
            self.warnings.append(
                "validate_certs is false: whoever stands between this machine and the portal can read and change"
                " everything, the credentials included."
            )
        if problems:
            raise OptionError(problems)


class _OptionValues:
    """Validated options, where null or an empty text, a value to Ansible, stands for an option that is left out."""

    def __init__(self, params: Mapping[str, Any], problems: list[str]) -> None:
        self._params = params
        self._problems = problems

    def value(self, name: str) -> Any:
        value, spec = self._params.get(name), CONNECTION_SPEC[name]
        if value is not None and value != "":
            return value
        try:
            return DEFAULT_TYPE_VALIDATORS[spec["type"]](environment(*spec["fallback"][1]))
        except AnsibleFallbackNotFound:
            pass
        except (TypeError, ValueError):
            variable, kind = spec["fallback"][1][0], spec["type"]
            self._problems.append(f"{name}: the environment variable {variable} cannot be read as {kind}")
        return spec.get("default")

    def number(self, name: str, least: int) -> int:
        value: int = self.value(name)
        if not least <= value <= MOST:
            told = f"{least} or more, not {value}" if value < least else f"{MOST} at most"
            self._problems.append(f"{name} must be {told}")
            return least
        return value


def _check_ca(path: str, problems: list[str]) -> None:
    if os.path.isdir(path):
        if not any(re.match(r"[0-9a-f]{8}\.[0-9]+\Z", entry) for entry in _entries(path)):
            problems.append(
                f"ca_path (or REQUESTS_CA_BUNDLE): the folder {path} holds no certificate that OpenSSL could find;"
                " run 'openssl rehash' on it"
            )
        return
    if _unreadable(path, "ca_path (or REQUESTS_CA_BUNDLE)", problems):
        return
    if not _holds_certificate(path):
        problems.append(f"ca_path (or REQUESTS_CA_BUNDLE): {path} holds no certificates in PEM form")


def _holds_certificate(path: str) -> bool:
    # OpenSSL would say it for certain, but takes milliseconds for one authority and 50 for a system's,
    # and loads them anyway to connect.
    try:
        with open(path, "rb") as file:
            found = _CERTIFICATE.search(file.read(SMALL))
        return found is not None and base64.b64decode(found.group(1)).startswith(DER_SEQUENCE)
    except (OSError, ValueError):
        return False


def _client_certificate(cert: str | None, key: str | None, problems: list[str]) -> str | tuple[str, str] | None:
    if not cert:
        if key:
            problems.append("client_key is of no use without client_cert")
        return None
    before = len(problems)
    _unreadable(cert, "client_cert", problems)
    if key:
        _unreadable(key, "client_key", problems)
    if len(problems) == before:
        try:
            ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_cert_chain(cert, key or None, password=_no_password)
        except _Encrypted:
            name = "client_key" if key else "client_cert"
            problems.append(
                f"{name}: the private key is encrypted, and nobody is there to type its pass phrase;"
                " give a key without one"
            )
        except OSError as error:
            if getattr(error, "reason", None) == "KEY_VALUES_MISMATCH":
                problems.append("client_cert: the private key does not belong to the certificate")
            else:
                files = " and ".join(filter(None, (cert, key)))
                problems.append(f"client_cert: no certificate with its private key in PEM form in {files}")
    return (cert, key) if key else cert


class _Encrypted(Exception):
    pass


def _no_password() -> NoReturn:
    # Without a callback OpenSSL would ask on the terminal and wait for ever.
    raise _Encrypted()


def _unreadable(path: str, name: str, problems: list[str]) -> bool:
    if not os.path.exists(path):
        problems.append(f"{name}: there is no {path}")
    elif not os.path.isfile(path) or not os.access(path, os.R_OK):
        problems.append(f"{name}: {path} cannot be read")
    else:
        return False
    return True


def _entries(path: str) -> list[str]:
    try:
        return os.listdir(path)
    except OSError:
        return []
