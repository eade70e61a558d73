"""Bringing jobs in: building them from specifications, beside the farm, and making them visible at once.

A large submission is built in slices, so that others are served between them; the store keeps what it has so far under
a submission that is not complete. `activate` shows all of it. A small one goes the same way in one go.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from hqserver.core import families, mails
from hqserver.core.commands import Refused, Submit
from hqserver.core.records import Instant, Job, LogEntry, Submission
from hqserver.wire.jobs import Hook, JobSpec
from hqserver.wire.statuses import FINISHED, JobEvent, JobStatus

if TYPE_CHECKING:
    from hqserver.core.farm import Farm
    from hqserver.core.state import Changes

SLICE: Final = 500
NOT_FOUND, CONFLICT, CYCLE = 404, 409, 422
_MOST_MISSING: Final = 5
"""Ids of no job that a refusal names; a fault has room for no more."""


@dataclass(slots=True, eq=False)
class Staging:
    """A submission that is being built."""

    command: Submit
    submission: Submission
    jobs: dict[int, Job] = field(default_factory=dict)
    edges: list[tuple[int, int]] = field(default_factory=list)
    """Edges to and from jobs of the farm: parent, child."""
    stubs: dict[str, int] = field(default_factory=dict)
    """Its jobs by their labels."""
    tied: list[tuple[int, int]] = field(default_factory=list)
    """Edges by label between its jobs."""
    top: list[int] = field(default_factory=list)
    heirs: dict[str, str] = field(default_factory=dict)
    """Who submits the jobs of these labels, where they do not say so and no parent but one of the call does."""


def submit(farm: Farm, command: Submit, now: Instant) -> tuple[int, ...]:
    """The ids of the top jobs."""
    known = _known(farm, command)
    if known is not None:
        return known.ids
    staging = begin(farm, command, now)
    for _ in build(farm, staging, now):
        pass
    return activate(farm, staging, now, stored=False)


def begin(farm: Farm, command: Submit, now: Instant) -> Staging:
    """Check what it refers to and reserve its ids. Raises Refused."""
    _check(farm, command)
    count = _count(command.specs)
    submission = Submission(farm.next_submission, command.key, command.fingerprint, (), now.wall, farm.next_job, count)
    farm.next_submission += 1
    farm.next_job += count
    return Staging(command, submission, heirs=_heirs(farm, command))


def build(farm: Farm, staging: Staging, now: Instant) -> Iterator[list[Job]]:
    """The jobs, in slices, with their edges among each other; nothing of it is visible."""
    command, id_ = staging.command, staging.submission.first_id
    stack: list[tuple[JobSpec, Job | None, tuple[str, ...]]] = []
    for index, spec in reversed(list(enumerate(command.specs))):
        stack.append((spec, None, command.warnings[index] if index < len(command.warnings) else ()))
    fresh: list[Job] = []
    while stack:
        spec, parent, warnings = stack.pop()
        submitter = parent.submitted_by if parent is not None else _submitter(farm, staging, spec)
        job = _new_job(staging, spec, id_, parent, submitter, now, warnings)
        id_ += 1
        staging.jobs[job.id] = job
        fresh.append(job)
        stack += [(child, job, ()) for child in reversed(spec.children)]
        if len(fresh) == SLICE:
            yield fresh
            fresh = []
    if fresh:
        yield fresh


def activate(farm: Farm, staging: Staging, now: Instant, *, stored: bool) -> tuple[int, ...]:
    """Make the jobs part of the farm; the ids of the top ones. Raises Refused, and then none of them is."""
    known = _known(farm, staging.command)
    if known is not None:
        return known.ids
    _check(farm, staging.command)
    _tie(staging)
    _check_cycles(farm, staging)
    submission = staging.submission
    submission.ids = tuple(staging.top)
    farm.jobs.update(staging.jobs)
    families.rebuild(staging.jobs)
    if staging.tied:
        families.find_roots(staging.jobs)
    _enter(farm, staging)
    farm.submissions[submission.id] = submission
    if submission.key:
        farm.submission_of_key[submission.key] = submission
    farm.note_new_jobs(submission, staging.jobs.values(), stored=stored)
    _note_edges(farm, staging, stored=stored)
    families.link_all(farm, staging.edges)
    farm.disturbed += dict.fromkeys(parent for parent, _ in staging.edges)
    for job in staging.jobs.values():
        farm.planner.consider(job)
        if job.spec.email_to:
            for entry in job.log:
                mails.job_logged(farm, job, entry)
    return submission.ids


def _enter(farm: Farm, staging: Staging) -> None:
    """Its jobs in the farm's indexes."""
    for job in staging.jobs.values():
        farm.jobs_of_status[job.status][job.id] = None
        if job.status is JobStatus.QUEUED and not job.unfinished_children:
            farm.disturbed.append(job.id)
    for id_ in staging.top:
        job = staging.jobs[id_]
        if not job.parents:
            (farm.finished_roots if job.status in FINISHED else farm.unfinished_roots)[id_] = None


