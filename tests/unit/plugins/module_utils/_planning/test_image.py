# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which bytes are a whole image that the portal takes, told by images that Pillow writes and reads."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from ansible_collections.bitrix24.portal.plugins.module_utils._planning.image import problem_of_image, type_of
from tests.images import EXTENSIONS, image, picture

WRITTEN = [
    ("png", {}),
    ("png", {"mode": "P"}),
    ("png", {"mode": "RGBA", "optimize": True}),
    ("png", {"width": 60, "height": 40, "compress_level": 0}),
    ("jpg", {}),
    ("jpg", {"progressive": True, "width": 60, "height": 40}),
    ("jpg", {"quality": 100, "comment": b"of a test", "mode": "L"}),
    ("gif", {"mode": "P"}),
    ("gif", {"mode": "P", "interlace": 0, "comment": b"of a test"}),
    ("webp", {}),
    ("webp", {"lossless": True, "mode": "RGBA", "width": 33, "height": 7}),
    ("bmp", {}),
    ("bmp", {"mode": "P"}),
    ("bmp", {"mode": "RGBA"}),
]


def animated(extension):
    written = io.BytesIO()
    frames = [picture(seed=seed) for seed in range(3)]
    frames[0].save(written, EXTENSIONS[extension], save_all=True, append_images=frames[1:])
    return written.getvalue()


WHOLE = [(extension, image(extension, **options)) for extension, options in WRITTEN] + [
    (extension, animated(extension)) for extension in ("png", "gif", "webp")
]
IDS = [f"{extension}-{at}" for at, (extension, dummy) in enumerate(WHOLE)]


@pytest.mark.parametrize("extension, content", WHOLE, ids=IDS)
def test_a_whole_image_is_taken_under_the_extension_of_its_type(extension, content):
    assert problem_of_image(content, extension) is None
    assert problem_of_image(content, extension.upper()) is None


@pytest.mark.parametrize("extension, content", WHOLE, ids=IDS)
def test_the_type_is_that_which_another_library_finds(extension, content):
    assert type_of(content).label.upper() == Image.open(io.BytesIO(content)).format


@pytest.mark.parametrize("extension, content", WHOLE, ids=IDS)
def test_an_image_that_is_cut_off_anywhere_is_told_from_a_whole_one(extension, content):
    taken = [length for length in range(len(content)) if problem_of_image(content[:length], extension) is None]
    assert taken == []


@pytest.mark.parametrize("extension, content", WHOLE, ids=IDS)
def test_bytes_behind_the_end_do_no_harm(extension, content):
    assert problem_of_image(content + b"\0\0behind", extension) is None


@pytest.mark.parametrize("at", range(16, 60))
def test_one_wrong_byte_in_a_png_is_found(at):
    content = bytearray(image("png"))
    content[at] ^= 0x40
    assert "broken" in problem_of_image(bytes(content), "png")


@pytest.mark.parametrize(
    "content, extension, why",
    [
        (b"", "png", "is empty"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "svg", "is no image that the portal takes"),
        (b"\0\0\1\0\1\0\x10\x10", "ico", "is no image that the portal takes: only PNG, JPEG, GIF, WebP, BMP are"),
        (b"\0\0\0\x1cftypavif", "avif", "is no image that the portal takes"),
        (b"$ANSIBLE_VAULT;1.1;AES256\n3264", "png", "is no image that the portal takes"),
        (image("jpg"), "png", "is a JPEG image by its first bytes: let its name end in .jpg or .jpeg or .jpe"),
        (image("png"), "", "is a PNG image by its first bytes: let its name end in .png"),
        (image("png"), "php", "let its name end in .png"),
        (image("gif", mode="P")[:6], "gif", "is a GIF image that is cut off or broken: it ends in the middle"),
        (b"\x89PNG\r\n\x1a\n" + image("png")[33:], "png", "it does not begin with its header"),
        (image("png")[:33] + image("png")[-12:], "png", "it has no picture"),
        (b"GIF89a\1\0\1\0\0\0\0;", "gif", "it has no picture"),
        (b"\xff\xd8\xff\xd9", "jpg", "it has no picture"),
        (b"RIFF\x04\0\0\0WEBP", "webp", "it has no picture"),
        (b"BM" + b"\0" * 60, "bmp", "its header is of no known kind"),
        (image("bmp")[:18] + b"\0" * 8 + image("bmp")[26:], "bmp", "it has no width or no height"),
    ],
)
def test_what_the_portal_would_refuse_or_store_damaged_is_told_in_half_a_sentence(content, extension, why):
    assert why in problem_of_image(content, extension)


@given(extension=st.sampled_from(sorted(EXTENSIONS)), data=st.data())
def test_no_damage_is_more_than_one_sentence(extension, data):
    content = bytearray(image(extension))
    for place in data.draw(st.lists(st.integers(0, len(content) - 1), max_size=8)):
        content[place] = data.draw(st.integers(0, 255))
    problem = problem_of_image(bytes(content), extension)
    assert problem is None or problem.startswith("is ")


@given(start=st.sampled_from([image(extension)[:40] for extension in EXTENSIONS]), rest=st.binary(max_size=400))
def test_no_bytes_behind_a_good_beginning_are_more_than_one_sentence(start, rest):
    extension = type_of(start).extension
    problem = problem_of_image(start + rest, extension)
    assert problem is None or problem.startswith("is ")
