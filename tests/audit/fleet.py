# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Portals to audit, made without a portal: what the modules would have returned, and the reports of it."""

from __future__ import annotations

from ansible_collections.bitrix24.portal.plugins.module_utils._audit.audit import (
    audited,
    unauthorised,
    unreachable,
    unread,
)
from ansible_collections.bitrix24.portal.plugins.module_utils._planning.model import FIELDS
from ansible_collections.bitrix24.portal.plugins.plugin_utils._report.report import make_report

NOON = "2026-11-22T12:00:00Z"
HOSTILE = {
    "markup": "<script>document.title='owned'</script>",
    "attribute": "\" onmouseover=\"alert(1)' autofocus x='",
    "template": "{{ 7 * 7 }}{% for x in y %}{# no #}",
    "right to left": "mail\u202egpj.exe\u2066",
    "control characters": "\x1b[31mred\x1b[0m\x00\x07\x9b2J",
    "new lines": "one\r\ntwo\u2028three",
    "half a surrogate": "\ud83d alone",
    "markdown": "| a | `b` ``c`` [d](https://e.example.com) @everyone ![f](g) \\| # h",
    "entities": "&lt;b&gt; &amp; ]]> --> <!--",
    "substitution": "$result[a][NAME]",
}


def service(service_id, name, **more):
    """A service as mailservice_info returns it."""
    return dict(
        dict.fromkeys(FIELDS),
        **dict(
            dict(
                id=service_id,
                site_id="s1",
                active=True,
                sort=100,
                name=name,
                server="imap%d.example.com" % service_id,
                port=993,
                encryption=True,
                link="https://mail%d.example.com/" % service_id,
                smtp_login_as_imap=False,
                smtp_password_as_imap=False,
            ),
            **more,
        ),
    )


def catch_all(service_id=1, name="Other"):
    return service(service_id, name, server=None, port=None, encryption=None, link=None)


def entry(of, **more):
    """An entry of the wanted set that asks for a service as it is."""
    return dict(
        {
            field: of[field]
            for field in ("name", "server", "port", "encryption", "link", "sort")
            if of[field] is not None
        },
        **more,
    )


def identity(host="portal.example.com", **more):
    """What portal_info returns for an administrator's webhook with the one scope that is needed."""
    return dict(
        dict(
            verdict="User 1 of %s is an administrator, and can read and write mail services." % host,
            host=host,
            kind="webhook",
            user={"id": 1, "admin": True},
            scopes=["mailservice"],
            missing_scopes=[],
            surplus_scopes=[],
            can_read=True,
            can_write=True,
            server_time=NOON,
            clock_difference=0.0,
            error=None,
            advice=None,
        ),
        **more,
    )


def portal(desired, services, name="portal", host=None, protect=(), webhook_expires=None, servers=None, **more):
    """The part of a portal, as mailservice_audit returns it, and its name."""
    me = identity(host or name + ".example.com", **more)
    return dict(audited(me, desired, services, protect, (), webhook_expires, servers), name=name)


def server(
    of, verdict="ok", reason="IMAP over TLS 1.3, certificate good for 80 days", code=None, more=(), expires=None
):
    """What was seen of the server of a service."""
    return dict(
        endpoint=f"{of['server']}:{of['port']}",
        protocol="imap",
        server=of["server"],
        port=of["port"],
        encryption=of["encryption"],
        verdict=verdict,
        reason=reason,
        code=code or verdict,
        more=list(more),
        certificate_expires=expires,
        seen_from="ansible.example.com",
        services=[of["name"]],
        ids=[of["id"]],
    )


def report(*portals, **settings):
    parts = {portal["name"]: portal for portal in portals}
    return make_report(parts, settings.pop("time", NOON), **settings)


def in_order(name, number=50):
    services = [catch_all()] + [service(at, "Mail %02d" % at) for at in range(2, number + 1)]
    return portal([entry(item) for item in services[1:]], services, name)


