# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Processes that run the same task at the same moment."""

from __future__ import annotations

import multiprocessing

SECONDS = 120


def _runner(pipe, start):
    # Imported here: the collection is found under its name only once this package's conftest has made it so.
    import tests.conftest  # noqa: F401
    from ansible_collections.bitrix24.portal.plugins.module_utils._runner import execute
    from tests.faults.disturbed import prepare

    prepare("mailservice_set", dict(mailservices=[]))
    pipe.send("ready")
    for module, params, runners in iter(pipe.recv, None):
        run, task = prepare(module, params)
        if runners > 1:
            start.wait(SECONDS)
        pipe.send(execute(run, task))


class Racers:
    """``race(module, params)``: the results of as many runs of one task, begun at the same moment in processes of their own."""

    def __init__(self, count):
        context = multiprocessing.get_context("spawn")
        self._count = count
        self._start = context.Barrier(count)
        self._pipes, self._processes = [], []
        for dummy in range(count):
            own, theirs = context.Pipe()
            process = context.Process(target=_runner, args=(theirs, self._start), daemon=True)
            process.start()
            theirs.close()
            self._pipes.append(own)
            self._processes.append(process)

    def __enter__(self):
        for pipe in self._pipes:
            assert self._answer(pipe) == "ready"
        return self

    def __exit__(self, *exc_info):
        for pipe in self._pipes:
            pipe.send(None)
            pipe.close()
        for process in self._processes:
            process.join(SECONDS)
            process.close()

    def race(self, module, params):
        for pipe in self._pipes:
            pipe.send((module, params, self._count))
        return [self._answer(pipe) for pipe in self._pipes]

    @staticmethod
    def _answer(pipe):
        assert pipe.poll(SECONDS), "a process has not answered within %d seconds" % SECONDS
        return pipe.recv()
