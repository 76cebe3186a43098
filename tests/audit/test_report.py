# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report of a fleet: exceptions, dates, what fails, and in which words."""

from __future__ import annotations

import pathlib

import pytest

from ansible_collections.bitrix24.portal.plugins.plugin_utils._report.exceptions import BadSetting
from ansible_collections.bitrix24.portal.plugins.plugin_utils._report.formats import FORMS
from tests.audit import fleet
from tests.audit.fleet import catch_all, entry, portal, report, service

OTHER, MAIL, BRANCH = catch_all(1), service(2, "Mail"), service(3, "Branch")
CHANGED = [OTHER, dict(MAIL, port=143, sort=7), BRANCH]
DESIRED = [entry(MAIL), entry(BRANCH)]


def the_portal(services=None, name="north", desired=None, **settings):
    settings.setdefault("fail_on", ["drift", "unreachable", "unauthorised"])
    expires = settings.pop("webhook_expires", None)
    return report(portal(desired or DESIRED, services or CHANGED, name, webhook_expires=expires), **settings)[
        "portals"
    ][0]


def exception(**more):
    return dict({"portal": "north", "service": "Mail", "reason": "known", "until": "2026-11-22"}, **more)


EXCEPTIONS = {
    "a service": (exception(), [], ["port", "sort"]),
    "a field of a service": (exception(field="port"), ["sort"], ["port"]),
    "a field by another name": (exception(field="link"), ["port", "sort"], []),
    "a wildcard": (exception(portal="n*h", service="M*"), [], ["port", "sort"]),
    "a kind": (exception(service=None, kind="changed"), [], ["port", "sort"]),
    "another kind": (exception(kind="extra"), ["port", "sort"], []),
    "another portal": (exception(portal="nor"), ["port", "sort"], []),
    "another service": (exception(service="mail"), ["port", "sort"], []),
    "yesterday": (exception(until="2026-11-21"), ["port", "sort"], []),
}


@pytest.mark.parametrize("case", EXCEPTIONS)
def test_an_exception_silences_what_it_names_until_its_day_and_shows_it_apart(case):
    rule, left, excepted = EXCEPTIONS[case]
    judged = the_portal(exceptions=[rule])
    assert [field["field"] for item in judged["findings"] for field in item["fields"]] == left
    assert sorted(field["field"] for item in judged["excepted"] for field in item["fields"]) == excepted
    assert judged["status"] == ("drifted" if left else "in_order")
    assert all(item["exception"] == {"reason": "known", "until": "2026-11-22"} for item in judged["excepted"])


def test_an_exception_is_reported_as_in_use_not_needed_or_expired():
    made = report(
        portal(DESIRED, CHANGED, "north"),
        exceptions=[exception(), exception(service="Gone"), exception(until="2026-01-01")],
    )
    assert [item["state"] for item in made["exceptions"]] == ["active", "unused", "expired"]


def test_an_excepted_portal_that_is_down_fails_nothing_and_is_still_shown_as_down():
    made = report(fleet.down("north"), exceptions=[exception(service=None, kind="unreachable")])
    assert not made["failed"] and made["portals"][0]["status"] == "unreachable" and made["summary"]["excepted"] == 1


BAD_EXCEPTIONS = {
    "no reason": exception(reason=""),
    "has no until": exception(until=None),
    "not a date": exception(until="soon"),
    "no portal": exception(portal=None),
    "neither a service nor a kind": exception(service=None),
    "no kind 'wrong'": exception(kind="wrong"),
    "must be a map": "north",
    "must be a map of": exception(serivce="x"),
}


@pytest.mark.parametrize("problem", BAD_EXCEPTIONS)
def test_an_exception_that_cannot_be_is_refused_with_its_index(problem):
    with pytest.raises(BadSetting, match=r"^exceptions\[1\].*mailservice_audit_exceptions") as caught:
        the_portal(exceptions=[exception(), BAD_EXCEPTIONS[problem]])
    assert problem in str(caught.value)


FAILS = {
    "drift by default": ({}, ["drift"]),
    "a kind": ({"fail_on": ["changed"]}, ["changed"]),
    "another kind": ({"fail_on": ["extra"]}, []),
    "a warning that is asked for": ({"fail_on": ["no_catch_all"], "services": [MAIL, BRANCH]}, ["no_catch_all"]),
    "no warning unasked": ({"services": [MAIL, BRANCH]}, []),
    "nothing": ({"fail_on": []}, []),
    "a kind that does not count as drift": ({"drift": ["missing"]}, []),
    "a kind that became a note": ({"drift": ["missing"], "fail_on": ["drift", "changed"]}, []),
}


@pytest.mark.parametrize("case", FAILS)
def test_the_audit_fails_on(case):
    settings, expected = FAILS[case]
    judged = the_portal(**settings)
    assert judged["failed_on"] == expected


@pytest.mark.parametrize(
    "made, status, failed_on",
    [
        (fleet.down, "unreachable", ["unreachable"]),
        (fleet.refusing, "unauthorised", ["unauthorised"]),
        (fleet.in_order, "in_order", []),
    ],
)
def test_a_portal_has_the_status(made, status, failed_on):
    judged = report(made("north"))["portals"][0]
    assert (judged["status"], judged["failed_on"]) == (status, failed_on)


