"""Simulated agents: coroutines that speak the real protocol through real connections; they run no process.

Run as a program of its own, so that they share no interpreter with what measures:
`python -m benchmarks.agents URL FIRST COUNT` prints a line when all of them are registered, and one for each time that
all are back after they lost their server; it ends when its input does.
"""

from __future__ import annotations

import asyncio
import random
import resource
import sys
import time
import xmlrpc.client

from benchmarks.raw import AsyncCaller
from hqserver.wire.agent import Exchange, Hello, Machine, Reply, Welcome
from hqserver.wire.agent_json import decode, encode

FIRST_HELLO_SECONDS = 10.0
LOST_SECONDS = 30.0
"""Agents come back spread over this time after they lost their server, as real ones do."""


class Crowd:
    """So many agents on one loop."""

    def __init__(self, url: str, first: int, count: int) -> None:
        self._url = url
        self._chance = random.Random(first)
        self._numbers = range(first, first + count)
        self._attached: set[int] = set()
        self._said = False

    async def run(self) -> None:
        """Until the input ends."""
        agents = [asyncio.create_task(self._agent(number)) for number in self._numbers]
        await asyncio.to_thread(sys.stdin.read)
        for agent in agents:
            agent.cancel()
        await asyncio.gather(*agents, return_exceptions=True)

    async def _agent(self, number: int) -> None:
        caller = AsyncCaller(self._url)
        await asyncio.sleep(self._chance.uniform(0, min(len(self._numbers) / 300, FIRST_HELLO_SECONDS)))
        while True:
            try:
                await self._session(number, caller)
            except (OSError, EOFError, xmlrpc.client.Fault):
                self._attached.discard(number)
                self._said = False
                await asyncio.sleep(self._chance.uniform(0, LOST_SECONDS))

    async def _session(self, number: int, caller: AsyncCaller) -> None:
        machine = Machine(f"node{number:05}", "linux-x86_64", 8, memory=64_000_000)
        hello = Hello(1, f"agent-{number}", "boot", "", 0, "bench", machine, clock=time.time())
        welcome = decode(Welcome, await caller.text("agent.register", encode(hello)))
        self._attached.add(number)
        if len(self._attached) == len(self._numbers) and not self._said:
            self._said = True
            sys.stdout.write(f"{time.time()}\n")
            sys.stdout.flush()
        seen = 0
        while True:
            exchange = Exchange(welcome.session, seen, welcome.wait, machine=machine)
            reply = decode(Reply, await caller.text("agent.exchange", encode(exchange)))
            seen = max((order.number for order in reply.orders), default=seen)


if __name__ == "__main__":
    most_files = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most_files, most_files))
    asyncio.run(Crowd(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])).run())
