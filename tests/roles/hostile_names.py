# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names that try to be code when Ansible reads them: every delimiter, header, override and look-up that it knows."""

from __future__ import annotations

import random

PLUGIN = "counted_lookup"

LOOKUP = """
from ansible.plugins.lookup import LookupBase

import os


class LookupModule(LookupBase):
    def run(self, terms, variables=None, **kwargs):
        with open(os.environ["COUNTED_CALLS"], "a") as calls:
            calls.write("called\\n")
        return ["executed"]
"""
"""A lookup plugin that leaves a line for each time that somebody evaluates it."""

CALLS = [
    f"lookup('{PLUGIN}')",
    f"query('{PLUGIN}')",
    f"q('{PLUGIN}')[0]",
    f'lookup("{PLUGIN}", wantlist=True)',
    f"lookup('{PLUGIN}')|string",
    f"(lookup('{PLUGIN}'))",
    f"['x']|map('extract', dict(x=lookup('{PLUGIN}')))|list",
    f"lookup('ansible.builtin.vars', lookup('{PLUGIN}'))",
]
DELIMITERS = [
    ("{{ ", " }}"),
    ("{{- ", " -}}"),
    ("{{", "}}"),
    ("{% if ", " %}{% endif %}"),
    ("{% set x = ", " %}{{ x }}"),
    ("{%- for x in [", "] %}{% endfor %}"),
    ("{#", "#}{{ 1 }}"),
    ("{% raw %}{% endraw %}{{ ", " }}"),
    ("{{ '{{ ", " }}' }}"),
    ("{ { ", " } }"),
    ("{{ ", ""),
    ("", " }}"),
    ("${", "}"),
    ("<% ", " %>"),
]
OVERRIDDEN = [
    ("variable_start_string:'[%',variable_end_string:'%]'", "[% ", " %]"),
    ("variable_start_string: '((', variable_end_string: '))'", "(( ", " ))"),
    ("variable_start_string:'a',variable_end_string:'z'", "a ", " z"),
    ("block_start_string:'<%',block_end_string:'%>'", "<% if ", " %><% endif %>"),
    ("comment_start_string:'/*',comment_end_string:'*/'", "/**/{{ ", " }}"),
    ("line_statement_prefix:'%'", "% set x = ", ""),
    ("line_comment_prefix:'//'", "{{ ", " }}"),
    ("trim_blocks:True,lstrip_blocks:True", "{{ ", " }}"),
    ("newline_sequence:'\\r\\n'", "{{ ", " }}"),
]
HEADERS = ["#jinja2:", "#jinja2: ", " #jinja2:", "#JINJA2:", "\ufeff#jinja2:"]
LINE_ENDS = ["\n", "\r\n", "\r", "\n\n"]
MARKUP = [
    "!unsafe ",
    "!vault |\n",
    "$ANSIBLE_VAULT;1.1;AES256\n6162",
    "&anchor ",
    "*alias",
    "<<: ",
    "? ",
    "- ",
    "| ",
    "> ",
    "%YAML 1.1\n---\n",
    "# ",
    "' ",
    '" ',
    "\\",
    "omit",
    "__omit_place_holder__",
    "{'a': ",
    "[1, ",
    "!!python/object/apply:os.system ",
    "\x00",
    "\u2028",
    "\x85",
    "@file",
    "` ",
]


def hostile_names(count, seed=10):
    """``count`` different names of at most 255 characters; the same ones at every call."""
    chance = random.Random(seed)
    names = {}
    while len(names) < count:
        name = _name(chance)
        if name.strip() and len(name) <= 255:
            names.setdefault(name)
    return list(names)


def _name(chance):
    call = chance.choice(CALLS)
    kind = chance.random()
    if kind < 0.4:
        override, start, end = chance.choice(OVERRIDDEN)
        text = (
            chance.choice(HEADERS[:2] if chance.random() < 0.7 else HEADERS)
            + override
            + chance.choice(LINE_ENDS)
            + start
            + call
            + end
        )
    elif kind < 0.8:
        start, end = chance.choice(DELIMITERS)
        text = start + call + end
    else:
        text = chance.choice(MARKUP) + chance.choice(MARKUP) + call
    if chance.random() < 0.3:
        text = chance.choice(MARKUP) + text
    return text + (f" {chance.randrange(1000)}" if chance.random() < 0.8 else "")
