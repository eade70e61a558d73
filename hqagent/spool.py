"""The agent's memory on disk: a folder for each attempt, which is also what there is to report.

A folder is made before its attempt is started, and never twice, so an attempt number is started at most once. It stays
until the server has the result on its own disk and says `Forget`. What a folder holds is told in
`hqagent.processes.keeper`. Nothing here needs to survive a power cut: after one, the machine's boot is another, and
the server knows that every attempt of the old boot is over.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from hqserver.wire.agent import EndReason

_NAME = re.compile(r"^(\d{1,18})-(\d{1,9})$")


@dataclass(frozen=True, slots=True)
class Exit:
    """How an attempt ended, as its keeper wrote it."""

    reason: str
    exit_code: int | None
    signal: int | None
    ran_seconds: float
    cpu_seconds: float
    peak_memory: int


class Spool:
    """The folders of the attempts."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    def path(self, job: int, attempt: int) -> Path:
        """The folder of an attempt."""
        return self._folder / f"{job}-{attempt}"

    def held(self) -> Iterator[tuple[int, int]]:
        """Every attempt of which there is a trace, in the order of their numbers."""
        found = [_NAME.match(entry.name) for entry in os.scandir(self._folder)]
        yield from sorted((int(match[1]), int(match[2])) for match in found if match is not None)

    def make(self, job: int, attempt: int) -> Path | None:
        """A fresh folder; None when this attempt has one already."""
        path = self.path(job, attempt)
        try:
            path.mkdir(mode=0o700)
        except FileExistsError:
            return None
        return path

    def prepare(self, path: Path, shell: str, command: str, environment: Mapping[str, str], lease_until: float) -> None:
        """Everything that the keeper needs; the command works in a temporary folder of its own. Raises OSError."""
        work = str(path / "tmp")
        os.mkdir(work, 0o700)  # noqa: PTH102 - thousands of jobs a minute pass here: no Path objects for single calls
        _write(f"{path}/script", f"{command}\n", 0o700)
        parts = [f"{lease_until:.3f}", shell, work, *(f"{name}={value}" for name, value in environment.items())]
        _write(f"{path}/start", "\0".join(parts), 0o600)

    def renew(self, job: int, attempt: int, until: float) -> None:
        """The attempt may run until then (CLOCK_BOOTTIME)."""
        _replace(self.path(job, attempt) / "lease", f"{until:.3f}")

    def wish(self, job: int, attempt: int, words: str) -> None:
        """What the keeper shall do next."""
        _replace(self.path(job, attempt) / "wish", words)

    def state(self, job: int, attempt: int) -> str:
        """`paused` or `resumed`, as the keeper did last; empty before that."""
        with contextlib.suppress(OSError):
            return (self.path(job, attempt) / "state").read_text()
        return ""

    def exit(self, job: int, attempt: int) -> Exit | None:
        """How it ended; None while nobody has written that."""
        try:
            text = (self.path(job, attempt) / "exit").read_text()
        except OSError:
            return None
        row = dict(line.split(" ", 1) for line in text.splitlines())
        return Exit(
            reason=row.get("reason", EndReason.LOST),
            exit_code=int(row["code"]) if "code" in row else None,
            signal=int(row["signal"]) if "signal" in row else None,
            ran_seconds=float(row.get("ran", 0)),
            cpu_seconds=float(row.get("cpu", 0)),
            peak_memory=int(row.get("peak", 0)),
        )

    def output_size(self, job: int, attempt: int) -> int:
        """Bytes of output so far."""
        try:
            return (self.path(job, attempt) / "output").stat().st_size
        except OSError:
            return 0

    def read_output(self, job: int, attempt: int, offset: int, limit: int) -> bytes:
        """At most so many bytes of output from an offset."""
        with contextlib.suppress(OSError), (self.path(job, attempt) / "output").open("rb") as output:
            output.seek(offset)
            return output.read(limit)
        return b""

    def forget(self, job: int, attempt: int) -> None:
        """Delete everything of an attempt, its temporary folder included."""
        folder = self.path(job, attempt)
        with contextlib.suppress(OSError):
            os.rmdir(folder / "tmp")  # noqa: PTH106
        try:
            for entry in os.scandir(folder):
                os.unlink(entry.path)  # noqa: PTH108
            folder.rmdir()
        except OSError:  # the job left something in it
            shutil.rmtree(folder, ignore_errors=True)


def _replace(path: Path, text: str) -> None:
    _write(f"{path}.new", text, 0o600)
    os.replace(f"{path}.new", path)  # noqa: PTH105


def _write(path: str, text: str, mode: int) -> None:
    data = text.encode("utf-8", "surrogateescape")
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, mode)
    try:
        while data:
            data = data[os.write(handle, data) :]
    finally:
        os.close(handle)
