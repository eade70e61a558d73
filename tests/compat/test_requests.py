"""Requests that are malformed, hostile or just odd: each gets its answer, and the next call on the connection works."""

from __future__ import annotations

import gzip
import subprocess
import sys
import xmlrpc.client
import zlib
from typing import Any

import pytest

from tests.compat.raw import PING, Connection, in_chunks, request
from tests.compat.server import LocalServer
from tests.wire import bodies
from tests.wire.test_decoder import REFUSED

NEWJOB = bodies.call("newjob", {"name": "evil", "command": "touch /tmp/evil"})


def jobs_of(server: LocalServer) -> int:
    return server.inside(lambda context: len(context.farm.jobs))


@pytest.mark.parametrize("row", REFUSED)
def test_refused_bodies_become_faults(server: LocalServer, row: str) -> None:
    body, code, words = REFUSED[row]
    with Connection(server.port) as connection:
        answer = connection.ask(request(body))
        assert answer.status == 200
        assert (answer.fault[0], words in answer.fault[1]) == (code, True)
        assert not any(word in answer.fault[1] for word in ("Traceback", "/work", ".py", "hqserver"))
        assert connection.ask(request()).value is True


HTTP_ROWS: dict[str, tuple[bytes, int]] = {
    "X41 a page elsewhere": (request(NEWJOB, origin="http://evil.example"), 403),
    "X41 a page without an origin": (request(NEWJOB, origin="null"), 403),
    "X41 a fetch from elsewhere": (request(NEWJOB, sec_fetch_site="cross-site"), 403),
    "X43 another name": (request(NEWJOB, host="evil.example"), 421),
    "X45 PUT": (request(NEWJOB, method="PUT"), 405),
    "X45 DELETE": (request(NEWJOB, method="DELETE"), 405),
    "X45 PATCH": (request(NEWJOB, method="PATCH"), 405),
    "X45 OPTIONS": (request(NEWJOB, method="OPTIONS"), 405),
    "X45 TRACE": (request(b"", method="TRACE"), 405),
    "X45 GET": (request(b"", method="GET"), 405),
    "X47 another path": (request(NEWJOB, path="/anything"), 404),
    "X47 a path with dots": (request(NEWJOB, path="/RPC2/../etc"), 404),
    "X47 two slashes": (request(NEWJOB, path="//RPC2"), 404),
    "X47 a query": (request(NEWJOB, path="/RPC2?x=1"), 404),
    "X47 an absolute target": (request(NEWJOB, path="http://127.0.0.1/RPC2"), 404),
    "X47 a target with escapes": (request(NEWJOB, path="/RPC%32"), 404),
    "X53 deflate": (request(zlib.compress(NEWJOB), content_encoding="deflate"), 415),
    "X53 br": (request(NEWJOB, content_encoding="br"), 415),
    "a form": (request(NEWJOB, content_type="text/plain"), 415),
    "a form of fields": (request(NEWJOB, content_type="application/x-www-form-urlencoded"), 415),
    "no type": (request(NEWJOB, content_type=None), 415),
}


@pytest.mark.parametrize("row", HTTP_ROWS)
def test_what_the_door_refuses_runs_nothing(server: LocalServer, row: str) -> None:
    data, status = HTTP_ROWS[row]
    before = jobs_of(server)
    with Connection(server.port) as connection:
        answer = connection.ask(data)
        assert answer.status == status
        assert answer.headers["content-type"].startswith("text/plain")
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert not [name for name in answer.headers if name.startswith("access-control") or name == "www-authenticate"]
        assert connection.ask(request()).value is True
    assert jobs_of(server) == before


def test_x45_connect_is_refused(server: LocalServer) -> None:
    with Connection(server.port) as connection:
        assert (
            connection.ask(request(b"", method="CONNECT", path="127.0.0.1:5000", content_length=None), "CONNECT").status
            == 405
        )
    assert server.hq.ping() is True


