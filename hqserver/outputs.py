"""The output logs of attempts, as files below the server's folder.

A log is only ever appended to, at its current length: a chunk that starts anywhere else is dropped and the caller is
told the length, so an agent that was cut off goes on where the server stands, and no byte is stored twice or out of
order. File names are made of whole numbers alone.

A log beyond the quota keeps its beginning and its end. Its length goes on counting every byte that the command wrote;
what was dropped, here or on the client, is a hole in the file and a line in a second one beside it, which is written
before the hole is made: whoever reads bytes first and the cuts afterwards never takes a hole for output.
"""

from __future__ import annotations

import ctypes
import logging
import os
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from hqserver.wire import cuts
from hqserver.wire.cuts import Stretch

log = logging.getLogger("hqserver.outputs")

DEFAULT_QUOTA: Final = 100 << 20
_FOLDER_SPAN: Final = 1000
_MOST_KNOWN: Final = 50_000
_HEAD_SHARE: Final = 10
"""A tenth of the quota is for the beginning of a log, the rest for its end."""
_PUNCH: Final = 3
"""FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE"""


class DamagedChunk(ValueError):
    """A chunk's checksum does not fit its bytes; nothing was stored."""


@dataclass(frozen=True, slots=True)
class Extent:
    """How long a log is, with everything that was ever written, and what is missing of it."""

    size: int = 0
    missing: tuple[Stretch, ...] = ()

    @property
    def kept(self) -> int:
        """Bytes that can be read."""
        return self.size - cuts.length(self.missing)


