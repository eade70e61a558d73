"""A real farm on loopback for tests: server and agents as processes, started, killed and awaited.

Nothing here sleeps for a fixed time: `wait_for` looks until a condition holds, or fails with what it saw last.
"""

from __future__ import annotations

import http.client
import itertools
import os
import signal
import socket
import subprocess
import sys
import time
import xmlrpc.client
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final, TypeVar
from xml.parsers.expat import ExpatError

T = TypeVar("T")

AWAY: Final = (OSError, http.client.HTTPException, ExpatError, xmlrpc.client.Error)
"""What a call raises while the server is away, dies in the middle of its answer, or refuses."""


def wait_for(what: str, look: Callable[[], T], timeout: float = 60.0, pause: float = 0.02) -> T:
    """The first true answer of `look`; it may raise what is `AWAY`. Fails after `timeout` seconds."""
    last: object = None
    end = time.monotonic() + timeout
    while time.monotonic() < end:
        try:
            last = look()
            if last:
                return last
        except AWAY as error:
            last = error
        time.sleep(pause)
    raise AssertionError(f"waited {timeout} s for {what}; last seen: {last!r}")


_PORTS: Final = range(10_000, 20_000)
"""Below those from which the system takes one for each call: what is free here stays so while nobody listens on it."""
_next_ports = itertools.count(os.getpid() * 101)
"""Every process of the tests begins elsewhere, and none has the same port twice."""


def free_port() -> int:
    """A port that nobody listens on, and that no call takes by chance."""
    for number in itertools.islice(_next_ports, len(_PORTS)):
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port := _PORTS[number % len(_PORTS)]))
            return port
    raise AssertionError(f"all ports from {_PORTS.start} to {_PORTS.stop} are taken")


class Calls:
    """Calls the server by name, each on a connection of its own, as a script does that runs for a moment."""

    def __init__(self, url: str) -> None:
        self._url = url

    def __getattr__(self, method: str) -> Callable[..., Any]:
        def call(*arguments: object) -> Any:
            with xmlrpc.client.ServerProxy(self._url, allow_none=True) as proxy:
                return getattr(proxy, method)(*arguments)

        return call


class RealFarm:
    """A server and its agents below a folder. `close` leaves no process of them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.server_arguments: list[str] = []
        """More of what its command line says."""
        self.server: subprocess.Popen[bytes] | None = None
        self.agents: dict[str, subprocess.Popen[bytes]] = {}

    @property
    def hq(self) -> Calls:
        """The server's functions."""
        return Calls(self.url)

    def start_server(self, wait: bool = True) -> None:
        """Start the server on the farm's folder and port, and wait until it answers."""
        self.server = self._spawn(
            "server",
            "-m",
            "hqserver",
            "run",
            "--data",
            str(self.folder / "server"),
            "--port",
            str(self.port),
            *self.server_arguments,
        )
        if wait:
            self.wait_for_server()

    def wait_for_server(self) -> None:
        """Until `ping` is answered."""
        server = self.server
        assert server is not None

        def answers() -> bool:
            assert server.poll() is None, f"the server ended with {server.returncode}: {self.log('server')[-3000:]}"
            return bool(self.hq.ping())

        wait_for("the server to answer", answers)

    def kill_server(self) -> None:
        """As the out-of-memory killer would."""
        assert self.server is not None
        self.server.kill()
        self.server.wait()

    def stop_server(self) -> int:
        """Ask it to stop; its exit code."""
        assert self.server is not None
        self.server.send_signal(signal.SIGTERM)
        return self.server.wait(timeout=30)

    def start_agent(self, name: str = "", cpus: int = 2) -> None:
        """Start an agent and wait until the server lists it as online."""
        self.spawn_agent(name, cpus)
        wait_for(f"agent {name!r} to register", lambda: (self.client(name) or {}).get("available"))

    def spawn_agent(
        self, name: str = "", cpus: int = 2, *more: str, url: str = "", program: Sequence[str] = ("-m", "hqagent")
    ) -> None:
        """Start an agent without waiting for anything."""
        self.agents[name] = self._spawn(
            f"agent-{name}", *program, "run", "--server", url or self.url, "--data", str(self.folder / f"agent-{name}"),
            "--name", name, "--cpus", str(cpus), "--port", "0", *more,
        )  # fmt: skip

    def client(self, name: str = "") -> dict[str, Any] | None:
        """The client of an agent, as `getClients` answers it."""
        clients: list[dict[str, Any]] = self.hq.getClients()
        return next((client for client in clients if client["name"] == name), None)

    def job(self, job: int, *names: str) -> dict[str, Any]:
        """Attributes of a job."""
        found: dict[str, Any] = self.hq.getJob(job, list(names)) if names else self.hq.getJob(job)
        return found

    def statuses(self, jobs: list[int]) -> list[str]:
        """The statuses of jobs, in their order."""
        rows: list[dict[str, str]] = self.hq.getJobs(jobs, ["status"])
        return [row["status"] for row in rows]

    def wait_for_status(self, jobs: list[int], status: str, timeout: float = 60.0) -> None:
        """Until all these jobs have this status."""
        wait_for(f"{len(jobs)} jobs to be {status}", lambda: set(self.statuses(jobs)) == {status}, timeout)

    def log(self, name: str) -> str:
        """What a process wrote to stderr."""
        return (self.folder / f"{name}.log").read_text(errors="replace")

    def close(self) -> None:
        """End every process of this farm, jobs included."""
        for process in (*self.agents.values(), self.server):
            if process is not None and process.poll() is None:
                process.send_signal(signal.SIGTERM)
        for process in (*self.agents.values(), self.server):
            if process is not None:
                try:
                    process.wait(timeout=20)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()
        for pid in self.processes():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def processes(self) -> list[int]:
        """Every process whose command line or environment names this farm's folder (this one left out)."""
        mark = str(self.folder).encode()
        found = []
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit() and int(entry.name) != os.getpid():
                try:
                    text = (entry / "cmdline").read_bytes() + (entry / "environ").read_bytes()
                except OSError:
                    continue
                if mark in text:
                    found.append(int(entry.name))
        return found

    def _spawn(self, name: str, *arguments: str) -> subprocess.Popen[bytes]:
        with (self.folder / f"{name}.log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, *arguments],
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                env={**os.environ, "HQ_TEST_FARM": str(self.folder), "XDG_RUNTIME_DIR": str(self.folder)},
                start_new_session=True,
            )


@contextmanager
def real_farm(folder: Path, agents: int = 0, cpus: int = 2, server_arguments: Iterable[str] = ()) -> Iterator[RealFarm]:
    """A running farm with so many agents, ended at the end whatever happens."""
    farm = RealFarm(folder)
    farm.server_arguments += server_arguments
    try:
        farm.start_server()
        for number in range(agents):
            farm.start_agent(f"n{number + 1}", cpus)
        yield farm
    finally:
        farm.close()
