# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was seen of mail servers, in every form of the report, and in a real audit."""

from __future__ import annotations

import functools
import json
import socket
from xml.etree import ElementTree

import jsonschema
import pytest

from ansible_collections.bitrix24.portal.plugins.plugin_utils._report.formats import FORMS
from ansible_collections.bitrix24.portal.plugins.plugin_utils._report.report import make_report
from tests.audit.fleet import NOON, catch_all, entry, portal, report, server, service
from tests.conftest import ROOT
from tests.probe.scripted import ScriptedMailServer, imap
from tests.roles.fleet import Fleet, state
from tests.roles.fleet import catch_all as other_row
from tests.roles.fleet import service as row
from tests.simulator.server import Simulator

MAIL, BRANCH, OLD = service(2, "Mail"), service(3, "Branch"), service(4, "Old")
EXPIRES = "2026-12-01T12:00:00Z"
SOON = dict(
    verdict="warning", code="certificate_expires", reason="certificate expires in 9 days (2026-12-01)", expires=EXPIRES
)
DEAD = dict(verdict="failed", code="refused", reason="port 993 refuses connections")
SEEN = (server(MAIL, expires="2027-02-10T12:00:00Z"), server(BRANCH, **SOON), server(OLD, **DEAD))


def looked(name="portal", servers=SEEN, wanted=None):
    services = [catch_all(), MAIL, BRANCH, OLD]
    desired = wanted or [entry(item) for item in services[1:]]
    return portal(desired, services, name, servers=None if servers is None else list(servers))


def reported(*names, wanted=None, servers=SEEN, **settings):
    return report(*(looked(name, servers, wanted) for name in names or ("portal",)), **settings)


def text_of(form, made):
    return FORMS[form](made)


def the(kind, made):
    return next(found for found in made["portals"][0]["findings"] if found["kind"] == kind)


def test_a_verdict_is_a_finding_of_its_own_with_the_severity_of_the_verdict():
    made = reported()
    failed, warning = the("server_failed", made), the("server_warning", made)
    assert (failed["severity"], failed["service"], failed["id"], failed["code"]) == ("error", "Old", 4, "refused")
    assert failed["text"] == "imap4.example.com:993: port 993 refuses connections (seen from ansible.example.com)."
    assert (warning["severity"], warning["service"], warning["code"]) == ("warning", "Branch", "certificate_expires")
    assert [found["service"] for found in made["portals"][0]["findings"]] == ["Branch", "Old"]


def test_it_is_no_drift_and_fails_nothing_unless_it_is_asked_to():
    made = reported()
    assert made["portals"][0]["status"] == "in_order" and made["failed"] is False
    assert reported(fail_on=["server_failed"])["portals"][0]["failed_on"] == ["server_failed"]
    assert reported(fail_on=["server_warning"], servers=SEEN[:1])["failed"] is False


def test_drift_of_the_same_service_is_told_as_well():
    made = reported(wanted=[entry(MAIL), entry(BRANCH), entry(OLD, port=143)])
    assert {(found["kind"], found["service"]) for found in made["portals"][0]["findings"]} == {
        ("changed", "Old"),
        ("server_failed", "Old"),
        ("server_warning", "Branch"),
    }
    assert made["portals"][0]["status"] == "drifted"


def test_an_exception_can_cover_it():
    known = [{"portal": "*", "service": "Old", "kind": "server_failed", "reason": "being moved", "until": "2027-01-01"}]
    made = reported(exceptions=known)
    assert [found["kind"] for found in made["portals"][0]["findings"]] == ["server_warning"]
    assert [found["kind"] for found in made["portals"][0]["excepted"]] == ["server_failed"]


def test_the_json_report_keeps_to_its_schema():
    made = json.loads(text_of("json", reported()))
    jsonschema.validate(made, json.loads((ROOT / "docs" / "schema" / "audit-report.schema.json").read_text()))
    assert [seen["verdict"] for seen in made["portals"][0]["servers"]] == ["ok", "warning", "failed"]
    jsonschema.validate(
        json.loads(text_of("json", reported(servers=None))),
        json.loads((ROOT / "docs" / "schema" / "audit-report.schema.json").read_text()),
    )


