# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an asserting task returns: foreseen in check mode, reported otherwise, in the same shape."""

from __future__ import annotations

from ansible_collections.bitrix24.portal.plugins.module_utils._client import DONE, FAILED, NOT_TRIED, UNKNOWN
from ansible_collections.bitrix24.portal.plugins.module_utils._model import WRITABLE

UNCHANGED = "unchanged"


class Report:
    """Before ``carried_out`` it tells what would be done, afterwards what was. ``failure``: one line, or None.

    ``single``: the task is about one service, and the result is in the singular.
    """

    def __init__(self, desired, current, plan, host, api, single=False):
        self.desired = desired
        self.current = current
        self.plan = plan
        self.api = api
        self.digest = plan.digest(host)
        self.single = single
        self.failure = None
        self._error = {}
        self._operations = None
        self._seen = None

    def carried_out(self, executor):
        """Take over what became of each change."""
        self._operations = {operation.change: operation for operation in executor.operations}
        self._seen = None if executor.unread is not None else executor.seen
        failed = [operation for operation in executor.operations if operation.status in (FAILED, UNKNOWN)]
        first = next(
            (operation.portal_error for operation in failed if operation.portal_error is not None), executor.unread
        )
        if first is not None:
            self._error = first.as_result()
        if failed:
            self.failure = failed[0].error
            if len(executor.operations) > 1:
                count = {
                    status: sum(operation.status == status for operation in executor.operations)
                    for status in (DONE, NOT_TRIED)
                }
                self.failure = "%d of %d changes failed, %d were done, %d not tried; first: %s" % (
                    len(failed),
                    len(executor.operations),
                    count[DONE],
                    count[NOT_TRIED],
                    self.failure,
                )
        elif executor.unread is not None:
            self.failure = (
                f"all changes were sent, but what the portal stored could not be read back: {executor.unread}"
            )

    @property
    def changed(self):
        """Whether anything was (or may have been) written, or in check mode would be."""
        if self._operations is None:
            return bool(self.plan.changes)
        return any(operation.may_have_written for operation in self._operations.values())

    def to_user(self):
        result = {"changed": self.changed, "effects": self.plan.effects, "diff": self.diff(), "api": self.api}
        if self.single:
            service = self._service_after()
            change = self.plan.by_entry[0][0]
            result.update(
                mailservice=None if service is None else service.to_user(),
                changes=[] if change is None else list(change.fields),
            )
        else:
            result.update(
                plan=self.plan.to_user(),
                plan_digest=self.digest,
                results=self.results(),
                mailservices=self.mailservices(),
            )
        result.update(self._error)
        return result

    def refused(self):
        """What is known where the plan was made and must not be carried out."""
        result = {"changed": False, "effects": self.plan.effects, "api": self.api}
        if not self.single:
            result.update(plan=self.plan.to_user(), plan_digest=self.digest)
        return result

    def results(self):
        """One per entry in the order given, then one per purged service."""
        results = [
            self._result(entry, change, service) for entry, (change, service) in zip(self.desired, self.plan.by_entry)
        ]
        results.extend(
            self._result(None, change, change.before) for change in self.plan.changes if change.entry is None
        )
        return results

    def _result(self, entry, change, service):
        if change is None:
            name = entry.name if service is None else service.name
            return _result(name, entry.id if service is None else service.id, UNCHANGED)
        name = (change.after or change.before).name
        if self._operations is None:
            return _result(name, change.id, change.action, changed=True)
        operation = self._operations[change]
        return _result(
            name,
            operation.id,
            change.action,
            changed=operation.may_have_written,
            failed=operation.status in (FAILED, UNKNOWN),
            error=operation.error,
            skipped=operation.status == NOT_TRIED,
        )

    def _service_after(self):
        change, service = self.plan.by_entry[0]
        if change is None:
            return service
        if self._operations is None:
            return change.after
        return None if self._seen is None else self._after(change)

    def _after(self, change):
        stored = self._seen.get(self._operations[change].id)
        if stored is None and change.is_plain_deactivation and self._operations[change].status == DONE:
            # Absence from the list of active services proves it; the rest of it was not touched.
            return change.after
        return stored

    def mailservices(self):
        """The active services, and the others that were touched; None where they could not be read back."""
        if self._operations is None:
            after = {change.id: change.after for change in self.plan.changes if change.before is not None}
            services = [
                after.get(service.id, service)
                for service in self.current.services
                if service.active or service.id in after
            ]
            services.extend(change.after for change in self.plan.changes if change.before is None)
            services = [service for service in services if service is not None]
            services.sort(key=lambda service: (service.sort or 0, service.name.lower()))
        elif self._seen is None:
            return None
        else:
            services = [service for service in self._seen.values() if service.active]
            touched = [self._after(change) for change in self._operations]
            services.extend(service for service in touched if service is not None and not service.active)
        services.sort(key=_inactive_last_by_id)
        return [service.to_user() for service in services]

    def diff(self):
        """Before and after of what differs, by name and ID. A map around each list, since Ansible prints no bare lists."""
        before, after = [], []
        for change in self.plan.changes:
            service_id = change.id
            if self._operations is not None:
                if not self._operations[change].may_have_written:
                    continue
                service_id = self._operations[change].id
            fields = [field for field in (change.fields or WRITABLE) if field != "name"]
            if change.before is not None:
                before.append(_part(change.before, change.before.id, fields))
            if change.after is not None:
                after.append(_part(change.after, service_id, fields))
        return {"before": {"mailservices": before}, "after": {"mailservices": after}}


def _inactive_last_by_id(service):
    """Keeps the order of the active ones; what is to be created gets its ID in this order."""
    return (False,) if service.active else (True, service.id or float("inf"), service.sort, service.name)


def _part(service, service_id, fields):
    part = {"name": service.name, "id": service_id}
    part.update((field, getattr(service, field)) for field in fields)
    return part


def _result(name, service_id, action, changed=False, failed=False, error=None, skipped=False):
    return {
        "name": name,
        "id": service_id,
        "action": action,
        "changed": changed,
        "failed": failed,
        "error": error,
        "skipped": skipped,
    }
