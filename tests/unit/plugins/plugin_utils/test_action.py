# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One table of tasks for a module made for the purpose (probe.py), run by both runners in real ansible-playbook processes."""

from __future__ import annotations

import os
import pathlib
import pwd
import subprocess
import sys

import pytest

from tests.conftest import COLLECTIONS, NEEDS_A_PATH_WITHOUT_BLANKS
from tests.playbooks import RUNNERS, run_tasks
from tests.unit.plugins.plugin_utils.probe import SECRET

WEBHOOK = "https://portal.example/rest/1/%s/" % SECRET
ENVIRONMENT = {"PROBE_WEBHOOK_URL": WEBHOOK}

ACTION = """
from ansible_collections.bitrix24.portal.plugins.plugin_utils._action import InProcessAction
from ansible_collections.testing.probe.plugins.modules import probe


class ActionModule(InProcessAction):
    MODULE = probe
"""


def probe(**options):
    return {"testing.probe.probe": options}


# The first two are asked for by their place; in all others the names speak.
TEMPLATES = {
    "text that looks like a template": probe(how="template"),
    "such text in a loop": dict(probe(how="template"), loop=[1]),
    "such text shown": {
        "ansible.builtin.debug": {"msg": "{{ result_0.name }} {{ result_0.inside }} {{ result_1.results[0].name }}"}
    },
    "such text as a variable": {"ansible.builtin.debug": {"var": "result_0.inside[0].name"}},
    "such text given back": probe(name="{{ result_0.name }}"),
}

GROUP_DEFAULTS = {"group/testing.probe.all": {"name": "from the group", "path": "/from/the/group"}}

TABLE = {
    **TEMPLATES,
    "the place": probe(how="where"),
    "defaults of the group": dict(probe(name="of the task"), module_defaults=GROUP_DEFAULTS),
    "no options": probe(),
    "converted options": probe(name="a", number="7", entries=[{"name": "n", "token": "t0ken"}]),
    "a relative path": probe(path="ca.pem"),
    "secrets in other options": probe(name="see %s or %s" % (WEBHOOK, SECRET), entries=[{"name": SECRET}]),
    "check mode": dict(probe(), check_mode=True),
    "diff": dict(probe(), diff=True),
    "check mode with diff": dict(probe(), check_mode=True, diff=True),
    "a warning": probe(how="warn"),
    "an option and its alias": probe(name="a", title="b"),
    "a deprecated option": probe(retired="x"),
    "odd values": probe(how="odd"),
    "an option error": probe(how="option"),
    "a failed task": probe(how="task"),
    "an unforeseen exception": probe(how="crash"),
    "a wrong choice": probe(how="nonsense"),
    "a wrong type": probe(number="many"),
    "an unknown option": probe(nonsense=1),
    "an unknown suboption": probe(entries=[{"name": "a", "nonsense": 1}]),
    "a missing suboption": probe(entries=[{}]),
    "mutually exclusive options": probe(portal_url="https://portal.example", access_token="t0ken"),
    "options required together": probe(webhook_url="", portal_url="https://portal.example"),
    "a loop": dict(probe(name="{{ item }}", number="7", entries=[{"name": "n", "token": "t0ken"}]), loop=["a", "b"]),
    "a loop that fails": dict(probe(how="{{ item }}"), loop=["echo", "task", "option"]),
    "a delegated task": dict(probe(), delegate_to="localhost"),
    "a condition": dict(probe(), when=False),
    "retries": dict(probe(how="task"), retries=1, delay=0, until="result_x is defined"),
    "failed_when": dict(probe(), failed_when=True),
    "no_log": dict(probe(name="hidden"), no_log=True),
}


