"""Families that leave RAM some time after their last change, and come back when somebody names a job of theirs.

A family is the connected component of jobs under parents and children: it goes and comes as a whole. It goes in three
steps, so that no turn of the loop is long: its rows are written in slices (`begin`, `slices`); in one turn, if nothing
about it changed meanwhile, it becomes history and the row that completes it is written (`conclude`); then its records
leave the indexes, again in slices (`let_go`). Who names one of its jobs in between waits until that is over.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from hqserver.core import blocking, families
from hqserver.core.commands import (
    Act,
    AddNote,
    Command,
    PermitClients,
    ReleaseHolds,
    SetAttribs,
    SetBlockedWarning,
    SetConditions,
    SetPriority,
    Submit,
    Unblock,
)
from hqserver.core.past import PastJob
from hqserver.core.records import Job
from hqserver.wire.statuses import FINISHED

if TYPE_CHECKING:
    from hqserver.core.farm import Farm
    from hqserver.core.state import Changes

SLICE: Final = 500


@dataclass(slots=True, eq=False)
class Departure:
    """Families that are about to leave."""

    families: list[list[Job]]
    is_disturbed: bool = False
    """Something about one of their jobs changed since the departure began."""

    @property
    def jobs(self) -> Iterator[Job]:
        """All of them."""
        return (job for members in self.families for job in members)


@dataclass(frozen=True, slots=True)
class PastFamily:
    """The row that completes a family of history."""

    id: int
    jobs: int
    changed_at: float
    """Wall time of its last change."""


def family_of(jobs: Mapping[int, Job], job: Job) -> Generator[None, None, list[Job] | None]:
    """The members of a job's family, in turns, ascending; None if any of them is unfinished."""
    found = {job.id: job}
    stack = [job]
    while stack:
        current = stack.pop()
        if current.status not in FINISHED:
            return None
        for id_ in (*current.parents, *current.children):
            if id_ not in found:
                found[id_] = jobs[id_]
                stack.append(found[id_])
        if not len(found) % SLICE:
            yield
    return [found[id_] for id_ in sorted(found)]


def last_change(members: Iterable[Job]) -> float:
    """Wall time at which a job of these last changed, as their logs and ends say."""
    return max(max(job.ended_at or 0.0, job.log[-1].at if job.log else job.queued_at) for job in members)


def begin(farm: Farm, members: list[list[Job]]) -> Departure:
    """These families are about to leave; from now on a change of any of their jobs is noticed."""
    departure = Departure(members)
    farm.departing = departure
    farm.departing_ids = {job.id for job in departure.jobs}
    return departure


def slices(departure: Departure, changes: Callable[[], Changes]) -> Iterator[Changes]:
    """What is to be written before `conclude`, in parts that show nothing to anybody."""
    part = changes()
    for members in departure.families:
        for job in members:
            part.past_jobs.append(PastJob(members[0].id, job.id, job.status, not job.parents))
            if len(part.past_jobs) == SLICE:
                part.stored = True
                yield part
                part = changes()
    if part.past_jobs:
        part.stored = True
        yield part


def conclude(farm: Farm, departure: Departure) -> bool:
    """Make the families history, unless something about them changed; whether they are."""
    farm.departing, farm.departing_ids = None, set()
    if departure.is_disturbed:
        return False
    for members in departure.families:
        farm.past.add(PastJob(members[0].id, job.id, job.status, not job.parents) for job in members)
        farm.note_departure(PastFamily(members[0].id, len(members), last_change(members)))
    return True


def let_go(farm: Farm, departure: Departure) -> Generator[None, None, None]:
    """Take their records out of the indexes, in turns; followers hear that they are gone."""
    for number, job in enumerate(departure.jobs, 1):
        del farm.jobs[job.id]
        del farm.jobs_of_status[job.status][job.id]
        farm.finished_roots.pop(job.id, None)
        blocking.forget(farm, job.id)
        submission = farm.submissions.pop(job.submission, None)
        if submission is not None and farm.submission_of_key.get(submission.key) is submission:
            del farm.submission_of_key[submission.key]
        farm.revision += 1
        farm.change_log.note_removed(farm.revision, ("jobs", job.id))
        if not number % SLICE:
            yield


def prepared(jobs: Sequence[Job]) -> dict[int, Job]:
    """Records of whole families, as they were read, with everything that follows from them. Touches no farm."""
    found = {job.id: job for job in sorted(jobs, key=lambda item: item.id)}
    families.connect(found)
    families.rebuild(found)
    return found


def take_back(farm: Farm, jobs: Mapping[int, Job]) -> None:
    """Families, `prepared`, are part of the farm again. Nothing about them is changed, so their revisions stay."""
    came_back = {family for id_ in jobs if (family := farm.past.family_of(id_)) is not None}
    farm.past.drop(jobs)
    farm.jobs.update(jobs)
    for job in jobs.values():
        farm.jobs_of_status[job.status][job.id] = None
        if not job.parents:
            farm.finished_roots[job.id] = None
            blocking.remember(farm, job)
    farm.note_return(came_back, jobs)


def named_by(command: Command) -> Iterable[int]:
    """The jobs that a command names: if they are history, they are recalled before it is applied."""
    names = _NAMES.get(type(command))
    return names(command) if names is not None else ()


def _named_by_submission(command: Submit) -> list[int]:
    found = list(command.children)
    if command.parent is not None:
        found.append(command.parent)
    stack = list(command.specs)
    while stack:
        spec = stack.pop()
        found += (*spec.children_ids, *spec.parent_ids)
        stack.extend(spec.children)
    return found


_NAMES: Final[dict[type[Any], Callable[[Any], Iterable[int]]]] = {
    Submit: _named_by_submission,
    Act: lambda command: command.ids,
    SetPriority: lambda command: command.ids,
    AddNote: lambda command: () if command.job is None else (command.job,),
    SetConditions: lambda command: (command.job,),
    PermitClients: lambda command: (command.job,),
    ReleaseHolds: lambda command: command.jobs,
    SetAttribs: lambda command: command.ids,
    SetBlockedWarning: lambda command: (command.job,),
    Unblock: lambda command: (command.job,),
}
