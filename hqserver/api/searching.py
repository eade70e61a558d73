"""Searching: the ids of the jobs that a filter finds, in an order, a page at a time."""

from __future__ import annotations

import heapq
from collections.abc import Generator
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter
from typing import Annotated, Any, Final

from hqserver.api import kinds
from hqserver.api.context import Call
from hqserver.api.registry import Kind, Section
from hqserver.api.slices import in_turns
from hqserver.core import filtering
from hqserver.core.farm import Farm
from hqserver.core.reading import JOB
from hqserver.core.records import Job
from hqserver.wire import values
from hqserver.wire.encoder import Encoded, encoded
from hqserver.wire.faults import BadValue, shown
from hqserver.wire.filter_match import Clock, select
from hqserver.wire.filter_text import FilterError, Node, parse
from hqserver.wire.jobs import ATTRIBUTES
from hqserver.wire.roles import Role

SECTION: Final = Section("Searching for jobs")
_JOBS_A_LOOK: Final = 256
_JOBS_A_RUN: Final = 4096
"""Sorted in one go; the runs are merged in turns."""
_NO_ORDER: Final = ("list", "dict")


@dataclass(frozen=True, slots=True)
class Order:
    """An attribute, and the direction."""

    name: str
    descending: bool


def _filter(value: object, path: str) -> Node:
    text = values.text(value, path, values.LARGEST_COUNT)
    try:
        return parse(text)
    except FilterError as error:
        raise BadValue(path, str(error)) from None


def _order(value: object, path: str) -> Order:
    name = value.removeprefix("-") if isinstance(value, str) else ""
    attribute = ATTRIBUTES.get(name)
    if not isinstance(value, str) or attribute is None:
        raise BadValue(path, f"must be an attribute of jobs, with - before it for descending, got {shown(value)}")
    if attribute.type.startswith(_NO_ORDER) or " or dict" in attribute.type:
        raise BadValue(path, f"{name} is a {attribute.type}, which has no order")
    return Order(name, value.startswith("-"))


Query = Annotated[Node, Kind("str, a filter", "string", _filter)]
Sorting = Annotated[Order, Kind("str", "string", _order)]


@SECTION.method(
    "queryJobs",
    Role.VIEWER,
    answer="dict",
    example="hq.queryJobs('by:ana status:failed age<1d', '-endTime', 0, 100)",
    ours=True,
)
async def query_jobs(
    call: Call,
    filter: Query | None = None,  # noqa: A002  (the wire's name)
    sort: Sorting | None = None,
    offset: kinds.Offset = 0,
    limit: kinds.Count = 1000,
) -> dict[str, Any]:
    """The jobs that a filter finds: `total` and, of these, the `ids` from `offset` on, at most `limit`.

    The filter is written in the language of Wrangler's filter field, see [the filter language](filter-language.md);
    without one all jobs are found. `sort` is an attribute, with `-` before it for descending; what has no value comes
    last, equal ones are in the order of their ids, as all are without `sort`. Dates and days are UTC. Jobs that have
    become history (long finished ones, setting `history_days`) are not looked through.
    """
    farm, clock = call.farm, Clock(call.context.engine.now().wall)
    found = await in_turns(_found(farm, filter, clock))
    total = len(found)
    page = await in_turns(_page(farm, found, sort or Order("id", descending=False), offset, limit))
    await call.seen()
    return {"total": total, "ids": Encoded([encoded(id_) for id_ in page])}


def _found(farm: Farm, node: Node | None, clock: Clock) -> Generator[None, None, list[Job]]:
    jobs = list(farm.jobs.values())
    if node is None:
        return jobs
    getters = filtering.getters(farm, clock)
    found: list[Job] = []
    for start in range(0, len(jobs), _JOBS_A_LOOK):
        there = [job for job in jobs[start : start + _JOBS_A_LOOK] if job.id in farm.jobs]
        found += select(node, getters, clock, there)
        yield
    return found


def _page(farm: Farm, jobs: list[Job], order: Order, offset: int, limit: int) -> Generator[None, None, list[int]]:
    """The ids in their order, from `offset` on. What is deleted meanwhile was there when it was asked for."""
    jobs.sort(key=lambda job: job.id)
    yield
    read = JOB[order.name]
    runs: list[list[tuple[Any, int]]] = []
    without: list[int] = []
    for start in range(0, len(jobs), _JOBS_A_RUN):
        run: list[tuple[Any, int]] = []
        for number, job in enumerate(jobs[start : start + _JOBS_A_RUN]):
            value = read(farm, job) if job.id in farm.jobs else None
            if value is None:
                without.append(job.id)
            else:
                run.append((_key(value), job.id))
            if not number % _JOBS_A_LOOK:
                yield
        run.sort(key=itemgetter(0), reverse=order.descending)
        runs.append(run)
        yield
    page: list[int] = []
    end = offset + limit
    at = 0
    for at, (_, id_) in enumerate(heapq.merge(*runs, key=itemgetter(0), reverse=order.descending), 1):
        if at > end:
            return page
        if at > offset:
            page.append(id_)
        if not at % _JOBS_A_LOOK:
            yield
    return page + without[max(0, offset - at) : max(0, end - at)]


def _key(value: object) -> tuple[int, Any]:
    """Numbers before texts: an attribute may be either."""
    if isinstance(value, str):
        return 1, value.casefold()
    return (0, value.timestamp()) if isinstance(value, datetime) else (0, value)
