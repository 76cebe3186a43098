# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A shelf of portals of which each has one fault for ever, and a search for what must not be found anywhere."""

from __future__ import annotations

import base64
from urllib.parse import quote, urlsplit

from tests.behaviour.portal import service
from tests.simulator import auth
from tests.simulator.server import Simulator

WEBHOOK_SECRET = auth.WEBHOOKS["admin"][1]
TOKEN = "tok+Zm9v/q=verySecretToken~0123456789"
WINDOW = 12

FAULTS = {
    "none": (),
    "refused": (dict(kind="refuse", seconds=10**6),),
    "reset": (dict(kind="reset"),),
    "cut": (dict(kind="cut_after_commit"),),
    "late": (dict(kind="delay", seconds=5),),
    "half": (dict(kind="half_body"),),
    "html_200": (dict(kind="html", status=200),),
    "html_502": (dict(kind="html", status=502, commit=False),),
    "too_many": (dict(kind="query_limit", retry_after=60),),
    "operating": (dict(kind="operation_limit"),),
    "expired": (dict(kind="expired_token"),),
    "overload": (dict(kind="overload"),),
    "moved": (dict(kind="redirect", to="https://elsewhere.example{path}?next={path}"),),
    "round": (dict(kind="redirect", status=308, to="{path}"),),
    "huge": (dict(kind="huge_body", bytes=40 * 2**20),),
    "filtered": (dict(kind="filtered"),),
    "strict": (dict(kind="strict_sql"),),
    **{
        shape: (dict(kind="wrong_shape", shape=shape),)
        for shape in (
            "list_for_map",
            "result_missing",
            "numbers",
            "unknown_keys",
            "duplicate_rows",
            "null_rows",
            "entry_missing",
        )
    },
    "lost": (dict(kind="cut_after_commit", method="batch"), dict(kind="html", status=502, method="mailservice.get")),
}
TELLING = ("none", "refused", "reset", "late", "html_502", "moved", "half", "expired")


class Shelf:
    """``urls``: {fault: address of its portal}; two more have no portal: ``no_host`` and ``no_tls``."""

    def __init__(self, monkeypatch, faults=FAULTS):
        monkeypatch.setitem(auth.TOKENS, TOKEN, auth.TOKENS["tok-ok"])
        self._faults = faults
        self._simulator = Simulator(portals=len(faults))

    def __enter__(self):
        self._simulator.__enter__()
        self._by_fault = dict(zip(self._faults, self._simulator.portals))
        self.urls = {name: portal.url for name, portal in self._by_fault.items()}
        self.urls.update(no_host="https://portal.invalid", no_tls=self.urls["none"].replace("http://", "https://"))
        self.refill()
        return self

    def __exit__(self, *exc_info):
        self._simulator.__exit__(*exc_info)

    def refill(self):
        for name, portal in self._by_fault.items():
            portal.state = dict(
                services=[service(1, "One", port=143), service(2, "Two", port=143)],
                mailboxes=[],
                files=[],
                next_service_id=3,
            )
            portal.faults = [
                dict(dict(method="*", times=1 if fault["kind"] == "refuse" else 0), **fault)
                for fault in self._faults[name]
            ]

    def webhook(self, name):
        return "%s/rest/1/%s/" % (self.urls[name], WEBHOOK_SECRET)

    def host(self, name):
        return urlsplit(self.urls[name]).netloc

    @property
    def requests(self):
        return [request for portal in self._by_fault.values() for request in portal.requests]


def traces_of(secret):
    """Every run of twelve characters of the secret as it is, as it stands in an address, and in base64 wherever in a text it begins."""
    forms = {secret, quote(secret, safe=""), quote(secret)}
    for before in range(3):
        encoded = base64.b64encode(b"x" * before + secret.encode()).decode()
        forms.add(encoded[(0, 2, 3)[before] : (before + len(secret)) // 3 * 4])
    return {form[start : start + WINDOW] for form in forms for start in range(len(form) - WINDOW + 1)}


TRACES = traces_of(WEBHOOK_SECRET) | traces_of(TOKEN)


def leaks(text):
    return sorted(trace for trace in TRACES if trace in text)


def leaks_in(folder, but=()):
    """{file: traces} of all files below the folder, except those named."""
    found = {
        str(path): leaks(path.read_bytes().decode("utf-8", "replace"))
        for path in folder.rglob("*")
        if path.is_file() and path.name not in but
    }
    return {name: traces for name, traces in found.items() if traces}
