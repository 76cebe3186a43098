# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Images as Pillow writes them, for tests of icons."""

from __future__ import annotations

import io
import random

from PIL import Image

EXTENSIONS = {"png": "PNG", "jpg": "JPEG", "gif": "GIF", "webp": "WEBP", "bmp": "BMP"}


def picture(width=16, height=12, mode="RGB", seed=0):
    """An image of Pillow's in which no two dots need be alike."""
    noise = random.Random(seed).randbytes(width * height * len(Image.new(mode, (1, 1)).tobytes()))
    return (
        Image.frombytes(mode, (width, height), noise)
        if mode != "P"
        else Image.frombytes("L", (width, height), noise).convert("P")
    )


def image(extension="png", seed=0, width=16, height=12, mode="RGB", **options):
    """The bytes of an image; another seed, another picture."""
    written = io.BytesIO()
    picture(width, height, mode, seed).save(written, EXTENSIONS[extension], **options)
    return written.getvalue()
