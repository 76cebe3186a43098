# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes the table in docs/catalogue.md out of the catalogue: python -m tests.quality.catalogue."""

from __future__ import annotations

import urllib.parse

import yaml

from tests.conftest import ROOT

FILE = ROOT / "plugins" / "plugin_utils" / "_catalogue" / "presets.yml"
PAGE = ROOT / "docs" / "catalogue.md"
HEAD = "| preset | name | IMAP server | web interface | sign-in | SMTP server | addresses | on the portal | where | sources |"
SIGN_IN = {"password": "password", "app_password": "app password", "oauth": "OAuth only"}
ON_THE_PORTAL = {"icon": "icon", "sign_in": "OAuth"}


def load():
    return yaml.safe_load(FILE.read_text())


def table(presets):
    rows = [HEAD, "|" + "---|" * (HEAD.count("|") - 1)]
    for key, preset in presets.items():
        sources = [f"[{site(address)}]({address})" for address in preset["sources"]]
        if preset["help"] not in preset["sources"]:
            sources.insert(0, f"[its own help]({preset['help']})")
        cells = (
            f"`{key}`",
            preset["name"],
            f"`{preset['server']}`",
            f"<{preset['link']}>",
            SIGN_IN[preset["authentication"]],
            f"`{preset['smtp']}`",
            ", ".join(preset.get("domains", ())),
            ", ".join(ON_THE_PORTAL[what] for what in preset.get("built_in", ())),
            preset["country"],
            f"{', '.join(sources)}; {preset['checked']}",
        )
        rows.append("| " + " | ".join(cells) + " |")
    return "\n".join(rows) + "\n"


def site(address):
    """What a link to a source is called: the repository, or the host."""
    parts = urllib.parse.urlsplit(address)
    return parts.path.split("/")[2] if parts.netloc == "github.com" else parts.netloc


def with_table(page, presets):
    """The page with the table in the place of the one that it ends with."""
    return page[: page.index(HEAD)] + table(presets)


if __name__ == "__main__":
    PAGE.write_text(with_table(PAGE.read_text(), load()))
