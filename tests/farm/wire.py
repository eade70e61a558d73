"""A wire between agent and server that can be cut in either direction, and that may carry every message twice."""

from __future__ import annotations

import asyncio
import contextlib
import random
import threading
from typing import Final

_PIECE: Final = 1 << 16


class Wire:
    """Listens on a port of this machine and carries what comes to another. Runs in a thread of its own.

    `up` and `down` say whether requests and answers get through; what does not waits, as it does on a real wire until
    the connection is given up. With `doubled` each request is carried a second time, on a connection of its own,
    before or after the first.
    """

    def __init__(self, target: int, seed: int = 0) -> None:
        self.up = True
        self.down = True
        self.doubled = False
        self.requests = 0
        self.copies = 0
        self.port = 0
        self._target = target
        self._chance = random.Random(seed)
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._copying: set[asyncio.Task[None]] = set()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        assert self._ready.wait(10)

    @property
    def url(self) -> str:
        """Where the server seems to be."""
        return f"http://127.0.0.1:{self.port}"

    def cut(self, *, up: bool = True, down: bool = True) -> None:
        """Cut one or both directions."""
        self.up, self.down = self.up and not up, self.down and not down

    def heal(self) -> None:
        """Both directions carry again."""
        self.up = self.down = True

    def close(self) -> None:
        """No more."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(asyncio.start_server(self._connected, "127.0.0.1", 0))
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        self._loop.run_forever()
        server.close()
        tasks = asyncio.all_tasks(self._loop)
        for task in tasks:
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
        self._loop.close()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            there, back = await asyncio.open_connection("127.0.0.1", self._target)
        except OSError:
            writer.close()
            return
        try:
            await asyncio.gather(self._requests(reader, back), self._answers(there, writer))
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            await _hang_up(writer, back)

    async def _requests(self, reader: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        """Request by request, so that each can be carried twice."""
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = next(
                    int(line.split(b":")[1])
                    for line in head.split(b"\r\n")
                    if line.lower().startswith(b"content-length")
                )
                message = head + await reader.readexactly(length)
                await self._until(lambda: self.up)
                self.requests += 1
                early = self._chance.random() < 0.5
                if self.doubled and early:
                    await self._copy(message)
                back.write(message)
                await back.drain()
                if self.doubled and not early:
                    task = asyncio.create_task(self._copy(message))
                    self._copying.add(task)
                    task.add_done_callback(self._copying.discard)
        finally:
            back.close()

    async def _answers(self, there: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await there.read(_PIECE):
                await self._until(lambda: self.down)
                writer.write(data)
                await writer.drain()
        finally:
            writer.close()

    async def _copy(self, message: bytes) -> None:
        """The same once more; nobody reads the answer."""
        self.copies += 1
        with contextlib.suppress(OSError, TimeoutError):
            there, back = await asyncio.open_connection("127.0.0.1", self._target)
            try:
                back.write(message)
                await back.drain()
                async with asyncio.timeout(0.5):
                    await there.read(_PIECE)
            finally:
                await _hang_up(back)

    @staticmethod
    async def _until(open_: object) -> None:
        while not open_():  # type: ignore[operator]  # noqa: ASYNC110 - set from another thread
            await asyncio.sleep(0.01)


async def _hang_up(*ends: asyncio.StreamWriter) -> None:
    for end in ends:
        end.transport.abort()
    for end in ends:
        with contextlib.suppress(OSError, asyncio.CancelledError):
            await end.wait_closed()
