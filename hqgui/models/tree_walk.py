"""Ways through the tree of jobs as it is shown: to a job, and from one failed job to the next."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from hqgui.models.job_store import JobStore
from hqgui.models.tree_shape import Shape
from hqserver.wire.statuses import JobStatus


def path_to(store: JobStore, shape: Shape, job: int) -> list[int]:
    """Ids from the top to a job, by its first parent each time; empty for one that is not known."""
    path: list[int] = []
    step: int | None = job if job in store else None
    while step is not None:
        path.append(step)
        step = next(iter(store.known_parents(step)), None)
    return path[::-1]


def next_failed(store: JobStore, shape: Shape, tops: Sequence[int], here: int, backwards: bool) -> int | None:
    """The next leaf that failed after (or before) `here`, in the order of the tree, all around; None: there is none."""
    start = min(store.roots_of((here,)), default=0) if here in store else 0
    after: list[int] = []
    before: list[int] = []
    passed = False
    for job in _failed_and(store, shape, tops, here, start):
        if job == here:
            passed = True
        else:
            (after if passed else before).append(job)
    order = (before[::-1] + after[::-1]) if backwards else (after + before)
    return order[0] if order else (here if _is_failed_leaf(store, here) else None)


def _is_failed_leaf(store: JobStore, job: int) -> bool:
    return store.value(job, "status") == JobStatus.FAILED and store.is_leaf(job)


def _failed_and(store: JobStore, shape: Shape, tops: Sequence[int], here: int, start: int) -> Iterator[int]:
    """Failed leaves, and `here`, each once, in the order of the tree; only branches that hold one are walked."""
    key = shape.key
    seen: set[int] = set()
    waiting = [job for job in tops if job == start or _holds_failed(store, job)][::-1]
    above = store.ancestors((here,)) if here in store else set()
    while waiting:
        job = waiting.pop()
        if job in seen:
            continue
        seen.add(job)
        if job == here or _is_failed_leaf(store, job):
            yield job
        below = [
            child for child in store.children(job) if child == here or child in above or _holds_failed(store, child)
        ]
        below.sort()
        below.sort(key=key, reverse=shape.descending)
        waiting.extend(reversed(below))


def _holds_failed(store: JobStore, job: int) -> bool:
    row = store.row_of.get(job)
    if row is None:
        return False
    return store.status[row] == JobStatus.FAILED or any(
        word == JobStatus.FAILED and count for word, count in store.child_counts[row]
    )
