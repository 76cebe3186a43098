# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""make mutants: alter planner, matching and conversions in each small way, and see whether their unit tests notice.

Ends in 1 where fewer than the wanted share of the mutants are killed, or where one lives of which survivors.yml tells
no reason.
"""

from __future__ import annotations

import collections
import os
import pathlib
import shutil
import subprocess
import sys

import yaml

from tests.conftest import ROOT

WANTED = 85
"""Per cent."""
PLANNING = "plugins/module_utils/_planning"
MUTATED = ("plan.py", "matching.py", "model.py")
INSIDE = "ansible_collections/bitrix24/portal"
WORK = ROOT / ".cache" / "mutants"
REASONS = pathlib.Path(__file__).parent / "survivors.yml"

# mutmut finds a mutant by the module's name, so the tree has to lie where that leads.
SETTINGS = f"""\
[tool.mutmut]
source_paths = ["{INSIDE}/{PLANNING}"]
only_mutate = [{", ".join(f'"*/_planning/{name}"' for name in MUTATED)}]
also_copy = ["ansible_collections"]
pytest_add_cli_args_test_selection = ["{INSIDE}/tests/unit/{PLANNING}"]
pytest_add_cli_args = ["-c", "{INSIDE}/pytest.ini", "--rootdir=.", "-p", "no:cacheprovider", "-W", "ignore", "-x"]
"""


def prepare():
    shutil.rmtree(WORK, ignore_errors=True)
    tree = WORK / INSIDE
    tree.mkdir(parents=True)
    for name in ("plugins", "tests"):
        shutil.copytree(ROOT / name, tree / name, ignore=shutil.ignore_patterns("__pycache__", "output"))
    for name in ("galaxy.yml", "pytest.ini"):
        shutil.copy(ROOT / name, tree)
    (WORK / "pyproject.toml").write_text(SETTINGS)


def mutmut(*arguments, **options):
    program = pathlib.Path(sys.executable).parent / "mutmut"
    # A mutant that lives takes as long as all tests together.
    environment = dict(os.environ, HYPOTHESIS_EXAMPLES="10")
    return subprocess.run([program, *arguments], cwd=WORK, text=True, check=True, env=environment, **options)


def results():
    """{mutant: status}"""
    told = mutmut("results", "--all", "true", capture_output=True).stdout
    return dict(line.strip().split(": ") for line in told.splitlines() if ": " in line)


def change_of(mutant):
    """``(file, before, after)``: the lines that the mutant has others of."""
    lines = mutmut("show", mutant, capture_output=True).stdout.splitlines()
    before, after = (
        " ".join(line[1:].strip() for line in lines if line.startswith(sign) and not line.startswith(sign * 3))
        for sign in "-+"
    )
    return mutant.split("_planning.")[1].split(".")[0] + ".py", before, after


def explained(change, reasons):
    file, before, after = change
    return any(
        entry["file"] == file and entry["line"] in before and entry.get("becomes", "") in after for entry in reasons
    )


def main():
    prepare()
    mutmut("run", "--max-children", str(os.cpu_count() or 1), stdout=subprocess.DEVNULL)
    statuses = results()
    counts = collections.Counter(statuses.values())
    killed = 100 * (counts["killed"] + counts["timeout"]) / len(statuses)
    reasons = yaml.safe_load(REASONS.read_text())
    alive = [change_of(mutant) for mutant, status in statuses.items() if status not in ("killed", "timeout")]
    unexplained = [change for change in alive if not explained(change, reasons)]
    for file, before, after in unexplained:
        print(f"{file}: nothing notices that\n    {before}\nbecomes\n    {after}")
    print(
        f"{len(statuses)} mutants, {killed:.1f} % killed ({WANTED} wanted); {len(unexplained)} live without a reason."
    )
    sys.exit(killed < WANTED or bool(unexplained))


if __name__ == "__main__":
    main()
