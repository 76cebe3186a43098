# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""ansible-test sanity in three parts, each with the virtual environments that it makes itself, so that two cores are busy."""

from __future__ import annotations

from tests.quality.checkout import run


def test_pylint_finds_nothing(checkout):
    run("ansible-test", "sanity", "--color", "no", "--test", "pylint", cwd=checkout)
