"""The shell around the farm: applies commands, commits what changed, and lets answers out when they are on disk.

RAM is ahead of the disk. A command is applied at once; what it touched is gathered and committed by the store's one
writer thread, and while a commit runs the next gather grows. `durable` is the last revision that is on disk. Answers,
orders and the change feed wait until `durable` has reached them, so nothing that anybody was told can be lost; and if
a commit fails for good the process ends: exit is the rollback.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
import logging
import math
from collections.abc import Callable
from typing import Any, Protocol

from hqserver.core.commands import Command, Submit, Tick
from hqserver.core.farm import Farm
from hqserver.core.records import Instant
from hqserver.core.state import Changes

log = logging.getLogger("hqserver.engine")

LARGE_SUBMISSION = 500
"""Jobs in a call from which on it is built and stored in slices, so that others are served meanwhile."""
_LONGEST_SLEEP = 3600.0
_MOST_AHEAD = 2000
"""Changes by which a command in parts may be ahead of the disk: what gathers is turned into rows in one go."""


class Committer(Protocol):
    """What the engine needs of the store."""

    def commit(self, changes: Changes, done: Callable[[], None]) -> None:
        """Write the changes in the background, after all earlier ones; `done` is called on the event loop."""


class Observer(Protocol):
    """Who is told, on the event loop, of changes that are on disk."""

    def __call__(self, changes: Changes) -> None:
        """These changes are on disk."""


class Engine:
    """The farm, its clock and its committer, on one event loop. Made and used on that loop only."""

    def __init__(self, farm: Farm, committer: Committer, clock: Callable[[], Instant]) -> None:
        self.farm = farm
        self.now = clock
        self.durable = farm.change_log.floor
        self.observers: list[Observer] = []
        self.closing = False
        self._committer = committer
        self._loop = asyncio.get_running_loop()
        self._waiting: list[tuple[int, int, asyncio.Future[None]]] = []
        self._numbers = itertools.count()
        self._followers: set[asyncio.Future[None]] = set()
        self._gather_scheduled = False
        self._committing = False
        self._timer: asyncio.TimerHandle | None = None
        self._timer_at = math.inf
        self._large = asyncio.Lock()
        self._schedule()

    async def change(self, command: Command) -> Any:
        """Apply a command and answer what it answers when that is on disk. Raises Refused: nothing was changed."""
        if isinstance(command, Submit) and _is_large(command):
            return await self._submit_in_slices(command)
        answer = await self._in_steps(command)
        await self.settled(self.farm.revision)
        return answer

    async def _in_steps(self, command: Command) -> Any:
        """Others are served between the parts of a command that names many jobs, and the disk keeps up with it."""
        work = self.farm.in_steps(command, self.now)
        while True:
            try:
                next(work)
            except StopIteration as done:
                return done.value
            finally:
                self._schedule()
            await asyncio.sleep(0)
            if self.farm.revision > self.durable + _MOST_AHEAD:
                await self.settled(self.farm.revision - _MOST_AHEAD // 2)

    def apply(self, command: Command) -> Any:
        """Apply a command; what it answers may be told only when `settled` to the farm's revision."""
        try:
            return self.farm.apply(command, self.now())
        finally:
            self._schedule()

    async def settled(self, revision: int) -> None:
        """Wait until everything up to this revision is on disk."""
        if self.durable < revision:
            await self._wait_for(revision)

    async def beyond(self, revision: int, seconds: float) -> bool:
        """Wait at most so many seconds for a change after this revision; whether there is one."""
        if self.durable <= revision and seconds > 0 and not self.closing:
            follower = self._loop.create_future()
            self._followers.add(follower)
            try:
                await asyncio.wait_for(follower, seconds)
            except TimeoutError:
                return False
            finally:
                self._followers.discard(follower)
        return self.durable > revision

    def close(self) -> None:
        """Let followers go; answers that wait for the disk still get there."""
        self.closing = True
        for future in self._followers:
            if not future.done():
                future.set_result(None)
        if self._timer is not None:
            self._timer.cancel()

    async def _wait_for(self, revision: int) -> None:
        future = self._loop.create_future()
        heapq.heappush(self._waiting, (revision, next(self._numbers), future))
        await future

    async def _submit_in_slices(self, command: Submit) -> Any:
        """One large submission at a time; it becomes visible with the commit that marks it complete."""
        async with self._large:
            now = self.now()
            staging = self.farm.stage(command, now)
            for part in self.farm.slices(staging, now):
                await self.write(part)
            answer = self.farm.activate(staging, self.now())
            self._schedule()
            await self.settled(self.farm.revision)
            return answer

    def gather(self) -> None:
        """Have what changed without a command written, and told."""
        self._schedule()

    def _schedule(self) -> None:
        """Gather once every request of this turn of the loop has had its say."""
        if not self._gather_scheduled:
            self._gather_scheduled = True
            self._loop.call_soon(self._gather)

    def _gather(self) -> None:
        self._gather_scheduled = False
        self._set_timer()
        if self._committing:
            return
        changes = self.farm.take_changes()
        if changes.stored:
            self._committing = True
            self._committer.commit(changes, lambda: self._committed(changes))
        elif changes.revision > self.durable:
            self._publish(changes)

    def _committed(self, changes: Changes) -> None:
        self._committing = False
        self._publish(changes)
        self._schedule()

    def _publish(self, changes: Changes) -> None:
        """These changes are on disk: hand out their orders, then wake whoever waits for them."""
        self.durable = changes.revision
        for observer in self.observers:
            observer(changes)
        while self._waiting and self._waiting[0][0] <= self.durable:
            future = heapq.heappop(self._waiting)[2]
            if not future.done():
                future.set_result(None)
        followers, self._followers = self._followers, set()
        for future in followers:
            if not future.done():
                future.set_result(None)

    async def write(self, part: Changes) -> None:
        """Store a slice of something that nobody sees yet."""
        done = self._loop.create_future()
        self._committer.commit(part, lambda: done.set_result(None))
        await asyncio.shield(done)

    def _set_timer(self) -> None:
        """Wake the farm when its next deadline comes."""
        deadline = self.farm.next_deadline
        if deadline == self._timer_at or self.closing:
            return
        if self._timer is not None:
            self._timer.cancel()
        self._timer_at = deadline
        delay = min(max(deadline - self.now().monotonic, 0.0), _LONGEST_SLEEP)
        self._timer = self._loop.call_later(delay, self._tick)

    def _tick(self) -> None:
        self._timer, self._timer_at = None, math.inf
        self.apply(Tick())


def _is_large(command: Submit) -> bool:
    """Whether a submission has more jobs than are built in one go."""
    left, stack = LARGE_SUBMISSION, list(command.specs)
    while stack and left >= 0:
        spec = stack.pop()
        left -= 1
        stack.extend(spec.children[: left + 1])
    return left < 0
