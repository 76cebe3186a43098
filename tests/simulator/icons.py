# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Stored icons: how a parameter becomes a file, the address that a service's icon is shown with, and what is served.

Nothing is ever taken away: the file of an icon that was replaced or removed is served on.
"""

from __future__ import annotations

import base64
import re
import secrets
import string
from io import BytesIO
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import unquote

import imagesize

from .php import PhpError, is_empty, to_text
from .store import Store

FOLDER = "mail/mailservices/icon"
_BUILT_IN_FOLDER = "/bitrix/images/mail/mailservice-icon/"
_BUILT_IN = {
    "bitrix24": "post-bitrix24-icon-en.png",
    "gmail": "post-gmail-icon.svg",
    "icloud": "post-icloud-icon.svg",
    "outlook.com": "post-outlook-icon.svg",
    "office365": "post-office360-icon.svg",
    "yahoo": "post-yahoo-icon.svg",
    "aol": "post-aol-icon.svg",
    "yandex": "post-yandex-icon.svg",
    "mail.ru": "post-mail-icon.svg",
    "ukr.net": "post-ukrnet-icon.svg",
    "exchange": "post-imap-icon.svg",
    "exchangeOnline": "post-exchange-icon.svg",
    "other": "post-imap-icon.svg",
}
_EXTENSIONS = ("png", "jpg", "jpeg", "jpe", "gif", "webp", "bmp")
"""One of these the file's name needs; it need not be that of the content."""

_MOST_BYTES_OF_A_NAME = 255
_RASTER = (
    (rb"\x89PNG\r\n\x1a\n", "image/png"),
    (rb"GIF8[79]a", "image/gif"),
    (rb"\xff\xd8\xff", "image/jpeg"),
    (rb"BM", "image/bmp"),
    (rb"RIFF....WEBP", "image/webp"),
)


class Upload(dict):
    """A file that was sent, before it is known to be an image (PHP's file array)."""

    def __init__(self, name: str, content: bytes) -> None:
        super().__init__(name=name)
        self.content = content


def sent_icon(value: Any) -> Any:
    """What the parameter ICON stands for: an ``Upload`` where it can be one, otherwise the value itself.

    ``{"del": "Y"}`` stays as it is; of any other map the first two values are a name and a content.
    """
    name, content = "", value
    if isinstance(value, dict):
        name, content = (*value.values(), None, None)[:2]
    if isinstance(content, dict):
        raise PhpError("base64_decode: array given")
    if content is None or content is False or content in ("", "false"):
        return value
    decoded = _base64_decode(to_text(content))
    if not decoded:
        return value
    name = to_text(name)
    if "\\" in name or len(name.encode("utf-8", "surrogateescape")) > _MOST_BYTES_OF_A_NAME:
        return {"name": ""}
    return Upload(PurePosixPath(name).name or _random(string.ascii_letters + string.digits, 32), decoded)


def save(store: Store, value: Any) -> Any:
    """Store an icon that is an image and return its file's ID; ``...`` means: leave the field out; else the value."""
    if not isinstance(value, dict):
        return value
    if value == {"del": "Y"}:
        return None
    if not isinstance(value, Upload):
        return value if not is_empty(value.get("name")) else ...
    suffix = PurePosixPath(value["name"]).suffix
    image = _image(value.content) if suffix[1:].lower() in _EXTENSIONS else None
    if image is None:
        return value
    content_type, width, height = image
    content = _reencoded(value.content) if store.icon_rules.reencode else value.content
    random_name = _random(string.ascii_lowercase + string.digits, 32) + suffix
    row = {
        "MODULE_ID": "mail",
        "SUBDIR": f"{FOLDER}/{_random('0123456789abcdef', 3)}",
        "FILE_NAME": value["name"] if store.icon_rules.keep_names else random_name,
        "ORIGINAL_NAME": value["name"],
        "CONTENT_TYPE": content_type,
        "FILE_SIZE": len(content),
        "WIDTH": width,
        "HEIGHT": height,
    }
    return store.add_file(row, content)


def is_valid(value: Any) -> bool:
    """Whether the field ICON accepts this: nothing at all, or anything that has a digit in it."""
    return is_empty(value) or (not isinstance(value, dict) and bool(re.search(r"[0-9]", to_text(value))))


def address(store: Store, service: dict[str, Any]) -> str | None:
    """The address that ``list`` and ``get`` show for a service's icon."""
    if not service["ICON"]:
        built_in = _BUILT_IN.get(service["NAME"])
        return built_in and _BUILT_IN_FOLDER + built_in
    files = store.rows("files", ID=service["ICON"])
    return store.icon_rules.host + _path(files[0]) if files else None


def served(store: Store, path: str) -> tuple[bytes, str] | None:
    """``(content, type)`` of what lies at a path as a request has it; None where nothing does."""
    for row in store.rows("files"):
        if _path(row) == unquote(path):
            content = store.file_content(row["ID"])
            return None if content is None else (content, row["CONTENT_TYPE"])
    return None


def _path(row: dict[str, Any]) -> str:
    return f"/upload/{row['SUBDIR']}/{row['FILE_NAME']}"


def _reencoded(content: bytes) -> bytes:
    """Another file of the same picture: with bytes behind its end, which no reader of images looks at."""
    return content + b"re-encoded"


def _base64_decode(text: str) -> bytes:
    """PHP's forgiving ``base64_decode``: what is not of the alphabet is skipped, an incomplete end dropped."""
    letters = re.sub(r"[^A-Za-z0-9+/]", "", text)
    if len(letters) % 4 == 1:
        letters = letters[:-1]
    return base64.b64decode(letters + "=" * (-len(letters) % 4))


def _image(content: bytes) -> tuple[str, int, int] | None:
    kind = next((kind for magic, kind in _RASTER if re.match(magic, content, re.DOTALL)), None)
    try:
        width, height = imagesize.get(BytesIO(content), exif_rotation=False) if kind else (0, 0)
    except (ValueError, OSError):
        return None
    return (kind, width, height) if kind and width > 0 and height > 0 else None


def _random(alphabet: str, length: int) -> str:
    return "".join(secrets.choice(alphabet) for dummy in range(length))
