"""Parents and children: adding and removing edges, and what that means for totals, roots and counts."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from hqserver.core import blocking, lives, rollups
from hqserver.core.records import Job
from hqserver.wire.statuses import FINISHED

if TYPE_CHECKING:
    from hqserver.core.farm import Farm


_MOST_PARENTS: Final = 50
"""A job without children is reckoned edge by edge while it has fewer parents: that costs what is above it alone."""
_MOST_FAMILIES: Final = 50
"""Of other edges to shared jobs, so many are reckoned each by itself; a crowd would be reckoned with each other."""


def link_all(farm: Farm, edges: Iterable[tuple[int, int]]) -> None:
    """Make jobs (parent, child) children; the caller has made sure that no cycle comes of it. An edge stands once."""
    families = 0
    unsure: dict[int, Job] = {}
    for parent_id, child_id in edges:
        parent, child = farm.jobs[parent_id], farm.jobs[child_id]
        if child.id in parent.children:
            continue
        if not child.parents and not (child.totals and child.totals[rollups.SHARED]):
            _add(farm, [parent, *rollups.ancestors(farm.jobs, parent)], rollups.whole(child), 1)
        elif (is_slice := not child.children and len(child.parents) < _MOST_PARENTS) or families < _MOST_FAMILIES:
            families += not is_slice
            _gain(farm, [parent, *rollups.ancestors(farm.jobs, parent)], child)
        else:
            unsure[parent.id] = parent
        _attach(farm, parent, child)
    _recount(farm, [farm.jobs[id_] for id_ in _above(farm.jobs, unsure, {})])


def _attach(farm: Farm, parent: Job, child: Job) -> None:
    """The edge itself, with all but the totals."""
    was_root = not child.parents
    parent.children[child.id] = None
    child.parents.append(parent.id)
    farm.note_edge(parent.id, child.id, len(child.parents) - 1)
    lives.refresh(farm, child)
    if was_root:
        farm.unfinished_roots.pop(child.id, None)
        farm.finished_roots.pop(child.id, None)
        set_root(farm, child)
    if child.status in FINISHED:
        lives.count_child(parent, child.status, 1)
        farm.disturbed.append(parent.id)
    else:
        parent.unfinished_children += 1
        farm.must_wait.append(parent.id)
    farm.touch_job_once(parent)


def set_root(farm: Farm, job: Job) -> None:
    """Tell a job and those below it, through first parents, which root they belong to."""
    root = farm.jobs[job.parents[0]].root if job.parents else job.id
    stack = [job]
    while stack:
        current = stack.pop()
        if current.root != root:
            current.root = root
            farm.touch_job(current)
        farm.planner.consider(current)
        stack += (child for id_ in current.children if (child := farm.jobs[id_]).parents[0] == current.id)


def find_roots(jobs: Mapping[int, Job]) -> None:
    """Tell each of these jobs its root, through first parents; a parent that is none of them does not count."""
    stack = [job for job in jobs.values() if not job.parents or job.parents[0] not in jobs]
    for job in stack:
        job.root = job.id
    while stack:
        job = stack.pop()
        for id_ in job.children:
            child = jobs[id_]
            if child.parents[0] == job.id:
                child.root = job.root
                stack.append(child)


def would_be_cycle(jobs: Mapping[int, Job], edges: Iterable[tuple[int, int]]) -> tuple[int, int] | None:
    """One of these new edges (parent, child) that lies on a cycle; None when they close none. Costs what is above."""
    more: dict[int, list[int]] = {}
    new: set[tuple[int, int]] = set()
    for parent, child in edges:
        more.setdefault(child, []).append(parent)
        new.add((parent, child))
    done: set[int] = set()
    for start in more:
        path: dict[int, Iterator[int]] = {}
        current: int | None = start if start not in done else None
        while current is not None:
            if current not in path:
                known = jobs.get(current)
                path[current] = iter((*(known.parents if known is not None else ()), *more.get(current, ())))
            above = next(path[current], None)
            if above is None:
                del path[current]
                done.add(current)
                current = next(reversed(path), None)
            elif above in path:
                return _new_one([*path][[*path].index(above) :], new)
            elif above not in done:
                current = above
    return None


def _new_one(circle: list[int], new: Container[tuple[int, int]]) -> tuple[int, int]:
    """An edge (parent, child) of the circle that is new: there is one, since what stands has no circles."""
    pairs = zip([*circle[1:], circle[0]], circle, strict=True)
    return next(pair for pair in pairs if pair in new)


def _above(jobs: Mapping[int, Job], starts: Iterable[int], more: Mapping[int, list[int]]) -> set[int]:
    """These jobs and all above them."""
    found: set[int] = set()
    stack = list(starts)
    while stack:
        id_ = stack.pop()
        if id_ not in found:
            found.add(id_)
            known = jobs.get(id_)
            stack += [*(known.parents if known is not None else ()), *more.get(id_, ())]
    return found


def parents_first(jobs: Mapping[int, Job]) -> list[Job]:
    """These jobs in an order in which each comes after those of its parents that are among them."""
    lacking = {id_: sum(parent in jobs for parent in job.parents) for id_, job in jobs.items()}
    ready = [job for id_, job in jobs.items() if not lacking[id_]]
    for job in ready:
        for id_ in job.children:
            if id_ in lacking:
                lacking[id_] -= 1
                if not lacking[id_]:
                    ready.append(jobs[id_])
    return ready


def held_only_by(jobs: Mapping[int, Job], job: Job) -> dict[int, Job]:
    """A job and the descendants all of whose parents are among these: what goes when the job goes."""
    held = {job.id: job}
    lacking: dict[int, int] = {}
    stack = [job]
    while stack:
        for id_ in stack.pop().children:
            child = jobs[id_]
            lacking[id_] = lacking.get(id_, len(child.parents)) - 1
            if not lacking[id_] and id_ not in held:
                held[id_] = child
                stack.append(child)
    return held


def remove(farm: Farm, doomed: Mapping[int, Job]) -> None:
    """Take finished jobs out of the farm; the jobs around them lose an edge."""
    kept = [(job, farm.jobs[id_]) for job in doomed.values() for id_ in job.children if id_ not in doomed]
    above = {job.id: rollups.ancestors(farm.jobs, job) for job in doomed.values() if job.parents}
    unsure = {item.id: item for job, _ in kept for item in above.get(job.id, ()) if item.id not in doomed}
    for id_, items in above.items():
        share = [(index, -value) for index, value in enumerate(doomed[id_].share) if value]
        for item in items:
            if item.id not in doomed and item.id not in unsure:
                item.totals = rollups.change(item.totals, share)
                farm.touch_job(item)
    for job in doomed.values():
        for id_ in job.parents:
            if id_ not in doomed:
                _lose_child(farm, farm.jobs[id_], job)
    for job, child in kept:
        _lose_parent(farm, child, job)
    _recount(farm, unsure.values())
    for job in doomed.values():
        del farm.jobs[job.id]
        del farm.jobs_of_status[job.status][job.id]
        farm.unfinished_roots.pop(job.id, None)
        farm.finished_roots.pop(job.id, None)
        farm.planner.forget(job.id)
        blocking.forget(farm, job.id)
        farm.note_removed(job)


def _lose_child(farm: Farm, parent: Job, child: Job) -> None:
    del parent.children[child.id]
    lives.count_child(parent, child.status, -1)
    farm.disturbed.append(parent.id)
    farm.touch_job(parent)


def _lose_parent(farm: Farm, child: Job, parent: Job) -> None:
    """A child that another parent keeps."""
    child.parents.remove(parent.id)
    farm.note_edge_removed(parent.id, child.id)
    lives.refresh(farm, child)
    set_root(farm, child)


def _add(farm: Farm, above: Iterable[Job], row: Sequence[int], sign: int) -> None:
    for job in above:
        job.totals = rollups.change(job.totals, ((index, sign * value) for index, value in enumerate(row) if value))
        farm.touch_job_once(job)


def _gain(farm: Farm, above: Iterable[Job], child: Job) -> None:
    """Ancestors that are about to have the child below them count what of it they do not have yet."""
    for job in (child, *rollups.descendants(farm.jobs, child)):
        known = {item.id for item in rollups.ancestors(farm.jobs, job)}
        share = [(index, value) for index, value in enumerate(job.share) if value]
        for item in above:
            if item.id not in known:
                item.totals = rollups.change(item.totals, share)
                farm.touch_job_once(item)


def _recount(farm: Farm, jobs: Iterable[Job]) -> None:
    for job in jobs:
        rollups.recount(farm.jobs, job)
        farm.touch_job(job)


def count_children(job: Job, children: Iterable[Job]) -> None:
    """The parent's counts from its children, anew."""
    job.unfinished_children = job.failed_children = job.cancelled_children = 0
    for child in children:
        if child.status in FINISHED:
            lives.count_child(job, child.status, 1)
        else:
            job.unfinished_children += 1


