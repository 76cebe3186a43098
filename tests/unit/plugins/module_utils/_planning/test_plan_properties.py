# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What holds for every plan: checked on a model of the portal, with entries and services that hypothesis makes up.

HYPOTHESIS_EXAMPLES=5000 makes more of it, and other ones each time.
"""

from __future__ import annotations

import os

from hypothesis import assume, event, given, settings
from hypothesis import strategies as st

from ansible_collections.bitrix24.portal.plugins.module_utils._mailservice.result import Decision, Planned
from ansible_collections.bitrix24.portal.plugins.module_utils._planning.checks import read_entries
from ansible_collections.bitrix24.portal.plugins.module_utils._planning.limits import Limits
from ansible_collections.bitrix24.portal.plugins.module_utils._planning.plan import make_plan
from tests.unit.plugins.module_utils.model import ModelPortal, row

MANY = os.environ.get("HYPOTHESIS_EXAMPLES")
thorough = settings(max_examples=int(MANY or 60), deadline=None, database=None, derandomize=not MANY)

NAMES = ["A", "B", "C", "a", "Partner 1", "bitrix24", " x", "0"]
SERVERS = st.sampled_from([None, "imap.a", "imap.b"])
PORTS = st.sampled_from([None, 1, 993, 70000])
LINKS = st.sampled_from([None, "l", "m"])
FREE = dict(max_removals=-1, allow_empty=True, allow_catch_all_change=True, allow_builtin_delete=True)

ordinary = st.builds(
    dict,
    name=st.sampled_from(NAMES),
    active=st.booleans(),
    server=SERVERS,
    port=PORTS,
    encryption=st.sampled_from([None, True, False]),
    link=LINKS,
    sort=st.integers(0, 3),
    smtp=st.sampled_from([None, None, None, "smtp"]),
)
catch_all = st.builds(dict, name=st.sampled_from(["Other", "A", "bitrix24"]), encryption=st.none())
rows = st.lists(st.one_of(ordinary, ordinary, catch_all), max_size=7).map(
    lambda found: [row(service_id * 2, **columns) for service_id, columns in enumerate(found, 1)]
)


@st.composite
def entries(draw, services):
    """Entries of which most can be brought about."""
    found, named, claimed = [], set(), set()
    for dummy in range(draw(st.integers(0, 5))):
        entry = draw(
            st.fixed_dictionaries(
                {},
                optional=dict(
                    active=st.booleans(),
                    server=st.sampled_from(["imap.a", "IMAP.B", "imap.c"]),
                    port=st.sampled_from([1, 993]),
                    encryption=st.booleans(),
                    link=st.sampled_from(["l", "n"]),
                    sort=st.integers(1, 3),
                    state=st.sampled_from(["present", "present", "absent"]),
                ),
            )
        )
        service = draw(st.sampled_from(services)) if services else None
        how = (
            draw(st.sampled_from(["id", "id and name", "its name", "new name", "previous"])) if service else "new name"
        )
        name = service["NAME"] if how == "its name" else draw(st.sampled_from(["N1", "N2", "N3"]))
        if how != "new name" and (service["ID"] in claimed or how == "its name" and service["NAME"] in named):
            continue
        if how != "id" and name in named:
            continue
        if how in ("id", "id and name"):
            entry["id"] = int(service["ID"])
        if how == "previous":
            entry["previous_names"] = [service["NAME"]]
        if how != "id" and not (how == "id and name" and entry.get("state") == "absent"):
            entry["name"] = name
        if how != "new name":
            claimed.add(service["ID"])
        named.add(entry.get("name"))
        found.append(entry)
    return found


@st.composite
def situations(draw):
    current_state = draw(rows)
    return (
        ModelPortal(current_state),
        draw(entries(current_state)),
        draw(st.sampled_from(["none", "deactivate", "delete"])),
    )


def plan_for(given_entries, model, **limits):
    """The plan, or None where it is refused."""
    desired, problems = read_entries(given_entries)
    assume(not problems)
    plan = make_plan(desired, model.current_state(), Limits(**limits))
    if plan.problems:
        event("refused")
        return desired, None
    return desired, plan


@thorough
@given(situations())
def test_carrying_a_plan_out_and_planning_again_gives_an_empty_plan(situation):
    model, desired, purge = situation
    plan = plan_for(desired, model, purge=purge, **FREE)[1]
    if plan is None:
        return
    event("changes: %d" % len(plan.changes))
    model.carry_out(plan)
    second = [
        {key: value for key, value in entry.items() if key != "previous_names"}
        if entry.get("state") != "absent"
        else entry
        for entry in desired
    ]
    assert plan_for(second, model, purge=purge, **FREE)[1].changes == []


@thorough
@given(
    situations(),
    st.lists(st.sampled_from(["A", "Partner*", "*x", "*"]), max_size=1),
    st.lists(st.integers(1, 14), max_size=2),
)
def test_a_purge_never_touches_what_is_protected(situation, protect, protect_ids):
    model, desired, purge = situation
    before = model.services
    plan = plan_for(desired, model, purge=purge, protect=protect, protect_ids=protect_ids, **FREE)[1]
    if plan is None:
        return
    named = {service.id for dummy, service in plan.by_entry if service is not None}
    model.carry_out(plan)
    for service_id, service in before.items():
        protected = (
            service.is_catch_all
            or service.name == "bitrix24"
            or service_id in protect_ids
            or "*" in protect
            or service.name in protect
            or "Partner*" in protect
            and service.name.startswith("Partner")
            or "*x" in protect
            and service.name.endswith("x")
        )
        if service_id not in named and (protected or purge == "none"):
            assert model.services.get(service_id) == service


@thorough
@given(situations(), st.randoms(use_true_random=False))
def test_the_order_of_entries_does_not_matter(situation, random):
    model, desired, purge = situation
    plan = plan_for(desired, model, purge=purge, **FREE)[1]
    shuffled = random.sample(desired, len(desired))
    other = plan_for(shuffled, model, purge=purge, **FREE)[1]
    assert (plan is None) == (other is None)
    if plan is not None:
        assert (
            plan.to_user() == other.to_user()
            and plan.effects == other.effects
            and plan.digest("h") == other.digest("h")
        )
        assert [change.to_user() for change in plan.changes] == [change.to_user() for change in other.changes]


@thorough
@given(rows, st.sampled_from(["none", "deactivate", "delete"]))
def test_what_was_returned_can_be_given_back_as_it_is(current_state, purge):
    model = ModelPortal(current_state)
    plan = plan_for(
        [service.to_user() for service in model.current_state().services], model, purge=purge, allow_empty=True
    )[1]
    assert (plan.changes, plan.warnings, len(plan.unchanged)) == ([], [], len(current_state))


@thorough
@given(situations())
def test_what_a_run_returned_can_be_given_back_as_it_is(situation):
    model, desired, dummy = situation
    plan = plan_for(desired, model, **FREE)[1]
    if plan is None:
        return
    touched = set(model.carry_out(plan).values())
    returned = [
        service.to_user() for service_id, service in model.services.items() if service.active or service_id in touched
    ]
    assert plan_for(returned, model)[1].changes == []


@thorough
@given(situations())
def test_check_mode_predicts_exactly_what_is_then_done(situation):
    model, given_entries, purge = situation
    desired, plan = plan_for(given_entries, model, purge=purge, **FREE)
    if plan is None:
        return
    foretold = Planned(Decision(desired, model.current_state(), plan, "host", {}))
    created = {model.next_id + place: None for place in range(len(given_entries))}
    touched = set(model.carry_out(plan).values())

    def as_foretold(service):
        # The site, and whether SMTP takes the login, the portal chooses for a new service.
        shown = dict(service.to_user(), id=created.get(service.id, service.id))
        return dict(
            shown, **({} if shown["id"] else dict.fromkeys(("site_id", "smtp_login_as_imap", "smtp_password_as_imap")))
        )

    done = [
        as_foretold(service)
        for service_id, service in model.services.items()
        if service.active or service_id in touched
    ]
    assert sorted(map(str, foretold.mailservices())) == sorted(map(str, done))


@thorough
@given(situations())
def test_effects_foretold_are_those_that_mailboxes_see(situation):
    model, desired, purge = situation
    plan = plan_for(desired, model, purge=purge, **FREE)[1]
    if plan is None:
        return
    model.carry_out(plan)
    foretold = [(effect["service"], effect["id"], effect["action"], effect["to"]) for effect in plan.effects]
    # A mailbox that is not there any more, as it moved in an earlier change, cannot see a later one.
    seen = set().union(*model.seen)
    assert set(foretold) == seen and len(foretold) == len(seen)
    for effect in foretold:
        event(effect[2])


@thorough
@given(situations())
def test_there_is_no_moment_with_fewer_providers_than_before_and_after(situation):
    model, desired, purge = situation
    plan = plan_for(desired, model, purge=purge, **FREE)[1]
    if plan is None:
        return
    model.carry_out(plan)
    assert min(model.active_counts) == min(model.active_counts[0], model.active_counts[-1])


@thorough
@given(situations(), st.integers(-1, 2), st.booleans(), st.booleans(), st.booleans())
def test_no_plan_gets_past_a_guard(situation, max_removals, allow_empty, allow_catch_all_change, allow_builtin_delete):
    model, desired, purge = situation
    before = model.services
    plan = plan_for(
        desired,
        model,
        purge=purge,
        max_removals=max_removals,
        allow_empty=allow_empty,
        allow_catch_all_change=allow_catch_all_change,
        allow_builtin_delete=allow_builtin_delete,
    )[1]
    if plan is None:
        return
    model.carry_out(plan)
    after = model.services
    removed = [
        service
        for service_id, service in before.items()
        if service_id not in after or service.active and not after[service_id].active
    ]
    assert max_removals < 0 or len(removed) <= max_removals
    assert allow_catch_all_change or all(
        after[service_id].is_catch_all for service_id, service in before.items() if service.is_catch_all
    )
    assert allow_builtin_delete or all(
        service_id in after
        for service_id, service in before.items()
        if service.name == "bitrix24" or service.smtp_server
    )
    assert allow_empty or purge == "none" or any(entry.get("state") != "absent" for entry in desired)
    new = {
        (service.server, service.port)
        for service_id, service in after.items()
        if service_id not in before and service.server
    }
    assert not new & {(service.server, service.port) for service in removed}


@thorough
@given(situations(), situations(), st.sampled_from(["h", "i"]))
def test_the_digest_changes_if_and_only_if_plan_effects_or_host_change(item, other, host):
    plans = [plan_for(desired, model, purge=purge, **FREE)[1] for model, desired, purge in (item, other)]
    if None in plans:
        return
    same = host == "h" and plans[0].to_user() == plans[1].to_user() and plans[0].effects == plans[1].effects
    event("same" if same else "different")
    assert (plans[0].digest("h") == plans[1].digest(host)) is same


@thorough
@given(situations())
def test_an_update_holds_only_what_differs_and_every_service_is_changed_once(situation):
    model, desired, purge = situation
    plan = plan_for(desired, model, purge=purge, **FREE)[1]
    if plan is None:
        return
    touched = [change.id for change in plan.changes if change.id is not None]
    assert len(set(touched)) == len(touched)
    for change in plan.changes:
        assert all(before != after for before, after in change.fields.values())
        assert change.fields or change.after is None
