# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""plan.md: what is dangerous first, what many portals share once, nothing that means anything in Markdown, and room."""

from __future__ import annotations

import re

import pytest

from ansible_collections.bitrix24.portal.plugins.plugin_utils._fleet.comment import comment
from ansible_collections.bitrix24.portal.plugins.plugin_utils._markdown import size
from tests.github import rendered
from tests.roles.fleet import catch_all, service, state
from tests.roles.plans import DOWN, EMPTY, artifact, deciding, moving, planned, removing
from tests.simulator.server import Simulator

HOSTILE = "````\n</details> @all <img src=x> [a](http://x.example) #1 www.x.example !x](y) |"


@pytest.fixture(scope="module")
def portal():
    with Simulator() as simulator:
        yield simulator.portals[0]


def creating(name, *cautions):
    changes = {"server": {"before": None, "after": "imap.example.com"}}
    plan = dict(EMPTY, creations=[{"name": name, "id": None, "changes": changes}])
    return deciding(plan, cautions=cautions)


def warnings(text):
    """What a reader sees of the dangers before the first plan."""
    return [line for line in text.partition("<details>")[0].splitlines() if line.startswith(("⛔", "⚠"))]


def test_the_whole_comment_reads_like_this():
    near = "'New' is to be created, and 'Newer' has the same server: renamed? then previous_names, or else both will be there"
    made = artifact(
        a=creating("New", near),
        b=removing(2, [moving("yahoo", "Other")]),
        c=creating("New", near),
        d=DOWN,
        e=deciding(),
        f=DOWN,
    )
    assert comment(made).splitlines() == [
        "### Mail services: 2 to create, 0 to change, 0 to switch off, 2 to DELETE on 3 of 6 portals; "
        "2 could not be planned",
        "",
        '⛔ No way back: mailboxes of "yahoo" move to "Other" (`b`)',
        "",
        "How many mailboxes are concerned cannot be known over REST.",
        "",
        f"⚠ `{near}` (`a`, `c`)",
        "",
        "**2 could not be planned: nothing will be done there.**",
        "",
        "- `d`, `f`: down",
        "",
        "<details><summary><code>b</code>: 2 to DELETE</summary>",
        "",
        "```text",
        "  ! DELETE '0' (id 0)",
        "  ! DELETE '1' (id 1)",
        "      ⛔ No way back: …",
        "```",
        "",
        "</details>",
        "<details><summary>the same on 2 portals: <code>a</code>, <code>c</code>: 1 to create</summary>",
        "",
        "```text",
        "  + create 'New': server 'imap.example.com'",
        f"  ⚠ {near}",
        "```",
        "",
        "</details>",
        "",
        "Nothing to do on 1 portal: `e`.",
        "",
        f"2 to be switched off or deleted in all. Digest to approve: `{made['digest']}`",
    ]


def test_the_same_plan_on_many_portals_stands_there_once_whatever_the_ids(portal):
    results = {}
    for number in range(8):
        portal.state = state(catch_all(), service(2 + number, "Company"))
        results[f"p{number}"] = planned(portal, {"name": "Company", "port": 143})
    portal.state = state(catch_all(), service(2, "Company"))
    results["other"] = planned(portal, {"name": "Company", "port": 144})
    text = comment(artifact(**results))
    assert text.count("<details>") == 2 and text.count("port 993 to 143") == 1
    assert "<summary>the same on 8 portals: <code>p0</code>, " in text and "and 3 more: 1 to change</summary>" in text
    assert "On `p0`, `p1`, `p2`, `p3`, `p4`, `p5`, `p6`, `p7`." in text
    assert "'Company' (id 2): port 993 to 144" in text


@pytest.mark.parametrize("place", ["service", "portal", "error", "target", "caution", "quiet"])
def test_names_of_others_stay_text(place):
    hostile = {place: HOSTILE}
    results = {
        hostile.get("portal", "a"): deciding(
            dict(EMPTY, deletions=[{"name": hostile.get("service", "x"), "id": 1, "changes": {}}]),
            [moving(hostile.get("service", "x"), hostile.get("target", "y"))],
            [hostile.get("caution", "z")],
        ),
        "b": {"msg": hostile.get("error", "down")},
        hostile.get("quiet", "c"): deciding(),
    }
    plain = comment(artifact(**{"a": removing(1, [moving("x", "y")]), "b": DOWN, "c": deciding()}))
    html = rendered(comment(artifact(**results)))
    assert "<a " not in html and "<img" not in html
    assert html.count("<details>") == html.count("</details>") == rendered(plain).count("<details>")
    outside = re.sub(r"<code.*?</code>|<pre.*?</pre>", "", html, flags=re.DOTALL)
    assert "@all" not in outside and "www." not in outside


