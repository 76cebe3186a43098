# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The simulator reads and writes values as PHP does."""

from __future__ import annotations

import json

import pytest

from tests.simulator import php
from tests.simulator.collation import sort_key
from tests.simulator.query import Url, parse_multipart, parse_str, parse_url


@pytest.mark.parametrize(
    "value, number",
    [
        ("12abc", 12),
        (" 993 ", 993),
        ("abc", 0),
        ("", 0),
        ("1e3", 1000),
        ("1.9", 1),
        (".5", 0),
        ("0x10", 0),
        ("-7", -7),
        ("+7", 7),
        ("9" * 30, 2**63 - 1),
        ("-" + "9" * 30, -(2**63)),
        ("1e999", 2**63 - 1),
        (2.7, 2),
        (-2.7, -2),
        (1e20, 7766279631452241920),
        (float("inf"), 0),
        (None, 0),
        (True, 1),
        (False, 0),
        ({}, 0),
        ({0: 0}, 1),
    ],
)
def test_a_value_becomes_an_integer(value, number):
    assert php.to_int(value) == number


@pytest.mark.parametrize(
    "value, text",
    [
        (None, ""),
        (False, ""),
        (True, "1"),
        (5, "5"),
        (1.5, "1.5"),
        (2.0, "2"),
        (1e25, "1.0E+25"),
        (1.5e-7, "1.5E-7"),
        (0.1 + 0.2, "0.3"),
    ],
)
def test_a_value_becomes_text(value, text):
    assert php.to_text(value) == text


def test_an_array_where_text_is_required_ends_the_script():
    with pytest.raises(php.PhpError):
        php.to_text({0: "a"})


@pytest.mark.parametrize(
    "value, empty",
    [
        (None, True),
        ("", True),
        ("0", True),
        (0, True),
        (0.0, True),
        (False, True),
        ({}, True),
        (" ", False),
        ("00", False),
        ("0.0", False),
        ("false", False),
        (True, False),
        ({0: None}, False),
    ],
)
def test_what_counts_as_empty(value, empty):
    assert php.is_empty(value) is empty


@pytest.mark.parametrize(
    "array, text",
    [
        ({}, "[]"),
        ({0: 1, 1: 2}, "[1,2]"),
        ({1: 1, 0: 2}, '{"1":1,"0":2}'),
        ({"a": {}}, '{"a":[]}'),
        ({0: 1, 2: 2}, '{"0":1,"2":2}'),
    ],
)
def test_an_array_is_a_list_when_its_keys_count_from_zero(array, text):
    assert php.to_json(array) == text


@pytest.mark.parametrize(
    "text", ['{"a":1', "NaN", '"\\ud800"', "[1,]", "{'a':1}", "", "\ufeff{}", "[" * 513 + "]" * 513, '"\x01"']
)
def test_text_that_is_not_php_s_json_is_refused(text):
    with pytest.raises(php.JsonError):
        php.from_json(text)


def test_json_has_integer_keys_for_numeric_names_and_floats_for_huge_numbers():
    assert php.from_json('{"1": [true], "01": 12345678901234567890}') == {1: {0: True}, "01": 1.2345678901234567e19}


@pytest.mark.parametrize(
    "query, variables",
    [
        ("a=1&b=2&a=3", {"a": "3", "b": "2"}),
        ("a[]=1&a[]=2", {"a": {0: "1", 1: "2"}}),
        ("a[x][y]=1&a[x][]=2", {"a": {"x": {"y": "1", 0: "2"}}}),
        ("a[5]=1&a[]=2&a[05]=3", {"a": {5: "1", 6: "2", "05": "3"}}),
        ("a=1&a[b]=2", {"a": {"b": "2"}}),
        ("a b=1&c.d=2&%20e=3", {"a_b": "1", "c_d": "2", "e": "3"}),
        ("a[b=1", {"a_b": "1"}),
        ("a[b]c=1", {"a": {"b": "1"}}),
        ("=1&&x", {"x": ""}),
        ("n=a%2Bb+c%00", {"n": "a+b c\0"}),
        ("[a]=1", {}),
    ],
)
def test_a_query_becomes_variables(query, variables):
    assert parse_str(query) == variables


@pytest.mark.parametrize(
    "text, url",
    [
        ("method?a=1#x", Url("method", "a=1")),
        ("method", Url("method", None)),
        ("method?", Url("method", "")),
        ("?a=1", Url(None, "a=1")),
        ("///", None),
        ("http://?a", None),
        ("//host/path?a", Url("/path", "a")),
        ("//host", Url(None, None)),
        ("host:80", Url(None, None)),
        ("host:99999", None),
        ("name:1?a", Url("1", "a")),
        ("m?a=b:80", Url("m", "a=b:80")),
        ("a\nb?c\x01", Url("a_b", "c_")),
        (":", None),
        ("x:", Url(None, None)),
        ("http://u:p@h:8080/p", Url("/p", None)),
    ],
)
def test_an_address_is_taken_apart(text, url):
    assert parse_url(text) == url


def test_a_multipart_form_has_fields_and_no_files():
    parts = ('name="a"\r\n\r\n1', 'name="b[]"\r\n\r\n2', 'name="f"; filename="x"\r\n\r\n3')
    body = "".join(f"--B\r\nContent-Disposition: form-data; {part}\r\n" for part in parts) + "--B--\r\n"
    assert parse_multipart("multipart/form-data; boundary=B", body.encode()) == {"a": "1", "b": {0: "2"}}


def test_text_sorts_without_regard_to_case_accents_and_blanks_at_the_end():
    assert sort_key("Émile ") == sort_key("emile")
    names = ["zeta", "Имя", "Ärger", "_x", "apfel", "-x", " x", "9", None, "邮", "🚀", "beta"]
    assert sorted(names, key=sort_key) == [
        None,
        " x",
        "_x",
        "-x",
        "9",
        "apfel",
        "Ärger",
        "beta",
        "zeta",
        "Имя",
        "邮",
        "🚀",
    ]


def test_every_value_written_as_json_can_be_read_again():
    value = {"a": {0: "x", 1: None, 2: {"b": 1.5}}, "c": True}
    assert php.from_json(php.to_json(value)) == value
    assert json.loads(php.to_json(value)) == php.to_python(value)
