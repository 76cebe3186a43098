# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filters of the role mailservice_audit; each is documented in the YAML file of its name beside this one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ansible.errors import AnsibleFilterError
from ansible.utils.unsafe_proxy import wrap_var

from ansible_collections.bitrix24.portal.plugins.module_utils._audit.audit import examine
from ansible_collections.bitrix24.portal.plugins.module_utils._runner import to_builtin
from ansible_collections.bitrix24.portal.plugins.plugin_utils._report import render_text
from ansible_collections.bitrix24.portal.plugins.plugin_utils._report.exceptions import BadException
from ansible_collections.bitrix24.portal.plugins.plugin_utils._report.formats import FORMS
from ansible_collections.bitrix24.portal.plugins.plugin_utils._report.report import BadReport, make_report

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


def audit_portal(name: str, wanted: Any, present: dict[str, Any] | None = None, **given: Any) -> dict[str, Any]:
    # What people on the portal wrote must never be taken for a template, not even as part of a fact.
    return wrap_var(
        examine(
            to_builtin(name),
            to_builtin(wanted),
            current=to_builtin(present),
            **{key: to_builtin(value) for key, value in given.items()},
        )
    )


def audit_report(portals: Iterable[dict[str, Any]], forms: Iterable[str] = (), **settings: Any) -> dict[str, Any]:
    unknown = [form for form in to_builtin(forms) if form not in FORMS]
    if unknown:
        raise AnsibleFilterError(
            "mailservice_audit_files: there is no form {!r}; there are {}".format(unknown[0], ", ".join(FORMS))
        )
    try:
        report = make_report(to_builtin(portals), **{key: to_builtin(value) for key, value in settings.items()})
    except (BadReport, BadException) as problem:
        raise AnsibleFilterError(str(problem)) from problem
    # Texts, and not the report itself: Ansible walks through what a variable holds whenever it is used.
    return wrap_var(
        dict(
            texts={form: FORMS[form](report) for form in to_builtin(forms)},
            lines=render_text.render(report).splitlines(),
            failed={portal["name"]: portal["summary"] for portal in report["portals"] if portal["failed_on"]},
        )
    )


class FilterModule:
    def filters(self) -> dict[str, Callable[..., Any]]:
        return dict(audit_portal=audit_portal, audit_report=audit_report)
