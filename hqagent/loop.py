"""The shell around the book: obeys orders, watches keepers, keeps the server informed.

Two connections: one holds the waiting request, the other carries reports and output as they come. A report is sent at
once; the waiting request is opened again when there is nothing to say.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from hqagent.book import Book, Running
from hqagent.environment import NoShell, Surroundings, environment_for, shell_path
from hqagent.link import Link, LinkError
from hqagent.output import Follower
from hqagent.processes import Processes
from hqagent.spool import Exit, Spool
from hqserver.wire.agent import (
    NAME_TAKEN,
    PROTOCOL,
    SESSION_UNKNOWN,
    End,
    Ended,
    EndReason,
    Exchange,
    Forget,
    Hello,
    Machine,
    Pause,
    Paused,
    Reply,
    Resume,
    Resumed,
    Start,
    Welcome,
    decode,
    encode,
)
from hqserver.wire.faults import ApiFault

log = logging.getLogger("hqagent")

_LINGER_SECONDS: Final = 0.003
"""How long a busy agent waits for another report before it opens the waiting request."""
_FIRST_RETRY, _LONGEST_RETRY = 0.2, 15.0
_FOLLOW_SECONDS: Final = 0.25
_LEASE_STEP: Final = 5.0
_LOST: Final = Exit(EndReason.LOST, None, None, 0.0, 0.0, 0)


@dataclass(frozen=True, slots=True)
class Identity:
    """Who this agent is."""

    agent: str
    boot: str
    name: str
    version: str


class Agent:
    """One client of the farm."""

    def __init__(
        self,
        identity: Identity,
        url: str,
        spool: Spool,
        processes: Processes,
        surroundings: Callable[[str], Surroundings],
        machine: Callable[[], Machine],
    ) -> None:
        self.port = 0
        self.draining = False
        self._identity = identity
        self._waiting_link, self._report_link = Link(url), Link(url)
        self._spool = spool
        self._processes = processes
        self._surroundings_with = surroundings
        self._machine = machine
        self._book = Book()
        self._follower = Follower(spool)
        self._keepers: dict[tuple[int, int], int] = {}
        self._news = asyncio.Event()
        self._stopping = asyncio.Event()
        self._welcome: Welcome | None = None
        self._surroundings = surroundings("")
        self._machine_told = 0.0
        self._call_in = False

    def stop(self) -> None:
        """Leave; what runs goes on under its keepers, and the next agent in this folder takes it up."""
        self._stopping.set()
        self._news.set()
        self._waiting_link.close()
        self._report_link.close()

    def wake(self) -> None:
        """Call in now."""
        self._machine_told = 0.0
        self._call_in = True
        self._news.set()

    def drain(self) -> None:
        """Take no new jobs, and leave when the last one is done; paused jobs are cancelled."""
        self.draining = True
        for key in self._book.running:
            if self._spool.state(*key) == "paused":
                self._wish(key, f"end {EndReason.CANCELLED} 2")
        self.wake()

    async def run(self) -> None:
        """Until it is stopped or drained."""
        self._recover()
        follower = asyncio.create_task(self._follow())
        try:
            retry = _FIRST_RETRY
            while not self._stopping.is_set():
                try:
                    await self._register()
                    retry = _FIRST_RETRY
                    await self._converse()
                except ApiFault as fault:
                    if fault.code == SESSION_UNKNOWN:
                        continue
                    log.error("the server refuses this agent: %s", fault.text)
                    retry = _LONGEST_RETRY if fault.code == NAME_TAKEN else retry
                except LinkError as error:
                    if not self._stopping.is_set():
                        log.warning("%s; next try in about %.1f s", error, retry)
                await self._pause(random.uniform(retry / 2, retry))
                retry = min(retry * 1.7, _LONGEST_RETRY)
        finally:
            follower.cancel()
            self._waiting_link.close()
            self._report_link.close()
            self._processes.close()

    async def end_all(self, grace: float) -> None:
        """End every job here, and wait until that is done."""
        for key in list(self._book.running):
            self._wish(key, f"end {EndReason.CANCELLED} {grace}")
        while self._book.running:
            self._news.clear()
            await self._news.wait()

    async def _register(self) -> None:
        hello = Hello(
            protocol=PROTOCOL,
            agent=self._identity.agent,
            boot=self._identity.boot,
            name=self._identity.name,
            port=self.port,
            version=self._identity.version,
            machine=self._machine(),
            held=self._book.held(),
        )
        welcome = decode(Welcome, await self._report_link.call("agent.register", encode(hello)))
        self._welcome = welcome
        self._surroundings = self._surroundings_with(welcome.hq_root)
        self._book.begin_session(welcome.session)
        self._follower.rewind()
        log.info("registered with %s as client %d", self._report_link.url, welcome.client)

    async def _converse(self) -> None:
        """Exchange with the server until the session or the connection ends."""
        waiting: asyncio.Task[Reply] | None = None
        try:
            while not self._stopping.is_set():
                if self._has_news():
                    self._take(await self._exchange(self._report_link, 0.0))
                    continue
                if waiting is None or waiting.done():
                    if waiting is not None:
                        self._take(waiting.result())
                        waiting = None
                        continue
                    if self._book.running and await self._news_within(_LINGER_SECONDS):
                        continue
                    assert self._welcome is not None
                    waiting = asyncio.create_task(self._exchange(self._waiting_link, self._welcome.wait))
                await self._news_or(waiting)
        finally:
            if waiting is not None:
                waiting.cancel()
                with contextlib.suppress(asyncio.CancelledError, LinkError, ApiFault):
                    await waiting

    async def _exchange(self, link: Link, wait: float) -> Reply:
        """One exchange; the lease of what it renews runs from this moment."""
        sent = time.clock_gettime(time.CLOCK_BOOTTIME)
        output = self._follower.chunks() if not wait else ()
        self._call_in = False
        exchange = Exchange(
            session=self._book.session,
            orders_seen=self._book.orders_seen,
            wait=wait,
            live=self._book.live(),
            reports=tuple(report for report in self._book.reports() if not self._must_wait(report)) if not wait else (),
            output=output,
            machine=self._machine_news(),
            draining=self.draining,
        )
        reply = decode(Reply, await link.call("agent.exchange", encode(exchange), wait))
        assert self._welcome is not None
        for held in reply.renewed:
            self._renew((held.job, held.attempt), sent + self._welcome.lease)
        self._follower.server_has(reply.output_sizes)
        if not wait and exchange.reports:
            self._book.reports_were_seen(reply.reports_seen)
        return reply

    def _renew(self, key: tuple[int, int], until: float) -> None:
        """Tell the keeper, when it makes a difference."""
        running = self._book.running.get(key)
        if running is not None and until - running.lease_until > _LEASE_STEP:
            running.lease_until = until
            self._spool.renew(*key, until)

    def _take(self, reply: Reply) -> None:
        for order in self._book.new_orders(reply.orders):
            _OBEY[type(order)](self, order)
        if reply.leave and self.draining and not self._book.running:
            log.info("drained: leaving")
            self.stop()

    def _has_news(self) -> bool:
        if self._call_in or any(not self._must_wait(report) for report in self._book.reports()):
            return True
        return any(self._follower.lacking(key) for key in (*self._book.running, *self._book.ended))

    def _must_wait(self, report: Any) -> bool:
        """An end is told when the server has its output."""
        return isinstance(report, Ended) and self._follower.lacking((report.job, report.attempt))

    def _machine_news(self) -> Machine | None:
        """Once a heartbeat."""
        now = time.monotonic()
        if self._welcome is None or now - self._machine_told < self._welcome.wait / 2:
            return None
        self._machine_told = now
        return self._machine()

    async def _news_within(self, seconds: float) -> bool:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._news.wait(), seconds)
        had = self._news.is_set()
        self._news.clear()
        return had

    async def _news_or(self, waiting: asyncio.Task[Reply]) -> None:
        news = asyncio.create_task(self._news.wait())
        try:
            await asyncio.wait({news, waiting}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            news.cancel()
            self._news.clear()

    async def _pause(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), seconds)

    async def _follow(self) -> None:
        """Look for output and progress a few times a second while something runs."""
        while True:
            await asyncio.sleep(_FOLLOW_SECONDS)
            if self._book.running:
                for key, progress in self._follower.progress():
                    if key in self._book.running:
                        self._book.progressed(*key, progress)
                for key in self._book.running:
                    self._tell_state(key)
                if self._has_news():
                    self._news.set()

    def _tell_state(self, key: tuple[int, int]) -> None:
        running = self._book.running[key]
        state = self._spool.state(*key)
        if state and state != running.state:
            running.state = state
            self._book.report((Paused if state == "paused" else Resumed)(0, *key))

    def _recover(self) -> None:
        """Take up what an earlier agent in this folder left: running attempts, results, and what never began."""
        for key in self._spool.held():
            folder = self._spool.path(*key)
            self._follower.follow(key)
            keeper = self._processes.keeper(folder)
            if keeper is not None:
                log.info("Taking up job %d again", key[0])
                self._book.running[key] = Running(*key)
                self._watch(key, keeper)
            elif self._spool.exit(*key) is not None or self._processes.bury(folder):
                self._finish(key)
            else:  # a keeper took the lock just now
                self._book.running[key] = Running(*key)
                asyncio.get_running_loop().call_later(1.0, self._gone, key)

    def _start(self, order: Start) -> None:
        key = order.job, order.attempt
        folder = self._spool.make(*key)
        if folder is None:
            return
        log.info("Running job %d", order.job)
        try:
            environment = environment_for(order, self._surroundings, folder)
            shell = shell_path(order.shell, environment.get("PATH", ""))
            (folder / "tmp").mkdir(mode=0o700)
            if not order.command:
                raise NoShell("the job has no command for this platform")
            self._spool.prepare(folder, shell, folder / "tmp", order.command, environment)
            if self._welcome is not None:
                lease = time.clock_gettime(time.CLOCK_BOOTTIME) + self._welcome.lease
                self._spool.renew(*key, lease)
            keeper = self._processes.launch(folder)
        except (NoShell, OSError, ValueError) as error:
            log.error("job %d cannot be started: %s", order.job, error)
            (folder / "grave").touch()
            self._book.over(Ended(0, *key, EndReason.REFUSED, message=str(error)))
            self._news.set()
            return
        self._follower.follow(key)
        self._book.started(*key)
        self._watch(key, keeper)
        self._news.set()

    def _end(self, order: End) -> None:
        key = order.job, order.attempt
        if key in self._book.running:
            log.info("Cancelling job %d", order.job)
            self._wish(key, f"end {order.reason} {order.grace}")
        elif key in self._book.ended:
            self._book.report(self._book.ended[key])
        else:
            folder = self._spool.make(*key)
            if folder is not None:
                (folder / "grave").touch()
            self._book.over(Ended(0, *key, EndReason.UNKNOWN))
        self._news.set()

    def _pause_job(self, order: Pause) -> None:
        self._wish((order.job, order.attempt), "pause")

    def _resume_job(self, order: Resume) -> None:
        self._wish((order.job, order.attempt), "resume")

    def _forget(self, order: Forget) -> None:
        for key in self._book.forget(order.attempts):
            self._follower.forget(key)
            self._spool.forget(*key)

    def _wish(self, key: tuple[int, int], words: str) -> None:
        if key in self._book.running:
            self._spool.wish(*key, words)
            keeper = self._keepers.get(key)
            if keeper is not None:
                self._processes.nudge(keeper, self._spool.path(*key))

    def _watch(self, key: tuple[int, int], keeper: int) -> None:
        self._keepers[key] = keeper
        self._processes.watch(keeper, lambda: self._gone(key))

    def _gone(self, key: tuple[int, int]) -> None:
        """A keeper is gone: its exit file says how the attempt ended; without one it was killed itself."""
        self._keepers.pop(key, None)
        if key in self._book.running:
            self._finish(key)
            self._news.set()

    def _finish(self, key: tuple[int, int]) -> None:
        result = self._spool.exit(*key) or _LOST
        log.info("Finished job %d (%s)", key[0], _words(result))
        self._book.over(
            Ended(
                0,
                *key,
                result.reason,
                result.exit_code,
                result.signal,
                result.ran_seconds,
                result.cpu_seconds,
                result.peak_memory,
                self._spool.output_size(*key),
            )
        )


def _words(result: Exit) -> str:
    if result.reason != EndReason.EXITED:
        return result.reason
    return f"signal {result.signal}" if result.signal is not None else f"exit code {result.exit_code}"


_OBEY: Final[dict[type[Any], Callable[[Agent, Any], None]]] = {
    Start: Agent._start,
    End: Agent._end,
    Pause: Agent._pause_job,
    Resume: Agent._resume_job,
    Forget: Agent._forget,
}
