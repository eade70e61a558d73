"""Callers that come to an end without saying so: their connections are closed, and nothing piles up for them.

The times are made short for these tests; what is tested is that the end comes, never when.
"""

from __future__ import annotations

import socket
from typing import Any

import pytest

from hqserver import web_protocol
from tests.compat.raw import PING, Connection, request
from tests.compat.server import LocalServer
from tests.compat.test_changes import wait_until
from tests.wire import bodies


@pytest.fixture(autouse=True)
def short_times(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HEADER_SECONDS", "LOOK_SECONDS", "UNREAD_ANSWER_SECONDS"):
        monkeypatch.setattr(web_protocol, name, 0.1)


@pytest.mark.parametrize(
    "beginning",
    [b"", b"POST", request()[:40], request()[: -len(PING)], request()[:-1]],
    ids=["nothing", "half a word", "half a header", "no body", "not all of the body"],
)
def test_a_request_that_does_not_go_on_is_given_up(server: LocalServer, beginning: bytes) -> None:
    with Connection(server.port) as connection:
        connection.send(beginning)
        assert connection.is_closed
    assert server.hq.ping() is True


def test_a_header_that_trickles_is_given_up_on_a_kept_connection(
    server: LocalServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(web_protocol, "LOOK_SECONDS", 30.0)  # for its first byte
    with Connection(server.port) as connection:
        assert connection.ask(request()).value is True
        connection.send(request()[:40])
        assert connection.is_closed


def test_a_body_that_comes_along_is_waited_for(server: LocalServer, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HEADER_SECONDS", "LOOK_SECONDS"):
        monkeypatch.setattr(web_protocol, name, 5.0)
    body = bodies.call("newjob", {"name": "slow", "command": "x" * 200_000})
    data = request(body)
    with Connection(server.port) as connection:
        for start in range(0, len(data), 1000):
            connection.send(data[start : start + 1000])
        assert connection.read().status == 200


def test_x55_who_does_not_read_is_hung_up_on_and_nothing_piles_up(
    server: LocalServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    unsent: list[int] = []
    """Bytes that wait for their callers whenever one does not take its answer."""
    pause_writing = web_protocol.CarefulProtocol.pause_writing

    def noted(self: web_protocol.CarefulProtocol) -> None:
        unsent.append(self.transport.get_write_buffer_size())
        pause_writing(self)

    monkeypatch.setattr(web_protocol.CarefulProtocol, "pause_writing", noted)
    hq: Any = server.hq
    hq.newjob({"name": "rows", "children": [{"name": "x" * 1000} for _ in range(2000)]})
    with Connection(server.port) as connection:
        connection.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.send(request(bodies.call("getJobs", list(range(1, 2000)))) * 20)
        wait_until(lambda: bool(unsent))
        wait_until(lambda: server.inside(lambda context: len(server._server.server_state.connections)) == 1)
    assert max(unsent) < 1 << 20
    assert hq.ping() is True
