"""Nightly copies of the database: checked, the newest few kept, and only where there is much room."""

from __future__ import annotations

import asyncio
import logging
import shutil
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from hqserver.store.errors import StoreError

log = logging.getLogger("hqserver.backups")

FOLDER: Final = "backups"
_PATTERN: Final = "hqserver-*.db"
_TIMES_FREE: Final = 10
"""So many times the database's size must be free: copies are of no use if they fill the disk."""


class Backups:
    """Copies below a folder. `hour` of the server's own time zone; `write` and `size` are the store's, for threads."""

    def __init__(
        self, data: Path, hour: int, keep: int, write: Callable[[Path], None], size: Callable[[], int]
    ) -> None:
        self._folder = data / FOLDER
        self._hour = hour
        self._keep = keep
        self._write = write
        self._size = size

    async def run(self, now: Callable[[], float]) -> None:
        """One copy a night, for as long as the server runs; `now` is wall time."""
        while True:
            await asyncio.sleep(max(self.next_after(now()) - now(), 1.0))
            await asyncio.get_running_loop().run_in_executor(None, self.make, now())

    def next_after(self, at: float) -> float:
        """Wall time of the first copy after a time."""
        there = datetime.fromtimestamp(at).astimezone()
        due = there.replace(hour=self._hour, minute=0, second=0, microsecond=0)
        return (due if due > there else due + timedelta(days=1)).timestamp()

    def make(self, at: float) -> Path | None:
        """Write a copy and delete the oldest; None, and told in the log, if that cannot be. Takes its time."""
        day = datetime.fromtimestamp(at).astimezone()
        path = self._folder / f"hqserver-{day:%Y-%m-%d}.db"
        try:
            self._folder.mkdir(mode=0o700, exist_ok=True)
            free, size = shutil.disk_usage(self._folder).free, self._size()
            if free < _TIMES_FREE * size:
                log.error(
                    "no nightly copy: %d MB are free and the database has %d MB; ten times as much is wanted",
                    free >> 20,
                    size >> 20,
                )
                return None
            self._write(path)
        except (StoreError, OSError) as error:
            log.error("no nightly copy: %s", error)
            return None
        for old in sorted(self._folder.glob(_PATTERN))[: -self._keep]:
            old.unlink(missing_ok=True)
        log.info("the nightly copy of the database is %s", path)
        return path
