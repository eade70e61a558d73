"""Calls that wait: they end with their caller, and they end when the server stops."""

from __future__ import annotations

import json
import threading
import xmlrpc.client
from typing import Any

import pytest

from hqserver.wire.agent import Exchange, Hello, Machine, Reply, Welcome
from hqserver.wire.agent_json import decode, encode
from tests.compat.raw import Connection, request
from tests.compat.server import LocalServer
from tests.compat.test_changes import wait_until
from tests.wire import bodies

HELLO = Hello(1, "agent 1", "boot 1", "", 0, "1.0", Machine("node7", "linux-x86_64", cpus=8))


def welcome(server: LocalServer) -> Welcome:
    """A session of the agent."""
    answer: Any = getattr(server.hq, "agent.register")(encode(HELLO))
    return decode(Welcome, answer)


def test_an_agent_registers_and_exchanges(server: LocalServer) -> None:
    hq: Any = server.hq
    session = welcome(server)
    assert hq.getClient(session.client, ["label", "ip"]) == {"label": "node7", "ip": "127.0.0.1"}
    assert hq.getClient(session.client, ["available"]) == {"available": False}, "it may hear no answer"
    reply = decode(Reply, hq.agent.exchange(encode(Exchange(session.session, 0, 0))))
    assert reply.orders == ()
    assert hq.getClient(session.client, ["available"]) == {"available": True}


def test_a_request_ends_with_its_caller(server: LocalServer) -> None:
    session = welcome(server)
    with Connection(server.port) as agent, Connection(server.port) as window:
        agent.send(request(bodies.call("agent.exchange", encode(Exchange(session.session, 0, 50)))))
        wait_until(lambda: waits(server) == 1)
        window.send(request(bodies.call("getChanges", server.inside(lambda context: context.farm.revision), 50)))
        wait_until(lambda: followers(server) == 1)
    wait_until(lambda: waits(server) == 0 and followers(server) == 0)
    assert server.hq.ping() is True


def test_an_order_answers_the_waiting_request(server: LocalServer) -> None:
    hq: Any = server.hq
    session = welcome(server)
    replies: list[Reply] = []

    def wait() -> None:
        with xmlrpc.client.ServerProxy(server.url) as proxy:
            replies.append(decode(Reply, proxy.agent.exchange(encode(Exchange(session.session, 0, 50)))))

    waiting = threading.Thread(target=wait)
    waiting.start()
    wait_until(lambda: waits(server) == 1)
    (job,) = hq.newjob({"name": "a", "command": "echo hi"})
    waiting.join(30)
    assert [(order.kind, order.job) for order in replies[0].orders] == [("start", job)]  # type: ignore[union-attr]


def waits(server: LocalServer) -> int:
    """How many agents' requests are being kept open."""
    return server.inside(lambda context: sum(item.waiter is not None for item in context.sessions._by_id.values()))


def followers(server: LocalServer) -> int:
    return server.inside(lambda context: len(context.engine._followers))


def test_a_name_that_another_agent_has_is_refused_with_its_address(server: LocalServer) -> None:
    welcome(server)
    other = Hello(1, "agent 2", "boot 2", "", 0, "1.0", HELLO.machine)
    with pytest.raises(xmlrpc.client.Fault) as caught:
        getattr(server.hq, "agent.register")(encode(other))
    assert (caught.value.faultCode, "127.0.0.1" in caught.value.faultString) == (409, True)


@pytest.mark.parametrize(
    "machine",
    [
        {"cpus": -1},
        {"hostname": "\ud800"},
        {"hostname": "a\0b"},
        {"cpus": 1e30},
        {"load": "nan"},
        {"memory": 1e30},
    ],
)
def test_a7_what_agents_say_is_not_trusted(server: LocalServer, machine: dict[str, Any]) -> None:
    hello = json.loads(encode(HELLO))
    hello["machine"].update(machine)
    with pytest.raises(xmlrpc.client.Fault) as caught:
        getattr(server.hq, "agent.register")(json.dumps(hello))
    assert caught.value.faultCode == -32602


def test_a_stopping_server_answers_who_waits_and_takes_nothing_new(server: LocalServer) -> None:
    """Last in this file: the server does not come back from it."""
    with Connection(server.port) as connection:
        connection.send(request(bodies.call("getChanges", server.inside(lambda context: context.farm.revision), 50)))
        wait_until(lambda: followers(server) == 1)
        server.inside(lambda context: context.engine.close())
        assert json.loads(connection.read().value)["more"] is False
        code, text = connection.ask(request(bodies.call("newjob", {"name": "late"}))).fault
        assert (code, "stopping" in text) == (503, True)
        assert connection.ask(request(b"", method="GET", path="/healthz"), "GET").status == 503
