# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files of docs/examples/awx, and jobs that are made of them as AWX makes them."""

from __future__ import annotations

import functools
import json

import yaml

from tests.conftest import ROOT

EXAMPLES = ROOT / "docs" / "examples" / "awx"
PLAYS = ("plan", "reconcile", "audit")


class _Loader(yaml.SafeLoader):
    """Ansible's own tag of texts that are no templates counts for nothing here."""


_Loader.add_constructor("!unsafe", lambda loader, node: loader.construct_scalar(node))


def load(name):
    return yaml.load((EXAMPLES / name).read_text(), _Loader)  # noqa: S506


@functools.cache
def variables():
    """{variable: its items} of all files; where two files have one, the items of both."""
    found = {}
    for path in sorted(EXAMPLES.glob("*.yml")):
        if path.name != "configure.yml":
            for name, items in load(path.name).items():
                found.setdefault(name, []).extend(items)
    return found


def template(name):
    (found,) = [one for one in variables()["controller_templates"] if one["name"] == f"Mail services: {name}"]
    return found


def answers(survey):
    """What is asked, answered as is proposed."""
    return {one["variable"]: one["default"] for one in survey["spec"] if one["default"] != ""}


def extra_vars(of_template, given, volume):
    """The file of variables that AWX writes: only what the template says is a template of Ansible's too.

    ``given``: what came with the launch: a survey's answers, what earlier jobs of a workflow handed over. ``volume``:
    the folder that stands for the one of the examples.
    """
    lines = [
        f"{name}: {json.dumps(value).replace('/var/lib/mailservices', str(volume))}"
        for name, value in of_template.items()
        if name not in given
    ]
    lines += [
        f"{name}: {'!unsafe ' if isinstance(value, str) else ''}{json.dumps(value)}" for name, value in given.items()
    ]
    return "\n".join(["---", *lines, ""])