@pytest.fixture(scope="session")
def collections(tmp_path_factory):
    """A folder of collections with the probe beside the checkout."""
    folder = tmp_path_factory.mktemp("collections")
    plugins = folder / "ansible_collections" / "testing" / "probe" / "plugins"
    for name in ("modules", "action"):
        (plugins / name).mkdir(parents=True)
    module = "#!/usr/bin/python\n" + pathlib.Path(__file__).with_name("probe.py").read_text()
    (plugins / "modules" / "probe.py").write_text(module)
    (plugins / "action" / "probe.py").write_text(ACTION)
    meta = plugins.parent / "meta"
    meta.mkdir()
    (meta / "runtime.yml").write_text("requires_ansible: '>=2.16.0'\naction_groups:\n  all: [probe]\n")
    return os.pathsep.join([str(folder), str(COLLECTIONS)])


@pytest.fixture(scope="session")
def both(collections, tmp_path_factory):
    return {
        runner: run_tasks(
            tmp_path_factory.mktemp("table"),
            TABLE,
            "-vvv",
            env=dict(
                ENVIRONMENT,
                ANSIBLE_COLLECTIONS_PATH=collections,
                ANSIBLE_INJECT_INVOCATION="true",
                ANSIBLE_PIPELINING="true",
            ),
            environment=environment,
        )
        for runner, environment in RUNNERS.items()
    }


@pytest.fixture
def run(collections, tmp_path):
    def run(tasks, *arguments, env=None, **play):
        env = dict(ENVIRONMENT if env is None else env, ANSIBLE_COLLECTIONS_PATH=collections)
        return run_tasks(tmp_path, tasks, *arguments, env=env, **play)

    return run


def where(result):
    return [each.get("where") for each in result.get("results", [result])]


@pytest.mark.parametrize("name", sorted(set(TABLE) - {"the place"}))
def test_both_runners_give_the_same_result(both, name):
    """Equal to the last key, in loops invocation included; the directory of the playbook is the only thing that differs."""
    here, module = both["in process"].results[name], both["module"].results[name]
    if name == "a relative path":
        assert here.pop("path").rpartition("/")[2] == module.pop("path").rpartition("/")[2] == "ca.pem"
        assert here.pop("path", None) is None
    assert here == module


def test_both_runners_print_the_same_warnings(both):
    warnings = [[line for line in both[runner].warnings if "[ERROR]" not in line] for runner in RUNNERS]
    assert warnings[0] == warnings[1]
    assert any("Careful with ********." in line for line in warnings[0])
    assert any("Both option name and its alias title are set." in line for line in warnings[0])
    assert any("'retired' is deprecated" in line for line in warnings[0])


@pytest.mark.parametrize("runner", RUNNERS)
def test_the_table_ran_where_it_should(both, runner):
    assert where(both[runner].results["the place"]) == [runner]


def test_results_hold_what_run_returned(both):
    results = both["in process"].results
    assert results["converted options"]["got"]["number"] == 7
    assert results["check mode"]["check_mode"] is True and results["check mode"]["changed"] is False
    assert results["diff"]["diff"]["after"] == {"port": 993}
    assert results["odd values"]["pair"] == [1, None, True, 2.5]
    assert results["odd values"]["names"] == {"7": "number"}
    assert [each["got"]["name"] for each in results["a loop"]["results"]] == ["a", "b"]
    assert results["a warning"]["warnings"] == ["Careful with ********."]


def test_failures_are_one_line_and_keep_what_the_task_told(both):
    results = both["in process"].results
    assert results["an option error"]["msg"] == "first problem; second problem"
    assert results["a failed task"]["msg"] == "It failed at /rest/1/********/."
    assert results["a failed task"]["changed"] is True
    assert results["a failed task"]["detail"] == ["VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"]
    assert all("\n" not in result.get("msg", "") for result in results.values() if result.get("failed"))


def test_an_unforeseen_exception_names_its_type_and_place_and_not_its_text(both):
    message = both["in process"].results["an unforeseen exception"]["msg"]
    assert message.startswith("ValueError at ")
    assert "module_utils/_runner.py:" in message
    assert "a text that quotes" not in message


def test_options_are_told_in_the_result_with_secrets_masked(both):
    """Ansible keeps this key of a loop's results only, and gives it to callbacks."""
    invocation = both["in process"].results["a loop"]["results"][0]["invocation"]["module_args"]
    assert invocation["webhook_url"] == "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"
    assert invocation["entries"] == [{"name": "n", "token": "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"}]
    assert invocation["number"] == 7


