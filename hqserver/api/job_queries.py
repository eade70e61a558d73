"""Job queries: attributes, lists of ids, output."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Generator, Iterable
from typing import Final

from hqserver.api import kinds
from hqserver.api.context import Call
from hqserver.api.logs import LARGEST_LOG, log_text
from hqserver.api.registry import Section
from hqserver.api.rows import Row, chosen_encoder, row_of, row_reader
from hqserver.api.slices import in_turns, mapped
from hqserver.core.farm import Farm
from hqserver.core.reading import JOB
from hqserver.core.records import Job
from hqserver.wire.encoder import Encoded
from hqserver.wire.faults import ApiFault, Code
from hqserver.wire.jobs import ATTRIBUTES
from hqserver.wire.roles import Role
from hqserver.wire.statuses import WAITING, JobStatus

SECTION: Final = Section("Job queries")
_SECONDS_A_MINUTE: Final = 60.0
_JOBS_A_LOOK: Final = 256


@SECTION.method("getJobs", Role.VIEWER, answer="list of dict", example='hq.getJobs([17, 18], ["name", "status"])')
async def get_jobs(call: Call, job_ids: kinds.Ids, attribs: kinds.Names | None = None) -> Encoded:
    """Attributes of jobs, one dict for each id, in order. Ids of no job are left out, and so are unknown attributes.

    Without `attribs` all attributes are answered but the large ones that are marked *on request* below.
    """
    newest = 0
    encode = chosen_encoder(JOB, ATTRIBUTES, attribs)

    def note_and_encode(farm: Farm, job: Job) -> str:
        nonlocal newest
        newest = max(newest, job.revision)
        return encode(farm, job)

    rows = await call.context.history.each(job_ids, note_and_encode)
    await call.seen(newest)
    return Encoded(rows)


@SECTION.method("getJob", Role.VIEWER, answer="dict or nil", example='hq.getJob(17, ["name", "status"])')
async def get_job(call: Call, job_id: kinds.Id, attribs: kinds.Names | None = None) -> Row | None:
    """Attributes of a job, as `getJobs` answers them; nil when there is no such job."""
    found = await call.context.history.job(job_id)
    if found is None:
        return None
    farm, job = found
    return await row_of(call, job, row_reader(farm, JOB, ATTRIBUTES, attribs))


@SECTION.method("getJobOutput", Role.VIEWER, answer="str", example="hq.getJobOutput(17, 1000)")
async def get_job_output(call: Call, job_id: kinds.Id, max_last_chars: kinds.Bound | None = None) -> str:
    """The output log of a job, or its last characters: of the newest attempt that has started, with its hooks' output.

    Less than one character means the whole log. A log beyond 64 MB is only answered in part: Fault 413 says so.
    Characters that XML cannot carry are shown by others, such as ESC by U+241B.
    """
    found = await call.context.history.job(job_id)
    if found is None:
        raise ApiFault(Code.UNKNOWN, f"getJobOutput: job_id: no job {job_id}")
    job = found[1]
    await call.seen(job.revision)
    started = [attempt.number for attempt in job.attempts if attempt.started_at is not None]
    if not started and not job.hooks.count:
        return ""
    number = started[-1] if started else 0
    extent = call.context.outputs.extent(job_id, number)
    size = extent.size
    last = max_last_chars if max_last_chars is not None and 0 < max_last_chars < size else None
    if (last or extent.kept) > LARGEST_LOG:
        problem = f"the output has {extent.kept} bytes. Ask for at most {LARGEST_LOG} with max_last_chars."
        raise ApiFault(Code.TOO_LARGE, f"getJobOutput: {problem}")
    thread = asyncio.get_running_loop().run_in_executor
    return await thread(None, log_text, call.context.outputs, job_id, number, size, last)


@SECTION.method("getUnfinishedRootJobIds", Role.VIEWER, answer="list of int", example="hq.getUnfinishedRootJobIds()")
async def get_unfinished_root_job_ids(call: Call) -> list[int]:
    """The ids of all unfinished jobs that have no parent, ascending. Roots of abandoned jobs are among them."""
    return await _told(call, call.farm.unfinished_roots)


@SECTION.method("getFinishedRootJobIds", Role.VIEWER, answer="list of int", example="hq.getFinishedRootJobIds()")
async def get_finished_root_job_ids(call: Call) -> list[int]:
    """The ids of all finished jobs that have no parent, ascending."""
    await call.context.history.still()
    return await _told(call, [*call.farm.past.roots(), *call.farm.finished_roots])


@SECTION.method(
    "getJobIdsByStatus", Role.VIEWER, answer="list of int", example='hq.getJobIdsByStatus(["failed", "cancelled"])'
)
async def get_job_ids_by_status(call: Call, statuses: kinds.Statuses) -> list[int]:
    """The ids of all jobs that have one of these statuses, ascending. `waiting` is another word for `runnable`."""
    wanted = {JobStatus.RUNNABLE if name == WAITING else JobStatus(name) for name in statuses}
    await call.context.history.still()
    found = call.farm.past.ids(wanted)
    for status in wanted:
        found += call.farm.jobs_of_status[status]
    return await _told(call, found)


async def _told(call: Call, ids: Iterable[int]) -> list[int]:
    found = sorted(ids)
    await call.seen()
    return found


@SECTION.method("getNumWaitingJobs", Role.VIEWER, answer="int", example="hq.getNumWaitingJobs(5)")
async def get_num_waiting_jobs(
    call: Call, wait_time: kinds.Minutes = 0, min_priority: kinds.Bound = -1, max_priority: kinds.Bound = -1
) -> int:
    """How many jobs are ready and have been waiting for a client for at least so many minutes.

    Bounds of the priority count from 0 on; below, there is none.
    """
    farm = call.farm
    since = call.context.engine.now().wall - wait_time * _SECONDS_A_MINUTE
    jobs = [farm.jobs[id_] for id_ in farm.jobs_of_status[JobStatus.RUNNABLE]]

    def counts(job: Job) -> bool:
        return (
            (min_priority < 0 or job.priority >= min_priority)
            and (max_priority < 0 or job.priority <= max_priority)
            and (wait_time <= 0 or _ready_since(job) <= since)
        )

    count = sum(await mapped(counts, jobs))
    await call.seen()
    return count


def _ready_since(job: Job) -> float:
    """When a runnable job became so: its log's first line of the last unbroken run of that status."""
    since = job.queued_at
    for entry in reversed(job.log):
        if entry.status != JobStatus.RUNNABLE:
            break
        since = entry.at
    return since


