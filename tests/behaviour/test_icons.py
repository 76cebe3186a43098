# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Icons: what is sent, what is left alone, and how that is told."""

from __future__ import annotations

import base64
import hashlib
import json
import pathlib

import pytest

from tests.behaviour.portal import service
from tests.images import image
from tests.simulator.icons import FOLDER, served

ONE, OTHER = image("png", seed=1), image("gif", seed=2, mode="P")
BUILT_IN = "/bitrix/images/mail/mailservice-icon/post-gmail-icon.svg"


def contents(**files):
    """The option in which the action plugin hands files on."""
    return {name.replace("_", "."): base64.b64encode(content).decode() for name, content in files.items()}


FILES = contents(one_png=ONE, other_gif=OTHER)


def words(content, label):
    return f"{label}, {len(content)} bytes, SHA-256 {hashlib.sha256(content).hexdigest()[:16]}"


@pytest.fixture
def icons(portal):
    """``icons.set(entry, …)`` with the files above, and what the portal has."""
    return Icons(portal)


class Icons:
    def __init__(self, portal):
        self.portal = portal

    def set(self, *entries, **params):
        return self.portal.set(*entries, icon_contents=FILES, **params)

    def has(self, *services, **more):
        self.portal.has(*services, **more)
        return self

    def address(self, service_id=1):
        found = self.portal._running._portal.rest.mail_services.inner.list({}).values()
        return {int(row["ID"]): row["ICON"] for row in found}[service_id]

    def shown(self, service_id=1):
        """The bytes that employees see, or a built-in icon's address, or None."""
        address = self.address(service_id)
        found = served(self.portal._store, address or "")
        return address if found is None else found[0]


def test_an_icon_is_sent_once_and_compared_from_then_on(portal, icons):
    icons.has(service(1, "A"))
    assert icons.set({"name": "A", "icon_file": "one.png"})["changed"]
    assert icons.shown() == ONE
    portal._running.clear_requests()
    again = icons.set({"name": "A", "icon_file": "one.png"})
    assert not again["changed"] and portal.writes == []
    assert again["api"]["icons_fetched"] == 1 and again["api"]["requests"] == 1
    assert [request["path"] for request in portal.fetched] == [icons.address()]


def test_an_icon_is_sent_alone_by_a_constant_name_and_the_extension_of_its_type(portal, icons):
    icons.has(service(1, "A"), service(2, "B"))
    icons.set({"name": "A", "icon_file": "one.png", "sort": 5}, {"name": "B", "sort": 7})
    direct = [body for body in portal.bodies if body and "ICON" in body]
    assert direct == [{"ID": 1, "SORT": 5, "ICON": ["icon.png", base64.b64encode(ONE).decode()]}]
    assert portal.requests.count("mailservice.update") == 1 and portal.requests.count("batch") == 1


@pytest.mark.parametrize("extension, sent", [("jpg", "icon.jpg"), ("webp", "icon.webp"), ("bmp", "icon.bmp")])
def test_every_type_is_stored_as_it_was_sent(portal, icons, extension, sent):
    content = image(extension)
    icons.has(service(1, "A"))
    portal.set({"name": "A", "icon_file": f"x.{extension}"}, icon_contents=contents(**{f"x_{extension}": content}))
    assert icons.shown() == content
    assert [body["ICON"][0] for body in portal.bodies if body and "ICON" in body] == [sent]


def test_a_new_service_gets_its_icon_in_the_call_that_creates_it(portal, icons):
    result = icons.set({"name": "A", "server": "a.example", "icon_file": "one.png"})
    assert [verb for verb, dummy in portal.writes] == ["add"]
    assert icons.shown() == ONE
    assert result["plan"]["creations"][0]["changes"]["icon"] == {"before": None, "after": words(ONE, "PNG")}
    assert not icons.set({"name": "A", "icon_file": "one.png"})["changed"]


def test_a_new_service_that_is_inactive_gets_its_icon(portal, icons):
    icons.has(service(1, "A"))
    result = icons.set({"name": "B", "active": False, "icon_file": "one.png"})
    new = next(row for row in result["mailservices"] if row["name"] == "B")
    assert served(portal._store, new["icon"])[0] == ONE


