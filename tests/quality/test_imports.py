# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may import whom: no room imports upward, and there is no circle."""

from __future__ import annotations

import ast

import pytest

from tests.conftest import ROOT

PLUGINS = ROOT / "plugins"
PACKAGE = "ansible_collections.bitrix24.portal.plugins."
SMALL = {
    f"module_utils.{name}"
    for name in ("_causes", "_files", "_idna", "_text", "_redact", "_yaml", "_version", "_wildcard")
}
PLANNING, REST, AUDIT = "module_utils._planning", "module_utils._rest", "module_utils._audit"
MAILSERVICE, RUNNER, ARGSPEC = "module_utils._mailservice", "module_utils._runner", "module_utils._argspec"
PROBE = "module_utils._probe"
ACTION, CONTROLLER, FILES = "plugin_utils._action", "plugin_utils._controller", "plugin_utils._files"
MARKDOWN, WORDS, PAGE = "plugin_utils._markdown", "plugin_utils._words", "plugin_utils._page"
CATALOGUE, OPTIONS, LINT = "plugin_utils._catalogue", "plugin_utils._options", "plugin_utils._lint"
REPORT, EXPORT, FLEET = "plugin_utils._report", "plugin_utils._export", "plugin_utils._fleet"
VALIDATE = "plugin_utils._validate"

MAY_IMPORT = {
    **{small: {"module_utils._text"} for small in SMALL},
    ARGSPEC: set(),
    PLANNING: {*SMALL},
    REST: {*SMALL, ARGSPEC},
    PROBE: {*SMALL, ARGSPEC},
    RUNNER: {*SMALL, f"{REST}.errors"},
    AUDIT: {*SMALL, ARGSPEC, PLANNING},
    MAILSERVICE: {*SMALL, ARGSPEC, PLANNING, PROBE, REST, RUNNER},
    CATALOGUE: {*SMALL},
    OPTIONS: {*SMALL, ARGSPEC, PLANNING, CATALOGUE},
    ACTION: {*SMALL, RUNNER, OPTIONS},
    CONTROLLER: {*SMALL, RUNNER, ACTION, OPTIONS},
    LINT: set(),
    FILES: {"module_utils._files"},
    MARKDOWN: {*SMALL},
    WORDS: {*SMALL, PLANNING},
    PAGE: {*SMALL, PLANNING, WORDS},
    REPORT: {*SMALL, AUDIT, PLANNING, MARKDOWN, WORDS, PAGE},
    EXPORT: {*SMALL, PLANNING},
    FLEET: {*SMALL, PLANNING, MARKDOWN, WORDS, PAGE},
    VALIDATE: {*SMALL, ARGSPEC, PLANNING, OPTIONS, WORDS, REPORT},
    "modules": {*SMALL, ARGSPEC, PLANNING, PROBE, REST, AUDIT, MAILSERVICE, RUNNER},
    "action": {
        *SMALL,
        PLANNING,
        AUDIT,
        RUNNER,
        ACTION,
        OPTIONS,
        CONTROLLER,
        LINT,
        FILES,
        REPORT,
        EXPORT,
        FLEET,
        VALIDATE,
        "modules",
    },
    "filter": {OPTIONS},
    "doc_fragments": set(),
}
"""A room, or a file beside the rooms: what of this collection it may import, besides itself."""


def modules():
    return sorted(
        path.relative_to(PLUGINS).with_suffix("").as_posix().replace("/", ".") for path in PLUGINS.rglob("*.py")
    )


def room(module):
    """The longest name in the table that the module is, or lies in."""
    return max((name for name in MAY_IMPORT if f"{module}.".startswith(f"{name}.")), key=len, default=None)


def imported(module):
    """The modules of this collection that a module imports."""
    names = set(modules())
    tree = ast.parse((PLUGINS / (module.replace(".", "/") + ".py")).read_text())
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parent = module.split(".")[: -node.level]
                base = ".".join([*parent, *filter(None, [base])])
            elif base.startswith(PACKAGE):
                base = base[len(PACKAGE) :]
            else:
                continue
            yield from {f"{base}.{alias.name}" if f"{base}.{alias.name}" in names else base for alias in node.names}


@pytest.mark.parametrize("module", modules())
def test_every_file_has_a_room_and_imports_only_what_its_room_may(module):
    home = room(module)
    assert home is not None, "this file is in no room: put it into one, or the room into the table"
    allowed = {home, *MAY_IMPORT[home]}
    refused = [name for name in imported(module) if not any(f"{name}.".startswith(f"{other}.") for other in allowed)]
    assert refused == []


def test_there_is_no_circle():
    waiting = {module: set(imported(module)) for module in modules()}
    while waiting:
        free = {module for module, needs in waiting.items() if not needs & set(waiting)}
        assert free, f"these import one another: {sorted(waiting)}"
        waiting = {module: needs for module, needs in waiting.items() if module not in free}


@pytest.mark.parametrize("module", [module for module in modules() if module.startswith("module_utils.")])
def test_imports_inside_module_utils_are_relative(module):
    text = (PLUGINS / (module.replace(".", "/") + ".py")).read_text()
    assert f"from {PACKAGE}" not in text and f"import {PACKAGE}" not in text


def test_no_package_says_anything_since_its_text_would_travel_with_every_module():
    assert [path for path in PLUGINS.rglob("__init__.py") if path.read_text().strip()] == []
