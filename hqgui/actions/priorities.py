"""Which calls give each job the priority that it should have.

`setPriority` also changes all unfinished descendants, so calls go from the top down, and what a call above did to a job
is taken into account before it gets a call of its own.
"""

from __future__ import annotations

from collections.abc import Mapping

from hqgui.actions.rules import unfinished
from hqgui.models.job_store import JobStore

Call = tuple[int, list[int]]
"""A priority and the jobs that get it."""


def plan(store: JobStore, wanted: Mapping[int, int], current: Mapping[int, int]) -> list[Call]:
    """The calls that lead from `current` priorities to the `wanted` ones, in order. Jobs that ended are left out."""
    now = {job: priority for job, priority in current.items() if job in store}
    calls: list[Call] = []
    for layer in _layers(store, [job for job in wanted if job in store and unfinished(store, job)]):
        by_priority: dict[int, list[int]] = {}
        for job in layer:
            if now.get(job, store.value(job, "priority")) != wanted[job]:
                by_priority.setdefault(wanted[job], []).append(job)
        for priority, jobs in sorted(by_priority.items()):
            calls.append((priority, jobs))
            now.update((job, priority) for job in store.family(jobs) if job in jobs or unfinished(store, job))
    return calls


def _layers(store: JobStore, jobs: list[int]) -> list[list[int]]:
    """The jobs by their greatest depth, so that no job stands in a layer before one that is above it."""
    depth: dict[int, int] = {}
    for job in jobs:
        waiting = [job]
        while waiting:
            step = waiting[-1]
            above = store.known_parents(step)
            unknown = [parent for parent in above if parent not in depth]
            if unknown:
                waiting.extend(unknown)
                continue
            depth[step] = 1 + max((depth[parent] for parent in above), default=-1)
            waiting.pop()
    layers: dict[int, list[int]] = {}
    for job in sorted(jobs):
        layers.setdefault(depth[job], []).append(job)
    return [layers[level] for level in sorted(layers)]