def test_another_icon_replaces_the_one_that_is_there_and_is_told_by_digest_type_and_length(portal, icons):
    icons.has(service(1, "A"))
    icons.set({"name": "A", "icon_file": "one.png"})
    result = icons.set({"name": "A", "icon_file": "other.gif"})
    assert icons.shown() == OTHER
    change = {"before": words(ONE, "PNG"), "after": words(OTHER, "GIF")}
    assert result["plan"]["updates"] == [{"name": "A", "id": 1, "changes": {"icon": change}}]
    assert words(ONE, "PNG") in result["diff"][0]["before"] and words(OTHER, "GIF") in result["diff"][0]["after"]


def test_bytes_of_icons_are_in_no_result(icons):
    icons.has(service(1, "A"))
    result = icons.set({"name": "A", "icon_file": "one.png"})
    assert base64.b64encode(ONE).decode()[:40] not in json.dumps(result)
    assert result["invocation"]["module_args"]["mailservices"][0]["icon_file"] == "one.png"


def test_check_mode_tells_the_same_plan_and_sends_nothing(portal, icons):
    icons.has(service(1, "A"))
    planned = icons.set({"name": "A", "icon_file": "one.png"}, check_mode=True)
    assert planned["changed"] and icons.shown() is None
    done = icons.set({"name": "A", "icon_file": "one.png"}, expect_plan=planned["plan_digest"])
    assert done["plan"] == planned["plan"] and icons.shown() == ONE


def test_an_approved_plan_is_not_carried_out_with_another_icon(portal, icons):
    icons.has(service(1, "A"))
    planned = icons.set({"name": "A", "icon_file": "one.png"}, check_mode=True)
    swapped = contents(one_png=image("png", seed=3))
    entry = {"name": "A", "icon_file": "one.png"}
    digest = planned["plan_digest"]
    told = portal.refuses("mailservice_set", mailservices=[entry], icon_contents=swapped, expect_plan=digest)
    assert "another digest" in told


class TestRemoving:
    def test_an_uploaded_icon_is_removed_once(self, portal, icons):
        icons.has(service(1, "A"))
        icons.set({"name": "A", "icon_file": "one.png"})
        portal._running.clear_requests()
        result = icons.set({"name": "A", "icon_file": ""})
        assert [body for body in portal.bodies if body and "ICON" in body] == [{"ID": 1, "ICON": {"del": "Y"}}]
        assert icons.shown() is None
        assert result["plan"]["updates"][0]["changes"] == {"icon": {"before": words(ONE, "PNG"), "after": None}}
        assert not icons.set({"name": "A", "icon_file": ""})["changed"]

    def test_the_built_in_icon_of_a_well_known_name_comes_back(self, icons):
        icons.has(service(1, "gmail"))
        assert not icons.set({"name": "gmail", "icon_file": ""})["changed"]
        icons.set({"name": "gmail", "icon_file": "one.png"})
        result = icons.set({"name": "gmail", "icon_file": ""})
        change = {"before": words(ONE, "PNG"), "after": "built-in"}
        assert result["plan"]["updates"][0]["changes"] == {"icon": change}
        assert icons.shown() == BUILT_IN

    def test_what_has_no_icon_needs_no_request(self, icons):
        icons.has(service(1, "A"), service(2, "gmail"))
        result = icons.set({"name": "A", "icon_file": ""}, {"name": "gmail", "icon_file": ""})
        assert (result["changed"], result["api"]["requests"], result["api"]["icons_fetched"]) == (False, 1, 0)

    def test_an_icon_that_cannot_be_fetched_can_be_removed(self, portal, icons):
        lost_icon(icons)
        result = icons.set({"name": "A", "icon_file": ""})
        assert result["plan"]["updates"][0]["changes"] == {"icon": {"before": "not known", "after": None}}
        assert icons.shown() is None


def lost_icon(icons):
    """A service whose icon has an address and no file."""
    row = {"ID": 7, "SUBDIR": f"{FOLDER}/abc", "FILE_NAME": "x.png", "CONTENT_TYPE": "image/png"}
    icons.has(service(1, "A", ICON=7))
    icons.portal._running.state = {**icons.portal._running.state, "files": [row]}
    icons.portal._running.clear_requests()


def cut_off(portal):
    """Half of the first stored file is lost; only for what happens on the portal in the meantime."""
    portal._store._db.execute("UPDATE contents SET CONTENT = ? WHERE ID = 1", (portal._store.file_content(1)[:50],))


