# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is desired of an icon, what is there, and whether the one makes the other be written."""

from __future__ import annotations

import base64
import hashlib

import pytest

from ansible_collections.bitrix24.portal.plugins.module_utils._planning.icon import (
    DesiredIcon,
    Image,
    PresentIcon,
    is_uploaded,
    needs_writing,
    read_icon,
    told_after,
    told_before,
)
from ansible_collections.bitrix24.portal.plugins.module_utils._planning.model import MailService
from tests.images import image

BYTES, OTHER_BYTES = image("png", seed=1), image("jpg", seed=2)
IMAGE, OTHER = Image.of(BYTES), Image.of(OTHER_BYTES)
UPLOADED = "/upload/mail/mailservices/icon/abc/0123456789abcdef.png"
BUILT_IN = "/bitrix/images/mail/mailservice-icon/post-gmail-icon.svg"


def service(icon=None, name="A"):
    return MailService.to_be_created({"name": name})._replace(id=1, icon=icon)


def test_an_image_is_told_by_type_length_and_the_beginning_of_its_digest():
    assert str(OTHER) == f"JPEG, {len(OTHER_BYTES)} bytes, SHA-256 {hashlib.sha256(OTHER_BYTES).hexdigest()[:16]}"
    assert str(Image.of(b"<svg/>")).startswith("file, 6 bytes, SHA-256 ")


def test_only_a_whole_image_is_whole():
    assert (IMAGE.is_whole, Image.of(BYTES[:-1]).is_whole, Image.of(b"text").is_whole) == (True, False, False)


@pytest.mark.parametrize(
    "extension, name",
    [("png", "icon.png"), ("jpg", "icon.jpg"), ("gif", "icon.gif"), ("webp", "icon.webp"), ("bmp", "icon.bmp")],
)
def test_what_is_sent_has_a_constant_name_with_the_extension_of_its_type(extension, name):
    content = image(extension)
    assert DesiredIcon(Image.of(content)).to_portal() == [name, base64.b64encode(content).decode()]


def test_a_removal_is_that_key_alone():
    assert DesiredIcon(None, force=True).to_portal() == {"del": "Y"}


def test_an_icon_is_read_from_what_was_handed_on():
    contents = {"a.png": base64.b64encode(BYTES).decode(), "b.jpeg": base64.b64encode(OTHER_BYTES).decode()}
    assert read_icon("a.png", contents, False) == DesiredIcon(IMAGE, False)
    assert read_icon("b.jpeg", contents, True) == DesiredIcon(OTHER, True)
    assert read_icon("", contents, True) == DesiredIcon(None, True)


@pytest.mark.parametrize("name, why", [("c.png", "action plugin"), ("a.gif", "let its name end in .png")])
def test_what_cannot_be_read_is_told(name, why):
    with pytest.raises(ValueError, match=why):
        read_icon(name, {"a.gif": base64.b64encode(BYTES).decode()}, False)


@pytest.mark.parametrize(
    "address, uploaded",
    [
        (None, False),
        (BUILT_IN, False),
        (f"https://cdn.example{BUILT_IN}", False),
        (UPLOADED, True),
        (f"https://cdn.example{UPLOADED}", True),
        ("https://[", True),
    ],
)
def test_an_uploaded_icon_is_told_by_its_address(address, uploaded):
    assert is_uploaded(address) is uploaded


KNOWN, UNREAD = PresentIcon(IMAGE), PresentIcon(unread="HTTP 404")


@pytest.mark.parametrize(
    "desired, there, present, written",
    [
        (DesiredIcon(IMAGE), None, PresentIcon(), True),
        (DesiredIcon(IMAGE), service(), PresentIcon(), True),
        (DesiredIcon(IMAGE), service(BUILT_IN), PresentIcon(), True),
        (DesiredIcon(IMAGE), service(UPLOADED), KNOWN, False),
        (DesiredIcon(IMAGE, True), service(UPLOADED), KNOWN, False),
        (DesiredIcon(OTHER), service(UPLOADED), KNOWN, True),
        (DesiredIcon(IMAGE), service(UPLOADED), UNREAD, False),
        (DesiredIcon(IMAGE, True), service(UPLOADED), UNREAD, True),
        (DesiredIcon(OTHER), service(UPLOADED), PresentIcon(IMAGE, None, frozenset([OTHER.digest])), False),
        (DesiredIcon(IMAGE), service(UPLOADED), PresentIcon(OTHER, None, frozenset([OTHER.digest])), True),
        (DesiredIcon(None), None, PresentIcon(), False),
        (DesiredIcon(None), service(), PresentIcon(), False),
        (DesiredIcon(None, True), service(BUILT_IN), PresentIcon(), False),
        (DesiredIcon(None), service(UPLOADED), KNOWN, True),
        (DesiredIcon(None), service(UPLOADED), UNREAD, True),
    ],
)
def test_what_differs_is_written_and_what_nobody_knows_only_where_it_is_forced(desired, there, present, written):
    assert needs_writing(desired, there, present) is written


@pytest.mark.parametrize(
    "there, present, told",
    [
        (None, PresentIcon(), None),
        (service(), PresentIcon(), None),
        (service(BUILT_IN), PresentIcon(), "built-in"),
        (service(UPLOADED), UNREAD, "not known"),
        (service(UPLOADED), KNOWN, str(IMAGE)),
    ],
)
def test_what_is_there_is_told_in_words(there, present, told):
    assert told_before(there, present) == told


@pytest.mark.parametrize(
    "name, icon, told",
    [
        ("gmail", DesiredIcon(IMAGE), str(IMAGE)),
        ("A", DesiredIcon(None), None),
        ("gmail", DesiredIcon(None), "built-in"),
        ("Gmail", DesiredIcon(None), None),
    ],
)
def test_what_will_be_there_is_told_in_words(name, icon, told):
    assert told_after(name, icon) == told
