# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The export as a function: its YAML, and the round trip through a simulated portal."""

from __future__ import annotations

import pytest
from hypothesis import Phase, assume, example, given, settings
from hypothesis import strategies as st

from ansible_collections.bitrix24.portal.plugins.module_utils import _yaml as _export_yaml
from ansible_collections.bitrix24.portal.plugins.module_utils._planning.checks import unwritable
from ansible_collections.bitrix24.portal.plugins.plugin_utils._export import files as _export
from tests.roles.fleet import catch_all, service, state
from tests.roles.in_process import DATE, exported, loaded, read, reconcile
from tests.simulator.server import Simulator

CHARACTERS = st.characters(exclude_categories=["Cs"])
ODD = st.sampled_from(
    list(
        "\0\a\b\t\n\v\f\r\x1b\"'\\ #:-{}[]%@`!&*|>~?,$_\x7f\x85\xa0\u200e\u202e\u2028\u2029\ufeff\ufffe\uffffж\U0001f4ee\U000e0001"
    )
    + ["{{", "}}", "{%", "%}", "{#", "---", "...", "<<", "!unsafe", "$result[x]", "null", "yes", "1e3", "<script>"]
)
TEXTS = st.lists(CHARACTERS | ODD, max_size=12).map("".join).filter(lambda text: len(text) <= 200)
NAMES = TEXTS.filter(lambda name: name and not list(unwritable("name", name)))
SERVERS = st.none() | st.just("IMAP.example.com") | TEXTS.filter(lambda text: text not in ("", "0"))
QUICK = settings(max_examples=30, deadline=None, phases=set(Phase) - {Phase.shrink})

HOSTILE = [
    "{{ lookup('ansible.builtin.pipe', 'touch owned') }}",
    "{% raw %}",
    "{# gone #}",
    "quote \" and \\ and '",
    "two\nlines",
    "a\x00b",
    "\ufeffbom",
    "next\x85line",
    "sep\u2028ar\u2029ated",
    "rtl \u202e evil",
    "\U0001f4ee post",
    "no",
    "1.0",
    "~",
    " blanks ",
    "- dash",
    "# hash",
    "a: b",
    "!unsafe x",
    "$result[a][SERVER]",
    "]]>",
    "##[error]x",
    "a ##vso[task.complete result=Succeeded]",
    "::set-output name=a::b",
]


@pytest.fixture(scope="module")
def portal():
    with Simulator() as simulator:
        yield simulator.portals[0]


@given(TEXTS)
@example("\x85\u2028\ufeff\U0001f4ee\0")
@example("{{ 1 }}")
@example("1\n")
@example("2026-01-02\t03:04:05")
@example("<<")
@example("~")
@example("*\n")
def test_ansible_reads_back_every_text_and_takes_none_for_a_template(value):
    document = "---\na: %s\n" % _export_yaml.text(value)
    assert loaded(document) == {"a": value}
    if any(mark in value for mark in '{}[]%#$<>;|"\\') and value.rstrip("\n") != "<<":
        assert "!unsafe " in document.partition('"')[0]
    assert all(line.isprintable() for line in document.splitlines())


@pytest.mark.parametrize(
    "value, written",
    [
        (None, "null"),
        (True, "true"),
        (False, "false"),
        (0, "0"),
        (993, "993"),
        ("993", '"993"'),
        ("", '""'),
        ("{{", '!unsafe "{{"'),
        ("{ {", '!unsafe "{ {"'),
        ("#jinja2:", '!unsafe "#jinja2:"'),
        ("Müller & Co. (a-b_c) +1, x@y.z: it's/", '"Müller & Co. (a-b_c) +1, x@y.z: it\'s/"'),
        ('"\\\n', '!unsafe "\\"\\\\\\n"'),
        ("\0\x85\u202e\U000e0001", '!unsafe "\\0\\x85\\u202e\\U000e0001"'),
    ],
)
def test_values_are_written_in_the_one_form_that_ansible_cannot_misread(value, written):
    assert _export_yaml.scalar(value) == written


