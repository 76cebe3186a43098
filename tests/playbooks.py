# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs real ansible-playbook processes with the ansible-core of this interpreter, and hands back what they registered."""

from __future__ import annotations

import json
import os
import pathlib
import re
import subprocess
import sys

import yaml

from tests.conftest import COLLECTIONS

ANSIBLE_PLAYBOOK = pathlib.Path(sys.executable).with_name("ansible-playbook")
WARNING = re.compile(r"^\[(?:WARNING|DEPRECATION WARNING|ERROR)\]: .*", re.MULTILINE)

# With an environment of its own a task is handed over to the module; nothing else about it differs.
RUNNERS = {"in process": {}, "module": {"RUNNER": "module"}}


class Run:
    """What a run of ansible-playbook printed, and the results of the tasks that have a name."""

    def __init__(self, process, results):
        self.returncode = process.returncode
        self.stdout = process.stdout
        self.stderr = process.stderr
        self.output = process.stdout + process.stderr
        self.results = results
        self.warnings = WARNING.findall(self.output)


def clean_environment(**more):
    """This process's environment without pyenv's shims, Ansible's settings and a portal's."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "B24_"))}
    kept["PATH"] = os.pathsep.join(
        [str(pathlib.Path(sys.executable).parent)]
        + [folder for folder in kept["PATH"].split(os.pathsep) if not folder.rstrip("/").endswith("shims")]
    )
    kept.update(
        ANSIBLE_COLLECTIONS_PATH=str(COLLECTIONS),
        ANSIBLE_LOCALHOST_WARNING="false",
        ANSIBLE_INVENTORY_UNPARSED_WARNING="false",
        ANSIBLE_NOCOLOR="true",
        # By default the home is that of the user database, whatever HOME says. The shell knows HOME; the wrapper of async does not ask it.
        ANSIBLE_REMOTE_TEMP="$HOME/.ansible/tmp",
        ANSIBLE_ASYNC_DIR=os.path.join(kept.get("HOME", ""), ".ansible_async"),
        ANSIBLE_DEVEL_WARNING="false",
    )
    return dict(kept, **more)


def ansible_playbook(path, *arguments, env=None, cwd=None):
    """Run a playbook file; the environment is clean_environment() with env on top."""
    return subprocess.run(
        [str(ANSIBLE_PLAYBOOK), str(path), *arguments],
        env=clean_environment(**(env or {})),
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def shell(command, cwd, stdin="", **environment):
    """Run what somebody types into bash; the environment is clean_environment() with more on top."""
    return subprocess.run(
        ["bash", "-euo", "pipefail", "-c", command],
        cwd=cwd,
        env=clean_environment(**environment),
        input=stdin,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def run_tasks(folder, tasks, *arguments, env=None, **play):
    """Run {name: task} on localhost in a playbook written to folder. A failing task does not end the play."""
    output = pathlib.Path(folder) / "results.json"
    steps = [
        dict(task, name=name, register="result_%d" % at, ignore_errors=True)
        for at, (name, task) in enumerate(tasks.items())
    ]
    names = "{ %s }" % ", ".join("%s: result_%d" % (json.dumps(name), at) for at, name in enumerate(tasks))
    save = {
        "name": "Save what was registered",
        "ansible.builtin.copy": {"dest": str(output), "content": "{{ %s | to_json }}" % names, "mode": "0600"},
        "check_mode": False,
        "diff": False,
        "environment": {},
    }
    playbook = pathlib.Path(folder) / "playbook.yml"
    playbook.write_text(
        yaml.safe_dump([dict({"hosts": "localhost", "gather_facts": False}, tasks=steps + [save], **play)])
    )
    process = ansible_playbook(playbook, *arguments, env=env, cwd=folder)
    assert output.exists(), process.stdout + process.stderr
    return Run(process, json.loads(output.read_text()))