@pytest.mark.parametrize("runner", RUNNERS)
def test_no_secret_is_printed_at_the_highest_verbosity(run, runner):
    tasks = {
        name: TABLE[name]
        for name in ("check mode with diff", "a warning", "a failed task", "an unforeseen exception", "a wrong type")
    }
    output = run(
        tasks,
        "-vvvvv",
        "--diff",
        environment=RUNNERS[runner],
        env=dict(ENVIRONMENT, ANSIBLE_DISPLAY_TRACEBACK="always"),
    ).output
    assert SECRET not in output


@pytest.mark.parametrize("runner", RUNNERS)
def test_nothing_the_portal_says_is_ever_templated(both, runner):
    results = both[runner].results
    assert results["such text shown"]["msg"] == "{{ 1 + 1 }} [{'name': '{{ 1 + 1 }}'}] {{ 1 + 1 }}"
    assert results["such text as a variable"]["result_0.inside[0].name"] == "{{ 1 + 1 }}"
    assert results["such text given back"]["got"]["name"] == "{{ 1 + 1 }}"


@pytest.mark.parametrize("runner", RUNNERS)
def test_defaults_of_the_group_reach_the_task_and_its_own_options_win(both, runner):
    got = both[runner].results["defaults of the group"]["got"]
    assert (got["name"], got["path"]) == ("of the task", "/from/the/group")


# Asked for by their place, which is the first in the play.
BACKGROUND = {
    "start a job": dict(probe(name="later"), **{"async": 60, "poll": 0}),
    "wait for it": {
        "ansible.builtin.async_status": {"jid": "{{ result_0.ansible_job_id }}"},
        "until": "result_1.finished",
        "retries": 100,
        "delay": 0.2,
    },
}

HANDED_OVER = {
    "environment": {"environment": {"X": "1"}},
    "environment in a loop": {"environment": {"X": "1"}, "loop": [1]},
    "async": {"async": 60, "poll": 1},
    "become": {
        "become": True,
        "become_user": "nobody",
        "become_method": "ansible.builtin.su",
        "vars": {"ansible_become_exe": "true"},
    },
    "another connection": {"vars": {"ansible_connection": "ssh", "ansible_ssh_executable": "/bin/false"}},
}

STAYS_HERE = {
    "an empty environment": {"environment": {}},
    "an environment that comes out empty": {"environment": "{{ {} }}"},
    "delegation to the controller": {"delegate_to": "localhost"},
    "another interpreter": {"vars": {"ansible_python_interpreter": "/nonexistent/python"}},
    "a connection named in full": {"vars": {"ansible_connection": "ansible.builtin.local"}},
    "become switched off": {"become": False},
    "become of the user that runs Ansible": {
        "become": True,
        "become_user": pwd.getpwuid(os.geteuid()).pw_name,
        "vars": {"ansible_become_exe": "/no/such/sudo"},
    },
    "check mode": {"check_mode": True},
    "a loop": {"loop": [1, 2]},
    "a time limit": {"timeout": 60},
}


@pytest.fixture(scope="session")
def placed(collections, tmp_path_factory):
    tasks = {name: dict(probe(how="where"), **more) for name, more in dict(HANDED_OVER, **STAYS_HERE).items()}
    env = dict(ENVIRONMENT, ANSIBLE_COLLECTIONS_PATH=collections)
    return run_tasks(
        tmp_path_factory.mktemp("placed"), dict(BACKGROUND, **tasks), env=env, ignore_unreachable=True
    ).results


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=NEEDS_A_PATH_WITHOUT_BLANKS if name == "async" else ()) for name in HANDED_OVER]
)
def test_a_task_is_handed_over_to_the_module_for(placed, name):
    """A task that cannot run there at all (become, ssh) at least did not run in the controller's process."""
    assert "in process" not in where(placed[name]), placed[name]
    if name not in ("become", "another connection"):
        assert where(placed[name]) == ["module"], placed[name]