@pytest.mark.parametrize(
    "settings, named",
    [
        ({"fail_on": ["drfit"]}, "mailservice_audit_fail_on"),
        ({"drift": ["unreachable"]}, "mailservice_audit_drift"),
        ({"time": "yesterday"}, "mailservice_audit_time"),
    ],
)
def test_a_setting_that_cannot_be_is_refused_by_its_name(settings, named):
    with pytest.raises(BadSetting, match=named):
        the_portal(**settings)


@pytest.mark.parametrize(
    "expires, days_left, text",
    [
        ("2026-12-06", 14, "The webhook expires in 14 days (2026-12-06)."),
        ("2026-12-07", 15, None),
        ("2026-11-22", 0, "The webhook expires today (2026-11-22)."),
        ("2026-11-21", -1, "The webhook expired 1 day ago (2026-11-21)."),
        ("2026-11-23T10:00:00", 1, "The webhook expires in 1 day (2026-11-23)."),
        ("in spring", None, "webhook_expires is not a date such as 2027-03-31."),
    ],
)
def test_the_days_that_a_webhook_has_left_are_told_and_become_a_warning(expires, days_left, text):
    judged = the_portal([OTHER, MAIL, BRANCH], webhook_expires=expires)
    assert judged["credentials"]["days_left"] == days_left
    assert [(item["kind"], item["severity"], item["text"]) for item in judged["findings"]] == (
        [("webhook_expiry", "warning", text)] if text else []
    )


def test_a_service_is_drifted_excepted_in_order_or_left_alone():
    judged = the_portal(
        [OTHER, dict(MAIL, port=143), dict(BRANCH, sort=7), service(4, "bitrix24"), service(5, "Fine")],
        desired=DESIRED + [entry(service(5, "Fine"))],
        exceptions=[exception(service="Branch")],
    )
    assert {item["name"]: item["status"] for item in judged["services"]} == {
        "Mail": "drifted",
        "Branch": "excepted",
        "Fine": "in_order",
        "Other": "left_alone",
        "bitrix24": "left_alone",
    }


def test_the_urgent_portals_come_first_and_numbers_in_names_count():
    made = report(
        *[fleet.in_order("portal-%d" % at, 3) for at in (10, 9)],
        fleet.refusing("b"),
        fleet.down("c"),
        portal(DESIRED, CHANGED, "z"),
    )
    assert [item["name"] for item in made["portals"]] == ["z", "c", "b", "portal-9", "portal-10"]


@pytest.mark.parametrize(
    "portals, verdict",
    [
        ([], "There was no portal to audit."),
        ([fleet.in_order("a", 3)], "a is in order."),
        ([fleet.in_order("a", 3), fleet.in_order("b", 3)], "Both portals are in order."),
        ([fleet.in_order(name, 3) for name in "abc"], "All 3 portals are in order."),
        ([fleet.down("a")], "a could not be read."),
        ([fleet.down(name) for name in "ab"], "Neither of the 2 portals could be read."),
        ([fleet.down(name) for name in "abc"], "None of the 3 portals could be read."),
        ([fleet.refusing(name) for name in "ab"], "Both portals refuse the credentials."),
        (
            [fleet.in_order("a", 3), fleet.refusing("b"), fleet.down("c")],
            "Of 3 portals, 1 could not be read, 1 refuses the credentials, 1 is in order.",
        ),
    ],
)
def test_the_verdict_is_a_sentence(portals, verdict):
    assert report(*portals)["summary"]["verdict"] == verdict


@pytest.mark.parametrize(
    "made, words",
    [
        (fleet.in_order("north"), "nothing found"),
        (portal([{"name": "Off"}], [catch_all(), service(2, "Off", active=False)], "north"), "1 note"),
        (
            portal(
                [{"name": name} for name in "ab"],
                [service(at, at_name, active=False) for at, at_name in enumerate("ab", 2)],
            ),
            "1 no catch-all, 2 notes",
        ),
    ],
)
def test_a_portal_is_told_in_words_with_its_notes(made, words):
    assert report(made)["portals"][0]["summary"] == words


def test_when_a_portal_was_last_read_is_kept_over_audits_that_could_not_read_it():
    first = FORMS["json"](report(fleet.in_order("north", 3), time="2026-11-20T03:00:00Z"))
    second = report(fleet.down("north"), previous=first)
    third = report(fleet.down("north"), previous=FORMS["json"](second), time="2026-11-23T03:00:00Z")
    assert [made["portals"][0]["last_success"] for made in (second, third)] == ["2026-11-20T03:00:00Z"] * 2


