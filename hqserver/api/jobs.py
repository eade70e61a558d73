"""Job management: submitting jobs and acting on them."""

from __future__ import annotations

from typing import Final

from hqserver.api import kinds
from hqserver.api.context import Call
from hqserver.api.registry import Section
from hqserver.api.slices import in_turns
from hqserver.api.submitting import submit
from hqserver.core.commands import Act, SetAttribs, SetPriority, Submit, Verb
from hqserver.wire.jobs import JobSpec
from hqserver.wire.roles import Role
from hqserver.wire.spec_check import check

SECTION: Final = Section(
    "Job management",
    "Each action reaches the jobs that are named and those linked to them. Unknown ids are ignored; an empty list "
    "means nothing, never everything.",
)


@SECTION.method(
    "newjob",
    Role.SUBMITTER,
    answer="list of int",
    example='hq.newjob({"name": "film", "command": "join", "children": [{"name": "frame 1", "command": "draw 1"}]})',
)
async def newjob(
    call: Call, jobspec: kinds.Specification, parent_id: kinds.Id | None = None, child_ids: kinds.Ids = ()
) -> list[int]:
    """Submit jobs: a specification as a dict, a list of them, or either as JSON text.

    Answers one id for each top specification, in order, when all of it is on disk; nested children are found through
    `getJob`. `parent_id` is a job that waits for the new ones, `child_ids` are jobs that the new ones wait for. A
    specification with mistakes is refused as a whole, and the fault names each of them.
    """
    farm = call.farm

    def exists(id_: int) -> bool:
        return id_ in farm.jobs or farm.past.family_of(id_) is not None

    checked = await in_turns(check(jobspec, call.method, exists=exists))
    return await submit(call, checked, parent_id, child_ids)


@SECTION.method("runcmd", Role.SUBMITTER, answer="int", example='hq.runcmd("echo hi")')
async def runcmd(call: Call, cmd: kinds.Command) -> int:
    """Run a command on the farm, as an anonymous job. Answers its id."""
    (id_,) = await call.change(Submit((JobSpec("anonymous", cmd),), user=call.caller.name))
    return int(id_)


async def _act(call: Call, verb: Verb, job_ids: kinds.Ids) -> None:
    if job_ids:
        await call.change(Act(verb, tuple(dict.fromkeys(job_ids)), call.caller.name))


@SECTION.method("pauseJobs", Role.SUBMITTER, answer="nil", example="hq.pauseJobs([17])")
async def pause_jobs(call: Call, job_ids: kinds.Ids) -> None:
    """Pause the jobs and their descendants, as far as they are unfinished. Running ones are halted, not ended."""
    await _act(call, Verb.PAUSE, job_ids)


@SECTION.method("resumeJobs", Role.SUBMITTER, answer="nil", example="hq.resumeJobs([17])")
async def resume_jobs(call: Call, job_ids: kinds.Ids) -> None:
    """Let the jobs and their descendants go on, as far as they are paused."""
    await _act(call, Verb.RESUME, job_ids)


@SECTION.method("rescheduleJobs", Role.SUBMITTER, answer="nil", example="hq.rescheduleJobs([17])")
async def reschedule_jobs(call: Call, job_ids: kinds.Ids) -> None:
    """Have finished jobs run again, with what failed below them. On a running job it changes nothing."""
    await _act(call, Verb.RESCHEDULE, job_ids)


@SECTION.method("cancelJobs", Role.SUBMITTER, answer="nil", example="hq.cancelJobs([17])")
async def cancel_jobs(call: Call, job_ids: kinds.Ids) -> None:
    """End the jobs and their descendants, as far as they are unfinished.

    A running job is cancelled once every process of it is gone.
    """
    await _act(call, Verb.CANCEL, job_ids)


@SECTION.method("deleteJobs", Role.SUBMITTER, answer="nil", example="hq.deleteJobs([17])")
async def delete_jobs(call: Call, job_ids: kinds.Ids) -> None:
    """Delete finished jobs for good, with the descendants and the output that only they hold.

    Unfinished jobs and their trees are left alone: cancel them first. A child that has another parent is kept.
    """
    await _act(call, Verb.DELETE, job_ids)


@SECTION.method("ejectJobs", Role.OPERATOR, answer="nil", example="hq.ejectJobs([17])")
async def eject_jobs(call: Call, job_ids: kinds.Ids) -> None:
    """Take running jobs off their clients and queue them again, without counting it as a failure."""
    await _act(call, Verb.EJECT, job_ids)


@SECTION.method("setPriority", Role.SUBMITTER, answer="nil", example="hq.setPriority([17], 10)", ours=True)
async def set_priority(call: Call, job_ids: kinds.Ids, priority: kinds.Priority) -> None:
    """Set the priority of the jobs and of all their unfinished descendants. Larger goes first."""
    if job_ids:
        await call.change(SetPriority(tuple(dict.fromkeys(job_ids)), priority, call.caller.name))


@SECTION.method(
    "setJobAttribs", Role.SUBMITTER, answer="nil", example='hq.setJobAttribs([17], {"cpus": 4, "tags": []})', ours=True
)
async def set_job_attribs(call: Call, job_ids: kinds.Ids, attribs: kinds.Changes) -> None:
    """Change attributes of jobs whose command waits to run; nil gives one its default back.

    `description`, `tags`, `cpus`, `resources`, `triesLeft`, `maxTime`, `minHosts`, `maxHosts`, `conditions`. All of the
    jobs are changed or none: Fault 409 names one that runs or has ended. Descendants keep what they have, but for
    conditions that they inherit.
    """
    if job_ids and attribs:
        await call.change(SetAttribs(tuple(dict.fromkeys(job_ids)), attribs, call.caller.name))