class Outputs:
    """Reads and appends output logs. Nothing is buffered here: what was appended is in the operating system's hands."""

    def __init__(self, folder: Path, quota: int = DEFAULT_QUOTA) -> None:
        self._folder = folder
        self._head = quota // _HEAD_SHARE
        self._tail = quota - self._head
        self._step = max(self._tail // _HEAD_SHARE, 1)
        """How much is cut from the middle at once."""
        self.written = 0
        """Bytes that were appended since the server was started."""
        self._known: dict[tuple[int, int], Extent] = {}

    def append(self, job: int, attempt: int, offset: int, data: bytes, crc: int, cut: int = 0) -> int:
        """Append `data` if the log is `offset` bytes long; answer its length now. Raises DamagedChunk, OSError.

        `cut` bytes before `offset` were dropped by the client: as far as the log lacks them, they are noted as cut.
        """
        if zlib.crc32(data) != crc:
            raise DamagedChunk(f"output of job {job}, attempt {attempt}, at {offset}: the checksum does not fit")
        extent = self.extent(job, attempt)
        if not offset - cut <= extent.size <= offset or not (data or extent.size < offset):
            return extent.size
        path = self._path(job, attempt)
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            extent = self._append(path, extent, offset, data)
        except OSError:
            self._known.pop((job, attempt), None)
            raise
        self._known[job, attempt] = extent
        self.written += len(data)
        return extent.size

    def begin(self, job: int, attempt: int) -> None:
        """An attempt is about to start: a log of its name is of another one, which the database knows no more.

        It was restored from a copy then. Should bytes of this attempt go, its agent has all of them to send again.
        """
        path = self._path(job, attempt)
        try:
            path.unlink()
            _beside(path).unlink(missing_ok=True)
        except (FileNotFoundError, NotADirectoryError):
            pass
        except OSError as error:
            log.warning("job %d, attempt %d, goes on with the log of an earlier one: %s", job, attempt, error)
        self._known.pop((job, attempt), None)

    def size(self, job: int, attempt: int) -> int:
        """Length of a log in bytes; 0 when there is none."""
        return self.extent(job, attempt).size

    def extent(self, job: int, attempt: int) -> Extent:
        """Length of a log and what is missing of it; nothing while it cannot be looked at."""
        known = self._known.get((job, attempt))
        if known is None:
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            try:
                known = self._known[job, attempt] = self._look(self._path(job, attempt))
            except OSError as error:  # no rights, or a disk that fails: who sends output tries again
                log.warning("the log of job %d, attempt %d, cannot be looked at: %s", job, attempt, error)
                return Extent()
        return known

    def read(self, job: int, attempt: int, offset: int, limit: int) -> bytes:
        """At most `limit` bytes from `offset`; empty when there is no such log. A hole reads as NULs."""
        try:
            with self._path(job, attempt).open("rb") as log_file:
                log_file.seek(offset)
                return log_file.read(limit)
        except FileNotFoundError:
            return b""

    def read_kept(self, job: int, attempt: int, offset: int, limit: int) -> tuple[int, bytes]:
        """At most so many bytes from the first offset on that was not cut, and that offset."""
        while True:
            extent = self._look(self._path(job, attempt))
            start, end = cuts.kept_from(extent.missing, min(offset, extent.size))
            end = extent.size if end is None else min(end, extent.size)
            data = self.read(job, attempt, start, max(min(limit, end - start), 0))
            if self._look(self._path(job, attempt)).missing == extent.missing:
                return start, data

    def sync(self, logs: Iterable[tuple[int, int]]) -> None:
        """Make sure that these logs survive a power cut."""
        for job, attempt in logs:
            path = self._path(job, attempt)
            for file in (path, _beside(path)) if self.extent(job, attempt).missing else (path,):
                try:
                    handle = os.open(file, os.O_RDONLY)
                except FileNotFoundError:
                    continue
                try:
                    os.fsync(handle)
                finally:
                    os.close(handle)

    def clear(self, job: int, attempt: int) -> bool:
        """Cut everything of a log; its length stays. False when it is not there, or that is not possible now."""
        path = self._path(job, attempt)
        extent = self.extent(job, attempt)
        if not extent.size:
            return False
        try:
            missing = _note(path, extent.missing, (0, extent.size))
            self._known[job, attempt] = Extent(extent.size, missing)
            handle = os.open(path, os.O_WRONLY | os.O_NOFOLLOW)
            try:
                if not _punch(handle, 0, extent.size):
                    os.ftruncate(handle, 0)
                    os.ftruncate(handle, extent.size)
            finally:
                os.close(handle)
        except OSError as error:
            log.warning("the log of job %d, attempt %d, cannot give its room back: %s", job, attempt, error)
            return False
        return True

    def remove(self, job: int, attempts: int) -> None:
        """Delete the logs of a job's attempts 1 to `attempts`, and the one of hooks without an attempt."""
        for attempt in range(attempts + 1):
            extent = self._known.pop((job, attempt), None)
            path = self._path(job, attempt)
            try:
                if extent is None or extent.missing:
                    _beside(path).unlink(missing_ok=True)
                path.unlink(missing_ok=True)
            except OSError as error:  # the job is gone all the same, and whoever waits for that must hear of it
                log.warning("the log %s of a deleted job cannot be deleted: %s", path, error)

    def _path(self, job: int, attempt: int) -> Path:
        return self._folder / str(job // _FOLDER_SPAN) / f"{job}-{attempt}.log"

    @staticmethod
    def _look(path: Path) -> Extent:
        """Cuts first: bytes that come after this look are not missed for long."""
        try:
            text = _beside(path).read_text(encoding="ascii")
        except (OSError, UnicodeDecodeError):
            text = ""
        try:
            size = path.stat().st_size
        except FileNotFoundError:
            return Extent()
        missing = (stretch for stretch in cuts.parsed(text) if stretch[0] < size)
        return Extent(size, tuple((begin, min(end, size)) for begin, end in missing))

    def _append(self, path: Path, extent: Extent, offset: int, data: bytes) -> Extent:
        missing = extent.missing
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        try:
            if extent.size < offset:
                missing = _note(path, missing, (extent.size, offset))
                os.ftruncate(handle, offset)
            _write(handle, data, offset)
            extent = Extent(offset + len(data), missing)
            return self._within_quota(path, handle, extent)
        finally:
            os.close(handle)

    def _within_quota(self, path: Path, handle: int, extent: Extent) -> Extent:
        """Cut what is neither beginning nor end, once that is worth the while."""
        begin, _ = cuts.kept_from(extent.missing, self._head)
        until = extent.size - self._tail
        if until - begin < self._step:
            return extent
        missing = _note(path, extent.missing, (self._head, until))
        _punch(handle, begin, until - begin)
        return Extent(extent.size, missing)


def _beside(path: Path) -> Path:
    return path.with_suffix(".cuts")


def _note(path: Path, missing: tuple[Stretch, ...], cut: Stretch) -> tuple[Stretch, ...]:
    """Write the cuts whole; they are believed from then on."""
    now = cuts.merged([*missing, cut])
    fresh = path.with_suffix(".cuts-new")
    fresh.write_text(cuts.text_of(now), encoding="ascii")
    fresh.replace(_beside(path))
    return now


def _write(handle: int, data: bytes, offset: int) -> None:
    left = memoryview(data)
    while left:
        count = os.pwrite(handle, left, offset)
        left = left[count:]
        offset += count


def _punch(handle: int, begin: int, length: int) -> bool:
    """Give the room back. Where the file system makes no holes the bytes stay, and count as cut all the same."""
    library = ctypes.CDLL(None, use_errno=True)
    fallocate = getattr(library, "fallocate", None)
    if fallocate is None or fallocate(handle, _PUNCH, ctypes.c_int64(begin), ctypes.c_int64(length)):
        log.warning("the file system of the logs makes no holes: a long log takes all its room")
        return False
    return True
