# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  allow_catch_all_change:
    description:
      - Allow the task to deactivate or delete the catch-all, or to give it a server, port, encryption or link.
      - The catch-all is the active service without any of these. It takes the mailboxes of services that are
        deactivated or deleted, it is built in, and once changed nobody can make it again over REST. Renaming or sorting
        it is free.
      - A V(bitrix24) without any of these is the portal's own mail hosting, and takes the mailboxes of deleted services
        only.
    type: bool
    default: false
  allow_builtin_delete:
    description:
      - Allow the task to delete a service that carries SMTP settings or is named V(bitrix24). Such a service came with
        the portal, and nobody can make it again over REST.
    type: bool
    default: false
"""
