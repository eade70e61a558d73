"""`hqnode.log`, and the same on stderr: two lines for each job, which at hundreds of jobs a second must cost little."""

from __future__ import annotations

import contextlib
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


class LogFile(logging.handlers.RotatingFileHandler):
    """Makes each line once for both places, the time once a second; counts bytes, where the library asks the disk."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, maxBytes=_BYTES, backupCount=_FORMER)
        self.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
        self._size = path.stat().st_size
        self._second = 0
        self._time = ""

    def emit(self, record: logging.LogRecord) -> None:
        """To the file and to stderr, of which either may be gone or full. `logging` holds the handler's lock."""
        line = f"{self._line(record)}\n"
        with contextlib.suppress(OSError, ValueError):
            sys.stderr.write(line)
            sys.stderr.flush()
        try:
            if self._size + len(line) > _BYTES:
                self.doRollover()
            self._size += len(line)
            if self.stream is not None:
                self.stream.write(line)
                self.stream.flush()
        except Exception:  # noqa: BLE001 - logging must never fail its caller
            self.handleError(record)

    def doRollover(self) -> None:  # noqa: N802 - its name there
        """The next file."""
        super().doRollover()
        self._size = os.fstat(self.stream.fileno()).st_size if self.stream is not None else 0

    def _line(self, record: logging.LogRecord) -> str:
        """`2026-01-31 12:00:00,123 INFO ...`, as logging's own formatter makes it, which is left those with more."""
        if record.exc_info or record.stack_info:
            return self.format(record)
        second = int(record.created)
        if second != self._second:
            self._second, self._time = second, time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(second))
        return f"{self._time},{int(record.msecs):03d} {record.levelname} {record.getMessage()}"


def open_log(data: Path, verbose: bool, errors: ErrorLog) -> None:
    """Everything that is logged goes to the file, to stderr, and errors also to the server."""
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    handlers: list[logging.Handler] = [LogFile(data / "hqnode.log"), errors]
    logging.basicConfig(level=logging.DEBUG if verbose else logging.INFO, handlers=handlers)