def drifted(name, number=50):
    """A portal with one of each kind of drift; its wanted set is that of in_order()."""
    services = [service(at, "Mail %02d" % at) for at in range(2, number + 1)]
    desired = [entry(item) for item in services]
    services[0] = dict(services[0], server="imap.old.example.com", port=143, encryption=False)
    services[1] = dict(services[1], name="Mail of the branch")
    services[2] = dict(services[2], active=False)
    desired[2]["active"] = True
    del services[3]
    services.append(service(number + 1, "Somebody's own mail"))
    services.append(service(number + 2, "Mail 07", server="imap.twin.example.com"))
    services.append(service(number + 3, "Old hosting", smtp_server="smtp.example.com", smtp_port=465))
    return portal(desired, services, name, surplus_scopes=["crm", "user"], webhook_expires="2026-11-30")


def down(name):
    advice = "Check the address and port, the network, and the proxy variables of the environment."
    msg = "batch on %s.example.com: connection failed: connection refused. %s" % (name, advice)
    return dict(unread(unreachable({"error": "connection_failed", "advice": advice, "msg": msg})), name=name)


def refusing(name):
    advice = "The webhook is wrong, has expired, was issued anew when an administrator edited it, or its owner was dismissed."
    me = identity(
        name + ".example.com",
        user=None,
        can_read=False,
        can_write=False,
        error="INVALID_CREDENTIALS",
        advice=advice,
        verdict="%s.example.com does not take these credentials (INVALID_CREDENTIALS). %s" % (name, advice),
    )
    return dict(unread(unauthorised(me), me), name=name)


def hostile_portal(name="hostile"):
    """Every service is called something that no format may take for anything but text."""
    services = [catch_all()] + [service(at, text, link=text) for at, text in enumerate(HOSTILE.values(), 2)]
    desired = [entry(item, id=item["id"], port=143, link="https://mail.example.com/") for item in services[1:-1]]
    return portal(desired, services, name)


def with_a_dead_server(name):
    mail = service(2, "Mail")
    dead = server(mail, "failed", "port 993 refuses connections", "refused")
    return portal([entry(mail)], [catch_all(), mail], name, servers=[dead])


def with_servers():
    """Two portals whose servers were looked at: all well on one; on the other one each of what can be, in hostile words."""
    services = [catch_all()] + [service(at, f"Mail {at}") for at in range(2, 6)]
    wanted = [entry(item) for item in services[1:]]
    hostile = dict(
        verdict="failed", code="wrong_protocol", reason=f"port 993 does not speak IMAP: '{HOSTILE['markup']}'"
    )
    soon = dict(verdict="warning", code="certificate_expires", reason="certificate expires in 9 days (2026-12-01)")
    seen = [
        server(services[1], **hostile),
        server(services[2], **soon, more=["the greeting took 4 seconds"], expires="2026-12-01T12:00:00Z"),
        server(services[3]),
    ]
    return report(
        portal(wanted, services, "mixed", servers=seen),
        portal(wanted, services, "well", servers=[server(item) for item in services[1:]]),
    )


EXCEPTIONS = [
    {
        "portal": "drifted-0",
        "service": "Somebody's*",
        "reason": "Being moved to the new server, see the change plan",
        "until": "2026-12-31",
    },
    {
        "portal": "*",
        "service": "Mail 02",
        "field": "encryption",
        "reason": "The old server speaks no TLS",
        "until": "2027-03-31",
    },
    {"portal": "gone", "kind": "unreachable", "reason": "Closed", "until": "2026-01-31"},
]


def a_fleet(portals=100, services=50, **settings):
    """A fleet of which most is in order, two portals have drifted, one is down and one refuses the webhook."""
    some = [drifted("drifted-%d" % at, services) for at in range(2)] + [down("down"), refusing("refusing")]
    some.extend(in_order("portal-%d" % at, services) for at in range(len(some), portals))
    return report(*some[:portals], **dict(dict(exceptions=EXCEPTIONS), **settings))
