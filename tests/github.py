# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Markdown as GitHub renders it, by GitHub's own parser."""

from __future__ import annotations

import cmarkgfm
from cmarkgfm.cmark import Options


def rendered(text):
    """HTML, with tables, bare addresses as links, and what raw HTML GitHub lets through."""
    return cmarkgfm.github_flavored_markdown_to_html(text, Options.CMARK_OPT_UNSAFE)
