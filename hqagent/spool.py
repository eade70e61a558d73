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

from hqagent.processes.keeper import START_FIELDS
from hqagent.processes.slots import LEASE, STATE, WISH, fresh, put_word, word_in
from hqserver.wire import cuts
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
    output_bytes: int | None = None
    """Bytes that the command wrote, also those that were cut; None when the keeper did not get to count them."""


@dataclass(frozen=True, slots=True)
class Launch:
    """What a keeper needs to know beside the command. Seconds, 0: without limit."""

    shell: str
    environment: Mapping[str, str]
    lease_until: float
    """CLOCK_BOOTTIME."""
    lease: float = 0.0
    """Seconds by which it is renewed; 0: the farm's usual."""
    max_time: float = 0.0
    no_output_timeout: float = 0.0
    quota: int = 100 << 20
    """Bytes of output that are kept."""
    umask: int = 0o022
    group: str = ""
    """Folder of a control group; empty: none."""
    name: str = ""
    """Of the job, for whoever asks what runs here."""


@dataclass(frozen=True, slots=True)
class StartedAs:
    """What is known of an attempt that an earlier agent started."""

    lease: float = 0.0
    """Seconds by which its lease is renewed; 0: the farm's usual."""
    name: str = ""
    """Of the job."""
    wall_at: float = 0.0
    """When, seconds since the epoch."""


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

    def prepare(self, path: Path, command: str, launch: Launch) -> None:
        """Everything that the keeper needs; the command works in a temporary folder of its own. Raises OSError."""
        work = str(path / "tmp")
        os.mkdir(work, 0o700)  # noqa: PTH102 - thousands of jobs a minute pass here: no Path objects for single calls
        _write(f"{path}/lock", fresh(LEASE, f"{launch.lease_until:.3f}"), 0o600)
        _write(f"{path}/script", f"{command}\n", 0o700)
        values = {
            "lease": f"{launch.lease:.3f}",
            "max_time": f"{launch.max_time:.3f}",
            "no_output_timeout": f"{launch.no_output_timeout:.3f}",
            "quota": str(launch.quota),
            "umask": f"{launch.umask:o}",
            "group": launch.group,
            "shell": launch.shell,
            "name": launch.name,
            "folder": work,
        }
        parts = [*map(values.__getitem__, START_FIELDS)]
        parts += (f"{name}={value}" for name, value in launch.environment.items())
        _write(f"{path}/start", "\0".join(parts), 0o600)

    def started(self, job: int, attempt: int) -> StartedAs:
        """What is known of an attempt that an earlier agent started."""
        path = self.path(job, attempt) / "start"
        try:
            told = dict(zip(START_FIELDS, path.read_text(errors="replace").split("\0"), strict=False))
            return StartedAs(float(told["lease"]), told["name"], path.stat().st_mtime)
        except (OSError, ValueError, KeyError):
            return StartedAs()

    def renew(self, job: int, attempt: int, until: float) -> None:
        """The attempt may run until then (CLOCK_BOOTTIME)."""
        self._tell(self.path(job, attempt), LEASE, f"{until:.3f}")

    def wish(self, job: int, attempt: int, words: str) -> None:
        """What the keeper shall do next."""
        self._tell(self.path(job, attempt), WISH, words)

    def state(self, job: int, attempt: int) -> str:
        """`stopped` or `going`, as the keeper did last; empty before that."""
        try:
            handle = os.open(f"{self._folder}/{job}-{attempt}/lock", os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            return ""
        try:
            return word_in(handle, STATE)
        finally:
            os.close(handle)

    def exit(self, job: int, attempt: int) -> Exit | None:
        """How it ended; None while nobody has written that."""
        try:
            text = (self.path(job, attempt) / "exit").read_text()
        except OSError:
            return None
        try:
            return _exit_in(text)
        except ValueError:  # not written to its end when the power was cut
            return Exit(EndReason.LOST, None, None, 0.0, 0.0, 0)

    def output_size(self, job: int, attempt: int) -> int:
        """Bytes of output so far, holes included."""
        try:
            return (self.path(job, attempt) / "output").stat().st_size
        except OSError:
            return 0

    @staticmethod
    def _tell(path: Path, slot: int, word: str) -> None:
        """Raises OSError when the attempt has no folder any more."""
        handle = os.open(f"{path}/lock", os.O_WRONLY | os.O_CLOEXEC)
        try:
            put_word(handle, slot, word)
        finally:
            os.close(handle)

    def cuts(self, job: int, attempt: int) -> tuple[cuts.Stretch, ...]:
        """What is missing of the output, but for a cut at its very end."""
        try:
            with open(f"{self._folder}/{job}-{attempt}/cuts", encoding="ascii") as file:  # noqa: PTH123
                return cuts.parsed(file.read())
        except OSError:
            return ()

    def read_kept(self, job: int, attempt: int, offset: int, limit: int) -> tuple[int, bytes]:
        """At most so many bytes from the first offset on that was not cut, and that offset.

        A cut is noted before it is made: what is read between two equal looks at the cuts was all there.
        """
        while True:
            missing = self.cuts(job, attempt)
            start, end = cuts.kept_from(missing, offset)
            data = self.read_output(job, attempt, start, limit if end is None else min(limit, end - start))
            if self.cuts(job, attempt) == missing:
                return start, data

    def clean(self, job: int, attempt: int) -> None:
        """Delete the attempt's temporary folder: it is over."""
        folder = self.path(job, attempt) / "tmp"
        try:
            folder.rmdir()
        except OSError:  # the job left something in it
            shutil.rmtree(folder, ignore_errors=True)

    def read_output(self, job: int, attempt: int, offset: int, limit: int) -> bytes:
        """At most so many bytes of output from an offset. Raises OSError."""
        with contextlib.suppress(FileNotFoundError), (self.path(job, attempt) / "output").open("rb") as output:
            output.seek(offset)
            return output.read(limit)
        return b""

    def forget(self, job: int, attempt: int) -> None:
        """Delete everything of an attempt, its temporary folder included."""
        folder = self.path(job, attempt)
        try:
            for entry in os.scandir(folder):
                os.unlink(entry.path)  # noqa: PTH108
            folder.rmdir()
        except OSError:  # the job left something in it, or its temporary folder is still there
            shutil.rmtree(folder, ignore_errors=True)


def _exit_in(text: str) -> Exit:
    """Raises ValueError."""
    row = dict(line.split(" ", 1) for line in text.splitlines())
    return Exit(
        reason=row.get("reason", EndReason.LOST),
        exit_code=int(row["code"]) if "code" in row else None,
        signal=int(row["signal"]) if "signal" in row else None,
        ran_seconds=float(row.get("ran", 0)),
        cpu_seconds=float(row.get("cpu", 0)),
        peak_memory=int(row.get("peak", 0)),
        output_bytes=int(row["output"]) if "output" in row else None,
    )


def _write(path: str, text: str, mode: int) -> None:
    data = text.encode("utf-8", "surrogateescape")
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, mode)
    try:
        while data:
            data = data[os.write(handle, data) :]
    finally:
        os.close(handle)
