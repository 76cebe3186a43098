# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json

import pytest

from ansible_collections.bitrix24.portal.plugins.module_utils._rest.errors import OptionError, PortalError
from ansible_collections.bitrix24.portal.plugins.module_utils._runner import (
    Task,
    TaskFailed,
    execute,
    sanitize_result,
    to_builtin,
)
from ansible_collections.bitrix24.portal.plugins.module_utils._yaml import double_quoted

SECRET = 's3cr3t"\u20ac'


class Marked(str):
    """A text of a kind of its own, as Ansible has them."""


def run_that_raises(error):
    def run(task):
        raise error

    return run


@pytest.mark.parametrize(
    "result",
    [
        {"a": SECRET},
        {"a": "before %s after" % SECRET},
        {"a": {"b": {"c": SECRET}}},
        {"a": [{"b": [SECRET]}]},
        {"a": (Marked(SECRET),)},
    ],
)
def test_a_secret_is_redacted_wherever_it_stands(result):
    assert SECRET not in str(sanitize_result(result, {SECRET}))


def test_a_secret_is_redacted_in_a_text_that_escapes_quotes():
    secret = 'to"ken\\1'
    assert sanitize_result({"a": f"name: {double_quoted(secret)}"}, {secret}) == {"a": 'name: "********"'}


def test_a_secret_that_is_a_word_hides_no_word_of_a_sentence_and_comes_out_of_no_option_and_no_address():
    result = {
        "msg": "The webhook is wrong, or has expired.",
        "kind": "webhook",
        "diff": [{"before": "https://h/rest/1/webhook/"}],
        "invocation": {"module_args": {"access_token": "webhook"}},
    }
    shown = sanitize_result(result, {"webhook", "has"})
    assert shown == {
        "msg": "The webhook is wrong, or has expired.",
        "kind": "webhook",
        "diff": [{"before": "https://h/rest/1/********/"}],
        "invocation": {"module_args": {"access_token": "********"}},
    }


def test_a_secret_that_holds_another_goes_as_a_whole():
    assert "-and-more" not in sanitize_result({"a": "x %s-and-more y" % SECRET}, {SECRET, SECRET + "-and-more"})["a"]


def test_what_holds_no_secret_stays_as_it_is_beside_what_does():
    result = sanitize_result(
        {"kept": [{"name": "One", "port": 993, "active": True, "link": None}], "gone": SECRET}, {SECRET, "", None}
    )
    assert result["kept"] == [{"name": "One", "port": 993, "active": True, "link": None}]


@pytest.mark.parametrize("make", [to_builtin, lambda value: sanitize_result(value, set())])
def test_only_builtin_values_come_out(make):
    made = make({"text": Marked("x"), "pair": (1, 2), "other": {"error": ValueError("y")}})
    assert made == {"text": "x", "pair": [1, 2], "other": {"error": "y"}}
    assert not isinstance(made["text"], Marked)


def test_invocation_names_what_was_given_and_not_what_was_left_out():
    task = Task({"webhook_url": None, "retries": 0, "mailservices": [{"name": "One", "port": None, "active": False}]})
    assert execute(lambda task: {}, task)["invocation"] == {
        "module_args": {"retries": 0, "mailservices": [{"name": "One", "active": False}]}
    }


@pytest.mark.parametrize(
    "error, due",
    [
        (TaskFailed("a", api={}), {"failed": True, "msg": "a", "api": {}}),
        (PortalError("b", error="E", method="m"), {"failed": True, "msg": "b", "error": "E", "method": "m"}),
        (OptionError(["c", "d"]), {"failed": True, "msg": "c; d"}),
    ],
)
def test_each_kind_of_failure_is_one_line_in_msg(error, due):
    assert due.items() <= execute(run_that_raises(error), Task({})).items()


def test_a_fault_of_the_collection_is_told_without_its_text():
    msg = execute(run_that_raises(KeyError(SECRET)), Task({}))["msg"]
    assert msg.startswith("KeyError at ") and "report it" in msg and "s3cr3t" not in msg


def test_a_warning_is_given_once():
    task = Task({})
    for dummy in range(2):
        task.warn("careful")
    assert execute(lambda task: {}, task)["warnings"] == ["careful"]


def test_secrets_that_a_task_learns_on_its_way_are_kept_too():
    def run(task):
        task.secrets.add(SECRET)
        return {"said": SECRET}

    assert SECRET not in json.dumps(execute(run, Task({})), ensure_ascii=False)


def test_equal_texts_of_a_result_are_one_object_since_results_of_all_hosts_are_held():
    result = sanitize_result({"plan": [{"name": "a" * 5}], "results": [{"name": "".join(["aaa", "aa"])}]}, ())
    assert result["plan"][0]["name"] is result["results"][0]["name"]