class TestWhatCannotBeFetched:
    def test_it_is_left_alone_with_a_warning(self, portal, icons):
        lost_icon(icons)
        result = icons.set({"name": "A", "icon_file": "one.png"}, warns=True)
        assert not result["changed"] and portal.writes == []
        assert result["warnings"] == [
            "mailservices[0] ('A'): the icon that it has cannot be fetched (the server answered HTTP 404), so whether "
            "it is that of icon_file is not known, and it is left alone; to send icon_file all the same, set "
            "icon_force: true"
        ]
        assert [caution["kind"] for caution in result["cautions"]] == ["icon_not_known"]

    def test_it_is_replaced_where_that_is_forced(self, icons):
        lost_icon(icons)
        result = icons.set({"name": "A", "icon_file": "one.png", "icon_force": True})
        change = {"before": "not known", "after": words(ONE, "PNG")}
        assert result["plan"]["updates"][0]["changes"] == {"icon": change}
        assert icons.shown() == ONE

    def test_force_sends_nothing_where_the_icon_is_known_to_be_the_same(self, icons):
        icons.has(service(1, "A"))
        icons.set({"name": "A", "icon_file": "one.png"})
        assert not icons.set({"name": "A", "icon_file": "one.png", "icon_force": True})["changed"]


class TestRefusals:
    @pytest.mark.parametrize(
        "name, content, why",
        [
            ("logo.png", ONE[:-5], "icon_file 'logo.png' is a PNG image that is cut off or broken"),
            ("logo.jpg", ONE, "icon_file 'logo.jpg' is a PNG image by its first bytes: let its name end in .png"),
            ("logo.svg", b"<svg/>", "icon_file 'logo.svg' is no image that the portal takes"),
            ("logo.png", b"", "icon_file 'logo.png' is empty"),
        ],
    )
    def test_what_is_no_whole_image_is_refused_before_a_request(self, portal, name, content, why):
        portal.has(service(1, "A"))
        given = {name: base64.b64encode(content).decode()}
        told = portal.refuses("mailservice", name="A", icon_file=name, icon_contents=given)
        assert why in told and portal.requests == []

    def test_all_that_is_wrong_is_told_at_once_with_the_entry(self, portal):
        entries = [{"name": "A", "icon_file": "a.png", "port": 0}, {"name": "B", "icon_file": "b.png"}]
        told = portal.refuses("mailservice_set", mailservices=entries, icon_contents=contents(a_png=b"x", b_png=b"y"))
        assert "mailservices[0] ('A'): icon_file 'a.png' is no image" in told
        assert "mailservices[0] ('A'): port must be" in told
        assert "mailservices[1] ('B'): icon_file 'b.png' is no image" in told
        assert portal.requests == []

    def test_a_file_that_nobody_handed_on_is_refused(self, portal):
        told = portal.refuses("mailservice", name="A", icon_file="a.png")
        assert told == "icon_file 'a.png' is of no use without this collection's action plugin, which reads the file"

    def test_an_address_and_a_file_cannot_both_be_meant(self, portal):
        told = portal.refuses("mailservice", name="A", icon=BUILT_IN, icon_file="one.png", icon_contents=FILES)
        assert told == "icon asserts the address of the icon, and icon_file may give it another: leave icon out"


def test_the_file_of_an_entry_that_shall_be_absent_is_of_no_concern(portal):
    portal.has(service(1, "A"))
    assert portal.mailservice(name="A", state="absent", icon_file="a.png")["changed"]


def test_one_service_tells_its_icon_among_the_changes(icons):
    icons.has(service(1, "A"))
    result = icons.portal.mailservice(name="A", sort=3, icon_file="one.png", icon_contents=FILES)
    assert result["changes"] == ["sort", "icon"]
    assert result["mailservice"]["icon"] == icons.address()


def test_an_icon_is_sent_with_the_renaming_that_its_entry_means(icons):
    icons.has(service(1, "Old"))
    icons.set({"name": "New", "previous_names": ["Old"], "icon_file": "one.png"})
    assert icons.portal.names == ["New"] and icons.shown() == ONE


def test_the_icon_of_the_catch_all_needs_no_permission(icons):
    icons.has(service(1, "Other", encryption=None))
    assert icons.set({"name": "Other", "icon_file": "one.png"})["effects"] == []


def test_an_icon_goes_before_what_fits_into_a_batch_and_never_before_a_removal(portal, icons):
    icons.has(service(1, "A"), service(2, "B"), service(3, "Gone"))
    icons.set({"name": "A", "sort": 2}, {"name": "B", "icon_file": "one.png"}, {"name": "Gone", "state": "absent"})
    assert [verb for verb, dummy in portal.writes] == ["update", "update", "delete"]
    assert portal.requests[:3] == ["mailservice.list", "mailservice.update", "batch"]


