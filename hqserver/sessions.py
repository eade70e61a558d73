"""The agents' side of the server: sessions, orders under way, output, the waiting request.

A session is an agent's connection in the sense of `hqserver.wire.agent`: it lives in RAM alone. After a restart of the
server no session is known, every agent says hello again, and the farm repeats the orders that still hold.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import itertools
import logging
import secrets
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from hqserver.core import folders
from hqserver.core.availability import override_to_tell
from hqserver.core.clients import may_hand_over
from hqserver.core.commands import Receive, Register
from hqserver.core.records import Attempt
from hqserver.core.state import Changes
from hqserver.engine import Engine
from hqserver.outputs import DamagedChunk, Outputs
from hqserver.wire.agent import (
    HOOKS_FROM,
    SESSION_UNKNOWN,
    Chunk,
    Ended,
    Exchange,
    Held,
    Hello,
    Order,
    OutputSize,
    Reply,
    Report,
    Start,
    Welcome,
)
from hqserver.wire.agent_json import decode, encode
from hqserver.wire.faults import ApiFault

log = logging.getLogger("hqserver.sessions")

Sizes = dict[tuple[int, int], int]
"""Lengths of output logs by job and attempt."""

LONGEST_WAIT = 60.0
_MOST_ORDERS = 1000
"""Most orders in one answer; the agent asks for the rest at once, having seen these."""


@dataclass(slots=True, eq=False)
class Session:
    """One agent's session: the orders that it has not confirmed to have seen, and its open request if any."""

    id: str
    client: int
    agent: str
    orders: deque[Order] = field(default_factory=deque)
    last_number: int = 0
    waiter: asyncio.Future[None] | None = None
    over: bool = False

    def add(self, order: Order) -> None:
        """Number an order and keep it until it was seen."""
        self.last_number += 1
        self.orders.append(replace(order, number=self.last_number))

    def seen(self, number: int) -> None:
        """The agent has all orders up to this number."""
        while self.orders and self.orders[0].number <= number:
            self.orders.popleft()

    def wake(self) -> None:
        """Let the open request answer now."""
        if self.waiter is not None and not self.waiter.done():
            self.waiter.set_result(None)
        self.waiter = None