def test_the_comment_begins_with_what_has_no_way_back_in_short_and_outside_any_block(portal):
    portal.state = state(catch_all(), service(2, "yahoo"), service(3, "gone"))
    switched_off = planned(portal, {"name": "yahoo", "active": False})
    both = planned(portal, {"name": "yahoo", "active": False}, {"name": "gone", "port": 143})
    text = comment(artifact(a=switched_off, b=both, c=DOWN))
    assert text.splitlines()[2] == '⛔ No way back: mailboxes of "yahoo" move to "Other" (`a`, `b`)'
    assert len(warnings(text)) == 1


def test_a_near_match_stands_at_the_top_with_its_portals(portal):
    portal.state = state(catch_all(), service(2, "Branch post", SERVER="branch.example.com"))
    near = planned(portal, {"name": "Branch", "server": "branch.example.com", "port": 993})
    (warning,) = warnings(comment(artifact(a=near, b=near)))
    assert warning.startswith("⚠ ") and "'Branch post' has the same server and port" in warning
    assert warning.endswith("(`a`, `b`)")


def test_what_holds_for_all_effects_stands_once(portal):
    portal.state = state(catch_all(), service(2, "yahoo"), service(3, "gone"))
    results = {
        name: planned(portal, {"name": "yahoo", "active": False}, {"name": "gone", "state": "absent"}) for name in "ab"
    }
    assert comment(artifact(**results)).count("cannot be known") == 1
    assert "cannot be known" not in comment(artifact(quiet=planned(portal, {"name": "yahoo"})))


@pytest.mark.parametrize(
    "effect, warning",
    [
        (moving("[a](http://x) @all", "www.x.org"), "mailboxes of `[a](http://x) @all` move to `www.x.org` (`p`)"),
        (moving("a`b\n", "Почта 2"), 'mailboxes of ``a`b\\n`` move to "Почта 2" (`p`)'),
        (moving("a", None, "cut_loose"), 'mailboxes of "a" are switched off and left without a service (`p`)'),
        (moving("a", None, "updated"), 'mailboxes of "a" get values that cannot be unset again (`p`)'),
    ],
)
def test_a_warning_says_what_becomes_of_the_mailboxes(effect, warning):
    assert warnings(comment(artifact(p=removing(1, [effect])))) == ["⛔ No way back: " + warning]


def test_a_warning_names_few_of_many_portals():
    results = {f"p{number}": removing(1, [moving("a", "b")]) for number in range(7)}
    (warning,) = warnings(comment(artifact(**results)))
    assert warning.endswith("(`p0`, `p1`, `p2`, `p3`, `p4` and 2 more)")


def test_a_fleet_of_any_size_fits_a_comment_and_what_is_left_out_is_said():
    results = {
        f"portal-{number:04}.example.com": creating(f"Service of {number} " + "ж" * 200) for number in range(3000)
    }
    results.update({f"quiet-{number:04}.example.com": deciding() for number in range(3000)})
    results["down"] = DOWN
    results["danger"] = removing(1, [moving("yahoo", "Other")])
    text = comment(artifact(**results))
    assert size(text) < 65536 and len(text.encode()) < 1024 * 1024
    assert "⛔ No way back" in text and "- `down`: down" in text and "Digest to approve" in text
    assert re.search(r"\*\d+ more plans: left out here for want of room; plan.json has them\.\*", text)
    assert "Nothing to do on 3000 portals.\n" in text and text.count("<details>") == text.count("</details>")


def test_what_is_dangerous_is_left_out_last():
    results = {f"p{number}": removing(1, [moving(f"a{number}", "b" * 50)]) for number in range(900)}
    short = comment(artifact(**results), most=20000)
    assert len(short) <= 20000 and short.count("⛔ No way back") > 50 and "<details>" not in short
    assert re.search(r"\d+ more warnings of what has no way back: left out here", short)