def connect(jobs: Mapping[int, Job]) -> None:
    """Children from parents, newest attempts, then roots. An edge to a job that could not be read is dropped."""
    for job in jobs.values():
        job.attempt = job.attempts[-1] if job.attempts else None
        job.parents = [id_ for id_ in job.parents if id_ in jobs]
        for id_ in job.parents:
            jobs[id_].children[job.id] = None
    find_roots(jobs)


def rebuild(jobs: Mapping[int, Job]) -> None:
    """Shares, totals and counts of all jobs after loading; children before their parents."""
    left = {job.id: len(job.children) for job in jobs.values()}
    ready = [job for job in jobs.values() if not job.children]
    while ready:
        job = ready.pop()
        job.share = rollups.share(job)
        if job.children:
            children = [jobs[id_] for id_ in job.children]
            count_children(job, children)
            _total(jobs, job, children)
        for id_ in job.parents:
            left[id_] -= 1
            if not left[id_]:
                ready.append(jobs[id_])


def _total(jobs: Mapping[int, Job], job: Job, children: list[Job]) -> None:
    """A job's totals from its children's when nothing below is shared, else from its descendants one by one."""
    row = [0] * rollups.WIDTH
    for child in children:
        for index, value in enumerate(rollups.whole(child)):
            row[index] += value
    job.totals = row
    if row[rollups.SHARED]:
        rollups.recount(jobs, job)