@pytest.mark.parametrize("name", STAYS_HERE)
def test_a_task_runs_in_the_controllers_process_with(placed, name):
    assert set(where(placed[name])) == {"in process"}, placed[name]


@NEEDS_A_PATH_WITHOUT_BLANKS
def test_a_job_left_in_the_background_ends_with_the_result(placed):
    assert placed["wait for it"]["got"]["name"] == "later"


@pytest.mark.parametrize("name", ["a loop", "environment in a loop"])
def test_options_are_not_told_where_nobody_asks_for_them(placed, name):
    """They are at -vvv or, from ansible-core 2.21 on, where inject_invocation is set."""
    assert not any("invocation" in result for result in placed[name]["results"])


def test_a_vaulted_option_reaches_the_task_in_clear_and_is_never_shown(run, tmp_path):
    from ansible.parsing.vault import VaultLib, VaultSecret

    password = tmp_path / "password"
    password.write_text("opensesame")
    vaulted = (
        VaultLib([("default", VaultSecret(b"opensesame"))]).encrypt("https://portal.example/rest/1/vaulted1/").decode()
    )
    (tmp_path / "vars.yml").write_text(
        "vaulted: !vault |\n" + "".join("  %s\n" % line for line in vaulted.splitlines())
    )
    tasks = {"x": probe(webhook_url="{{ vaulted }}", name="see https://portal.example/rest/1/vaulted1/")}
    done = run(tasks, "-vvv", "--vault-password-file", str(password), vars_files=["vars.yml"])
    assert done.results["x"]["got"]["name"] == "see ********"
    assert done.results["x"]["got"]["webhook_url"] == "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"


HOOKS = [{"url": "https://portal.example/rest/1/sesame00001/"}]


@pytest.mark.parametrize(
    "task, warned",
    [
        ({"loop": HOOKS}, True),
        ({"loop": HOOKS, "loop_control": {"loop_var": "portal"}}, True),
        ({"loop": HOOKS, "environment": {"X": "1"}}, True),
        ({"loop": HOOKS, "loop_control": {"label": "a portal"}}, False),
        ({"loop": HOOKS, "no_log": True}, False),
        ({"loop": ["a"]}, False),
        ({}, False),
    ],
)
def test_a_webhook_that_ansible_prints_as_an_item_is_warned_of(run, task, warned):
    done = run({"x": dict(probe(name="x"), **task)})
    assert done.output.count("holds a webhook") == warned, done.output


def test_a_missing_library_hands_over_to_the_module(run, tmp_path):
    """The interpreter chosen for the host may have what the controller's lacks."""
    (tmp_path / "sitecustomize.py").write_text(
        "import importlib.util, sys\n"
        "find = importlib.util.find_spec\n"
        "importlib.util.find_spec = lambda name, *more: None if name == 'requests' else find(name, *more)\n"
    )
    assert where(run({"x": probe(how="where")}, env={"PYTHONPATH": str(tmp_path)}).results["x"]) == ["module"]


BEFORE_IT_BEGAN = {
    "become": {"become": True, "become_user": "nobody", "vars": {"ansible_become_exe": "/no/such/sudo"}},
    "environment": {"environment": {"X": "1"}, "vars": {"ansible_python_interpreter": "{{ bare }}"}},
}


@pytest.mark.parametrize("why", BEFORE_IT_BEGAN)
def test_a_task_that_was_handed_over_and_could_not_begin_names_what_led_there(run, tmp_path, why):
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "bare"], check=True)
    task = {"bitrix24.portal.portal_info": {"webhook_url": "https://portal.example/rest/1/adminsecret1/"}}
    variables = {"bare": str(tmp_path / "bare" / "bin" / "python")}
    done = run({"x": dict(task, **BEFORE_IT_BEGAN[why])}, vars=variables)
    said = " ".join(done.output.split())
    assert f"did not run in Ansible's own process, because of {why}, and failed" in said, done.output


def test_a_task_that_was_handed_over_and_failed_in_its_work_names_nothing(run):
    done = run({"x": dict(probe(how="task"), environment={"X": "1"})})
    assert done.results["x"]["failed"] and "own process" not in done.output
