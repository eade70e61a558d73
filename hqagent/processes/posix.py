"""Processes on Linux: keepers are forked by a launcher, reused, held by locks, watched by their sockets.

A keeper that this agent started is heard through its own socket; one that an earlier agent started is watched through
a descriptor of its process.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from hqagent.processes.family import put, read, tree
from hqagent.processes.keeper import START_FIELDS
from hqagent.processes.practice import PRACTICE
from hqagent.processes.slots import PID, SPACE, word_in

_IDLE_KEEPERS, _MOST_IDLE_KEEPERS = 4, 64
"""How many keepers without work are kept for the next attempts, for long and while there is much to do."""
_IDLE_SECONDS: Final = 10.0
_KILL_SECONDS: Final = 5.0
_SWEEPS: Final = 100
"""What is forked while one goes on is found by the next."""


@dataclass(slots=True, eq=False)
class _Keeper:
    """A keeper that this agent started."""

    pid: int
    socket: socket.socket
    busy: bool = False
    gone: Callable[[], None] | None = None
    """Whom to tell that its attempt is over."""
    loop: asyncio.AbstractEventLoop | None = None
    """Which listens to it from its first attempt on."""


class LinuxProcesses:
    """The launcher's and the keepers' other side. Used on one event loop."""

    def __init__(self, groups: Path | None = None) -> None:
        self._groups = groups
        self._launcher: subprocess.Popen[bytes] | None = None
        self._socket: socket.socket | None = None
        self._keepers: dict[int, _Keeper] = {}
        self._idle: list[_Keeper] = []
        self._trimming: asyncio.TimerHandle | None = None

    def get_ready(self, place: Path) -> None:
        """The launcher practises while the agent does other things."""
        if self._socket is None:
            self._socket = self._start_launcher(place)

    def launch(self, folder: Path) -> int:
        """Hands the folder to an idle keeper, or to a new one. Raises OSError when there is none to be had."""
        while self._idle:
            keeper = self._idle.pop()
            if self._hand(keeper, folder):
                return keeper.pid
        keeper = self._new_keeper(folder.parent)
        if not self._hand(keeper, folder):
            raise OSError("a new keeper ended at once")
        return keeper.pid

    def group(self, name: str) -> str:
        """None is made when that is refused: the family is found all the same, only less surely."""
        if self._groups is None:
            return ""
        folder = self._groups / f"hq-{os.getpid()}-{name}"
        try:
            folder.mkdir()
        except OSError:
            return ""
        return str(folder)

    def keeper(self, folder: Path) -> int | None:
        """The lock tells whether it lives, its content who it is."""
        with _lock(folder) as lock:
            text = word_in(lock, PID) if lock is not None and not _take(lock) else ""
        return int(text) if text.isdigit() else None

    def nudge(self, keeper: int, folder: Path) -> None:
        """A keeper without its lock yet reads the wish when it has it; while it holds it, the process id is its own."""
        with _lock(folder) as lock, contextlib.suppress(OSError):
            if lock is not None and not _take(lock):
                os.kill(keeper, signal.SIGUSR1)

    def bury(self, folder: Path) -> bool:
        """A late keeper takes the lock first and then finds the grave."""
        lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            if not _take(lock):
                return False
            (folder / "grave").touch(mode=0o600)
            return True
        finally:
            os.close(lock)

    def kill(self, keeper: int) -> None:
        """Every process below it as well: when it is gone, they are orphans without a mark."""
        family = [keeper, *tree(keeper)]
        for pid in family:
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGSTOP)
        for pid in {*family, *tree(keeper)}:
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)
        with contextlib.suppress(OSError):
            handle = os.pidfd_open(keeper)
            try:
                select.select([handle], [], [], _KILL_SECONDS)
            finally:
                os.close(handle)

    def sweep(self, folder: Path) -> None:
        """By its control group, by the launcher whose children orphans are, and by a mark: the folder for its files."""
        group = start_field(folder, "group")
        if group:
            put(f"{group}/cgroup.kill", b"1")
        self._sweep_orphans(folder)
        mark = os.fsencode(f"TMPDIR={folder / 'tmp'}") + b"\0"
        for _ in range(_SWEEPS):
            found = [
                int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit() and _carries(entry, mark)
            ]
            for pid in found:
                with contextlib.suppress(OSError):
                    os.kill(pid, signal.SIGKILL)
            if not found:
                return

    def watch(self, keeper: int, gone: Callable[[], None]) -> None:
        """Called when the keeper is done with its attempt, at once when it is gone already."""
        loop = asyncio.get_running_loop()
        ours = self._keepers.get(keeper)
        if ours is not None and ours.busy:
            ours.gone = gone
            if ours.loop is not loop:
                ours.loop = loop
                loop.add_reader(ours.socket, self._heard, ours)
            return
        try:
            handle = os.pidfd_open(keeper)
        except OSError:
            loop.call_soon(gone)
            return

        def ended() -> None:
            loop.remove_reader(handle)
            os.close(handle)
            gone()

        loop.add_reader(handle, ended)

    def close(self) -> None:
        """Idle keepers and the launcher end when their sockets do; busy ones see their attempt through."""
        for keeper in list(self._keepers.values()):
            self._drop(keeper)
        self._idle.clear()
        if self._trimming is not None:
            self._trimming.cancel()
        if self._socket is not None:
            self._socket.close()
            self._socket = None
        if self._launcher is not None:
            self._launcher.wait()
            self._launcher = None

    def _sweep_orphans(self, folder: Path) -> None:
        """What a keeper of this agent's left behind. One of an earlier agent's left it to nobody that we know."""
        if self._socket is not None:
            with _lock(folder) as lock, contextlib.suppress(OSError):
                keeper = word_in(lock, PID) if lock is not None else ""
                self._socket.send(f"sweep {keeper}".encode())
                self._socket.recv(64)

    def _hand(self, keeper: _Keeper, folder: Path) -> bool:
        try:
            keeper.socket.send(os.fsencode(folder))
        except OSError:
            self._drop(keeper)
            return False
        keeper.busy = True
        return True

    def _heard(self, keeper: _Keeper) -> None:
        """The keeper is done, or it was killed, with an attempt or without."""
        gone, keeper.gone, keeper.busy = keeper.gone, None, False
        try:
            alive = bool(keeper.socket.recv(16))
        except OSError:
            alive = False
        if alive and gone is not None and len(self._idle) < _MOST_IDLE_KEEPERS:
            self._idle.append(keeper)
            if len(self._idle) > _IDLE_KEEPERS and self._trimming is None:
                self._trimming = asyncio.get_running_loop().call_later(_IDLE_SECONDS, self._trim, 0)
        else:
            self._drop(keeper)
        if gone is not None:
            gone()

    def _trim(self, idle_before: int) -> None:
        """Let those go that had nothing to do all the while, but for a few. `idle_before`: how many were idle then."""
        spare = min(idle_before, len(self._idle)) - _IDLE_KEEPERS
        for keeper in [self._idle.pop(0) for _ in range(spare)]:
            self._drop(keeper)
        again = len(self._idle) > _IDLE_KEEPERS
        self._trimming = (
            asyncio.get_running_loop().call_later(_IDLE_SECONDS, self._trim, len(self._idle)) if again else None
        )

    def _drop(self, keeper: _Keeper) -> None:
        self._keepers.pop(keeper.pid, None)
        if keeper in self._idle:
            self._idle.remove(keeper)
        if keeper.loop is not None and not keeper.loop.is_closed():
            keeper.loop.remove_reader(keeper.socket)
        keeper.socket.close()

    def _new_keeper(self, place: Path) -> _Keeper:
        """Asks the launcher, and a fresh launcher once more when that one is gone. Raises OSError."""
        try:
            return self._ask(place)
        except (OSError, ValueError):
            if self._socket is not None:
                self._socket.close()
                self._socket = None
            return self._ask(place)

    def _ask(self, place: Path) -> _Keeper:
        if self._socket is None:
            self._socket = self._start_launcher(place)
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            socket.send_fds(self._socket, [b"keeper"], [theirs.fileno()])
            pid = int(self._socket.recv(64))
        keeper = self._keepers[pid] = _Keeper(pid, ours)
        return keeper

    def _start_launcher(self, place: Path) -> socket.socket:
        """It practises at a place where keepers work."""
        if self._launcher is not None:
            self._launcher.wait()
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        script = Path(__file__).with_name("launcher.py")
        with theirs:
            self._launcher = subprocess.Popen(
                [sys.executable, "-I", "-S", str(script), f"{place}/{PRACTICE}{os.getpid()}"],
                stdin=theirs.fileno(),
                cwd="/",
                env={"PATH": os.defpath},
                start_new_session=True,
            )
        return ours


def start_field(folder: Path, name: str) -> str:
    """A field of the file with which an attempt was started; empty when there is none."""
    fields = dict(zip(START_FIELDS, read(f"{folder}/lock")[SPACE:].split(b"\0"), strict=False))
    return os.fsdecode(fields.get(name, b""))


def _carries(process: Path, mark: bytes) -> bool:
    try:
        return mark in (process / "environ").read_bytes() + b"\0"
    except OSError:
        return False


@contextlib.contextmanager
def _lock(folder: Path) -> Iterator[int | None]:
    """The lock file of a folder, opened; None when there is none."""
    try:
        lock = os.open(folder / "lock", os.O_RDWR)
    except OSError:
        yield None
        return
    try:
        yield lock
    finally:
        os.close(lock)


def _take(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
