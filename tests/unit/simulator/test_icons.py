# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Icons as the contract tells of them, where the recordings do not show it."""

from __future__ import annotations

import base64
import re
from urllib.parse import quote

import pytest
import requests

from tests.simulator.server import Simulator

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
GIF = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
ROW = {"SITE_ID": "s1", "ACTIVE": "Y", "SERVER": "imap.example.com"}


@pytest.fixture(scope="module")
def running():
    with Simulator() as simulator:
        yield simulator


@pytest.fixture
def portal(running):
    running.state = {"services": [dict(ROW, ID="1", NAME="one"), dict(ROW, ID="2", NAME="gmail")]}
    return running


def call(portal, method, **params):
    answer = requests.post(f"{portal.webhook()}{method}", json=params)
    return answer.status_code, answer.json()


def send(portal, icon, service_id=1):
    return call(portal, "mailservice.update", ID=service_id, ICON=icon)[0]


def shown(portal, service_id=1):
    return call(portal, "mailservice.get", ID=service_id)[1]["result"]["ICON"]


def sent(name="icon.png", content=PNG):
    return [name, base64.b64encode(content).decode()]


def stored(portal, address):
    return requests.get(portal.url + quote(address)).content


def test_an_icon_lies_at_an_address_that_nobody_could_guess_and_is_stored_as_it_was_sent(portal):
    send(portal, sent())
    assert re.fullmatch("/upload/mail/mailservices/icon/[0-9a-f]{3}/[a-z0-9]{32}[.]png", shown(portal))
    assert stored(portal, shown(portal)) == PNG


def test_the_address_ends_as_the_name_that_was_sent_whatever_the_content_is(portal):
    send(portal, sent("icon.jpe", GIF))
    assert shown(portal).endswith(".jpe")


def test_the_same_icon_once_more_gets_another_address_and_the_old_one_is_served_on(portal):
    send(portal, sent())
    before = shown(portal)
    send(portal, sent())
    assert shown(portal) != before
    assert stored(portal, before) == PNG


def test_the_file_of_an_icon_is_served_on_when_its_service_is_gone(portal):
    send(portal, sent())
    before = shown(portal)
    assert call(portal, "mailservice.delete", ID=1)[0] == 200
    assert stored(portal, before) == PNG


@pytest.mark.parametrize(
    "service_id, left", [(1, None), (2, "/bitrix/images/mail/mailservice-icon/post-gmail-icon.svg")]
)
def test_an_icon_that_is_removed_leaves_none_or_the_built_in_one(portal, service_id, left):
    send(portal, sent(), service_id)
    assert send(portal, {"del": "Y"}, service_id) == 200
    assert shown(portal, service_id) == left


@pytest.mark.parametrize(
    "icon",
    [
        {"fileData": sent()},
        ["icon.png"],
        ["icon.png", ""],
        sent("x" * 252 + ".png"),
        sent("icons\\icon.png"),
        {"del": "N"},
        "",
        None,
        [],
        0,
        False,
    ],
)
def test_what_is_no_icon_is_passed_over_with_success(portal, icon):
    send(portal, sent())
    before = shown(portal)
    assert send(portal, icon) == 200
    assert shown(portal) == before


@pytest.mark.parametrize(
    "icon",
    [
        base64.b64encode(PNG).decode(),
        sent("icon.php"),
        sent("icon"),
        sent("icon.tif"),
        sent("icon.png", b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
        ["icon.png", "data:image/png;base64," + base64.b64encode(PNG).decode()],
    ],
)
def test_what_is_no_raster_image_with_the_name_of_one_is_refused(portal, icon):
    assert send(portal, icon) == 400
    assert shown(portal) is None


def test_an_image_that_is_cut_off_is_stored_so_with_success(portal):
    assert send(portal, sent(content=PNG[:-20])) == 200
    assert stored(portal, shown(portal)) == PNG[:-20]


def test_original_names_stand_in_the_address_as_they_are_where_the_portal_keeps_them(portal):
    portal.state = {**portal.state, "switches": ["save_original_file_name=Y"]}
    send(portal, sent("100 % grün.png"))
    assert shown(portal).endswith("/100 % grün.png")
    assert stored(portal, shown(portal)) == PNG
