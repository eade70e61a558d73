"""A farm on this machine alone, as processes: started on free ports below one folder, and ended without a trace.

Each process gets a session of its own, so that a Ctrl+C in the terminal reaches only the program that started the farm,
and that one ends the others in their order: agents with their jobs first, then the server. What is left after that, if
anything, is found by the folder's path in its command line or environment.
"""

from __future__ import annotations

import contextlib
import http.client
import os
import socket
import subprocess
import sys
import time
import xmlrpc.client
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Final

import psutil

_START_SECONDS: Final = 60.0
_STOP_SECONDS: Final = 20.0
_MOMENT_SECONDS: Final = 3.0
_PAUSE_SECONDS: Final = 0.1
_CALL_SECONDS: Final = 30.0


class FarmTrouble(Exception):
    """The farm cannot be used; the text is for the person at the terminal."""


class LocalFarm:
    """A server and its agents. `interrupted` is asked while something is waited for; true ends the wait."""

    def __init__(self, folder: Path, interrupted: Callable[[], bool]) -> None:
        self.folder = folder
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.hq: Any = xmlrpc.client.ServerProxy(self.url, transport=_PatientTransport(), allow_none=True)
        self._interrupted = interrupted
        self._agents: dict[str, subprocess.Popen[bytes]] = {}
        self._server: subprocess.Popen[bytes] | None = None
        self._windows: list[subprocess.Popen[bytes]] = []

    def start(self, agents: Iterable[str], cpus: int) -> None:
        """Start the server and the agents, and wait until every agent may get work. Raises FarmTrouble."""
        where = ["--data", str(self.folder / "server"), "--host", "127.0.0.1", "--port", str(self.port)]
        self._server = self._spawn("server", ["-m", "hqserver", "run", *where])
        self._wait("the server did not answer", self._answers)
        for name in agents:
            where = ["--server", self.url, "--data", str(self.folder / name), "--port", "0"]
            who = ["--name", name, "--cpus", str(cpus), "--end-jobs-on-exit"]
            self._agents[name] = self._spawn(name, ["-m", "hqagent", "run", *where, *who])
        self._wait("the agents did not register", self._all_registered)

    def open_window(self) -> Callable[[], bool]:
        """Open the Wrangler window on this farm; the answer tells whether it is still open."""
        window = self._spawn("window", ["-m", "hqgui", "--server", self.url])
        self._windows.append(window)
        return lambda: window.poll() is None

    def trouble(self) -> str:
        """What a process of the farm ended with that should run; empty when all of them run."""
        for name, process in self._programs():
            if process.poll() is not None:
                return f"{name} ended with exit code {process.returncode}:\n{self._log_tail(name)}"
        return ""

    def pids(self) -> list[int]:
        """The server's and the agents' process ids, agents first: the order in which to end them."""
        return [process.pid for _, process in self._programs()]

    def stop(self, hurry: Callable[[], bool]) -> None:
        """End every process of the farm, its jobs included, and wait for them; at once when `hurry` says so."""
        _end(self._windows, hurry)
        _end(self._agents.values(), hurry)
        _end([self._server] if self._server else [], hurry)
        self._end_the_rest(hurry)

    def left(self) -> list[psutil.Process]:
        """The processes of this farm that run: those that know its folder, this one left out."""
        mark = str(self.folder)
        return [process for process in psutil.process_iter() if process.pid != os.getpid() and _knows(process, mark)]

    def _end_the_rest(self, hurry: Callable[[], bool]) -> None:
        """Give what outlives its agent, or lost it, a moment to end by itself; then end it."""
        began = time.monotonic()
        while (left := self.left()) and time.monotonic() < began + _STOP_SECONDS:
            if hurry() or time.monotonic() > began + _MOMENT_SECONDS:
                for process in left:
                    with contextlib.suppress(psutil.NoSuchProcess):
                        process.kill()
            time.sleep(_PAUSE_SECONDS)

    def _programs(self) -> list[tuple[str, subprocess.Popen[bytes]]]:
        return [*self._agents.items(), *([("server", self._server)] if self._server else [])]

    def _answers(self) -> bool:
        try:
            return bool(self.hq.ping())
        except (OSError, http.client.HTTPException, xmlrpc.client.Error):
            return False

    def _all_registered(self) -> bool:
        ready = {client["name"] for client in self.hq.getClients(None, ["name", "available"]) if client["available"]}
        return ready >= self._agents.keys()

    def _wait(self, complaint: str, look: Callable[[], bool]) -> None:
        end = time.monotonic() + _START_SECONDS
        while not look():
            if self._interrupted():
                raise KeyboardInterrupt
            if trouble := self.trouble():
                raise FarmTrouble(trouble)
            if time.monotonic() > end:
                raise FarmTrouble(f"{complaint} within {_START_SECONDS:.0f} s; its log is in {self.folder}")
            time.sleep(_PAUSE_SECONDS)

    def _spawn(self, name: str, arguments: list[str]) -> subprocess.Popen[bytes]:
        with (self.folder / f"{name}.log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**os.environ, "HQ_DEMO_FOLDER": str(self.folder)},
                start_new_session=True,
            )

    def _log_tail(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text(errors="replace")[-2000:]


class _PatientTransport(xmlrpc.client.Transport):
    """Gives a call up after a while, so that a hung server cannot hang its caller."""

    def make_connection(self, host: Any) -> http.client.HTTPConnection:
        connection = super().make_connection(host)
        connection.timeout = _CALL_SECONDS
        return connection


def free_port() -> int:
    """A port of the loopback address that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _end(processes: Iterable[subprocess.Popen[bytes]], hurry: Callable[[], bool]) -> None:
    running = [process for process in processes if process.poll() is None]
    for process in running:
        process.terminate()
    end = time.monotonic() + _STOP_SECONDS
    while any(process.poll() is None for process in running):
        if hurry() or time.monotonic() > end:
            for process in running:
                process.kill()
                process.wait()
            return
        time.sleep(_PAUSE_SECONDS)


def _knows(process: psutil.Process, mark: str) -> bool:
    try:
        texts = [*process.cmdline(), *process.environ().values()]
    except (psutil.Error, OSError):
        return False
    return any(mark in text for text in texts)
