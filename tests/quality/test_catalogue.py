# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The catalogue of providers is what its page shows, and agrees with what others keep."""

from __future__ import annotations

import http.server
import json
import re
import threading
import urllib.parse

import pytest

from tests.conftest import ROOT
from tests.quality import catalogue, help_pages

PRESETS = catalogue.load()
NPM = ROOT / ".cache" / "npm" / "node_modules"

ANOTHER_SMTP = {
    "gmx.net": "theirs is the one of gmx.com, for all of GMX",
    "bol.com.br": "theirs is the older name",
}
ANOTHER_LINK = {
    "outlook.com": "theirs is the one for companies too",
    "yahoo": "theirs leads to the page to sign in, and from there to the same",
    "yandex": "theirs is the one in English",
    "mail.ru": "theirs is the provider's first page",
    "163.com": "theirs is one for all of NetEase",
}
SAME_PROVIDER = {
    "office365": "ms365b",
    "exchangeOnline": "ms365b",
    "ionos.com": "ionos",
    "one.com": "onecom",
    "godaddy.com": "godadd",
    "rackspace.com": "racksp",
    "privateemail.com": "namech",
    "migadu.com": "migadu",
}
"""Of providers for a company's own domain, of which no address tells, what email-provider-links calls them."""

SAME_SMTP = {
    "office365": "Outlook365",
    "exchangeOnline": "Outlook365",
    "one.com": "One",
    "godaddy.com": "Godaddy",
    "163.com": "163",
    "126.com": "126",
    "naver.com": "Naver",
    "zoho.com": "Zoho",
    "mail.ru": "Mail.ru",
    "qiye.aliyun.com": "AliyunQiye",
}
"""Of those for which nodemailer keeps no domain, what it calls them."""


def kept(package, path):
    file = NPM / package / path
    if not file.exists():
        pytest.skip("The catalogue is compared with packages of npm: install nodejs and npm, then run make test-setup.")
    return json.loads(file.read_text())


def overlapping(theirs, same):
    """{preset: what they keep of the provider}, by a domain of its addresses, or by name."""
    by_domain = {domain: one for one in theirs.values() for domain in one.get("domains") or ()}
    for key, preset in PRESETS.items():
        found = theirs.get(same.get(key)) or next(
            (by_domain[domain] for domain in (*preset.get("domains", ()), key) if domain in by_domain), None
        )
        if found is not None:
            yield key, found


def test_the_page_shows_the_table_of_the_file():
    page = catalogue.PAGE.read_text()
    assert page == catalogue.with_table(page, PRESETS), "run python -m tests.quality.catalogue"


def test_the_page_says_how_many_there_are_and_what_they_have_in_common():
    page = catalogue.PAGE.read_text()
    assert f"the settings of {len(PRESETS)} mail providers" in page and "IMAP on port 993, encrypted" in page
    assert {(preset["port"], preset["encryption"]) for preset in PRESETS.values()} == {(993, True)}


PAGES = {
    "names both": ("<b>imap.example.com</b>, SMTP.example.com", "names imap.example.com and smtp.example.com"),
    "names one": ("imap.example.com", "names imap.example.com"),
    "names none": ("Welcome", "names neither server"),
    "is gone": (None, "could not be read: HTTP 404"),
}


@pytest.mark.parametrize("page, said", PAGES.values(), ids=PAGES)
def test_of_a_help_page_it_is_told_which_servers_it_names(page, said):
    class Provider(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(404 if page is None else 200)
            self.end_headers()
            self.wfile.write((page or "").encode())

        def log_message(self, *arguments):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Provider) as provider:
        threading.Thread(target=provider.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{provider.server_port}/help"
        told = help_pages.judged({"help": address, "server": "imap.example.com", "smtp": "smtp.example.com"})
        provider.shutdown()
    assert told == said


def test_no_cell_of_the_table_breaks_it():
    rows = catalogue.table(PRESETS).splitlines()
    assert {len(re.findall(r"(?<!\\)\|", row)) for row in rows} == {catalogue.HEAD.count("|")}
    assert len(rows) == len(PRESETS) + 2


def test_the_smtp_servers_are_those_that_nodemailer_keeps():
    theirs = kept("nodemailer", "dist/well-known/services.json")
    found = dict(overlapping(theirs, SAME_SMTP))
    differs = {key for key, one in found.items() if one["host"] != PRESETS[key]["smtp"]}
    assert differs == set(ANOTHER_SMTP)
    assert len(found) >= 20, sorted(found)


def test_the_links_lead_where_email_provider_links_leads():
    theirs = {
        one["id"]: one
        for one in kept("@mikkelscheike/email-provider-links", "dist/providers/emailproviders.json")["providers"]
        if one.get("loginUrl")
    }
    found = dict(overlapping(theirs, SAME_PROVIDER))
    differs = {key for key, one in found.items() if host(one["loginUrl"]) != host(PRESETS[key]["link"])}
    assert differs == set(ANOTHER_LINK)
    assert len(found) >= 45, sorted(found)


def host(address):
    return urllib.parse.urlsplit(address).netloc.removeprefix("www.")
