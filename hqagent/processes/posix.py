"""Processes on Linux: keepers are forked by a launcher, held by locks, watched by process descriptors."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path


class LinuxProcesses:
    """The launcher's other side. Used on one event loop."""

    def __init__(self, job_umask: int) -> None:
        self._umask = job_umask
        self._launcher: subprocess.Popen[bytes] | None = None
        self._socket: socket.socket | None = None
        self._watched: set[int] = set()

    def launch(self, folder: Path) -> int:
        """Raises OSError when even a fresh launcher cannot do it."""
        try:
            return self._ask(folder)
        except (OSError, ValueError):
            self.close()
            return self._ask(folder)

    def keeper(self, folder: Path) -> int | None:
        """The lock tells whether it lives, its content who it is."""
        with _lock(folder) as lock:
            text = os.pread(lock, 32, 0) if lock is not None and not _take(lock) else b""
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

    def watch(self, keeper: int, gone: Callable[[], None]) -> None:
        """At once when it is gone already."""
        loop = asyncio.get_running_loop()
        try:
            handle = os.pidfd_open(keeper)
        except OSError:
            loop.call_soon(gone)
            return

        def ended() -> None:
            loop.remove_reader(handle)
            self._watched.discard(handle)
            os.close(handle)
            gone()

        self._watched.add(handle)
        loop.add_reader(handle, ended)

    def close(self) -> None:
        """The launcher ends when its socket does."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None
        if self._launcher is not None:
            self._launcher.wait()
            self._launcher = None

    def _ask(self, folder: Path) -> int:
        if self._socket is None:
            self._start_launcher()
        assert self._socket is not None
        self._socket.send(os.fsencode(folder))
        return int(self._socket.recv(64))

    def _start_launcher(self) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        script = Path(__file__).with_name("launcher.py")
        with theirs:
            self._launcher = subprocess.Popen(
                [sys.executable, "-I", "-S", str(script), f"{self._umask:o}"],
                stdin=theirs.fileno(),
                cwd="/",
                env={"PATH": os.defpath},
                start_new_session=True,
            )
        self._socket = ours


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