@SECTION.method("getJobHistory", Role.VIEWER, answer="list of int", example="hq.getJobHistory(3, 10)")
async def get_job_history(call: Call, client_id: kinds.Id, limit: kinds.Limit = 5) -> list[int]:
    """The ids of the jobs that ran on a client, the one that ended there last first; at most `limit` (and 10000).

    Empty when there is no such client. Deleted jobs are not among them.
    """
    history = call.context.history
    await history.still()
    ends = await in_turns(_ends_on(call.farm.jobs.values(), client_id)) + await history.ran_on(client_id, limit)
    await call.seen()
    newest = dict.fromkeys(id_ for _, id_ in heapq.nlargest(2 * limit, ends))
    return list(newest)[:limit]


def _ends_on(jobs: Iterable[Job], client: int) -> Generator[None, None, list[tuple[float, int]]]:
    """When each job that ran on a client ended there, and its id."""
    found = []
    for number, job in enumerate(list(jobs)):
        times = [item.ended_at for item in job.attempts if item.client == client and item.started_at is not None]
        ended = [at for at in times if at is not None]
        if ended:
            found.append((max(ended), job.id))
        if not number % _JOBS_A_LOOK:
            yield
    return found


@SECTION.method(
    "getJobIdsAssignedToClient", Role.VIEWER, answer="list of int", example="hq.getJobIdsAssignedToClient(3)"
)
async def get_job_ids_assigned_to_client(call: Call, client_id: kinds.Id) -> list[int]:
    """The ids of the jobs that are on a client now, ascending; empty when there is no such client."""
    client = call.farm.clients.get(client_id)
    return await _told(call, client.attempts if client is not None else ())
