# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A portal as companies have them: six mail services, the catch-all, and the mailboxes that employees connected."""

from __future__ import annotations


def _service(service_id, name, server=None, port=None, link=None, **more):
    encryption = "Y" if server else None
    return dict(
        {"ID": str(service_id), "SITE_ID": "s1", "ACTIVE": "Y", "NAME": name, "SERVER": server},
        PORT=port,
        ENCRYPTION=encryption,
        LINK=link,
        **more,
    )


def _mailbox(mailbox_id, service):
    # Who chooses the catch-all types the server in; the portal keeps no mailbox without one.
    typed = {"SERVER": "imap.home.example.net", "PORT": "993"}
    kept = {key: service[key] or typed.get(key) for key in ("NAME", "SERVER", "PORT", "LINK")}
    return dict(
        kept, ID=str(mailbox_id), LID="s1", ACTIVE="Y", SERVICE_ID=service["ID"], USE_TLS="Y", SERVER_TYPE="imap"
    )


SERVICES = [
    _service(
        1,
        "gmail",
        "imap.gmail.com",
        "993",
        "https://mail.google.com/",
        SMTP_SERVER="smtp.gmail.com",
        SMTP_PORT="465",
        SMTP_ENCRYPTION="Y",
    ),
    _service(2, "office365", "outlook.office365.com", "993", "https://outlook.office.com/"),
    _service(3, "yahoo", "imap.mail.yahoo.com", "993", "https://mail.yahoo.com/"),
    _service(4, "Old company mail", "imap.example.com", "993", "https://mail.example.com/"),
    _service(5, "Branch mail", "imap.branch.example.com", "143"),
    _service(6, "Trade fair 2019", "imap.fair.example.com", "993"),
    _service(7, "other", SORT="1000"),
]

MAILBOXES = [_mailbox(mailbox_id, SERVICES[at]) for mailbox_id, at in enumerate((3, 3, 2, 4, 6), 1)]

STATE = {"next_service_id": 8, "services": SERVICES, "mailboxes": MAILBOXES, "files": []}
