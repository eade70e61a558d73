"""The audit, once an hour: is everything in RAM what its records say, and everything on disk what RAM says.

It goes through the farm in small parts, spread over the hour, and changes nothing. What differs is logged as an error,
so `getServerErrors` answers it: a mistake of the server is found by the server, not by whoever misses a job.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import Any, Final, Protocol

from hqserver.api.slices import in_turns
from hqserver.core import audit
from hqserver.core.records import Job
from hqserver.engine import Engine

log = logging.getLogger("hqserver.audit")

HOUR: Final = 3600.0
_PART: Final = 100
"""Jobs that are looked at in one go."""
_MOST_TOLD: Final = 20
"""Differences of one pass that are logged; the others are counted."""


class Stored(Protocol):
    """What the audit needs of the store."""

    def picture(self, job: Job) -> Any:
        """How the job should be stored, as plain values."""

    def differences(self, pictures: Sequence[Any]) -> dict[int, str]:
        """What is stored differently, by job; called in a thread."""


class Audit:
    """Made and used on the engine's loop."""

    def __init__(self, engine: Engine, stored: Stored, seconds: float = HOUR) -> None:
        self._engine = engine
        self._stored = stored
        self._seconds = seconds
        self._thread = ThreadPoolExecutor(1, "audit")

    async def run(self) -> None:
        """Pass after pass, each spread over the time that one takes, for as long as the server runs."""
        while True:
            try:
                await self.look(self._seconds)
            except Exception:
                log.exception("the audit stopped; it begins anew with the next hour")
                await asyncio.sleep(self._seconds)

    def close(self) -> None:
        """No more reading."""
        self._thread.shutdown(cancel_futures=True)

    async def look(self, seconds: float) -> list[str]:
        """One pass over everything, spread over so many seconds; what differs, which is logged too."""
        farm = self._engine.farm
        ids = iter(list(farm.jobs))
        pause = seconds / (len(farm.jobs) // _PART + 1)
        found: list[str] = []
        while part := list(islice(ids, _PART)):
            await asyncio.sleep(pause)
            for id_ in part:
                job = farm.jobs.get(id_)
                if job is not None:
                    found += await in_turns(audit.of_job(farm, job))
            found += await self._unlike_the_disk(part)
        if not farm.jobs:
            await asyncio.sleep(pause)
        found += audit.of_the_rest(farm) + audit.overdue(farm, self._engine.now())
        _tell(found)
        return found

    async def _unlike_the_disk(self, ids: Sequence[int]) -> list[str]:
        """Jobs that are stored differently. What is not on disk yet, or changes meanwhile, waits for the next pass."""
        durable = self._engine.durable
        jobs = [job for job in self._jobs(ids) if job.revision <= durable]
        revisions = {job.id: job.revision for job in jobs}
        pictures = [self._stored.picture(job) for job in jobs]
        if not pictures:
            return []
        loop = asyncio.get_running_loop()
        wrong = await loop.run_in_executor(self._thread, self._stored.differences, pictures)
        unchanged = {job.id for job in self._jobs(wrong) if revisions[job.id] == job.revision}
        return [f"job {id_} is stored with another {text}" for id_, text in wrong.items() if id_ in unchanged]

    def _jobs(self, ids: Iterable[int]) -> Iterator[Job]:
        jobs = self._engine.farm.jobs
        return (jobs[id_] for id_ in ids if id_ in jobs)


def _tell(found: Sequence[str]) -> None:
    for text in found[:_MOST_TOLD]:
        log.error("the audit found that %s; restart the server, and report this", text)
    if len(found) > _MOST_TOLD:
        log.error("the audit found %d further differences", len(found) - _MOST_TOLD)