def test_x45_head_is_refused(server: LocalServer) -> None:
    with Connection(server.port) as connection:
        answer = connection.ask(request(b"", method="HEAD"), "HEAD")
        assert (answer.status, answer.body) == (405, b"")


def test_health(server: LocalServer) -> None:
    with Connection(server.port) as connection:
        answer = connection.ask(request(b"", method="GET", path="/healthz", host="any.name", content_type=None), "GET")
        assert (answer.status, answer.body) == (200, b"ok\n")


def test_x49_a_length_beyond_all_bounds_is_refused_at_once(server: LocalServer) -> None:
    with Connection(server.port) as connection:
        answer = connection.ask(request(b"", content_length="1" + "0" * 15))
        assert answer.status == 413
        assert answer.headers["connection"] == "close"
        connection.send(b"x" * 100_000)
    assert server.hq.ping() is True


def test_x51_chunks_beyond_the_limit_are_refused_when_it_is_passed(server: LocalServer) -> None:
    piece = b" " * (1 << 20)
    with Connection(server.port) as connection:
        connection.send(request(b"", content_length=None, transfer_encoding="chunked"))
        for _ in range(70):
            connection.send(b"%x\r\n%s\r\n" % (len(piece), piece))
        connection.send(b"0\r\n\r\n")
        assert connection.read().status == 413
        assert connection.is_closed


def test_chunks_are_taken(server: LocalServer) -> None:
    with Connection(server.port) as connection:
        data = request(b"", content_length=None, transfer_encoding="chunked") + in_chunks(
            [PING[:10], PING[10:50], PING[50:]]
        )
        assert connection.ask(data).value is True
        assert connection.ask(request()).value is True


@pytest.mark.parametrize(
    "header",
    [
        b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        b"Content-Length: 5\r\nContent-Length: 6\r\n",
        b"Content-Length: -5\r\n",
        b"Content-Length: x\r\n",
        b"Transfer-Encoding: chunked, chunked\r\n",
        b"X: " + b"x" * (20 << 10) + b"\r\n",
        b"".join(b"X-%d: 1\r\n" % number for number in range(100)),
        b"no colon\r\n",
    ],
)
def test_headers_that_could_mean_two_things_or_are_too_large(server: LocalServer, header: bytes) -> None:
    with Connection(server.port) as connection:
        answer = connection.ask(
            b"POST /RPC2 HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: text/xml\r\n" + header + b"\r\n" + PING
        )
        assert answer.status in (400, 431)
        assert connection.is_closed
    assert server.hq.ping() is True


def test_an_endless_header_is_cut_off(server: LocalServer) -> None:
    with Connection(server.port) as connection:
        connection.send(b"POST /RPC2 HTTP/1.1\r\nX: ")
        try:
            for _ in range(100):
                connection.send(b"x" * 10_000)
        except (BrokenPipeError, ConnectionResetError):
            pass
        assert connection.socket.recv(12) in (b"HTTP/1.1 400", b"") or connection.is_closed
    assert server.hq.ping() is True


def test_an_endless_target_is_refused(server: LocalServer) -> None:
    with Connection(server.port) as connection:
        assert connection.ask(b"POST /" + b"x" * (20 << 10) + b" HTTP/1.1\r\nHost: a\r\n\r\n").status == 400


@pytest.mark.parametrize(
    "method", ["_private", "__init__", "newjob.__call__", "system", "agent.sessions", "get_jobs", "PING"]
)
def test_x9_names_are_looked_up_and_nothing_else(server: LocalServer, method: str) -> None:
    with Connection(server.port) as connection:
        code, text = connection.ask(request(bodies.call(method))).fault
        assert (code, "there is no method" in text) == (-32601, True)


def test_gzip_requests_are_taken(server: LocalServer) -> None:
    with Connection(server.port) as connection:
        assert connection.ask(request(gzip.compress(PING), content_encoding="gzip")).value is True
        large = bodies.call("newjob", {"name": "x" * 2000, "command": "y" * 500_000})
        assert connection.ask(request(gzip.compress(large), content_encoding="gzip")).fault[0] == 413


