# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from tests.quality.checkout import copy_checkout


@pytest.fixture(scope="session")
def checkout(tmp_path_factory):
    """A copy of the checkout in a folder of collections."""
    return copy_checkout(tmp_path_factory.mktemp("collections"))
