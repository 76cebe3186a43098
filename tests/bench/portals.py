# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The portals of the benchmarks: what they hold, what is wanted of them, and whether a run did its work."""

from __future__ import annotations

import json

NEXT_ID = 1000


def desired(count):
    """What the playbooks and the script are told to bring about, in the collection's form."""
    return [
        {
            "name": f"Provider {number}",
            "server": f"imap.provider{number}.example.com",
            "port": 993,
            "encryption": True,
            "link": f"https://mail.provider{number}.example.com/",
            "sort": 100 + number,
        }
        for number in range(count)
    ]


def rows(services):
    """The same in the portal's form, for those who have to speak it."""
    return [
        {
            "NAME": service["name"],
            "SERVER": service["server"],
            "PORT": str(service["port"]),
            "ENCRYPTION": "Y",
            "LINK": service["link"],
            "SORT": str(service["sort"]),
        }
        for service in services
    ]


def state(services, drifted):
    """A portal with these services, the first of them with another port than is wanted."""
    stored = [dict(row, ID=str(number), SITE_ID="s1", ACTIVE="Y") for number, row in enumerate(rows(services), 1)]
    for row in stored[:drifted]:
        row["PORT"] = "143"
    return {"next_service_id": NEXT_ID, "services": stored, "mailboxes": [], "files": []}


def variables(portal, services, ca_file):
    """What every competitor gets: a file of variables."""
    return json.dumps({"webhook": portal.webhook(), "ca": ca_file, "services": services, "rows": rows(services)})


def check(portal, services, requests):
    """Fail unless the portal is as wanted and received this many requests. Returns how many."""
    assert len(portal.requests) == requests, f"{len(portal.requests)} requests were received where {requests} were due"
    due = {row["NAME"]: row for row in rows(services)}
    stored = {row["NAME"]: {key: row[key] for key in due[row["NAME"]]} for row in portal.state["services"]}
    assert stored == due, "the portal is not as wanted"
    return requests
