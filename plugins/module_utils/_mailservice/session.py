# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The portal of a task, open for as long as a block runs, and what becomes of what goes wrong in it."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from .._causes import cause
from .._planning.problems import PlanRefused
from .._rest.client import Client
from .._rest.errors import PortalError
from .._runner import TaskFailed
from .reader import Reader

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .._planning.problems import Problem
    from .._runner import Task


@contextmanager
def open_portal(task: Task) -> Iterator[Client]:
    """Open the portal of a task for as long as the block runs.

    What goes wrong in it fails the task, with what it cost so far.
    """
    client = Client(task.params, secrets=task.secrets)
    try:
        yield client
    except PlanRefused as refusal:
        raise refused(refusal.problems, host=client.host, api=client.api) from refusal
    except PortalError as error:
        raise TaskFailed(str(error), host=client.host, api=client.api, **error.as_result()) from error
    finally:
        client.close()
        for text in client.warnings:
            task.warn(text)
        if client.renewed and task.check_mode:
            task.warn("the access token had expired and was renewed, in check mode too: nothing changed on the portal")


def make_reader(task: Task, client: Client) -> Reader:
    lookahead, max_ids = task.params["inactive_lookahead"], task.params["inactive_max_ids"]
    if lookahead < 0 or max_ids < 0:
        why = cause("negative_ids")
        raise TaskFailed(why["message"], causes=[why])
    return Reader(client, lookahead, max_ids)


def refused(problems: Iterable[Problem], **result: Any) -> TaskFailed:
    """The TaskFailed that tells all problems at once."""
    told = list(problems)
    texts = list(map(str, told))
    return TaskFailed("; ".join(texts), problems=texts, causes=[problem.cause() for problem in told], **result)


def refuse_baseline(task: Task) -> None:
    """Raise TaskFailed: it was for the action plugin, since a module no longer sees which options were left out."""
    if task.params.get("baseline"):
        raise TaskFailed("baseline is of no use without this collection's action plugin; nothing was done")
