# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How Sphinx builds the site: what antsibull-docs sphinx-init writes, less what wants a network, and Markdown."""

from __future__ import annotations

import docutils.nodes
import sphinx.addnodes
import sphinx.application
import sphinx.environment

project = "bitrix24.portal"
copyright = "The bitrix24.portal contributors"  # noqa: A001
html_title = html_short_title = "Ansible collection bitrix24.portal"

extensions = ["myst_parser", "sphinx_antsibull_ext"]
myst_heading_anchors = 4

pygments_style = "ansible"
highlight_language = "YAML+Jinja"
default_role = "any"
nitpicky = True

html_theme = "sphinx_ansible_theme"
html_theme_options = {"show_rtd_ethical_ads": False, "show_extranav": False}
templates_path = ["templates"]
html_show_sphinx = False
html_use_index = False
html_copy_source = False

# What the pages of plugins refer to in Ansible's own documentation. Its inventory would have to be downloaded.
ANSIBLE = "https://docs.ansible.com/projects/ansible/latest/"
LABELS = {
    "action_plugins": "plugins/action.html",
    "ansible_configuration_settings": "reference_appendices/config.html",
    "common_return_values": "reference_appendices/common_return_values.html",
}


def ansibles_own(
    _app: sphinx.application.Sphinx,
    _env: sphinx.environment.BuildEnvironment,
    node: sphinx.addnodes.pending_xref,
    content: docutils.nodes.TextElement,
) -> docutils.nodes.reference | None:
    """Returns a link to Ansible's documentation; None where the reference is not to it, and is broken."""
    target = node["reftarget"]
    plugin = target.removeprefix("ansible_collections.ansible.builtin.")
    path = LABELS.get(target) if plugin == target else f"collections/ansible/builtin/{plugin}.html"
    return docutils.nodes.reference("", "", content, refuri=ANSIBLE + path, internal=False) if path else None


def setup(app: sphinx.application.Sphinx) -> None:
    """Called by Sphinx."""
    app.connect("missing-reference", ansibles_own)