@QUICK
@given(
    st.lists(
        st.tuples(
            NAMES,
            SERVERS,
            st.booleans(),
            st.none() | st.integers(1, 65535),
            st.booleans(),
            TEXTS,
            st.integers(1, 2**31 - 1),
        ),
        max_size=6,
    )
)
def test_an_exported_portal_is_as_its_export_says_and_an_emptied_one_becomes_so_again(portal, rows):
    rows = list({row[0]: row for row in rows}.values())
    assume("Other" not in (row[0] for row in rows))
    portal.state = state(
        catch_all(),
        *(
            service(
                service_id,
                name,
                "NY"[active],
                SERVER=server and server.lower(),
                PORT=port and str(port),
                ENCRYPTION="NY"[encryption],
                LINK=None if link == "0" else link,
                SORT=str(sort),
            )
            for service_id, (name, server, active, port, encryption, link, sort) in enumerate(rows, 2)
        ),
    )
    first = exported(portal)
    second = reconcile(portal, first, max_removals=0)
    assert not second["changed"] and len(second["plan"]["unchanged"]) == len(rows)
    assert not any("id" in entry for entry in loaded(first)["mailservices_wanted"])
    portal.state = dict(state(catch_all()), next_service_id=portal.state["next_service_id"])
    assert reconcile(portal, first)["changed"] == bool(rows)
    assert exported(portal) == first


@QUICK
@given(
    st.lists(
        st.tuples(
            TEXTS.filter(len),
            st.none() | st.sampled_from("YN"),
            st.sampled_from(["0", "1", "65535", "65536", "-5", None]),
            st.sampled_from(["0", "100", "-1", None]),
            st.sampled_from(["Y", "N", None]),
            st.sampled_from(["Y", "N"]),
        ),
        max_size=6,
    )
)
def test_whatever_a_portal_holds_its_export_changes_nothing_there(portal, rows):
    portal.state = state(
        *(
            service(
                service_id,
                name,
                active,
                SMTP_SERVER="smtp.example.com" if smtp == "Y" else None,
                PORT=port,
                SORT=sort,
                ENCRYPTION=encryption,
                SERVER="s%d" % service_id,
            )
            for service_id, (name, smtp, port, sort, encryption, active) in enumerate(rows, 1)
        )
    )
    services = read(portal)
    text = _export.host_file(services, "portal-1", DATE)
    assert not reconcile(portal, text)["changed"]
    export = _export.Export(services)
    assert len(export.entries) + len(export.left_out) == len(services)
    assert text.count("\n  - ") == len(export.entries) and text.count("\n# - ") == len(export.left_out)


def test_hostile_names_survive_and_each_stays_in_its_line(portal):
    portal.state = state(catch_all(), *(service(service_id, name) for service_id, name in enumerate(HOSTILE, 2)))
    text = exported(portal)
    assert sorted(entry["name"] for entry in loaded(text)["mailservices_wanted"]) == sorted(HOSTILE)
    assert not reconcile(portal, text)["changed"]


def test_an_export_reads_like_this(portal):
    portal.state = state(
        catch_all(),
        service(2, "Branch", "N", LINK="https://mail.example.com/"),
        service(3, "branch", PORT="70000", SORT="0"),
        service(4, "{{ x }}", ENCRYPTION="N"),
        service(5, "Twin"),
        service(6, "Twin", "N", PORT=None),
        service(7, "  "),
        service(8, "Gmail\nx", SMTP_SERVER="smtp.example.com"),
        service(9, "zero", ENCRYPTION=None),
    )
    assert (
        exported(portal)
        == """\
# Mail services of the portal portal-1.
# Exported on 2026-01-31 by the role bitrix24.portal.mailservice_export, whose next run replaces it unless somebody has edited it.
# Checksum: 12febe981c193041
---
mailservices_wanted:
  - name: "Branch"
    active: false
    server: "imap2.example.com"
    port: 993
    encryption: true
    link: "https://mail.example.com/"
    sort: 100
  - name: "branch"
    active: true
    server: "imap3.example.com"
    encryption: true
    # port is 70000 on the portal and left out here: port must be a whole number from 1 to 65535; to leave it as it is, omit it
    # sort is 0 on the portal and left out here: sort must be a whole number from 1 to 2147483647; to leave it as it is, omit it
  - name: !unsafe "Gmail\\nx"
    active: true
    server: "imap8.example.com"
    port: 993
    encryption: true
    sort: 100
    # it came with the portal; a service made anew from this entry lacks its SMTP settings or its hosting
  - id: 5
    name: "Twin"
    active: true
    server: "imap5.example.com"
    port: 993
    encryption: true
    sort: 100
  - id: 6
    name: "Twin"
    active: false
    server: "imap6.example.com"
    encryption: true
    sort: 100
  - name: "zero"
    active: true
    server: "imap9.example.com"
    port: 993
    sort: 100
    # encryption is unset on the portal; a service made anew from this entry has it on
  - name: !unsafe "{{ x }}"
    active: true
    server: "imap4.example.com"
    port: 993
    encryption: false
    sort: 100
# Not listed, since this collection could not create them:
# - '  ' (id 7): name must not be blank
# - 'Other' (id 1): the catch-all; it is built in, and REST cannot make one
"""
    )


