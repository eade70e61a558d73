"""One caller's large call and everybody else: others are served while it goes on."""

from __future__ import annotations

import asyncio
import threading
import xmlrpc.client
from pathlib import Path
from typing import Any

import pytest

from hqserver.web import make_app
from hqserver.wire.codec import encode_request
from tests.compat.raw import Connection, request
from tests.compat.server import LocalServer, make_context
from tests.compat.test_changes import wait_until
from tests.wire import bodies

LARGE = {
    "name": "large",
    "children": [{"name": f"child {number}", "command": f"render {number}"} for number in range(20_000)],
}
BODIES: dict[str, bytes] = {
    "a submission": encode_request("newjob", (LARGE,)),
    "a submission with a mistake at its end": encode_request("newjob", ({**LARGE, "priority": "high"},)),
    "a hostile number of values": encode_request("getJobs", ([[0]] * 200_000,)),
    "no XML behind much of it": encode_request("newjob", (LARGE,)) + b"<",
}


@pytest.mark.parametrize("row", BODIES)
def test_others_are_served_while_a_large_request_is_worked_on(server: LocalServer, row: str) -> None:
    """Counted, not timed: many small calls begin and end between the large one's first byte and its answer."""
    served = 0
    stop = threading.Event()

    def others() -> None:
        nonlocal served
        with xmlrpc.client.ServerProxy(server.url) as proxy:
            while not stop.is_set():
                proxy.ping()
                served += 1

    other = threading.Thread(target=others)
    with Connection(server.port) as connection:
        other.start()
        wait_until(lambda: served > 0)
        before = served
        answer = connection.ask(request(BODIES[row]))
        meanwhile = served - before
        stop.set()
        other.join(30)
    assert answer.status == 200
    assert meanwhile >= 10


def test_two_large_bodies_at_a_time(tmp_path: Path) -> None:
    """The third is read no further until one of them is answered; small ones never wait."""

    async def run() -> None:
        app = make_app(make_context(tmp_path))
        callers = [Caller(bodies.call("newjob", {"name": "a", "command": "x" * (2 << 20)})) for _ in range(3)]

        async def serve(caller: Caller) -> None:
            await app(caller.scope, caller.receive, caller.send)

        callers[2].go_on.set()
        tasks = [asyncio.create_task(serve(caller)) for caller in callers[:2]]
        while [caller.read for caller in callers] != [2, 2, 0]:
            await turns()
        tasks.append(asyncio.create_task(serve(callers[2])))
        while callers[2].read < 2:
            await turns()
        await turns()
        assert [caller.read for caller in callers] == [2, 2, 2]
        small = Caller(bodies.call("ping"))
        small.go_on.set()
        await serve(small)
        assert b"<boolean>1" in small.answer
        callers[0].go_on.set()
        await tasks[0]
        await tasks[2]
        assert not tasks[1].done()
        callers[1].go_on.set()
        await tasks[1]
        assert all(b"<int>" in caller.answer for caller in callers)

    asyncio.run(run())


async def turns() -> None:
    """Let everything that can go on go on."""
    for _ in range(1000):
        await asyncio.sleep(0)


class Caller:
    """Sends its body in two halves and a rest, and holds the rest back until it may go on."""

    def __init__(self, body: bytes) -> None:
        third = len(body) // 3 + 1
        self._pieces = [body[start : start + third] for start in range(0, len(body), third)]
        self.go_on = asyncio.Event()
        self.read = 0
        self.answer = b""
        self.scope: dict[str, Any] = {
            "type": "http",
            "method": "POST",
            "raw_path": b"/RPC2",
            "query_string": b"",
            "client": ("127.0.0.1", 1),
            "headers": [
                (b"host", b"localhost"),
                (b"content-type", b"text/xml"),
                (b"content-length", b"%d" % len(body)),
            ],
        }

    async def receive(self) -> dict[str, Any]:
        if self.read == len(self._pieces) - 1:
            await self.go_on.wait()
        piece = self._pieces[self.read]
        self.read += 1
        return {"type": "http.request", "body": piece, "more_body": self.read < len(self._pieces)}

    async def send(self, message: Any) -> None:
        self.answer += message.get("body", b"")
