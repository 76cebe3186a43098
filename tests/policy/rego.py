# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""python -m tests.policy.rego: what the example rules answer to a question about a plan, as JSON.

In a process of its own: the interpreter is native code, and a fault of it would end the whole test run.
"""

from __future__ import annotations

import json
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
TRIES = 3
"""Where a signal ended it."""
POLICY = ROOT / "docs" / "examples" / "policy"


def asked(question, plan, data=None):
    """``{results, text}``: the values of the variables in each answer, and all of it as text."""
    data = json.loads((POLICY / "data.json").read_text()) if data is None else data
    for _try in range(TRIES):
        process = subprocess.run(
            [sys.executable, "-m", "tests.policy.rego"],
            input=json.dumps({"question": question, "plan": plan, "data": data}),
            capture_output=True,
            text=True,
            cwd=ROOT,
            check=False,
        )
        if process.returncode >= 0:
            break
    assert process.returncode == 0, process.stderr
    return json.loads(process.stdout)


def main():
    import regopy

    given = json.load(sys.stdin)
    rego = regopy.Interpreter()
    rego.strict_built_in_errors = True
    for path in sorted(POLICY.glob("*.rego")):
        rego.add_module(path.name, path.read_text())
    rego.add_data(given["data"])
    rego.set_input(given["plan"])
    answer = rego.query(given["question"])
    json.dump({"results": [result.bindings for result in answer.results], "text": str(answer)}, sys.stdout)


if __name__ == "__main__":
    main()