@pytest.mark.parametrize(
    "previous",
    [
        None,
        "",
        "half a {",
        "[]",
        "2026-11-22",
        "<!doctype html>",
        "[" * 100000,
        '{"portals": ' + "[" * 100000 + "]" * 100000 + "}",
        '{"portals": 7}',
        '{"portals": [{"name": "north", "last_success": "{{ 1 }}"}]}',
        '{"portals": [{"name": ["north"], "last_success": "2026-11-20T03:00:00Z"}]}',
        '{"portals": [{"name": "north", "last_success": ' + "9" * 400 + "}]}",
    ],
    ids=range(12),
)
def test_an_earlier_report_that_cannot_be_read_is_no_report(previous):
    assert report(fleet.down("north"), previous=previous)["portals"][0]["last_success"] is None


def again(services, previous, time="2026-11-22T03:00:00Z", **settings):
    item = fleet.down("north") if services is None else portal(DESIRED, services, "north")
    return report(item, previous=previous and FORMS["json"](previous), time=time, **settings)


def new_of(made):
    return {
        (item["kind"], item["service"], field["field"] if field else None): item["new"]
        for at in made["portals"]
        for item in at["findings"]
        for field in item["fields"] or [None]
    }


CHANGED_PORT = [OTHER, dict(MAIL, port=143), BRANCH]
KNOWN_PORT = {"portal": "*", "service": "Mail", "field": "port", "reason": "known", "until": "2027-01-01"}
SINCE = {
    "the same": (CHANGED_PORT, CHANGED_PORT, {}, {("changed", "Mail", "port"): False}),
    "another value": (CHANGED_PORT, [OTHER, dict(MAIL, port=1143), BRANCH], {}, {("changed", "Mail", "port"): True}),
    "another service": (
        CHANGED_PORT,
        [OTHER, dict(MAIL, port=143), dict(BRANCH, port=143)],
        {},
        {("changed", "Mail", "port"): False, ("changed", "Branch", "port"): True},
    ),
    "less": (CHANGED, CHANGED_PORT, {}, {("changed", "Mail", "port"): False}),
    "down since": (CHANGED_PORT, None, {}, {("unreachable", None, None): True}),
    "still down": (None, None, {}, {("unreachable", None, None): False}),
    "up again": (None, CHANGED_PORT, {}, {("changed", "Mail", "port"): None}),
    "the rest of it excepted": (CHANGED, CHANGED, {"exceptions": [KNOWN_PORT]}, {("changed", "Mail", "sort"): False}),
}


@pytest.mark.parametrize("case", SINCE)
def test_what_the_last_report_has_not_got_is_new(case):
    before, now, settings, expected = SINCE[case]
    first = again(before, None, "2026-11-21T03:00:00Z")
    made = again(now, first, **settings)
    assert new_of(made) == expected
    assert made["since"] == "2026-11-21T03:00:00Z" and made["summary"]["new"] == list(expected.values()).count(True)


def test_a_first_report_can_say_of_nothing_that_it_is_new():
    made = again(CHANGED, None)
    assert (made["since"], made["summary"]["new"], set(new_of(made).values())) == (None, None, {None})


def test_a_portal_that_the_last_report_does_not_name_is_new_as_a_whole():
    first = report(fleet.in_order("south", 3), time="2026-11-21T03:00:00Z")
    assert set(new_of(again(CHANGED, first)).values()) == {True}


def test_notes_are_not_counted_as_new():
    first = again([OTHER, MAIL, BRANCH], None, "2026-11-21T03:00:00Z")
    made = again(CHANGED, first, drift=["missing"])
    assert set(new_of(made).values()) == {True} and made["summary"]["new"] == 0


@pytest.mark.parametrize("before", [None, CHANGED_PORT])
def test_a_report_made_again_for_the_same_moment_stays_as_it_was(before):
    first = again(before, None, "2026-11-21T03:00:00Z") if before else None
    second = again(CHANGED, first)
    assert FORMS["json"](again(CHANGED, second)) == FORMS["json"](second)


def test_a_host_on_which_ansible_stopped_is_in_the_report():
    made = report(fleet.in_order("a", 3), stopped=["b", "a"])
    assert [(item["name"], item["status"]) for item in made["portals"]] == [("b", "unreachable"), ("a", "in_order")]


@pytest.mark.parametrize("form", FORMS)
def test_the_same_input_gives_the_same_bytes_and_another_order_of_portals_too(form):
    def once(portals):
        return FORMS[form](report(*portals, exceptions=fleet.EXCEPTIONS))

    def make():
        return [fleet.drifted("drifted-0"), fleet.down("down"), fleet.hostile_portal()]

    assert once(make()) == once(make()) == once(make()[::-1])


def test_a_report_leaves_its_input_as_it_was():
    item = fleet.drifted("drifted-0")
    before = repr(item)
    report(item, drift=["missing"], exceptions=fleet.EXCEPTIONS)
    assert repr(item) == before


def test_every_file_of_the_audit_is_short():
    plugins = pathlib.Path(fleet.__file__).resolve().parents[2] / "plugins"
    rooms = ("module_utils/_audit", "plugin_utils/_report", "plugin_utils/_page")
    paths = [path for room in rooms for path in (plugins / room).rglob("*.*")]
    sizes = {path.name: len(path.read_text().splitlines()) for path in paths if path.suffix != ".pyc"}
    assert len(sizes) > 12 and max(sizes.values()) <= 250, sizes
