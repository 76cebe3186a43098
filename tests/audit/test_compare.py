# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the audit finds on one portal."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.bitrix24.portal.plugins.module_utils._planning.checks import read_entries
from ansible_collections.bitrix24.portal.plugins.module_utils._planning.limits import Limits
from ansible_collections.bitrix24.portal.plugins.module_utils._planning.matching import CurrentState
from ansible_collections.bitrix24.portal.plugins.module_utils._planning.model import MailService
from ansible_collections.bitrix24.portal.plugins.module_utils._planning.plan import make_plan
from tests.audit.fleet import catch_all, entry, portal, service

OTHER = catch_all(1)
MAIL = service(2, "Mail")
BRANCH = service(3, "Branch")


def found(desired, services, **more):
    """{(kind, service): severity} of what is found."""
    return {(item["kind"], item["service"]): item["severity"] for item in portal(desired, services, **more)["findings"]}


def the_finding(kind, desired, services, **more):
    findings = [finding for finding in portal(desired, services, **more)["findings"] if finding["kind"] == kind]
    assert len(findings) == 1, findings
    return findings[0]


def fields(finding):
    return {field["field"]: (field["before"], field["after"]) for field in finding["fields"]}


CASES = {
    "nothing where all is as wanted": ([entry(MAIL)], [OTHER, MAIL], {}),
    "nothing where an entry leaves out what it does not care for": ([{"name": "Mail"}], [OTHER, MAIL], {}),
    "a missing service": (
        [entry(MAIL), {"name": "New", "server": "new.example.com"}],
        [OTHER, MAIL],
        {("missing", "New"): "drift"},
    ),
    "an extra one": ([entry(MAIL)], [OTHER, MAIL, BRANCH], {("extra", "Branch"): "drift"}),
    "one that shall be absent": (
        [entry(MAIL), {"name": "Branch", "state": "absent"}],
        [OTHER, MAIL, BRANCH],
        {("extra", "Branch"): "drift"},
    ),
    "nothing where what shall be absent is": ([entry(MAIL), {"name": "Gone", "state": "absent"}], [OTHER, MAIL], {}),
    "an inactive one that is wanted active": (
        [entry(MAIL, active=True)],
        [OTHER, dict(MAIL, active=False)],
        {("inactive", "Mail"): "drift"},
    ),
    "an active one that is wanted inactive": (
        [entry(MAIL, active=False)],
        [OTHER, MAIL],
        {("changed", "Mail"): "drift"},
    ),
    "an inactive one that nobody said about": (
        [entry(MAIL)],
        [OTHER, dict(MAIL, active=False)],
        {("inactive", "Mail"): "note"},
    ),
    "an inactive one that nobody wants": (
        [entry(MAIL)],
        [OTHER, MAIL, dict(BRANCH, active=False)],
        {("inactive", "Branch"): "note"},
    ),
    "a renamed one": ([entry(MAIL, name="Post")], [OTHER, MAIL], {("near_match", "Mail"): "drift"}),
    "no near match on another port": (
        [entry(MAIL, name="Post", port=143)],
        [OTHER, MAIL],
        {("missing", "Post"): "drift", ("extra", "Mail"): "drift"},
    ),
    "a near match on any port where none is wanted": (
        [{"name": "Post", "server": MAIL["server"]}],
        [OTHER, MAIL],
        {("near_match", "Mail"): "drift"},
    ),
    "one that was deleted and made anew": ([entry(MAIL, id=9)], [OTHER, MAIL], {("near_match", "Mail"): "drift"}),
    "one whose ID is not there": ([{"id": 9}], [OTHER], {("missing", "ID 9"): "drift"}),
    "one that still has its previous name": (
        [entry(MAIL, name="Post", previous_names=["Mail"])],
        [OTHER, MAIL],
        {("changed", "Mail"): "drift"},
    ),
    "twins of a wanted name": ([entry(MAIL)], [OTHER, MAIL, dict(MAIL, id=5)], {("duplicated", "Mail"): "drift"}),
    "no twins where an entry means each by its ID": (
        [entry(MAIL, id=2), entry(MAIL, id=5)],
        [OTHER, MAIL, dict(MAIL, id=5)],
        {},
    ),
    "twins that nobody wants": (
        [entry(BRANCH)],
        [OTHER, BRANCH, MAIL, dict(MAIL, id=5)],
        {("extra", "Mail"): "drift", ("duplicated", "Mail"): "drift"},
    ),
    "no catch-all": ([entry(MAIL)], [MAIL], {("no_catch_all", None): "warning"}),
    "an inactive catch-all, which is none": (
        [entry(MAIL)],
        [MAIL, dict(OTHER, active=False)],
        {("no_catch_all", None): "warning", ("inactive", "Other"): "note"},
    ),
    "an extra one whose mailboxes would be cut loose": (
        [entry(MAIL)],
        [MAIL, BRANCH],
        {("extra", "Branch"): "drift", ("removal_hurts", "Branch"): "warning", ("no_catch_all", None): "warning"},
    ),
    "an extra one that nobody can make again": (
        [entry(MAIL)],
        [OTHER, MAIL, dict(BRANCH, smtp_server="smtp.example.com")],
        {("extra", "Branch"): "drift", ("removal_hurts", "Branch"): "warning"},
    ),
    "nothing where the portal's own hosting is there": ([entry(MAIL)], [OTHER, MAIL, service(4, "bitrix24")], {}),
    "a value that cannot be set": (
        [entry(MAIL, smtp_server="smtp.example.com")],
        [OTHER, MAIL],
        {("refused", "Mail"): "drift"},
    ),
    "a value that cannot be unset": ([entry(MAIL, link="")], [OTHER, MAIL], {("refused", "Mail"): "drift"}),
    "an entry with a port that cannot be": ([entry(MAIL, port=70000)], [OTHER, MAIL], {("refused", "Mail"): "drift"}),
    "an entry with an option that there is not": (
        [entry(MAIL, sever="x")],
        [OTHER, MAIL],
        {("refused", "Mail"): "drift"},
    ),
    "an entry that is no map": ([entry(MAIL), "Branch"], [OTHER, MAIL], {("refused", "entry 2"): "drift"}),
    "an entry without a name": ([entry(MAIL), {"port": 993}], [OTHER, MAIL], {("refused", "entry 2"): "drift"}),
    "two entries of one name": ([entry(MAIL), entry(MAIL)], [OTHER, MAIL], {("refused", "Mail"): "drift"}),
    "two entries that mean one service": (
        [entry(MAIL), {"id": 2, "port": 993}],
        [OTHER, MAIL],
        {("refused", "Mail"): "drift"},
    ),
    "a renaming onto a name that is taken": (
        [entry(MAIL, id=2, name="Branch"), entry(BRANCH, id=3)],
        [OTHER, MAIL, BRANCH],
        {("refused", "Mail"): "drift"},
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_the_audit_finds(case):
    desired, services, expected = CASES[case]
    assert found(desired, services) == expected


def test_what_is_protected_may_be_there_without_being_wanted():
    assert found([entry(MAIL)], [OTHER, MAIL, BRANCH], protect=["Br*"]) == {}
    assert found([entry(MAIL)], [OTHER, MAIL, BRANCH], protect=["B"]) == {("extra", "Branch"): "drift"}


def test_a_change_is_told_field_by_field_with_its_effects():
    changed = the_finding("changed", [entry(MAIL, server="NEW.example.com", port=143, encryption=False)], [OTHER, MAIL])
    assert fields(changed) == {
        "server": ("imap2.example.com", "new.example.com"),
        "port": (993, 143),
        "encryption": (True, False),
    }
    assert changed["id"] == 2 and "copied to every mailbox" in changed["effects"][0]
    assert changed["no_way_back"] == []


def test_values_in_other_spellings_are_no_change():
    assert (
        found([entry(MAIL, port="993", encryption="yes", server="IMAP2.Example.com", sort=None)], [OTHER, MAIL]) == {}
    )


def test_an_extra_service_tells_what_its_removal_does():
    assert [text.split(":")[0] for text in the_finding("extra", [entry(MAIL)], [OTHER, MAIL, BRANCH])["effects"]] == [
        "Deactivated",
        "Deleted",
    ]


HOSTED = service(4, "bitrix24", server=None, port=None, encryption=None, link=None)


@pytest.mark.parametrize(
    "catch_alls, deactivated, deleted, hurts",
    [
        ([OTHER], "move to the catch-all 'Other'", "move to the catch-all 'Other'", False),
        ([HOSTED], "are switched off until", "move to the catch-all 'bitrix24'", False),
        ([HOSTED, dict(OTHER, id=9)], "move to the catch-all 'Other'", "move to the catch-all 'bitrix24'", False),
        ([], "are switched off until", "are switched off and left without a service for good", True),
    ],
)
def test_a_removal_is_judged_by_the_catch_all_that_takes_its_mailboxes(catch_alls, deactivated, deleted, hurts):
    services = [MAIL, BRANCH, *catch_alls]
    first, second = the_finding("extra", [entry(MAIL)], services)["effects"]
    assert first.startswith("Deactivated: ") and deactivated in first
    assert second.startswith("Deleted: ") and deleted in second
    assert (("removal_hurts", "Branch") in found([entry(MAIL)], services)) is hurts


def test_beside_a_bitrix24_without_settings_alone_nothing_takes_what_is_deactivated():
    text = the_finding("no_catch_all", [entry(MAIL)], [MAIL, HOSTED])["text"]
    assert "deleted move to it" in text and "deactivated switches its mailboxes off" in text
    assert ("no_catch_all", None) not in found([entry(MAIL)], [MAIL, HOSTED, OTHER])


def test_what_cannot_be_undone_is_told_apart():
    item = dict(MAIL, link=None)
    changed = the_finding("changed", [entry(MAIL)], [OTHER, item])
    assert changed["no_way_back"] == changed["effects"] != []
    extra = the_finding("extra", [entry(MAIL)], [OTHER, MAIL, BRANCH])
    assert [text.split(":")[0] for text in extra["no_way_back"]] == ["Deactivated", "Deleted"]
    alone = the_finding("extra", [entry(MAIL)], [MAIL, BRANCH])
    assert [text.split(":")[0] for text in alone["no_way_back"]] == ["Deleted"]


def test_a_near_match_says_what_is_wanted_and_what_differs():
    near = the_finding("near_match", [entry(MAIL, name="Post", sort=7)], [OTHER, MAIL])
    assert near["wanted"] == "Post" and fields(near) == {"name": ("Mail", "Post"), "sort": (100, 7)}


def test_twins_are_told_with_all_their_ids():
    assert the_finding("duplicated", [entry(MAIL)], [OTHER, dict(MAIL, id=5), MAIL])["ids"] == [2, 5]


def test_what_is_refused_tells_the_differing_fields_all_the_same():
    refused = the_finding("refused", [entry(MAIL, port=143, site_id="s2")], [OTHER, MAIL])
    assert fields(refused) == {"port": (993, 143), "site_id": ("s1", "s2")}


def test_one_refused_entry_does_not_hide_what_is_wrong_elsewhere():
    assert found([entry(MAIL, site_id="s2"), entry(BRANCH, port=143)], [OTHER, MAIL, BRANCH]) == {
        ("refused", "Mail"): "drift",
        ("changed", "Branch"): "drift",
    }


def test_all_that_is_wrong_with_an_entry_is_one_sentence_without_its_place_in_the_list():
    text = the_finding("refused", [entry(MAIL, port=70000, site_id="s2", link="")], [OTHER, MAIL])["text"]
    assert text.startswith("Site_id is 's1' on the portal and cannot be changed") and text.endswith("omit it.")
    assert "; link is " in text and "; port must be " in text and "mailservices[" not in text


def test_a_refused_entry_does_not_forbid_others_to_exchange_their_names():
    swapped = [{"id": 2, "name": "Branch"}, {"id": 3, "name": "Mail"}, {"id": 1, "site_id": "s2"}]
    assert found(swapped, [OTHER, MAIL, BRANCH]) == {
        ("refused", "Other"): "drift",
        ("changed", "Mail"): "drift",
        ("changed", "Branch"): "drift",
    }


def test_an_entry_whose_name_depends_on_a_refused_one_is_refused_too():
    entries = [{"id": 2, "name": "Branch"}, {"id": 3, "name": "Else", "site_id": "s2"}]
    assert found(entries, [OTHER, MAIL, BRANCH]) == {("refused", "Mail"): "drift", ("refused", "Branch"): "drift"}


def test_what_is_equal_is_in_order_whatever_it_is():
    odd = dict(MAIL, name="0", port=70000, sort=0, link="l" * 300)
    assert found([entry(odd)], [OTHER, odd]) == {}


def test_the_services_are_those_present_and_those_missing():
    examined = portal([entry(MAIL), {"name": "New"}, entry(BRANCH, name="Zweig")], [OTHER, MAIL, BRANCH])
    assert [(item["name"], item["id"], item["managed"]) for item in examined["services"]] == [
        ("Branch", 3, True),
        ("Mail", 2, True),
        ("New", None, True),
        ("Other", 1, False),
    ]
    assert examined["catch_all"] == ["Other"]


def test_surplus_rights_are_named():
    assert (
        "crm, user"
        in the_finding("surplus_rights", [entry(MAIL)], [OTHER, MAIL], surplus_scopes=["crm", "user"])["text"]
    )


NAMES = st.sampled_from(["a", "b", "c", "d", "bitrix24", "<b>", "{{ x }}"])
SERVERS = st.sampled_from([None, "one.example.com", "two.example.com"])
CURRENT = st.lists(
    st.builds(
        lambda name, server, active, port: dict(name=name, server=server, active=active, port=port),
        NAMES,
        SERVERS,
        st.booleans(),
        st.sampled_from([None, 993, 70000]),
    ),
    max_size=6,
).map(lambda rows: [service(at, **row) for at, row in enumerate(rows, 1)])
DESIRED = st.lists(
    st.fixed_dictionaries(
        {},
        optional=dict(
            name=NAMES,
            id=st.integers(1, 7),
            server=SERVERS,
            port=st.sampled_from([143, 993, 70000, 0]),
            active=st.booleans(),
            state=st.sampled_from(["present", "absent"]),
            previous_names=st.lists(NAMES, max_size=2),
        ),
    ),
    max_size=6,
)


@settings(deadline=None)
@given(DESIRED, CURRENT)
def test_the_audit_finds_drift_if_and_only_if_a_reconciliation_would_write_or_refuse(desired, services):
    drift = [
        item["kind"]
        for item in portal(desired, services)["findings"]
        if item["severity"] == "drift"
        and "No entry" not in item["text"]
        and "employees cannot tell" not in item["text"]
    ]
    entries, problems = read_entries([dict({"state": "present"}, **item) for item in desired])
    current = [MailService(**item) for item in services]
    if not problems:
        there = [item for item in current if item.active], [item for item in current if not item.active]
        plan = make_plan(entries, CurrentState(*there), Limits(allow_catch_all_change=True, allow_builtin_delete=True))
    assert bool(drift) == bool(problems or plan.problems or plan.changes)


@settings(deadline=None)
@given(DESIRED, CURRENT)
def test_the_order_of_what_the_portal_lists_does_not_matter(desired, services):
    def findings(rows):
        return sorted(repr(item) for item in portal(desired, rows)["findings"])

    by_id = sorted(services, key=lambda item: item["id"])
    assert portal(desired, by_id)["services"] == portal(desired, by_id[::-1])["services"]
    assert len(findings(by_id)) == len(findings(by_id[::-1]))