def test_the_state_before_says_where_the_icons_lie_that_a_plan_takes_away(portal, icons, tmp_path):
    icons.has(service(1, "Gone"), service(2, "Other icon"), service(3, "Same icon"))
    icons.set(*({"id": at, "icon_file": "one.png"} for at in (1, 2, 3)))
    addresses = [icons.address(at) for at in (1, 2, 3)]
    entries = {"id": 1, "state": "absent"}, {"id": 2, "icon_file": "other.gif"}, {"id": 3, "icon_file": "one.png"}
    before = pathlib.Path(icons.set(*entries, backup_dir=str(tmp_path))["backup_file"]).read_text()
    assert [before.count(f"# its icon is on the portal at {address}; ") for address in addresses] == [1, 1, 0]


class TestAudit:
    def audited(self, portal, *entries):
        return portal.succeeds("mailservice_audit", mailservices=list(entries), icon_contents=FILES)["findings"]

    def of_icons(self, findings):
        return [(item["kind"], item["severity"], item["fields"]) for item in findings if item["service"] == "A"]

    def test_the_icon_as_wanted_is_no_finding(self, portal, icons):
        icons.has(service(1, "A"))
        icons.set({"name": "A", "icon_file": "one.png"})
        assert self.of_icons(self.audited(portal, {"name": "A", "icon_file": "one.png"})) == []

    @pytest.mark.parametrize("file, after", [("other.gif", words(OTHER, "GIF")), ("", None)])
    def test_another_icon_is_drift(self, portal, icons, file, after):
        icons.has(service(1, "A"))
        icons.set({"name": "A", "icon_file": "one.png"})
        found = self.of_icons(self.audited(portal, {"name": "A", "icon_file": file}))
        fields = [{"field": "icon", "before": words(ONE, "PNG"), "after": after}]
        assert found == [("changed", "drift", fields)]

    def test_one_that_cannot_be_fetched_is_a_note(self, portal, icons):
        lost_icon(icons)
        findings = self.audited(portal, {"name": "A", "icon_file": "one.png"})
        assert self.of_icons(findings) == [("changed", "note", [])]
        assert "Its icon cannot be fetched (the server answered HTTP 404), so" in findings[0]["text"]

    def test_a_missing_service_tells_its_icon(self, portal, icons):
        icons.has(service(1, "B"))
        ((kind, dummy, fields),) = self.of_icons(self.audited(portal, {"name": "A", "icon_file": "one.png"}))
        assert kind == "missing" and fields == [{"field": "icon", "before": None, "after": words(ONE, "PNG")}]

    def test_a_file_that_is_no_image_is_an_entry_that_cannot_be(self, portal, icons):
        icons.has(service(1, "A"), service(2, "B", port=1))
        entries = [{"name": "A", "icon_file": "x.png"}, {"name": "B", "port": 2}]
        result = portal.fails("mailservice_audit", mailservices=entries, icon_contents=contents(x_png=b"x"))
        assert {item["service"]: item["kind"] for item in result["findings"] if item["service"]} == {
            "A": "refused",
            "B": "changed",
        }

    def test_icons_that_no_entry_speaks_of_are_not_fetched(self, portal, icons):
        icons.has(service(1, "A"), service(2, "B"))
        icons.set({"name": "A", "icon_file": "one.png"}, {"name": "B", "icon_file": "one.png"})
        portal._running.clear_requests()
        self.audited(portal, {"name": "A", "icon_file": "one.png"}, {"name": "B"})
        assert len(portal.fetched) == 1


