# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether bytes are a whole image of a kind that the portal takes. Pure; bounded by the length of what is given.

The portal goes by the first bytes and by the end of the file's name, and stores an image that is cut off with success.
So the files are walked through here, by the specifications of PNG, JPEG (ITU T.81), GIF89a, RIFF/WebP and BMP. What
stands behind an image's end is nobody's concern.
"""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

_PNG = b"\x89PNG\r\n\x1a\n"
_STANDALONE = frozenset((0x01, *range(0xD0, 0xD8)))
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


class BrokenImage(ValueError):
    """Half a sentence: why the image is not whole."""


class ImageType(NamedTuple):
    """``extension``: how a file of it is called when it is sent; ``others``: how else a file may end."""

    label: str
    extension: str
    others: tuple[str, ...]
    check: Callable[[bytes], None]


def type_of(content: bytes) -> ImageType | None:
    """What it is by its first bytes; None where it is no raster image that the portal takes."""
    if content.startswith(_PNG):
        return _TYPES["png"]
    if content.startswith(b"\xff\xd8\xff"):
        return _TYPES["jpg"]
    if content.startswith((b"GIF87a", b"GIF89a")):
        return _TYPES["gif"]
    if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
        return _TYPES["webp"]
    return _TYPES["bmp"] if content.startswith(b"BM") else None


def problem_of_image(content: bytes, extension: str) -> str | None:
    """Why the portal would refuse these bytes in a file of that extension, or store them damaged; else None."""
    if not content:
        return "is empty"
    kind = type_of(content)
    if kind is None:
        return f"is no image that the portal takes: only {LABELS} are, by their first bytes"
    allowed = (kind.extension, *kind.others)
    if extension.lower() not in allowed:
        return f"is a {kind.label} image by its first bytes: let its name end in .{' or .'.join(allowed)}"
    try:
        kind.check(content)
    except BrokenImage as broken:
        return f"is a {kind.label} image that is cut off or broken: {broken}"
    except (struct.error, IndexError):
        return f"is a {kind.label} image that is cut off or broken: it ends in the middle"
    return None


def _check_png(content: bytes) -> None:
    at = len(_PNG)
    kinds: list[bytes] = []
    while True:
        length, kind = struct.unpack_from(">I4s", content, at)
        (crc,) = struct.unpack_from(">I", content, at + 8 + length)
        if zlib.crc32(content[at + 4 : at + 8 + length]) != crc:
            raise BrokenImage("the checksum of a part is wrong")
        if not kinds and (kind != b"IHDR" or length != 13):
            raise BrokenImage("it does not begin with its header")
        kinds.append(kind)
        if kind == b"IEND":
            break
        at += 12 + length
    _need_size(*struct.unpack_from(">II", content, len(_PNG) + 8))
    if b"IDAT" not in kinds:
        raise BrokenImage("it has no picture")


def _check_jpeg(content: bytes) -> None:
    at, has_frame, has_scan = 2, False, False
    while True:
        if content[at] != 0xFF:
            raise BrokenImage("a part does not begin where it should")
        while content[at] == 0xFF:
            at += 1
        marker, at = content[at], at + 1
        if marker == 0xD9:
            break
        if marker in _STANDALONE:
            continue
        (length,) = struct.unpack_from(">H", content, at)
        if length < 2:
            raise BrokenImage("a part has no length")
        if marker in _FRAMES:
            _need_size(*struct.unpack_from(">HH", content, at + 3))
            has_frame = True
        at += length
        if marker == 0xDA:
            has_scan, at = True, _end_of_scan(content, at)
    if not (has_frame and has_scan):
        raise BrokenImage("it has no picture")


def _end_of_scan(content: bytes, at: int) -> int:
    """Where the marker stands that ends the coded data; one of them may stand in the data itself."""
    while True:
        at = content.find(b"\xff", at)
        if at < 0:
            raise BrokenImage("it ends in the middle")
        following = content[at + 1]
        if following != 0 and following not in _STANDALONE and following != 0xFF:
            return at
        at += 1 if following == 0xFF else 2


def _check_gif(content: bytes) -> None:
    _need_size(*struct.unpack_from("<HH", content, 6))
    at, pictures = 13 + _colours(content[10]), 0
    while content[at] != 0x3B:
        if content[at] == 0x2C:
            pictures += 1
            at += 10 + _colours(content[at + 9])
            at = _behind_blocks(content, at + 1)
        elif content[at] == 0x21:
            at = _behind_blocks(content, at + 2)
        else:
            raise BrokenImage("a part does not begin where it should")
    if not pictures:
        raise BrokenImage("it has no picture")


def _colours(flags: int) -> int:
    """The length of a colour table."""
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _behind_blocks(content: bytes, at: int) -> int:
    while content[at]:
        at += 1 + content[at]
    return at + 1


def _check_webp(content: bytes) -> None:
    (size,) = struct.unpack_from("<I", content, 4)
    end, at = 8 + size, 12
    if end > len(content):
        raise BrokenImage("it ends in the middle")
    kinds = []
    while at < end:
        kind, length = struct.unpack_from("<4sI", content, at)
        kinds.append(kind)
        at += 8 + length + length % 2
    if at > end:
        raise BrokenImage("a part is longer than the file")
    if not {b"VP8 ", b"VP8L", b"ANMF"}.intersection(kinds):
        raise BrokenImage("it has no picture")


def _check_bmp(content: bytes) -> None:
    size, start, header = struct.unpack_from("<I4xII", content, 2)
    if header == 12:
        width, height, bits, compression = *struct.unpack_from("<HH2xH", content, 18), 0
    elif header >= 40:
        width, height, bits, compression = struct.unpack_from("<ii2xHI", content, 18)
    else:
        raise BrokenImage("its header is of no known kind")
    _need_size(width, abs(height))
    rows = (width * bits + 31) // 32 * 4 * abs(height) if compression in (0, 3) else 0
    if start < 14 + header or max(size, start + rows) > len(content):
        raise BrokenImage("it ends in the middle")


def _need_size(width: int, height: int) -> None:
    if width <= 0 or height <= 0:
        raise BrokenImage("it has no width or no height")


_TYPES = {
    kind.extension: kind
    for kind in (
        ImageType("PNG", "png", (), _check_png),
        ImageType("JPEG", "jpg", ("jpeg", "jpe"), _check_jpeg),
        ImageType("GIF", "gif", (), _check_gif),
        ImageType("WebP", "webp", (), _check_webp),
        ImageType("BMP", "bmp", (), _check_bmp),
    )
}
LABELS = ", ".join(kind.label for kind in _TYPES.values())
