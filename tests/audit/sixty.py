# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A fleet of 60 portals after an ordinary night, and one portal: what people look at, on a screen and on paper."""

from __future__ import annotations

from ansible_collections.bitrix24.portal.plugins.plugin_utils._report.formats import as_json
from tests.audit import fleet

CITIES = (
    "aachen augsburg bergen berlin bonn bremen chemnitz dortmund dresden duisburg erfurt essen frankfurt freiburg fulda "
    "gera graz halle hamburg hannover innsbruck jena karlsruhe kassel kiel koblenz krefeld leipzig linz luebeck "
    "magdeburg mainz malmo mannheim marburg muenchen muenster neuss nuernberg odense offenbach oldenburg oslo passau "
    "potsdam regensburg rostock saarbruecken salzburg schwerin siegen solingen stuttgart trier tromso ulm uppsala "
    "weimar wien zwickau"
).split()
MAIL = fleet.service(2, "Company mail", server="imap.example.com", link="https://mail.example.com/")
ARCHIVE = fleet.service(3, "Archive", server="archive.example.com", link="https://archive.example.com/")
BRANCH = fleet.service(4, "Branch post", server="branch.example.com", link="https://post.example.com/")
DESIRED = [fleet.entry(item) for item in (MAIL, ARCHIVE, BRANCH)]
YAHOO = fleet.service(5, "yahoo", server="imap.mail.yahoo.com", link="https://mail.yahoo.com/")


def portal(city, services, **more):
    return fleet.portal(DESIRED, [fleet.catch_all(), *services], f"{city}.example.com", f"{city}.example.com", **more)


def portals():
    """Of 60, eight drifted alike, five each in its own way, two are down, one refuses its webhook."""
    names = iter(CITIES)
    wrong = dict(MAIL, server="imap.old.example.com", port=143, encryption=False)
    made = [portal(next(names), [wrong, ARCHIVE, BRANCH]) for dummy in range(8)]
    made += [portal(next(names), [MAIL, ARCHIVE, BRANCH, YAHOO]) for dummy in range(3)]
    made.append(portal(next(names), [MAIL, ARCHIVE, dict(BRANCH, name="Branch mail", id=9)]))
    made.append(portal(next(names), [MAIL, BRANCH], webhook_expires="2026-11-30"))
    made += [fleet.down(next(names)) for dummy in range(2)]
    made.append(fleet.refusing(next(names)))
    made += [portal(next(names), [MAIL, ARCHIVE, BRANCH], surplus_scopes=["crm"]) for dummy in range(3)]
    return made + [portal(name, [MAIL, ARCHIVE, BRANCH], webhook_expires="2027-06-30") for name in names]


def sixty():
    """With what is new since the night before, when half of it was there."""
    made = portals()
    calm = [portal(city, [MAIL, ARCHIVE, BRANCH]) for city in CITIES[:6]]
    before = as_json(fleet.report(*calm, *made[6:], time="2026-11-21T03:00:00Z"))
    return fleet.report(*made, time="2026-11-22T03:00:00Z", previous=before, inventory=["inventory.yml"])


def one():
    item = fleet.drifted("north.example.com", 12)
    return fleet.report(item, exceptions=fleet.EXCEPTIONS, time="2026-11-22T03:00:00Z", inventory=["inventory.yml"])
