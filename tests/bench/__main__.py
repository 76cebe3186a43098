# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""make bench: measures, prints the tables and writes docs/benchmarks.md."""

from __future__ import annotations

import pathlib
import sys
import tempfile

from tests.bench import cases, fleet, report, scale
from tests.bench.run import MOST, measure
from tests.simulator.server import Simulator

PAGE = pathlib.Path(__file__).resolve().parents[2] / "docs" / "benchmarks.md"
PORTALS, FORKS = 100, 10


def main():
    scaled = scale.measure()
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        with Simulator(tls=True) as secure, Simulator() as insecure:
            found, empty, bare = cases.sets(folder, secure.portals[0], secure.ca_file)
            twenty = cases.tasks(folder, secure.portals[0], insecure.portals[0], secure.ca_file, empty)
            measure([*twenty.values(), *(case for competitors in found.values() for case in competitors.values())])
        with Simulator(tls=True, portals=PORTALS) as running:
            many = cases.many(folder, running.portals, running.ca_file, FORKS)
            measure(list(many.values()))
    fleets = fleet.measure()
    page = "\n".join(
        [
            report.HEAD.format(machine=report.machine(), runs=MOST),
            report.goals(found, twenty, scaled, fleets),
            report.WHO,
            report.sets(found, empty, bare),
            report.tasks(twenty),
            report.many(many, PORTALS, FORKS),
            report.fleets(fleets),
            report.scale(scaled, scale.SERVICES),
        ]
    )
    PAGE.write_text(page, encoding="utf-8")
    print(page)


if __name__ == "__main__":
    sys.exit(main())
