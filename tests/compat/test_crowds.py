"""More connections than the server keeps, and more than it may open files: who is served goes on being served."""

from __future__ import annotations

import socket
import subprocess
import sys
import xmlrpc.client
from pathlib import Path

from tests.compat.raw import Connection, request
from tests.compat.server import LocalServer, local_server
from tests.farm.harness import free_port, wait_for

BEGUN = b"POST /RPC2 HTTP/1.1\r\nHost: 127.0.0.1\r\n"


def answers_again(server: LocalServer) -> bool:
    with xmlrpc.client.ServerProxy(server.url) as proxy:
        return bool(proxy.ping())


def test_connections_beyond_the_limit_are_told_to_come_back(tmp_path: Path) -> None:
    with local_server(tmp_path, most_connections=4) as server, Connection(server.port) as kept:
        assert kept.ask(request()).value is True
        idle = [socket.create_connection(("127.0.0.1", server.port), timeout=30) for _ in range(3)]
        for connection in idle:
            connection.sendall(BEGUN)
        for _ in range(3):
            with socket.create_connection(("127.0.0.1", server.port), timeout=30) as late:
                answer = late.makefile("rb").read()
                assert answer.startswith(b"HTTP/1.1 503 ")
                assert answer.endswith(b"\r\n\r\nToo many connections are open; try again.\n")
                assert b"content-length: 42\r\n" in answer
        assert kept.ask(request()).value is True
        for connection in idle:
            connection.close()
        wait_for("room for another caller", lambda: answers_again(server))


FEW_FILES = 400


def test_a_server_that_may_open_few_files_never_runs_out_of_them(tmp_path: Path) -> None:
    port = free_port()
    run = [sys.executable, "-m", "hqserver", "run", "--data", str(tmp_path / "data"), "--port", str(port)]
    command = ["sh", "-c", f'ulimit -S -n {FEW_FILES // 2}; ulimit -H -n {FEW_FILES}; exec "$@"', "sh", *run]
    log = tmp_path / "log"
    with log.open("wb") as stream:
        server = subprocess.Popen(command, stderr=stream)
    idle: list[socket.socket] = []
    try:
        with xmlrpc.client.ServerProxy(f"http://127.0.0.1:{port}") as hq:
            wait_for("the server", hq.ping)
            for _ in range(FEW_FILES):
                idle.append(socket.create_connection(("127.0.0.1", port), timeout=30))
                idle[-1].sendall(BEGUN)
            assert hq.newjob({"name": "served", "command": "true"}) == [1]
            wait_for("the crowd to be noticed", lambda: b"connections are open" in log.read_bytes())
            assert hq.getJob(1, ["name"]) == {"name": "served"}
    finally:
        for connection in idle:
            connection.close()
        server.terminate()
        assert server.wait(timeout=30) == 0
    assert b"out of system resource" not in log.read_bytes()
    assert log.read_bytes().count(b"connections are open") == 1