def _note_edges(farm: Farm, staging: Staging, *, stored: bool) -> None:
    """The edges between its jobs; a staged submission has written those of nested jobs already."""
    if stored:
        edges = staging.tied
    else:
        edges = [(parent, job.id) for job in staging.jobs.values() for parent in job.parents]
    for parent, id_ in edges:
        farm.note_edge(parent, id_, staging.jobs[id_].parents.index(parent))


def _tie(staging: Staging) -> None:
    """Make the children that are named by their labels; the specification was checked, so each label is there."""
    if not staging.stubs:
        return
    for job in staging.jobs.values():
        for stub in job.spec.child_stub_ids:
            child = staging.jobs[staging.stubs[stub]]
            if child.id not in job.children:
                job.children[child.id] = None
                child.parents.append(job.id)
                staging.tied.append((job.id, child.id))


def slice_changes(staging: Staging, jobs: list[Job], changes: Changes) -> Changes:
    """A slice as the store takes it: under a submission that is not complete."""
    changes.new_jobs = {job.id: job for job in jobs}
    changes.log = [(job.id, entry) for job in jobs for entry in job.log]
    changes.edges_added = [(job.parents[0], job.id, 0) for job in jobs if job.parents]
    changes.stored = True
    return changes


def _known(farm: Farm, command: Submit) -> Submission | None:
    """The submission that came before with the same key. Raises Refused when it was another one."""
    known = farm.submission_of_key.get(command.key) if command.key else None
    if known is not None and known.fingerprint != command.fingerprint:
        raise Refused(CONFLICT, f"submissionKey {command.key[:60]!r} was used for another specification")
    return known


def _check(farm: Farm, command: Submit) -> None:
    """Whatever it names must exist; what does not is told all at once."""
    named = [("parent_id", [] if command.parent is None else [command.parent]), ("child_ids", command.children)]
    stack = list(command.specs[::-1])
    while stack:
        spec = stack.pop()
        if spec.parent_ids:
            named.append((f"parentIds of {spec.name[:60]!r}", spec.parent_ids))
        if spec.children_ids:
            named.append((f"childrenIds of {spec.name[:60]!r}", spec.children_ids))
        stack.extend(reversed(spec.children))
    missing = [f"{what}: no job {id_}" for what, ids in named for id_ in ids if id_ not in farm.jobs]
    if missing:
        more = f"; and {len(missing) - _MOST_MISSING} more" if len(missing) > _MOST_MISSING else ""
        raise Refused(NOT_FOUND, "; ".join(missing[:_MOST_MISSING]) + more)


def _check_cycles(farm: Farm, staging: Staging) -> None:
    if not any(child in farm.jobs for _, child in staging.edges):
        return
    inner = [(parent, job.id) for job in staging.jobs.values() for parent in job.parents]
    found = families.would_be_cycle(farm.jobs, [*inner, *staging.edges])
    if found is not None:
        raise Refused(CYCLE, f"job {found[0]} would wait for job {found[1]}, which waits for it")