TOLD = {
    "text": [
        "Old: imap4.example.com:993: port 993 refuses connections",
        "Branch: imap3.example.com:993: certificate expires in 9 days",
        "3 servers looked at from ansible.example.com: 1 as it should be, 1 with a warning, 1 that cannot be used",
    ],
    "markdown": [
        "🔴 <code>Old</code>: server fails, on <code>portal</code>",
        "🔵 <code>Branch</code>: server warning, on <code>portal</code>",
        "refuses connections",
        "📮 3 servers looked at from",
    ],
    "html": [
        "Server fails",
        "port 993 refuses connections",
        "IMAP over TLS 1.3, certificate good for 80 days",
        "3 servers looked at from ansible.example.com: 1 as it should be, 1 with a warning, 1 that cannot be used",
    ],
    "junit": [
        "Server fails: imap4.example.com:993: port 993 refuses connections",
        "Server warning: imap3.example.com:993",
        "Server: imap2.example.com:993: IMAP over TLS 1.3",
    ],
    "prometheus": [
        'bitrix24_mailservice_audit_servers{audit="audit",portal="portal",verdict="failed"} 1',
        'bitrix24_mailservice_audit_servers{audit="audit",portal="portal",verdict="ok"} 1',
        'bitrix24_mailservice_audit_findings{audit="audit",portal="portal",kind="server_failed"} 1',
        'certificate_expires_timestamp_seconds{audit="audit",portal="portal",server="imap3.example.com:993"} 1796126400',
    ],
}


@pytest.mark.parametrize("form", TOLD)
def test_every_form_tells_the_verdicts(form):
    text = text_of(form, reported())
    assert [words for words in TOLD[form] if words not in text] == [], text


@pytest.mark.parametrize("form", TOLD)
def test_where_nobody_looked_no_form_says_a_word_of_servers(form):
    text = text_of(form, reported(servers=None))
    assert "looked at from" not in text and "refuses" not in text and "audit_servers" not in text


def test_in_junit_a_server_is_a_failure_where_the_audit_fails_because_of_it():
    def failures(**settings):
        root = ElementTree.fromstring(text_of("junit", reported(**settings)))
        return [case.get("name") for case in root.iter("testcase") if case.find("failure") is not None]

    assert failures() == [] and failures(fail_on=["server_failed"]) == ["Old"]


def test_a_certificate_that_comes_a_day_nearer_is_not_new_and_another_trouble_is():
    before = text_of("json", reported())
    nearer = [dict(SEEN[1], reason="certificate expires in 8 days (2026-12-01)"), dict(SEEN[2], code="timed_out")]
    made = make_report({"portal": looked(servers=nearer)}, "2026-11-23T12:00:00Z", previous=before)
    assert the("server_warning", made)["new"] is False and the("server_failed", made)["new"] is True


def test_what_a_left_out_portal_had_stays_in_its_series():
    before = text_of("json", reported())
    made = make_report({}, "2026-11-23T12:00:00Z", previous=before, left_out=["portal"])
    text = text_of("prometheus", made)
    assert [words for words in TOLD["prometheus"] if words not in text] == [], text


def test_a_report_of_before_is_history_though_it_knows_no_servers():
    before = json.loads(text_of("json", reported()))
    for item in before["portals"]:
        del item["servers"], item["counts"]["server_failed"], item["counts"]["server_warning"]
        item["findings"] = []
    made = make_report({"portal": looked()}, "2026-11-23T12:00:00Z", previous=json.dumps(before))
    assert made["since"] == NOON and the("server_failed", made)["new"] is True


def test_a_real_audit_looks_once_for_all_portals_and_its_page_shows_it(tmp_path):
    good = functools.partial(imap, capabilities=b"* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n")
    with ScriptedMailServer(good) as mail, Simulator(portals=3) as simulator, socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        dead = free.getsockname()[1]
        for simulated in simulator.portals:
            simulated.state = state(
                other_row(),
                row(2, "Clear", SERVER="127.0.0.1", PORT=str(mail.port), ENCRYPTION="N"),
                row(3, "Dead", SERVER="127.0.0.1", PORT=str(dead)),
                row(4, "Asleep", active="N", SERVER="127.0.0.1", PORT=str(dead)),
            )
        fleet = Fleet(tmp_path, simulator.portals).wants({"name": "Clear"}, {"name": "Dead"}, {"name": "Asleep"})
        del fleet.group["mailservice_audit_verify"]
        run = fleet.play("audit", "--forks", "3")
        assert run.returncode == 0 and run.warnings == [], run.output
        assert mail.connections == 1
        assert f"Dead: 127.0.0.1:{dead}: port {dead} refuses connections (seen from" in run.stdout
        page = (tmp_path / "mailservice_audit" / "audit.html").read_text()
        assert f"port {dead} refuses connections" in page and "passwords travel in the clear" in page
        told = json.loads((tmp_path / "mailservice_audit" / "audit.json").read_text())
        assert told["summary"]["findings"]["server_failed"] == 3 and told["summary"]["findings"]["server_warning"] == 3

        run = fleet.play("audit", "-e", '{"mailservice_audit_fail_on": ["server_failed"]}')
        assert len(run.hosts("failed")) == 3, run.output
        run = fleet.play("audit", "-e", '{"mailservice_audit_verify_timeout": 0}')
        assert "mailservice_audit_verify_timeout: 0 is no time-out; give 1 to 300 seconds" in run.stdout, run.output
