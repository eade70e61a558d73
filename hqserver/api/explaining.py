"""Why a job waits, and where one would run that was not submitted yet: `hqserver.core.explaining`, for callers."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import Any, Final

from hqserver.api import kinds
from hqserver.api.context import Call
from hqserver.api.registry import Section
from hqserver.api.slices import in_turns
from hqserver.core import explaining, supposing, telling, wants
from hqserver.core.farm import Farm
from hqserver.core.supposing import Line
from hqserver.wire.faults import ApiFault, Code
from hqserver.wire.jobs import JobSpec
from hqserver.wire.roles import Role
from hqserver.wire.spec_check import Checked, judge

SECTION: Final = Section("Why a job waits")

_MOST_KINDS: Final = 20
_JOBS_A_TURN: Final = 500


@SECTION.method("explainJob", Role.VIEWER, answer="dict", example="hq.explainJob(17)", ours=True)
async def explain_job(call: Call, job_id: kinds.Id, conditions: kinds.Conditions | None = None) -> dict[str, Any]:
    """Why a job waits: `verdict` (a sentence) and `reasons`, of which the first is `waitingFor`'s.

    Each client is counted once, under the reason that is furthest from passing, so the counts sum to the number of
    clients. With `conditions` it says what would be if the job had these instead of its own; nothing is changed.

    The answer has `job`, `status`, `since` (when it came into it), `verdict`, `reasons`, `total` (number of clients),
    `eligible` (clients that nothing about themselves keeps from the job), `eligibleClients` (the first 5,000 ids),
    `best` (`reason` and `fix`: which fix to try first, by their places in the lists, or nil), and `needs`: `cpus`,
    `single`, `tags`, `resources`, `minHosts`, `maxHosts`, `priority`, `conditions` (its own, or those that it
    `inherits` from its root), `permitted` (number of clients), `heirs` (jobs below it that follow its conditions).

    A reason has `code`, `text`, `scope` (`job`: whatever the client; `clients`), `count`, `clients` (the first 100
    ids), `states` (their number by status), `clears` (what must happen), `clearsAt` (when, or nil), `about` (whether
    that is an estimate), `fixes`, and `fix`: `function` and `arguments` of the first call of the first fix that makes
    a client fit, or nil. A fix has `code`, `calls` (`function` and `arguments` each) and `clients`, the number of
    clients that fit when the calls are done; 0: it moves the job forward in line, lets go of clients for others, or
    takes away what would keep the job for ever while clients that it could have are busy.

    Of `groups` each has `id` and `name` (nil and empty for clients in no group), `count`, `states`, `fix`: clients
    that are not permitted, each under one of its groups. Of `items` each is a client, the first 100 to be of use: `id`,
    `label`, `status`, `jobs` (`id` and `name` of what runs there), `heldFor`, `lastHeartbeat`, `clearsAt`, `about`,
    `fixes`. `resource` is what is lacking: `name`, `asked`, `amount`, `inUse`, `perMachine`, `holders` (the first 100
    jobs), `holderCount`. `held` are the clients on hold for the job: `id`, `label`, `since`.
    """
    found = await call.context.history.job(job_id)
    if found is None:
        raise ApiFault(Code.UNKNOWN, f"explainJob: job_id: no job {job_id}")
    farm, job = found
    now = call.context.engine.now()
    answer = telling.explanation(farm, explaining.explain(farm, job, now, conditions), now)
    await call.seen()
    return answer


@SECTION.method(
    "checkJob", Role.VIEWER, answer="dict", example='hq.checkJob({"name": "film", "command": "join"})', ours=True
)
async def check_job(call: Call, jobspec: kinds.Specification) -> dict[str, Any]:
    """What `newjob` would say to a specification, and where its jobs could run now. Nothing is stored.

    The answer has `jobs` (their number), `mistakes` (the first 20, each with `path` and `problem`), `mistakeCount`,
    `warnings`, `clients` (of the farm) and `where`: for the first 20 kinds of jobs with a command that ask for the same
    `name` (of the first such job), `jobs`, `could` (clients that could run them, now or when what runs there has
    ended), `free` (clients that could now) and `reasons` as in `explainJob` (`code`, `text`, `scope`, `count`,
    `resource`); they name each client once. With mistakes `where` is empty.
    """
    farm = call.farm

    def exists(id_: int) -> bool:
        return id_ in farm.jobs or farm.past.family_of(id_) is not None

    verdict = await in_turns(judge(jobspec, call.method, exists=exists))
    where = [] if verdict.checked is None else await in_turns(_where(call, verdict.checked))
    await call.seen()
    return {
        "jobs": verdict.jobs,
        "mistakes": [{"path": path, "problem": problem} for path, problem in verdict.mistakes],
        "mistakeCount": verdict.mistake_count,
        "warnings": [] if verdict.checked is None else [text for item in verdict.checked.warnings for text in item],
        "clients": len(farm.clients),
        "where": where,
    }


def _where(call: Call, checked: Checked) -> Generator[None, None, list[dict[str, Any]]]:
    """Each kind of jobs of a submission, in the order in which they stand."""
    names: dict[wants.Wants, tuple[str, Line]] = {}
    counts: dict[wants.Wants, int] = {}
    wall = call.context.engine.now().wall
    for number, (spec, root) in enumerate(_with_commands(checked), 1):
        line = supposing.of_spec(call.farm, spec, root, wall)
        wanted = line[0].wants
        if wanted not in names and len(names) < _MOST_KINDS:
            names[wanted] = spec.name, line
        if wanted in names:
            counts[wanted] = counts.get(wanted, 0) + 1
        if not number % _JOBS_A_TURN:
            yield
    told = []
    for wanted, (name, line) in names.items():
        told.append({"name": name, "jobs": counts[wanted], **_of_line(call.farm, line)})
        yield
    return told


def _of_line(farm: Farm, line: Line) -> dict[str, Any]:
    return telling.findings_of_line(farm, line, explaining.of_line(farm, line))


def _with_commands(checked: Checked) -> Iterator[tuple[JobSpec, JobSpec]]:
    """Every job that has a command, and the root of its tree."""
    stack = [(spec, spec) for spec in reversed(checked.specs)]
    while stack:
        spec, root = stack.pop()
        if spec.command:
            yield spec, root
        stack += [(child, root) for child in reversed(spec.children)]
