# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a plan does about icons, and what it says of them."""

from __future__ import annotations

import base64

import pytest

from ansible_collections.bitrix24.portal.plugins.module_utils._planning.checks import read_entries
from ansible_collections.bitrix24.portal.plugins.module_utils._planning.icon import (
    BUILT_IN,
    UNKNOWN,
    Image,
    PresentIcon,
)
from ansible_collections.bitrix24.portal.plugins.module_utils._planning.limits import Limits
from ansible_collections.bitrix24.portal.plugins.module_utils._planning.plan import make_plan
from tests.images import image
from tests.unit.plugins.module_utils.model import current_state, service

BYTES = image("png", seed=1)
IMAGE, OTHER = Image.of(BYTES), Image.of(image("png", seed=2))
CONTENTS = {"a.png": base64.b64encode(BYTES).decode()}
UPLOADED = "/upload/mail/mailservices/icon/abc/0123456789abcdef.png"
NONE, HAS = service(1, "One"), service(1, "One")._replace(icon=UPLOADED)
UNREAD = PresentIcon(unread="it could not be fetched")


def changes(entry, *services, **icons):
    """Of the plan; ``icons``: what was fetched, by ``id_N``."""
    desired, problems = read_entries([entry], icon_contents=CONTENTS)
    assert not problems
    current = current_state(*services)
    current.icons = {int(key[3:]): icon for key, icon in icons.items()}
    plan = make_plan(desired, current, Limits())
    assert plan.problems == ()
    return list(plan.changes)


@pytest.mark.parametrize(
    "there, icons, before",
    [
        (NONE, {}, None),
        (HAS, {"id_1": PresentIcon(OTHER)}, str(OTHER)),
        (service(1, "One")._replace(icon="/bitrix/images/mail/mailservice-icon/post-x.svg"), {}, BUILT_IN),
    ],
)
def test_another_icon_is_a_change_that_tells_both(there, icons, before):
    (change,) = changes({"name": "One", "icon_file": "a.png"}, there, **icons)
    assert change.icon.image == IMAGE
    assert (list(change.fields), change.fields["icon"]) == (["icon"], (before, str(IMAGE)))


def test_the_icon_of_another_service_is_not_looked_at():
    other = service(2, "Two")._replace(icon=UPLOADED)
    (change,) = changes(
        {"name": "One", "icon_file": "a.png"}, HAS, other, id_1=PresentIcon(OTHER), id_2=PresentIcon(IMAGE)
    )
    assert change.fields["icon"][0] == str(OTHER)


@pytest.mark.parametrize(
    "icon_file, icon", [("a.png", PresentIcon(IMAGE)), ("a.png", UNREAD), (None, PresentIcon(OTHER)), (None, UNREAD)]
)
def test_the_same_icon_one_that_is_not_known_and_one_nobody_speaks_of_are_no_change(icon_file, icon):
    assert changes({"name": "One", "icon_file": icon_file}, HAS, id_1=icon) == []


def test_an_icon_that_is_not_known_is_written_where_that_is_forced():
    (change,) = changes({"name": "One", "icon_file": "a.png", "icon_force": True}, HAS, id_1=UNREAD)
    assert change.fields["icon"] == (UNKNOWN, str(IMAGE))


@pytest.mark.parametrize("name, after", [("One", None), ("gmail", BUILT_IN)])
def test_a_removed_icon_gives_way_to_a_built_in_one_where_the_name_has_one(name, after):
    there = service(1, name)._replace(icon=UPLOADED)
    (change,) = changes({"name": name, "icon_file": ""}, there, id_1=PresentIcon(OTHER))
    assert change.icon.image is None and change.fields["icon"] == (str(OTHER), after)


def test_where_no_icon_was_uploaded_none_is_removed():
    assert changes({"name": "One", "icon_file": ""}, NONE) == []


def test_a_service_is_created_with_its_icon():
    (change,) = changes({"name": "New", "icon_file": "a.png"}, HAS)
    assert change.before is None and change.icon.image == IMAGE and change.fields["icon"] == (None, str(IMAGE))


def test_an_icon_goes_with_what_else_differs_in_one_change():
    (change,) = changes({"name": "One", "port": 5, "icon_file": "a.png"}, HAS, id_1=PresentIcon(OTHER))
    assert set(change.fields) == {"port", "icon"} and change.icon.image == IMAGE
