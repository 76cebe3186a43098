# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the tests take from the machine, what they leave on it, and what they say is missing."""

from __future__ import annotations

import configparser
import os
import shutil
import subprocess
import sys

import pytest

from tests.conftest import HOME, ROOT, USERS_HOME
from tests.playbooks import run_tasks
from tests.quality import ansible_test_home

A_PLAYBOOK = "tests/quality/test_guides.py::test_a_playbook_of_the_documentation_runs_as_it_stands[README-1]"


def nested(*arguments, **environment):
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *map(str, arguments)]
    kept = {name: value for name, value in os.environ.items() if name != USERS_HOME and not name.startswith("PYTEST_")}
    return subprocess.run(
        command, cwd=ROOT, env=dict(kept, **environment), capture_output=True, text=True, timeout=300, check=False
    )


def test_neither_the_users_home_nor_his_settings_reach_a_test(tmp_path):
    (tmp_path / ".ansible.cfg").write_text("[defaults]\nstdout_callback = of_the_home\n")
    done = nested(
        A_PLAYBOOK,
        HOME=str(tmp_path),
        ANSIBLE_STDOUT_CALLBACK="of_the_environment",
        ANSIBLE_CONFIG="/nowhere",
        B24_WEBHOOK_URL="nonsense",
    )
    assert done.returncode == 0 and "1 passed" in done.stdout, done.stdout
    assert [path.name for path in tmp_path.iterdir()] == [".ansible.cfg"]


def test_what_ansible_hands_over_lies_in_the_home_of_the_tests_not_in_that_of_the_user_database(tmp_path):
    run = run_tasks(tmp_path, {"Say": {"ansible.builtin.command": "true"}}, "-vvv")
    assert "$HOME/.ansible/tmp" in run.output and "echo ~" not in run.output


def test_what_could_not_be_tried_is_said_at_the_end_each_sentence_once(tmp_path):
    (tmp_path / "test_this.py").write_text(
        "import pytest\n\n\n@pytest.mark.parametrize('n', range(3))\ndef test_it(n):\n    pytest.skip('It wants a program.')\n"
    )
    done = nested(tmp_path / "test_this.py", "-p", "tests.conftest", "--rootdir", ROOT)
    assert done.stdout.count("It wants a program.") == 1, done.stdout
    assert done.stdout.splitlines()[-2:] == ["It wants a program. (tests: 3)", done.stdout.splitlines()[-1]]


def test_ansible_test_finds_the_script_that_it_would_fetch_and_a_key_pair():
    ansible_test_home.prepare()
    folder = HOME / ".ansible" / "test"
    scripts = {path.name for path in (folder / "cache").iterdir()}
    assert scripts and scripts >= {
        "get_pip_%s.py" % version.replace(".", "_") for version in ansible_test_home.pip_versions()
    }
    assert (folder / "id_rsa").read_text().startswith("-----BEGIN RSA PRIVATE KEY-----")
    assert (folder / "id_rsa.pub").read_text().startswith("ssh-rsa ") and (
        folder / "id_rsa"
    ).stat().st_mode & 0o077 == 0


def test_the_pip_of_ansible_test_has_the_users_settings_those_in_the_environment_last(tmp_path, monkeypatch):
    (tmp_path / ".config" / "pip").mkdir(parents=True)
    (tmp_path / ".config" / "pip" / "pip.conf").write_text(
        "[global]\ntimeout = 7\nretries = 3\n[install]\nno-binary = a\n"
    )
    monkeypatch.setenv(USERS_HOME, str(tmp_path))
    monkeypatch.setenv("PIP_RETRIES", "9")
    monkeypatch.delenv("PIP_DEFAULT_TIMEOUT", raising=False)
    monkeypatch.delenv("PIP_CONFIG_FILE", raising=False)
    settings = ansible_test_home.pip_settings()
    assert isinstance(settings, configparser.RawConfigParser)
    assert (settings["global"]["timeout"], settings["global"]["retries"], settings["install"]["no-binary"]) == (
        "7",
        "9",
        "a",
    )


@pytest.fixture
def setup(tmp_path):
    """Run make test-setup's script where only these programs are, all of which only say how they were called."""

    def setup(*programs, user):
        for name in ("bash", "env"):
            (tmp_path / name).symlink_to(shutil.which(name))
        for name in programs:
            (tmp_path / name).write_text(
                '#!%s\necho %s "$@"\n%s\n' % (shutil.which("bash"), name, 'exec "$@"' if name == "sudo" else "")
            )
        (tmp_path / "id").write_text("#!%s\necho %d\n" % (shutil.which("bash"), user))
        for path in tmp_path.iterdir():
            path.chmod(0o755) if not path.is_symlink() else None
        return subprocess.run(
            [ROOT / "tests" / "setup-debian"],
            env={"PATH": str(tmp_path), "PROGRAMS_OF_ROOT": ""},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return setup


INSTALL = "apt-get install -y -qq --no-install-recommends"
MAIL = ["dovecot", "postfix", "check_imap"]
ALL = "chromium curl dovecot-imapd postfix monitoring-plugins-basic"


@pytest.mark.parametrize(
    "programs, user, code, says",
    [
        (["chromium", "curl", *MAIL], 1000, 0, "Nothing to install"),
        (["apt-get", "curl", *MAIL], 0, 0, "\n%s chromium\n" % INSTALL),
        (["apt-get", "chromium", *MAIL], 0, 0, "\n%s curl\n" % INSTALL),
        (
            ["apt-get", "systemctl", "curl", "chromium", "dovecot"],
            0,
            0,
            "systemctl disable --quiet --now postfix.service\n",
        ),
        (["apt-get", "sudo"], 1000, 0, "sudo env DEBIAN_FRONTEND=noninteractive %s %s\n" % (INSTALL, ALL)),
        (["apt-get"], 1000, 1, "Run this as root: apt-get install --no-install-recommends %s;" % ALL),
        (["curl", *MAIL], 0, 1, "There is no apt-get here: install chromium"),
    ],
)
def test_the_setup_installs_what_is_missing_or_says_in_a_sentence_who_can(setup, programs, user, code, says):
    done = setup(*programs, user=user)
    assert (done.returncode, says in done.stdout + done.stderr) == (code, True), done.stdout + done.stderr
    assert code == 0 or (done.stdout == "" and done.stderr.count("\n") == 1)
