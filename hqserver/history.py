"""The shell around history: lets old families leave RAM, brings back those that somebody names, reads without that.

What is read is read in a thread on a connection of its own, and shown through a view of the farm that has the jobs of
those families in the place of its own. What is to be changed is taken back into the farm before the command is applied.
"""

from __future__ import annotations

import asyncio
import copy
import logging
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final, Protocol, TypeVar

from hqserver.api.slices import TURN_SECONDS, in_turns
from hqserver.core import age, history
from hqserver.core.commands import Act, Verb
from hqserver.core.farm import Farm
from hqserver.core.records import Job, Submission
from hqserver.core.state import Changes
from hqserver.engine import Engine
from hqserver.wire.statuses import FINISHED

log = logging.getLogger("hqserver.history")

T = TypeVar("T")

_BATCH: Final = 500
"""Jobs that are looked at or moved at a time."""
_FAMILIES_A_READ: Final = 50
"""A family may have many jobs, and all of those that are read together are in RAM."""
_MOST_READ: Final = 10_000
"""Jobs of history that are remembered as they were read."""
_LOOK_SECONDS: Final = 60.0
_KEPT_SECONDS: Final = 3600.0
"""How long a family that somebody named stays, however old it is."""
_DAY: Final = 86_400.0
_HOUR: Final = 3600.0
_STRANGE_SECONDS: Final = 7 * _DAY
"""By so much the wall is ahead of the time that the farm has lived through, and somebody should look at the clock."""


class Memory(Protocol):
    """What history needs of the store; called in a thread."""

    def families(self, families: Sequence[int]) -> list[Job]:
        """All jobs of these families."""

    def oldest(self, before: float, most: int) -> list[int]:
        """Families that last changed before this time."""

    def submission(self, key: str) -> Submission | None:
        """The submission that came with this key."""

    def ran_on(self, client: int, most: int) -> list[tuple[float, int]]:
        """When jobs of history ended on a client, and their ids; the last ones first."""


@dataclass(frozen=True, slots=True)
class Policy:
    """When finished families leave RAM, and when they are deleted."""

    days: float
    """After their last change."""
    most_jobs: int
    """Finished jobs in RAM beyond which the oldest families leave before that."""
    expire_days: float
    """After their last change they are deleted, with their output; 0: never."""


