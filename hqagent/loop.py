"""The shell around the book: a conversation with the server that never ends.

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
from typing import Final

from hqagent import __version__
from hqagent.attempts import DEFAULT_RULES, Attempts, Rules
from hqagent.book import Book
from hqagent.environment import Surroundings
from hqagent.link import Link, LinkError
from hqagent.override import OverrideKeeper
from hqagent.processes import Processes
from hqagent.spool import Spool
from hqserver.wire.agent import (
    NAME_TAKEN,
    PROTOCOL,
    SESSION_UNKNOWN,
    CallIn,
    Ended,
    Exchange,
    Hello,
    Leave,
    Machine,
    Reply,
    Report,
    Started,
    Welcome,
)
from hqserver.wire.agent_json import decode, encode
from hqserver.wire.clients import CLOSED
from hqserver.wire.error_log import ErrorLog
from hqserver.wire.faults import ApiFault

log = logging.getLogger("hqagent")

_SHORT_SECONDS: Final = 0.01
"""How long the word that a command was started waits for its end."""
_LINGER_SECONDS: Final = 0.003
"""How long a busy agent waits for another report before it opens the waiting request."""
_FIRST_RETRY, _LONGEST_RETRY = 0.2, 15.0
_LOOK_SECONDS: Final = 0.25
_TELL_SECONDS: Final = 10.0
"""How long an agent that stops tries to tell the server how its jobs ended."""


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
        override: OverrideKeeper,
        rules: Rules = DEFAULT_RULES,
        errors: ErrorLog | None = None,
    ) -> None:
        self.port = 0
        self.draining = False
        self.stopping = False
        self.override = override
        self.connected = False
        """Whether the server answered the last time that it was asked."""
        self.client = 0
        """Id of the client, as the server said last; 0: it never did."""
        self.hostname = ""
        self._identity = identity
        self._waiting_link, self._report_link = Link(url), Link(url)
        self._surroundings = surroundings
        self._machine = machine
        self._news = asyncio.Event()
        self._stopping = asyncio.Event()
        self._book = Book()
        self._ended = asyncio.Event()
        self._heard = asyncio.Event()
        self._attempts = Attempts(self._book, spool, processes, self._tell, rules, self._is_taken)
        self._wait_seconds = 0.0
        self._machine_told = 0.0
        self._call_in = False
        self._errors = errors or ErrorLog()
        self._upgrade_told = False

    @property
    def name(self) -> str:
        """Empty unless several agents share the machine."""
        return self._identity.name

    @property
    def server(self) -> str:
        """Its address."""
        return self._report_link.url

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
        self._attempts.end_paused()
        self.wake()

    def reclaim(self) -> None:
        """The person at the machine wants it now."""
        self._attempts.reclaim()

    def jobs(self) -> list[dict[str, object]]:
        """What runs here, for the person at the machine."""
        return self._attempts.shown()

    def _is_taken(self) -> bool:
        return self.override.mode in CLOSED

    async def end_all(self, grace: float) -> None:
        """End every job here, and wait until that is done and the server knows it, if it is there to be told."""
        self.stopping = True
        self._attempts.end_all(grace)
        self.wake()
        while self._book.running:
            await self._ended.wait()
            self._ended.clear()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_TELL_SECONDS):
                while self._book.reports():
                    await self._heard.wait()
                    self._heard.clear()

    async def run(self) -> None:
        """Until it is stopped or drained."""
        self._attempts.recover()
        self._attempts.get_ready()
        looking = asyncio.create_task(self._look())
        try:
            await self._stay_in_touch()
        finally:
            looking.cancel()
            self._waiting_link.close()
            self._report_link.close()
            self._attempts.close()

    def _tell(self) -> None:
        self._news.set()
        self._ended.set()

    async def _stay_in_touch(self) -> None:
        """Register and converse, again and again, with growing pauses while that fails."""
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
                self.connected = False
                if not self._stopping.is_set():
                    log.warning("%s; next try in about %.1f s", error, retry)
            except Exception:  # the barrier: what goes wrong once, on a full disk say, must not end the client
                log.exception("this conversation with the server failed; next try in about %.1f s", retry)
            with contextlib.suppress(TimeoutError):
                pause = random.uniform(retry / 2, retry)  # noqa: S311 - agents must not call in step, no more
                await asyncio.wait_for(self._stopping.wait(), pause)
            retry = min(retry * 1.7, _LONGEST_RETRY)

    async def _register(self) -> None:
        self.connected = False
        machine = self._machine()
        self.hostname = machine.hostname
        hello = Hello(
            protocol=PROTOCOL,
            agent=self._identity.agent,
            boot=self._identity.boot,
            name=self._identity.name,
            port=self.port,
            version=self._identity.version,
            agent_version=__version__,
            machine=machine,
            held=self._book.held(),
            draining=self.draining,
            clock=time.time(),
            asked_at=time.clock_gettime(time.CLOCK_BOOTTIME),
        )
        welcome = decode(Welcome, await self._report_link.call("agent.register", encode(hello)))
        self._wait_seconds = welcome.wait
        self._attempts.usual_lease = welcome.lease
        self._attempts.surroundings = self._surroundings(welcome.hq_root)
        self._attempts.follower.rewind()
        self._book.begin_session(welcome.session)
        self.client = welcome.client
        log.info("registered with %s as client %d", self._report_link.url, welcome.client)

    async def _converse(self) -> None:
        """Exchange with the server until the session or the connection ends."""
        waiting: asyncio.Task[tuple[Reply, float]] | None = None
        try:
            while not self._stopping.is_set():
                if self._has_news():
                    await self._let_short_commands_end()
                    self._take(*await self._exchange(self._report_link, 0.0))
                elif waiting is None:
                    if self._book.running:
                        await self._news_for(_LINGER_SECONDS)
                    if not self._has_news():
                        waiting = asyncio.create_task(self._exchange(self._waiting_link, self._wait_seconds))
                elif waiting.done():
                    done, waiting = waiting, None
                    self._take(*done.result())
                else:
                    await self._news_or(waiting)
        finally:
            if waiting is not None:
                waiting.cancel()
                with contextlib.suppress(asyncio.CancelledError, LinkError, ApiFault):
                    await waiting

    async def _let_short_commands_end(self) -> None:
        """A command that is over in a moment is told in one exchange, which saves the server one of two commits."""
        end = time.monotonic() + _SHORT_SECONDS
        while self._fresh() and (left := end - time.monotonic()) > 0:
            self._news.clear()
            await self._news_for(left)

    def _fresh(self) -> bool:
        """Whether there is a start to be told of a command that still runs."""
        return any(
            isinstance(report, Started) and (report.job, report.attempt) in self._book.running
            for report in self._book.reports()
        )

    async def _exchange(self, link: Link, wait: float) -> tuple[Reply, float]:
        """One exchange, and when it was sent: the leases of what it renews or starts run from then."""
        sent = time.clock_gettime(time.CLOCK_BOOTTIME)
        follower = self._attempts.follower
        output = follower.chunks() if not wait else ()
        self._call_in = False
        exchange = Exchange(
            session=self._book.session,
            orders_seen=self._book.orders_seen,
            wait=wait,
            live=self._book.live(),
            reports=self._reports() if not wait else (),
            output=output,
            machine=self._machine_news(),
            draining=self.draining,
            errors=self._errors.pending() if not wait else (),
            stopping=self.stopping,
            override=self.override.to_tell(),
        )
        reply = decode(Reply, await link.call("agent.exchange", encode(exchange), wait))
        for held in reply.renewed:
            self._attempts.renew((held.job, held.attempt), sent)
        self.connected = True
        self.override.told(exchange.override, reply.override)
        follower.server_has(reply.output_sizes)
        self._errors.told(exchange.errors)
        if exchange.reports:
            self._book.reports_were_seen(reply.reports_seen)
            self._heard.set()
        return reply, sent

    def _take(self, reply: Reply, asked_at: float) -> None:
        for order in self._book.new_orders(reply.orders):
            if isinstance(order, Leave):
                self.drain()
            elif isinstance(order, CallIn):
                self.wake()
            else:
                self._attempts.obey(order, asked_at)
        if reply.upgrade and not self._upgrade_told:
            log.warning("an upgrade of this client was asked for: install the server's version of it and restart it")
        self._upgrade_told = reply.upgrade
        if reply.leave and self.draining and not self._book.running:
            log.info("drained: leaving")
            self.stop()

    def _has_news(self) -> bool:
        lacking = self._attempts.follower.lacking
        return (
            self._call_in
            or self.override.is_news
            or bool(self._errors.pending())
            or bool(self._reports())
            or any(map(lacking, (*self._book.running, *self._book.ended)))
        )

    def _reports(self) -> tuple[Report, ...]:
        """Up to the first end whose output the server lacks: an end is told after its output."""
        ready: list[Report] = []
        for report in self._book.reports():
            if isinstance(report, Ended) and self._attempts.follower.lacking((report.job, report.attempt)):
                break
            ready.append(report)
        return tuple(ready)

    def _machine_news(self) -> Machine | None:
        """Once a heartbeat."""
        now = time.monotonic()
        if now - self._machine_told < self._wait_seconds / 2:
            return None
        self._machine_told = now
        return self._machine()

    async def _news_for(self, seconds: float) -> None:
        """Wait for news, at most so long. This is done for every job, so without a task of its own."""
        timer = asyncio.get_running_loop().call_later(seconds, self._news.set)
        try:
            await self._news.wait()
        finally:
            timer.cancel()
            self._news.clear()

    async def _news_or(self, waiting: asyncio.Task[tuple[Reply, float]]) -> None:
        news = asyncio.create_task(self._news.wait())
        try:
            await asyncio.wait({news, waiting}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            news.cancel()
            self._news.clear()

    async def _look(self) -> None:
        """Look for output, progress and pauses a few times a second while something runs."""
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            try:
                self._look_once()
            except Exception:  # the barrier: the next look may fare better
                log.exception("looking at the running jobs failed")

    def _look_once(self) -> None:
        if self._book.running:
            self._attempts.look()
            if self.draining:
                self._attempts.end_paused()
            if self._has_news():
                self._news.set()
