"""Attempts of a job and their output, byte for byte."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from hqserver.api import kinds
from hqserver.api.context import Call
from hqserver.api.registry import Section
from hqserver.core.reading import date
from hqserver.core.records import Attempt, AttemptState, Job
from hqserver.output_search import FIRST, search
from hqserver.outputs import Extent
from hqserver.wire import cuts
from hqserver.wire.faults import ApiFault, Code
from hqserver.wire.roles import Role

SECTION: Final = Section("Attempts", "Each start of a job's command is an attempt of its own, with a log of its own.")
_MOST_BYTES: Final = 4 << 20
_SEARCHERS: Final = ThreadPoolExecutor(2, "search-output")
"""So few that searches keep nobody from reading logs."""


@SECTION.method("getAttempts", Role.VIEWER, answer="list of dict", example="hq.getAttempts(17)", ours=True)
async def get_attempts(call: Call, job_id: kinds.Id) -> list[dict[str, Any]]:
    """The attempts of a job, oldest first.

    `number`, `client` (its name), `clientId`, `startTime`, `endTime`, `exitCode`, `signal`, `runtime` and `cpuSeconds`
    (seconds), `peakMemory` (kB), `outputBytes` (all that the command wrote), `cutBytes` (what of that is not kept),
    `live`, `reason` (why it is over: exited, time, silent, output, cancelled, ejected, reclaimed, lease, lost, refused,
    unable, unknown) and `message`.
    """
    job = await _job(call, "getAttempts", job_id)
    outputs = call.context.outputs
    rows = [_row(call, attempt, outputs.extent(job_id, attempt.number)) for attempt in job.attempts]
    await call.seen(job.revision)
    return rows


@SECTION.method("getOutput", Role.VIEWER, answer="dict", example="hq.getOutput(17, None, 0, 65536)", ours=True)
async def get_output(
    call: Call,
    job_id: kinds.Id,
    attempt: kinds.Id | None = None,
    offset: kinds.Offset = 0,
    limit: kinds.Offset = 262144,
) -> dict[str, Any]:
    """Bytes of an attempt's output, exactly as the command wrote them; without `attempt`, of the newest that started.

    `data` (base64), `offset` (of its first byte: beyond the one asked for when that was cut), `size` (all that the
    command wrote so far), `attempt`, `live` (whether more may come) and `cuts`, a list of `offset` and `length`. At
    most 4 MB at once. Fault 404: no such job or attempt.
    """
    job = await _job(call, "getOutput", job_id)
    wanted = _attempt(job, attempt, "getOutput")
    await call.seen(job.revision)
    if wanted is None and not job.hooks.count:
        return {"data": b"", "offset": 0, "size": 0, "attempt": 0, "live": job.live_attempt is not None, "cuts": []}
    outputs = call.context.outputs
    number = wanted.number if wanted is not None else 0
    running = wanted is not None and wanted.state is not AttemptState.OVER
    live = running or (wanted is job.attempt and job.hook is not None)
    extent = outputs.extent(job_id, number)
    read = asyncio.get_running_loop().run_in_executor
    start, data = await read(None, outputs.read_kept, job_id, number, offset, min(limit, _MOST_BYTES))
    return {
        "data": data,
        "offset": start,
        "size": max(extent.size, start + len(data)),
        "attempt": number,
        "live": live,
        "cuts": [{"offset": begin, "length": end - begin} for begin, end in extent.missing],
    }


@SECTION.method("searchOutput", Role.VIEWER, answer="dict", example='hq.searchOutput(17, "error")', ours=True)
async def search_output(
    call: Call,
    job_id: kinds.Id,
    pattern: kinds.Pattern,
    attempt: kinds.Id | None = None,
    limit: kinds.Limit = 1000,
    place: kinds.SearchPlace = FIRST,
) -> dict[str, Any]:
    """Where a text stands in an attempt's output; without `attempt`, of the newest that started.

    `matches`, a list of `offset` (bytes), `line` (1 is the first) and `text` (the line; of a very long one what is
    around the match), in order and not overlapping; `complete`, whether all of the output was searched; `searched`,
    how far (bytes); `place`, which the next call takes to go on from there; `attempt`. `pattern` is a plain text
    within a line: letters A to Z match in either case, everything else as it is. A call searches at most 64 MB, so
    whoever wants no more does not call again. What was cut from the output cannot be found, and its lines are not
    counted. Fault 404: no such job or attempt.
    """
    job = await _job(call, "searchOutput", job_id)
    wanted = _attempt(job, attempt, "searchOutput")
    await call.seen(job.revision)
    number = wanted.number if wanted is not None else 0
    run = asyncio.get_running_loop().run_in_executor
    found = await run(_SEARCHERS, search, call.context.outputs, (job_id, number), pattern, place, max(limit, 1))
    return {
        "matches": [match._asdict() for match in found.matches],
        "complete": found.place is None,
        "searched": found.searched,
        "place": "" if found.place is None else f"{found.place.offset}:{found.place.line}",
        "attempt": number,
    }


async def _job(call: Call, method: str, job_id: int) -> Job:
    found = await call.context.history.job(job_id)
    if found is None:
        raise ApiFault(Code.UNKNOWN, f"{method}: job_id: no job {job_id}")
    return found[1]


def _attempt(job: Job, number: int | None, method: str) -> Attempt | None:
    """The one of this number, or the newest that has started; None when none has. Raises ApiFault."""
    if number is None:
        return next((item for item in reversed(job.attempts) if item.started_at is not None), None)
    found = next((item for item in job.attempts if item.number == number), None)
    if found is None:
        raise ApiFault(
            Code.UNKNOWN, f"{method}: attempt: job {job.id} has no attempt {number}; it has {len(job.attempts)}"
        )
    return found


def _row(call: Call, attempt: Attempt, extent: Extent) -> dict[str, Any]:
    client = call.farm.clients.get(attempt.client)
    return {
        "number": attempt.number,
        "client": client.label if client is not None else "",
        "clientId": attempt.client,
        "startTime": date(attempt.started_at),
        "endTime": date(attempt.ended_at),
        "exitCode": attempt.exit_code,
        "signal": attempt.signal,
        "runtime": attempt.ran_seconds,
        "cpuSeconds": attempt.cpu_seconds,
        "peakMemory": attempt.peak_memory,
        "outputBytes": max(attempt.output_bytes, extent.size),
        "cutBytes": cuts.length(extent.missing),
        "live": attempt.state is not AttemptState.OVER,
        "reason": attempt.reason,
        "message": attempt.message,
    }
