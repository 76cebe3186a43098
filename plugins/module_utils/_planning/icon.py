# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The icon of a mail service: what is desired, what the portal shows now, and how either is told. Pure.

An icon is told by type, length and digest, never by its bytes.
"""

from __future__ import annotations

import base64
import hashlib
import os
from typing import TYPE_CHECKING, Any, NamedTuple

from .image import problem_of_image, type_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .model import MailService

MOST_BYTES = 1024 * 1024
"""Of a file that is sent. The portal itself sets no limit."""

BUILT_IN, UNKNOWN = "built-in", "not known"

_BUILT_IN_FOLDER = "/bitrix/images/mail/mailservice-icon/"
_NAMES_WITH_BUILT_IN = frozenset(
    (
        "bitrix24",
        "gmail",
        "icloud",
        "outlook.com",
        "office365",
        "yahoo",
        "aol",
        "yandex",
        "mail.ru",
        "ukr.net",
        "exchange",
        "exchangeOnline",
        "other",
    )
)
"""Case counts."""

_SHORT = 16


class Image(NamedTuple):
    """Bytes of an icon; ``label``: what they are by their first ones."""

    label: str
    content: bytes

    @classmethod
    def of(cls, content: bytes) -> Image:
        kind = type_of(content)
        return cls("file" if kind is None else kind.label, content)

    @property
    def is_whole(self) -> bool:
        kind = type_of(self.content)
        return kind is not None and problem_of_image(self.content, kind.extension) is None

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.content).hexdigest()

    def __str__(self) -> str:
        return f"{self.label}, {len(self.content)} bytes, SHA-256 {self.digest[:_SHORT]}"


class PresentIcon(NamedTuple):
    """The icon that a service has: uploaded and fetched (``image``), or why it could not be fetched (``unread``).

    ``made_of``: the digests of images that the portal is known to have made this one of.
    """

    image: Image | None = None
    unread: str | None = None
    made_of: frozenset[str] = frozenset()

    def stands_for(self, image: Image) -> bool:
        return self.image is not None and image.digest in {self.image.digest, *self.made_of}


class DesiredIcon(NamedTuple):
    """``image``: None where an uploaded icon shall go; ``force``: send it also where the present one is not known."""

    image: Image | None
    force: bool = False

    def to_portal(self) -> list[str] | dict[str, str]:
        """The parameter. Its name is the same for all: the portal may show it, and keys besides del do harm."""
        kind = None if self.image is None else type_of(self.image.content)
        if self.image is None or kind is None:
            return {"del": "Y"}
        return [f"icon.{kind.extension}", base64.b64encode(self.image.content).decode("ascii")]


def read_icon(file: str, contents: Mapping[str, Any], force: bool) -> DesiredIcon:
    """What an entry's ``icon_file`` means; ``contents``: the files in base64 by their names as given.

    Raises ValueError with a sentence without a subject.
    """
    if file == "":
        return DesiredIcon(None, force)
    if file not in contents:
        raise ValueError("is of no use without this collection's action plugin, which reads the file")
    content = base64.b64decode(str(contents[file]))
    problem = problem_of_image(content, os.path.splitext(file)[1][1:])
    if problem is not None:
        raise ValueError(problem)
    return DesiredIcon(Image.of(content), force)


def is_uploaded(address: str | None) -> bool:
    """Whether an address that the portal shows is that of an icon that somebody uploaded, and not a built-in one."""
    return address is not None and _BUILT_IN_FOLDER not in address


def needs_writing(icon: DesiredIcon, service: MailService | None, present: PresentIcon) -> bool:
    """Whether the service, None for one that is to be created, has another icon than it shall have."""
    uploaded = service is not None and is_uploaded(service.icon)
    if icon.image is None or not uploaded:
        return uploaded if icon.image is None else True
    return icon.force if present.image is None else not present.stands_for(icon.image)


def told_before(service: MailService | None, present: PresentIcon) -> str | None:
    """The icon that a service has, in words."""
    if service is None or service.icon is None:
        return None
    if not is_uploaded(service.icon):
        return BUILT_IN
    return UNKNOWN if present.image is None else str(present.image)


def told_after(name: str, icon: DesiredIcon) -> str | None:
    """The icon that a service of that name gets, in words."""
    if icon.image is not None:
        return str(icon.image)
    return BUILT_IN if name in _NAMES_WITH_BUILT_IN else None
