# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an exception of requests, urllib3, http.client, ssl or the operating system means, in words of our own.

Their texts hold the address with the webhook's secret. Only fixed phrases, error numbers and the reasons of OpenSSL
come through.
"""

from __future__ import annotations

import errno
import http.client
import os
import re
import socket
import ssl
import zlib
from typing import TYPE_CHECKING

from .connection import EarlyAnswer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    Causes = Sequence[BaseException]
    Meaning = tuple[str, str]
    Look = Callable[[Causes, bool, bool], "Meaning | None"]

# OpenSSL's numbers for why a certificate is refused (X509_V_ERR_…).
CERTIFICATE_REASONS: dict[int | None, str] = {
    9: "it is not valid yet",
    10: "it has expired",
    18: "it is self-signed",
    19: "an authority that is not trusted here signed it (a self-signed one in the chain)",
    20: "an authority that is not trusted here signed it",
    21: "an authority that is not trusted here signed it",
    23: "it was revoked",
    62: "it is for another host",
    64: "it is for another host",
}
_NO_SUCH_HOST = frozenset(
    getattr(socket, name) for name in ("EAI_NONAME", "EAI_NODATA", "EAI_ADDRFAMILY") if hasattr(socket, name)
)

_BAD_ADDRESS = frozenset(
    ("InvalidURL", "InvalidProxyURL", "LocationParseError", "LocationValueError", "MissingSchema", "ProxySchemeUnknown")
)


def explain(error: BaseException, sent: bool, timeout: float, proxied: bool) -> Meaning:
    """(code, half a sentence).

    sent: whether a connection had been made and the request may have left; timeout: seconds; proxied: whether by a
    proxy.
    """
    causes = list(chain(error))
    looks: tuple[Look, ...] = (_early, _certificate, _proxy, _name, _tls)
    for look in looks:
        found = look(causes, sent, proxied)
        if found:
            return found
    if any(isinstance(cause, socket.timeout) or "Timeout" in type(cause).__name__ for cause in causes):
        what = "response" if sent else "connection"
        return "timed_out", f"no {what} within {int(timeout)} seconds (timeout)"
    if not sent:
        return _not_sent(causes)
    if any(
        isinstance(
            cause, (http.client.RemoteDisconnected, http.client.IncompleteRead, ConnectionError, BrokenPipeError)
        )
        for cause in causes
    ):
        return "cut_off", "the connection was cut off before the whole response arrived"
    # A chunk of negative size is a ValueError of the standard library.
    if any(isinstance(cause, (http.client.HTTPException, zlib.error, ValueError, OverflowError)) for cause in causes):
        return "unexpected_answer", "the response is not valid HTTP"
    if any(isinstance(cause, OSError) or "Protocol" in type(cause).__name__ for cause in causes):
        return "cut_off", f"the connection broke before the whole response arrived{_number(causes)}"
    return "request_failed", f"the request failed ({type(error).__name__})"


def chain(error: BaseException) -> Iterator[BaseException]:
    """The exception and all that it wraps, carries or came from."""
    todo: list[BaseException] = [error]
    seen: set[int] = set()
    while todo:
        this = todo.pop(0)
        if id(this) in seen:
            continue
        seen.add(id(this))
        yield this
        carried = [getattr(this, "reason", None), this.__cause__, this.__context__] + list(this.args)
        todo.extend(cause for cause in carried if isinstance(cause, BaseException))


def _early(causes: Causes, sent: bool, proxied: bool) -> Meaning | None:
    if any(isinstance(cause, EarlyAnswer) for cause in causes):
        return "foreign_answer", "a response came before the request was sent"
    return None


def _certificate(causes: Causes, sent: bool, proxied: bool) -> Meaning | None:
    for cause in causes:
        if isinstance(cause, ssl.SSLCertVerificationError):
            number = getattr(cause, "verify_code", None)
            reason = CERTIFICATE_REASONS.get(number, f"OpenSSL gives the reason {number}")
            return "certificate_refused", f"TLS certificate verification failed: {reason}"
        if type(cause).__name__ == "CertificateError":
            return "certificate_refused", f"TLS certificate verification failed: {CERTIFICATE_REASONS[62]}"
    return None


def _proxy(causes: Causes, sent: bool, proxied: bool) -> Meaning | None:
    if sent or not proxied:
        return None
    for cause in causes:
        said = cause.args[0] if isinstance(cause, OSError) and cause.args else None
        status = re.match(r"Tunnel connection failed: (\d{3})\b", said) if isinstance(said, str) else None
        if status:
            return "proxy_refused", f"the proxy refused the connection (HTTP {status.group(1)})"
    if any(type(cause).__name__ in _BAD_ADDRESS | {"ValueError"} for cause in causes):
        return "proxy_refused", "the proxy's address in the environment is not valid"
    if any("Proxy" in type(cause).__name__ for cause in causes):
        return "proxy_refused", f"the proxy cannot be reached{_number(causes)}"
    if any(type(cause).__name__ == "InvalidSchema" for cause in causes):
        return (
            "proxy_refused",
            "SOCKS proxies are not supported without the Python library PySocks",
        )
    return None


def _name(causes: Causes, sent: bool, proxied: bool) -> Meaning | None:
    for cause in causes:
        if isinstance(cause, socket.gaierror) and not sent:
            if cause.errno in _NO_SUCH_HOST:
                return "unknown_host", "host name not found"
            return "connection_failed", "temporary failure in name resolution"
    return None


def _tls(causes: Causes, sent: bool, proxied: bool) -> Meaning | None:
    for cause in causes:
        if isinstance(cause, ssl.SSLError) and not isinstance(cause, socket.timeout):
            reason = getattr(cause, "reason", None)
            if not sent and getattr(cause, "library", None) in ("X509", "PEM"):
                return "tls_failed", "OpenSSL cannot read the certificates in ca_path (or REQUESTS_CA_BUNDLE)"
            if sent and (reason is None or "EOF" in reason):
                return "cut_off", "the connection was cut off before the whole response arrived"
            if reason == "WRONG_VERSION_NUMBER" or reason == "HTTP_REQUEST":
                return "tls_failed", "TLS handshake failed: the server does not speak https on this port"
            if reason and "CERTIFICATE_REQUIRED" in reason:
                return "tls_failed", "TLS handshake failed: the server wants a client certificate"
            reason = reason or "connection closed"
            return "tls_failed", f"TLS handshake failed (OpenSSL: {reason})"
    return None


def _not_sent(causes: Causes) -> Meaning:
    for cause in causes:
        if isinstance(cause, UnicodeError) or type(cause).__name__ in _BAD_ADDRESS:
            return "unknown_host", "the address is not valid"
    for cause in causes:
        if isinstance(cause, OSError) and cause.errno and cause.errno in errno.errorcode:
            return "connection_failed", f"connection failed: {os.strerror(cause.errno).lower()}"
    if any(isinstance(cause, OSError) or "Connection" in type(cause).__name__ for cause in causes):
        return "connection_failed", "connection failed"
    return "request_failed", f"the request could not be sent ({type(causes[0]).__name__})"


def _number(causes: Causes) -> str:
    for cause in causes:
        if isinstance(cause, OSError) and cause.errno and cause.errno in errno.errorcode:
            return f" ({os.strerror(cause.errno).lower()})"
    return ""