@pytest.mark.parametrize(
    "body",
    [b"not gzip", gzip.compress(PING)[:-5], gzip.compress(PING) + b"more"],
    ids=["none", "cut", "with more behind it"],
)
def test_gzip_that_is_none_is_a_fault(server: LocalServer, body: bytes) -> None:
    with Connection(server.port) as connection:
        assert connection.ask(request(body, content_encoding="gzip")).fault[0] == -32300
        assert connection.ask(request()).value is True


def test_a_gzip_bomb_is_counted_unpacked(server: LocalServer) -> None:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    bomb = b"".join(packer.compress(b" " * (1 << 20)) for _ in range(100)) + packer.flush()
    assert len(bomb) < 200_000
    with Connection(server.port) as connection:
        assert connection.ask(request(bomb, content_encoding="gzip")).fault[0] == 413
        assert connection.ask(request()).value is True


def test_large_answers_are_packed_for_who_asks(server: LocalServer) -> None:
    call = bodies.call("system.multicall", [{"methodName": "system.methodHelp", "params": ["newjob"]}] * 300)
    with Connection(server.port) as connection:
        plain = connection.ask(request(call))
        packed = connection.ask(request(call, accept_encoding="gzip"))
        assert "content-encoding" not in plain.headers
        assert packed.headers["content-encoding"] == "gzip"
        assert gzip.decompress(packed.body) == plain.body
        assert "content-encoding" not in connection.ask(request(accept_encoding="gzip")).headers


def test_x55_many_requests_at_once_are_answered_in_order(server: LocalServer) -> None:
    with Connection(server.port) as connection:
        connection.send(
            b"".join(request(bodies.call("ping") if i % 2 else bodies.call("getVersion")) for i in range(1000))
        )
        for number in range(1000):
            assert connection.read().value == (True if number % 2 else "20.5.0")


def test_x57_a_caller_may_ask_before_it_sends(server: LocalServer) -> None:
    with Connection(server.port) as connection:
        connection.send(request(b"", content_length=str(len(PING)), expect="100-continue"))
        assert connection.socket.recv(1000) == b"HTTP/1.1 100 Continue\r\n\r\n"
        assert connection.ask(PING).value is True


def test_a_caller_that_hangs_up_in_the_middle_harms_nobody(server: LocalServer) -> None:
    for cut in (10, 100, len(NEWJOB) - 5):
        with Connection(server.port) as connection:
            connection.send(request(NEWJOB)[:-cut])
    assert server.hq.ping() is True


CHAIN_AGAINST_A_SERVER = """
import sys, tempfile
from pathlib import Path
from tests.compat.raw import Connection, request
from tests.compat.server import local_server
from tests.wire.bodies import entity_chain
with tempfile.TemporaryDirectory() as folder, local_server(Path(folder)) as server, Connection(server.port) as connection:
    print(connection.ask(request(entity_chain())).fault)
    print(connection.ask(request()).value)
"""


def test_the_chain_of_entities_does_not_end_the_server() -> None:
    done = subprocess.run([sys.executable, "-c", CHAIN_AGAINST_A_SERVER], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "(-32700, 'DTD not allowed in XML-RPC')\nTrue\n"), done.stderr[-500:]


def test_our_own_mistakes_show_a_number_and_nothing_else(server: LocalServer, caplog: pytest.LogCaptureFixture) -> None:
    """Whatever goes wrong inside is written down, and the caller learns under which number."""
    broken: Any = "no job"
    server.inside(lambda context: context.farm.jobs.update({999_999: broken}))
    try:
        with pytest.raises(xmlrpc.client.Fault) as caught:
            server.hq.getJob(999_999)
    finally:
        server.inside(lambda context: context.farm.jobs.pop(999_999))
    assert caught.value.faultCode == -32603
    incident = caught.value.faultString.split("incident ")[1][:8]
    assert incident in caplog.text
    assert "Traceback" in caplog.text
    assert "Traceback" not in caught.value.faultString
