"""The server's web side on loopback, in a thread of this process: the real farm, door and codec; a disk that never fails."""

from __future__ import annotations

import asyncio
import socket
import sys
import threading
import time
import xmlrpc.client
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import uvicorn

from hqserver.api.context import Context
from hqserver.config import read_config
from hqserver.core.commands import Receive, Register
from hqserver.core.records import Instant, Job, Submission
from hqserver.core.restoring import Remembered, restore
from hqserver.core.state import Changes
from hqserver.engine import Engine
from hqserver.history import History, Policy
from hqserver.outputs import Outputs
from hqserver.sessions import Sessions
from hqserver.web import make_app
from hqserver.web_protocol import CarefulProtocol
from hqserver.wire.agent import Exchange, Hello

T = TypeVar("T")


class ReliableDisk:
    """Commits nothing, at once: what the engine sees of a store that works."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()

    def commit(self, changes: Changes, done: Callable[[], None]) -> None:
        self._loop.call_soon(done)


class NoHistory:
    """A store from which no job has left RAM."""

    def families(self, families: Sequence[int]) -> list[Job]:
        raise AssertionError(f"nothing is history, {families} neither")

    def oldest(self, before: float, most: int) -> list[int]:
        return []

    def ran_on(self, client: int, most: int) -> list[tuple[float, int]]:
        return []

    def submission(self, key: str) -> Submission | None:
        return None


def make_context(folder: Path) -> Context:
    """A server with an empty farm."""
    config = read_config(None)

    def clock() -> Instant:
        return Instant(time.time(), time.monotonic())

    engine = Engine(restore(config.farm_settings(), Remembered(), clock()), ReliableDisk(), clock)
    outputs = Outputs(folder)
    return Context(
        engine=engine,
        sessions=Sessions(engine, outputs, "test"),
        history=History(engine, NoHistory(), Policy(days=7.0, most_jobs=100_000, expire_days=0.0)),
        outputs=outputs,
        config=config,
        epoch="e1",
        started_at=0.0,
        open_farm=False,
        database="none",
    )


class LocalServer:
    """A server that listens; `hq` is what a script holds."""

    def __init__(self, folder: Path, most_connections: int = sys.maxsize) -> None:
        self._folder = folder
        self._most_connections = most_connections
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port: int = self._listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.hq = xmlrpc.client.ServerProxy(self.url, allow_none=True)
        """A plain proxy, as scripts make it."""
        self.context: Context
        self._loop: asyncio.AbstractEventLoop
        self._server: uvicorn.Server
        self._ready = threading.Event()
        self._failed: BaseException | None = None
        self._thread = threading.Thread(target=self._run)

    def inside(self, function: Callable[[Context], T]) -> T:
        """What the function gives, called on the server's own loop."""

        async def called() -> T:
            return function(self.context)

        return asyncio.run_coroutine_threadsafe(called(), self._loop).result(timeout=30)

    def start(self) -> None:
        """Listen, and come back when it does."""
        self._thread.start()
        assert self._ready.wait(30)
        if self._failed is not None:
            raise self._failed

    def stop(self) -> None:
        """Stop, and come back when it has."""
        self.hq("close")()
        self._loop.call_soon_threadsafe(self._end)
        self._thread.join(30)
        self._listener.close()
        assert not self._thread.is_alive()

    def _end(self) -> None:
        self._server.should_exit = True
        self.context.engine.close()
        self.context.sessions.close()

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except BaseException as error:  # noqa: BLE001  (raised where the server was started)
            self._failed = error
            self._ready.set()

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self.context = make_context(self._folder)
        app: Any = make_app(self.context)

        class Protocol(CarefulProtocol):
            most_connections = self._most_connections

        config = uvicorn.Config(
            app,
            http=Protocol,
            ws="none",
            lifespan="off",
            access_log=False,
            log_config=None,
            server_header=False,
            date_header=False,
            timeout_keep_alive=60,
            timeout_graceful_shutdown=1,
        )
        self._server = uvicorn.Server(config)
        self._loop.call_soon(self._ready.set)
        await self._server.serve(sockets=[self._listener])


@contextmanager
def local_server(folder: Path, most_connections: int = sys.maxsize) -> Iterator[LocalServer]:
    """A listening server, stopped at the end."""
    server = LocalServer(folder, most_connections)
    server.start()
    try:
        yield server
    finally:
        server.stop()


def join(context: Context, hello: Hello, session: str, ip: str = "10.0.0.1") -> int:
    """A client, as if an agent had said hello and heard the answer; its id."""
    client: int = context.engine.apply(Register(hello, session, ip))
    context.engine.apply(Receive(Exchange(session, 0, 0)))
    return client