class TestAfterWriting:
    def test_an_icon_that_came_back_as_another_fails_the_task(self, portal, icons):
        icons.has(service(1, "A"), switches=["reencode_icons=Y"])
        entry = {"name": "A", "icon_file": "one.png"}
        result = portal.fails("mailservice_set", mailservices=[entry], icon_contents=FILES)
        stored = words(ONE + b"re-encoded", "PNG")
        assert f"icon: wanted {words(ONE, 'PNG')}, stored {stored}; if this portal alters" in result["msg"]
        assert result["changed"] and result["results"][0]["failed"]

    def test_a_portal_that_alters_icons_is_told_once_where_there_is_a_journal_and_is_quiet_then(
        self, portal, icons, tmp_path
    ):
        icons.has(service(1, "A"), service(2, "B"), switches=["reencode_icons=Y"])
        entries = {"name": "A", "icon_file": "one.png"}, {"name": "B", "icon_file": "other.gif"}
        journal = str(tmp_path / "journal.jsonl")
        first = icons.set(*entries, journal=journal, warns=True)
        assert first["changed"] and "the portal made another image of the one that was sent" in first["warnings"][0]
        again = icons.set(*entries, journal=journal)
        assert not again["changed"] and "warnings" not in again
        swapped = {"name": "A", "icon_file": "other.gif"}
        assert icons.set(swapped, journal=journal, warns=True)["changed"]
        assert icons.set(swapped, journal=str(tmp_path / "another.jsonl"), check_mode=True)["changed"]

    def test_what_a_journal_says_of_another_portal_counts_for_nothing(self, portal, icons, tmp_path):
        icons.has(service(1, "A"), switches=["reencode_icons=Y"])
        journal = tmp_path / "journal.jsonl"
        icons.set({"name": "A", "icon_file": "one.png"}, journal=str(journal), warns=True)
        journal.write_text(journal.read_text().replace('"portal": "127.0.0.1', '"portal": "127.0.0.2'))
        assert icons.set({"name": "A", "icon_file": "one.png"}, journal=str(journal), check_mode=True)["changed"]

    @pytest.mark.parametrize(
        "line", ["{", '{"stored": 1}', '{"icon": {"sent": 1, "stored": 2}}', "[" * 9999, '"stored": ']
    )
    def test_a_journal_with_odd_lines_remembers_the_others(self, portal, icons, tmp_path, line):
        icons.has(service(1, "A"), switches=["reencode_icons=Y"])
        journal = tmp_path / "journal.jsonl"
        icons.set({"name": "A", "icon_file": "one.png"}, journal=str(journal), warns=True)
        journal.write_text(f'{line} "stored": \n{journal.read_text()}')
        assert not icons.set({"name": "A", "icon_file": "one.png"}, journal=str(journal))["changed"]

    def test_half_an_image_that_came_back_is_not_remembered(self, portal, icons, tmp_path):
        icons.has(service(1, "A"))
        portal.before("mailservice.list", lambda: cut_off(portal), place=2)
        entry = {"name": "A", "icon_file": "one.png"}
        journal = str(tmp_path / "journal.jsonl")
        result = portal.fails("mailservice_set", mailservices=[entry], icon_contents=FILES, journal=journal)
        assert "the portal stored something else than was wanted: icon: " in result["msg"]

    def test_an_icon_that_the_portal_did_not_replace_fails_the_task(self, portal, icons, tmp_path):
        icons.has(service(1, "A"))
        icons.set({"name": "A", "icon_file": "one.png"})
        portal.before("mailservice.list", lambda: portal.change(1, ICON=1), place=2)
        entry = {"name": "A", "icon_file": "other.gif"}
        journal = str(tmp_path / "journal.jsonl")
        result = portal.fails("mailservice_set", mailservices=[entry], icon_contents=FILES, journal=journal)
        assert result["msg"] == "'A' (id 1): the icon was sent, and the portal shows the former one still"

    def test_an_icon_that_the_portal_passed_over_fails_the_task(self, portal, icons):
        icons.has(service(1, "A"))
        portal.before("mailservice.list", lambda: portal.change(1, ICON=None), place=2)
        entry = {"name": "A", "icon_file": "one.png"}
        result = portal.fails("mailservice_set", mailservices=[entry], icon_contents=FILES)
        assert result["msg"] == "'A' (id 1): the icon was sent, and the portal shows none that was uploaded"

    def test_an_icon_that_is_there_after_its_removal_fails_the_task(self, portal, icons):
        icons.has(service(1, "A"))
        icons.set({"name": "A", "icon_file": "one.png"})
        portal.before("mailservice.list", lambda: portal.change(1, ICON=1), place=2)
        result = portal.fails("mailservice", name="A", icon_file="")
        assert result["msg"] == "'A' (id 1): the icon was removed, and is there still"

    def test_an_icon_that_cannot_be_fetched_after_writing_is_told_in_a_warning(self, portal, icons):
        icons.has(service(1, "A"), switches=["icon_host=ftp://cdn.example"])
        result = icons.set({"name": "A", "icon_file": "one.png"}, warns=True)
        assert result["changed"] and result["warnings"] == [
            "'A' (id 1): the icon was stored, and cannot be fetched to be compared: "
            "its address does not begin with https://"
        ]
