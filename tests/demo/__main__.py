# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""make demo and make simulator: a portal with services and mailboxes, and a playbook that runs against it."""

from __future__ import annotations

import argparse
import copy
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import threading

import requests
import yaml

from tests.demo.state import STATE
from tests.simulator.server import Simulator

ROOT = pathlib.Path(__file__).resolve().parents[2]
PLAYBOOK = pathlib.Path(__file__).with_name("playbook.yml").relative_to(ROOT)
PLAY = str(pathlib.Path(sys.executable).with_name("ansible-playbook"))
WRITES = re.compile(r"mailservice\.(?:add|update|delete)")


def say(text, *more):
    print("\n=== %s\n" % text, flush=True)
    for line in more:
        print("    %s" % line, flush=True)
    if more:
        print(flush=True)


def show(simulator):
    state = simulator.state
    print("    ID  active  service             server                      port  mailboxes")
    for row in state["services"]:
        boxes = sum(box["SERVICE_ID"] == row["ID"] and box["ACTIVE"] == "Y" for box in state["mailboxes"])
        unset = {key: value if value is not None else "-" for key, value in row.items()}
        print("    %(ID)-3s %(ACTIVE)-7s %(NAME)-19s %(SERVER)-27s %(PORT)-5s " % unset, boxes or "", flush=True)


def surroundings(**more):
    """The environment without the user's settings of Ansible, and a home to write to."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "B24_"))}
    home = {"HOME": str(ROOT / ".cache" / "home"), "ANSIBLE_REMOTE_TEMP": "$HOME/.ansible/tmp"}
    return dict(kept, ANSIBLE_CONFIG=str(ROOT / "ansible.cfg"), **home, **more)


def play(simulator, *arguments):
    """Run the playbook as a person would, in the checkout; return how many tasks changed something, and the writes sent."""
    simulator.clear_requests()
    command = [PLAY, str(PLAYBOOK), *arguments]
    print("$ ansible-playbook", *command[1:], flush=True)
    environment = surroundings(B24_WEBHOOK_URL=simulator.webhook())
    output = []
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True
    ) as process:
        for line in process.stdout:
            print(line, end="", flush=True)
            output.append(line)
    if process.returncode:
        sys.exit("The playbook failed.")
    changed = sum(map(int, re.findall(r"\bchanged=(\d+)", "".join(output))))
    sent = [request["method"] for request in simulator.requests]
    writes = sum(len(WRITES.findall("%s %s" % (request["path"], request["body"]))) for request in simulator.requests)
    print("%d requests, %d of the calls in them writes." % (len(sent), writes))
    return changed, writes


def expect(desired, found, what):
    if desired != found:
        sys.exit("Expected %s %s, found %s." % (desired, what, found))


def demonstrate():
    with Simulator(control=True) as simulator:
        simulator.state = STATE
        say(
            "A portal with six mail services and a catch-all (simulated, at %s)" % simulator.url,
            "active: Y = employees can choose it, N = switched off. mailboxes: how many employees' mailboxes hang on it,",
            "which REST does not tell; only the simulator shows it.",
        )
        show(simulator)
        say(
            "1. The playbook creates, changes, renames, deactivates and deletes",
            "ok = it is so already; changed = the task wrote to the portal.",
            "Two tasks warn, as they should: what they do to employees' mailboxes has no way back.",
        )
        changed, _writes = play(simulator)
        expect(5, changed, "changed tasks")
        show(simulator)
        say("2. Again: nothing is left to do")
        expect((0, 0), play(simulator), "changed tasks and writes")
        say(
            "3. Somebody changes two services by hand; check mode with diff tells, and writes nothing",
            "- is how it is on the portal, + is what the task would write; changed = it would write.",
        )
        for fields in ({"ID": 5, "PORT": 143}, {"ID": 4, "NAME": "Old company mail"}):
            requests.post(simulator.webhook() + "mailservice.update", json=fields, timeout=10).raise_for_status()
        expect((2, 0), play(simulator, "--check", "--diff"), "changed tasks and writes")
        say("The portal as it is now, with the two changes made by hand")
        show(simulator)
    audit()


def audit():
    """Audit three portals of which one has drifted."""
    say(
        "4. An audit of three portals, of which one, south, has drifted",
        "The red lines at its end are meant: an audit fails each portal that needs attention, so that a nightly job is red.",
    )
    with Simulator(portals=3) as simulator:
        for portal in simulator.portals:
            portal.state = STATE
        drifted = copy.deepcopy(STATE)
        drifted["services"][3]["PORT"] = "143"
        drifted["services"][4]["NAME"] = "Branch post"
        del drifted["services"][5]
        simulator.portals[1].state = drifted
        inventory = {
            "portals": {"hosts": {}, "vars": {"mailservices_wanted": desired(), "mailservice_audit_verify": "none"}}
        }
        for name, portal in zip(("north", "south", "west"), simulator.portals):
            inventory["portals"]["hosts"][name] = {
                "bitrix24_connection": {"webhook_url": portal.webhook()},
                "bitrix24_expected_host": portal.url.partition("//")[2],
            }
        folder = pathlib.Path(tempfile.mkdtemp(prefix="bitrix24-audit-"))
        hosts = folder / "inventory.yml"
        hosts.write_text(yaml.safe_dump(inventory))
        command = [PLAY, "bitrix24.portal.audit", "-i", str(hosts), "-e", "mailservice_audit_dir=%s" % folder]
        print("$ ansible-playbook", *command[1:], flush=True)
        done = subprocess.run(command, cwd=ROOT, env=surroundings(), stdin=subprocess.DEVNULL, check=False)
        hosts.unlink()
        expect(2, done.returncode, "as the exit of an audit that found drift")
    say(
        "All of this went as it should, the failure of south included",
        "The audit's page, for a browser: %s" % (folder / "audit.html"),
        "A portal to play with:           make simulator",
        "Your own portal:                 docs/guide_start.md",
    )


def desired():
    """The first state, as somebody would have written it down."""
    texts = {"NAME": "name", "SERVER": "server", "LINK": "link"}
    return [
        dict({texts[key]: row[key] for key in texts if row[key]}, **({"port": int(row["PORT"])} if row["PORT"] else {}))
        for row in STATE["services"]
    ]


def keep(port):
    with Simulator(control=True, port=port) as simulator:
        simulator.state = STATE
        show(simulator)
        say("The portal listens. Ctrl+C stops it; in another shell:")
        print("export B24_WEBHOOK_URL=%s" % simulator.webhook())
        print(".venv/bin/ansible-playbook %s --diff\n" % PLAYBOOK, flush=True)
        threading.Event().wait()


def main():
    parser = argparse.ArgumentParser(prog="python -m tests.demo", description=__doc__)
    parser.add_argument("--keep", action="store_true", help="keep the portal running instead of playing the playbook")
    parser.add_argument("--port", type=int, default=8024, help="where it listens then")
    options = parser.parse_args()
    try:
        if options.keep:
            keep(options.port)
        else:
            demonstrate()
    except KeyboardInterrupt:
        sys.exit(0)


if __name__ == "__main__":
    main()