class Sessions:
    """All sessions, and the two calls that agents make."""

    def __init__(self, engine: Engine, outputs: Outputs, version: str) -> None:
        self._engine = engine
        self._outputs = outputs
        self._version = version
        self._by_id: dict[str, Session] = {}
        self._by_client: dict[int, Session] = {}
        engine.observers.append(self._deliver)

    async def register(self, text: object, ip: str) -> str:
        """`agent.register`: answers the encoded Welcome. Faults: 409 for a name that another live agent has."""
        hello = decode(Hello, text)
        farm = self._engine.farm
        settings = farm.settings
        id_ = secrets.token_hex(16)
        skew = hello.clock - self._engine.now().wall if hello.clock is not None else 0.0
        client = self._engine.apply(Register(hello, id_, ip, skew))
        self._open(Session(id_, client, hello.agent))
        await self._engine.settled(self._engine.farm.revision)
        return encode(
            Welcome(
                session=id_,
                client=client,
                lease=settings.lease,
                wait=self._engine.farm.heartbeat,
                server_time=self._engine.now().wall,
                hq_root=folders.variables(farm, hello.machine.platform).get(folders.MAIN, ""),
                version=self._version,
            )
        )

    async def exchange(self, text: object) -> str:
        """`agent.exchange`: output first, then reports, then orders, at once or when there are some."""
        sent = decode(Exchange, text)
        session = self._by_id.get(sent.session)
        if session is None or session.over:
            raise ApiFault(SESSION_UNKNOWN, "agent.exchange: session: is not known here. Say hello again.")
        session.seen(sent.orders_seen)
        sizes = self._store(session, sent.output)
        exchange = self._without_early_ends(session, sent, sizes)
        seen = _last_taken(sent.reports, exchange.reports)
        await self._sync(session, exchange)
        self._engine.apply(Receive(exchange))
        if exchange.reports or exchange.output or exchange.draining:
            await self._engine.settled(self._engine.farm.revision)
        # A mere heartbeat is told nothing that has to be on disk: it renews leases also while the disk is full.
        if not session.orders and not exchange.reports and not exchange.output:
            await self._wait(session, min(exchange.wait, LONGEST_WAIT))
        return encode(self._reply(session, exchange, sizes, seen))

    def close(self) -> None:
        """Answer every open request now."""
        for session in self._by_id.values():
            session.wake()

    def _open(self, session: Session) -> None:
        former = self._by_client.get(session.client)
        if former is not None:
            former.over = True
            former.wake()
            self._by_id.pop(former.id, None)
        self._by_id[session.id] = session
        self._by_client[session.client] = session

    def _deliver(self, changes: Changes) -> None:
        """Orders are on disk now. A client without a session gets them when it says hello."""
        for client in changes.removed_clients:
            session = self._by_client.pop(client, None)
            if session is not None:
                session.over = True
                session.wake()
                self._by_id.pop(session.id, None)
        for client, order in changes.orders:
            if isinstance(order, Start):
                self._begin_log(order)
            session = self._by_client.get(client)
            if session is not None:
                session.add(order)
                session.wake()

    def _begin_log(self, order: Start) -> None:
        """A hook goes on with a log, unless there is nothing in it yet."""
        job = self._engine.farm.jobs.get(order.job)
        if order.attempt < HOOKS_FROM:
            self._outputs.begin(order.job, order.attempt)
        elif job is not None and job.attempt is None and job.hook is not None and not job.hook.log_base:
            self._outputs.begin(order.job, 0)

    def _store(self, session: Session, chunks: Iterable[Chunk]) -> Sizes:
        """Append output of attempts that are this client's; answer the lengths of their logs."""
        sizes: Sizes = {}
        for chunk in chunks:
            key = chunk.job, chunk.attempt
            log_ = self._log(session, chunk)
            if log_ is None:
                sizes[key] = chunk.offset + len(chunk.data)  # at least its end: the agent drops it
                continue
            number, base = log_
            try:
                data = base64.b64decode(chunk.data, validate=True)
                size = self._outputs.append(chunk.job, number, base + chunk.offset, data, chunk.crc, chunk.cut)
            except (binascii.Error, DamagedChunk, OSError) as error:  # a full disk: the agent tries again
                log.warning("client %d: %s", session.client, error)
                size = self._outputs.size(chunk.job, number)
            sizes[key] = max(size - base, 0)
        return sizes

    def _without_early_ends(self, session: Session, exchange: Exchange, sizes: Sizes) -> Exchange:
        """An end whose output is not all here is not taken yet; the agent is told where the output stands."""
        kept: list[Report] = []
        for report in exchange.reports:
            log_ = self._log(session, report) if isinstance(report, Ended) and report.output_bytes else None
            if isinstance(report, Ended) and log_ is not None:
                size = max(self._outputs.size(report.job, log_[0]) - log_[1], 0)
                if size < report.output_bytes:
                    sizes[report.job, report.attempt] = size
                    continue
            kept.append(report)
        return exchange if len(kept) == len(exchange.reports) else replace(exchange, reports=tuple(kept))

    def _log(self, session: Session, of: Chunk | Ended) -> tuple[int, int] | None:
        """The log that the output of an attempt of this client belongs to, and from where on; nobody writes another's.

        A hook goes on with the log of the job's newest attempt.
        """
        job = self._engine.farm.jobs.get(of.job)
        if job is None:
            return None
        if of.attempt < HOOKS_FROM:
            owned = any(item.number == of.attempt and item.client == session.client for item in job.attempts)
            return (of.attempt, 0) if owned else None
        hook = job.hook
        if hook is None or (hook.number, hook.client) != (of.attempt, session.client):
            return None
        return job.attempt.number if job.attempt is not None else 0, hook.log_base

    async def _sync(self, session: Session, exchange: Exchange) -> None:
        """The output of what ended must survive a power cut before the end is acknowledged."""
        ended = [
            (item.job, found[0])
            for item in exchange.reports
            if isinstance(item, Ended) and item.output_bytes and (found := self._log(session, item)) is not None
        ]
        if ended:
            await asyncio.get_running_loop().run_in_executor(None, self._outputs.sync, ended)

    async def _wait(self, session: Session, seconds: float) -> None:
        """Until there is an order, a newer request of the same session, or the time is up."""
        session.wake()
        if seconds <= 0 or self._engine.closing or session.over:
            return
        session.waiter = waiter = asyncio.get_running_loop().create_future()
        try:
            await asyncio.wait_for(waiter, seconds)
        except TimeoutError:
            pass
        finally:
            if session.waiter is waiter:
                session.waiter = None

    def _reply(self, session: Session, exchange: Exchange, sizes: Sizes, seen: int) -> Reply:
        client = self._engine.farm.clients.get(session.client)
        live: Mapping[int, Attempt] = client.attempts if client is not None else {}
        farm, now = self._engine.farm, self._engine.now()
        session.orders = deque(order for order in session.orders if may_hand_over(farm, session.client, order, now))
        orders = tuple(itertools.islice(session.orders, _MOST_ORDERS))
        return Reply(
            orders=orders,
            reports_seen=seen,
            renewed=tuple(held for held in exchange.live if _is_live(live, held)),
            output_sizes=tuple(OutputSize(job, attempt, size) for (job, attempt), size in sizes.items()),
            leave=exchange.draining and not live,
            upgrade=client is not None and client.upgrade_asked,
            override=override_to_tell(client, exchange.override, now) if client is not None else None,
        )


def _last_taken(sent: Sequence[Report], taken: Sequence[Report]) -> int:
    """The number up to which every report was taken; those after a gap are sent again, which harms nothing."""
    last = 0
    for one, other in zip(sent, taken, strict=False):
        if one is not other:
            break
        last = one.number
    return last


def _is_live(live: Mapping[int, Attempt], held: Held) -> bool:
    attempt = live.get(held.job)
    return attempt is not None and attempt.number == held.attempt
