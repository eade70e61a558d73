"""The connection to the server: what ends a call, what only ends a connection, and what must not end the agent."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from hqagent.environment import Surroundings
from hqagent.link import Link, LinkError
from hqagent.loop import Agent, Identity
from hqagent.machine import machine
from hqagent.override import Clock, OverrideKeeper
from hqagent.processes import platform_processes
from hqagent.spool import Spool
from hqserver.wire.agent import Machine
from hqserver.wire.encoder import encode_response
from tests.compat.server import LocalServer, local_server
from tests.farm.harness import wait_for

ANSWER = encode_response("well")
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: %d\r\n" % len(ANSWER)


@contextmanager
def server_that(*answers: bytes | None) -> Iterator[str]:
    """Answers one request after the other with these bytes; None hangs up, and so does what says that it closes."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=_serve, args=(listener, list(answers)), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        thread.join(30)


def _serve(listener: socket.socket, answers: list[bytes | None]) -> None:
    while answers:
        connection, _ = listener.accept()
        with connection, connection.makefile("rb") as stream:
            while answers and _read_request(stream.readline, stream.read):
                answer = answers.pop(0)
                if answer is None:
                    break
                connection.sendall(answer)
                if b"close" in answer:
                    break


def _read_request(readline: Callable[[], bytes], read: Callable[[int], bytes]) -> bool:
    size = 0
    if not readline():
        return False
    while line := readline().strip():
        name, _, value = line.partition(b":")
        size = int(value) if name.lower() == b"content-length" else size
    return len(read(size)) == size


def calls(url: str, count: int) -> list[object]:
    async def call() -> list[object]:
        link = Link(url)
        try:
            return [await link.call("ping", "") for _ in range(count)]
        finally:
            link.close()

    return asyncio.run(call())


def test_a_connection_is_kept() -> None:
    with server_that(HEAD + b"\r\n" + ANSWER, HEAD + b"\r\n" + ANSWER) as url:
        assert calls(url, 2) == ["well", "well"]


def test_a_server_that_stops_says_so_and_the_next_call_makes_a_new_connection() -> None:
    with server_that(HEAD + b"Connection: close\r\n\r\n" + ANSWER, HEAD + b"\r\n" + ANSWER) as url:
        assert calls(url, 2) == ["well", "well"]


def test_a_connection_that_was_idle_for_too_long_is_made_anew() -> None:
    with server_that(HEAD + b"\r\n" + ANSWER, None, HEAD + b"\r\n" + ANSWER) as url:
        assert calls(url, 2) == ["well", "well"]


@pytest.mark.parametrize(
    "answer",
    [None, b"HTTP/1.1 503 Later\r\nContent-Length: 5\r\nConnection: close\r\n\r\nlater", b"SSH-2.0-close\r\n"],
    ids=["hangs up", "has no room", "is no server of ours"],
)
def test_what_is_no_answer_is_a_link_error(answer: bytes | None) -> None:
    with server_that(answer) as url, pytest.raises(LinkError, match=r"127\.0\.0\.1"):
        calls(url, 1)


def test_nobody_there_is_a_link_error() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        with pytest.raises(LinkError, match="cannot be reached"):
            calls(f"http://127.0.0.1:{unused.getsockname()[1]}", 1)


def is_registered(server: LocalServer) -> bool:
    return bool(server.inside(lambda context: context.farm.clients))


def test_what_goes_wrong_once_does_not_end_the_agent(tmp_path: Path) -> None:
    """Asking a machine may fail, as everything does on a disk that is full or a folder that was unmounted."""
    failures = [OSError("the disk is gone"), ValueError("nonsense")]

    def troubled() -> Machine:
        if failures:
            raise failures.pop()
        return machine(tmp_path, 1, (), lambda: -1)

    def around(hq_root: str) -> Surroundings:
        return Surroundings("", hq_root, tmp_path, "linux-x86_64", {})

    async def live(server: LocalServer) -> None:
        identity = Identity("a", "boot", "", "v")
        override = OverrideKeeper(tmp_path / "override", "boot", lambda: Clock(0.0, 0.0))
        spool = Spool(tmp_path / "spool")
        agent = Agent(identity, server.url, spool, platform_processes(None), around, troubled, override)
        running = asyncio.create_task(agent.run())
        await asyncio.to_thread(wait_for, "the agent to register", lambda: is_registered(server) or running.done())
        agent.stop()
        await running

    with local_server(tmp_path / "server") as server:
        asyncio.run(live(server))
        assert is_registered(server)
    assert not failures
