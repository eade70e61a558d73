"""The agent's memory on disk: a folder for each attempt, which is also what there is to report.

A folder is made before its attempt is started, and never twice, so an attempt number is started at most once. It stays
until the server has the result on its own disk and says `Forget`. What a folder holds is told in
`hqagent.processes.keeper`. Nothing here needs to survive a power cut: after one, the machine's boot is another, and
the server knows that every attempt of the old boot is over.

To make a file costs a journalling file system thirty times what it costs to write to one, so what is forgotten is
emptied and kept for the attempts that come.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import time
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Final

from hqagent.processes.keeper import START_FIELDS
from hqagent.processes.practice import PRACTICE
from hqagent.processes.slots import LEASE, SPACE, STATE, WISH, fresh, put_word, word_in
from hqserver.wire import cuts
from hqserver.wire.agent import EndReason

_NAME = re.compile(r"^(\d{1,18})-(\d{1,9})$")
_SPARE: Final = "spare"
_TAKING_UP: Final = "taking-up"
_WORK: Final = "tmp"
_MOST_SPARE: Final = 128
_LONGEST_EXIT: Final = 4096
_FILES: Final = frozenset({"lock", "script", "output", "exit"})
_KEPT_SIZES: Final = {"lock": SPACE, "script": 1}
"""Files of a folder that is used again, and how much of them is left. Never nothing: to give a file's last block back,
and to get one again, costs a journalling file system more than all the rest."""


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
        self.folder: Final = folder
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        shutil.rmtree(folder / _SPARE, ignore_errors=True)
        for left in folder.glob(f"{PRACTICE}*"):  # by a launcher that was killed at it
            _remove(left)
        (folder / _SPARE).mkdir(mode=0o700)
        self._spare: deque[str] = deque()
        """Emptied folders; filled by another thread."""
        self._numbers = count()

    def path(self, job: int, attempt: int) -> Path:
        """The folder of an attempt."""
        return self.folder / f"{job}-{attempt}"

    def held(self) -> Iterator[tuple[int, int]]:
        """Every attempt of which there is a trace, in the order of their numbers."""
        found = [_NAME.match(entry.name) for entry in os.scandir(self.folder)]
        yield from sorted((int(match[1]), int(match[2])) for match in found if match is not None)

    def note_taking_up(self, job: int, attempt: int) -> int:
        """Note which attempt is taken up next; answers how often in a row an agent ended while it took up this one."""
        path = self.folder / _TAKING_UP
        try:
            before = path.read_text().split()
            count = int(before[2]) if before[:2] == [str(job), str(attempt)] else 0
        except (OSError, ValueError, IndexError):
            count = 0
        with contextlib.suppress(OSError):  # on a full disk nothing is counted
            path.write_text(f"{job} {attempt} {count + 1}\n")
        return count

    def note_all_taken_up(self) -> None:
        """This agent has taken up everything."""
        (self.folder / _TAKING_UP).unlink(missing_ok=True)

    def make(self, job: int, attempt: int) -> Path | None:
        """A fresh folder; None when this attempt has one already."""
        path = f"{self.folder}/{job}-{attempt}"
        if os.path.lexists(path):
            return None
        try:
            os.rename(self._spare.popleft(), path)  # noqa: PTH104 - thousands of jobs a minute pass here
        except (IndexError, OSError):
            os.mkdir(path, 0o700)  # noqa: PTH102
        return Path(path)

    def prepare(self, path: Path, command: str, launch: Launch) -> None:
        """Everything that the keeper needs; the command works in a temporary folder of its own. Raises OSError."""
        work = f"{path}/{_WORK}"
        with contextlib.suppress(FileExistsError):
            os.mkdir(work, 0o700)  # noqa: PTH102
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
            "at": f"{time.time():.3f}",
        }
        parts = [*map(values.__getitem__, START_FIELDS)]
        parts += (f"{name}={value}" for name, value in launch.environment.items())
        _write(f"{path}/lock", fresh(LEASE, f"{launch.lease_until:.3f}") + "\0".join(parts), 0o600)

    def started(self, job: int, attempt: int) -> StartedAs:
        """What is known of an attempt that an earlier agent started."""
        try:
            fields = (self.path(job, attempt) / "lock").read_bytes()[SPACE:].decode(errors="replace").split("\0")
            told = dict(zip(START_FIELDS, fields, strict=False))
            return StartedAs(float(told["lease"]), told["name"], float(told["at"]))
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
            handle = os.open(f"{self.folder}/{job}-{attempt}/lock", os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            return ""
        try:
            return word_in(handle, STATE)
        finally:
            os.close(handle)

    def exit(self, job: int, attempt: int) -> Exit | None:
        """How it ended; None while nobody has written that."""
        try:
            handle = os.open(f"{self.folder}/{job}-{attempt}/exit", os.O_RDONLY | os.O_CLOEXEC)
            try:
                text = os.read(handle, _LONGEST_EXIT).decode("ascii", "replace")
            finally:
                os.close(handle)
        except OSError:
            return None
        try:
            return _exit_in(text)
        except ValueError:  # not written to its end when the power was cut
            return Exit(EndReason.LOST, None, None, 0.0, 0.0, 0)

    def note_end(self, job: int, attempt: int, reason: str) -> None:
        """How it ended, for the agent that comes next, where no keeper is left to write it."""
        with contextlib.suppress(OSError):
            _write(f"{self.folder}/{job}-{attempt}/exit", f"reason {reason}", 0o600)

    def output_size(self, job: int, attempt: int) -> int:
        """Bytes of output so far, holes included."""
        try:
            return os.stat(f"{self.folder}/{job}-{attempt}/output").st_size  # noqa: PTH116
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
            with open(f"{self.folder}/{job}-{attempt}/cuts", encoding="ascii") as file:  # noqa: PTH123
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

    def is_clean(self, job: int, attempt: int) -> bool:
        """Whether the job left nothing in its temporary folder."""
        return _is_empty(f"{self.folder}/{job}-{attempt}/{_WORK}")

    def clean(self, job: int, attempt: int) -> None:
        """Delete the attempt's temporary folder and all that the job left in it."""
        shutil.rmtree(self.path(job, attempt) / _WORK, ignore_errors=True)

    def read_output(self, job: int, attempt: int, offset: int, limit: int) -> bytes:
        """At most so many bytes of output from an offset. Raises OSError."""
        with contextlib.suppress(FileNotFoundError), (self.path(job, attempt) / "output").open("rb") as output:
            output.seek(offset)
            return output.read(limit)
        return b""

    def forget(self, attempts: Iterable[tuple[int, int]]) -> None:
        """Delete everything of these attempts."""
        for job, attempt in attempts:
            folder = f"{self.folder}/{job}-{attempt}"
            if len(self._spare) >= _MOST_SPARE or not self._set_aside(folder):
                shutil.rmtree(folder, ignore_errors=True)

    def _set_aside(self, folder: str) -> bool:
        """Empty a folder and keep it; False when it is not as our own hands left it."""
        spare = f"{self.folder}/{_SPARE}/{next(self._numbers)}"
        try:
            entries = {entry.name: entry for entry in os.scandir(folder)}
            work = entries.pop(_WORK, None)
            if work is None or not work.is_dir(follow_symlinks=False) or not _is_empty(work.path):
                return False
            names = entries.keys()
            if not names >= _FILES or not all(entry.is_file(follow_symlinks=False) for entry in entries.values()):
                return False
            for name, size in _KEPT_SIZES.items():
                os.truncate(f"{folder}/{name}", size)
            _write(f"{folder}/script", "\n", 0o700)
            if os.stat(f"{folder}/output").st_size:  # noqa: PTH116
                os.truncate(f"{folder}/output", 0)
            os.rename(f"{folder}/exit", f"{folder}/exit.new")  # noqa: PTH104
            for name in names - _FILES:
                os.unlink(f"{folder}/{name}")  # noqa: PTH108
            os.rename(folder, spare)  # noqa: PTH104
        except OSError:
            return False
        self._spare.append(spare)
        return True


def _remove(path: Path) -> None:
    """A folder with all in it, or a file; what cannot be removed stays."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with contextlib.suppress(OSError):
            path.unlink()


def _is_empty(folder: str) -> bool:
    try:
        return not os.listdir(folder)  # noqa: PTH208
    except OSError:
        return False


def _exit_in(text: str) -> Exit:
    """Raises ValueError."""
    row = dict(line.split(" ", 1) for line in text.splitlines())
    if row.get("reason") == EndReason.EXITED and not {"code", "signal"} & row.keys():
        raise ValueError("not written to its end")
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
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, mode)
    try:
        while data:
            data = data[os.write(handle, data) :]
    finally:
        os.close(handle)
