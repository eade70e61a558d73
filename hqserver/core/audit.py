"""Whether the farm is what follows from its records: counts, families, leases and indexes, reckoned anew.

All of these are kept up to date by whoever changes something, and a mistake there would be seen late or never: a job
that nobody looks at again, a client that seems full. So the shell goes through everything now and then and logs what
differs. Nothing here changes anything. A rule answers what is wrong in a few words, or nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from typing import TYPE_CHECKING, Any, Final

from hqserver.core import rollups
from hqserver.core.kept import Group, Resource
from hqserver.core.records import AttemptState, Client, Instant, Job
from hqserver.wire.statuses import FINISHED, ON_CLIENT, JobStatus

if TYPE_CHECKING:
    from hqserver.core.farm import Farm

_SLACK_SECONDS: Final = 120.0
"""By so much what was due may be late on a busy machine."""
_TRIES: Final = 3
"""A large family may change while it is counted: then it is counted again."""
_JOBS_A_TURN: Final = 250

JobRule = Callable[["Farm", Job], str]


def of_job(farm: Farm, job: Job) -> Generator[None, None, list[str]]:
    """What is wrong with a job, in turns."""
    found = [text for rule in _JOB_RULES if (text := rule(farm, job))]
    for _ in range(_TRIES if job.children or job.totals is not None else 0):
        counted = yield from _counted(farm, job)
        if counted is not None:
            found += counted
            break
    return [f"job {job.id} {text}" for text in found]


def of_the_rest(farm: Farm) -> list[str]:
    """What is wrong with clients, groups, resources and what there is once. In one go: they are few."""
    found = [f"client {item.id} {text}" for item in farm.clients.values() for text in _client(farm, item)]
    found += [f"group {item.id} {text}" for item in farm.groups.values() for text in _group(farm, item)]
    found += [f"resource {item.name!r} {text}" for item in farm.resources.values() for text in _resource(farm, item)]
    count = sum(map(len, farm.jobs_of_status.values()))
    if count != len(farm.jobs):
        found.append(f"{count} jobs have a status, and there are {len(farm.jobs)}")
    return found


def overdue(farm: Farm, now: Instant) -> list[str]:
    """What the clock should have brought about by now: silences, ends of leases, anything that was to be looked at."""
    found = []
    late = now.monotonic - farm.next_deadline
    if late > _SLACK_SECONDS:
        found.append(f"what was due {late:.0f} s ago was not looked at")
    for client in farm.clients.values():
        silent = now.monotonic - client.heard_monotonic
        if client.online and silent > farm.offline_after + _SLACK_SECONDS:
            found.append(f"client {client.id} is online after a silence of {silent:.0f} s")
        for id_, attempt in client.attempts.items():
            late = now.monotonic - attempt.lease_until - farm.settings.lease_grace - farm.offline_after
            if late > _SLACK_SECONDS:
                found.append(f"job {id_} is alive {late:.0f} s after the end of its lease")
    return found


def _counted(farm: Farm, job: Job) -> Generator[None, None, list[str] | None]:
    """The counts of a parent, anew; None if something about it or below it changed meanwhile."""
    began = farm.revision
    children: list[Job] = []
    for number, id_ in enumerate(list(job.children), 1):
        child = farm.jobs.get(id_)
        if child is None or job.id not in child.parents:
            return None if job.revision > began else [f"has a child {id_} that does not know it"]
        children.append(child)
        if not number % _JOBS_A_TURN:
            yield
    row = [0] * rollups.WIDTH
    below = children
    if job.totals is not None and job.totals[rollups.SHARED]:
        below = yield from _below(farm, job)
    for start in range(0, len(below), _JOBS_A_TURN):
        part = [item.share if below is not children else rollups.whole(item) for item in below[start:][:_JOBS_A_TURN]]
        row = [sum(column) for column in zip(row, *part, strict=True)]
        yield
    if any(item.revision > began for item in (job, *children, *below)) or len(job.children) != len(children):
        return None
    counts = [
        sum(child.status not in FINISHED for child in children),
        sum(child.status is JobStatus.FAILED for child in children),
        sum(child.status is JobStatus.CANCELLED for child in children),
    ]
    known = [job.unfinished_children, job.failed_children, job.cancelled_children]
    found = [] if counts == known else [f"counts {known} unfinished, failed and cancelled children; there are {counts}"]
    if row != (job.totals or [0] * rollups.WIDTH):
        found.append(f"has the totals {job.totals}; its descendants make {row}")
    return found


def _below(farm: Farm, job: Job) -> Generator[None, None, list[Job]]:
    """The distinct descendants, or some of them if they change meanwhile."""
    found: list[Job] = []
    try:
        for item in rollups.descendants(farm.jobs, job):
            found.append(item)
            if not len(found) % _JOBS_A_TURN:
                yield
    except KeyError:  # deleted meanwhile; its parent was touched by that
        pass
    return found


def _indexed(farm: Farm, job: Job) -> str:
    return "" if job.id in farm.jobs_of_status[job.status] else f"is not among the {job.status} ones"


def _rooted(farm: Farm, job: Job) -> str:
    for id_ in job.parents:
        if id_ not in farm.jobs or job.id not in farm.jobs[id_].children:
            return f"has a parent {id_} that does not know it"
    root = farm.jobs[job.parents[0]].root if job.parents else job.id
    if job.root != root:
        return f"belongs to root {job.root}, its parent to {root}"
    expected = (not job.parents and job.status not in FINISHED, not job.parents and job.status in FINISHED)
    return "" if (job.id in farm.unfinished_roots, job.id in farm.finished_roots) == expected else "is no root as told"


def _shared(farm: Farm, job: Job) -> str:
    return "" if job.share == rollups.share(job) else f"adds {job.share} to its ancestors instead of its share"


def _looked_after(farm: Farm, job: Job) -> str:
    """Somebody has it in hand: its children, the planner, its client."""
    stands_in_line = farm.planner.kind_of(job) is not None
    live = job.live_attempt
    if (job.status is JobStatus.RUNNABLE and live is None) is not stands_in_line:
        return f"is {job.status} and {'stands' if stands_in_line else 'does not stand'} in line for a client"
    if job.status is JobStatus.QUEUED and not job.unfinished_children:
        return "waits for children, and all of them have ended"
    if job.status in FINISHED and (live is not None or job.unfinished_children):
        return f"is {job.status}, and something of it goes on"
    if (job.status in ON_CLIENT or job.status is JobStatus.ABANDONED) and live is None:
        return f"is {job.status} without an attempt"
    return ""


def _held(farm: Farm, job: Job) -> str:
    """Its live attempt stands with its clients."""
    attempt = job.live_attempt
    if attempt is None:
        return ""
    for id_ in attempt.clients:
        client = farm.clients.get(id_)
        held = {} if client is None else client.attempts if id_ == attempt.client else client.helps
        if held.get(job.id) is not attempt:
            return f"has attempt {attempt.number} on client {id_}, which does not know it"
    return ""


def _numbered(_farm: Farm, job: Job) -> str:
    numbers = [attempt.number for attempt in job.attempts]
    if numbers != list(range(1, len(numbers) + 1)) or job.attempt is not (job.attempts[-1] if job.attempts else None):
        return f"has attempts {numbers[-5:]}"
    live = sum(attempt.state is not AttemptState.OVER for attempt in job.attempts)
    return f"has {live} live attempts" if live > 1 else ""


def _logged(_farm: Farm, job: Job) -> str:
    return "" if not job.log or job.log[-1].status == job.status else f"is {job.status}, its log says something else"


_JOB_RULES: Final[tuple[JobRule, ...]] = (_indexed, _rooted, _shared, _looked_after, _held, _numbered, _logged)


def _client(farm: Farm, client: Client) -> Iterator[str]:
    used = sum(attempt.cpus for attempt in client.attempts.values())
    used += sum(attempt.helpers.get(client.id, 0) for attempt in client.helps.values())
    if client.cpus_used != used:
        yield f"has {client.cpus_used} cpus in use; its jobs make {used}"
    for id_, attempt in (*client.attempts.items(), *client.helps.items()):
        job = farm.jobs.get(id_)
        if job is None or job.live_attempt is not attempt:
            yield f"holds attempt {attempt.number} of job {id_}, which is none of it"
    if farm.client_of_label.get(client.label) is not client:
        yield "is not found by its name"
    if any(id_ not in farm.groups or client.id not in farm.groups[id_].clients for id_ in client.groups):
        yield "is in a group that does not know it"


def _group(farm: Farm, group: Group) -> Iterator[str]:
    if farm.group_of_name.get(group.name) is not group:
        yield "is not found by its name"
    if any(id_ not in farm.clients or group.id not in farm.clients[id_].groups for id_ in group.clients):
        yield "has a client that does not know it"


def _resource(farm: Farm, resource: Resource) -> Iterator[str]:
    if farm.resource_of_name.get(resource.name) is not resource:
        yield "is not found by its name"
    used = len(resource.clients) if resource.per_machine else sum(resource.jobs.values())
    if resource.in_use != used:
        yield f"has {resource.in_use} in use; its holders make {used}"
    for id_ in resource.jobs:
        holder: Any = farm.jobs.get(id_)
        if holder is None or holder.live_attempt is None:
            yield f"is held by job {id_}, which runs nowhere"
