# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the roles do, without a playbook around it: fast enough for properties."""

from __future__ import annotations

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.parsing.dataloader import DataLoader

from ansible_collections.bitrix24.portal.plugins.module_utils._runner import Task, execute
from ansible_collections.bitrix24.portal.plugins.modules import mailservice_info, mailservice_set
from ansible_collections.bitrix24.portal.plugins.plugin_utils._export import files as _export

DATE = "2026-01-31"


def call(module, portal, check_mode=False, **options):
    """The result of a module on a simulated portal; it must not fail."""
    validation = ArgumentSpecValidator(module.SPEC["argument_spec"]).validate(
        dict(options, webhook_url=portal.webhook(), validate_certs=False)
    )
    assert not validation.error_messages, validation.error_messages
    result = execute(module.run, Task(validation.validated_parameters, check_mode))
    assert not result.get("failed"), result
    return result


def read(portal):
    return call(mailservice_info, portal, include_inactive=True)["mailservices"]


def exported(portal, name="portal-1", **options):
    return _export.host_file(read(portal), name, DATE, **options)


def loaded(text):
    """What ansible-core makes of a file with variables."""
    return DataLoader().load(text)


def reconcile(portal, text, **options):
    return call(mailservice_set, portal, mailservices=loaded(text)["mailservices_wanted"], **options)
