# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads the help page of every provider of the catalogue: python -m tests.quality.help_pages [PRESET...].

It wants the internet, so no test runs it against the real pages. What it tells is to be looked at by a person: a page can
show its values by a script, or name another server that works as well.
"""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor

import requests

from tests.quality.catalogue import load

TIMEOUT = 20
"""Seconds for each page."""


def judged(preset):
    """What the page says of the preset, in words."""
    try:
        answer = requests.get(preset["help"], timeout=TIMEOUT, headers={"User-Agent": "Mozilla/5.0"})
    except requests.RequestException as error:
        return f"could not be read: {type(error).__name__}"
    if answer.status_code != 200:
        return f"could not be read: HTTP {answer.status_code}"
    page = answer.text.lower()
    named = [preset[key] for key in ("server", "smtp") if preset[key] in page]
    return f"names {' and '.join(dict.fromkeys(named))}" if named else "names neither server"


def main(names):
    presets = {name: preset for name, preset in load().items() if not names or name in names}
    with ThreadPoolExecutor(8) as pool:
        for (name, preset), said in zip(presets.items(), pool.map(judged, presets.values())):
            print(f"{name}: {said}: {preset['help']}")


if __name__ == "__main__":
    main(sys.argv[1:])
