"""Why a job waits: the API's side of `hqserver.core.explaining`."""

from __future__ import annotations

from typing import Any, Final

from hqserver.api import kinds
from hqserver.api.context import Call
from hqserver.api.registry import Section
from hqserver.core.explaining import as_struct, explain
from hqserver.wire.faults import ApiFault, Code
from hqserver.wire.roles import Role

SECTION: Final = Section("Why a job waits")


@SECTION.method("explainJob", Role.VIEWER, answer="dict", example="hq.explainJob(17)", ours=True)
async def explain_job(call: Call, job_id: kinds.Id) -> dict[str, Any]:
    """Why a job waits: `status`, `verdict` (a sentence) and `reasons`, of which the first is `waitingFor`'s.

    A reason has `code`, `text`, `scope` (`job`: whatever the client; `clients`), `count` and `clients` (the first 100
    ids) of the clients that it keeps from the job, `clears` (what must happen) and `clearsAt` (when the clock alone
    does it), each nil when nobody knows, and `fix`: the `function` and `arguments` of a call that makes a client fit,
    or nil. Each client is counted once, so the counts sum to the number of clients.
    """
    found = await call.context.history.job(job_id)
    if found is None:
        raise ApiFault(Code.UNKNOWN, f"explainJob: job_id: no job {job_id}")
    farm, job = found
    answer = as_struct(job, *explain(farm, job, call.context.engine.now()))
    await call.seen()
    return answer
