# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report in any of its forms."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

from ansible_collections.bitrix24.portal.plugins.plugin_utils._report import (
    render_html,
    render_junit,
    render_markdown,
    render_prometheus,
    render_text,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from ansible_collections.bitrix24.portal.plugins.module_utils._audit.findings import Report


def as_json(report: Report) -> str:
    """ASCII, in lines that a person or a diff can follow: a finding or a service takes one."""
    return _json(report, 4) + "\n"


def _json(value: Any, deep: int, level: int = 1) -> str:
    if deep and value and isinstance(value, (dict, list)):
        inner = [
            (json.dumps(key) + ": " if isinstance(value, dict) else "")
            + _json(value[key] if isinstance(value, dict) else key, deep - 1, level + 1)
            for key in value
        ]
        start, end = "{}" if isinstance(value, dict) else "[]"
        return "{}\n{}{}\n{}{}".format(start, " " * level, (",\n" + " " * level).join(inner), " " * (level - 1), end)
    return json.dumps(value, ensure_ascii=True)


FORMS: dict[str, Callable[[Report], str]] = {
    "json": as_json,
    "junit": render_junit.render,
    "markdown": render_markdown.render,
    "prometheus": render_prometheus.render,
    "html": render_html.render,
    "text": render_text.render,
}


def render(form: str, report: Report, path: str) -> str:
    """The report in a form that FORMS knows, for the file at that path."""
    if form == "prometheus":
        # What a collector reads lies in one folder, so that the names of the files tell audits apart.
        return render_prometheus.render(report, os.path.splitext(os.path.basename(path))[0])
    return FORMS[form](report)