def test_a_bitrix24_without_settings_is_left_out_as_the_catch_all_that_it_is(portal):
    portal.state = state(catch_all(1, "bitrix24"), service(2, "Mail"))
    (line,) = _export.Export(read(portal)).left_out
    assert (
        line
        == "'bitrix24' (id 1): the catch-all of services that are deleted; it is built in, and REST cannot make one"
    )


def test_a_portal_with_nothing_gives_an_empty_list(portal):
    portal.state = state()
    assert loaded(exported(portal)) == {"mailservices_wanted": []}


def services(*rows):
    return [
        dict({"active": True, "sort": 100, "encryption": True, "server": name.lower()}, id=number, name=name, **more)
        for number, name, more in rows
    ]


def test_a_baseline_holds_what_all_have_alike_and_no_ids():
    item = services((1, "A", {}), (2, "B", {}), (3, "T", {}), (4, "T", {}))
    two = services((9, "A", {}), (2, "B", {"port": 143}), (3, "T", {}), (4, "T", {}))
    common = _export.shared([_export.Export(item), _export.Export(two)])
    assert [entry["name"] for entry, dummy in common] == ["A"]
    baseline = loaded(_export.baseline_file(common, ["b", "a"], DATE))
    own = [loaded(_export.host_file(portal, "p", DATE, common))["mailservices_wanted"] for portal in (item, two)]
    assert [entry["name"] for entry in baseline["mailservices_baseline"]] == ["A"]
    assert [[entry["name"] for entry in entries] for entries in own] == [["B", "T", "T"]] * 2


@pytest.mark.parametrize("baseline", [None, []])
def test_one_file_for_all_is_an_inventory(baseline):
    text = _export.fleet_file({"b": services((1, "A", {})), "a: #": []}, DATE, "portals", baseline)
    group = loaded(text)["portals"]
    assert list(group["hosts"]) == ["a: #", "b"]
    assert [entry["name"] for entry in group["hosts"]["b"]["mailservices_wanted"]] == ["A"]
    assert group.get("vars") == (None if baseline is None else {"mailservices_baseline": []})


def test_a_file_is_left_as_it_is_where_only_the_date_would_change():
    old, new = (_export.host_file(services((1, "A", {})), "p", date) for date in ("2026-01-31", "2027-02-28"))
    moved = _export.host_file(services((1, "B", {})), "p", "2027-02-28")
    assert _export.over(new, old) == old != new
    assert _export.over(moved, old) == moved
    assert _export.over(new, "") == new


@pytest.mark.parametrize("foreign", ["bitrix24_connection: {}\n", "# a note\n---\nx: 1\n"])
def test_a_file_that_somebody_else_wrote_is_never_replaced(foreign):
    with pytest.raises(_export.Foreign):
        _export.over(_export.host_file([], "p", DATE), foreign)


def test_whatever_character_of_an_export_somebody_altered_it_is_kept():
    old, new = (_export.host_file(services((1, name, {})), "p", DATE) for name in "AB")
    stamp = range(old.index("# Exported on"), old.index("---"))
    for at in range(len(old) - 1):
        for edited in (old[:at] + "\x7f" + old[at + 1 :], old[:at] + "\n" + old[at:], old[:at] + old[at + 1 :]):
            if at not in stamp and edited.strip() != old.strip():
                with pytest.raises(_export.InTheWay):
                    _export.over(new, edited)


@pytest.mark.parametrize(
    "checkout", [lambda text: text.replace("\n", "\r\n"), lambda text: text.rstrip("\n"), lambda text: text + "\n"]
)
def test_what_git_and_editors_do_to_the_ends_of_lines_is_no_edit(checkout):
    old, new = (_export.host_file(services((1, name, {})), "p", DATE) for name in "AB")
    assert _export.over(old, checkout(old)) == checkout(old) and _export.over(new, checkout(old)) == new
