# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Errors as the portal's REST server gives them: a code, a text and an HTTP status."""

from __future__ import annotations

from typing import Any


class RestError(Exception):
    """An answer without a result."""

    def __init__(self, code: str, text: str, status: int = 400, **additional: Any) -> None:
        super().__init__(text)
        self.status = status
        self.body = {"error": code, "error_description": text, **additional}


def core_error(text: str, status: int = 400) -> RestError:
    """What every business error looks like."""
    return RestError("ERROR_CORE", text, status)


def argument_error(text: str) -> RestError:
    """A value of the wrong type where a primary key is expected."""
    return RestError("ERROR_ARGUMENT", text, argument="")


def method_not_found() -> RestError:
    """There is no such method, or not under this name."""
    return RestError("ERROR_METHOD_NOT_FOUND", "Method not found!", 404)


def access_denied(text: str) -> RestError:
    """The caller is known but may not do this."""
    return RestError("ACCESS_DENIED", f"Access denied! {text}", 403)