class History:
    """Made and used on the engine's loop."""

    def __init__(self, engine: Engine, memory: Memory, policy: Policy) -> None:
        self._engine = engine
        self._memory = memory
        self._policy = policy
        self._looked_at = engine.now().monotonic
        self._is_strange = False
        self._thread = ThreadPoolExecutor(1, "history")
        self._moving = asyncio.Lock()
        self._read_lately: dict[int, dict[int, Job]] = {}
        """Families as they were read, for who asks for their jobs one by one; none of them changes where it is."""
        self._kept: dict[int, float] = {}
        """Families that somebody named, by their number, and until when they stay."""

    async def run(self) -> None:
        """Look after what is old, for as long as the server runs."""
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            try:
                await self.tidy()
            except Exception:
                log.exception("old jobs could not be looked after; trying again in a minute")

    def close(self) -> None:
        """No more reading."""
        self._thread.shutdown(cancel_futures=True)

    async def recall(self, ids: Iterable[int]) -> None:
        """Have the families of these jobs in the farm. Nothing is awaited between that and the return."""
        farm = self._engine.farm
        wanted = list(ids) if farm.past else ()
        if not self._families(wanted):
            return
        async with self._moving:
            families = self._families(wanted)
            if families:
                jobs = await self._read(families)
                history.take_back(farm, jobs)
                for family in families:
                    self._read_lately.pop(family, None)
                self._keep(families)
                self._engine.gather()

    async def recall_key(self, key: str) -> None:
        """Have the submission with this key in the farm, though its jobs are history."""
        farm = self._engine.farm
        if key and farm.past and key not in farm.submission_of_key:
            found = await self._in_thread(lambda: self._memory.submission(key))
            if found is not None:
                farm.submission_of_key.setdefault(key, found)

    async def ran_on(self, client: int, most: int) -> list[tuple[float, int]]:
        """When jobs of history ended on a client, and their ids; the last ones first."""
        if not self._engine.farm.past or not most:
            return []
        return await self._in_thread(lambda: self._memory.ran_on(client, most))

    async def job(self, id_: int) -> tuple[Farm, Job] | None:
        """A job and the farm to read it in, wherever it is; None for none."""
        found = await self.each((id_,), lambda farm, job: (farm, job))
        return found[0] if found else None

    async def each(self, ids: Sequence[int], function: Callable[[Farm, Job], T]) -> list[T]:
        """The function of each of these jobs that exists, in their order; history is read, and stays where it is."""
        found: list[T] = []
        loop = asyncio.get_running_loop()
        end = loop.time() + TURN_SECONDS
        batch = _FAMILIES_A_READ if self._engine.farm.past else _BATCH
        for start in range(0, len(ids), batch):
            part = ids[start : start + batch]
            view = await self._view(part)
            for id_ in part:
                farm = self._engine.farm
                job = farm.jobs.get(id_)
                if job is None:
                    farm, job = view, view.jobs.get(id_)
                if job is not None:
                    found.append(function(farm, job))
                if loop.time() > end:
                    await asyncio.sleep(0)
                    end = loop.time() + TURN_SECONDS
        return found

    async def still(self) -> None:
        """Wait until no family is between farm and history, so that lists of all jobs have each once."""
        if self._moving.locked():
            async with self._moving:
                pass

    async def tidy(self) -> None:
        """Delete what has expired, then let leave what is old or too much."""
        lived_until = self._lived_until()
        if self._policy.expire_days > 0:
            await self._expire(lived_until - self._policy.expire_days * _DAY)
        await self._let_leave(self._engine.now().wall - self._policy.days * _DAY)

    def _lived_until(self) -> float:
        """Wall time to which age is counted; a wall that is far ahead of it is told as trouble."""
        farm, now = self._engine.farm, self._engine.now()
        known, elapsed = farm.lived_until, now.monotonic - self._looked_at
        farm.lived_until, self._looked_at = age.lived_until(known, now.wall, elapsed), now.monotonic
        if farm.lived_until // _HOUR > known // _HOUR:
            farm.note_counters()
            self._engine.gather()
        ahead = now.wall - farm.lived_until
        is_strange = ahead > _STRANGE_SECONDS and self._policy.expire_days > 0
        if is_strange and not self._is_strange:
            log.error(
                "the clock is %.0f days ahead of the time that this server has lived through. If it is wrong, set it "
                "right: jobs that are old by it are being deleted, at most %.0f days' worth of them in a day",
                ahead / _DAY,
                age.CATCH_UP,
            )
        self._is_strange = is_strange
        return min(farm.lived_until, now.wall)

    async def _let_leave(self, before: float) -> None:
        farm, now = self._engine.farm, self._engine.now().monotonic
        self._kept = {family: until for family, until in self._kept.items() if until > now}
        batch: list[list[Job]] = []
        excess = sum(len(farm.jobs_of_status[status]) for status in FINISHED) - self._policy.most_jobs
        for root in list(farm.finished_roots):
            if root not in farm.finished_roots:
                continue
            if (farm.jobs[root].ended_at or 0.0) > before and excess <= 0:
                break
            members = await self._finished_family(root)
            if members is None or members[0].id in self._kept or members[0].id in {item[0].id for item in batch}:
                continue
            if excess <= 0 and history.last_change(members) > before:
                continue
            excess -= len(members)
            batch.append(members)
            if sum(map(len, batch)) >= _BATCH:
                await self._depart(batch)
                batch = []
        if batch:
            await self._depart(batch)

    async def _finished_family(self, root: int) -> list[Job] | None:
        farm = self._engine.farm
        try:
            return await in_turns(history.family_of(farm.jobs, farm.jobs[root]))
        except KeyError:  # one of its jobs was deleted meanwhile
            return None

    async def _depart(self, families: list[list[Job]]) -> None:
        engine, farm = self._engine, self._engine.farm
        async with self._moving:
            if any(farm.jobs.get(job.id) is not job for members in families for job in members):
                return
            if any(job.status not in FINISHED for members in families for job in members):
                return
            departure = history.begin(farm, families)
            await engine.settled(farm.revision)
            for part in history.slices(departure, Changes):
                await engine.write(part)
            if history.conclude(farm, departure):
                engine.gather()
                await in_turns(history.let_go(farm, departure))
                engine.gather()

    async def _expire(self, before: float) -> None:
        farm = self._engine.farm
        for root in list(farm.finished_roots):
            if root not in farm.finished_roots:
                continue
            if (farm.jobs[root].ended_at or 0.0) > before:
                break
            members = await self._finished_family(root)
            if members is not None and history.last_change(members) <= before:
                await self._delete(members)
        while families := await self._in_thread(lambda: self._memory.oldest(before, _FAMILIES_A_READ)):
            roots = [id_ for id_ in families if farm.past.family_of(id_) is not None]
            await self.recall(roots)
            for root in roots:
                members = await self._finished_family(root) if root in farm.jobs else None
                if members is not None:
                    await self._delete(members)
            if not roots:
                return

    async def _delete(self, members: list[Job]) -> None:
        command = Act(Verb.DELETE, tuple(job.id for job in members if not job.parents), "expired")
        count = await self._engine.change(command)
        log.info("%d jobs have expired and are deleted, of family %d", count, members[0].id)

    async def _view(self, ids: Iterable[int]) -> Farm:
        """The farm, with the families of those of these jobs that are history in the place of its jobs."""
        view = copy.copy(self._engine.farm)
        view.jobs = {}
        families = self._families(ids)
        if families:
            unread = [family for family in families if family not in self._read_lately]
            if unread:
                self._remember(await self._read(unread))
            for family in families:
                view.jobs.update(self._read_lately.get(family, {}))
        return view

    def _remember(self, jobs: dict[int, Job]) -> None:
        """Families that were just read; the oldest are forgotten when there are many jobs in them."""
        past = self._engine.farm.past
        for id_, job in jobs.items():
            family = past.family_of(id_)
            if family is not None:  # else it was recalled meanwhile
                self._read_lately.setdefault(family, {})[id_] = job
        size = sum(map(len, self._read_lately.values()))
        for family in list(self._read_lately)[:-_FAMILIES_A_READ]:
            if size <= _MOST_READ:
                break
            size -= len(self._read_lately.pop(family))

    async def _read(self, families: Sequence[int]) -> dict[int, Job]:
        return await self._in_thread(lambda: history.prepared(self._memory.families(families)))

    def _families(self, ids: Iterable[int]) -> list[int]:
        past = self._engine.farm.past
        return sorted({family for id_ in ids if (family := past.family_of(id_)) is not None}) if past else []

    def _keep(self, families: Iterable[int]) -> None:
        until = self._engine.now().monotonic + _KEPT_SECONDS
        self._kept.update(dict.fromkeys(families, until))

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)
