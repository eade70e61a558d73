"""`hqnode.log`, and the same on stderr: two lines for each job, which at hundreds of jobs a second must cost little."""

from __future__ import annotations

import logging
import logging.handlers
import os
import sys
import time
from pathlib import Path
from typing import Final

from hqserver.wire.error_log import ErrorLog

_BYTES: Final = 5 << 20
_FORMER: Final = 3


class _Lines(logging.Formatter):
    """Makes each line once for both places, and the time once a second."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(message)s")
        self._record: logging.LogRecord | None = None
        self._line = ""
        self._second = 0
        self._time = ""

    def format(self, record: logging.LogRecord) -> str:
        """The line of a record."""
        if record is not self._record:
            self._record, self._line = record, super().format(record)
        return self._line

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: ARG002, N802 - its names
        """As logging has it: `2026-01-31 12:00:00,123`."""
        second = int(record.created)
        if second != self._second:
            self._second, self._time = second, time.strftime(self.default_time_format, time.localtime(second))
        return f"{self._time},{int(record.msecs):03d}"


class _Log(logging.handlers.RotatingFileHandler):
    """Counts what it writes, where the library asks the disk at each line."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, maxBytes=_BYTES, backupCount=_FORMER)
        self._size = path.stat().st_size

    def shouldRollover(self, record: logging.LogRecord) -> bool:  # noqa: N802 - its name there
        """Whether the file would grow beyond its size; somebody may have taken it away."""
        self._size += len(self.format(record)) + 1
        return self._size > _BYTES

    def doRollover(self) -> None:  # noqa: N802 - its name there
        """The next file."""
        super().doRollover()
        self._size = os.fstat(self.stream.fileno()).st_size if self.stream is not None else 0


def open_log(data: Path, verbose: bool, errors: ErrorLog) -> None:
    """Everything that is logged goes to the file, to stderr, and errors also to the server."""
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    lines = _Lines()
    handlers: list[logging.Handler] = [logging.StreamHandler(sys.stderr), _Log(data / "hqnode.log"), errors]
    for handler in handlers[:2]:
        handler.setFormatter(lines)
    logging.basicConfig(level=logging.DEBUG if verbose else logging.INFO, handlers=handlers)
