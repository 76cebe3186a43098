# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What ansible-test sanity checks besides pylint, which has a file of its own so that two cores are busy."""

from __future__ import annotations

from tests.quality.checkout import run


def test_sanity_finds_nothing(checkout):
    output = run("ansible-test", "sanity", "--color", "no", "--skip-test", "pylint", cwd=checkout)
    for name in ("validate-modules", "import", "compile", "ansible-doc", "action-plugin-docs", "pep8"):
        assert 'Running sanity test "%s"' % name in output