def _count(specs: tuple[JobSpec, ...]) -> int:
    count, stack = 0, list(specs)
    while stack:
        count += 1
        stack.extend(stack.pop().children)
    return count


def _heirs(farm: Farm, command: Submit) -> dict[str, str]:
    """Labelled top jobs that have the submitter of the first job that names them, and who that is.

    It is known before any job is built: a large submission is stored slice by slice, and its jobs below have it too.
    """
    ties: dict[str, str | JobSpec] = {}
    stack: list[tuple[JobSpec, str | JobSpec | None]] = [(spec, None) for spec in reversed(command.specs)]
    while stack:
        spec, source = stack.pop()
        if spec.submitted_by is not None:
            source = spec.submitted_by
        elif source is None:
            source = spec if spec.stub_id and not spec.parent_ids else _caller(farm, command, spec)
        for label in spec.child_stub_ids:
            ties.setdefault(label, source)
        stack += [(child, source) for child in reversed(spec.children)]
    heirs: dict[str, str] = {}
    for label, named_by in ties.items():
        path = {label: None}
        found = heirs.get(label, named_by)
        while isinstance(found, JobSpec) and found.stub_id in ties and found.stub_id not in path:
            path[found.stub_id] = None
            found = heirs.get(found.stub_id, ties[found.stub_id])
        name = _caller(farm, command, found) if isinstance(found, JobSpec) else found
        heirs.update(dict.fromkeys(path, name))
    return heirs


def _submitter(farm: Farm, staging: Staging, spec: JobSpec) -> str:
    """Who submits a job at the top that does not say so."""
    if spec.stub_id in staging.heirs and not spec.parent_ids:
        return staging.heirs[spec.stub_id]
    return _caller(farm, staging.command, spec)


def _caller(farm: Farm, command: Submit, spec: JobSpec) -> str:
    """Whoever submitted the first of the parents that are there already, else the caller."""
    above = command.parent if command.parent is not None else next(iter(spec.parent_ids), None)
    job = farm.jobs.get(above) if above is not None else None
    return command.user if job is None else job.submitted_by


def _new_job(
    staging: Staging,
    spec: JobSpec,
    id_: int,
    parent: Job | None,
    inherited: str,
    now: Instant,
    warnings: tuple[str, ...],
) -> Job:
    submitter = spec.submitted_by
    if submitter is None:
        submitter = inherited
    job = Job(
        id=id_,
        spec=spec,
        submission=staging.submission.id,
        submitted_by=submitter,
        queued_at=now.wall,
        priority=spec.priority,
        tries_left=spec.tries_left,
        root=parent.root if parent is not None else id_,
        status=JobStatus.QUEUED,
        warnings=warnings,
    )
    waits = spec.children or spec.children_ids or spec.child_stub_ids
    if not (waits or (parent is None and staging.command.children)):
        if spec.has_command:
            job.status = JobStatus.RUNNABLE
        elif Hook.ON_SUCCESS not in spec.hooks:
            job.status = JobStatus.SUCCEEDED
    job.log.append(LogEntry(1, now.wall, JobEvent.SUBMITTED, job.status, "", "; ".join(warnings)))
    if job.status is JobStatus.SUCCEEDED:
        job.ended_at = now.wall
        job.log.append(LogEntry(2, now.wall, job.status, job.status, "", ""))
    if parent is not None:
        job.parents.append(parent.id)
        parent.children[id_] = None
    else:
        staging.top.append(id_)
        if staging.command.parent is not None:
            staging.edges.append((staging.command.parent, id_))
        staging.edges += [(id_, child) for child in dict.fromkeys(staging.command.children)]
    if spec.stub_id:
        staging.stubs[spec.stub_id] = id_
    staging.edges += [(existing, id_) for existing in dict.fromkeys(spec.parent_ids)]
    staging.edges += [(id_, existing) for existing in dict.fromkeys(spec.children_ids)]
    return job
