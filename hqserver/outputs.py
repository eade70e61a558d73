"""The output logs of attempts, as files below the server's folder.

A log is only ever appended to, at its current length: a chunk that starts anywhere else is dropped and the caller is
told the length, so an agent that was cut off goes on where the server stands, and no byte is stored twice or out of
order. File names are made of whole numbers alone.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import Final

_FOLDER_SPAN: Final = 1000
_MOST_KNOWN_SIZES: Final = 50_000


class DamagedChunk(ValueError):
    """A chunk's checksum does not fit its bytes; nothing was stored."""


class Outputs:
    """Reads and appends output logs. Nothing is buffered here: what was appended is in the operating system's hands."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._sizes: dict[tuple[int, int], int] = {}

    def append(self, job: int, attempt: int, offset: int, data: bytes, crc: int) -> int:
        """Append `data` if the log is `offset` bytes long; answer its length now. Raises DamagedChunk, OSError."""
        if zlib.crc32(data) != crc:
            raise DamagedChunk(f"output of job {job}, attempt {attempt}, at {offset}: the checksum does not fit")
        size = self.size(job, attempt)
        if offset != size or not data:
            return size
        path = self._path(job, attempt)
        try:
            self._write(path, data)
        except FileNotFoundError:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._write(path, data)
        except OSError:
            self._sizes.pop((job, attempt), None)
            raise
        self._sizes[job, attempt] = size + len(data)
        return size + len(data)

    def size(self, job: int, attempt: int) -> int:
        """Length of a log in bytes; 0 when there is none."""
        known = self._sizes.get((job, attempt))
        if known is None:
            try:
                known = self._path(job, attempt).stat().st_size
            except FileNotFoundError:
                known = 0
            if len(self._sizes) >= _MOST_KNOWN_SIZES:
                self._sizes.clear()
            self._sizes[job, attempt] = known
        return known

    def read(self, job: int, attempt: int, offset: int, limit: int) -> bytes:
        """At most `limit` bytes from `offset`; empty when there is no such log."""
        try:
            with self._path(job, attempt).open("rb") as log:
                log.seek(offset)
                return log.read(limit)
        except FileNotFoundError:
            return b""

    def sync(self, logs: Iterable[tuple[int, int]]) -> None:
        """Make sure that these logs survive a power cut."""
        for job, attempt in logs:
            try:
                handle = os.open(self._path(job, attempt), os.O_RDONLY)
            except FileNotFoundError:
                continue
            try:
                os.fsync(handle)
            finally:
                os.close(handle)

    def remove(self, job: int, attempts: int) -> None:
        """Delete the logs of a job's attempts 1 to `attempts`."""
        for attempt in range(1, attempts + 1):
            self._sizes.pop((job, attempt), None)
            self._path(job, attempt).unlink(missing_ok=True)

    def _path(self, job: int, attempt: int) -> Path:
        return self._folder / str(job // _FOLDER_SPAN) / f"{job}-{attempt}.log"

    @staticmethod
    def _write(path: Path, data: bytes) -> None:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW, 0o600)
        try:
            left = memoryview(data)
            while left:
                left = left[os.write(handle, left) :]
        finally:
            os.close(handle)
